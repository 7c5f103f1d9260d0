/** What is in a file of a recording, wherever it lies: in the folder, or in the storage beside it. */
import { createReadStream } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Audio, Samples } from '../control/recordings.ts'
import { wavBytes, wavHead } from '../recordings/wav-head.ts'
import type { RecordingKeeper } from './recording-keeper.ts'
import { audioPath, baseOf, type NotedFile, type Spot, typeOf } from './recording-notes.ts'
import { keyOf } from './recording-seal.ts'

interface Found {
  readonly file: NotedFile
  /** What the note says of where it is, too. */
  readonly storage: string | undefined
}

export class AudioSource {
  readonly #root: string
  readonly #keeper: RecordingKeeper
  #fetched = 0

  constructor(root: string, keeper: RecordingKeeper) {
    this.#root = root
    this.#keeper = keeper
  }

  async audio(spot: Spot, { file, storage }: Found): Promise<Audio | undefined> {
    const path = audioPath(spot, file)
    const named = { fileName: baseOf(file), type: typeOf(file) }
    const found = await stat(path).catch(() => undefined)
    if (found?.isFile()) {
      const etag = file.sha256 === undefined ? `${found.size.toString(36)}-${Math.floor(found.mtimeMs).toString(36)}` : tagOf(file.sha256)
      const open: Audio['open'] = (range) => createReadStream(path, range === undefined ? {} : { start: range.from, end: range.to })
      return { ...named, bytes: found.size, etag: `"${etag}"`, open }
    }
    const key = this.#keyOf(spot, { file, storage })
    if (key === undefined || file.sha256 === undefined) return undefined
    const { thread } = this.#keeper
    const open: Audio['open'] = (range) => thread.open({ kind: 'bytes', key, ...(range === undefined ? {} : { range }) })
    return { ...named, bytes: file.bytes, etag: `"${tagOf(file.sha256)}"`, open }
  }

  async wav(spot: Spot, found: Found): Promise<Audio | undefined> {
    const audio = await this.audio(spot, found)
    if (audio === undefined || audio.type === 'audio/wav') return audio
    const { samples } = found.file
    const bytes = wavBytes(samples)
    return {
      fileName: audio.fileName.replace(/\.flac$/, '.wav'),
      type: 'audio/wav',
      bytes,
      etag: audio.etag.replace(/"$/, '-wav"'),
      open: (range) => Readable.from(within(this.#wavPieces(spot, found), range ?? { from: 0, to: bytes - 1 })),
    }
  }

  async samples(spot: Spot, found: Found): Promise<Samples | undefined> {
    if ((await this.audio(spot, found)) === undefined) return undefined
    const pieces = () => this.#pieces(spot, found)
    return { length: found.file.samples, [Symbol.asyncIterator]: () => linear(pieces()) }
  }

  #keyOf(spot: Spot, { file, storage }: Found): string | undefined {
    const known = this.#keeper.storage
    return storage === undefined || known === undefined ? undefined : keyOf(spot, known.prefix, baseOf(file))
  }

  async *#wavPieces(spot: Spot, found: Found): AsyncGenerator<Uint8Array> {
    yield wavHead(found.file.samples)
    yield* this.#pieces(spot, found)
  }

  /** What is in the storage comes into a file first: whoever decodes cannot wait. */
  async *#pieces(spot: Spot, found: Found): AsyncGenerator<Uint8Array> {
    const { thread } = this.#keeper
    const local = audioPath(spot, found.file)
    if (await stat(local).catch(() => undefined)) return yield* thread.open({ kind: 'samples', path: local })
    const key = this.#keyOf(spot, found)
    if (key === undefined) return
    const folder = join(this.#root, '.fetched')
    const path = join(folder, `${process.pid}-${++this.#fetched}`)
    await mkdir(folder, { recursive: true })
    try {
      await thread.do({ kind: 'fetch', key, path })
      yield* thread.open({ kind: 'samples', path })
    } finally {
      await rm(path, { force: true })
    }
  }
}

const tagOf = (sha256: string): string => sha256.slice(0, 32)

async function* linear(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Int16Array> {
  for await (const piece of pieces) {
    // A chunk of a stream need not lie at an even place.
    const whole = piece.byteOffset % 2 === 0 ? piece : new Uint8Array(piece)
    yield new Int16Array(whole.buffer, whole.byteOffset, whole.length >> 1)
  }
}

async function* within(
  pieces: AsyncIterable<Uint8Array>,
  { from, to }: { readonly from: number; readonly to: number },
): AsyncGenerator<Uint8Array> {
  let at = 0
  for await (const piece of pieces) {
    const part = piece.subarray(Math.max(0, from - at), to + 1 - at)
    if (part.length > 0) yield part
    at += piece.length
    if (at > to) return
  }
}
