import assert from 'node:assert/strict'
import { test } from 'node:test'
import { established, offered } from '../../testkit/sip-incoming.ts'
import {
  compose,
  inDialog,
  inviteText,
  phoneFlow,
  type RequestText,
  Rig,
  registered,
  sdp,
  settings,
  trunkFlow,
} from '../../testkit/sip-rig.ts'
import type { account } from '../../testkit/sip-world.ts'
import { limits } from '../kernel/limits.ts'
import { header, headers } from './message.ts'

test('BYE ends the session; a repeated BYE gets its 200 again, a later one 481', () => {
  const { within, tag, session } = established()
  const seen = within(tag, { method: 'BYE', headers: ['Reason: SIP;cause=200, Q.850;cause=17'] })
  assert.deepEqual([seen.statuses, seen.event('ended')], [[200], { kind: 'ended', session, by: 'remote', q850: 17 }])
  assert.deepEqual(within(tag, { method: 'BYE' }).statuses, [200])
  assert.deepEqual(within(tag, { method: 'BYE', cseq: 3 }).statuses, [481])
})

test('both ends hang up at once: each answers the other by 200', () => {
  const { rig, within, tag, session } = established()
  rig.do((agent) => agent.hangUp(rig.now, session))
  assert.deepEqual(within(tag, { method: 'BYE' }).statuses, [200])
})

test('BYE in an early dialog refuses the INVITE by 487 (RFC 3261 §15.1.2)', () => {
  const { rig, within, session } = offered()
  const tag =
    rig
      .do((agent) => agent.ring(rig.now, session, { status: 180 }))
      .response(180)
      .to.params.get('tag') ?? ''
  const seen = within(tag, { method: 'BYE' })
  assert.deepEqual(seen.statuses, [200, 487])
})

test('a lower CSeq is out of order: 500 (RFC 3261 §12.2.2)', () => {
  const { within, tag } = established()
  assert.deepEqual(within(tag, { method: 'OPTIONS', cseq: 9 }).statuses, [200])
  const late = within(tag, { method: 'INFO', cseq: 5 })
  assert.deepEqual(late.statuses, [500])
  assert.ok(header(late.response(500), 'Retry-After') !== undefined)
})

test('session timer: whoever does not refresh in time is hung up (RFC 4028 §10)', () => {
  const { rig, within, tag } = established({ headers: ['Supported: timer', 'Session-Expires: 90;refresher=uac'] })
  rig.pass(50_000)
  assert.deepEqual(within(tag, { method: 'UPDATE', headers: ['Supported: timer', 'Session-Expires: 90;refresher=uac'] }).statuses, [200])
  assert.deepEqual(rig.pass(55_000).kinds, [], 'the UPDATE wound it up again')
  const seen = rig.pass(10_000)
  assert.deepEqual([seen.methods.slice(0, 1), seen.event('ended').by], [['BYE'], 'timeout'])
})

test('REFER: accepted, reported by NOTIFY sipfrag, and over with the final one (RFC 3515 §2.4)', () => {
  const { rig, within, tag, session } = established()
  const asked = within(tag, { method: 'REFER', headers: ['Refer-To: <sip:211@sotto.test>'] })
  const { transferId, target } = asked.event('transferRequested')
  assert.deepEqual([asked.statuses, target], [[], '211'])
  const accepted = rig.do((agent) => agent.acceptTransfer(rig.now, session, transferId))
  assert.deepEqual(accepted.statuses, [202])
  assert.equal(new TextDecoder().decode(accepted.request('NOTIFY').body), 'SIP/2.0 100 Trying\r\n')
  assert.equal(header(accepted.request('NOTIFY'), 'Subscription-State'), 'active;expires=180')
  const done = rig.do((agent) => agent.transferProgress(rig.now, session, transferId, 200)).request('NOTIFY')
  assert.equal(header(done, 'Subscription-State'), 'terminated;reason=noresource')
  assert.equal(header(done, 'Event'), 'refer')
  assert.equal(header(done, 'Content-Type'), 'message/sipfrag;version=2.0')
  assert.deepEqual(rig.do((agent) => agent.transferProgress(rig.now, session, transferId, 200)).outputs, [])
})

