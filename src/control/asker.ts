/** On whose word something was done, for the audit. */
import type { AccessDeniedFact, DeniedFact } from '../audit/fact.ts'
import type { AskedBy } from '../call/event.ts'
import type { Command } from '../call/input.ts'
import type { RefusalCode } from '../call/refusal.ts'
import type { Attempt, Caller, DeskCommand, SupervisorSelector } from './command.ts'

export function askerOf({ role, user, credential, via }: Caller): AskedBy {
  return {
    role,
    ...(user === undefined ? {} : { user }),
    ...(credential === undefined ? {} : { credential }),
    ...(via === undefined ? {} : { via }),
  }
}

/** The command with its asker, where the audit wants to know. */
export function asked(command: Command, caller: Caller): Command {
  switch (command.kind) {
    case 'supervise':
    case 'change-supervision':
    case 'end-supervision':
    case 'take-over':
      return { ...command, by: askerOf(caller) }
    default:
      return command
  }
}

/** Undefined for what has nothing to do with supervision. */
export function deniedFact(caller: Caller, command: DeskCommand, code: RefusalCode): DeniedFact | undefined {
  const { kind } = command
  const denied = { kind: 'supervision.denied', by: askerOf(caller), code } as const
  switch (kind) {
    case 'supervise':
      return { ...denied, act: kind, call: command.call, mode: command.mode, supervisor: named(command.supervisor) }
    case 'change-supervision':
      return { ...denied, act: kind, supervision: command.supervision, ...(command.mode === undefined ? {} : { mode: command.mode }) }
    case 'end-supervision':
    case 'take-over':
      return { ...denied, act: kind, supervision: command.supervision }
    default:
      return undefined
  }
}

/** What was refused for want of permission, as the audit says it. */
export function attemptFact(caller: Caller, { act, code, call, supervision, mode, about }: Attempt): DeniedFact | AccessDeniedFact {
  const by = askerOf(caller)
  const inCall = call === undefined ? {} : { call }
  if (!isSupervising(act)) return { kind: 'access.denied', act, by, code, ...inCall, ...(about === undefined ? {} : { about }) }
  const of = { ...inCall, ...(supervision === undefined ? {} : { supervision }), ...(mode === undefined ? {} : { mode }) }
  return { kind: 'supervision.denied', act, by, code, ...of }
}

const isSupervising = (act: string): act is DeniedFact['act'] =>
  act === 'supervise' || act === 'change-supervision' || act === 'end-supervision' || act === 'take-over'

function named(selector: SupervisorSelector): string {
  const [[kind, value] = ['', '']] = Object.entries(selector)
  return `${kind} ${value}`
}
