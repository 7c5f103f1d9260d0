/** Recordings as files that are kept: found, heard, held, deleted. The core knows only whether a call is being recorded. */
import type { Readable } from 'node:stream'
import type { RecordedInput } from '../call/input.ts'
import type { Recorded } from '../engine/port.ts'
import type { AccountId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'

export interface StoredTrack {
  readonly kind: 'track' | 'mix'
  /** Its name among the files of the recording. */
  readonly track: string
  /** Whose voice it is. */
  readonly party?: string
  readonly bytes: number
  readonly durationMs: number
  /** In hexadecimal; absent until the file is what it stays, some seconds after the recording's end. */
  readonly sha256?: string
}

/** All files of a recording have the same length and the same gaps. */
export interface StoredRecording {
  readonly id: string
  readonly account: AccountId
  readonly call: string
  readonly startedAt: Instant
  readonly durationMs: number
  /** As it was ordered; `flac` begins as WAV and becomes FLAC when it is over. */
  readonly format: 'wav-g711' | 'wav-pcm16' | 'flac'
  readonly tracks: readonly StoredTrack[]
  readonly gaps: readonly { readonly fromMs: number; readonly toMs: number; readonly why: 'paused' | 'hole' }[]
  readonly complete: boolean
  readonly why?: string
  /** Nobody deletes it, and no time limit does. */
  readonly legalHold: boolean
}

export interface RecordingSearch {
  readonly account: AccountId
  readonly call?: string
  /** Begun then or later, and before. */
  readonly from?: Instant
  readonly to?: Instant
  readonly limit: number
  readonly cursor?: string
}

/** The newest first. */
export interface RecordingPage {
  readonly items: readonly StoredRecording[]
  readonly next: string | undefined
}

/** A file to be sent, wholly or in part; `from` and `to` are the first and the last byte. */
export interface Audio {
  readonly fileName: string
  readonly type: 'audio/wav' | 'audio/flac'
  readonly bytes: number
  /** In quotes, as HTTP wants it: another one means other bytes. */
  readonly etag: string
  open(range?: { readonly from: number; readonly to: number }): Readable
}

/** 16 bits at 8 kHz, piece by piece; whoever stops reading ends it. */
export interface Samples extends AsyncIterable<Int16Array> {
  /** How many there are in all. */
  readonly length: number
}

/** What is unknown, and what is another account's, is undefined. */
export interface Recordings {
  list(search: RecordingSearch): Promise<RecordingPage | 'bad-cursor'>
  /** With checksums: where they are not known yet they are computed now, unless files have yet to be encoded. */
  one(account: AccountId, id: string): Promise<StoredRecording | undefined>
  /** The mix where no track is named, or the only file. */
  audio(account: AccountId, id: string, track?: string): Promise<Audio | undefined>
  /** The same as WAV, whatever it is stored as: for clients that know nothing else. */
  wav(account: AccountId, id: string, track?: string): Promise<Audio | undefined>
  samples(account: AccountId, id: string, track?: string): Promise<Samples | undefined>
  hold(account: AccountId, id: string, isHeld: boolean): Promise<StoredRecording | undefined>
  /** As it was; `held`: it is still there. */
  remove(account: AccountId, id: string): Promise<StoredRecording | 'held' | undefined>
  /** The same; what is `held` goes as soon as its hold ends. */
  expunge(account: AccountId, id: string): Promise<StoredRecording | 'held' | undefined>
}

export interface LinkedAudio {
  readonly account: AccountId
  readonly recording: string
  readonly track?: string
}

/** Links by which a recording is heard without a key, for a while. Whether it exists is found out when the link is used. */
export interface RecordingLinks {
  link(audio: LinkedAudio, expiresAt: Instant): string
  /** Undefined where the token is not ours, or its time is over. */
  linked(at: Instant, token: string): LinkedAudio | undefined
}

export interface RecordingShelf {
  /** Why recordings are not kept as they should be, if so. */
  readonly fault?: string | undefined
  readonly recordings: Recordings
  readonly links: RecordingLinks
}

/** What the engine tells of files, in the call's words. */
export function recordedInput({ recording, files, complete, why }: Recorded): RecordedInput {
  const id = storedId(recording, files[0]?.path ?? '')
  const told = files.map(({ kind, path, samples, bytes }) => ({ kind, track: trackOf(id, path), bytes, durationMs: samples / 8 }))
  return { kind: 'recorded', recording, id, files: told, complete, ...(why === undefined ? {} : { why }) }
}

/** Files are named by recording, part where it is not the first, and track. */
function storedId(recording: string, path: string): string {
  const rest = baseOf(path).slice(recording.length)
  return `${recording}${/^-\d+(?=-)/.exec(rest)?.[0] ?? ''}`
}

export const trackOf = (id: string, path: string): string =>
  baseOf(path)
    .slice(id.length + 1)
    .replace(/\.(wav|flac)$/, '')

const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
