import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { type Asking, keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { aCall } from '../../testkit/desk.ts'
import { refusal } from '../call/refusal.ts'
import { limits } from '../kernel/limits.ts'
import { fail, ok } from '../kernel/outcome.ts'
import { instant } from '../kernel/time.ts'
import { jsonAnswer } from './answer.ts'
import { Idempotency } from './idempotency.ts'

let server: TestServer
before(async () => {
  server = await startApi()
})
after(() => server.close())

let made = 0
beforeEach(() => {
  server.desk.clear()
  made = 0
  server.desk.answers(() => ok({ call: aCall(`made-${++made}`) }))
})

let keysUsed = 0
const newKey = () => `key-${++keysUsed}`
const body = { from: { agent: '1' }, to: { agent: '2' } }
const originate = (idempotencyKey: string, asking: Asking = {}) =>
  server.ask('POST /calls', { key: keys.admin, body, ...asking, headers: { 'Idempotency-Key': idempotencyKey } })

test('the first answer comes again, with its status, headers and body, and the order is carried out once', async () => {
  const key = newKey()
  const [first, again] = [await originate(key), await originate(key)]
  assert.deepEqual(
    [again.status, again.text, again.headers.get('location'), again.headers.get('etag')],
    [201, first.text, '/sotto/v1/calls/made-1', '"3"'],
  )
  assert.deepEqual(
    [first.headers.has('idempotent-replayed'), again.headers.get('idempotent-replayed'), server.desk.requests.length],
    [false, 'true', 1],
  )
})

test('a duplicate that comes meanwhile waits for the first', async () => {
  const key = newKey()
  const release = Promise.withResolvers<void>()
  server.desk.answers(async () => {
    await release.promise
    return ok({ call: aCall('slow') })
  })
  const both = [originate(key), originate(key)]
  while (server.desk.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
  release.resolve()
  const [one, two] = await Promise.all(both)
  assert.deepEqual([one?.text === two?.text, one?.status, two?.status, server.desk.requests.length], [true, 201, 201, 1])
})

test('another body, or another path, under the same key is refused and names the key', async () => {
  const key = newKey()
  await originate(key)
  const other = await originate(key, { body: { ...body, reference: 'x' } })
  assert.deepEqual([other.status, other.json.code, other.json.parameter], [422, 'parameter-invalid', 'Idempotency-Key'])
  server.desk.put(aCall('c1'))
  const elsewhere = await server.ask('POST /calls/c1/parties/p-a/mute', { key: keys.admin, headers: { 'Idempotency-Key': key } })
  assert.equal(elsewhere.status, 422)
})

test('each credential has its own keys, and a token shares those of its key', async () => {
  const key = newKey()
  const token = await server.ask('POST /oauth/token', {
    body: { grant_type: 'client_credentials', client_id: '12440011', client_secret: keys.admin },
  })
  const ids = [
    await originate(key),
    await originate(key, { key: keys.supervisor }),
    await originate(key, { key: token.json.access_token }),
  ].map(({ json }) => json.id)
  assert.deepEqual(ids, ['made-1', 'made-2', 'made-1'])
})

test('a refusal of the desk is the first answer like any other', async () => {
  const key = newKey()
  server.desk.answers(() => fail(refusal('endpoint-busy')))
  const first = await originate(key)
  server.desk.answers(() => ok({ call: aCall('late') }))
  const again = await originate(key)
  assert.deepEqual([again.status, again.text, server.desk.requests.length], [409, first.text, 1])
})

test('what was refused before the desk was asked, or for want of room, may be tried again', async () => {
  const [bad, full] = [newKey(), newKey()]
  assert.equal((await originate(bad, { body: {} })).status, 422)
  assert.equal((await originate(bad)).status, 201)
  server.desk.answers(() => fail(refusal('capacity-exceeded')))
  assert.equal((await originate(full)).status, 503)
  server.desk.answers(() => ok({ call: aCall('now') }))
  assert.equal((await originate(full)).status, 201)
})

test('a key is kept for 24 h', async () => {
  const key = newKey()
  await originate(key)
  server.advance(limits.idempotencyMs - 1)
  assert.equal((await originate(key)).json.id, 'made-1')
  server.advance(1)
  assert.equal((await originate(key)).json.id, 'made-2')
})

for (const key of ['', 'with space', 'x'.repeat(256)]) {
  test(`"${key.slice(0, 12)}" is no key`, async () => {
    const { status, json } = await originate(key)
    assert.deepEqual([status, json.parameter, server.desk.requests.length], [422, 'Idempotency-Key', 0])
  })
}

test('the oldest key goes when there are too many', async () => {
  const store = new Idempotency({ keepMs: 1000, most: 2 })
  let count = 0
  const once = async (key: string) => {
    const order = { credential: 'k', key, method: 'POST', path: '/', body: undefined }
    return (await store.once(instant(0), order, async () => jsonAnswer(200, String(++count)))).body
  }
  assert.deepEqual([await once('a'), await once('b'), await once('c'), await once('b'), await once('a')], ['1', '2', '3', '2', '4'])
})

test('what a process before began is not carried out again: who asks learns how it stands, with the same order only', async () => {
  const store = new Idempotency({ keepMs: 1000, most: 2 })
  const order = { credential: 'k', key: 'a', method: 'POST', path: '/', body: undefined }
  let [digest, carriedOut, standing] = ['', 0, 'rings']
  await store.once(instant(0), order, async (name) => {
    digest = name.digest
    return jsonAnswer(503, '')
  })
  const carryOut = async () => jsonAnswer(200, String(++carriedOut))
  const earlier = (name: string) => (name === 'k a' ? { digest, answer: () => jsonAnswer(201, standing) } : undefined)
  const first = await store.once(instant(0), order, carryOut, earlier)
  standing = 'speaks'
  const second = await store.once(instant(0), order, carryOut, earlier)
  assert.deepEqual([first.body, second.body, second.headers['Idempotent-Replayed'], carriedOut], ['rings', 'speaks', 'true', 0])
  await assert.rejects(store.once(instant(0), { ...order, path: '/other' }, carryOut, earlier), /./)
  assert.equal((await store.once(instant(0), { ...order, key: 'b' }, carryOut, earlier)).body, '1')
})
