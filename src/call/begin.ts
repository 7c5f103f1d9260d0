import type { AccountId, CallId } from '../kernel/ids.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import type { Call } from './call.ts'
import { Draft } from './draft.ts'
import { conference, presentation } from './effect.ts'
import { addressOf, type Endpoint } from './endpoint.ts'
import { finish, type Step } from './finish.ts'
import type { Birth } from './input.ts'
import type { Role } from './party.ts'
import type { RecordingPolicy } from './recording.ts'

type Received = Extract<Birth, { kind: 'received' }>
type Originated = Extract<Birth, { kind: 'originated' }>

/** What the desk gives a call before anything is known of it. */
export interface Identity {
  readonly id: CallId
  readonly account: AccountId
  readonly serial: number
}

/** A call comes into being. Never refused: whether it may exist was decided before. */
export function begin(identity: Identity, at: Instant, birth: Birth): Step {
  return birth.kind === 'received' ? receive(identity, at, birth) : originate(identity, at, birth)
}

function receive(identity: Identity, at: Instant, birth: Received): Step {
  const { caller, ani, dnis } = birth
  const direction =
    caller.endpoint.kind === 'number'
      ? 'inbound'
      : 'party' in birth.to && birth.to.party.endpoint.kind === 'number'
        ? 'outbound'
        : 'internal'
  const draft = new Draft(blank(identity, at, { direction, ani, dnis, recording: birth.recording }), at)
  draft.emit({ type: 'call.created', data: { direction, ani, dnis } })
  draft.addParty({ id: caller.party, leg: caller.leg, role: caller.role, endpoint: caller.endpoint, state: 'offered' })
  if ('group' in birth.to) {
    const { group, queueMs } = birth.to
    draft.patch({ group, queue: { group, since: at, deadline: addMs(at, queueMs) } })
    draft.effect({ kind: 'ring', leg: caller.leg })
    draft.emit({ type: 'call.queued', data: { group } })
    draft.effect({ kind: 'seek-agent', group, at })
  } else {
    const { party } = birth.to
    draft.invite({ as: party, to: party.endpoint, role: party.role, from: birth.shown, ringTimeoutMs: birth.ringTimeoutMs })
  }
  return finish(draft, { on: 'now' })
}

function originate(identity: Identity, at: Instant, birth: Originated): Step {
  const [first] = birth.from
  const { to, room = '', recording, autoAnswer = false } = birth
  const direction = [to?.endpoint, first?.endpoint].some((e) => e?.kind === 'number') ? 'outbound' : 'internal'
  const ani = first === undefined ? '' : addressOf(first.endpoint)
  const dnis = to === undefined ? room : addressOf(to.endpoint)
  const draft = new Draft(blank(identity, at, { direction, ani, dnis, recording }), at)
  draft.patch({ ...ordered(birth), ...(to === undefined ? { room } : { offers: 1, next: nextOf(birth, to) }) })
  draft.emit({ type: 'call.created', data: { direction, ani, dnis } })
  // Those who ring for an ordinary call are alternatives; into a conference come all of them.
  const seen = to === undefined ? { from: conference(draft.call) } : { from: birth.shown ?? presentation(to.endpoint), offer: 1 }
  for (const from of birth.from) {
    draft.invite({ as: from, to: from.endpoint, role: from.role, ringTimeoutMs: birth.ringTimeoutMs, autoAnswer, ...seen })
  }
  return finish(draft, first === undefined ? { on: 'now' } : { on: 'accepted', legs: birth.from.map((f) => f.leg) })
}

function nextOf(birth: Originated, { party, leg, endpoint, role }: NonNullable<Originated['to']>): NonNullable<Call['next']> {
  return { party, leg, to: endpoint, role, ringTimeoutMs: birth.toRingTimeoutMs ?? birth.ringTimeoutMs }
}

/** What was said of the call when it was ordered. */
function ordered(birth: Originated): Partial<Call> {
  const { presented, presentedName, maxDurationMs, labels, group, reference, application } = birth
  return {
    ...(presented === undefined ? {} : { presented }),
    ...(presentedName === undefined ? {} : { presentedName }),
    ...(maxDurationMs === undefined ? {} : { maxDurationMs }),
    ...(labels === undefined ? {} : { labels }),
    ...(group === undefined ? {} : { group }),
    ...(reference === undefined ? {} : { reference }),
    ...(application === undefined ? {} : { application }),
  }
}

function blank(
  identity: Identity,
  at: Instant,
  known: Pick<Call, 'direction' | 'ani' | 'dnis'> & { readonly recording: RecordingPolicy },
): Call {
  return {
    ...identity,
    ...known,
    recording: { ...known.recording, state: 'off' },
    revision: 0,
    startedAt: at,
    parties: [],
    supervisions: [],
    wiring: { revision: 0, applied: 0, confirmed: [], sent: [] },
    seq: 0,
    offers: 0,
    phones: 0,
    labels: {},
  }
}

/** A phone of the account handles calls; a number outside is a customer. */
export const roleOf = (endpoint: Endpoint): Role => (endpoint.kind === 'number' ? 'customer' : 'agent')
