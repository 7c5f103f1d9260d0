/** The entries of the audit as people ask for them: call by call, and within a call who could hear whom, and when. */
import { personName } from './people.ts'
import type { AuditEntry } from './types.ts'

export interface HeardSpan {
  readonly from: string
  /** Null while it lasts. */
  readonly to: string | null
  readonly mode: string | undefined
}

/** All intervals in which one could hear the other. */
export interface Lane {
  readonly key: string
  readonly listener: string
  readonly talker: string
  readonly isSupervisorHeard: boolean
  readonly spans: readonly HeardSpan[]
}

export interface Case {
  readonly callId: string | undefined
  readonly lanes: readonly Lane[]
  readonly refused: readonly AuditEntry[]
  readonly entries: readonly AuditEntry[]
}

/** The call in which something happened last comes first. */
export function casesOf(entries: readonly AuditEntry[]): readonly Case[] {
  const byCall = new Map<string | undefined, AuditEntry[]>()
  for (const entry of entries) byCall.set(entry.callId, [...(byCall.get(entry.callId) ?? []), entry])
  const cases = [...byCall].map(([callId, own]): Case => ({ callId, entries: own, lanes: lanesOf(own), refused: own.filter(isRefusal) }))
  return cases.sort((a, b) => lastOf(b) - lastOf(a))
}

const isRefusal = ({ kind }: AuditEntry): boolean => kind.endsWith('.denied') || kind === 'supervision.refused'
const lastOf = ({ entries }: Case): number => Math.max(...entries.map(({ at, to }) => Date.parse(to ?? at)))

function lanesOf(entries: readonly AuditEntry[]): readonly Lane[] {
  const lanes = new Map<string, Lane>()
  for (const entry of entries) {
    const pair = hearingOf(entry)
    if (pair === undefined || entry.from === undefined) continue
    const { key, ...about } = pair
    const span = { from: entry.from, to: entry.to ?? null, mode: entry.mode }
    lanes.set(key, { key, ...about, spans: [...(lanes.get(key)?.spans ?? []), span] })
  }
  return [...lanes.values()]
}

/** `could` is said of the supervisor. */
export function hearingOf(entry: AuditEntry): Omit<Lane, 'spans'> | undefined {
  const { kind, could, supervisor, other } = entry
  if (kind !== 'hearing' || supervisor === undefined || other === undefined) return undefined
  const [listener, talker] = could === 'hear' ? [supervisor, other] : [other, supervisor]
  return {
    key: `${listener.partyId}<${talker.partyId}`,
    listener: personName(listener),
    talker: personName(talker),
    isSupervisorHeard: could === 'be-heard',
  }
}

export interface Stretch {
  readonly fromMs: number
  readonly toMs: number
}

/** From the first moment of any lane to the last; what still lasts reaches to now. */
export function stretchOf(lanes: readonly Lane[], nowMs: number): Stretch {
  const spans = lanes.flatMap((lane) => lane.spans)
  const fromMs = Math.min(...spans.map(({ from }) => Date.parse(from)))
  const toMs = Math.max(...spans.map(({ to }) => (to === null ? nowMs : Date.parse(to))))
  return { fromMs, toMs: Math.max(toMs, fromMs + 1) }
}

/** Left and width in hundredths of the stretch; what lasted a moment is still to be seen. */
export function placeOn({ fromMs, toMs }: Stretch, { from, to }: HeardSpan): { readonly left: number; readonly width: number } {
  const whole = toMs - fromMs
  const left = Math.min(99.5, Math.max(0, (100 * (Date.parse(from) - fromMs)) / whole))
  const width = to === null ? 100 - left : (100 * (Date.parse(to) - Date.parse(from))) / whole
  return { left, width: Math.min(100 - left, Math.max(0.5, width)) }
}
