/** What the engine must find again after its process died, as plain JSON: its legs and bridges, and what the SIP layer remembers. */
import type { LegRow } from '../../call/matrix.ts'
import type { Change } from '../../kernel/change.ts'
import type { AccountId, CallId, LegId, LineId } from '../../kernel/ids.ts'
import type { Instant } from '../../kernel/time.ts'
import type { Codec, LegMedia, RecordOrder } from '../../media/protocol.ts'
import type { SipMemory } from '../../sip/memory.ts'
import type { LineHolder } from '../port.ts'
import type { Bridge } from './bridges.ts'
import type { Leg, LegOrigin, Phase } from './leg.ts'
import type { Line, LinePhase } from './line.ts'
import type { NegotiationMemory } from './negotiation.ts'

/** One of another version is not understood: its leg is as good as forgotten. */
export const memoryVersion = 1

export type EngineMemory = LegMemory | LineMemory | BridgeMemory | EpochMemory | SipMemory

/** The value that stands for a key from now on, or that nothing does. */
export type EngineChange = Change<EngineMemory>

export interface LegMemory {
  readonly kind: 'leg'
  readonly version: number
  readonly id: LegId
  readonly account: AccountId
  readonly voice: 'core' | 'supervisor'
  readonly phase: Phase
  readonly origin: LegOrigin
  readonly session: LegId
  readonly call?: CallId
  readonly negotiation?: NegotiationMemory
  readonly media?: LegMedia
  readonly secure: boolean
  readonly webrtc?: true
  readonly accepted: boolean
  readonly rang: boolean
  readonly held: boolean
  readonly digitsBy?: 'rtp' | 'info'
  readonly transfers: readonly string[]
}

/** Which call's leg borrows it, that leg's memory says. */
export interface LineMemory {
  readonly kind: 'line'
  readonly version: number
  readonly id: LineId
  readonly holder: LineHolder
  readonly createdAt: Instant
  readonly phase: Exclude<LinePhase, 'opening'>
  readonly voice: 'core' | 'supervisor'
  readonly media?: LegMedia
  readonly connection?: string
}

export interface BridgeMemory {
  readonly kind: 'bridge'
  readonly version: number
  readonly call: CallId
  readonly account: AccountId
  readonly revision: number
  readonly rows: readonly LegRow[]
  readonly codec?: Codec
  readonly recording?: RecordOrder
}

/** The media process obeys the newest control process, whatever the clock says meanwhile. */
export interface EpochMemory {
  readonly kind: 'epoch'
  readonly version: number
  readonly epoch: number
}

/** What the SIP layer has not told. */
export const isOwn = (memory: EngineMemory): memory is Exclude<EngineMemory, SipMemory> =>
  memory.kind === 'leg' || memory.kind === 'line' || memory.kind === 'bridge' || memory.kind === 'epoch'

export const legKey = (id: LegId): string => `leg ${id}`
export const lineKey = (id: LineId): string => `line ${id}`
export const bridgeKey = (call: CallId): string => `bridge ${call}`

export function legMemory(leg: Leg): LegMemory | undefined {
  const { id, account, voice, phase, origin, session, call, media, secure, accepted, rang, held, digitsBy } = leg
  if (phase === 'ended') return undefined
  const negotiation = leg.negotiation?.memory()
  return {
    ...{ kind: 'leg', version: memoryVersion, id, account, voice, phase, origin, session, secure, accepted, rang, held },
    transfers: [...leg.transfers],
    ...(call !== undefined && { call }),
    ...(negotiation !== undefined && { negotiation }),
    ...(media !== undefined && { media }),
    ...(digitsBy !== undefined && { digitsBy }),
    ...(leg.isWebRtc && { webrtc: true }),
  }
}

/** One whose first offer is being answered is nobody's yet: its opener asks again. */
export function lineMemory({ id, holder, createdAt, phase, voice, media, connection }: Line): LineMemory | undefined {
  if (phase === 'opening') return undefined
  return {
    ...{ kind: 'line', version: memoryVersion, id, holder, createdAt, phase, voice },
    ...(media !== undefined && { media }),
    ...(connection !== undefined && { connection }),
  }
}

export function bridgeMemory({ call, account, revision, rows, codec, recording }: Bridge): BridgeMemory {
  return {
    ...{ kind: 'bridge', version: memoryVersion, call, account, revision, rows },
    ...(codec !== undefined && { codec }),
    ...(recording !== undefined && { recording }),
  }
}

/** Above those of all earlier processes. */
export function newEpoch(at: Instant, remembered: Iterable<EngineChange>): number {
  let epoch = Math.floor(at)
  for (const change of remembered) if ('value' in change && change.value.kind === 'epoch') epoch = Math.max(epoch, change.value.epoch + 1)
  return epoch
}
