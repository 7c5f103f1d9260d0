import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Exchange } from '../../../testkit/exchange.ts'
import { form } from '../../../testkit/voipnow-office.ts'

let exchange: Exchange
before(async () => {
  exchange = await Exchange.open({ change: (c) => (c.dialects = { voipnow: { hosts: ['uapi.voipnow.test'], prefix: '/voipnow' } }) })
})
after(() => exchange.close())

const login = { headers: form, body: 'client_id=app-12&client_secret=secret-12&grant_type=client_credentials' }

test('at the root, below the prefix, and by the host name', async () => {
  for (const path of ['/oauth/token.php', '/voipnow/oauth/token.php', '/voipnow/oauth/token/'])
    assert.equal((await exchange.ask(`POST ${path}`, login)).status, 200, path)
  const hosted = await exchange.ask('GET /api/v1/anything', { headers: { Host: 'uapi.voipnow.test:8080' } })
  assert.deepEqual([hosted.status, hosted.json.error.code], [401, 'access_denied'])
})

test('links begin where the client came in', async () => {
  exchange.register(['210'])
  const { access_token: token } = (await exchange.ask('POST /voipnow/oauth/token.php', login)).json
  exchange.callsIn('+15554150210', { number: '7778888' })
  const headers = { Authorization: `Bearer ${token}` }
  for (const [path, base] of [
    ['/voipnow/uapi', 'https://sotto.test/voipnow/uapi'],
    ['/uapi', 'https://sotto.test/uapi'],
    ['/unifiedapi', 'https://sotto.test/uapi'],
  ] as const) {
    const { entry } = (await exchange.ask(`GET ${path}/phoneCalls/@me/@self`, { headers })).json
    assert.ok(entry[0].link.self.startsWith(`${base}/phoneCalls/12/0003*210/`), path)
  }
})

test('every route stands in the OpenAPI document, with its refusals', async () => {
  const { json } = await exchange.ask('GET /openapi/voipnow.json')
  const operations = Object.values(json.paths as Record<string, Record<string, { operationId: string }>>).flatMap((path) =>
    Object.values(path),
  )
  const ids = operations.map(({ operationId }) => operationId)
  assert.equal(new Set(ids).size, ids.length)
  for (const id of ['updatePhoneCall', 'listPhoneCalls', 'hangUpPhoneCall', 'issueVoipnowToken', 'listPresence', 'sendFax'])
    assert.ok(ids.includes(id), id)
})
