/** Lines: audio connections by which a supervisor takes part without a phone. They are opened once, and stay open from call to call. */
import Type from 'typebox'
import type { Refusal } from '../call/refusal.ts'
import type { DescribedLine, LineView } from '../control/line-words.ts'
import { type Answer, jsonAnswer } from '../http/answer.ts'
import { refuse } from '../http/refused.ts'
import { lineId } from '../kernel/ids.ts'
import type { Outcome } from '../kernel/outcome.ts'
import { base } from './answers.ts'
import { listQuery } from './calls.ts'
import { OpenLine, RenewLine } from './line-schemas.ts'
import type { Office } from './office.ts'
import { pageOf } from './paging.ts'
import { problemAnswer } from './problem.ts'
import { type Ask, pathOf, type Route, route } from './route.ts'
import { lineView } from './views.ts'

export const lineRoutes = (office: Office): readonly Route[] => [
  openLine(office),
  listLines(office),
  getLine(office),
  renewLine(office),
  closeLine(office),
  getIceServers(office),
]

const ofLine = { tag: 'Lines', need: 'supervise' } as const

function openLine({ desk }: Office): Route {
  return route({
    ...ofLine,
    id: 'openLine',
    summary: 'Open an audio connection (WebRTC) to listen and speak by; it belongs to the user or key that opens it',
    method: 'POST',
    url: `${base}/lines`,
    body: OpenLine,
    example: { offer: 'v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\n…', label: 'Wallboard' },
    success: { status: 201, schema: 'DescribedLine' },
    refusals: ['capacity-exceeded', 'engine-failed'],
    async handle(ask) {
      const opened = await desk.lines.open(ask.caller, ask.body)
      return described(opened, ask, 201)
    },
  })
}

function described(outcome: Outcome<DescribedLine, Refusal>, ask: Ask, status: number): Answer {
  if (!outcome.ok) return problemAnswer(outcome.error, ask.requestId)
  const { line, answer } = outcome.value
  const headers = status === 201 ? { Location: `${base}/lines/${line.id}` } : {}
  return jsonAnswer(status, JSON.stringify({ ...lineView(line), answer }), headers)
}

function listLines({ desk }: Office): Route {
  return route({
    ...ofLine,
    id: 'listLines',
    summary: 'Your lines, the oldest first',
    method: 'GET',
    url: `${base}/lines`,
    query: Type.Object(listQuery),
    success: { status: 200, schema: 'Line', list: true },
    refusals: [],
    handle({ caller, query }) {
      const { items, next } = pageOf(desk.lines.list(caller), query, (line) => ({ id: line.id, order: line.createdAt }))
      return jsonAnswer(200, JSON.stringify({ items: items.map(lineView), next }))
    },
  })
}

function getLine({ desk }: Office): Route {
  return route({
    ...ofLine,
    id: 'getLine',
    summary: 'A line of yours',
    method: 'GET',
    url: `${base}/lines/:line`,
    success: { status: 200, schema: 'Line' },
    refusals: ['resource-unknown'],
    handle(ask) {
      const line = desk.lines.get(ask.caller, lineId(pathOf(ask, 'line')))
      if (line === undefined) throw refuse('resource-unknown', { name: 'line', why: 'There is no such line.' })
      return lineAnswer(line)
    },
  })
}

const lineAnswer = (line: LineView): Answer => jsonAnswer(200, JSON.stringify(lineView(line)))

function renewLine({ desk }: Office): Route {
  return route({
    ...ofLine,
    id: 'renewLine',
    summary: 'Give a line a new connection, or restart its ICE: what it supervises goes on over it',
    method: 'PUT',
    url: `${base}/lines/:line`,
    body: RenewLine,
    success: { status: 200, schema: 'DescribedLine' },
    refusals: ['resource-unknown', 'wrong-state', 'engine-failed'],
    async handle(ask) {
      const renewed = await desk.lines.renew(ask.caller, lineId(pathOf(ask, 'line')), ask.body.offer)
      return described(renewed, ask, 200)
    },
  })
}

function closeLine({ desk }: Office): Route {
  return route({
    ...ofLine,
    id: 'closeLine',
    summary: 'Close a line; what it supervises ends',
    method: 'DELETE',
    url: `${base}/lines/:line`,
    success: { status: 200, schema: 'Line' },
    refusals: ['resource-unknown'],
    async handle(ask) {
      const closed = await desk.lines.close(ask.caller, lineId(pathOf(ask, 'line')))
      return closed.ok ? lineAnswer(closed.value) : problemAnswer(closed.error, ask.requestId)
    },
  })
}

function getIceServers({ iceServers }: Office): Route {
  return route({
    ...ofLine,
    id: 'getIceServers',
    summary: 'STUN and TURN servers for your connection, as a browser wants them',
    method: 'GET',
    url: `${base}/ice-servers`,
    success: { status: 200, schema: 'IceServers' },
    refusals: [],
    handle: ({ caller }) => jsonAnswer(200, JSON.stringify({ iceServers: iceServers?.(caller) ?? [] }), { 'Cache-Control': 'no-store' }),
  })
}
