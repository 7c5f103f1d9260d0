import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compose, phoneAt, Rig, registered, reply, sdp, settings, stream, trunkFlow } from '../../testkit/sip-rig.ts'
import { account, hash, leg, udp } from '../../testkit/sip-world.ts'
import { limits } from '../kernel/limits.ts'
import { respond } from './digest.ts'
import type { TrunkSettings } from './door.ts'
import { header } from './message.ts'
import { datagramFlow } from './transport.ts'

const session = leg('out')
const pstn: TrunkSettings = { account, id: 'pstn', peer: 'udp:203.0.113.9:5060', trusted: ['203.0.113.9:5060'] }

function dial(trunk: Partial<TrunkSettings>) {
  const rig = new Rig({ ...settings, trunks: [{ ...pstn, ...trunk }] })
  const to = { kind: 'trunk', account, trunk: 'pstn', number: '1' } as const
  const seen = rig.do((agent) => agent.invite(rig.now, { session, to, from: { user: '210' }, sdp: 'v=0' }))
  const answer = (name: string, answers: Parameters<typeof rig.agent.resolved>[2]) => {
    const question = pending.findLast((o) => o.kind === 'resolve' && o.name === name)
    assert.ok(question?.kind === 'resolve', `${name} was asked for`)
    const after = rig.do((agent) => agent.resolved(rig.now, question.id, answers))
    pending.push(...after.outputs)
    return after
  }
  const pending = [...seen.outputs]
  return { rig, seen, answer }
}

test('a name with a port is looked up by A and AAAA, never SRV (RFC 3263 §4.2)', () => {
  const { seen, answer } = dial({ peer: 'udp:sip.carrier.test:5070' })
  assert.deepEqual(
    seen.outputs.map((o) => (o.kind === 'resolve' ? `${o.type} ${o.name}` : o.kind)),
    ['A sip.carrier.test'],
  )
  const sent = answer('sip.carrier.test', [{ type: 'A', address: '203.0.113.20' }])
  const output = sent.outputs[0]
  assert.deepEqual(output?.kind === 'send' && output.flow.remote, { address: '203.0.113.20', port: 5070 })
})

test('a name without a port is looked up by SRV: lowest priority first, the next after a time-out, in a transaction of its own (RFC 3263 §4.3)', () => {
  const { rig, answer } = dial({ peer: 'udp:carrier.test' })
  answer('_sip._udp.carrier.test', [
    { type: 'SRV', priority: 20, weight: 0, port: 5062, target: 'b.carrier.test' },
    { type: 'SRV', priority: 10, weight: 0, port: 5061, target: 'a.carrier.test.' },
  ])
  answer('a.carrier.test', [{ type: 'A', address: '203.0.113.21' }])
  const first = answer('b.carrier.test', [{ type: 'A', address: '203.0.113.22' }])
  assert.deepEqual(
    first.outputs.map((o) => o.kind === 'send' && o.flow.remote.port),
    [5061],
  )
  const later = rig.pass(32_000)
  const next = later.outputs.find((o) => o.kind === 'send' && o.flow.remote.port === 5062)
  assert.ok(next !== undefined)
  const branches = new Set([...first.messages, ...later.messages].map((m) => m.via[0]?.params.get('branch')))
  assert.equal(branches.size, 2)
})

test('no such name: ended with 503', () => {
  const { answer } = dial({ peer: 'udp:nowhere.test' })
  answer('_sip._udp.nowhere.test', [])
  const seen = answer('nowhere.test', [])
  assert.deepEqual([seen.event('ended').status, seen.event('ended').by], [503, 'fault'])
})

test('a name that is never answered: ended within a bound', () => {
  const { rig } = dial({ peer: 'udp:slow.test' })
  assert.equal(rig.pass(limits.sipReachMs).event('ended').status, 503)
})

test('TCP: one connection for all that wait, timers of an unreliable transport do not run (RFC 3261 §17.1.1.2)', () => {
  const { rig, seen } = dial({ peer: 'tcp:203.0.113.9:5060' })
  const connect = seen.outputs.find((o) => o.kind === 'connect')
  assert.ok(connect?.kind === 'connect')
  assert.deepEqual([connect.transport, connect.address, connect.port], ['TCP', '203.0.113.9', 5060])
  const second = rig.do((agent) =>
    agent.invite(rig.now, {
      session: leg('two'),
      to: { kind: 'trunk', account, trunk: 'pstn', number: '2' },
      from: { user: '1' },
      sdp: 'v=0',
    }),
  )
  assert.deepEqual(second.outputs, [])
  const flow = stream('c', 'TCP', { address: '203.0.113.9', port: 5060 })
  const sent = rig.do((agent) => agent.flowOpened(rig.now, connect.id, flow))
  assert.deepEqual(sent.methods, ['INVITE', 'INVITE'])
  assert.equal(header(sent.request('INVITE'), 'Contact'), '<sip:sotto@192.0.2.1:5060;transport=tcp>')
  assert.equal(sent.request('INVITE').via[0]?.transport, 'TCP')
  assert.deepEqual(rig.pass(31_000).methods, [])
})

