import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { noon } from '../../testkit/desk.ts'
import { systemHash } from '../edge/hash.ts'
import { limits } from '../kernel/limits.ts'
import { addMs } from '../kernel/time.ts'
import { readPass } from '../sip/pass.ts'

let server: TestServer
before(async () => {
  server = await startApi()
})
after(() => server.close())

const ask = (key: string | undefined, body: object = {}, headers: Record<string, string> = {}) =>
  server.ask('POST /me/softphone', { key, body, headers })

const key = { secret: 'secret of the test', hash: systemHash }

test('an agent gets what his browser registers with, for his first extension or one that he names', async () => {
  for (const [body, extension] of [
    [{}, '210'],
    [{ extension: '106' }, '106'],
  ] as const) {
    const { status, json, headers } = await ask(keys.agent, body)
    assert.equal(status, 201)
    assert.equal(headers.get('cache-control'), 'no-store')
    const { username, password, expiresAt, iceServers, ...rest } = json
    assert.deepEqual(rest, { extension, uri: `sip:0003*${extension}@sotto.test`, webSocketUrl: '/sip' })
    assert.ok(Array.isArray(iceServers))
    assert.equal(expiresAt, new Date(noon + limits.sipPassMs).toISOString())
    assert.deepEqual(readPass(key, noon, username), { name: `0003*${extension}`, password })
    assert.equal(readPass(key, addMs(noon, limits.sipPassMs + 1), username), undefined)
  }
})

test('nobody gets it for a phone that is not his, and an observer not at all', async () => {
  const refused = [
    await ask(keys.agent, { extension: '101' }),
    await ask(keys.agent, { extension: '999' }),
    await ask(keys.admin, { extension: '210' }),
    await ask(keys.admin),
    await ask(keys.observer),
    await ask(undefined),
  ]
  assert.deepEqual(
    refused.map(({ status, json }) => [status, json.code]),
    [
      [404, 'endpoint-unknown'],
      [404, 'endpoint-unknown'],
      [404, 'endpoint-unknown'],
      [404, 'endpoint-unknown'],
      [403, 'forbidden'],
      [401, 'unauthenticated'],
    ],
  )
})

test('each is another one, and none is kept for an Idempotency-Key', async () => {
  const once = { 'Idempotency-Key': 'phone' }
  const [one, two] = [await ask(keys.agent, {}, once), await ask(keys.agent, {}, once)]
  assert.notEqual(one.json.username, two.json.username)
  assert.equal(two.headers.get('idempotent-replayed'), null)
})
