import { english, type HistoryKey, h } from '../../strings/history.ts'
import { endWords } from '../../strings/index.ts'
import { hearingOf } from './audit-cases.ts'
import { spanWords } from './audit-lanes.tsx'
import { Moment } from './list.tsx'
import { personName } from './people.ts'
import type { AuditEntry } from './types.ts'

const columns = ['seq', 'time', 'what', 'by', 'why'] as const

/** Each entry as it is kept, in words. */
export function EntryTable({ entries }: { readonly entries: readonly AuditEntry[] }) {
  return (
    <div class="table-box">
      <table class="records entries">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {h(`audit.col.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.seq ?? `${entry.from}${entryWords(entry)}`}>
              <td class="num" title={entry.hash}>
                {entry.seq ?? '–'}
              </td>
              <td>{entry.from === undefined ? <Moment at={entry.at} /> : <span class="num">{spanWords(spanOf(entry))}</span>}</td>
              <td>{entryWords(entry)}</td>
              <td>{askerOf(entry)}</td>
              <td>{whyOf(entry)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const spanOf = ({ from = '', to, mode }: AuditEntry) => ({ from, to: to ?? null, mode })

export function entryWords(entry: AuditEntry): string {
  const { kind, mode, act = '', requested = '–', upTo = 0, entries = [] } = entry
  const key = `kind.${kind}`
  if (!(key in english)) return kind
  const does = mode === undefined ? '' : h(`does.${mode}`)
  const pair = hearingOf(entry)
  return h(key as HistoryKey, {
    ...{ who: personName(entry.supervisor), mode: does, act, requested, upTo, count: entries.length },
    ...(pair === undefined ? {} : { listener: pair.listener, talker: pair.talker }),
  })
}

/** Somebody by his user, else by the role of the key. */
function askerOf({ by }: AuditEntry): string {
  if (by === undefined) return '–'
  const who = by.user ?? by.credential ?? ''
  return [by.role, who, by.via === 'native' ? undefined : by.via].filter((word) => word !== undefined && word !== '').join(' · ')
}

export function whyOf({ reason = '', code }: AuditEntry): string {
  const key = `why.${reason}`
  return code ?? (key in english ? h(key as HistoryKey) : endWords(reason))
}
