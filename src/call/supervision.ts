import type { PartyId, SupervisionId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import type { EndReason } from './reason.ts'

export const modes = ['monitor', 'whisper', 'barge'] as const
export type Mode = (typeof modes)[number]

/** `call`: stays with the call and takes its next agent as target. `target`: ends when the target leaves. */
export type Follow = 'call' | 'target'

/** A supervisor's attachment to a call. His voice and ears are a party of role `supervisor`. */
export interface Supervision {
  readonly id: SupervisionId
  readonly revision: number
  readonly party: PartyId
  readonly mode: Mode
  /** The party who is coached. */
  readonly target: PartyId
  /** Coach without hearing the call (VoipNow `private: 1`); has meaning in mode whisper only. */
  readonly private: boolean
  readonly follow: Follow
  /** Whether he hears other supervisors who whisper. */
  readonly hearPeers: boolean
  readonly state: 'ringing' | 'active' | 'ended'
  readonly startedAt: Instant
  readonly activeAt?: Instant
  readonly endedAt?: Instant
  readonly endReason?: EndReason
}

export const isOpen = (supervision: Supervision): boolean => supervision.state !== 'ended'
