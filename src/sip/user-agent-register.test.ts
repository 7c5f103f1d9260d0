import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compose, phoneFlow, type RequestText, Rig, registered, serverAt, settings, stream, trunkFlow } from '../../testkit/sip-rig.ts'
import { account } from '../../testkit/sip-world.ts'
import { limits } from '../kernel/limits.ts'
import { header, headers } from './message.ts'
import { datagramFlow } from './transport.ts'

const register = (more: Partial<RequestText> = {}): RequestText => ({
  method: 'REGISTER',
  uri: 'sip:sotto.test',
  to: '<sip:210@sotto.test>',
  callId: 'reg',
  ...more,
})
const me = { username: '210', password: 'pw-210' }

test('a REGISTER is challenged with SHA-256 before MD5 (RFC 8760 §2.4), but for phones that cannot read that', () => {
  const cases: readonly (readonly [userAgent: readonly string[], algorithms: readonly string[]])[] = [
    [['User-Agent: Linphonec/5.1.65'], ['SHA-256', 'MD5']],
    [['User-Agent: baresip v2.9.0 (x86_64/Linux)'], ['SHA-256', 'MD5']],
    [['User-Agent: baresip v1.0.0 (x86_64/linux)'], ['MD5']],
    [[], ['MD5', 'SHA-256']],
  ]
  for (const [userAgent, algorithms] of cases) {
    const challenge = new Rig().receive(compose(register({ headers: userAgent }))).response(401)
    const offered = headers(challenge, 'WWW-Authenticate').map((value) => /algorithm=([^,]+)/.exec(value)?.[1])
    assert.deepEqual(offered, algorithms)
  }
})

test('a proven REGISTER binds and lists the contact', () => {
  const seen = new Rig().prove(register(), me)
  assert.match(header(seen.response(200), 'Contact') ?? '', /^<sip:210@198\.51\.100\.7:5062>;expires=3600$/)
  const event = seen.event('registered')
  assert.equal(event.extension, '210')
  assert.deepEqual(event.contacts[0]?.remote, phoneFlow.remote)
})

test('an unknown user, a wrong password and a foreign realm get the same answer', () => {
  const answers = [
    { username: 'nobody', password: 'x' },
    { username: '210', password: 'wrong' },
  ].map((credentials) => {
    const seen = new Rig().prove(register(), credentials)
    assert.deepEqual(seen.kinds, [])
    return seen.response(401).headers.map((h) => h.name)
  })
  assert.deepEqual(answers[0], answers[1])
})

test('nobody registers for somebody else: 403 (RFC 3261 §10.3 step 3)', () => {
  const seen = new Rig().prove(register({ to: '<sip:211@sotto.test>' }), me)
  assert.deepEqual(seen.statuses, [403])
})

test('a phone may call itself by code and number, and by number only where one account has it', () => {
  const twice = {
    ...settings,
    extensions: [...settings.extensions, { account: 'a2' as typeof account, code: '0004', number: '210', password: 'other' }],
  }
  const own = { to: '<sip:0003*210@sotto.test>' }
  assert.deepEqual(new Rig(twice).prove(register(own), { username: '0003*210', password: 'pw-210' }).statuses, [200])
  assert.deepEqual(new Rig(twice).prove(register(), me).statuses, [401])
})

test('a retransmitted REGISTER is absorbed: it is answered alike and changes nothing', () => {
  const rig = new Rig()
  const first = rig.prove(register(), me)
  const text = compose(register({ cseq: 2, branch: 'z9hG4bKap', headers: ['Authorization: any'] }))
  const again = rig.receive(text)
  assert.deepEqual(
    again.outputs,
    first.outputs.filter((o) => o.kind === 'send'),
  )
})

test('expiry is bounded: 423 with Min-Expires below, cut above (RFC 3261 §10.3 step 7)', () => {
  const short = new Rig().prove(register({ headers: ['Expires: 59'] }), me)
  assert.equal(header(short.response(423), 'Min-Expires'), '60')
  const long = new Rig().prove(register({ headers: ['Expires: 999999'] }), me)
  assert.match(header(long.response(200), 'Contact') ?? '', /expires=3600$/)
})

test('a contact parameter outdoes the Expires header, and both may be absent', () => {
  const rig = new Rig()
  const seen = rig.prove(register({ contact: '<sip:210@198.51.100.7:5062>;expires=120', headers: ['Expires: 600'] }), me)
  assert.match(header(seen.response(200), 'Contact') ?? '', /expires=120$/)
  assert.deepEqual(rig.pass(119_000).kinds, [])
  assert.equal(rig.pass(2_000).event('unregistered').why, 'expired')
})

test('a refresh is no event; another contact is one', () => {
  const rig = new Rig()
  rig.prove(register(), me)
  assert.deepEqual(rig.prove(register({ cseq: 5, branch: 'z9hG4bKb' }), me).kinds, [])
  const second = rig.prove(register({ cseq: 9, branch: 'z9hG4bKc', contact: '<sip:210@198.51.100.7:7000>' }), me)
  assert.equal(second.event('registered').contacts.length, 2)
  assert.equal(headers(second.response(200), 'Contact').length, 2)
})

