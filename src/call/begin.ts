import type { AccountId, CallId } from '../kernel/ids.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import type { Call } from './call.ts'
import { Draft } from './draft.ts'
import { presentation } from './effect.ts'
import { addressOf, type Endpoint } from './endpoint.ts'
import { finish, type Step } from './finish.ts'
import type { Birth } from './input.ts'
import type { Role } from './party.ts'

type Received = Extract<Birth, { kind: 'received' }>
type Originated = Extract<Birth, { kind: 'originated' }>

/** A call comes into being. Never refused: whether it may exist was decided before. */
export function begin(identity: { readonly id: CallId; readonly account: AccountId }, at: Instant, birth: Birth): Step {
  return birth.kind === 'received' ? receive(identity, at, birth) : originate(identity, at, birth)
}

function receive(identity: { readonly id: CallId; readonly account: AccountId }, at: Instant, birth: Received): Step {
  const { caller } = birth
  const direction =
    caller.endpoint.kind === 'number'
      ? 'inbound'
      : 'party' in birth.to && birth.to.party.endpoint.kind === 'number'
        ? 'outbound'
        : 'internal'
  const draft = new Draft(blank(identity, at, { direction, ani: birth.ani, dnis: birth.dnis }), at)
  draft.emit({ type: 'call.created', data: { direction, ani: birth.ani, dnis: birth.dnis } })
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

function originate(identity: { readonly id: CallId; readonly account: AccountId }, at: Instant, birth: Originated): Step {
  const [first] = birth.from
  const { to } = birth
  const direction = [to.endpoint, first?.endpoint].some((e) => e?.kind === 'number') ? 'outbound' : 'internal'
  const ani = first === undefined ? '' : addressOf(first.endpoint)
  const dnis = addressOf(to.endpoint)
  const draft = new Draft(blank(identity, at, { direction, ani, dnis }), at)
  draft.patch({
    offers: 1,
    next: { party: to.party, leg: to.leg, to: to.endpoint, role: to.role, ringTimeoutMs: birth.ringTimeoutMs },
    ...(birth.presented === undefined ? {} : { presented: birth.presented }),
    ...(birth.group === undefined ? {} : { group: birth.group }),
    ...(birth.reference === undefined ? {} : { reference: birth.reference }),
    ...(birth.application === undefined ? {} : { application: birth.application }),
  })
  draft.emit({ type: 'call.created', data: { direction, ani, dnis } })
  for (const from of birth.from) {
    const presented = presentation(to.endpoint)
    draft.invite({ as: from, to: from.endpoint, role: from.role, from: presented, ringTimeoutMs: birth.ringTimeoutMs, offer: 1 })
  }
  return finish(draft, first === undefined ? { on: 'now' } : { on: 'accepted', legs: birth.from.map((f) => f.leg) })
}

function blank(
  identity: { readonly id: CallId; readonly account: AccountId },
  at: Instant,
  numbers: { readonly direction: Call['direction']; readonly ani: string; readonly dnis: string },
): Call {
  return {
    ...identity,
    ...numbers,
    revision: 0,
    startedAt: at,
    parties: [],
    supervisions: [],
    wiring: { revision: 0, applied: 0, confirmed: [], sent: [] },
    seq: 0,
    offers: 0,
  }
}

/** A phone of the account handles calls; a number outside is a customer. */
export const roleOf = (endpoint: Endpoint): Role => (endpoint.kind === 'extension' ? 'agent' : 'customer')
