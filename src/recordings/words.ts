/** What the control process has its thread for recordings do, and what it hears of it. */

export interface S3Settings {
  /** Absent: Amazon's own, by the region. */
  readonly endpoint?: string
  readonly region: string
  readonly bucket: string
  /** What all keys begin with; with a slash at its end where it is a folder. */
  readonly prefix: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** The bucket is in the path instead of the host name. */
  readonly pathStyle: boolean
}

export interface ThreadPlace {
  readonly s3?: S3Settings
}

/** Answered once. */
export type Job =
  /** A WAV file as FLAC: `Encoded`. */
  | { readonly kind: 'encode'; readonly from: string; readonly to: string }
  /** `Summed`. */
  | { readonly kind: 'sum'; readonly path: string }
  | { readonly kind: 'store'; readonly path: string; readonly key: string; readonly type: string; readonly sha256: string }
  | { readonly kind: 'store-text'; readonly key: string; readonly text: string }
  | { readonly kind: 'remove'; readonly keys: readonly string[] }
  /** An object into a file. */
  | { readonly kind: 'fetch'; readonly key: string; readonly path: string }

/** Answered by chunks, of which there are as many as were asked for, and an end. */
export type Flow =
  /** The first and the last byte; all of it where absent. */
  | { readonly kind: 'bytes'; readonly key: string; readonly range?: { readonly from: number; readonly to: number } }
  /** 16 bits at 8 kHz, in this machine's order of bytes. */
  | { readonly kind: 'samples'; readonly path: string }

export interface Summed {
  readonly bytes: number
  readonly sha256: string
}

/**
 * Whose fault it is decides what becomes of it: of the `storage` (all others will fail, too), of the `disk` (try again later), or of the
 * `file`, for which another attempt is of no use.
 */
export interface Failure {
  readonly of: 'storage' | 'disk' | 'file'
  readonly why: string
}

export type ToThread =
  | { readonly kind: 'job'; readonly id: number; readonly job: Job }
  | { readonly kind: 'flow'; readonly id: number; readonly flow: Flow }
  /** One more chunk. */
  | { readonly kind: 'more'; readonly id: number }
  | { readonly kind: 'cancel'; readonly id: number }

export type FromThread =
  | { readonly kind: 'done'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: Failure }
  | { readonly kind: 'chunk'; readonly id: number; readonly bytes: Uint8Array }
