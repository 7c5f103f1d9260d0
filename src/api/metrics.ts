import { callState } from '../call/call.ts'
import { isOpen } from '../call/supervision.ts'
import type { FrontDesk } from '../control/command.ts'
import type { AccountId } from '../kernel/ids.ts'

/** One number as it is now. Samples of one name have the same labels. */
export interface Sample {
  readonly name: string
  readonly help: string
  readonly kind: 'gauge' | 'counter'
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface HttpExchange {
  readonly method: string
  /** The pattern, never the path: a label must not grow with the traffic. */
  readonly route: string
  readonly status: number
  readonly seconds: number
}

/** Where measurements go. `edge/metrics.ts` implements it. */
export interface Metrics {
  readonly contentType: string
  exchange(exchange: HttpExchange): void
  /** The text of the scrape. */
  text(): Promise<string>
}

/** What the desk looks like now, over all accounts; taken when somebody scrapes. */
export function deskSamples(desk: FrontDesk, accounts: readonly AccountId[]): readonly Sample[] {
  const calls = new Map<string, number>([
    ['queued', 0],
    ['ringing', 0],
    ['active', 0],
    ['held', 0],
  ])
  const supervisions = new Map<string, number>([
    ['monitor', 0],
    ['whisper', 0],
    ['barge', 0],
  ])
  for (const call of accounts.flatMap((account) => desk.calls(account))) {
    count(calls, callState(call))
    for (const supervision of call.supervisions.filter(isOpen)) count(supervisions, supervision.mode)
  }
  return [
    ...samplesOf('sotto_calls', { help: 'Live calls by state.', label: 'state' }, calls),
    ...samplesOf('sotto_supervisions', { help: 'Open supervisions by mode.', label: 'mode' }, supervisions),
  ]
}

const count = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1)

function samplesOf(name: string, { help, label }: { help: string; label: string }, counts: ReadonlyMap<string, number>): readonly Sample[] {
  return [...counts].map(([value, number]) => ({ name, help, kind: 'gauge', labels: { [label]: value }, value: number }))
}
