import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { aCall, accountA, anAgentView } from '../../testkit/desk.ts'
import { eventually } from '../../testkit/phone-wait.ts'
import { partyId } from '../kernel/ids.ts'

interface Got {
  readonly id: string
  readonly timestamp: string
  readonly signature: string
  readonly body: string
}

let status = 200
const got: Got[] = []
const receiver = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const header = (name: string) => String(request.headers[name])
    const [id, timestamp, signature] = [header('webhook-id'), header('webhook-timestamp'), header('webhook-signature')]
    got.push({ id, timestamp, signature, body: Buffer.concat(chunks).toString() })
    response.writeHead(status).end()
  })
})
const folder = mkdtempSync(join(tmpdir(), 'sotto-webhooks-'))
let url = ''
let server: TestServer
const key = keys.admin

before(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/in`
  server = await startApi({ outboxFolder: folder })
})
after(async () => {
  await server.close()
  receiver.closeAllConnections()
  receiver.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  const { json } = await server.ask('GET /webhooks', { key })
  for (const { id } of json.items) await server.ask(`DELETE /webhooks/${id}`, { key })
  got.length = 0
  status = 200
})

const create = async (more: object = {}) => (await server.ask('POST /webhooks', { key, body: { url, ...more } })).json
const ringing = (id: string, seq = 1) =>
  server.desk.happened({ ...aCall(id), seq }, { type: 'call.ringing', data: { party: partyId('p-a') } })
const muted = (id: string) => server.desk.happened(aCall(id), { type: 'party.muted', data: { party: partyId('p-a') } })

const signatureOf = ({ id, timestamp, body }: Got, secret: string) =>
  `v1,${createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
    .update(`${id}.${timestamp}.${body}`)
    .digest('base64')}`

test('a webhook is made, shown without its secret, changed and deleted', async () => {
  const made = await server.ask('POST /webhooks', { key, body: { url, types: ['call.*'], description: 'ours' } })
  const { id, secret } = made.json
  assert.equal(made.status, 201)
  assert.equal(made.headers.get('location'), `/sotto/v1/webhooks/${id}`)
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
  const shown = (await server.ask(`GET /webhooks/${id}`, { key })).json
  const counts = { waiting: 0, dead: 0, failures: 0 }
  assert.deepEqual(shown, {
    id,
    url,
    description: 'ours',
    types: ['call.*'],
    state: 'on',
    createdAt: '2026-11-20T12:00:00.250Z',
    ...counts,
  })
  assert.deepEqual((await server.ask('GET /webhooks', { key })).json, { items: [shown], next: null })
  const changed = await server.ask(`PATCH /webhooks/${id}`, { key, body: { types: [], state: 'off' } })
  assert.deepEqual([changed.json.types, changed.json.state, changed.json.offReason], [[], 'off', 'asked'])
  assert.equal((await server.ask(`DELETE /webhooks/${id}`, { key })).status, 200)
  assert.equal((await server.ask(`GET /webhooks/${id}`, { key })).json.code, 'resource-unknown')
})

test('events arrive as on the stream, signed, each of a call after the one before, and only those asked for', async () => {
  const { id, secret } = await create({ types: ['call.*', 'agent.state'] })
  const first = ringing('c1', 1)
  muted('c1')
  const second = ringing('c1', 2)
  const agent = server.desk.agentChanged(accountA, anAgentView('1234'))
  await eventually('three events', () => got.length >= 3)
  const ofCall = got.filter(({ body }) => JSON.parse(body).callId === 'c1')
  assert.deepEqual(
    ofCall.map((one) => one.id),
    [`${id}_${first.id}`, `${id}_${second.id}`],
  )
  assert.ok(got.some((one) => one.id === `${id}_${agent.id}`))
  assert.deepEqual(got.length, 3)
  for (const one of got) assert.equal(one.signature, signatureOf(one, secret))
  const event = JSON.parse(ofCall[0]?.body ?? '')
  assert.deepEqual([event.type, event.seq, event.call.id, event.data], ['call.ringing', 1, 'c1', { party: 'p-a' }])
})

test('a new secret signs at once, and for a day the old one as well', async () => {
  const { id, secret } = await create()
  const rotated = (await server.ask(`POST /webhooks/${id}/rotate-secret`, { key })).json
  assert.notEqual(rotated.secret, secret)
  assert.equal(rotated.oldSecretUntil, '2026-11-21T12:00:00.250Z')
  assert.equal((await server.ask(`POST /webhooks/${id}/rotate-secret`, { key })).json.code, 'wrong-state')
  ringing('c2')
  const one = await eventually('the event', () => got[0])
  // The clock of the delivery is the system's, which stands elsewhere than that of the test's office: the old secret may have lapsed there.
  assert.equal(one.signature.split(' ')[0], signatureOf(one, rotated.secret))
})

test('a test event says what it is', async () => {
  const { id } = await create({ types: ['call.ended'] })
  const { status: answered, json } = await server.ask(`POST /webhooks/${id}/test`, { key })
  assert.equal(answered, 202)
  const one = await eventually('the event', () => got[0])
  assert.equal(one.id, json.id)
  assert.deepEqual([JSON.parse(one.body).type, JSON.parse(one.body).data], ['webhook.test', { webhook: id }])
})

test('a receiver that answers 410 is switched off; dead letters are listed, and sent again when it is on', async () => {
  const { id } = await create()
  status = 410
  const event = ringing('c3')
  await eventually('it is off', async () => (await server.ask(`GET /webhooks/${id}`, { key })).json.offReason === 'gone')
  const { items } = (await server.ask(`GET /webhooks/${id}/dead-letters`, { key })).json
  assert.deepEqual([items.length, items[0].id, items[0].why, items[0].attempts], [1, `${id}_${event.id}`, 'status 410', 1])
  assert.equal(items[0].event.callId, 'c3')
  const replay = (body?: object) => server.ask(`POST /webhooks/${id}/dead-letters/replay`, { key, body })
  assert.equal((await replay()).json.code, 'wrong-state', 'it is off')
  await server.ask(`PATCH /webhooks/${id}`, { key, body: { state: 'on' } })
  assert.equal((await replay({ ids: ['nonsense'] })).json.code, 'resource-unknown')
  status = 200
  assert.equal((await replay({ ids: [items[0].id] })).status, 202)
  await eventually('it comes', () => got.length === 2)
  assert.equal(got[1]?.id, got[0]?.id)
  await eventually('nothing is left', async () => (await server.ask(`GET /webhooks/${id}`, { key })).json.dead === 0)
})

for (const [body, code, parameter] of [
  [{}, 'parameter-missing', 'url'],
  [{ url: 'ftp://example.com' }, 'parameter-invalid', 'url'],
  [{ url: 'http://10.1.2.3/' }, 'parameter-invalid', 'url'],
  [{ url: 'http://user:pw@example.com/' }, 'parameter-invalid', 'url'],
  [{ url: 'http://example.com/', types: ['call.sung'] }, 'parameter-invalid', 'types'],
  [{ url: 'http://example.com/', secret: 'whsec_short' }, 'parameter-invalid', 'secret'],
] as const) {
  test(`${JSON.stringify(body)} is ${code}`, async () => {
    const { status: answered, json } = await server.ask('POST /webhooks', { key, body })
    assert.deepEqual([answered, json.code, json.parameter], [422, code, parameter])
  })
}

test('those of another account are nowhere, and everything is for administrators', async () => {
  const { id } = await create()
  for (const line of ['GET /webhooks/', 'PATCH /webhooks/', 'DELETE /webhooks/']) {
    assert.equal((await server.ask(`${line}${id}`, { key: keys.other })).json.code, 'resource-unknown')
    assert.equal((await server.ask(`${line}${id}`, { key: keys.supervisor })).json.code, 'forbidden')
  }
  assert.deepEqual((await server.ask('GET /webhooks', { key: keys.other })).json.items, [])
  for (const act of ['rotate-secret', 'test', 'dead-letters/replay'])
    assert.equal((await server.ask(`POST /webhooks/${id}/${act}`, { key: keys.observer })).json.code, 'forbidden')
})

describe('an end of the server', () => {
  test('loses no webhook and no event that waits', async () => {
    const at = mkdtempSync(join(tmpdir(), 'sotto-webhooks-'))
    status = 500
    const first = await startApi({ outboxFolder: at })
    const { id } = (await first.ask('POST /webhooks', { key, body: { url } })).json
    const event = first.desk.happened(aCall('c9'), { type: 'call.ringing', data: { party: partyId('p-a') } })
    await eventually('a try', () => got.length > 0)
    await first.close()
    const second = await startApi({ outboxFolder: at })
    const { json } = await second.ask(`GET /webhooks/${id}`, { key })
    assert.deepEqual([json.url, json.waiting], [url, 1])
    assert.equal(got[0]?.id, `${id}_${event.id}`)
    await second.close()
    rmSync(at, { recursive: true })
  })
})

test('the example of docs/webhooks.md takes what is genuine and nothing else', async () => {
  const { secret } = await create()
  ringing('c5')
  const one = await eventually('the event', () => got[0])
  const page = readFileSync(new URL('../../docs/webhooks.md', import.meta.url), 'utf8')
  const [, example = ''] = /```js\n(\/\/ verify\.mjs[\s\S]*?)```/.exec(page) ?? []
  writeFileSync(join(folder, 'verify.mjs'), example)
  const ask = `
    import { verified } from ${JSON.stringify(join(folder, 'verify.mjs'))}
    const { secret, cases } = JSON.parse(process.argv[1])
    console.log(JSON.stringify(cases.map(({ headers, body }) => verified(secret, headers, body)?.type ?? null)))`
  const headers = { 'webhook-id': one.id, 'webhook-timestamp': one.timestamp, 'webhook-signature': one.signature }
  const old = String(Number(one.timestamp) - 301)
  const cases = [
    { headers, body: one.body },
    { headers: { ...headers, 'webhook-signature': `v1,${'A'.repeat(43)}= v2,x ${one.signature}` }, body: one.body },
    { headers, body: one.body.replace('c5', 'c6') },
    { headers: { ...headers, 'webhook-id': `${one.id}0` }, body: one.body },
    {
      headers: { ...headers, 'webhook-timestamp': old, 'webhook-signature': signatureOf({ ...one, timestamp: old }, secret) },
      body: one.body,
    },
    { headers: { ...headers, 'webhook-signature': 'v1,short' }, body: one.body },
    { headers: {}, body: one.body },
  ]
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', ask, JSON.stringify({ secret, cases })], { encoding: 'utf8' })
  assert.deepEqual(JSON.parse(output), ['call.ringing', 'call.ringing', null, null, null, null, null])
})

test('dead letters are found by what is in them and when they were given up', async () => {
  const { id } = await create()
  status = 410
  ringing('c-red')
  await eventually('it is off', async () => (await server.ask(`GET /webhooks/${id}`, { key })).json.offReason === 'gone')
  const count = async (query: string) => (await server.ask(`GET /webhooks/${id}/dead-letters?${query}`, { key })).json.items.length
  assert.deepEqual([await count(''), await count('text=C-RED'), await count('text=Status%20410'), await count('text=blue')], [1, 1, 1, 0])
  assert.deepEqual([await count('from=2001-01-01T00:00:00Z'), await count('to=2001-01-01T00:00:00Z')], [1, 0])
  assert.equal((await server.ask(`GET /webhooks/${id}/dead-letters?from=yesterday`, { key })).status, 422)
})
