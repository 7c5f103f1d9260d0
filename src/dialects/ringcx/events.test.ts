/** Agent states to the programs that subscribed to them (contract ringcx, section 8). */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { accountA, accountB } from '../../../testkit/desk.ts'
import { Exchange, type Reply } from '../../../testkit/exchange.ts'
import { uiiOf } from './answer-calls.ts'

let exchange: Exchange

before(async () => {
  exchange = await Exchange.open({
    change: ({ accounts: [first] }) => {
      first.groups[0].requireDisposition = true
      first.credentials.ringcx.push({ role: 'observer', apiToken: 'rcx-viewer', username: 'viewer@example.com', password: 'pw' })
    },
  })
})
after(() => exchange.close())
afterEach(async () => {
  for (const { subscriptionId } of (await ask('GET')).json) await ask('DELETE', subscriptionId)
  exchange.sent.length = 0
})

const root = '/voice/api/cx/integration/v1/accounts/12440011/sub-accounts/12440011/agent-states/subscriptions'
const url = 'https://wfm.example.com/agents'
const wanted = { subscriptionName: 'WFM', notificationUrl: url }

function ask(method: string, id = '', body?: unknown, token = 'rcx-api-token-a'): Promise<Reply> {
  const headers = { 'X-Auth-Token': token, 'Content-Type': 'application/json' }
  return exchange.ask(`${method} ${root}${id === '' ? '' : `/${id}`}`, {
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

const pushed = () => exchange.sent.splice(0).map(({ body = '' }) => JSON.parse(body))

describe('a subscription', () => {
  test('is made, listed, read, changed and ended', async () => {
    const made = await ask('POST', '', { ...wanted, description: 'feed', customHeaders: { 'X-Name': 'wfm', Authorization: 'Bearer x' } })
    const id = made.json.subscriptionId
    assert.match(id, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
    const at = made.json.createdAt
    const text = (more: string) =>
      `{"subscriptionId":"${id}","mainAccountId":"12440011","subAccountId":"12440011",${more},"createdBy":"admin@example.com","createdAt":"${at}","updatedBy":"admin@example.com","updatedAt":"${at}"}`
    const headers = '"customHeaders":{"X-Name":"wfm","Authorization":"********"}'
    const first = `"subscriptionName":"WFM","description":"feed","notificationUrl":"${url}","authConfigId":null,"active":true,"maxRetryCount":3,${headers},"expiresAt":0`
    assert.equal(made.text, text(first))
    assert.equal((await ask('GET')).text, `[${made.text}]`)
    assert.equal((await ask('GET', id.toUpperCase())).text, made.text)

    const changed = await ask('PUT', id, { ...made.json, retryCount: '7', active: 'false', expiresAt: 1_893_456_000 })
    assert.equal(changed.text, text(first.replace('true', 'false').replace(':3', ':7').replace('"expiresAt":0', '"expiresAt":1893456000')))
    assert.equal((await ask('DELETE', id)).text, changed.text)
    for (const method of ['GET', 'DELETE'])
      assert.deepEqual([(await ask(method, id)).status, (await ask(method, id)).json.errorCode], [404, 'subscription.not.found'])
    assert.equal((await ask('PUT', id, wanted)).status, 404)
  })

  test('asks its receiver for validation, again when the URL changes', async () => {
    const { subscriptionId: id } = (await ask('POST', '', { ...wanted, customHeaders: { Authorization: 'Bearer x' } })).json
    const [first] = exchange.sent.splice(0)
    assert.match(first?.headers['Validation-Token'] ?? '', /^[\da-f]{32}$/)
    assert.deepEqual([first?.method, first?.url, first?.headers.Authorization, first?.success], ['POST', url, 'Bearer x', 200])
    await ask('PUT', id, { ...wanted, description: 'same place' })
    assert.equal(exchange.sent.length, 0)
    await ask('PUT', id, { ...wanted, notificationUrl: `${url}/2`, customHeaders: { Authorization: '********' } })
    assert.deepEqual(
      exchange.sent.map((one) => [one.url, one.headers.Authorization]),
      [[`${url}/2`, '']],
    )
  })

  test('has a name of its own while it is active', async () => {
    await ask('POST', '', wanted)
    const second = await ask('POST', '', wanted)
    assert.equal(second.status, 409)
    assert.deepEqual(second.json.validationErrors, [
      { attributeName: 'subscriptionName', message: 'is the name of another subscription', value: 'WFM' },
    ])
    assert.equal((await ask('POST', '', { ...wanted, active: false })).status, 200)
    assert.equal((await ask('POST', '', { ...wanted, subscriptionName: 'wfm' })).status, 200)
  })

  const faults: readonly (readonly [body: object, name: string, message: string])[] = [
    [{ notificationUrl: url }, 'subscriptionName', 'required'],
    [{ subscriptionName: 'x' }, 'notificationUrl', 'required'],
    [{ ...wanted, retryCount: 11 }, 'retryCount', 'must be a whole number from 0 to 10'],
    [{ ...wanted, active: 'yes' }, 'active', 'must be true or false'],
    [{ ...wanted, expiresAt: 1_700_000_000 }, 'expiresAt', 'must be in the future'],
    [{ ...wanted, subscriptionName: 'n'.repeat(129) }, 'subscriptionName', 'must be at most 128 characters'],
    [{ ...wanted, customHeaders: [] }, 'customHeaders', 'must be an object'],
    [{ ...wanted, customHeaders: { Host: 'x' } }, 'customHeaders', 'Host may not be set'],
    [{ ...wanted, customHeaders: { 'X-A': 'a\r\nX-B: b' } }, 'customHeaders', 'X-A must be at most 1024 printable characters'],
  ]
  for (const [body, name, message] of faults) {
    test(`${name} ${message}`, async () => {
      const reply = await ask('POST', '', body)
      assert.equal(reply.status, 400)
      const [{ attributeName, message: told }] = reply.json.validationErrors
      assert.deepEqual([attributeName, told], [name, message])
      assert.deepEqual((await ask('GET')).json, [])
    })
  }

  test('names no login of the receiver, since there are none; a broken body is refused', async () => {
    const reply = await ask('POST', '', { ...wanted, authConfigId: '2f8f8b6e-2a5c-4d8c-bd44-31db90a77b2a' })
    assert.deepEqual([reply.status, reply.json.errorCode], [404, 'auth.config.not.found'])
    const broken = await exchange.ask(`POST ${root}`, { headers: { 'X-Auth-Token': 'rcx-api-token-a' }, body: '{' })
    assert.deepEqual([broken.status, broken.json.errorCode], [400, 'malformed.request'])
  })

  test('is of its account; observers may look', async () => {
    const { subscriptionId: id } = (await ask('POST', '', wanted)).json
    assert.equal((await ask('GET', id, undefined, 'rcx-viewer')).status, 200)
    for (const method of ['POST', 'PUT', 'DELETE'])
      assert.equal((await ask(method, method === 'POST' ? '' : id, wanted, 'rcx-viewer')).status, 403)
    assert.equal((await ask('GET', id, undefined, 'rcx-api-token-b')).status, 403)
    const own = root.replaceAll('12440011', '~')
    const foreign = await exchange.ask(`GET ${own}/${id}`, { headers: { 'X-Auth-Token': 'rcx-api-token-b' } })
    assert.equal(foreign.json.errorCode, 'subscription.not.found')
  })

  test('ends at its time', async () => {
    const soon = Math.floor(exchange.now / 1000) + 60
    await ask('POST', '', { ...wanted, expiresAt: soon })
    await ask('POST', '', { ...wanted, subscriptionName: 'other', expiresAt: soon * 1000 })
    exchange.advance(59_000)
    assert.equal((await ask('GET')).json.length, 2)
    exchange.advance(1_000)
    assert.deepEqual((await ask('GET')).json, [])
    pushed()
    exchange.register(['106'])
    assert.equal(exchange.sent.length, 0)
  })
})

describe('events', () => {
  test('an agent logs in, takes a call, says what came of it and logs out', async () => {
    await ask('POST', '', { ...wanted, customHeaders: { 'X-Name': 'wfm' } })
    await ask('POST', '', { ...wanted, active: false })
    pushed()
    exchange.register(['210'])
    const [{ headers, method, url: to, success }] = exchange.sent as [(typeof exchange.sent)[number]]
    assert.deepEqual(
      { headers, method, to, success },
      { headers: { 'X-Name': 'wfm', 'Content-Type': 'application/json' }, method: 'POST', to: url, success: 200 },
    )
    const date = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: 'Europe/Bucharest' })
    const who = { agent_phone: '5554150210', username: 'paco.vu@example.com' }
    const event = (prev: readonly [string, string], now: readonly [string, string], more: object = {}) => ({
      ...{ agent_id: '1234', prev_state: prev[0], prev_aux_state: prev[1], agent_phone: who.agent_phone },
      ...{ event_type: now[0], event_aux_type: now[1], date_time: date.format(exchange.now), pending_disp: '0', username: who.username },
      ...more,
    })
    const available = ['AVAILABLE', 'Available'] as const
    assert.equal(exchange.sent[0]?.body, JSON.stringify(event(['LOGIN', ''], available)))
    pushed()

    const call = exchange.callsIn('+18661234567', { number: '6501234567' })
    const about = { call_id: uiiOf(exchange, call), call_source_id: '30', call_source_name: 'Sales', dnis: '8661234567', call_type: 'ACD' }
    assert.deepEqual(pushed(), [event(available, ['TRANSITION', ''], about)])
    exchange.answers('210')
    assert.deepEqual(pushed(), [event(['TRANSITION', ''], ['ENGAGED', ''], about)])
    exchange.advance(90_000)
    exchange.hangsUp('210')
    assert.deepEqual(pushed(), [event(['ENGAGED', ''], ['WORKING', ''], { pending_disp: '1' })])
    const dispose = `POST /voice/api/v1/admin/accounts/~/activeCalls/${uiiOf(exchange, call)}/dispositionCall?disposition=Sale`
    assert.equal((await exchange.ask(dispose, { headers: { 'X-Auth-Token': 'rcx-api-token-a' } })).text, 'true')
    assert.deepEqual(pushed(), [event(['WORKING', ''], available)])
    assert.equal((await exchange.ask(dispose, { headers: { 'X-Auth-Token': 'rcx-api-token-a' } })).status, 404)
    exchange.register(['210'], accountA, 0)
    assert.deepEqual(pushed(), [event(available, ['LOGOUT', ''])])
  })

  test('an outbound call is of type VPD, and nothing of another account goes out', async () => {
    exchange.register(['210'])
    await ask('POST', '', wanted)
    pushed()
    exchange.register(['210'], accountB)
    assert.equal(exchange.sent.length, 0)
    exchange.dials('210', '6501234567')
    const [event] = pushed()
    assert.deepEqual([event.call_type, event.call_source_id, event.dnis], ['VPD', '', '6501234567'])
  })
})