test('TCP: a connection that fails, or dies under a request, counts as 503 (RFC 3261 §8.1.3.1)', () => {
  const { rig, seen } = dial({ peer: 'tcp:203.0.113.9:5060' })
  const connect = seen.outputs.find((o) => o.kind === 'connect')
  const id = connect?.kind === 'connect' ? connect.id : ''
  assert.equal(rig.do((agent) => agent.flowFailed(rig.now, id)).event('ended').status, 503)
  const again = dial({ peer: 'tcp:203.0.113.9:5060' })
  const flow = stream('c', 'TCP')
  again.rig.do((agent) => agent.flowOpened(again.rig.now, id, flow))
  assert.equal(again.rig.do((agent) => agent.flowClosed(again.rig.now, flow)).event('ended').status, 503)
})

test('TLS: the certificate must be for the name that was configured, whatever SRV leads to (RFC 5922 §7)', () => {
  const { answer } = dial({ peer: 'tls:carrier.test' })
  answer('_sips._tcp.carrier.test', [{ type: 'SRV', priority: 1, weight: 1, port: 5061, target: 'host7.cloud.test' }])
  answer('host7.cloud.test', [{ type: 'A', address: '203.0.113.21' }])
  const seen = answer('host7.cloud.test', [])
  const connect = seen.outputs.find((o) => o.kind === 'connect') ?? { kind: 'none' }
  assert.equal(connect.kind === 'connect' && connect.serverName, 'carrier.test')
})

test('503 moves on to the next server, if there is one', () => {
  const { rig, answer } = dial({ peer: 'udp:carrier.test:5060' })
  const first = answer('carrier.test', [
    { type: 'A', address: '203.0.113.21' },
    { type: 'A', address: '203.0.113.22' },
  ]).request('INVITE')
  const seen = rig.receive(reply(first, 503), trunkFlow)
  assert.deepEqual([seen.methods, seen.kinds], [['ACK', 'INVITE'], []])
  assert.equal(
    rig.receive(reply(seen.messages.filter((m) => m.kind === 'request').at(-1) ?? first, 503), trunkFlow).event('ended').status,
    503,
  )
})

test('hung up while the name is looked up: nothing is ever sent', () => {
  const { rig, answer } = dial({ peer: 'udp:carrier.test:5060' })
  assert.deepEqual(rig.do((agent) => agent.hangUp(rig.now, session)).kinds, ['ended'])
  assert.deepEqual(answer('carrier.test', [{ type: 'A', address: '203.0.113.21' }]).outputs, [])
})

const registering = { ...pstn, register: { expiresS: 300 }, credentials: { username: 'sotto1', password: 'p' } }

test('a trunk that wants it is registered at, with credentials, and again in time (RFC 3261 §10.2.4)', () => {
  const rig = new Rig({ ...settings, trunks: [registering] })
  const first = rig.do((agent) => agent.start(rig.now)).request('REGISTER')
  assert.equal(header(first, 'Contact'), '<sip:sotto1@192.0.2.1:5060>')
  const challenge = ['WWW-Authenticate: Digest realm="c", nonce="n", algorithm=SHA-256, qop="auth"']
  const second = rig.receive(reply(first, 401, { headers: challenge }), trunkFlow).request('REGISTER')
  assert.deepEqual([second.callId, second.cseq.number], [first.callId, 2])
  const ok = ['Contact: <sip:sotto1@192.0.2.1:5060>;expires=100', 'Contact: <sip:other@x>;expires=9']
  assert.deepEqual(rig.receive(reply(second, 200, { headers: ok }), trunkFlow).kinds, ['trunkUp'])
  assert.deepEqual(rig.pass(79_000).methods, [])
  const refresh = rig.pass(1_001).request('REGISTER')
  assert.deepEqual(rig.receive(reply(refresh, 403), trunkFlow).event('trunkDown').status, 403)
  assert.deepEqual(rig.pass(15_000).methods.slice(0, 1), ['REGISTER'], 'tried again')
})

