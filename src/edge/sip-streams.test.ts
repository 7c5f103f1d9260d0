import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { eventually, pause, soon } from '../../testkit/phone-wait.ts'
import { asHeard, bytes, certificate, dial, message, openSockets } from '../../testkit/socket-rig.ts'
import { limits } from '../kernel/limits.ts'
import { adjustLimits } from './adjustable-limits.ts'

test('TCP: messages are cut by their length, however they arrive; a keep-alive is handed on; the end is told once', async (t) => {
  const { inlet, port } = await openSockets(t, 'TCP')
  const phone = await dial(t, port)
  phone.write(`${message('one')}${message('two').slice(0, 30)}`)
  await inlet.hears(asHeard('one'))
  phone.write(`${message('two').slice(30)}\r\n\r\n`)
  await inlet.hears(asHeard('one'), asHeard('two'), 'received ||')
  assert.deepEqual(inlet.flow.remote, { address: '127.0.0.1', port: phone.localPort })
  phone.destroy()
  await inlet.hears(asHeard('one'), asHeard('two'), 'received ||', 'closed')
})

test('TCP: what is sent arrives on the connection of the flow; a flow that is gone swallows it', async (t) => {
  const { inlet, sockets, port } = await openSockets(t, 'TCP')
  const phone = await dial(t, port)
  phone.write(message('one'))
  await inlet.hears(asHeard('one'))
  sockets.carryOut({ kind: 'send', bytes: bytes('answer'), flow: inlet.flow })
  const [answer] = await soon(once(phone, 'data'), 'answer')
  assert.equal(String(answer), 'answer')
  phone.destroy()
  await inlet.hears(asHeard('one'), 'closed')
  sockets.carryOut({ kind: 'send', bytes: bytes('late'), flow: inlet.flow })
  assert.equal(sockets.connections, 0)
})

test('TCP: a stream without borders is closed', async (t) => {
  const { inlet, port } = await openSockets(t, 'TCP')
  const phone = await dial(t, port)
  phone.write('GET / HTTP/1.1\r\n\r\n')
  await soon(once(phone, 'close'), 'close')
  await inlet.hears('closed')
})

test('a connection that the SIP layer closes is not reported, and what was sent before arrives', async (t) => {
  const { inlet, sockets, port } = await openSockets(t, 'TCP')
  const phone = await dial(t, port)
  phone.write(message('one'))
  await inlet.hears(asHeard('one'))
  sockets.carryOut({ kind: 'send', bytes: bytes('goodbye'), flow: inlet.flow })
  sockets.carryOut({ kind: 'close', flow: inlet.flow })
  const [last] = await soon(once(phone, 'data'), 'goodbye')
  assert.equal(String(last), 'goodbye')
  await soon(once(phone, 'close'), 'close')
  await inlet.hears(asHeard('one'))
})

test('a peer that does not read is cut off when what it is owed grows too large', async (t) => {
  const { inlet, sockets, port } = await openSockets(t, 'TCP')
  const phone = await dial(t, port)
  phone.pause().write(message('one'))
  await inlet.hears(asHeard('one'))
  const { flow } = inlet
  const large = new Uint8Array(60_000)
  for (let n = 0; n < 1_000 && inlet.told.length < 2; n++) {
    sockets.carryOut({ kind: 'send', bytes: large, flow })
    if (n % 10 === 0) await pause(1)
  }
  await inlet.hears(asHeard('one'), 'closed')
  assert.equal(sockets.connections, 0)
})

test('one source cannot take all connections, and gets its place back when it leaves', async (t) => {
  const { sipConnectionsPerSource } = limits
  adjustLimits({ sipConnectionsPerSource: 3 })
  t.after(() => adjustLimits({ sipConnectionsPerSource }))
  const { sockets, port } = await openSockets(t, 'TCP')
  const phones = [await dial(t, port), await dial(t, port), await dial(t, port)]
  const fourth = await dial(t, port)
  await soon(once(fourth, 'close'), 'the fourth is closed')
  assert.equal(sockets.connections, 3)
  phones[0]?.destroy()
  await eventually('it is gone', () => sockets.connections === 2)
  await dial(t, port)
  await eventually('there is room again', () => sockets.connections === 3)
})

test('connections that the SIP layer asks for: opened with a flow that works both ways, or failed', async (t) => {
  const { inlet, sockets } = await openSockets(t, 'TCP')
  const peer = createServer().listen(0, '127.0.0.1')
  t.after(() => peer.close())
  await once(peer, 'listening')
  const { port } = peer.address() as { port: number }
  const accepted = once(peer, 'connection')
  const to = { kind: 'connect', transport: 'TCP', address: '127.0.0.1', serverName: '127.0.0.1' } as const
  sockets.carryOut({ ...to, id: 'c1', port })
  const [far] = await soon(accepted, 'connection')
  await inlet.hears('opened c1')
  sockets.carryOut({ kind: 'send', bytes: bytes('hello'), flow: inlet.flow })
  const [hello] = await once(far, 'data')
  assert.equal(String(hello), 'hello')
  far.write(message('one'))
  await inlet.hears('opened c1', asHeard('one'))
  far.destroy()
  await inlet.hears('opened c1', asHeard('one'), 'closed')
  sockets.carryOut({ ...to, id: 'c2', port: 1 })
  await inlet.hears('opened c1', asHeard('one'), 'closed', 'failed c2')
})

test('TLS: a phone connects and speaks', async (t) => {
  const { inlet, sockets, port } = await openSockets(t, 'TLS')
  const phone = connectTls({ host: '127.0.0.1', port, ca: certificate.cert })
  t.after(() => phone.destroy())
  await soon(once(phone, 'secureConnect'), 'handshake')
  phone.write(message('one'))
  await inlet.hears(asHeard('one'))
  assert.equal(inlet.flow.transport, 'TLS')
  sockets.carryOut({ kind: 'send', bytes: bytes('answer'), flow: inlet.flow })
  const [answer] = await soon(once(phone, 'data'), 'answer')
  assert.equal(String(answer), 'answer')
})

test('TLS: whoever speaks no TLS is closed, and the next one is served', async (t) => {
  const { inlet, port } = await openSockets(t, 'TLS')
  const stranger = await dial(t, port)
  stranger.write(message('one'))
  await soon(once(stranger, 'close'), 'close')
  const phone = connectTls({ host: '127.0.0.1', port, ca: certificate.cert })
  t.after(() => phone.destroy())
  await soon(once(phone, 'secureConnect'), 'handshake')
  assert.deepEqual(inlet.told, [])
})

test('TLS to a peer: only with a certificate for the name that was asked for (RFC 5922 §4)', async (t) => {
  const { inlet, sockets } = await openSockets(t, 'TLS')
  const peer = createTlsServer(certificate, (socket) => socket.on('error', () => {})).listen(0, '127.0.0.1')
  t.after(() => peer.close())
  await once(peer, 'listening')
  const { port } = peer.address() as { port: number }
  const to = { kind: 'connect', transport: 'TLS', address: '127.0.0.1', port } as const
  sockets.carryOut({ ...to, id: 'right', serverName: 'localhost' })
  await inlet.hears('opened right')
  sockets.carryOut({ ...to, id: 'wrong', serverName: 'trunk.example' })
  await inlet.hears('opened right', 'failed wrong')
  sockets.carryOut({ ...to, id: 'address', serverName: '127.0.0.1' })
  await inlet.hears('opened right', 'failed wrong', 'opened address')
})
