/** Call webhooks (contract newvoicemedia, section 6). The book of subscriptions is filled by the server, so that here it is filled by hand. */
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { after, before, beforeEach, describe, test } from 'node:test'
import { accountA, accountB } from '../../../testkit/desk.ts'
import { Exchange } from '../../../testkit/exchange.ts'
import { shelfOf } from '../../../testkit/recording-shelf.ts'
import { Idempotency } from '../../http/idempotency.ts'
import { LoginLock } from '../../http/login-lock.ts'
import { silent } from '../../kernel/log.ts'
import { ok } from '../../kernel/outcome.ts'
import { guidOf } from '../call-ids.ts'
import type { CallOut } from '../courier.ts'
import { SubscriptionBook } from '../subscriptions.ts'
import { TokenBook } from '../tokens.ts'
import { callWebhooks } from './events.ts'

const secret = Buffer.from('a shared secret').toString('base64')

let exchange: Exchange
let stop: () => void
const subscriptions = new SubscriptionBook()
const sent: CallOut[] = []

before(async () => {
  exchange = await Exchange.open()
  exchange.register(['210', '106'])
  const { desk, directory, random, settings } = exchange
  const { newvoicemedia, ...others } = settings.dialects
  stop = callWebhooks({
    ...{ desk, untoldDesk: desk, directory, random, subscriptions, log: silent, clock: () => exchange.now },
    ...{ publicUrl: settings.publicUrl, realm: settings.sip.realm, version: '0' },
    settings: { ...others, newvoicemedia: { ...newvoicemedia, prefix: 'vcc/' } },
    tokens: new TokenBook(random),
    shelf: shelfOf(),
    courier: { send: (callOut) => void sent.push(callOut), permits: () => ok(true) },
    idempotency: new Idempotency({ keepMs: 1, most: 1 }),
    loginLock: new LoginLock({ failures: 1, windowMs: 1, sources: 1 }),
  })
  const common = { dialect: 'newvoicemedia', modified: exchange.now } as const
  subscriptions.put({ ...common, id: 'crm', account: accountA, fields: { url: 'https://crm.example/hook', secret } })
  subscriptions.put({ ...common, id: 'unsigned', account: accountA, fields: { url: 'https://log.example/' } })
  subscriptions.put({ ...common, id: 'theirs', account: accountB, fields: { url: 'https://other.example/', secret } })
})

after(async () => {
  stop()
  await exchange.close()
})

beforeEach(() => {
  sent.length = 0
})

const to = (receiver: string) => sent.filter((callOut) => callOut.receiver === receiver)
const bodies = (receiver: string) => to(receiver).map(({ body = '' }) => JSON.parse(body))

describe('a call', () => {
  test('is told from its beginning to its end, as a CloudEvent with its detail', () => {
    const call = exchange.callsIn('+18661234567', { number: '+447700900123' })
    exchange.answers('210')
    exchange.advance(1000)
    exchange.hangsUp('210')
    const events = bodies('crm')
    assert.deepEqual(
      events.map(({ type, data }) => [type, data.status, data.recordingStatus]),
      [
        ['call.created', 'RingingDestination', null],
        ['call.answered', 'InProgress', 'Started'],
        ['call.recording', 'InProgress', 'Started'],
        ['call.recording', 'Completed', 'Stopped'],
        ['call.completed', 'Completed', 'Stopped'],
      ],
    )
    const guid = guidOf(call)
    const { id, data, ...attributes } = events.at(-1)
    assert.match(id, /./)
    assert.deepEqual(attributes, {
      ...{ specversion: '1.0', source: 'https://sotto.test/vcc/V0/a1b2c3d4e5/Calls', type: 'call.completed', subject: guid },
      ...{ time: '2026-11-20T12:00:01.250Z', datacontenttype: 'application/json' },
    })
    assert.deepEqual(data, {
      ...{ id: guid, links: [{ href: `https://sotto.test/vcc/V0/a1b2c3d4e5/Calls/${guid}`, rel: '_self' }] },
      ...{ from: { telephoneNumber: '+447700900123' }, to: { agentId: '1234' }, status: 'Completed', recordingStatus: 'Stopped' },
      ...{ result: { code: 'Success' }, dispositionCode: null },
    })
    assert.equal(new Set(events.map((event) => event.id)).size, events.length)
    assert.deepEqual(bodies('unsigned'), events)
    assert.deepEqual(to('theirs'), [], 'another account hears nothing of it')
  })

  test('is signed over the very bytes with the shared secret', () => {
    exchange.callsIn('+18661234567', { number: '+447700900123' })
    const [callOut] = to('crm')
    assert.ok(callOut !== undefined)
    assert.deepEqual(
      [callOut.method, callOut.url, callOut.account, callOut.dialect],
      ['POST', 'https://crm.example/hook', accountA, 'newvoicemedia'],
    )
    assert.equal(callOut.headers['Content-Type'], 'application/cloudevents+json')
    const [head = '', claims = '', signature] = (callOut.headers['Vonage-Signature'] ?? '').split('.')
    assert.equal(signature, createHmac('sha256', 'a shared secret').update(`${head}.${claims}`).digest('base64url'))
    assert.deepEqual(JSON.parse(Buffer.from(head, 'base64url').toString()), { alg: 'HS256', typ: 'JWT' })
    const { iat, jti, payload_hash } = JSON.parse(Buffer.from(claims, 'base64url').toString())
    assert.equal(
      payload_hash,
      createHash('sha256')
        .update(callOut.body ?? '')
        .digest('hex'),
    )
    assert.equal(iat, Math.floor(exchange.now / 1000))
    assert.equal(jti, JSON.parse(callOut.body ?? '').id)
    assert.equal(to('unsigned')[0]?.headers['Vonage-Signature'], undefined)
    exchange.hangsUp('+447700900123')
  })

  test('a supervisor is told to nobody', async () => {
    exchange.register(['101'])
    const call = exchange.callsIn('+18661234568', { number: '+447700900123' })
    exchange.answers('106')
    sent.length = 0
    const order = { kind: 'supervise', call: call.id, supervisor: { extension: '101' }, mode: 'barge' } as const
    await exchange.desk.request({ account: accountA, role: 'admin' }, order)
    exchange.answers('101')
    assert.deepEqual(exchange.hearing(call)['+447700900123'], ['101', '106'])
    exchange.hangsUp('101')
    assert.deepEqual(sent, [])
    exchange.hangsUp('106')
  })
})

test('nothing is sent after the end', () => {
  stop()
  exchange.callsIn('+18661234568', { number: '+447700900124' })
  assert.deepEqual(sent, [])
})