test('a call that comes to our registered Contact was dialled as To says', () => {
  const rig = new Rig({ ...settings, trunks: [registering] })
  const invite = {
    method: 'INVITE',
    uri: 'sip:sotto1@192.0.2.1:5060',
    to: '<sip:+18661234567@carrier.test>',
    from: '<sip:+1555@carrier.test>;tag=c',
    via: 'SIP/2.0/UDP 203.0.113.9:5060;branch=z9hG4bKdid',
    body: sdp('x'),
  }
  assert.equal(rig.receive(compose(invite), trunkFlow).event('offered').to, '+18661234567')
})

test('stop gives the registration back; new settings do not disturb a trunk that did not change', () => {
  const rig = new Rig({ ...settings, trunks: [registering] })
  const first = rig.do((agent) => agent.start(rig.now)).request('REGISTER')
  rig.receive(reply(first, 200), trunkFlow)
  assert.deepEqual(rig.do((agent) => agent.configure(rig.now, { ...settings, trunks: [registering] })).outputs, [])
  assert.equal(header(rig.do((agent) => agent.stop(rig.now)).request('REGISTER'), 'Expires'), '0')
})

test('OPTIONS keep-alive: silence is down, any answer is up, and each is told once', () => {
  const rig = new Rig({ ...settings, trunks: [{ ...pstn, optionsEveryMs: 60_000 }] })
  rig.do((agent) => agent.start(rig.now))
  assert.equal(rig.pass(32_000).event('trunkDown').why, 'no answer')
  const next = rig.pass(60_000).request('OPTIONS')
  assert.deepEqual(rig.receive(reply(next, 405), trunkFlow).kinds, ['trunkUp'])
  const again = rig.pass(60_000).request('OPTIONS')
  assert.deepEqual(rig.receive(reply(again, 200), trunkFlow).kinds, [])
})

test('a peer that cannot be read is told at the start, not at the first call', () => {
  const rig = new Rig({ ...settings, trunks: [{ ...pstn, peer: 'carrier pigeon' }] })
  assert.match(rig.do((agent) => agent.start(rig.now)).event('trunkDown').why, /cannot be read/)
})

test('a browser is reached over the WebSocket that it registered on, and over its next one after a break', () => {
  const rig = new Rig()
  const first = stream('ws1', 'WS')
  const contact = '<sip:k3j@x7.invalid;transport=ws>'
  const register = (flow: typeof first, n: number) => {
    const via = `SIP/2.0/WS x7.invalid;branch=z9hG4bKws${n}`
    const text = { method: 'REGISTER', uri: 'sip:sotto.test', to: '<sip:210@sotto.test>', via, contact, callId: `ws${n}` }
    const challenge = rig.receive(compose(text), flow).response(401)
    const headers = challenge.headers.filter((h) => h.name === 'WWW-Authenticate').map((h) => h.value)
    const value = respond(headers, { username: '210', password: 'pw-210', method: 'REGISTER', uri: 'sip:sotto.test', cnonce: 'c', hash })
    rig.receive(compose({ ...text, via: `${via}b`, cseq: 2, headers: [`Authorization: ${value}`] }), flow).response(200)
  }
  register(first, 1)
  const to = { kind: 'extension', account, number: '210' } as const
  const seen = rig.do((agent) => agent.invite(rig.now, { session, to, from: { user: '1' }, sdp: 'v=0' }))
  const invite = seen.request('INVITE')
  assert.equal(invite.via[0]?.transport, 'WS')
  assert.equal(header(invite, 'Contact'), '<sip:sotto@192.0.2.1:8080;transport=ws>')
  rig.receive(reply(invite, 200, { headers: [`Contact: ${contact}`], body: sdp('a') }), first)
  rig.do((agent) => agent.flowClosed(rig.now, first))
  const second = stream('ws2', 'WS')
  register(second, 2)
  const bye = rig.do((agent) => agent.hangUp(rig.now, session)).outputs.find((o) => o.kind === 'send')
  assert.equal(bye?.kind === 'send' && bye.flow.id, 'ws2')
})

test('a phone on TCP that connects anew from another port is reached there, in the middle of a call', () => {
  const rig = new Rig()
  const [first, second] = [stream('t1'), stream('t2')]
  registered(rig, '210', first, 40_001)
  const to = { kind: 'extension', account, number: '210' } as const
  const invite = rig.do((agent) => agent.invite(rig.now, { session, to, from: { user: '1' }, sdp: 'v=0' })).request('INVITE')
  rig.receive(reply(invite, 200, { headers: [`Contact: <sip:210@${phoneAt.address}:40001>`], body: sdp('a') }), first)
  rig.do((agent) => agent.flowClosed(rig.now, first))
  registered(rig, '210', second, 40_002)
  const bye = rig.do((agent) => agent.hangUp(rig.now, session)).outputs.find((o) => o.kind === 'send')
  assert.equal(bye?.kind === 'send' && bye.flow.id, 't2')
})

