import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { browserSdp } from '../../testkit/browser-sdp.ts'
import { aCall, accountA, aSupervision, noon, supervised } from '../../testkit/desk.ts'
import { lineId, supervisionId } from '../kernel/ids.ts'
import { ok } from '../kernel/outcome.ts'

let server: TestServer
before(async () => {
  server = await startApi()
})
after(() => server.close())
beforeEach(() => server.desk.clear())

const offer = browserSdp()
const open = async (key: string = keys.supervisor, label?: string) =>
  await server.ask('POST /lines', { key, body: { offer, ...(label !== undefined && { label }) } })

test('a line is opened with an offer, which is handed on as it came, and answered with where it is and our description', async () => {
  const { status, headers, json } = await open(keys.supervisor, 'Wall')
  assert.deepEqual([status, headers.get('location')], [201, `/sotto/v1/lines/${json.id}`])
  assert.deepEqual([json.state, json.label, json.user, json.answer], ['connecting', 'Wall', '13', 'v=0'])
  assert.equal(json.owner, undefined)
  assert.equal(server.desk.lines.offers.at(-1), offer)
})

test('it is there for its owner and for nobody else', async () => {
  const { json: line } = await open()
  const path = `/lines/${line.id}`
  assert.equal((await server.ask(`GET ${path}`, { key: keys.supervisor })).json.id, line.id)
  const { json: own } = await server.ask('GET /lines', { key: keys.supervisor })
  assert.ok(own.items.some(({ id }: { id: string }) => id === line.id))
  assert.deepEqual((await server.ask('GET /lines', { key: keys.admin })).json, { items: [], next: null })
  for (const [method, body] of [['GET'], ['PUT', { offer }], ['DELETE']] as const) {
    const { status, json } = await server.ask(`${method} ${path}`, { key: keys.admin, ...(body && { body }) })
    assert.deepEqual([status, json.code], [404, 'resource-unknown'])
  }
})

test('it is renewed with another offer, and closed', async () => {
  const { json: line } = await open()
  const again = browserSdp({ ufrag: 'again' })
  const renewed = await server.ask(`PUT /lines/${line.id}`, { key: keys.supervisor, body: { offer: again } })
  assert.deepEqual([renewed.status, renewed.json.id, renewed.json.answer], [200, line.id, 'v=0'])
  assert.equal(server.desk.lines.offers.at(-1), again)
  const closed = await server.ask(`DELETE /lines/${line.id}`, { key: keys.supervisor })
  assert.deepEqual([closed.status, closed.json.state], [200, 'closed'])
  assert.equal((await server.ask(`DELETE /lines/${line.id}`, { key: keys.supervisor })).status, 404)
})

test('who may not supervise has no lines; an offer is a text of some length', async () => {
  assert.equal((await open(keys.observer)).status, 403)
  for (const body of [{}, { offer: '' }, { offer: 'v'.repeat(40_000) }]) {
    const { status, json } = await server.ask('POST /lines', { key: keys.supervisor, body })
    assert.deepEqual([status, json.parameter], [422, 'offer'])
  }
})

test('a line supervises like a phone, and its party says which line it is', async () => {
  const call = supervised(aCall('c1'), aSupervision('s1'))
  server.desk.put(call)
  server.desk.answers(() => ok({ call, supervision: supervisionId('s1') }))
  const body = { supervisor: { line: 'n_1' }, mode: 'monitor' }
  assert.equal((await server.ask('POST /calls/c1/supervisions', { key: keys.supervisor, body })).status, 201)
  assert.deepEqual(server.desk.requests.at(-1)?.command, { kind: 'supervise', call: 'c1', supervisor: { line: 'n_1' }, mode: 'monitor' })
  const both = { supervisor: { line: 'n_1', extension: '101' }, mode: 'monitor' }
  assert.equal((await server.ask('POST /calls/c1/supervisions', { key: keys.supervisor, body: both })).status, 422)
})

test('what becomes of a line is told to its owner only', async () => {
  const line = { id: lineId('n_9'), state: 'lost', createdAt: noon, owner: 'user 13', user: '13' } as const
  const reading = (key: string) => fetch(`${server.url}/sotto/v1/events?types=line.state`, { headers: { Authorization: `Bearer ${key}` } })
  const [his, other] = await Promise.all([reading(keys.supervisor), reading(keys.admin)])
  server.desk.lineChanged(accountA, line)
  const [first] = await firstEvents(his)
  assert.deepEqual(
    [first?.type, first?.seq, first?.data],
    ['line.state', 0, { id: 'n_9', state: 'lost', user: '13', createdAt: '2026-11-20T12:00:00.250Z' }],
  )
  const second = { ...line, owner: (await ownerOfAdmin()) ?? '' }
  server.desk.lineChanged(accountA, second)
  const [told] = await firstEvents(other)
  assert.equal(told?.data.state, 'lost')
  assert.equal(told?.id === first?.id, false, 'the first one was none of his')
})

/** As the desk knows the key's holder. */
async function ownerOfAdmin(): Promise<string | undefined> {
  const { json } = await open(keys.admin)
  const call = aCall('c2')
  server.desk.put(call)
  server.desk.answers(() => ok({ call }))
  await server.ask('DELETE /calls/c2', { key: keys.admin })
  const caller = server.desk.requests.at(-1)?.caller
  return caller && server.desk.lines.get(caller, lineId(json.id))?.owner
}

interface Told {
  readonly id: string
  readonly seq: number
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

/** What comes first on a stream, which is closed then. */
async function firstEvents(response: Response): Promise<readonly Told[]> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  assert.ok(reader)
  let text = ''
  while (!/^data: .*\n\n/m.test(text)) text += (await reader.read()).value ?? ''
  await reader.cancel()
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => JSON.parse(data) as Told)
}

test('no servers of STUN and TURN where none are configured', async () => {
  const { status, json } = await server.ask('GET /ice-servers', { key: keys.supervisor })
  assert.deepEqual([status, json], [200, { iceServers: [] }])
})
