/** What happened: call records, and who could hear whom. */
import Type, { type Static } from 'typebox'
import type { AuditEntry } from '../audit/chain.ts'
import { linesOf } from '../audit/lines.ts'
import { ArchiveUnavailable, type AuditSearch, type Page, type Soon } from '../audit/ports.ts'
import { names } from '../audit/sought.ts'
import type { OpenInterval } from '../audit/watch.ts'
import type { Cdr } from '../call/cdr.ts'
import { jsonAnswer } from '../http/answer.ts'
import { refuse } from '../http/refused.ts'
import { callId } from '../kernel/ids.ts'
import { type Instant, instant, rfc3339 } from '../kernel/time.ts'
import { base } from './answers.ts'
import { callFilter, callsWanted, isWanted } from './call-filter.ts'
import { listQuery } from './calls.ts'
import { callsSeenBy, seenPage } from './history-sight.ts'
import { auditView, cdrView, openView } from './history-views.ts'
import type { Office } from './office.ts'
import { type Ask, type Route, route } from './route.ts'
import { choice, optional, text } from './schemas.ts'

export const time = (description: string) => optional(text(64, { format: 'date-time', description: `${description} RFC 3339.` }))

const CdrFilter = Type.Object({
  from: time('Calls that began then or later.'),
  to: time('Calls that began before.'),
  direction: optional(choice(['inbound', 'outbound', 'internal'])),
  ...callFilter,
  ...listQuery,
})

const AuditFilter = Type.Object({
  call: optional(text(128, { description: 'A call id.' })),
  supervisor: optional(text(128, { description: 'His extension, agent id, or number outside.' })),
  from: time('What lasted beyond then.'),
  to: time('What began before.'),
  ...callFilter,
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
const auditing = { tag: 'History', method: 'GET', need: 'audit' } as const

function listCdrs({ history: { archive } }: Office): Route {
  return route({
    ...history,
    id: 'listCdrs',
    summary: 'Records of calls that have ended, the newest first',
    url: `${base}/cdrs`,
    query: CdrFilter,
    success: { status: 200, schema: 'CallRecord', list: true },
    refusals: mayBeAway,
    async handle({ caller, sight, query: { from, to, limit = usualLimit, cursor, group, text, ...rest } }) {
      const search = { account: caller.account, ...rest, ...spanOf({ from, to }) }
      const words = { ...(group === undefined ? {} : { group }), ...(text === undefined ? {} : { text }) }
      const sees = (cdr: Cdr) => sight.record(cdr) && isWanted(cdr, words)
      const read = (limit: number, cursor?: string) => archive.cdrs({ ...search, limit, ...(cursor === undefined ? {} : { cursor }) })
      const page = await readable(seenPage({ limit, cursor, page: read, sees }))
      if (page === 'bad-cursor') throw badCursor()
      return jsonAnswer(200, cdrPage(page))
    },
  })
}

const cdrPage = ({ items, next }: Page<Cdr>): string => JSON.stringify({ items: items.map(cdrView), next: next ?? null })

function listAudit(office: Office): Route {
  return route({
    ...auditing,
    id: 'listAudit',
    summary: 'Who could hear whom, from when to when, and on whose word; the oldest first, what still lasts at the end',
    url: `${base}/audit`,
    query: AuditFilter,
    success: { status: 200, schema: 'AuditEntry', list: true },
    refusals: mayBeAway,
    handle: async (ask) => jsonAnswer(200, JSON.stringify(await auditPage(office, ask))),
  })
}

/** Entries by number, then what is no entry yet. */
async function auditPage(office: Office, ask: Ask<unknown, Static<typeof AuditFilter>>): Promise<object> {
  const { account } = ask.caller
  const { limit = usualLimit, supervisor, call, cursor, from, to, ...wish } = ask.query
  const search = {
    ...{ account, ...spanOf({ from, to }) },
    ...(supervisor === undefined ? {} : { supervisor }),
    ...(call === undefined ? {} : { call: callId(call) }),
  }
  const [isSeen, wants] = [callsSeenBy(office, ask), callsWanted(office, ask, wish)]
  const sees = async (id: string | undefined) => (await isSeen(id)) && (await wants(id))
  const page = (most: number, cursor?: string) => entriesAfter(office, { ...search, after: placeOf(cursor), limit: most })
  const { items, next } = await readable(seenPage<AuditEntry, never>({ limit, cursor, page, sees: ({ fact }) => sees(fact.call) }))
  if (next !== undefined) return { items: items.map(auditView), next }
  const open = office.desk.openIntervals(account).filter((interval) => isSought(interval, search))
  const seen = await Promise.all(open.map(({ call }) => sees(call)))
  return { items: [...items.map(auditView), ...open.filter((_, i) => seen[i]).map(openView)], next: null }
}

/** One more is asked for than is given, to know whether there is one. */
async function entriesAfter({ history: { archive } }: Office, search: AuditSearch): Promise<Page<AuditEntry>> {
  const found = await archive.entries({ ...search, limit: search.limit + 1 })
  const items = found.slice(0, search.limit)
  return found.length > search.limit ? { items, next: String(items.at(-1)?.seq) } : { items }
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
    ...auditing,
    id: 'verifyAudit',
    summary: 'Whether the audit is whole: nothing edited, deleted, swapped, inserted or cut off',
    url: `${base}/audit/verify`,
    success: { status: 200, schema: 'AuditVerdict' },
    refusals: mayBeAway,
    async handle({ caller }) {
      const { head = null, pruned, ...verdict } = await readable(office.history.verify(caller.account))
      const since = pruned === undefined ? {} : { pruned: { at: rfc3339(pruned.at), before: rfc3339(pruned.before) } }
      return jsonAnswer(200, JSON.stringify({ ...verdict, ...since, head }), { 'Cache-Control': 'no-store' })
    },
  })
}

function exportAudit(office: Office): Route {
  return route({
    ...auditing,
    need: 'export',
    id: 'exportAudit',
    summary: 'The whole audit with its signed heads, as JSON lines; `sotto audit verify FILE` checks it anywhere',
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
export async function readable<T>(reading: Soon<T>): Promise<T> {
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
