import assert from 'node:assert/strict'
import { test } from 'node:test'
import { phoneAt, phoneFlow, serverAt, stream } from '../../testkit/sip-rig.ts'
import { udp } from '../../testkit/sip-world.ts'
import { datagramFlow, listenerFor, responseFlow, sentBy, transportOf } from './transport.ts'
import { sipUri } from './uri.ts'
import { parseVias } from './via.ts'

const viaOf = (text: string) => {
  const parsed = parseVias(text)
  return parsed.ok ? parsed.value : []
}

test('datagrams leave by a socket of the same family, and by loopback only towards loopback', () => {
  const listeners = [udp('127.0.0.1'), udp('192.0.2.1'), udp('::1'), udp('2001:db8::1')]
  const from = (remote: string) => listenerFor(listeners, 'UDP', remote)?.address
  assert.deepEqual(['127.0.0.9', '203.0.113.1', '::1', '2001:db8::9'].map(from), ['127.0.0.1', '192.0.2.1', '::1', '2001:db8::1'])
  assert.equal(listenerFor([udp('192.0.2.1')], 'UDP', '127.0.0.1')?.address, '192.0.2.1', 'better than none')
  assert.equal(listenerFor(listeners, 'TCP', '203.0.113.1'), undefined)
})

test('a response over a connection stays on it; a datagram goes by rport, else to the port in Via, else to 5060', () => {
  const to = (via: string, flow = phoneFlow) => responseFlow({ via: viaOf(via) }, flow)
  const connected = stream('c')
  assert.equal(to('SIP/2.0/TCP a.test:9;branch=1', connected), connected)
  assert.equal(to('SIP/2.0/UDP a.test:9;rport;branch=1').remote.port, phoneAt.port)
  assert.deepEqual(to('SIP/2.0/UDP a.test:9;branch=1').remote, { address: phoneAt.address, port: 9 })
  assert.equal(to('SIP/2.0/UDP a.test;maddr=203.0.113.66;branch=1').remote.address, phoneAt.address, 'maddr is not followed')
})

test('both sides of the door give a datagram flow the same id', () => {
  assert.equal(datagramFlow(serverAt, phoneAt).id, datagramFlow({ ...serverAt }, { ...phoneAt }).id)
  assert.notEqual(datagramFlow(serverAt, phoneAt).id, datagramFlow(serverAt, { ...phoneAt, port: 1 }).id)
})

test('we name ourselves by the listener of the flow, for a connection that we opened by that of the same address', () => {
  const listeners = [udp('192.0.2.1'), udp('192.0.2.1', 5080), { transport: 'TCP', address: '192.0.2.1', port: 5060 } as const]
  assert.deepEqual(sentBy(listeners, datagramFlow({ address: '192.0.2.1', port: 5080 }, phoneAt)), { host: '192.0.2.1', port: 5080 })
  const opened = { ...stream('c'), local: { address: '192.0.2.1', port: 49_152 } }
  assert.deepEqual(sentBy(listeners, opened), { host: '192.0.2.1', port: 5060 })
  assert.deepEqual(sentBy([], opened), { host: '192.0.2.1', port: 49_152 })
})

test('transport of a URI: as named, else UDP, and never without TLS for sips (RFC 3263 §4.1)', () => {
  const of = (scheme: 'sip' | 'sips', transport?: string) =>
    transportOf(sipUri({ scheme, host: 'a.test', params: transport === undefined ? {} : { transport } }))
  assert.deepEqual(
    [of('sip'), of('sip', 'TCP'), of('sip', 'sctp'), of('sips'), of('sips', 'tcp'), of('sips', 'ws')],
    ['UDP', 'TCP', 'UDP', 'TLS', 'TLS', 'WSS'],
  )
})