test('Expires: 0 removes one contact, `*` all, and `*` with anything else is 400', () => {
  const rig = new Rig()
  rig.prove(register(), me)
  assert.deepEqual(rig.prove(register({ cseq: 3, branch: 'z9hG4bKd', contact: '*' }), me).statuses, [400])
  const seen = rig.prove(register({ cseq: 5, branch: 'z9hG4bKe', contact: '*', headers: ['Expires: 0'] }), me)
  assert.equal(seen.event('unregistered').why, 'removed')
  assert.deepEqual(headers(seen.response(200), 'Contact'), [])
})

test('within a Call-ID the CSeq must grow, or the update fails (RFC 3261 §10.3 step 7)', () => {
  const rig = new Rig()
  rig.prove(register({ cseq: 10 }), me)
  const late = rig.prove(register({ cseq: 4, branch: 'z9hG4bKlate', contact: '<sip:210@198.51.100.7:5062>;expires=0' }), me)
  assert.deepEqual([late.statuses, late.kinds], [[500], []])
  assert.equal(rig.agent.contacts(account, '210').length, 1)
})

test('contacts of an extension are bounded; the oldest gives way', () => {
  const rig = new Rig()
  for (let n = 0; n <= limits.sipContactsPerExtension; n++)
    rig.prove(register({ cseq: 2 * n + 1, branch: `z9hG4bKn${n}`, contact: `<sip:210@198.51.100.7:${6000 + n}>` }), me)
  const uris = rig.agent.contacts(account, '210').map((c) => c.uri)
  assert.equal(uris.length, limits.sipContactsPerExtension)
  assert.ok(!uris.includes('sip:210@198.51.100.7:6000'))
})

test('the same instance from a new address replaces the old contact (RFC 5626 §6)', () => {
  const rig = new Rig()
  const instance = ';+sip.instance="<urn:uuid:1>"'
  rig.prove(register({ contact: `<sip:210@10.1.1.1:5060>${instance}` }), me)
  const seen = rig.prove(register({ callId: 'other', branch: 'z9hG4bKi', contact: `<sip:210@10.1.1.2:5060>${instance}` }), me)
  assert.deepEqual(
    seen.event('registered').contacts.map((c) => c.uri),
    ['sip:210@10.1.1.2:5060'],
  )
})

test('a connection that closes takes its contacts along', () => {
  const rig = new Rig()
  const flow = stream('tcp-1')
  registered(rig, '210', flow)
  assert.deepEqual(rig.do((agent) => agent.flowClosed(rig.now, flow)).event('unregistered').why, 'flow-closed')
  assert.deepEqual(rig.agent.contacts(account, '210'), [])
})

test('REGISTER without Contact only asks (RFC 3261 §10.2.3), and returns Path (RFC 3327 §5.3)', () => {
  const rig = new Rig()
  rig.prove(register({ headers: ['Path: <sip:edge.test;lr>'] }), me)
  const seen = rig.prove(register({ cseq: 7, branch: 'z9hG4bKq', contact: '' }), me)
  assert.equal(headers(seen.response(200), 'Contact').length, 1)
  assert.deepEqual(seen.kinds, [])
})

test('settings that no longer know an extension end its registration', () => {
  const rig = new Rig()
  registered(rig)
  const seen = rig.do((agent) => agent.configure(rig.now, { ...settings, extensions: [] }))
  assert.equal(seen.event('unregistered').why, 'configuration')
})

test('a phone behind a NAT is called at the address that it was seen at, over the socket that it registered at', () => {
  const rig = new Rig()
  const natted = datagramFlow(serverAt, { address: '203.0.113.77', port: 33_333 })
  registered(rig, '210', natted)
  const seen = rig.do((agent) =>
    agent.invite(rig.now, { session: 'x' as never, to: { kind: 'extension', account, number: '210' }, from: { user: '211' }, sdp: 'v=0' }),
  )
  const sent = seen.outputs.find((o) => o.kind === 'send')
  assert.deepEqual(sent?.kind === 'send' && sent.flow.remote, natted.remote)
})

test('a trusted trunk registers nobody without a password', () => {
  assert.deepEqual(new Rig().receive(compose(register()), trunkFlow).statuses, [401])
})

test('requests of one source that prove nothing are dropped beyond the limit, until the second is over', () => {
  const rig = new Rig()
  const counts = (n: number) => rig.receive(compose(register({ branch: `z9hG4bKf${n}` }))).statuses.length
  let answered = 0
  for (let n = 0; n < limits.sipRequestsPerSourcePerSecond + 50; n++) answered += counts(n)
  assert.equal(answered, limits.sipRequestsPerSourcePerSecond)
  rig.pass(1000)
  assert.equal(counts(9999), 1)
})
