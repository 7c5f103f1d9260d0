/**
 * The words between the control process and a media process: JSON, one message a line, over a local stream socket.
 * The media process knows legs and the hearing matrix of bridges; no accounts' contents, agents or SIP.
 * Orders of one connection are carried out in order. An order that names an unknown leg or bridge is answered by `leg-failed` or ignored
 * when it is a `close`: closing twice is no error.
 */
import type { BridgeId, LegId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'

/** An audio codec of a leg. G.711 only until G.722 and Opus land. */
export type Codec = 'PCMU' | 'PCMA'

/** RFC 3264 direction as seen from Sotto: `sendonly` = we send to the phone and expect nothing from it. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

export interface Endpoint {
  /** IPv4 or IPv6 literal. */
  readonly address: string
  readonly port: number
}

/** RFC 4568 keys, both base64 of 30 bytes (128-bit key and 112-bit salt). */
export interface SrtpKeys {
  readonly suite: 'AES_CM_128_HMAC_SHA1_80' | 'AES_CM_128_HMAC_SHA1_32'
  readonly send: string
  readonly receive: string
}

/** What offer and answer agreed for one leg's audio. */
export interface LegMedia {
  /** Where the peer said it receives; the leg may latch to another source within its first seconds (symmetric RTP, RFC 4961). */
  readonly remote: Endpoint
  /** Absent with rtcp-mux. */
  readonly remoteRtcp?: Endpoint
  readonly rtcpMux: boolean
  readonly codec: Codec
  readonly payloadType: number
  /** Payload type of RFC 4733 events, if agreed. */
  readonly telephoneEvent?: number
  /** Payload type of RFC 3389 comfort noise, if agreed. */
  readonly comfortNoise?: number
  /** Milliseconds of audio in a packet that we send. */
  readonly ptimeMs: number
  readonly direction: Direction
  readonly srtp?: SrtpKeys
}

/**
 * A leg over WebRTC (RFC 8834) instead of a pair of ports: one bidirectional audio line, all such legs of a process on one UDP port.
 * `answer`: the peer offers, and our answer is in `leg-opened`. `offer`: ours is, and the peer's answer comes by `describe-leg`.
 * Descriptions are whole SDP texts with all candidates in them; nothing trickles.
 */
export type WebRtcOpening = { readonly role: 'answer'; readonly offer: string } | { readonly role: 'offer' }

/** What a description of a WebRTC leg comes to: with a `remote`, which is ignored for such a leg, the `LegMedia` for `set-leg`. */
export type AgreedAudio = Pick<LegMedia, 'codec' | 'payloadType' | 'telephoneEvent' | 'ptimeMs' | 'direction'>

/** `lost`: the connection has ended, or died with the media process that held it. `describe-leg` with a new offer brings the leg back. */
export type WebRtcState = 'connecting' | 'connected' | 'lost'

/** Something that a listener hears which no party speaks. */
export type ToneSource = 'ringback' | 'hold-music' | 'beep'

/** One row of the matrix: whom `listener` hears. A leg without a row hears nothing and is sent silence only. */
export interface Row {
  readonly listener: LegId
  /** Nobody hears himself: `listener` is never among them. */
  readonly talkers: readonly LegId[]
  /** The talker whose packets set the row's clock: the handling conversation's other side. Defaults to the first talker. */
  readonly main?: LegId
  readonly source?: ToneSource
}

/**
 * `wav-g711`: each track in the law that its leg spoke when it began, payload bytes as they came. All at 8 kHz, one channel. `flac` is written like that,
 * and whoever keeps the files makes FLAC of them when they are whole.
 */
export type RecordFormat = 'wav-g711' | 'wav-pcm16' | 'flac'

/** What becomes of a voice that only a coached party hears: it is in no file, in the mix and a track of its own, or in that track only. */
export type CoachAudio = 'exclude' | 'include' | 'separate'

/** A leg whose voice is recorded. `coach`: it whispers at present. */
export interface RecordedVoice {
  readonly leg: LegId
  /** Of its file; unique in the recording. A leg that comes back under its name goes on in the same file. */
  readonly name: string
  readonly voice: 'conversation' | 'coach'
}

export interface RecordingShape {
  readonly format: RecordFormat
  /** Whether there is a file of all voices together, too. */
  readonly mix: boolean
  readonly coach: CoachAudio
  /** A short tone this often, to everybody in the conversation and into the mix. */
  readonly beepEveryMs?: number
}

