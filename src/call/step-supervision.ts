import { limits } from '../kernel/limits.ts'
import { isFull } from './admit.ts'
import { type Call, connectedCore, handlingParty, partyOf, supervisionOf } from './call.ts'
import { asked, type Draft, facts } from './draft.ts'
import { type Endpoint, extensionOf, sameEndpoint } from './endpoint.ts'
import type { Asked } from './event.ts'
import type { Command } from './input.ts'
import { isConnected, isCore, isLive, type Party } from './party.ts'
import type { Refusal } from './refusal.ts'
import { mayBeTarget } from './settle-supervision.ts'
import { endPendingTransfer, resume } from './settle-transfer.ts'
import { shown } from './step-party.ts'
import { stopSupervising } from './stop-supervising.ts'
import { isOpen, type Supervision } from './supervision.ts'
import { done, type Refused, refuse, refuseParameter, type Verdict, wired } from './verdict.ts'

type Supervise = Extract<Command, { kind: 'supervise' }>
type Change = Extract<Command, { kind: 'change-supervision' }>
type End = Extract<Command, { kind: 'end-supervision' }>
type TakeOver = Extract<Command, { kind: 'take-over' }>

/** Rings the supervisor; the second request of one who is here already changes his mode in place. */
export function supervise(draft: Draft, command: Supervise): Verdict {
  const { call } = draft
  if (command.supervisor.account !== call.account) return refuse('call-unknown')
  const existing = supervisionAt(call, command.supervisor)
  if (existing !== undefined) return again(draft, existing, command)
  const refused = cannotSupervise(call, command)
  if (refused !== undefined) return refused
  const target = targetOf(call, command.target)
  if ('refusal' in target) return target
  const { id, as, mode, follow, hearPeers } = command
  draft.invite({
    as,
    to: command.supervisor,
    role: 'supervisor',
    from: command.shown ?? shown(draft),
    ringTimeoutMs: command.ringTimeoutMs,
    autoAnswer: command.autoAnswer,
  })
  const supervision: Supervision = {
    ...{ id, mode, follow, hearPeers, revision: 1, party: as.party, target: target.id },
    ...{ private: command.private, state: 'ringing', startedAt: draft.at },
  }
  draft.patch({ supervisions: [...draft.call.supervisions, supervision] })
  draft.emit({ type: 'supervision.requested', data: { ...facts(supervision), follow, ...asked(command.by) } })
  return { confirm: { on: 'accepted', legs: [as.leg] }, supervision: id }
}

function cannotSupervise(call: Call, command: Supervise): Refused | undefined {
  if (call.parties.some((p) => isLive(p) && isSomebodyHere(p, command.supervisor))) {
    return refuse('wrong-state', 'The supervisor takes part in this call already.')
  }
  if (call.supervisions.filter(isOpen).length >= limits.supervisionsPerCall) return refuse('supervisor-limit')
  const full = isFull(call)
  if (full !== undefined) return full
  if (command.private && command.mode !== 'whisper') return refuseParameter('private', 'Only a whisper can be private.')
  return undefined
}

/** A phone that is here already; or whoever speaks here by his phone, and would hear himself by his line. */
function isSomebodyHere({ endpoint, role }: Party, supervisor: Endpoint): boolean {
  const isHisPhone = supervisor.kind === 'line' && role !== 'supervisor' && extensionOf(endpoint) === supervisor.extension
  return sameEndpoint(endpoint, supervisor) || (isHisPhone && supervisor.extension !== undefined)
}

function supervisionAt(call: Call, endpoint: Endpoint): Supervision | undefined {
  const isHis = (party: Party | undefined): boolean => party !== undefined && sameEndpoint(party.endpoint, endpoint)
  return call.supervisions.find((s) => isOpen(s) && isHis(partyOf(call, s.party)))
}

/** Whether this phone supervises the call, or rings for it. */
export const supervises = (call: Call, endpoint: Endpoint): boolean => supervisionAt(call, endpoint) !== undefined

function again(draft: Draft, existing: Supervision, command: Supervise): Verdict {
  const target = targetOf(draft.call, command.target)
  if ('refusal' in target) return target
  const same = existing.mode === command.mode && existing.target === target.id && existing.private === command.private
  if (same) return refuse('already-supervised-by-you')
  return change(draft, existing, { mode: command.mode, target, private: command.private, ...asked(command.by) })
}