test('a second REFER in a dialog is told apart by an id; Refer-Sub: false wants no NOTIFY (RFC 3515 §2.4.6, RFC 4488)', () => {
  const { rig, within, tag, session } = established()
  for (const cseq of [2, 3]) within(tag, { method: 'REFER', cseq, headers: ['Refer-To: <sip:211@sotto.test>'] })
  const second = within(tag, { method: 'REFER', cseq: 4, headers: ['Refer-To: <sip:211@sotto.test>'] }).event('transferRequested')
  const accepted = rig.do((agent) => agent.acceptTransfer(rig.now, session, second.transferId))
  assert.equal(header(accepted.request('NOTIFY'), 'Event'), 'refer;id=4')
  const quiet = within(tag, { method: 'REFER', cseq: 5, headers: ['Refer-To: <sip:9@sotto.test>', 'Refer-Sub: false'] }).event(
    'transferRequested',
  )
  assert.deepEqual(rig.do((agent) => agent.acceptTransfer(rig.now, session, quiet.transferId)).methods, [])
})

test('REFER without, or with two, Refer-To is 400; one that nobody decides is refused in time', () => {
  const { rig, within, tag } = established()
  assert.deepEqual(within(tag, { method: 'REFER', cseq: 2 }).statuses, [400])
  assert.deepEqual(within(tag, { method: 'REFER', cseq: 3, headers: ['Refer-To: <sip:1@x>', 'Refer-To: <sip:2@x>'] }).statuses, [400])
  within(tag, { method: 'REFER', cseq: 4, headers: ['Refer-To: <sip:211@sotto.test>'] })
  assert.deepEqual(rig.pass(limits.sipDecisionMs).statuses, [500])
})

test('REFER that asks for another request than INVITE is refused: nobody is called (RFC 3515 §2.4.2)', () => {
  const { within, tag } = established()
  const bye = within(tag, { method: 'REFER', cseq: 2, headers: ['Refer-To: <sip:211@sotto.test;method=BYE>'] })
  assert.deepEqual([bye.statuses, bye.events], [[403], []])
  const invite = within(tag, { method: 'REFER', cseq: 3, headers: ['Refer-To: <sip:211@sotto.test;method=INVITE>'] })
  assert.equal(invite.event('transferRequested').target, '211')
})

test('attended transfer: Replaces in Refer-To names our other session of that phone', () => {
  const call = established()
  const consult = inviteText({ callId: 'consult', branch: 'z9hG4bKconsult', from: '<sip:+15550001@carrier.test>;tag=second' })
  const { session } = call.rig.receive(compose(consult), trunkFlow).event('offered')
  const tag =
    call.rig
      .do((agent) => agent.answer(call.rig.now, session, 'v=0'))
      .response(200)
      .to.params.get('tag') ?? ''
  call.rig.receive(inDialog(consult, tag, { method: 'ACK' }), trunkFlow)
  const refer = call.within(call.tag, {
    method: 'REFER',
    headers: [`Refer-To: <sip:211@sotto.test?Replaces=consult%3Bto-tag%3D${tag}%3Bfrom-tag%3Dsecond>`],
  })
  assert.equal(refer.event('transferRequested').replaces, session)
  const unknown = call.within(call.tag, {
    method: 'REFER',
    cseq: 3,
    headers: ['Refer-To: <sip:211@sotto.test?Replaces=x%3Bto-tag%3Da%3Bfrom-tag%3Db>'],
  })
  assert.deepEqual(unknown.statuses, [481])
})

test('INVITE with Replaces: the session that it takes the place of is named; unknown is 481, two are 400, early-only is 486 (RFC 3891 §3)', () => {
  const { rig, tag, session } = established()
  const next = (n: number, ...lines: string[]) =>
    rig.receive(compose(inviteText({ callId: `r${n}`, branch: `z9hG4bKr${n}`, headers: ['Require: replaces', ...lines] })), trunkFlow)
  const named = `Replaces: trunk-call;to-tag=${tag};from-tag=caller`
  assert.equal(next(1, named).event('offered').replaces, session)
  assert.deepEqual(next(2, 'Replaces: trunk-call;to-tag=no;from-tag=caller').statuses, [481])
  assert.deepEqual(next(3, named, named).statuses, [400])
  assert.deepEqual(next(4, `${named};early-only`).statuses, [486])
})

