/** What any engine can do, in the call's own vocabulary. An engine carries legs; it decides nothing about calls. */
import type { Effect } from '../call/effect.ts'
import type { Presented } from '../call/endpoint.ts'
import type { EndReason } from '../call/reason.ts'
import type { AccountId, CallId, LegId, LineId, RequestId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'

/** An order to the engine: an effect of a call. All legs of a call live on the bridge that bears the call's id. */
export interface EngineOrder {
  readonly call: CallId
  readonly account: AccountId
  readonly effect: Exclude<Effect, { kind: 'seek-agent' }>
}

/** Who calls, as the engine could prove it: an authenticated extension, or a trunk that is trusted. */
export type CallSource =
  | { readonly kind: 'extension'; readonly account: AccountId; readonly extension: string }
  | { readonly kind: 'trunk'; readonly account: AccountId; readonly trunk: string }

export type EngineEvent =
  /** Somebody calls. The desk answers with `ring`, `answer` or `hang-up` for this leg. `replaces`: RFC 3891, a leg that it wants to replace. */
  | {
      readonly kind: 'leg-offered'
      readonly leg: LegId
      readonly source: CallSource
      readonly from: Presented & { readonly claimed?: string }
      /** What was dialled: a number of the account, an extension, a public number. */
      readonly dialled: string
      readonly replaces?: LegId
    }
  /** The far end has answered the order with anything at all: W18's "the engine accepted the leg". */
  | { readonly kind: 'leg-accepted'; readonly leg: LegId }
  | { readonly kind: 'leg-ringing'; readonly leg: LegId }
  | { readonly kind: 'leg-answered'; readonly leg: LegId }
  | { readonly kind: 'leg-ended'; readonly leg: LegId; readonly reason: EndReason }
  /** The phone holds or resumes by itself (re-INVITE). */
  | { readonly kind: 'leg-held'; readonly leg: LegId }
  | { readonly kind: 'leg-resumed'; readonly leg: LegId }
  | { readonly kind: 'leg-dtmf'; readonly leg: LegId; readonly digit: string; readonly durationMs: number }
  /** A phone asks to be replaced (REFER): by a dialled target, or by the far side of its own other leg `consulted`. */
  | {
      readonly kind: 'transfer-requested'
      readonly leg: LegId
      readonly transfer: string
      readonly dialled: string
      readonly consulted?: LegId
    }
  | { readonly kind: 'wired'; readonly call: CallId; readonly revision: number; readonly at: Instant }
  | { readonly kind: 'wiring-failed'; readonly call: CallId; readonly revision: number; readonly why: string }
  | { readonly kind: 'registration'; readonly account: AccountId; readonly extension: string; readonly contacts: number }
  | { readonly kind: 'trunk'; readonly account: AccountId; readonly trunk: string; readonly up: boolean }
  /** A line is there, or goes on over a new connection: what `LineDoor.open` or `renew` asked for. `answer` is our whole description. */
  | { readonly kind: 'line-opened'; readonly request: RequestId; readonly line: EngineLine; readonly answer: string }
  | { readonly kind: 'line-failed'; readonly request: RequestId; readonly line: LineId; readonly because: LineFailure }
  /** It stands otherwise than before; `closed` is its last word. */
  | { readonly kind: 'line-state'; readonly line: EngineLine }
  | { readonly kind: 'measured'; readonly call: CallId; readonly request: RequestId; readonly legs: readonly LegLevel[] }
  /** A recording is over. It may be told twice: the media process says it again to whoever comes back. */
  | ({ readonly kind: 'recorded'; readonly call: CallId } & Recorded)
  /** The media process is gone or back. While it is gone no call can be set up. */
  | { readonly kind: 'media'; readonly up: boolean }
  /**
   * After a restart, once: every leg that goes on, and the bridges that are there. Legs in set-up are not among them: the engine has ended
   * them. The desk compares its calls with it.
   */
  | {
      readonly kind: 'restored'
      readonly legs: readonly RestoredLeg[]
      readonly bridges: readonly CallId[]
      readonly lines?: readonly EngineLine[]
    }

/** Who opened a line. The engine keeps it and reads nothing in it but the account. */
export interface LineHolder {
  readonly account: AccountId
  /** Names the user or the credential that alone may use the line. */
  readonly owner: string
  readonly user?: string
  readonly label?: string
}

/** `connecting`: our answer is out, and no packet has come through. `lost`: the connection is gone, and a new offer may bring it back. */
export type LineState = 'connecting' | 'open' | 'lost' | 'closed'

/** A browser's or a program's audio connection. It belongs to no call: an `invite` to its endpoint attaches it, a `hang-up` detaches it. */
export interface EngineLine extends LineHolder {
  readonly line: LineId
  readonly state: LineState
  readonly createdAt: Instant
}

/** `offer`: it makes no sense. `busy`: an offer of this line is being answered. `media`: the media process could not, or is not there. */
export type LineFailure = 'offer' | 'unknown' | 'busy' | 'media'

export interface RestoredLeg {
  readonly leg: LegId
  /** `answering`: our 2xx waits for the caller's ACK with his description; `leg-answered` or `leg-ended` follows. */
  readonly phase: 'answering' | 'connected'
  /** The phone holds. */
  readonly held: boolean
  /** The bridge that it was last wired to. */
  readonly call?: CallId
  /** Transfers that it asked for and waits for the end of: who knows nothing of one tells it `failed`. */
  readonly transfers: readonly string[]
}

/** What there is of a recording. Paths lie below the folder for recordings; `samples` are of 8 kHz and one channel. */
export interface Recorded {
  readonly recording: string
  readonly startedAt: Instant
  /** `flac`: in WAV files that have yet to become it. */
  readonly format: 'wav-g711' | 'wav-pcm16' | 'flac'
  /** None: it could not begin. A track bears the name of its party. */
  readonly files: readonly {
    readonly kind: 'track' | 'mix'
    readonly name: string
    readonly path: string
    readonly samples: number
    readonly bytes: number
  }[]
  /** In samples from the beginning, the same in every file: silence there, not what was said. */
  readonly gaps: readonly { readonly from: number; readonly to: number; readonly why: 'paused' | 'hole' }[]
  /** False: it ended before it was told to. */
  readonly complete: boolean
  readonly why?: string
}

/** What a leg says, measured by the mixer. */
export interface LegLevel {
  readonly leg: LegId
  readonly levelDbov: number | null
  readonly lastAudioAt: Instant | null
}

/** Each `open` and `renew` is answered by `line-opened` or `line-failed`, once, within `limits.lineAnswerMs`. */
export interface LineDoor {
  open(request: RequestId, line: LineHolder & { readonly line: LineId }, offer: string): void
  /** A new connection for the same line, or another direction of the same connection. */
  renew(request: RequestId, line: LineId, offer: string): void
  close(line: LineId): void
}

export interface Engine {
  readonly lines: LineDoor
  /** Carries the order out; what comes of it arrives as events. Never throws for what a phone or program sent. */
  order(order: EngineOrder): void
  onEvent(listener: (event: EngineEvent) => void): void
  /** Asks for `measured`: levels of the legs on a call's bridge. */
  measure(call: CallId, request: RequestId): void
}
