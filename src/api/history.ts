/** What happened: call records, and who could hear whom. */
import Type, { type Static } from 'typebox'
import { linesOf } from '../audit/lines.ts'
import { ArchiveUnavailable, type Page, type Soon } from '../audit/ports.ts'
import { names } from '../audit/sought.ts'
import type { OpenInterval } from '../audit/watch.ts'
import type { Cdr } from '../call/cdr.ts'
import { jsonAnswer } from '../http/answer.ts'
import { refuse } from '../http/refused.ts'
import { type AccountId, callId } from '../kernel/ids.ts'
import { type Instant, instant } from '../kernel/time.ts'
import { base } from './answers.ts'
import { listQuery } from './calls.ts'
import { auditView, cdrView, openView } from './history-views.ts'
import type { Office } from './office.ts'
import { type Route, route } from './route.ts'
import { choice, optional, text } from './schemas.ts'

export const time = (description: string) => optional(text(64, { format: 'date-time', description: `${description} RFC 3339.` }))

const CdrFilter = Type.Object({
  from: time('Calls that began then or later.'),
  to: time('Calls that began before.'),
  direction: optional(choice(['inbound', 'outbound', 'internal'])),
  agent: optional(text(128, { description: 'An agent who was connected.' })),
  number: optional(text(64, { description: 'Of the caller, as dialled, or of anybody who was connected.' })),
  ...listQuery,
})

const AuditFilter = Type.Object({
  call: optional(text(128, { description: 'A call id.' })),
  supervisor: optional(text(128, { description: 'His extension, agent id, or number outside.' })),
  from: time('What lasted beyond then.'),
  to: time('What began before.'),
  ...listQuery,
})

export const historyRoutes = (office: Office): readonly Route[] => [
  listCdrs(office),
  listAudit(office),
  verifyAudit(office),
  exportAudit(office),
]

const usualLimit = 50
const mayBeAway = ['capacity-exceeded'] as const
const history = { tag: 'History', method: 'GET', need: 'read' } as const

function listCdrs({ history: { archive } }: Office): Route {
  return route({
    ...history,
    id: 'listCdrs',
    summary: 'Records of calls that have ended, the newest first',
    url: `${base}/cdrs`,
    query: CdrFilter,
    success: { status: 200, schema: 'CallRecord', list: true },
    refusals: mayBeAway,
    async handle({ caller, query: { from, to, limit = usualLimit, cursor, ...rest } }) {
      const span = spanOf({ from, to })
      const page = await readable(
        archive.cdrs({ account: caller.account, limit, ...rest, ...span, ...(cursor === undefined ? {} : { cursor }) }),
      )
      if (page === 'bad-cursor') throw badCursor()
      return jsonAnswer(200, cdrPage(page))
    },
  })
}

const cdrPage = ({ items, next }: Page<Cdr>): string => JSON.stringify({ items: items.map(cdrView), next: next ?? null })

function listAudit(office: Office): Route {
  return route({
    ...history,
    id: 'listAudit',
    summary: 'Who could hear whom, from when to when, and on whose word; the oldest first, what still lasts at the end',
    url: `${base}/audit`,
    query: AuditFilter,
    success: { status: 200, schema: 'AuditEntry', list: true },
    refusals: mayBeAway,
    handle: async ({ caller, query }) => jsonAnswer(200, JSON.stringify(await auditPage(office, caller.account, query))),
  })
}

/** Entries by number, then what is no entry yet. */
async function auditPage({ history: { archive }, desk }: Office, account: AccountId, query: Static<typeof AuditFilter>): Promise<object> {
  const { limit = usualLimit, supervisor, call } = query
  const search = {
    ...{ account, after: placeOf(query.cursor), limit: limit + 1, ...spanOf(query) },
    ...(supervisor === undefined ? {} : { supervisor }),
    ...(call === undefined ? {} : { call: callId(call) }),
  }
  const found = await readable(archive.entries(search))
  const items = found.slice(0, limit)
  if (found.length > limit) return { items: items.map(auditView), next: String(items.at(-1)?.seq) }
  const open = desk.openIntervals(account).filter((interval) => isSought(interval, search))
  return { items: [...items.map(auditView), ...open.map(openView)], next: null }
}

interface Sought {
  readonly supervisor?: string
  readonly call?: string
  readonly to?: Instant
}

function isSought(open: OpenInterval, { supervisor, call, to }: Sought): boolean {
  const isHis = supervisor === undefined || names(open, supervisor)
  return isHis && (call === undefined || open.call === call) && (to === undefined || open.from < to)
}

function verifyAudit(office: Office): Route {
  return route({
    ...history,
    id: 'verifyAudit',
    summary: 'Whether the audit is whole: nothing edited, deleted, swapped, inserted or cut off',
    url: `${base}/audit/verify`,
    success: { status: 200, schema: 'AuditVerdict' },
    refusals: mayBeAway,
    async handle({ caller }) {
      const { head = null, ...verdict } = await readable(office.history.verify(caller.account))
      return jsonAnswer(200, JSON.stringify({ ...verdict, head }), { 'Cache-Control': 'no-store' })
    },
  })
}

function exportAudit(office: Office): Route {
  return route({
    ...history,
    id: 'exportAudit',
    summary: 'The whole audit with its signed heads, as JSON lines; `node src/audit-cli.ts verify FILE` checks it anywhere',
    url: `${base}/audit/export`,
    success: { status: 200, schema: 'AuditLine', type: 'application/jsonl' },
    refusals: mayBeAway,
    async handle({ caller }) {
      const lines = [...linesOf(await readable(office.history.file(caller.account)))].join('')
      return { status: 200, headers: { 'Content-Type': 'application/jsonl', 'Cache-Control': 'no-store' }, body: lines }
    },
  })
}

/** Calls do not need the history; whoever reads it may come again. */
async function readable<T>(reading: Soon<T>): Promise<T> {
  try {
    return await reading
  } catch (error) {
    throw error instanceof ArchiveUnavailable ? refuse('capacity-exceeded', { why: error.message }) : error
  }
}

export function spanOf({ from, to }: { readonly from?: string | undefined; readonly to?: string | undefined }) {
  return { ...(from === undefined ? {} : { from: timeAt('from', from) }), ...(to === undefined ? {} : { to: timeAt('to', to) }) }
}

/** RFC 3339 §5.6: date, time and offset, all three. */
function timeAt(name: string, said: string): Instant {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(said) ? Date.parse(said) : Number.NaN
  if (!Number.isNaN(ms)) return instant(ms)
  throw refuse('parameter-invalid', { name, why: `Parameter "${name}" must be a time such as 2026-11-20T12:00:00Z.` })
}

function placeOf(cursor: string | undefined): number {
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) throw badCursor()
  return Number(cursor ?? 0)
}

export const badCursor = () =>
  refuse('parameter-invalid', { name: 'cursor', why: 'Parameter "cursor" must come from the "next" of an earlier answer.' })
