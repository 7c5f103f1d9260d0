/** What the thread for recordings can do, one function a job. The SDK is loaded with the first word to the storage: many servers have none. */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { unreachable } from '../kernel/assert.ts'
import { encodeFile } from './encode.ts'
import { Flac } from './flac.ts'
import type { S3Storage } from './s3.ts'
import { samplesOf } from './sample-file.ts'
import type { Failure, Flow, Job, Summed, ThreadPlace } from './words.ts'

const readBytes = 262_144
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** There is no storage, so that nothing can be wrong with it. */
class NoStorage extends Error {}
/** What the storage, or the way to it, refuses. */
class StorageFault extends Error {}

export class Work {
  readonly #place: ThreadPlace
  #flac: Promise<Flac> | undefined
  #storage: Promise<S3Storage> | undefined

  constructor(place: ThreadPlace) {
    this.#place = place
  }

  async job(job: Job, signal: AbortSignal): Promise<unknown> {
    switch (job.kind) {
      case 'encode': {
        const turnOrEnd = () => turn().then(() => signal.throwIfAborted())
        return encodeFile(await this.#openFlac(), { ...job, turn: turnOrEnd })
      }
      case 'sum':
        return sum(job.path, signal)
      case 'store':
        return this.#stored((storage) => storage.store(job, signal))
      case 'store-text':
        return this.#stored((storage) => storage.text(job.key, job.text, signal))
      case 'remove':
        return this.#stored((storage) => storage.remove(job.keys, signal))
      case 'fetch':
        return this.#fetch(job, signal)
      default:
        return unreachable(job)
    }
  }

  async *flow(flow: Flow, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    if (flow.kind === 'samples') {
      for (const piece of samplesOf(await this.#openFlac(), flow.path))
        yield new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength)
      return
    }
    const { range } = flow
    const asked = range === undefined ? undefined : `bytes=${range.from}-${range.to}`
    const body = await this.#stored((storage) => storage.read(flow.key, asked, signal))
    // Chunks of the socket may share their memory, which cannot be handed over.
    for await (const chunk of body) yield new Uint8Array(chunk as Uint8Array)
  }

  async #fetch({ key, path }: Extract<Job, { kind: 'fetch' }>, signal: AbortSignal): Promise<void> {
    const part = `${path}.part`
    try {
      const body = await this.#stored((storage) => storage.read(key, undefined, signal))
      await pipeline(body, createWriteStream(part), { signal })
      await rename(part, path)
    } finally {
      await rm(part, { force: true })
    }
  }

  #openFlac(): Promise<Flac> {
    this.#flac ??= Flac.open()
    return this.#flac
  }

  async #stored<T>(work: (storage: S3Storage) => Promise<T>): Promise<T> {
    const { s3 } = this.#place
    if (s3 === undefined) throw new NoStorage('no storage is configured')
    const { S3Storage, FileDiffers } = await import('./s3.ts')
    this.#storage ??= Promise.resolve(new S3Storage(s3)).then((storage) => {
      // Whether it can be done is no condition of anything.
      storage.clean(s3.prefix, Date.now()).catch(() => {})
      return storage
    })
    try {
      return await work(await this.#storage)
    } catch (error) {
      if (error instanceof FileDiffers || isOfDisk(error)) throw error
      throw new StorageFault(wordsOf(error))
    }
  }
}

async function sum(path: string, signal: AbortSignal): Promise<Summed> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(path, { highWaterMark: readBytes, signal })) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { bytes, sha256: hash.digest('hex') }
}

export function failureOf(error: unknown): Failure {
  const why = wordsOf(error)
  if (error instanceof StorageFault || error instanceof NoStorage) return { of: 'storage', why }
  return { of: isOfDisk(error) ? 'disk' : 'file', why }
}

/** What file systems say; errors of the network have other codes. */
const diskCodes = new Set(['EACCES', 'EBUSY', 'EDQUOT', 'EFBIG', 'EIO', 'EMFILE', 'ENFILE', 'ENOENT', 'ENOSPC', 'EPERM', 'EROFS', 'ESTALE'])

const isOfDisk = (error: unknown): boolean => error instanceof Error && diskCodes.has(String((error as NodeJS.ErrnoException).code))

/** The SDK names what the storage said; an error without words has at least a name. */
const wordsOf = (error: unknown): string =>
  error instanceof Error
    ? [...new Set([error.name === 'Error' ? '' : error.name, error.message])].filter((part) => part !== '').join(': ')
    : String(error)
