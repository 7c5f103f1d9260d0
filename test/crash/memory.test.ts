/** What programs have said and been told, after the control process was killed. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Centre } from '../../testkit/centre.ts'
import { eventually, soon } from '../../testkit/phone-wait.ts'
import { reference } from '../../testkit/sotto.ts'

const data = mkdtempSync(join(tmpdir(), 'sotto-data-'))
let centre: Centre

before(async () => {
  centre = await Centre.open({ env: { SOTTO_DATA: data } })
  for (const extension of ['210', '106']) await centre.phone(extension)
})
after(async () => {
  await centre.close()
  rmSync(data, { recursive: true, force: true })
})

async function killed(): Promise<void> {
  await centre.sotto.killed('control')
  await centre.sotto.ready()
}

async function post(path: string, body: object, headers: Readonly<Record<string, string>>): Promise<Response> {
  const content = { 'content-type': 'application/json', ...headers }
  return await fetch(`${centre.sotto.http}/sotto/v1${path}`, { method: 'POST', headers: content, body: JSON.stringify(body) })
}

const asAdmin = { authorization: `Bearer ${reference.adminKey}` }

test('an order under the same key is not carried out again', async () => {
  const order = { from: { extension: '210' }, to: { extension: '106' } }
  const headers = { ...asAdmin, 'idempotency-key': 'order-1' }
  const first = await post('/calls', order, headers)
  assert.equal(first.status, 201)
  const call = (await first.json()) as { id: string }
  await killed()
  const again = await post('/calls', order, headers)
  assert.deepEqual([again.status, again.headers.get('idempotent-replayed')], [201, 'true'])
  assert.equal(((await again.json()) as { id: string }).id, call.id)
  await centre.quiet()
})

test('an access token is good', async () => {
  const grant = new URLSearchParams({ grant_type: 'client_credentials', client_id: '12440011', client_secret: reference.adminKey })
  const answer = await fetch(`${centre.sotto.http}/sotto/v1/oauth/token`, { method: 'POST', body: grant })
  assert.equal(answer.status, 200)
  const { access_token: token } = (await answer.json()) as { access_token: string }
  await killed()
  const headers = { authorization: `Bearer ${token}` }
  assert.equal((await fetch(`${centre.sotto.http}/sotto/v1/calls`, { headers })).status, 200)
})

test('agents are as they said, phones are registered, and who has ended his call is idle', async () => {
  await centre.api.setAgentState('4567', 'away')
  const { line, call } = await centre.customer('+18661234568')
  await line.hangUp()
  await eventually('the call is over', async () => (await centre.api.call(call.id)).state === 'ended')
  const before = await centre.api.agents()
  const registered = await centre.api.extensions()
  await killed()
  assert.deepEqual(await centre.api.agents(), before)
  assert.deepEqual(await centre.api.extensions(), registered)
  assert.ok(before.some((agent) => agent.state === 'away'))
})

test('a call that has ended is still readable, as it was', async () => {
  const { line, call } = await centre.customer('+18661234568')
  await line.hangUp()
  const before = await centre.callIn(call.id, 'ended')
  await killed()
  assert.deepEqual(await centre.api.call(call.id), before)
})

test('killed twice within moments, the call goes on', { timeout: 60_000 }, async () => {
  const { line, call } = await centre.customer('+18661234568')
  await killed()
  await killed()
  assert.equal((await centre.api.call(call.id)).state, 'active')
  await line.hangUp()
  await soon(line.ended, 'the call')
  await centre.callIn(call.id, 'ended')
})

test('a damaged log is named, what is before the damage is used, and the server works', async () => {
  const { line, call } = await centre.customer('+18661234568')
  const file = join(data, 'log', readdirSync(join(data, 'log')).findLast((name) => name.endsWith('.jsonl')) ?? '')
  const bytes = readFileSync(file)
  await line.hangUp()
  await centre.callIn(call.id, 'ended')
  const longer = readFileSync(file)
  assert.ok(longer.length > bytes.length)
  // A bit of what has been written since flips, with good lines behind it.
  longer[bytes.length + 30] = (longer[bytes.length + 30] ?? 0) ^ 1
  writeFileSync(file, longer)
  await killed()
  const health = (await (await fetch(`${centre.sotto.http}/health`)).json()) as { readonly degraded: readonly string[] }
  assert.deepEqual(health.degraded, ['log'])
  assert.match(centre.sotto.output, /jsonl is damaged at byte/)
  assert.equal((await centre.callIn(call.id, 'ended')).endReason, 'media-lost', 'its end was behind the damage')
  const next = await centre.customer('+18661234568')
  await next.line.hangUp()
  await centre.callIn(next.call.id, 'ended')
  await eventually('the history has what is before the damage, and the file is laid aside', () => existsSync(`${file}.damaged`), 15_000)
  await killed()
  assert.equal((await fetch(`${centre.sotto.http}/ready`)).status, 200)
  assert.deepEqual(((await (await fetch(`${centre.sotto.http}/health`)).json()) as { degraded: unknown }).degraded, [])
})
