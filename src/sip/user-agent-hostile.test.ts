import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom } from '../../testkit/random.ts'
import {
  compose,
  inDialog,
  inviteText,
  phoneFlow,
  type RequestText,
  Rig,
  reply,
  sdp,
  settings,
  stream,
  trunkAt,
  trunkFlow,
} from '../../testkit/sip-rig.ts'
import { account, leg } from '../../testkit/sip-world.ts'
import type { Flow, Output } from './door.ts'
import { header } from './message.ts'
import { parse } from './parser.ts'
import type { Transport } from './terms.ts'
import { tortureMessages } from './torture/messages.ts'

const options: RequestText = { method: 'OPTIONS', uri: 'sip:sotto.test', from: '<sip:x@y.test>;tag=o', contact: '' }

let pings = 0
/** The user agent lives as long as it answers this. */
function answersOptions(rig: Rig, flow: Flow, why: string): void {
  rig.pass(1_001)
  const seen = rig.receive(compose({ ...options, callId: `ping${++pings}`, branch: `z9hG4bKping${pings}` }), flow)
  assert.deepEqual(seen.statuses, [200], why)
}

const statusesOf = (outputs: readonly Output[]) =>
  outputs.flatMap((o) => {
    const parsed = o.kind === 'send' ? parse(o.bytes) : undefined
    return parsed?.ok && parsed.value.kind === 'response' ? [parsed.value.status] : []
  })

test('every torture message of RFC 4475 and RFC 5118 is answered as its RFC wants, or dropped', () => {
  for (const { name, section, bytes, expect } of tortureMessages) {
    const rig = new Rig()
    const statuses = statusesOf(rig.agent.receive(rig.now, bytes, phoneFlow))
    const why = `${name} (${section}): ${statuses.join(' ') || 'nothing'}`
    if (expect.layer === 'user agent' && expect.outcome === 'answer') assert.ok(expect.statuses.includes(statuses[0] ?? 0), why)
    if (expect.layer === 'user agent' && expect.outcome === 'drop') assert.deepEqual(statuses, [], why)
    if (expect.layer === 'parser' && expect.outcome === 'fault') assert.deepEqual(statuses, expect.answered ? [expect.status] : [], why)
    answersOptions(rig, phoneFlow, name)
  }
})

test('the same from a trusted trunk, where no challenge shields the rest', () => {
  for (const { name, bytes, expect } of tortureMessages) {
    const rig = new Rig()
    const statuses = statusesOf(rig.agent.receive(rig.now, bytes, trunkFlow))
    if (name === 'invut') assert.deepEqual(statuses, [415])
    if (name === 'mpart01') assert.deepEqual(statuses, [405], 'MESSAGE is not served')
    if (expect.layer === 'parser' && expect.outcome === 'fault') assert.deepEqual(statuses, expect.answered ? [expect.status] : [], name)
    answersOptions(rig, trunkFlow, name)
  }
})

test('OPTIONS says what we can do (RFC 3261 §11.2), also to strangers', () => {
  const ok = new Rig().receive(compose(options)).response(200)
  assert.match(header(ok, 'Allow') ?? '', /INVITE/)
  assert.equal(header(ok, 'Accept'), 'application/sdp')
  assert.match(header(ok, 'Supported') ?? '', /replaces/)
})

test('refused whoever asks: unknown method 405, unknown scheme 416, unknown extension 420, too many hops 483', () => {
  const rig = new Rig()
  const status = (more: Partial<RequestText>) => rig.receive(compose({ ...options, ...more }), trunkFlow)
  assert.match(header(status({ method: 'FETCH' }).response(405), 'Allow') ?? '', /OPTIONS/)
  assert.deepEqual(status({ uri: 'urn:service:sos', to: '<sip:x@y.test>' }).statuses, [416])
  assert.equal(header(status({ headers: ['Require: foo, 100rel, bar'] }).response(420), 'Unsupported'), 'foo, bar')
  assert.deepEqual(status({ maxForwards: 0 }).statuses, [483])
  assert.deepEqual(status({ method: 'INVITE', body: { type: 'text/plain', text: 'hello' } }).statuses, [415])
})

test('a request within a dialog that we do not know: 481, but a stray ACK is dropped', () => {
  const rig = new Rig()
  const stray = { ...options, to: '<sip:x@y.test>;tag=gone' }
  assert.deepEqual(rig.receive(compose({ ...stray, method: 'BYE' })).statuses, [481])
  assert.deepEqual(rig.receive(compose({ ...stray, method: 'ACK' })).outputs, [])
})

test('a REFER outside a dialog would have us call on anybody’s behalf: 403 even with credentials', () => {
  const refer: RequestText = { ...options, method: 'REFER', headers: ['Refer-To: <sip:+1900@x.test>'] }
  assert.deepEqual(new Rig().receive(compose(refer)).statuses, [401])
  assert.deepEqual(new Rig().prove(refer, { username: '210', password: 'pw-210' }).statuses, [403])
})

test('an offer inside multipart/mixed is found (RFC 5621 §3.1)', () => {
  const text = '--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\nx\r\n--b--\r\n'
  const seen = new Rig().receive(compose(inviteText({ body: { type: 'multipart/mixed;boundary=b', text } })), trunkFlow)
  assert.equal(seen.event('offered').sdp, 'v=0\r\nx')
})

