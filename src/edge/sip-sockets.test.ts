import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { eventually, pause, soon } from '../../testkit/phone-wait.ts'
import { asHeard, bytes, dial, Inlet, message, openSockets } from '../../testkit/socket-rig.ts'
import { silent } from '../kernel/log.ts'
import type { Listener } from '../sip/door.ts'
import { datagramFlow } from '../sip/transport.ts'
import { now } from './clock.ts'
import { SipSockets } from './sip-sockets.ts'

for (const [address, loopback, type] of [
  ['127.0.0.1', '127.0.0.1', 'udp4'],
  ['0.0.0.0', '127.0.0.1', 'udp4'],
  ['::1', '::1', 'udp6'],
] as const) {
  test(`UDP at ${address}: the flow is the one that the SIP layer makes of the listener and the sender, and what it sends goes there`, async (t) => {
    const { inlet, sockets, port, local } = await openSockets(t, 'UDP', address)
    const phone = createSocket(type).on('error', () => {})
    t.after(() => phone.close())
    phone.bind(0, loopback)
    await once(phone, 'listening')
    phone.send('hello', port, loopback)
    await inlet.hears('received hello')
    const remote = { address: loopback, port: phone.address().port }
    assert.deepEqual(inlet.flow, datagramFlow(local, remote))
    const heard = once(phone, 'message')
    sockets.carryOut({ kind: 'send', bytes: bytes('answer'), flow: datagramFlow(local, remote) })
    const [answer, from] = await soon(heard, 'answer')
    assert.deepEqual([String(answer), from.port], ['answer', port])
  })
}

test('UDP: what cannot be sent is lost, and nothing else', async (t) => {
  const { inlet, sockets, local } = await openSockets(t, 'UDP')
  const remote = { address: '127.0.0.1', port: 9 }
  sockets.carryOut({ kind: 'send', bytes: new Uint8Array(70_000), flow: datagramFlow(local, remote) })
  sockets.carryOut({ kind: 'send', bytes: bytes('x'), flow: datagramFlow(local, { ...remote, port: 0 }) })
  sockets.carryOut({ kind: 'send', bytes: bytes('x'), flow: datagramFlow(local, { ...remote, address: '::1' }) })
  sockets.carryOut({ kind: 'send', bytes: bytes('x'), flow: datagramFlow({ ...local, port: 1 }, remote) })
  await pause(20)
  assert.deepEqual(inlet.told, [])
})

test('names are looked up; a name that leads nowhere is an empty list', async (t) => {
  const { inlet, sockets } = await openSockets(t, 'UDP')
  sockets.carryOut({ kind: 'resolve', id: 'q1', name: 'localhost', type: 'A' })
  // A label of more than 63 characters is no name (RFC 1035 §2.3.4): no server is asked.
  sockets.carryOut({ kind: 'resolve', id: 'q2', name: `${'x'.repeat(64)}.test`, type: 'A' })
  sockets.carryOut({ kind: 'resolve', id: 'q3', name: `${'x'.repeat(64)}.test`, type: 'SRV' })
  await eventually('all are answered', () => inlet.answers.size === 3)
  assert.deepEqual(inlet.answers.get('q1'), [{ type: 'A', address: '127.0.0.1' }])
  assert.deepEqual([inlet.answers.get('q2'), inlet.answers.get('q3')], [[], []])
})

const udpSockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap').length

test('one listener that cannot be bound: none is', async (t) => {
  const { port } = await openSockets(t, 'TCP')
  await eventually('the sockets of earlier tests are gone', () => udpSockets() === 0)
  await openSockets(t, 'UDP')
  assert.equal(udpSockets(), 1, 'an open socket is counted')
  const listen: Listener[] = [
    { transport: 'UDP', address: '127.0.0.1', port: 0 },
    { transport: 'TCP', address: '127.0.0.1', port },
  ]
  const sockets = new SipSockets({ listen, inlet: new Inlet(), now, log: silent })
  await assert.rejects(sockets.bind(), { code: 'EADDRINUSE', port })
  await eventually('the socket that could be bound is closed', () => udpSockets() === 1)
})

test('after closing, connections are closed and nothing is sent', async (t) => {
  const { inlet, sockets, port } = await openSockets(t, 'TCP')
  const phone = await dial(t, port)
  phone.write(message('one'))
  await inlet.hears(asHeard('one'))
  const closed = once(phone, 'close')
  phone.resume()
  await sockets.close()
  await soon(closed, 'close')
  sockets.carryOut({ kind: 'send', bytes: bytes('late'), flow: inlet.flow })
  await assert.rejects(dial(t, port))
})
