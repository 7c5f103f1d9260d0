/** Laws of what a call owes the people in it: nobody is forgotten on the line, in a queue, on hold or in a supervision. */
import { isEnded, partyOf } from '../../src/call/call.ts'
import type { Endpoint } from '../../src/call/endpoint.ts'
import type { Party } from '../../src/call/party.ts'
import type { Law, StateLaw, Watched } from './law.ts'

/** Of one call and its engine. */
export const stateLaws = {
  'no supervisor without a supervision, no supervision without a call': (world) => {
    const { call } = world
    const lonely = call.parties.find((p) => p.role === 'supervisor' && p.state !== 'ended' && !isOpenFor(world, p))
    if (lonely !== undefined) return `${lonely.id} supervises nothing`
    const over = call.supervisions.find((s) => (s.state !== 'ended') !== (s.endedAt === undefined))
    if (over !== undefined) return `${over.id} is ${over.state}`
    const dangling = call.supervisions.find((s) => s.state !== 'ended' && (isEnded(call) || partyOf(call, s.party)?.state === 'ended'))
    return dangling === undefined ? undefined : `${dangling.id} outlives its party or call`
  },
  'whoever supervised is let go': (world) => {
    const gone = world.call.supervisions.filter((s) => s.state === 'ended' && s.endReason !== 'taken-over')
    const left = gone
      .map((s) => partyOf(world.call, s.party))
      .find((p) => p !== undefined && world.engine.legs.get(p.leg)?.phase !== 'over')
    return left === undefined ? undefined : `the leg of ${left.id} lives on`
  },
  'an ended call has let everybody go': (world) => {
    if (!isEnded(world.call)) return undefined
    // A leg that went over to another call by transfer is that one's concern.
    const own = world.call.parties.filter((p) => p.endReason !== 'transferred').map((p) => p.leg)
    const left = world.engine.alive().find((leg) => own.includes(leg.id))
    return left === undefined ? undefined : `${left.id} is ${left.phase}`
  },
  'a live call is a conversation, or waits for somebody until a set time': ({ call, ...world }) => {
    if (isEnded(call)) return undefined
    const settled = call.parties.filter((p) => p.role !== 'supervisor' && !['inviting', 'ringing', 'ended'].includes(p.state))
    // The engine itself gives up a phone that never confirms our answer (RFC 3261 §13.3.1.4).
    if (settled.length >= 2 || settled.some((p) => p.state === 'answering')) return undefined
    const ringing = call.parties.filter((p) => p.role !== 'supervisor' && (p.state === 'inviting' || p.state === 'ringing'))
    if (ringing.some((p) => p.ringDeadline !== undefined)) return undefined
    if (call.room !== undefined && settled.length === 1) return undefined
    const until = call.queue?.deadline ?? call.parked?.deadline
    return until !== undefined && until >= world.at && settled.length === 1 ? undefined : `at ${world.at} somebody waits for ever`
  },
  'who is supervised may be supervised': ({ call }) => {
    if (isEnded(call)) return undefined
    const core = call.parties.filter((p) => p.role !== 'supervisor' && p.state === 'connected')
    const phone = call.room === undefined ? undefined : core.findLast((p) => p.endpoint.kind === 'extension')
    const handling = core.findLast((p) => p.role === 'agent') ?? phone
    for (const { id, state, target } of call.supervisions) {
      const endpoint = partyOf(call, target)?.endpoint
      if (state === 'ended' || endpoint === undefined) continue
      if (endpoint.kind === 'extension' ? !endpoint.mayBeMonitored : refuses(handling?.endpoint))
        return `${id} has a target that may not be one`
    }
    return undefined
  },
  'a lost lease would cut supervisors and nobody else': ({ call, engine }) => {
    const wrong = call.parties.find(
      (p) => p.state !== 'ended' && (engine.legs.get(p.leg)?.voice === 'supervisor') !== (p.role === 'supervisor'),
    )
    return wrong === undefined ? undefined : `${wrong.id} is ${wrong.role}, its leg ${engine.legs.get(wrong.leg)?.voice}`
  },
  'the target is there': ({ call }) => {
    const lost = call.supervisions.find((s) => s.state !== 'ended' && partyOf(call, s.target)?.state === 'ended')
    return lost === undefined ? undefined : `${lost.id} coaches one who has left`
  },
} satisfies Record<string, StateLaw>

/** Of what was ordered and told on the way. */
export const serviceLaws = {
  'a leg lives as long as its party': (world) => {
    for (const leg of world.engine.alive()) {
      const party = world.call.parties.find((p) => p.leg === leg.id)
      if (party === undefined || party.state === 'ended') return `${leg.id} is ${leg.phase} and belongs to nobody`
    }
    return undefined
  },
  'no deadline passes unheeded': (world) => {
    const next = world.deadline()
    return next !== undefined && next < world.at ? `${next} has passed at ${world.at}` : undefined
  },
  'nobody is left on hold by one who was replaced': (world) => {
    const ends = ['call.transferred', 'call.queued']
    const replaced = world.events.some(
      (e) => e.seq > world.before.seq && (ends.includes(e.type) || (e.type === 'call.unparked' && e.data.party !== undefined)),
    )
    const held = replaced ? world.call.parties.find((p) => p.role !== 'supervisor' && p.held) : undefined
    return held === undefined ? undefined : `${held.id} is still on hold`
  },
  'every order makes sense': ({ engine }) => engine.faults[0],
  'a late event changes nothing': ({ disturbances }) => disturbances[0],
} satisfies Record<string, Law>

const isOpenFor = ({ call }: Watched, party: Party): boolean => call.supervisions.some((s) => s.party === party.id && s.state !== 'ended')

const refuses = (endpoint: Endpoint | undefined): boolean => endpoint?.kind === 'extension' && !endpoint.mayBeMonitored