/**
 * What a bridge's recording shall be from now on; saying the same twice changes nothing, and one that has ended stays so. Files lie in
 * `directory`, a path below the folder that the media process was given.
 *
 * A track holds what its party said and somebody in the conversation could hear, silence elsewhere, from the recording's first frame on:
 * all tracks run by one clock. `paused`: no frame of any voice until it is on again, silence of the same frames in every file.
 */
export interface RecordOrder extends RecordingShape {
  readonly kind: 'record'
  readonly bridge: BridgeId
  readonly recording: string
  readonly state: 'on' | 'paused' | 'off'
  readonly directory: string
  /**
   * Said to these legs, with nothing beside it but voices, before the recording begins: no frame of it is older than the end of the announcement. The
   * first recording of a bridge says it, later ones do not. `prompt` is a name that the process was given at its start, or `tones`.
   */
  readonly announce?: { readonly prompt: string; readonly legs: readonly LegId[] }
  readonly tracks: readonly RecordedVoice[]
}

/**
 * In samples of 8 kHz from the recording's first frame. `hole`: what was said meanwhile is lost, because the disk was too slow, or because
 * the process that wrote died and its standby went on.
 */
export interface RecordingGap {
  readonly from: number
  readonly to: number
  readonly why: 'paused' | 'hole'
}

export interface RecordedFile {
  readonly kind: 'track' | 'mix'
  /** Of the track; `mix` for the mix. */
  readonly name: string
  readonly leg?: LegId
  /** Below the folder that the media process was given. */
  readonly path: string
  readonly samples: number
  readonly bytes: number
}

/** A recording is over, its files are whole and bear their names. */
export interface RecordingReport {
  readonly bridge: BridgeId
  readonly recording: string
  readonly format: RecordFormat
  readonly startedAt: Instant
  readonly files: readonly RecordedFile[]
  readonly gaps: readonly RecordingGap[]
  /** False: it ended before it was told to, and `why` says what of. */
  readonly complete: boolean
  readonly why?: string
}

export type MediaOrder =
  /** First on every connection. A higher `epoch` takes the process over; orders of a lower one are refused from then on. */
  | { readonly kind: 'hello'; readonly epoch: number; readonly leaseMs: number }
  /** Renews the lease; sent at least every third of it. */
  | { readonly kind: 'renew' }
  /**
   * Binds ports, or makes a WebRTC connection, for which `family` says nothing; its `leg-opened` then takes as long as finding our own
   * candidates does. Once more for such a leg: a new connection behind it, as with `describe-leg`. `account` is opaque: the process asserts that a bridge never mixes two of them.
   */
  | {
      readonly kind: 'open-leg'
      readonly leg: LegId
      readonly account: string
      readonly voice: 'core' | 'supervisor'
      readonly family: 4 | 6
      readonly webrtc?: WebRtcOpening
    }
  /**
   * The peer's answer to our offer, or its renewed offer, for a WebRTC leg: answered by `leg-described` or `leg-failed`, after which the leg
   * is as it was. An offer of the connection that there is (hold, direction) changes no transport; any other one (new credentials or
   * fingerprint: reload, ICE restart, after `leg-lost`) makes a new connection behind the same leg, which goes on with its SSRC and numbers.
   */
  | { readonly kind: 'describe-leg'; readonly leg: LegId; readonly description: string; readonly type: 'offer' | 'answer' }
  /**
   * After each completed offer/answer; may be repeated (re-INVITE). Of a WebRTC leg only codec, payload types, ptime and direction count:
   * any `remote` will do.
   */
  | { readonly kind: 'set-leg'; readonly leg: LegId; readonly media: LegMedia }
  | { readonly kind: 'set-voice'; readonly leg: LegId; readonly voice: 'core' | 'supervisor' }
  | { readonly kind: 'close-leg'; readonly leg: LegId }
  /**
   * Replaces a bridge's whole matrix, effective before the next frame is mixed. A leg that is named in another bridge moves here: it is
   * silent in the old one first. Revisions of a bridge only grow; an older one is ignored.
   */
  | {
      readonly kind: 'rewire'
      readonly bridge: BridgeId
      readonly account: string
      readonly revision: number
      readonly rows: readonly Row[]
    }
  | { readonly kind: 'close-bridge'; readonly bridge: BridgeId }
  | RecordOrder
  | { readonly kind: 'send-dtmf'; readonly leg: LegId; readonly digits: string; readonly durationMs: number }
  /** Asks for `measured`. */
  | { readonly kind: 'measure'; readonly bridge: BridgeId; readonly request: number }
  /** Asks for `inventory`: what a restarted control process needs to re-attach. */
  | { readonly kind: 'list' }

