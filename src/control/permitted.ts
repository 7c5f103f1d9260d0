/** Whether a caller may give an order at all, before anybody asks whether it can be carried out. */
import { type Call, supervisionOf } from '../call/call.ts'
import { type Refusal, refusal } from '../call/refusal.ts'
import type { Directory } from '../directory/directory.ts'
import type { Verb } from '../directory/permissions.ts'
import { unreachable } from '../kernel/assert.ts'
import type { AccountId } from '../kernel/ids.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { CallCommand } from './admission.ts'
import type { OriginSelector, Selector, SupervisorSelector } from './command.ts'
import type { Invitation, Originate } from './origination.ts'
import type { Sight } from './rights.ts'
import type { StaffCommand } from './staff.ts'

type Verdict = Outcome<true, Refusal>
const permitted: Verdict = ok(true)

/** An order about a call. What he does not see is answered like what is not there. */
export function mayOrder(sight: Sight, command: CallCommand, { call, directory }: { call: Call; directory: Directory }): Verdict {
  if (!sight.call(call)) return fail(refusal('supervision' in command ? 'party-unknown' : 'call-unknown'))
  const wanted = verbsFor(command, call)
  const verb = wanted.find((one) => sight.may(one))
  if (verb === undefined) return fail(forbidden(command, wanted))
  if (!sight.mayTouch(call, verb) && !endsOwn(sight, command, call)) return fail(beyond(command))
  if (command.kind === 'supervise') return isOwnEar(sight, command.supervisor, { account: call.account, directory })
  const isOthers = (command.kind === 'change-supervision' || command.kind === 'take-over') && !isOwn(sight, command, call)
  return isOthers ? fail(refusal('forbidden', { why: 'The supervision is somebody else’s.' })) : permitted
}

/** He listens by his own phones and lines; whose the line is, is asked when it is looked for. */
function isOwnEar(sight: Sight, supervisor: SupervisorSelector, where: Where): Verdict {
  if ('line' in supervisor) return permitted
  const extension = extensionNamed(supervisor, where)
  if (extension !== undefined && sight.owns(extension)) return permitted
  return fail(refusal('endpoint-unknown', { why: 'This user listens by his own phones and lines only.' }))
}

/** One of them is enough. */
function verbsFor(command: CallCommand, call: Call): readonly Verb[] {
  switch (command.kind) {
    case 'supervise':
      return [command.mode]
    case 'change-supervision':
      return [command.mode ?? supervisionOf(call, command.supervision)?.mode ?? 'monitor']
    case 'end-supervision':
      return ['monitor', 'whisper', 'barge', 'take-over']
    case 'take-over':
      return ['take-over']
    case 'record':
      return ['record']
    default:
      return ['control']
  }
}

const isSupervising = ({ kind }: CallCommand): boolean => kind === 'supervise' || kind === 'change-supervision' || kind === 'take-over'

/** As of a phone that may not use this mode. */
const forbidden = (command: CallCommand, [verb = 'see']: readonly Verb[]): Refusal =>
  refusal(isSupervising(command) ? 'mode-not-allowed' : 'forbidden', { why: `The permissions of this user do not include ${verb}.` })

const beyond = (command: CallCommand): Refusal =>
  refusal(isSupervising(command) ? 'supervision-not-allowed' : 'forbidden', {
    why: 'The call is with people beyond the groups of this user.',
  })

/** Whoever attached himself may leave, wherever the call has gone since. */
const endsOwn = (sight: Sight, command: CallCommand, call: Call): boolean =>
  command.kind === 'end-supervision' && isOwn(sight, command, call)

/** The supervisor hears by a phone or a line of his. */
function isOwn(sight: Sight, { supervision }: Pick<Extract<CallCommand, { kind: 'end-supervision' }>, 'supervision'>, call: Call): boolean {
  const party = supervisionOf(call, supervision)?.party
  return call.parties.some(({ id, endpoint }) => id === party && sight.isSelf(endpoint))
}

/** An order about people. */
export function mayOrderStaff(sight: Sight, command: StaffCommand): Verdict {
  switch (command.kind) {
    case 'set-agent-state':
    case 'raise-hand':
      if (!sight.agent(command.agent)) return fail(refusal('endpoint-unknown'))
      return needs(sight, 'set-agent-state')
    case 'amend-extension':
      return needs(sight, 'administer')
    default:
      return unreachable(command)
  }
}

/** A call that does not exist yet: those whose phones ring for him first are his own, or in his groups. */
export function mayBegin(sight: Sight, command: Originate | Invitation, { account, directory }: Where): Verdict {
  const may = needs(sight, 'originate')
  if (!may.ok || command.kind !== 'originate' || sight.permissions.groups === 'all') return may
  return isWithin(sight, command.from, { account, directory })
}

interface Where {
  readonly account: AccountId
  readonly directory: Directory
}

function isWithin(sight: Sight, from: OriginSelector, where: Where): Verdict {
  if ('groups' in from) return from.groups.every((id) => sight.group(id)) ? permitted : fail(refusal('resource-unknown', { name: 'group' }))
  const extension = extensionNamed(from, where)
  return extension !== undefined && sight.extension(extension) ? permitted : fail(refusal('endpoint-unknown'))
}

function extensionNamed(from: Selector, { account, directory }: Where): string | undefined {
  if ('extension' in from) return from.extension
  if ('agent' in from) return directory.agent(account, from.agent)?.extension
  if (!('number' in from)) return undefined
  const dialled = directory.dial(account, from.number)
  return dialled.ok && dialled.value.kind === 'extension' ? dialled.value.extension.number : undefined
}

const needs = (sight: Sight, verb: Verb): Verdict =>
  sight.may(verb) ? permitted : fail(refusal('forbidden', { why: `The permissions of this user do not include ${verb}.` }))

/** What was permitted when a supervision began, and is not any more: the call has gone to people beyond the listener's groups. */
export function hasLost(listener: Sight | undefined, { before, now, mode }: { before: Call; now: Call; mode: Verb }): boolean {
  return listener?.mayTouch(before, mode) === true && !listener.mayTouch(now, mode)
}
