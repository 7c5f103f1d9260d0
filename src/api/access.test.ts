import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { keys, type Reply, startApi, type TestServer } from '../../testkit/api-server.ts'
import { aCall, aCustomer, accountB, anAgent, anAgentView, aSupervision, noon, supervised } from '../../testkit/desk.ts'
import { LoginLock } from '../http/login-lock.ts'
import { supervisionId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { ok } from '../kernel/outcome.ts'
import { addMs } from '../kernel/time.ts'
import type { Identity } from './identity.ts'
import { TokenStore } from './tokens.ts'

let server: TestServer
before(async () => {
  server = await startApi()
})
after(() => server.close())
beforeEach(() => {
  const call = supervised(aCall('c1'), aSupervision('s1'))
  server.desk.clear()
  server.desk.put(call)
  server.desk.setAgents([anAgentView('1234'), anAgentView('4567', { extension: '211' })])
  server.desk.answers(() => ok({ call, supervision: supervisionId('s1') }))
})

describe('credentials', () => {
  for (const [what, headers] of [
    ['none', {}],
    ['an unknown key', { Authorization: 'Bearer sk_unknown' }],
    ['a key of another scheme', { Authorization: `Basic ${keys.admin}` }],
    ['a key with something behind it', { Authorization: `Bearer ${keys.admin} x` }],
    ['an empty one', { Authorization: 'Bearer ' }],
  ] as const) {
    test(`${what}: 401 with a challenge`, async () => {
      const { status, json, headers: given } = await server.ask('GET /calls', { headers })
      assert.deepEqual([status, json.code], [401, 'unauthenticated'])
      assert.match(given.get('www-authenticate') ?? '', /^Bearer /)
    })
  }

  test('the scheme is named in any case', async () => {
    assert.equal((await server.ask('GET /calls', { headers: { Authorization: `bEARER ${keys.admin}` } })).status, 200)
  })

  test('an access token in the address opens event streams only', async () => {
    assert.equal((await server.ask(`GET /calls?access_token=${keys.admin}`)).status, 401)
  })

  test('the credential is checked before route, body and parameters', async () => {
    for (const line of ['POST /calls', 'POST /nowhere', 'PUT /calls']) {
      assert.equal((await server.ask(line, { raw: '{"broken', headers: { 'Content-Type': 'application/json' } })).status, 401, line)
    }
  })
})

const withoutId = (text: string): string => text.replace(/"requestId":"[^"]+"/, '"requestId":""')

describe('another account', () => {
  for (const line of [
    'GET /calls/ID',
    'DELETE /calls/ID',
    'GET /calls/ID/hearing',
    'POST /calls/ID/parties/p/mute',
    'GET /supervisions/ID',
    'DELETE /supervisions/ID',
  ]) {
    test(`${line}: what is theirs is answered byte for byte like what is not there`, async () => {
      server.desk.put(supervised(aCall('theirs', { account: accountB }), aSupervision('theirs')))
      const foreign = await server.ask(line.replace('ID', 'theirs'), { key: keys.admin })
      const unknown = await server.ask(line.replace('ID', 'nobodys'), { key: keys.admin })
      assert.equal(foreign.status, 404)
      assert.equal(withoutId(foreign.text), withoutId(unknown.text))
      assert.equal(server.desk.requests.length, 0)
    })
  }
})

describe('roles', () => {
  const hold = 'POST /calls/c1/parties/p-a/hold'
  const state = { state: 'away' }
  const rows: readonly (readonly [line: string, body: unknown, allowed: string])[] = [
    ['GET /calls', undefined, 'admin supervisor agent observer'],
    ['GET /supervisions', undefined, 'admin supervisor agent observer'],
    ['GET /agents', undefined, 'admin supervisor agent observer'],
    [hold, undefined, 'admin supervisor agent'],
    ['DELETE /calls/c1', undefined, 'admin supervisor agent'],
    ['POST /calls/c1/transfer', { to: { extension: '211' }, type: 'blind' }, 'admin supervisor agent'],
    ['PUT /agents/1234/state', state, 'admin supervisor agent'],
    ['PUT /agents/4567/state', state, 'admin supervisor'],
    ['POST /calls', { from: { extension: '210' }, to: { extension: '211' } }, 'admin supervisor'],
    ['POST /calls/c1/supervisions', { supervisor: { extension: '101' }, mode: 'barge' }, 'admin supervisor'],
    ['PATCH /supervisions/s1', { mode: 'barge' }, 'admin supervisor'],
    ['POST /supervisions/s1/take-over', undefined, 'admin supervisor'],
    ['DELETE /supervisions/s1', undefined, 'admin supervisor'],
    ['GET /cdrs', undefined, 'admin supervisor agent observer'],
    ['GET /webhooks', undefined, 'admin'],
  ]
  for (const [line, body, allowed] of rows) {
    test(`${line} is for ${allowed}`, async () => {
      for (const role of ['admin', 'supervisor', 'agent', 'observer'] as const) {
        const { status, json } = await server.ask(line, { key: keys[role], body })
        assert.equal(status === 403 && json.code === 'forbidden', !allowed.split(' ').includes(role), `${role}: ${status}`)
      }
    })
  }

  test('an agent controls the calls in which a phone of his takes part, and no others', async () => {
    const his = aCall('his', { parties: [aCustomer('p-c'), anAgent('p-a', '106')] })
    const left = aCall('left', { parties: [aCustomer('p-c'), { ...anAgent('p-a', '106'), state: 'ended' }, anAgent('p-b', '211')] })
    server.desk.put(his, left, aCall('not-his', { parties: [aCustomer('p-c'), anAgent('p-a', '211')] }))
    const statuses = await Promise.all(
      ['his', 'left', 'not-his', 'unknown'].map(
        async (id) => (await server.ask(`POST /calls/${id}/parties/p-a/mute`, { key: keys.agent })).status,
      ),
    )
    assert.deepEqual(statuses, [200, 403, 403, 404])
  })

  test('an agent is told that a call of his is over, not that it is none of his', async () => {
    const over = aCall('over', { endedAt: noon, parties: [aCustomer('p-c'), { ...anAgent('p-a', '210'), state: 'ended' }] })
    server.desk.put(over)
    assert.equal((await server.ask('DELETE /calls/over', { key: keys.agent })).status, 200, 'it is for the desk to refuse')
  })

  test('the role is checked before the parameters, and after the format of the body', async () => {
    const parameters = await server.ask('POST /calls', { key: keys.observer, body: {} })
    const format = await server.ask('POST /calls', { key: keys.observer, raw: '[', headers: { 'Content-Type': 'application/json' } })
    assert.deepEqual([parameters.status, format.status], [403, 400])
  })
})

describe('tokens', () => {
  const form = (fields: Record<string, string>) => ({
    raw: new URLSearchParams(fields).toString(),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  })
  const good = { grant_type: 'client_credentials', client_id: '12440011', client_secret: keys.supervisor }
  const basic = (id: string, secret: string) => ({ Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` })
  let fresh: TestServer
  beforeEach(async () => {
    fresh = await startApi()
  })
  const grants: readonly (readonly [string, () => Promise<Reply>])[] = [
    ['a form', () => fresh.ask('POST /oauth/token', form(good))],
    ['JSON', () => fresh.ask('POST /oauth/token', { body: good })],
    ['JSON with the account as a number', () => fresh.ask('POST /oauth/token', { body: { ...good, client_id: 12440011 } })],
    [
      'HTTP Basic',
      () =>
        fresh.ask('POST /oauth/token', {
          ...form({ grant_type: 'client_credentials' }),
          headers: { ...form({}).headers, ...basic('12440011', keys.supervisor) },
        }),
    ],
  ]
  for (const [how, grant] of grants) {
    test(`${how} gets a token with the role of the key, for an hour`, async (t) => {
      t.after(() => fresh.close())
      const { status, json, headers } = await grant()
      assert.deepEqual([status, json.token_type, json.expires_in, headers.get('cache-control')], [200, 'Bearer', 3600, 'no-store'])
      assert.equal((await fresh.ask('GET /calls', { key: json.access_token })).status, 200)
      assert.equal((await fresh.ask('GET /webhooks', { key: json.access_token })).status, 403, 'a supervisor’s key makes no administrator')
      fresh.advance(limits.tokenMs - 1)
      assert.equal((await fresh.ask('GET /calls', { key: json.access_token })).status, 200)
      fresh.advance(1)
      const late = await fresh.ask('GET /calls', { key: json.access_token })
      assert.deepEqual([late.status, late.json.code], [401, 'token-expired'])
      assert.match(late.headers.get('www-authenticate') ?? '', /error="invalid_token"/)
    })
  }

  for (const [what, fields, status, code, error] of [
    ['a wrong secret', { ...good, client_secret: 'x' }, 401, 'credentials-invalid', 'invalid_client'],
    ['a key of another account', { ...good, client_secret: keys.other }, 401, 'credentials-invalid', 'invalid_client'],
    ['another grant', { ...good, grant_type: 'password' }, 422, 'parameter-invalid', 'unsupported_grant_type'],
    ['no grant', { client_id: '1', client_secret: 'x' }, 422, 'parameter-missing', 'invalid_request'],
    ['no secret', { grant_type: 'client_credentials', client_id: '1' }, 422, 'parameter-missing', 'invalid_request'],
  ] as const) {
    test(`${what}: ${code}, and ${error} for OAuth clients`, async (t) => {
      t.after(() => fresh.close())
      const answer = await fresh.ask('POST /oauth/token', form(fields as Record<string, string>))
      assert.deepEqual([answer.status, answer.json.code, answer.json.error], [status, code, error])
    })
  }

  test('a token buys no token', async (t) => {
    t.after(() => fresh.close())
    const { json } = await fresh.ask('POST /oauth/token', form(good))
    assert.equal((await fresh.ask('POST /oauth/token', form({ ...good, client_secret: json.access_token }))).status, 401)
  })

  test('guessing closes the door for a minute, also to the right secret', async (t) => {
    t.after(() => fresh.close())
    for (let i = 0; i < limits.loginFailures; i += 1) await fresh.ask('POST /oauth/token', form({ ...good, client_secret: `guess-${i}` }))
    const locked = await fresh.ask('POST /oauth/token', form(good))
    assert.deepEqual([locked.status, locked.json.code, locked.headers.get('retry-after')], [429, 'login-locked', '60'])
    fresh.advance(limits.loginWindowMs)
    assert.equal((await fresh.ask('POST /oauth/token', form(good))).status, 200)
  })
})

describe('bounds', () => {
  const identity = { caller: { account: accountB, role: 'admin' }, credential: 'k' } as const satisfies Identity
  const random = { count: 0, integer: () => 0, hex: () => String(random.count++) }

  test('the token store forgets the oldest token first', () => {
    const store = new TokenStore({ lifeMs: 1000, most: 2 }, random)
    const tokens = [1, 2, 3].map(() => store.issue(noon, identity).token)
    assert.deepEqual(
      tokens.map((token) => store.find(noon, token) !== undefined),
      [false, true, true],
    )
  })

  test('the lock counts each source by itself, forgets the oldest, and starts anew after a success', () => {
    const lock = new LoginLock({ failures: 2, windowMs: 1000, sources: 2 })
    for (const source of ['a', 'a', 'b', 'b']) lock.failed(noon, source)
    assert.deepEqual([lock.waitMs(addMs(noon, 400), 'a'), lock.waitMs(noon, 'c')], [600, 0])
    lock.failed(noon, 'c')
    lock.failed(addMs(noon, 900), 'c')
    assert.equal(lock.waitMs(addMs(noon, 900), 'c'), 1000, 'the door is closed for the whole time, from the last failure on')
    lock.succeeded('c')
    lock.succeeded('b')
    assert.deepEqual(
      ['a', 'b', 'c'].map((source) => lock.waitMs(noon, source)),
      [0, 0, 0],
    )
  })
})