export type MediaEvent =
  /** `fenced`: a process of a higher epoch owns this media process. */
  | { readonly kind: 'welcome'; readonly pid: number; readonly epoch: number; readonly fenced: boolean }
  /**
   * Nobody renewed the lease: every supervisor's voice is cut. A bridge gets its supervisors back with its next `rewire`, for which an equal
   * revision will do; a renewal alone brings nobody back, because whoever was away cannot know that the matrix still holds.
   */
  | { readonly kind: 'lease-lapsed'; readonly at: Instant }
  /** `description`: our whole SDP of a WebRTC leg; `agreed`, where it answers an offer, is what the two come to. */
  | {
      readonly kind: 'leg-opened'
      readonly leg: LegId
      readonly local: Endpoint
      readonly description?: string
      readonly agreed?: AgreedAudio
    }
  /** `description`: our answer, if an offer was described. */
  | { readonly kind: 'leg-described'; readonly leg: LegId; readonly description?: string; readonly agreed?: AgreedAudio }
  /** A WebRTC leg's packets pass: ICE and DTLS are up. Again after each new connection behind it. */
  | { readonly kind: 'leg-connected'; readonly leg: LegId }
  /**
   * A WebRTC leg's connection is gone, and the leg hears and says nothing until it is described anew. Told when it happens, and again after
   * each `list`. Such a leg is never told of by `rtp-stopped`: a browser without a microphone sends nothing.
   */
  | { readonly kind: 'leg-lost'; readonly leg: LegId; readonly why: string }
  | { readonly kind: 'leg-failed'; readonly leg: LegId; readonly why: string }
  /** The matrix is in force: every frame sent after `at` follows it. */
  | { readonly kind: 'rewired'; readonly bridge: BridgeId; readonly revision: number; readonly at: Instant }
  /** The rows broke a rule (unknown leg, another account's leg, a leg hearing itself): nothing changed. */
  | { readonly kind: 'rewire-refused'; readonly bridge: BridgeId; readonly revision: number; readonly why: string }
  | { readonly kind: 'dtmf'; readonly leg: LegId; readonly digit: string; readonly durationMs: number }
  /** No packet for `limits.rtpSilenceMs` from a leg that should be sending (never on a held leg); again after each further such time. */
  | { readonly kind: 'rtp-stopped'; readonly leg: LegId; readonly silentMs: number }
  | { readonly kind: 'rtp-resumed'; readonly leg: LegId }
  | {
      readonly kind: 'measured'
      readonly bridge: BridgeId
      readonly request: number
      readonly revision: number
      readonly legs: readonly LegLevel[]
    }
  /** Told when it happens, and again after each `list`, because nobody may have been there to hear it: it may come twice. */
  | ({ readonly kind: 'recorded' } & RecordingReport)
  /** It could not begin. */
  | { readonly kind: 'record-failed'; readonly bridge: BridgeId; readonly recording: string; readonly why: string }
  | { readonly kind: 'inventory'; readonly legs: readonly LegState[]; readonly bridges: readonly BridgeState[] }

/** What a leg says: its level over the last 200 ms in dBov (RFC 6465; 0 loudest, -127 silence), and when it last spoke above -60 dBov. */
export interface LegLevel {
  readonly leg: LegId
  readonly levelDbov: number | null
  readonly lastAudioAt: Instant | null
  readonly packetsReceived: number
  readonly packetsSent: number
}

export interface LegState {
  readonly leg: LegId
  readonly account: string
  readonly voice: 'core' | 'supervisor'
  readonly local: Endpoint
  readonly media?: LegMedia
  /** Of a WebRTC leg only. */
  readonly webrtc?: WebRtcState
}

export interface BridgeState {
  readonly bridge: BridgeId
  readonly account: string
  readonly revision: number
  readonly rows: readonly Row[]
}
