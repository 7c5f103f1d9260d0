import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { aCall, aSupervision, supervised } from '../../testkit/desk.ts'
import { refusal } from '../call/refusal.ts'
import { supervisionId } from '../kernel/ids.ts'
import { fail, ok } from '../kernel/outcome.ts'

let server: TestServer
before(async () => {
  server = await startApi()
})
after(() => server.close())

const call = supervised(aCall('c1'), aSupervision('s1', { revision: 7 }))
const done = { call, supervision: supervisionId('s1') }
beforeEach(() => {
  server.desk.clear()
  server.desk.put(call)
  server.desk.answers(() => ok(done))
})

const asked = () => server.desk.requests.at(-1)?.command

test('a supervisor is attached: 201, where it is, its revision', async () => {
  const { status, headers, json } = await server.ask('POST /calls/c1/supervisions', {
    key: keys.supervisor,
    body: { supervisor: { extension: '101' }, mode: 'monitor' },
  })
  assert.deepEqual([status, headers.get('location'), headers.get('etag')], [201, '/sotto/v1/supervisions/s1', '"7"'])
  assert.deepEqual([json.id, json.callId, json.partyId, json.mode, json.target, json.private], ['s1', 'c1', 'p-s', 'monitor', 'p-a', false])
  assert.deepEqual(asked(), { kind: 'supervise', call: 'c1', supervisor: { extension: '101' }, mode: 'monitor' })
})

test('everything that can be said is handed on, booleans and numbers also as text', async () => {
  const body = {
    supervisor: { number: '+15550009' },
    mode: 'whisper',
    target: 'customer',
    private: 'true',
    ringTimeoutMs: 25000,
    autoAnswer: true,
    follow: 'target',
    hearPeers: 'false',
  }
  await server.ask('POST /calls/c1/supervisions', { key: keys.admin, body })
  assert.deepEqual(asked(), { kind: 'supervise', call: 'c1', ...body, private: true, hearPeers: false })
})

for (const [body, code, parameter] of [
  [{ mode: 'monitor' }, 'parameter-missing', 'supervisor'],
  [{ supervisor: { agent: '1' } }, 'parameter-missing', 'mode'],
  [{ supervisor: { agent: '1' }, mode: 'shout' }, 'parameter-invalid', 'mode'],
  [{ supervisor: { group: '030' }, mode: 'barge' }, 'parameter-missing', 'supervisor'],
  [{ supervisor: { agent: '1' }, mode: 'barge', private: 'perhaps' }, 'parameter-invalid', 'private'],
  [{ supervisor: { agent: '1' }, mode: 'barge', follow: 'me' }, 'parameter-invalid', 'follow'],
  [{ supervisor: { agent: '1' }, mode: 'barge', ringTimeoutMs: '1e4' }, 'parameter-invalid', 'ringTimeoutMs'],
  [{ supervisor: { agent: '1' }, mode: 'barge', target: '' }, 'parameter-invalid', 'target'],
] as const) {
  test(`${JSON.stringify(body)} is refused as ${code} of ${parameter}`, async () => {
    const { status, json } = await server.ask('POST /calls/c1/supervisions', { key: keys.admin, body })
    assert.deepEqual([status, json.code, json.parameter, server.desk.requests.length], [422, code, parameter, 0])
  })
}

test('an unknown call is refused before the desk is asked, and after the parameters', async () => {
  const good = await server.ask('POST /calls/nope/supervisions', { key: keys.admin, body: { supervisor: { agent: '1' }, mode: 'barge' } })
  const bad = await server.ask('POST /calls/nope/supervisions', { key: keys.admin, body: {} })
  assert.deepEqual([good.status, good.json.code, bad.status, server.desk.requests.length], [404, 'call-unknown', 422, 0])
})

