/** What the recorder says to whoever writes the files, and what it hears from there. Frames count 20 ms from the recording's beginning. */
import type { BridgeId, LegId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import type { Codec, RecordFormat, RecordingReport } from './protocol.ts'

export const recordedFrameSamples = 160

/** 4.1 s of a lane: the writer may be this late, less the time that late packets are waited for. A power of two. */
export const laneSamples = 32_768

/** How a lane's samples lie in its memory and in its file: G.711 in one byte, or 16 bits linear. */
export type LaneLaw = Codec | 'PCM'

export const sampleBytes = (law: LaneLaw): 1 | 2 => (law === 'PCM' ? 2 : 1)

/** Places in a recording's counters, which both sides share. */
export const counter = {
  /** Frames before this one are final. Written by the recorder. */
  final: 0,
  /** Frames before this one have been taken out, and silence is in their place. Written by the writer. */
  taken: 1,
} as const

export interface RecordingOpened {
  readonly kind: 'open'
  readonly recording: string
  readonly bridge: BridgeId
  readonly directory: string
  readonly format: RecordFormat
  readonly mix: boolean
  readonly startedAt: Instant
  readonly beepEveryMs?: number
  /** Two 32-bit counts. */
  readonly counters: SharedArrayBuffer
  /** Another process was cut off while it wrote this recording: from this frame on it goes on in the same files. */
  readonly goesOn?: { readonly frame: number; readonly isPaused: boolean }
}

/** A voice's way into the files: into one of its own, into the mix, or both. */
export interface LaneOpened {
  readonly kind: 'lane'
  readonly recording: string
  readonly lane: number
  readonly law: LaneLaw
  /** `laneSamples` long, full of silence; what is taken out is silence again. */
  readonly memory: SharedArrayBuffer
  readonly inMix: boolean
  readonly file?: { readonly name: string; readonly leg: LegId }
}

/** A word about a frame is said before that frame is final. */
export type RecordWord =
  | RecordingOpened
  | LaneOpened
  | { readonly kind: 'end-lane'; readonly recording: string; readonly lane: number; readonly frame: number }
  | { readonly kind: 'pause'; readonly recording: string; readonly frame: number }
  | { readonly kind: 'resume'; readonly recording: string; readonly frame: number }
  | { readonly kind: 'hole'; readonly recording: string; readonly from: number; readonly to: number }
  /** `why`: it ends before it was told to. */
  | { readonly kind: 'finish'; readonly recording: string; readonly frame: number; readonly why?: string }

/** `failed`: it could not begin. `recovered`: a recorder that died left it behind. */
export type RecordOutcome =
  | { readonly kind: 'reported' | 'recovered'; readonly report: RecordingReport }
  | { readonly kind: 'failed'; readonly recording: string; readonly why: string }
