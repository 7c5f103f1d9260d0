/** Commands about who is rung for a call that nobody has yet: the desk's part in a queue, a colleague who picks up, and the way back into a queue. */
import { addMs } from '../kernel/time.ts'
import { cannotComeIn } from './admit.ts'
import { type Call, connectedCore, liveCore } from './call.ts'
import type { Draft } from './draft.ts'
import type { Command } from './input.ts'
import { isConnected, isPending, type Party } from './party.ts'
import { endPendingTransfer, resume } from './settle-transfer.ts'
import { fetcherRole, shown } from './step-party.ts'
import { stopSupervising } from './stop-supervising.ts'
import { isOpen } from './supervision.ts'
import { done, refuse, type Verdict, wired } from './verdict.ts'

type Of<Kind extends Command['kind']> = Extract<Command, { kind: Kind }>

/** Rings the members of a group for the caller who waits. */
export function offer(draft: Draft, command: Of<'offer'>): Verdict {
  const { queue } = draft.call
  if (queue === undefined || queue.offering !== undefined) return refuse('wrong-state', 'The call does not wait for an agent.')
  const number = draft.nextOffer()
  draft.patch({ queue: { ...queue, offering: number } })
  for (const { as, endpoint } of command.to) {
    draft.invite({ as, to: endpoint, role: 'agent', from: shown(draft), ringTimeoutMs: command.ringTimeoutMs, offer: number })
  }
  return done
}

/** Nobody is free: the caller is answered, so that he hears music and not an endless ringing. */
export function wait(draft: Draft): Verdict {
  const caller = draft.call.parties.find((p) => p.state === 'offered')
  if (draft.call.queue === undefined || caller === undefined) return done
  draft.moveParty(caller.id, 'answering')
  draft.effect({ kind: 'answer', leg: caller.leg })
  return done
}

/** Another phone rings beside those that ring, or for a caller who waits in a queue. */
export function pickUp(draft: Draft, command: Of<'pick-up'>): Verdict {
  const { call } = draft
  if (call.parked !== undefined) return refuse('wrong-state', 'The call is parked.')
  const called = liveCore(call).filter((p) => isPending(p) && p.id !== call.transfer?.to)
  if (call.queue === undefined && called.length === 0) return refuse('wrong-state', 'Nobody is being called.')
  if (call.queue === undefined && connectedCore(call).length >= 2) return refuse('wrong-state', 'The call has been answered.')
  const { as, to, ringTimeoutMs } = command
  const refused = cannotComeIn(call, to)
  if (refused !== undefined) return refused
  const number = call.queue === undefined ? offerOf(draft, called) : offerOfQueue(draft, call.queue)
  draft.invite({ as, to, role: fetcherRole(call), from: command.shown ?? shown(draft), ringTimeoutMs, offer: number })
  return { confirm: { on: 'accepted', legs: [as.leg] } }
}

/** Whoever rings becomes an alternative to the one who picks up. */
function offerOf(draft: Draft, called: readonly Party[]): number {
  const number = draft.nextOffer()
  for (const party of called) draft.setParty(party.id, { offer: number })
  return number
}

function offerOfQueue(draft: Draft, queue: NonNullable<Call['queue']>): number {
  const number = queue.offering ?? draft.nextOffer()
  draft.patch({ queue: { ...queue, offering: number } })
  return number
}

/** The customer waits for a group, and all who served him leave. That the call was answered once stays true. */
export function requeue(draft: Draft, { group, queueMs }: Of<'requeue'>): Verdict {
  const waiting = whoWaits(draft.call)
  if (waiting === undefined) return refuse('wrong-state', 'There is nobody on the line who could wait.')
  if (draft.call.parked !== undefined) return refuse('wrong-state', 'The call is parked.')
  endPendingTransfer(draft)
  for (const supervision of draft.call.supervisions) if (isOpen(supervision)) stopSupervising(draft, supervision, 'target-left')
  for (const party of liveCore(draft.call)) {
    if (party.id === waiting.id || !serves(party)) continue
    draft.endParty(party.id, { reason: isConnected(party) ? 'transferred' : 'cancelled', hangUp: true })
  }
  for (const party of connectedCore(draft.call)) resume(draft, party.id)
  draft.patch({ group, queue: { group, since: draft.at, deadline: addMs(draft.at, queueMs) }, next: undefined })
  draft.emit({ type: 'call.queued', data: { group } })
  draft.effect({ kind: 'seek-agent', group, at: draft.at })
  return wired
}

/** The customer, or in a call without one whoever began it; if he is on the line. */
function whoWaits(call: Call): Party | undefined {
  const live = liveCore(call)
  const customers = live.filter((p) => p.role === 'customer')
  const first = customers.find(isConnected) ?? customers[0] ?? live.find((p) => !isPending(p))
  return first !== undefined && isConnected(first) ? first : undefined
}

const serves = ({ endpoint, role }: Party): boolean => endpoint.kind !== 'number' || role === 'agent'