for (const [code, status] of [
  ['mode-not-allowed', 403],
  ['supervision-not-allowed', 403],
  ['already-supervised-by-you', 409],
  ['supervisor-limit', 409],
  ['endpoint-busy', 409],
  ['call-ended', 409],
  ['engine-failed', 502],
  ['capacity-exceeded', 503],
  ['timeout', 504],
] as const) {
  test(`the desk's ${code} is ${status}`, async () => {
    server.desk.answers(() => fail(refusal(code)))
    const {
      status: given,
      json,
      headers,
    } = await server.ask('POST /calls/c1/supervisions', { key: keys.admin, body: { supervisor: { agent: '1' }, mode: 'barge' } })
    assert.deepEqual([given, json.code, headers.has('retry-after')], [status, code, status === 503])
  })
}

test('the mode is changed in place, and only what is said', async () => {
  const { status, headers } = await server.ask('PATCH /supervisions/s1', { key: keys.supervisor, body: { mode: 'barge' } })
  assert.deepEqual([status, headers.get('etag')], [200, '"7"'])
  assert.deepEqual(asked(), { kind: 'change-supervision', supervision: 's1', mode: 'barge' })
  await server.ask('PATCH /supervisions/s1', { key: keys.supervisor, body: { target: 'p-c', private: true } })
  assert.deepEqual(asked(), { kind: 'change-supervision', supervision: 's1', target: 'p-c', private: true })
})

test('a change is refused with 412 when the supervision, not the call, has moved on', async () => {
  const old = await server.ask('PATCH /supervisions/s1', {
    key: keys.admin,
    body: { mode: 'barge' },
    headers: { 'If-Match': `"${call.revision}"` },
  })
  const now = await server.ask('PATCH /supervisions/s1', { key: keys.admin, body: { mode: 'barge' }, headers: { 'If-Match': '"7"' } })
  assert.deepEqual([old.status, old.json.code, now.status, server.desk.requests.length], [412, 'wrong-state', 200, 1])
})

test('take-over answers with the call, ending with the supervision', async () => {
  const taken = await server.ask('POST /supervisions/s1/take-over', { key: keys.supervisor })
  assert.deepEqual([taken.status, taken.json.id, asked()], [200, 'c1', { kind: 'take-over', supervision: 's1' }])
  const ended = await server.ask('DELETE /supervisions/s1', { key: keys.supervisor })
  assert.deepEqual([ended.status, ended.json.id, asked()], [200, 's1', { kind: 'end-supervision', supervision: 's1' }])
})

test('open supervisions are listed, each with its own page and filter', async () => {
  server.desk.put(
    supervised(aCall('c2'), aSupervision('s2', { mode: 'whisper', state: 'ringing' })),
    supervised(aCall('c3'), aSupervision('s3', { state: 'ended' })),
  )
  const list = async (query: string) => (await server.ask(`GET /supervisions?${query}`, { key: keys.observer })).json
  const ids = async (query: string) => (await list(query)).items.map(({ id }: { id: string }) => id)
  assert.deepEqual(await ids(''), ['s1', 's2'])
  assert.deepEqual(await ids('mode=whisper'), ['s2'])
  assert.deepEqual(await ids('callId=c1'), ['s1'])
  assert.deepEqual(await ids('state=ringing'), ['s2'])
  assert.deepEqual(await ids(`limit=1&cursor=${(await list('limit=1')).next}`), ['s2'])
})

test('one is read by its id, also when it has ended; an unknown one is 404', async () => {
  server.desk.put(supervised(aCall('c3'), aSupervision('s3', { state: 'ended', endReason: 'target-left' })))
  const ended = await server.ask('GET /supervisions/s3', { key: keys.observer })
  const unknown = await server.ask('GET /supervisions/s9', { key: keys.observer })
  const foreign = await server.ask('GET /supervisions/s1', { key: keys.other })
  assert.deepEqual([ended.json.state, ended.json.endReason], ['ended', 'target-left'])
  assert.deepEqual(
    [unknown.status, unknown.json.code, foreign.status, foreign.json.code],
    [404, 'resource-unknown', 404, 'resource-unknown'],
  )
})
