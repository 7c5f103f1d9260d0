/** On whose word something was done, for the audit. */
import type { DeniedFact } from '../audit/fact.ts'
import type { AskedBy } from '../call/event.ts'
import type { Command } from '../call/input.ts'
import type { RefusalCode } from '../call/refusal.ts'
import type { Caller, DeskCommand, Selector } from './command.ts'

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

function named(selector: Selector): string {
  const [[kind, value] = ['', '']] = Object.entries(selector)
  return `${kind} ${value}`
}