test('a phone whose connection is gone for good: hanging up ends the session all the same', () => {
  const rig = new Rig()
  const flow = stream('t1')
  registered(rig, '210', flow)
  const to = { kind: 'extension', account, number: '210' } as const
  const invite = rig.do((agent) => agent.invite(rig.now, { session, to, from: { user: '1' }, sdp: 'v=0' })).request('INVITE')
  rig.receive(reply(invite, 200, { headers: ['Contact: <sip:210@phone.invalid;transport=ws>'], body: sdp('a') }), flow)
  rig.do((agent) => agent.flowClosed(rig.now, flow))
  assert.deepEqual(rig.do((agent) => agent.hangUp(rig.now, session)).kinds, ['ended'])
  rig.pass(60_000)
  assert.deepEqual(rig.agent.load, { sessions: 0, dialogs: 0, transactions: 0 })
})

test('IPv6: brackets where they belong, and none in received (RFC 5118 §4.5)', () => {
  const here = { address: '2001:db8::1', port: 5060 }
  const rig = new Rig({
    ...settings,
    listen: [udp('2001:db8::1')],
    trunks: [{ ...pstn, peer: 'udp:[2001:db8::9]:5060', trusted: ['[2001:db8::9]:5060'] }],
  })
  const flow = datagramFlow(here, { address: '2001:db8::9', port: 5060 })
  const ok = rig.agent.receive(
    rig.now,
    new TextEncoder().encode(
      compose({ method: 'OPTIONS', uri: 'sip:[2001:db8::1]', via: 'SIP/2.0/UDP [2001:db8::77];rport;branch=z9hG4bK6' }),
    ),
    flow,
  )
  const text = ok.map((o) => (o.kind === 'send' ? new TextDecoder().decode(o.bytes) : '')).join('')
  assert.match(text, /;received=2001:db8::9[;\r]/)
  const to = { kind: 'trunk', account, trunk: 'pstn', number: '1' } as const
  const invite = rig.do((agent) => agent.invite(rig.now, { session, to, from: { user: '1' }, sdp: 'v=0' })).request('INVITE')
  assert.equal(header(invite, 'Contact'), '<sip:sotto@[2001:db8::1]:5060>')
  assert.deepEqual(
    rig.receive(compose({ method: 'INVITE', uri: 'sip:5@[2001:db8::1]', via: 'SIP/2.0/UDP [2001:db8::9];branch=z9hG4bKi6' }), flow).kinds,
    ['offered'],
  )
})

test('advertised names stand in Via and Contact where the socket listens on a wildcard', () => {
  const listen = [{ transport: 'UDP', address: '0.0.0.0', port: 5060, advertise: { host: 'sip.sotto.test', port: 5160 } } as const]
  const rig = new Rig({ ...settings, listen })
  const to = { kind: 'trunk', account, trunk: 'pstn', number: '1' } as const
  const invite = rig.do((agent) => agent.invite(rig.now, { session, to, from: { user: '1' }, sdp: 'v=0' })).request('INVITE')
  assert.equal(header(invite, 'Contact'), '<sip:sotto@sip.sotto.test:5160>')
  assert.deepEqual([invite.via[0]?.host, invite.via[0]?.port], ['sip.sotto.test', 5160])
})

test('a connection to a trunk serves the next call, and after it closed a new one is opened', () => {
  const { rig, seen } = dial({ peer: 'tcp:203.0.113.9:5060' })
  const connect = seen.outputs.find((o) => o.kind === 'connect')
  const flow = stream('c', 'TCP')
  rig.do((agent) => agent.flowOpened(rig.now, connect?.kind === 'connect' ? connect.id : '', flow))
  const next = (name: string) =>
    rig.do((agent) =>
      agent.invite(rig.now, {
        session: leg(name),
        to: { kind: 'trunk', account, trunk: 'pstn', number: '2' },
        from: { user: '1' },
        sdp: 'v=0',
      }),
    )
  assert.deepEqual(next('two').methods, ['INVITE'])
  rig.do((agent) => agent.flowClosed(rig.now, flow))
  assert.deepEqual(
    next('three').outputs.map((o) => o.kind),
    ['connect'],
  )
})
