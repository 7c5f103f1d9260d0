/** A WAV file as FLAC: written beside it, read again and compared sample by sample before it gets its name. */
import { createHash } from 'node:crypto'
import { closeSync, fdatasyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import type { Flac } from './flac.ts'
import { samplesOf, wavLength } from './sample-file.ts'

export interface Encoded {
  readonly bytes: number
  readonly samples: number
  readonly sha256: string
}

/** Pieces of 8 s of G.711 between two looks at what else is to be done. */
const piecesPerTurn = 4

/** `turn` lets others work. */
export async function encodeFile(
  flac: Flac,
  { from, to, turn }: { from: string; to: string; turn: () => Promise<void> },
): Promise<Encoded> {
  const part = `${to}.part`
  try {
    const samples = await write(flac, { from, part, turn })
    const sha256 = await compare(flac, { from, part, turn })
    renameSync(part, to)
    return { bytes: statSync(to).size, samples, sha256 }
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}

interface Way {
  readonly from: string
  readonly part: string
  readonly turn: () => Promise<void>
}

async function write(flac: Flac, { from, part, turn }: Way): Promise<number> {
  const fd = openSync(part, 'w')
  const samples = wavLength(from)
  const encoder = flac.encoder(samples, (bytes) => writeAll(fd, bytes))
  try {
    let pieces = 0
    for (const piece of samplesOf(flac, from)) {
      encoder.take(piece)
      if (++pieces % piecesPerTurn === 0) await turn()
    }
    for (const { at, bytes } of encoder.finish()) writeAll(fd, bytes, at)
    fdatasyncSync(fd)
    return samples
  } finally {
    encoder.close()
    closeSync(fd)
  }
}

/** The checksum of the new file, which is thereby read once. */
async function compare(flac: Flac, { from, part, turn }: Way): Promise<string> {
  const hash = createHash('sha256')
  const original = flatten(samplesOf(flac, from))
  let pieces = 0
  for (const piece of samplesOf(flac, part, (bytes) => hash.update(bytes))) {
    for (let i = 0; i < piece.length; i++) if (original.next() !== piece[i]) throw new Error('the FLAC file has other samples')
    if (++pieces % (8 * piecesPerTurn) === 0) await turn()
  }
  if (original.next() !== undefined) throw new Error('the FLAC file is shorter')
  return hash.digest('hex')
}

/** One sample after the other, whatever the pieces. */
function flatten(pieces: Generator<Int16Array>): { next(): number | undefined } {
  let piece = new Int16Array(0)
  let at = 0
  return {
    next() {
      while (at === piece.length) {
        const { value, done } = pieces.next()
        if (done === true) return undefined
        piece = value as Int16Array<ArrayBuffer>
        at = 0
      }
      return piece[at++]
    },
  }
}

function writeAll(fd: number, bytes: Uint8Array, position: number | null = null): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(fd, bytes, done, bytes.length - done, position === null ? null : position + done)
}
