import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get } from 'node:http'
import { type TestContext, test } from 'node:test'
import { WebSocket } from 'ws'
import { soon } from '../../testkit/phone-wait.ts'
import { bytes, certificate, openSockets } from '../../testkit/socket-rig.ts'
import { limits } from '../kernel/limits.ts'

async function webSocket(t: TestContext, url: string, protocols: readonly string[]): Promise<WebSocket> {
  const phone = new WebSocket(url, [...protocols], { ca: certificate.cert })
  t.after(() => phone.terminate())
  await soon(once(phone, 'open'), 'open')
  return phone
}

for (const [transport, scheme] of [
  ['WS', 'ws'],
  ['WSS', 'wss'],
] as const) {
  test(`${transport}: each message is one of SIP, as text or binary; answers are text (RFC 7118 §5)`, async (t) => {
    const { inlet, sockets, port } = await openSockets(t, transport)
    const phone = await webSocket(t, `${scheme}://127.0.0.1:${port}/sip`, ['sip'])
    assert.equal(phone.protocol, 'sip')
    phone.send('one')
    phone.send(Buffer.from('two'))
    await inlet.hears('received one', 'received two')
    assert.equal(inlet.flow.transport, transport)
    sockets.carryOut({ kind: 'send', bytes: bytes('answer'), flow: inlet.flow })
    const [answer, isBinary] = await soon(once(phone, 'message'), 'answer')
    assert.deepEqual([String(answer), isBinary], ['answer', false])
    phone.close()
    await inlet.hears('received one', 'received two', 'closed')
  })
}

test('WS: no sub-protocol `sip`, another path, or no WebSocket at all is refused', async (t) => {
  const { inlet, port } = await openSockets(t, 'WS')
  for (const [path, protocols] of [
    ['/sip', []],
    ['/sip', ['chat']],
    ['/', ['sip']],
  ] as const) {
    const phone = new WebSocket(`ws://127.0.0.1:${port}${path}`, [...protocols])
    const [error] = await soon(once(phone, 'error'), 'refusal')
    assert.match(String(error), /400/)
  }
  const request = get({ host: '127.0.0.1', port, path: '/sip' })
  const [response] = await soon(once(request, 'response'), 'response')
  response.resume()
  assert.equal(response.statusCode, 426)
  assert.deepEqual(inlet.told, [])
})

test('WS: a message that is larger than any of SIP ends the connection', async (t) => {
  const { inlet, port } = await openSockets(t, 'WS')
  const phone = await webSocket(t, `ws://127.0.0.1:${port}/sip`, ['sip'])
  phone.on('error', () => {})
  phone.send('x'.repeat(limits.sipMessageBytes + 1))
  await soon(once(phone, 'close'), 'close')
  await inlet.hears('closed')
})
