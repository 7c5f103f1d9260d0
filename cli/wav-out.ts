/** Where `listen` writes: a file whose head is put right at the end, or standard output, of which nobody knows how long it will be. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { wavHeader } from '../src/media/wav.ts'
import { exits, Failure, reasonOf } from './exits.ts'

export interface SoundOut {
  write(samples: Int16Array): void
  close(): void
}

const format = { format: 'PCM', channels: 1, sampleRate: 8_000 } as const

const bytesOf = (samples: Int16Array): Uint8Array => {
  const bytes = new DataView(new ArrayBuffer(samples.length * 2))
  samples.forEach((sample, at) => {
    bytes.setInt16(at * 2, sample, true)
  })
  return new Uint8Array(bytes.buffer)
}

/** Only its owner may read it: somebody is heard in it. */
export function wavFile(path: string, { mayReplace }: { readonly mayReplace: boolean }): SoundOut {
  const file = opened(path, mayReplace)
  let length = 0
  writeSync(file, wavHeader(format, 0))
  return {
    write(samples) {
      length += writeSync(file, bytesOf(samples))
    },
    close() {
      writeSync(file, wavHeader(format, length), 0, undefined, 0)
      closeSync(file)
    },
  }
}

function opened(path: string, mayReplace: boolean): number {
  try {
    return openSync(path, mayReplace ? 'w' : 'wx', 0o600)
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST'
    throw new Failure(
      exits.failed,
      exists ? `${path} exists already: --force replaces it` : `${path} cannot be written: ${reasonOf(error)}`,
    )
  }
}

/** Raw 16-bit little-endian, or a WAV whose head says that it goes on for ever, as players of streams understand it. */
export function stream(write: (bytes: Uint8Array) => void, { isRaw }: { readonly isRaw: boolean }): SoundOut {
  if (!isRaw) {
    const head = wavHeader(format, 0)
    const view = new DataView(head.buffer)
    for (const at of [4, 40]) view.setUint32(at, 0xffff_ffff, true)
    write(head)
  }
  return { write: (samples) => write(bytesOf(samples)), close: () => {} }
}
