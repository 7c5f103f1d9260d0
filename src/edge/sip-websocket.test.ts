import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get } from 'node:http'
import { type TestContext, test } from 'node:test'
import { WebSocket } from 'ws'
import { soon } from '../../testkit/phone-wait.ts'
import { bytes, certificate, Inlet, openSockets } from '../../testkit/socket-rig.ts'
import { limits } from '../kernel/limits.ts'
import { silent } from '../kernel/log.ts'
import { now } from './clock.ts'
import { type Surface, serveHttp } from './http.ts'
import { systemRandom } from './random.ts'
import { SipSockets } from './sip-sockets.ts'

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

test('browsers come by the port of the API as well, at the same path; everything else there is the API’s', async (t) => {
  const inlet = new Inlet()
  const sockets = new SipSockets({ listen: [], inlet, now, log: silent })
  await sockets.bind()
  const surface: Surface = {
    name: 'test',
    owns: () => true,
    register: (app) => void app.get('/', () => 'hello'),
    unrouted: (_fault, _request, reply) => reply.code(404).send('nothing'),
  }
  const { url, close } = await serveHttp({
    ...{ host: '127.0.0.1', port: 0, surfaces: [surface], log: silent, random: systemRandom, closeMs: 100, guest: sockets.guests },
  })
  t.after(async () => {
    await sockets.close()
    await close()
  })
  const phone = await webSocket(t, `${url.replace('http', 'ws')}/sip`, ['sip'])
  phone.send('one')
  await inlet.hears('received one')
  assert.equal(inlet.flow.transport, 'WS')
  sockets.carryOut({ kind: 'send', bytes: bytes('answer'), flow: inlet.flow })
  const [answer] = await soon(once(phone, 'message'), 'answer')
  assert.equal(String(answer), 'answer')
  for (const [path, status] of [
    ['/sip', 400],
    ['/other', 404],
  ] as const) {
    const other = new WebSocket(`${url.replace('http', 'ws')}${path}`)
    const [error] = await soon(once(other, 'error'), 'refusal')
    assert.match(String(error), new RegExp(String(status)))
  }
  assert.equal((await fetch(`${url}/`)).status, 200)
})
