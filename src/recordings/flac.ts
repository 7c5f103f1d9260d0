/** FLAC by libFLAC in WebAssembly: 8 kHz, one channel, 16 bits. It computes as it is called, so that it belongs into a thread of its own. */
import { createRequire } from 'node:module'

type Encoder = number & { readonly encoder: unique symbol }
type Decoder = number & { readonly decoder: unique symbol }

interface StreamInfo {
  readonly min_framesize: number
  readonly max_framesize: number
  readonly md5sum: string
}

interface Read {
  readonly buffer: Uint8Array
  readonly readDataLength: number
  readonly error: boolean
}

/** What we use of libflacjs. */
interface Library {
  isReady(): boolean
  on(event: 'ready', listener: () => void): void
  create_libflac_encoder(
    rate: number,
    channels: number,
    bits: number,
    level: number,
    samples: number,
    verify: boolean,
    block: number,
  ): Encoder
  init_encoder_stream(encoder: Encoder, write: (bytes: Uint8Array) => void, metadata: (info: StreamInfo) => void): number
  FLAC__stream_encoder_process_interleaved(encoder: Encoder, samples: Int32Array, count: number): boolean
  FLAC__stream_encoder_finish(encoder: Encoder): number
  FLAC__stream_encoder_delete(encoder: Encoder): void
  create_libflac_decoder(verify: boolean): Decoder
  init_decoder_stream(
    decoder: Decoder,
    read: (size: number) => Read,
    write: (channels: readonly Uint8Array[]) => void,
    error: (code: number, description: string) => void,
  ): number
  FLAC__stream_decoder_process_single(decoder: Decoder): boolean
  FLAC__stream_decoder_get_state(decoder: Decoder): number
  FLAC__stream_decoder_finish(decoder: Decoder): number
  FLAC__stream_decoder_delete(decoder: Decoder): void
}

const blockSamples = 4_096
/** Of 0 to 8: higher ones are hardly smaller for speech at 8 kHz. */
const level = 5
const endOfStream = 4
/** `fLaC` and the head of the first block of metadata, which is STREAMINFO (RFC 9639 §8.2). */
const streamInfoAt = 8
const frameSizesAt = streamInfoAt + 4
const md5At = streamInfoAt + 18

export class Flac {
  readonly #library: Library

  private constructor(library: Library) {
    this.#library = library
  }

  static async open(): Promise<Flac> {
    const library = loadLibrary()
    if (!library.isReady()) await new Promise<void>((resolve) => library.on('ready', resolve))
    return new Flac(library)
  }

  /** `write` is given the file's bytes one after the other. What is returned belongs over the bytes at its places, since it is known at the end only. */
  encoder(samples: number, write: (bytes: Uint8Array) => void): FlacEncoder {
    return new FlacEncoder(this.#library, samples, write)
  }

  /** Pulls the file's bytes as it needs them. Throws where they are no whole FLAC file, its own checksum of the samples included. */
  *decode(read: (most: number) => Uint8Array): Generator<Int16Array> {
    const library = this.#library
    const decoder = library.create_libflac_decoder(true)
    const blocks: Int16Array[] = []
    let fault: string | undefined
    const unread = new Outside()
    const pull = (size: number): Read => {
      const buffer = unread.attempt(() => read(size)) ?? new Uint8Array(0)
      return { buffer, readDataLength: buffer.length, error: unread.hasFailed }
    }
    const take = ([channel]: readonly Uint8Array[]) => void (channel !== undefined && blocks.push(samplesIn(channel)))
    library.init_decoder_stream(decoder, pull, take, (_, description) => {
      fault ??= description
    })
    try {
      while (fault === undefined && library.FLAC__stream_decoder_get_state(decoder) < endOfStream) {
        const isOn = library.FLAC__stream_decoder_process_single(decoder)
        unread.check()
        if (!isOn) break
        yield* blocks.splice(0)
      }
      const isWhole = library.FLAC__stream_decoder_get_state(decoder) === endOfStream
      if (fault !== undefined || !isWhole || library.FLAC__stream_decoder_finish(decoder) === 0)
        throw new Error(`no whole FLAC file: ${fault ?? (isWhole ? 'its checksum differs' : 'it is cut off')}`)
    } finally {
      library.FLAC__stream_decoder_delete(decoder)
    }
  }
}

/** The library swallows what its callers throw when it calls them. */
class Outside {
  #failure: { readonly error: unknown } | undefined

  get hasFailed(): boolean {
    return this.#failure !== undefined
  }

  attempt<T>(work: () => T): T | undefined {
    if (this.#failure !== undefined) return undefined
    try {
      return work()
    } catch (error) {
      this.#failure = { error }
      return undefined
    }
  }

  /** What they threw. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }
}

/** The bytes are the library's own memory and are written over afterwards. */
const samplesIn = (bytes: Uint8Array): Int16Array => new Int16Array(bytes.slice().buffer)

export class FlacEncoder {
  readonly #library: Library
  readonly #encoder: Encoder
  readonly #block = new Int32Array(blockSamples)
  readonly #unwritten = new Outside()
  #info: StreamInfo | undefined

  constructor(library: Library, samples: number, write: (bytes: Uint8Array) => void) {
    this.#library = library
    this.#encoder = library.create_libflac_encoder(8_000, 1, 16, level, samples, false, blockSamples)
    const give = (bytes: Uint8Array) => this.#unwritten.attempt(() => write(bytes))
    const status = library.init_encoder_stream(this.#encoder, give, (info) => {
      this.#info = info
    })
    if (status !== 0) throw new Error(`the FLAC encoder does not begin: ${status}`)
  }

  take(samples: Int16Array): void {
    for (let from = 0; from < samples.length; from += blockSamples) {
      const part = samples.subarray(from, from + blockSamples)
      this.#block.set(part)
      const block = this.#block.subarray(0, part.length)
      const isOn = this.#library.FLAC__stream_encoder_process_interleaved(this.#encoder, block, part.length)
      this.#unwritten.check()
      if (!isOn) throw new Error('the FLAC encoder fails')
    }
  }

  finish(): readonly { readonly at: number; readonly bytes: Uint8Array }[] {
    const isDone = this.#library.FLAC__stream_encoder_finish(this.#encoder) !== 0
    this.#unwritten.check()
    if (!isDone || this.#info === undefined) throw new Error('the FLAC encoder does not end')
    const { min_framesize: least, max_framesize: most, md5sum } = this.#info
    const sizes = Buffer.alloc(6)
    sizes.writeUIntBE(least, 0, 3)
    sizes.writeUIntBE(most, 3, 3)
    return [
      { at: frameSizesAt, bytes: sizes },
      { at: md5At, bytes: Buffer.from(md5sum, 'hex') },
    ]
  }

  close(): void {
    this.#library.FLAC__stream_encoder_delete(this.#encoder)
  }
}

/**
 * The library was made when `fetch` meant a browser, and where there is one it looks for its code behind a URL. It also wants to be told of everything
 * that nobody catches, and ends the process then. Neither is any business of its.
 */
function loadLibrary(): Library {
  const { fetch } = globalThis
  const nosy = ['uncaughtException', 'unhandledRejection'] as const
  const before = new Map(nosy.map((event) => [event, process.listeners(event as 'uncaughtException')]))
  Object.assign(globalThis, { fetch: undefined })
  try {
    return createRequire(import.meta.url)('libflacjs')('min.wasm') as Library
  } finally {
    Object.assign(globalThis, { fetch })
    for (const event of nosy)
      for (const listener of process.listeners(event as 'uncaughtException'))
        if (before.get(event)?.includes(listener) === false) process.removeListener(event, listener)
  }
}