test("another account's session cannot be replaced", () => {
  const { rig, tag } = established()
  const foreign = { ...settings, trunks: [], extensions: [{ account: 'a2' as typeof account, number: '999', password: 'pw-999' }] }
  rig.do((agent) => agent.configure(rig.now, foreign))
  const invite: RequestText = {
    method: 'INVITE',
    uri: 'sip:1@sotto.test',
    callId: 'steal',
    headers: [`Replaces: trunk-call;to-tag=${tag};from-tag=caller`],
    body: sdp('x'),
  }
  assert.deepEqual(rig.prove(invite, { username: '999', password: 'pw-999' }).statuses, [481])
})

test('DTMF by INFO in both bodies that phones send', () => {
  const { within, tag, session } = established()
  const relay = within(tag, { method: 'INFO', cseq: 2, body: { type: 'application/dtmf-relay', text: 'Signal=5\r\nDuration=240\r\n' } })
  assert.deepEqual([relay.statuses, relay.events], [[200], [{ kind: 'dtmf', session, digit: '5', durationMs: 240 }]])
  const plain = within(tag, { method: 'INFO', cseq: 3, body: { type: 'application/dtmf', text: '11' } })
  assert.deepEqual(plain.events, [{ kind: 'dtmf', session, digit: '#', durationMs: 160 }])
  assert.deepEqual(within(tag, { method: 'INFO', cseq: 4, body: { type: 'application/x', text: '1' } }).statuses, [415])
  assert.deepEqual(within(tag, { method: 'INFO', cseq: 5 }).statuses, [200])
})

test('a phone answers to its own address: requests to it follow the flow it spoke on last', () => {
  const rig = new Rig()
  registered(rig)
  const invite: RequestText = { method: 'INVITE', uri: 'sip:211@sotto.test', contact: '<sip:210@10.0.0.9:5060>', body: sdp('offer') }
  const { session } = rig.prove(invite, { username: '210', password: 'pw-210' }).event('offered')
  const answer = rig.do((agent) => agent.answer(rig.now, session, 'v=0')).response(200)
  const to = `<sip:211@sotto.test>;tag=${answer.to.params.get('tag')}`
  rig.receive(compose({ ...invite, method: 'ACK', cseq: 2, branch: 'z9hG4bKack', to, body: { type: 'text/plain', text: '' } }))
  const bye = rig.do((agent) => agent.hangUp(rig.now, session)).outputs.find((o) => o.kind === 'send')
  assert.deepEqual(bye?.kind === 'send' && bye.flow.remote, phoneFlow.remote)
})

test('a trunk is answered where its Contact and Record-Route say, loose or strict (RFC 3261 §12.2.1.1)', () => {
  const loose = established({ headers: ['Record-Route: <sip:203.0.113.50;lr>'] })
  const sent = (call: typeof loose) => {
    const seen = call.rig.do((agent) => agent.hangUp(call.rig.now, call.session))
    const output = seen.outputs.find((o) => o.kind === 'send')
    const bye = seen.request('BYE')
    return {
      to: output?.kind === 'send' ? output.flow.remote.address : '',
      uri: bye.uri.scheme === 'sip' ? bye.uri.host : '',
      routes: headers(bye, 'Route'),
    }
  }
  assert.deepEqual(sent(loose), { to: '203.0.113.50', uri: '203.0.113.9', routes: ['<sip:203.0.113.50;lr>'] })
  const strict = established({ headers: ['Record-Route: <sip:203.0.113.60>'] })
  assert.deepEqual(sent(strict), { to: '203.0.113.60', uri: '203.0.113.60', routes: ['<sip:gw@203.0.113.9:5060>'] })
})
