/** Whether a call is recorded. The recorder follows this state; who may change it is decided here. */
import type { LegId, PartyId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'

export const recordingStates = ['off', 'on', 'paused'] as const
export type RecordingState = (typeof recordingStates)[number]

/** How far one side's agreement goes (contract newvoicemedia, section 4): `one-party` lets that side's leg be recorded, the others do not. */
export const consents = ['unknown', 'one-party', 'two-party'] as const
export type Consent = (typeof consents)[number]

/** What is made of the voices. */
export interface RecordingShape {
  /** `flac`: WAV while the call lasts. */
  readonly format: 'wav-g711' | 'wav-pcm16' | 'flac'
  /** Whether there is a file of all voices together beside one for each party. */
  readonly mix: boolean
  /** What becomes of a voice that only a coached party hears: in no file, in the mix and one of its own, or in that one only. */
  readonly coach: 'exclude' | 'include' | 'separate'
  /** A short tone this often, to everybody in the conversation and into the mix. */
  readonly beepEveryMs?: number
  /** Is said before the first recording of a call begins. `prompt`: the engine's name for it. */
  readonly announcement?: { readonly prompt: string; readonly to: 'all' | 'customer' }
}

export const usualShape: RecordingShape = { format: 'wav-g711', mix: true, coach: 'exclude' }

/** `coach`: heard by who is coached, and not part of the conversation. */
export interface RecordedVoice {
  readonly party: PartyId
  readonly leg: LegId
  readonly voice: 'conversation' | 'coach'
}

/** What the recorder was told last. */
export interface RecordingOrder {
  /** From its start until it is off; the next start is another recording. */
  readonly recording: string
  readonly state: RecordingState
  readonly startedAt: Instant
  readonly shape: RecordingShape
  readonly voices: readonly RecordedVoice[]
  /** Who is told before it begins. */
  readonly audience?: readonly LegId[]
}

/** A recording that is on disk. */
export interface StoredFiles {
  /** Of the files. A recorder that came after one that died goes on in others, so that one recording may have several. */
  readonly id: string
  readonly files: readonly { readonly kind: 'track' | 'mix'; readonly track: string; readonly bytes: number; readonly durationMs: number }[]
  /** False: it ended before it was told to, for the reason `why`. */
  readonly complete: boolean
  readonly why?: string
}

export interface RecordingPolicy {
  /** Absent: `usualShape`. */
  readonly shape?: RecordingShape
  /** Recording starts by itself when the call is answered. */
  readonly automatic: boolean
  /** Programs and people may start, pause and stop it. */
  readonly onDemand: boolean
  /** The parties are told that they are recorded, so no consent of theirs is missing. */
  readonly announced: boolean
  /** What was said when the call was ordered; a side that is named is recorded by its consent and not by `automatic`. */
  readonly consent?: { readonly from?: Consent; readonly to?: Consent }
}

export interface Recording extends RecordingPolicy {
  readonly state: RecordingState
  /** When it last started, or went on after a pause. */
  readonly since?: Instant
  /** When the present or last recording began; pauses are part of it. */
  readonly startedAt?: Instant
  /** Counts the recordings of the call from 1. */
  readonly take?: number
  readonly ordered?: RecordingOrder
  /** Ids that were told as stored, the last ones. */
  readonly stored?: readonly string[]
}

/** Under which its files are found when it is stored; undefined where nothing of the call was recorded. Of several recordings the last. */
export const recordingOf = ({ recording }: { readonly recording: Recording }): string | undefined => recording.ordered?.recording

/**
 * Whose voice may be recorded. A side whose consent was stated is recorded by it; a side of which nothing was said follows the account, which for a
 * call without any stated consent includes recording on demand (contract newvoicemedia, section 4).
 */
export function recordableSides(policy: RecordingPolicy): 'both' | 'from' | 'to' | 'none' {
  const from = isRecordable(policy, policy.consent?.from)
  const to = isRecordable(policy, policy.consent?.to)
  if (from && to) return 'both'
  return from ? 'from' : to ? 'to' : 'none'
}

function isRecordable(policy: RecordingPolicy, consent: Consent | undefined): boolean {
  if (policy.announced) return true
  if (consent !== undefined) return consent === 'one-party'
  return policy.automatic || (policy.onDemand && !isConsentStated(policy))
}

const isConsentStated = ({ consent }: RecordingPolicy): boolean => consent?.from !== undefined || consent?.to !== undefined

export const mayRecord = (policy: RecordingPolicy): boolean => recordableSides(policy) !== 'none'

/** Whether recording starts when the call is answered. A stated consent decides it alone: `automatic` is for calls of which nothing was said. */
export function startsByItself(policy: RecordingPolicy): boolean {
  if (!isConsentStated(policy)) return policy.automatic
  return policy.announced || policy.consent?.from === 'one-party' || policy.consent?.to === 'one-party'
}
