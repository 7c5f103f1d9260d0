/** The samples of a file of a recording, whatever its format, from the beginning to the end. Reads as it is called: for threads that may wait. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { decodeTable } from '../media/g711.ts'
import { readWav, type WavFormat } from '../media/wav.ts'
import type { Flac } from './flac.ts'

const pieceBytes = 65_536
/** Chunks that stand before the samples are short in files of ours. */
const headBytes = 4_096

/** Pieces of some thousand samples of 16 bits at 8 kHz. `seen` is told every byte of the file once, in order, if the file is read to its end. */
export function* samplesOf(flac: Flac, path: string, seen: (bytes: Uint8Array) => void = () => {}): Generator<Int16Array> {
  const fd = openSync(path, 'r')
  try {
    if (isFlac(fd)) yield* flac.decode((most) => read(fd, { length: most }, seen))
    else yield* wavSamples(fd, seen)
  } finally {
    closeSync(fd)
  }
}

/** How many samples a WAV file has. */
export function wavLength(path: string): number {
  const fd = openSync(path, 'r')
  try {
    const { format, bytes } = readHead(fd)
    return bytes / (format === 'PCM' ? 2 : 1)
  } finally {
    closeSync(fd)
  }
}

/** By what it begins with: while it is made it has another name. */
const isFlac = (fd: number): boolean => Buffer.from(read(fd, { length: 4, position: 0 }, () => {})).toString('latin1') === 'fLaC'

function* wavSamples(fd: number, seen: (bytes: Uint8Array) => void): Generator<Int16Array> {
  const { format, from, bytes } = readHead(fd)
  read(fd, { length: from, position: 0 }, seen)
  for (let done = 0; done < bytes; ) {
    const piece = read(fd, { length: Math.min(pieceBytes, bytes - done), position: from + done }, seen)
    if (piece.length === 0) throw new Error('a WAV file that is cut off')
    done += piece.length
    yield format === 'PCM' ? linear(piece) : decoded(piece, decodeTable(format))
  }
  for (let at = from + bytes; ; at += pieceBytes) if (read(fd, { length: pieceBytes, position: at }, seen).length === 0) return
}

function decoded(piece: Uint8Array, table: Int16Array): Int16Array {
  const samples = new Int16Array(piece.length)
  for (let i = 0; i < piece.length; i++) samples[i] = table[piece[i] as number] as number
  return samples
}

function linear(piece: Uint8Array): Int16Array {
  const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength)
  return Int16Array.from({ length: piece.length >> 1 }, (_, n) => view.getInt16(2 * n, true))
}

interface Head {
  readonly format: WavFormat
  /** Where the samples begin. */
  readonly from: number
  readonly bytes: number
}

function readHead(fd: number): Head {
  const head = read(fd, { length: headBytes, position: 0 }, () => {})
  const wav = readWav(head)
  if (!wav.ok) throw new Error(wav.error)
  const from = wav.value.data.byteOffset - head.byteOffset
  const claimed = new DataView(head.buffer, head.byteOffset).getUint32(from - 4, true)
  const { size } = fstatSync(fd)
  const { format } = wav.value
  const bytes = Math.min(claimed, size - from)
  return { format, from, bytes: format === 'PCM' ? bytes - (bytes % 2) : bytes }
}

function read(
  fd: number,
  { length, position = null }: { readonly length: number; readonly position?: number | null },
  seen: (bytes: Uint8Array) => void,
): Uint8Array {
  const buffer = new Uint8Array(length)
  const bytes = buffer.subarray(0, readSync(fd, buffer, 0, length, position))
  seen(bytes)
  return bytes
}