export function changeSupervision(draft: Draft, command: Change): Verdict {
  const existing = supervisionOf(draft.call, command.supervision)
  if (existing === undefined) return refuse('party-unknown')
  if (!isOpen(existing)) return refuse('wrong-state', 'The supervision has ended.')
  const target = command.target === undefined ? draft.party(existing.target) : targetOf(draft.call, command.target)
  if ('refusal' in target) return target
  const mode = command.mode ?? existing.mode
  const isPrivate = command.private ?? (mode === 'whisper' && existing.private)
  return change(draft, existing, { mode, target, private: isPrivate, ...asked(command.by) })
}

function change(
  draft: Draft,
  existing: Supervision,
  to: Asked & { readonly mode: Supervision['mode']; readonly target: Party; readonly private: boolean },
): Verdict {
  if (to.private && to.mode !== 'whisper') return refuseParameter('private', 'Only a whisper can be private.')
  const verdict: Verdict = { ...wired, supervision: existing.id }
  if (existing.mode === to.mode && existing.target === to.target.id && existing.private === to.private) return verdict
  const changed = draft.setSupervision(existing.id, { mode: to.mode, target: to.target.id, private: to.private })
  draft.emit({ type: 'supervision.mode-changed', data: { ...facts(changed), ...asked(to.by) } })
  return verdict
}

/** Finds whom to coach, and checks that he may be a target. A number outside may be one where the handling party may. */
function targetOf(call: Call, wanted: Supervise['target']): Party | Refused {
  const party = wanted === 'agent' ? handlingParty(call) : wanted === 'customer' ? customerOf(call) : partyOf(call, wanted)
  if (party === undefined) {
    const isRole = wanted === 'agent' || wanted === 'customer'
    return isRole ? refuse('wrong-state', `The call has no ${wanted} on the line.`) : refuse('party-unknown')
  }
  if (!isCore(party)) return refuseParameter('target', 'A supervisor cannot be a target.')
  if (!isConnected(party)) return refuse('wrong-state', 'The target is not connected.')
  const handling = handlingParty(call)
  const allowed = mayBeTarget(party) && (party.endpoint.kind !== 'number' || handling === undefined || mayBeTarget(handling))
  return allowed ? party : refuse('supervision-not-allowed')
}

/** Whether he whom a request names may be supervised, for whoever checks a request before the supervisor is looked for. */
export function refusesTarget(call: Call, wanted: Supervise['target']): Refusal | undefined {
  const target = targetOf(call, wanted)
  return 'refusal' in target ? target.refusal : undefined
}

function customerOf(call: Call): Party | undefined {
  const core = connectedCore(call)
  const handling = handlingParty(call)
  return core.find((p) => p.role === 'customer') ?? core.find((p) => p.id !== handling?.id)
}

export function endSupervision(draft: Draft, { supervision: id, reason, by }: End): Verdict {
  const supervision = supervisionOf(draft.call, id)
  if (supervision === undefined) return refuse('party-unknown')
  if (!isOpen(supervision)) return { ...done, supervision: id }
  stopSupervising(draft, supervision, reason ?? 'ended-by-request', by)
  return { ...wired, supervision: id }
}

/** The supervisor becomes the handling party; the one who handled the call leaves. */
export function takeOver(draft: Draft, { supervision: id, by }: TakeOver): Verdict {
  const supervision = supervisionOf(draft.call, id)
  if (supervision === undefined) return refuse('party-unknown')
  if (supervision.state !== 'active') return refuse('wrong-state', 'The supervisor is not on the line.')
  const target = draft.party(supervision.target)
  const replaced = target.role === 'customer' ? handlingParty(draft.call) : target
  if (draft.call.parked !== undefined) return refuse('wrong-state', 'The call is parked.')
  if (replaced === undefined || !isConnected(replaced)) return refuse('wrong-state', 'Nobody handles this call now.')
  draft.endSupervision(id, 'taken-over', by)
  join(draft, draft.party(supervision.party), replaced.role)
  endPendingTransfer(draft)
  // Whoever was on hold for the party who leaves is not left there.
  for (const party of connectedCore(draft.call)) resume(draft, party.id)
  draft.endParty(replaced.id, { reason: 'taken-over', hangUp: true })
  draft.emit({ type: 'call.transferred', data: { from: replaced.id, to: supervision.party, how: 'take-over' } })
  return { ...wired, supervision: id }
}

/** From supervisor to party of the conversation: he can be heard, and whether his own phone holds is the call's concern from now on. */
function join(draft: Draft, { id, leg, muted, phoneHeld }: Party, role: Party['role']): void {
  draft.setParty(id, { role, muted: false })
  draft.effect({ kind: 'set-voice', leg, voice: 'core' })
  draft.emit({ type: 'party.role', data: { party: id, role } })
  if (muted) draft.emit({ type: 'party.unmuted', data: { party: id } })
  if (phoneHeld) draft.emit({ type: 'call.held', data: { party: id } })
}