/** Messages of every kind that this rig would take seriously right now. */
function corpus(rig: Rig): readonly { readonly bytes: Uint8Array; readonly flow: Flow }[] {
  const encoder = new TextEncoder()
  const invite = inviteText({
    headers: ['Supported: timer, 100rel', 'Session-Expires: 600', 'Record-Route: <sip:p.test;lr>', 'Privacy: id'],
  })
  const offered = rig.receive(compose(invite), trunkFlow)
  const { session } = offered.event('offered')
  const tag =
    rig
      .do((agent) => agent.answer(rig.now, session, 'v=0'))
      .response(200)
      .to.params.get('tag') ?? ''
  const to = { kind: 'trunk', account, trunk: 'pstn', number: '9' } as const
  const ours = rig.do((agent) => agent.invite(rig.now, { session: leg('fuzz'), to, from: { user: '1' }, sdp: 'v=0' })).request('INVITE')
  const within = (method: string, n: number, more: Partial<RequestText> = {}) => inDialog(invite, tag, { method, cseq: n, ...more })
  const texts = [
    compose(
      inviteText({
        callId: 'fresh',
        branch: 'z9hG4bKfresh',
        headers: ['Replaces: a;to-tag=b;from-tag=c', 'P-Asserted-Identity: <sip:+1@x>'],
      }),
    ),
    within('ACK', 1),
    within('INVITE', 20, { body: sdp('re') }),
    within('UPDATE', 30, { headers: ['Session-Expires: 90;refresher=uas', 'Min-SE: 90'] }),
    within('INFO', 40, { body: { type: 'application/dtmf-relay', text: 'Signal=5\r\nDuration=160' } }),
    within('REFER', 50, { headers: ['Refer-To: "T" <sip:211@sotto.test?Replaces=x%3Bto-tag%3Dy%3Bfrom-tag%3Dz>'] }),
    within('PRACK', 60, { headers: ['RAck: 1 1 INVITE'] }),
    within('BYE', 70, { headers: ['Reason: Q.850;cause=16;text="x"'] }),
    reply(ours, 100),
    reply(ours, 183, { headers: ['Contact: <sip:far@203.0.113.9>', 'Require: 100rel', 'RSeq: 5'], body: sdp('early') }),
    reply(ours, 200, { headers: ['Contact: <sip:far@203.0.113.9>', 'Session-Expires: 90;refresher=uac', 'Allow: UPDATE'], body: sdp('a') }),
    reply(ours, 407, { headers: ['Proxy-Authenticate: Digest realm="r", nonce="n", qop="auth"'] }),
    reply(ours, 422, { headers: ['Min-SE: 4000'] }),
    compose({
      method: 'REGISTER',
      uri: 'sip:sotto.test',
      headers: ['Authorization: Digest username="210", realm="sotto.test", nonce="n", uri="sip:sotto.test", response="0"', 'Expires: 60'],
    }),
    compose(options),
  ]
  return texts.map((text, n) => ({ bytes: encoder.encode(text), flow: n === 13 ? phoneFlow : trunkFlow }))
}

const spice = [
  '\r\n',
  ';',
  ',',
  '"',
  '<',
  '>',
  '%00',
  ':',
  '@',
  '=',
  '\\',
  '9'.repeat(20),
  'é',
  '\u0000',
  ' ',
  '\t',
  '[::1]',
  'sip:',
  'tel:+1',
  '*',
]

function mutated(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const out = [...bytes]
  for (let times = 1 + random.integer(4); times > 0; times--) {
    const at = random.integer(out.length + 1)
    switch (random.integer(6)) {
      case 0:
        out[at] = random.integer(256)
        break
      case 1:
        out.splice(at, 1 + random.integer(12))
        break
      case 2:
        out.splice(at, 0, ...new TextEncoder().encode(spice[random.integer(spice.length)]))
        break
      case 3:
        out.splice(at, 0, ...out.slice(at, at + random.integer(60)))
        break
      case 4:
        out.length = Math.min(out.length, at)
        break
      default: {
        const line = out.indexOf(0x0a, at) + 1
        out.splice(line, Math.max(0, out.indexOf(0x0a, line) + 1 - line))
      }
    }
  }
  return new Uint8Array(out)
}

test('mutated messages of every kind, in the midst of calls: never a throw, never a lasting harm', () => {
  const random = new SeededRandom(4711)
  for (let round = 0; round < 60; round++) {
    const rig = new Rig(undefined, round)
    const messages = corpus(rig)
    for (let n = 0; n < 80; n++) {
      const pick = messages[random.integer(messages.length)]
      if (pick === undefined) continue
      const flow = random.chance(0.1) ? stream(`s${n}`) : pick.flow
      rig.agent.receive(rig.now, random.chance(0.2) ? pick.bytes : mutated(pick.bytes, random), flow)
      if (random.chance(0.2)) rig.pass(random.integer(3_000))
    }
    answersOptions(rig, trunkFlow, `round ${round}`)
    rig.do((agent) => agent.hangUp(rig.now, leg('fuzz')))
    rig.pass(400_000)
    assert.equal(rig.agent.load.transactions, 0, `round ${round}: transactions are left`)
  }
})

test('a WebSocket from a trunk’s address is no trunk: behind a proxy every browser comes from there', () => {
  const trusting = { ...settings, trunks: [{ account, id: 'pstn', peer: 'udp:203.0.113.9:5060', trusted: ['203.0.113.9'] }] }
  const from = (transport: Transport) => new Rig(trusting).receive(compose(inviteText()), stream('c1', transport, trunkAt))
  assert.deepEqual(from('TCP').event('offered').source.kind, 'trunk')
  for (const transport of ['WS', 'WSS'] as const) {
    const seen = from(transport)
    assert.deepEqual([seen.kinds, seen.statuses], [[], [401]], transport)
  }
})
