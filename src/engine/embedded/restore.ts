/** Legs and bridges of an earlier process. What was being set up has ended; what talks goes on, as soon as the media process is asked. */
import { bridgeId, type LegId } from '../../kernel/ids.ts'
import type { Instant } from '../../kernel/time.ts'
import type { SipChange } from '../../sip/door.ts'
import type { RestoredLeg } from '../port.ts'
import { type Core, endLeg } from './core.ts'
import { Leg } from './leg.ts'
import { Line } from './line.ts'
import { restoredLines, restoreLine } from './lines.ts'
import { type BridgeMemory, type EngineMemory, isOwn, type LegMemory, type LineMemory, memoryVersion } from './memory.ts'
import { Negotiation } from './negotiation.ts'

/** Before the SIP layer is asked what became of their sessions. */
export function restoreLegs(core: Core, at: Instant, memories: ReadonlyMap<string, EngineMemory>): void {
  const signalling: SipChange[] = []
  for (const [key, memory] of memories) {
    if (!isOwn(memory)) signalling.push({ key, value: memory })
    else if (memory.version !== memoryVersion) continue
    else if (memory.kind === 'bridge') restoreBridge(core, memory)
    else if (memory.kind === 'leg') restoreLeg(core, memory)
    else if (memory.kind === 'line') restoreLine(core, at, lineOf(memory))
  }
  core.outbox.fromDoor(core.door.restore(at, signalling))
}

/** After the SIP layer has told which sessions have ended: what it does not know of, or we do not, has ended as well. */
export function settleLegs(core: Core, at: Instant): void {
  const sessions = new Set(core.door.sessions())
  for (const leg of core.legs.all()) if (!isUp(leg) || !goesOn(core, leg, sessions)) endLeg(core, leg, 'failed')
  for (const session of sessions)
    if (core.legs.ofSession(session) === undefined) core.outbox.fromDoor(core.door.hangUp(at, session, { q850: 41 }))
  const bridges = core.bridges.all().map(({ call }) => call)
  const lines = restoredLines(core)
  core.outbox.event({ kind: 'restored', legs: core.legs.all().map(restoredLeg), bridges, ...(lines.length > 0 && { lines }) })
}

/** Its session, or the line that it borrows. */
function goesOn(core: Core, leg: Leg, sessions: ReadonlySet<LegId>): boolean {
  const line = leg.line === undefined ? undefined : core.lines.get(leg.line)
  if (line === undefined) return sessions.has(leg.session)
  line.leg = leg.id
  core.lines.arm(line)
  return true
}

const isUp = ({ phase }: Leg): boolean => phase === 'connected' || phase === 'unconfirmed'

function restoredLeg({ id, phase, held, call, transfers }: Leg): RestoredLeg {
  return {
    leg: id,
    phase: phase === 'connected' ? 'connected' : 'answering',
    held,
    transfers: [...transfers],
    ...(call !== undefined && { call }),
  }
}

function lineOf({ id, holder, createdAt, phase, voice, media, connection }: LineMemory): Line {
  const line = new Line({ id, holder, createdAt, phase })
  line.voice = voice
  line.media = media
  line.connection = connection
  return line
}

function restoreBridge(core: Core, { call, account, revision, rows, codec, recording }: BridgeMemory): void {
  const bridge = core.bridges.of(call, account)
  bridge.revision = revision
  bridge.rows = rows
  bridge.codec = codec
  if (recording !== undefined) bridge.recording = recording
  core.inheritance.remember(bridgeId(call))
}

function restoreLeg(core: Core, memory: LegMemory): void {
  const { negotiation, transfers, media, call, digitsBy } = memory
  const leg = new Leg(memory)
  leg.session = memory.session
  leg.call = call
  leg.media = media
  leg.digitsBy = digitsBy
  leg.secure = memory.secure
  leg.isWebRtc = memory.webrtc === true
  leg.accepted = memory.accepted
  leg.rang = memory.rang
  leg.held = memory.held
  for (const transfer of transfers) leg.transfers.add(transfer)
  if (negotiation !== undefined) leg.negotiation = Negotiation.restored(negotiation)
  core.legs.add(leg)
  core.inheritance.remember(leg.id)
}
