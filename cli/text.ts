/** Words and columns for people. */
import type { CallView, PartyView } from './views.ts'

export interface Screen {
  readonly columns: number
}

/** Names come from callers: nothing in them may move the cursor, colour the screen or turn the text around. */
export const clean = (text: string): string => text.replaceAll(/[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, '·')

const gap = '  '

/** Columns as wide as their widest text; lines that are too long for the screen are cut. */
export function tableOf(rows: readonly (readonly string[])[], { columns }: Screen): readonly string[] {
  const cleaned = rows.map((row) => row.map(clean))
  const widths = (cleaned[0] ?? []).map((_, at) => Math.max(...cleaned.map((row) => (row[at] ?? '').length)))
  const lines = cleaned.map((row) =>
    row
      .map((text, at) => text.padEnd(widths[at] ?? 0))
      .join(gap)
      .trimEnd(),
  )
  return lines.map((line) => (line.length > columns ? `${line.slice(0, Math.max(1, columns - 1))}…` : line))
}

/** `1:02:03`, `4:05`. */
export function durationOf(ms: number): string {
  const all = Math.max(0, Math.floor(ms / 1000))
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60]
  const two = (value: number) => String(value).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`
}

export const plainName = ({ name, extension, number, id }: Pick<PartyView, 'id' | 'name' | 'extension' | 'number'>): string =>
  name ?? extension ?? number ?? id

export function partyWords(party: PartyView): string {
  const address = party.extension ?? party.number
  const name = party.name !== undefined && address !== undefined && party.name !== address ? `${party.name} ${address}` : plainName(party)
  const how = [party.state === 'talking' ? [] : [party.state], party.muted ? ['muted'] : []].flat()
  return `${name} (${[party.role, ...how].join(', ')})`
}

export const callHead = ['CALL', 'STATE', 'FOR', 'FROM', 'TO', 'WHO IS IN IT', 'GROUP', 'SUPERVISED', 'REC'] as const

/** `now` in milliseconds. */
export function callRow(call: CallView, now: number): readonly string[] {
  const live = call.parties.filter(({ state }) => state !== 'ended')
  const there = live.filter(({ role }) => role !== 'supervisor').map(partyWords)
  const over = call.supervisions.filter(({ state }) => state !== 'ended')
  const supervised = over.map(({ mode, partyId }) => `${mode} by ${nameIn(call, partyId)}`)
  return [
    call.id,
    call.state,
    durationOf(now - Date.parse(call.startedAt)),
    call.ani,
    call.dnis,
    there.join(', '),
    call.group ?? '',
    supervised.join(', '),
    call.recording.state === 'off' ? '' : call.recording.state,
  ]
}

export function nameIn({ parties }: Pick<CallView, 'parties'>, id: string): string {
  const party = parties.find((one) => one.id === id)
  return party === undefined ? id : plainName(party)
}

/** Ten bars from -60 to 0 dBov. */
export function meterOf(dbov: number): string {
  const bars = Math.max(0, Math.min(10, Math.round((dbov + 60) / 6)))
  return '▮'.repeat(bars) + '▯'.repeat(10 - bars)
}

export const timeOf = (rfc3339: string): string => rfc3339.slice(11, 19)
