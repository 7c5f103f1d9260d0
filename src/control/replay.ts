import { abandon } from '../call/abandon.ts'
import { begin } from '../call/begin.ts'
import type { Call } from '../call/call.ts'
import type { Step } from '../call/finish.ts'
import { step } from '../call/step.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { DeskChange } from './journal.ts'

export type CallChange = Extract<DeskChange, { kind: 'born' | 'input' | 'abandoned' }>

/** Works once more what was written down of a call: the same comes of the same. Why not, where it does not. */
export function replayed(record: CallChange, before: Call | undefined): Outcome<Step, string> {
  if (record.kind === 'born') return ok(begin({ id: record.call, account: record.account, serial: record.serial }, record.at, record.birth))
  if (before === undefined) return fail(`${record.kind} of an unknown call`)
  if (record.kind === 'abandoned') return ok(abandon(before, record.at))
  try {
    const stepped = step(before, record.at, record.input)
    return stepped.ok ? stepped : fail(`${record.input.kind} is refused now: ${stepped.error.code}`)
  } catch (error) {
    return fail(String(error))
  }
}
