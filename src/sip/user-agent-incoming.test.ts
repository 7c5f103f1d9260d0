import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compose, inDialog, inviteText, phoneFlow, type RequestText, registered, Rig, sdp, settings, stream, trunkFlow } from '../../testkit/sip-rig.ts'
import { account } from '../../testkit/sip-world.ts'
import { limits } from '../kernel/limits.ts'
import { header, headers } from './message.ts'
import { isIpv4 } from '../kernel/ip.ts'

function offered(more: Partial<RequestText> = {}, own = settings) {
  const rig = new Rig(own)
  const invite = inviteText(more)
  const seen = rig.receive(compose(invite), trunkFlow)
  const { session } = seen.event('offered')
  const within = (tag: string, next: Partial<RequestText> & { method: string }) => rig.receive(inDialog(invite, tag, next), trunkFlow)
  return { rig, invite, seen, session, within }
}

function answered(more: Partial<RequestText> = {}) {
  const call = offered(more)
  const seen = call.rig.do((agent) => agent.answer(call.rig.now, call.session, 'v=0\r\nours\r\n'))
  const tag = seen.response(200).to.params.get('tag') ?? ''
  return { ...call, answer: seen, tag }
}

function established(more: Partial<RequestText> = {}) {
  const call = answered(more)
  assert.deepEqual(call.within(call.tag, { method: 'ACK' }).kinds, ['confirmed'])
  return call
}

test('an INVITE of a trusted trunk is answered by 100 at once and offered with its numbers', () => {
  const { seen } = offered()
  assert.deepEqual(seen.statuses, [100])
  assert.equal(seen.response(100).to.params.has('tag'), false)
  const { session: _, ...event } = seen.event('offered')
  assert.deepEqual(event, {
    kind: 'offered',
    source: { kind: 'trunk', account, trunk: 'pstn' },
    to: '+18661234567',
    from: { number: '+15550001', displayName: 'Carla', anonymous: false },
    sdp: 'v=0\r\noffer\r\n',
  })
})

test('P-Asserted-Identity of a trusted trunk names the caller; Privacy keeps him from the callee (RFC 3325 §9.1)', () => {
  const { seen } = offered({
    from: '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=caller',
    headers: ['P-Asserted-Identity: "Carla" <sip:+15550001@carrier.test>', 'Privacy: id'],
  })
  assert.deepEqual(seen.event('offered').from, { number: '+15550001', displayName: 'Carla', anonymous: true })
  assert.deepEqual(offered({ from: '<sip:anonymous@anonymous.invalid>;tag=c' }).seen.event('offered').from, { anonymous: true })
})

test('an extension is who its digest proves, whatever From and P-Asserted-Identity say', () => {
  const rig = new Rig()
  const invite: RequestText = {
    method: 'INVITE',
    uri: 'sip:211@sotto.test',
    from: '"Boss" <sip:211@sotto.test>;tag=x',
    headers: ['P-Asserted-Identity: <sip:+1900@x.test>'],
    body: sdp('offer'),
  }
  const event = rig.prove(invite, { username: '210', password: 'pw-210' }).event('offered')
  assert.deepEqual(event.source, { kind: 'extension', account, number: '210' })
  assert.deepEqual(event.from, { number: '210', displayName: 'Boss', anonymous: false })
})

test('an INVITE of a stranger is challenged without memory, and his ACK is dropped', () => {
  const rig = new Rig()
  const invite: RequestText = { method: 'INVITE', uri: 'sip:211@sotto.test', body: sdp('offer') }
  const first = rig.receive(compose(invite)).response(401)
  const second = rig.receive(compose(invite)).response(401)
  assert.equal(first.to.params.get('tag'), second.to.params.get('tag'))
  assert.deepEqual(rig.receive(compose({ ...invite, method: 'ACK', body: { type: 'text/plain', text: '' } })).outputs, [])
  assert.equal(rig.agent.deadline(), undefined)
})

test('a retransmitted INVITE gets the last provisional response again and is not offered twice', () => {
  const { rig, invite, session } = offered()
  rig.do((agent) => agent.ring(rig.now, session, { status: 180 }))
  const again = rig.receive(compose(invite), trunkFlow)
  assert.deepEqual([again.statuses, again.kinds], [[180], []])
})

test('a request that arrives by two paths is merged: 482 (RFC 3261 §8.2.2.2)', () => {
  const { rig } = offered()
  assert.deepEqual(rig.receive(compose(inviteText({ branch: 'z9hG4bKother' })), trunkFlow).statuses, [482])
})

test('every response to one INVITE bears the same tag, and our Contact leads to us', () => {
  const { rig, session } = offered({ headers: ['Record-Route: <sip:p1.test;lr>', 'Record-Route: <sip:p2.test;lr>'] })
  const ringing = rig.do((agent) => agent.ring(rig.now, session, { status: 180 })).response(180)
  const ok = rig.do((agent) => agent.answer(rig.now, session, 'v=0')).response(200)
  assert.equal(ringing.to.params.get('tag'), ok.to.params.get('tag'))
  assert.equal(header(ok, 'Contact'), '<sip:sotto@192.0.2.1:5060>')
  assert.deepEqual(headers(ok, 'Record-Route'), ['<sip:p1.test;lr>', '<sip:p2.test;lr>'])
  assert.match(header(ok, 'Allow') ?? '', /INVITE.*UPDATE/)
})

test('a ringing call repeats its provisional every minute (RFC 3261 §13.3.1.1)', () => {
  const { rig, session } = offered()
  rig.do((agent) => agent.ring(rig.now, session, { status: 180 }))
  assert.deepEqual(rig.pass(121_000).statuses, [180, 180])
})

test('a 2xx is repeated from T1 doubling to T2 until its ACK comes (RFC 3261 §13.3.1.4)', () => {
  const { rig, within, tag, session } = answered()
  assert.deepEqual(rig.pass(500 + 1000 + 2000 + 4000 + 4000).statuses, [200, 200, 200, 200, 200])
  const ack = within(tag, { method: 'ACK' })
  assert.deepEqual(ack.events, [{ kind: 'confirmed', session }])
  assert.deepEqual(rig.pass(20_000).statuses, [])
  assert.deepEqual(within(tag, { method: 'ACK' }).outputs, [], 'a repeated ACK says nothing new')
})

test('no ACK within 64*T1: BYE, and the session has ended by time-out', () => {
  const { rig } = answered()
  const seen = rig.pass(33_000)
  assert.deepEqual(seen.methods.slice(0, 1), ['BYE'])
  assert.equal(seen.event('ended').by, 'timeout')
})

test('hung up between 2xx and ACK, the BYE waits for the ACK (RFC 3261 §15)', () => {
  const { rig, within, tag, session } = answered()
  const seen = rig.do((agent) => agent.hangUp(rig.now, session, { q850: 16 }))
  assert.deepEqual([seen.methods, seen.kinds], [[], ['ended']])
  assert.deepEqual(rig.pass(600).statuses, [200], 'the 2xx goes on being repeated')
  const bye = within(tag, { method: 'ACK' }).request('BYE')
  assert.equal(header(bye, 'Reason'), 'Q.850;cause=16')
  assert.deepEqual(rig.pass(1_000).kinds, [])
})

test('delayed offer: our 200 offers, the ACK answers', () => {
  const { rig, within, tag, answer, session } = answered({ body: undefined as never })
  assert.equal(new TextDecoder().decode(answer.response(200).body), 'v=0\r\nours\r\n')
  const seen = within(tag, { method: 'ACK', body: sdp('their answer') })
  assert.deepEqual(seen.events, [
    { kind: 'confirmed', session },
    { kind: 'remoteAnswer', session, sdp: 'v=0\r\ntheir answer\r\n' },
  ])
  rig.pass(1)
})

test('delayed offer whose ACK brings no answer: BYE', () => {
  const { within, tag } = answered({ body: undefined as never })
  const seen = within(tag, { method: 'ACK' })
  assert.deepEqual(seen.methods, ['BYE'])
  assert.equal(seen.event('ended').by, 'fault')
})

test('refused: the final response is repeated by timer G until its ACK comes (RFC 3261 §17.2.1)', () => {
  const { rig, within, session } = offered()
  const seen = rig.do((agent) => agent.refuse(rig.now, session, 486, 'Not now'))
  assert.equal(seen.response(486).reason, 'Not now')
  assert.deepEqual(seen.event('ended'), { kind: 'ended', session, by: 'local', status: 486, reason: 'Not now' })
  assert.deepEqual(rig.pass(1_600).statuses, [486, 486])
  within(seen.response(486).to.params.get('tag') ?? '', { method: 'ACK', branch: 'z9hG4bKinv' })
  assert.deepEqual(rig.pass(40_000).statuses, [])
  assert.equal(rig.agent.deadline(), undefined)
})

test('CANCEL: 200 to it, 487 to the INVITE, ended by the caller (RFC 3261 §9.2)', () => {
  const { rig, invite, session } = offered()
  const { body: _, ...rest } = invite
  const seen = rig.receive(compose({ ...rest, method: 'CANCEL', headers: ['Reason: Q.850;cause=16;text="Terminated"'] }), trunkFlow)
  assert.deepEqual(seen.statuses, [200, 487])
  assert.deepEqual(seen.event('ended'), { kind: 'ended', session, by: 'remote', status: 487 })
})

test('CANCEL after the 200 changes nothing; CANCEL of nothing is 481', () => {
  const { rig, invite } = answered()
  const { body: _, ...rest } = invite
  const late = rig.receive(compose({ ...rest, method: 'CANCEL' }), trunkFlow)
  assert.deepEqual([late.statuses, late.kinds], [[200], []])
  const stray = rig.receive(compose({ ...rest, method: 'CANCEL', branch: 'z9hG4bKnone', via: 'SIP/2.0/UDP 203.0.113.9:5060;branch=z9hG4bKnone' }), trunkFlow)
  assert.deepEqual(stray.statuses, [481])
})

test("the caller's Expires ends an unanswered INVITE by 487 (RFC 3261 §13.3.1)", () => {
  const { rig } = offered({ headers: ['Expires: 10'] })
  const seen = rig.pass(10_100)
  assert.deepEqual([seen.statuses[0], seen.event('ended').by], [487, 'timeout'])
})

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
  const tag = rig.do((agent) => agent.ring(rig.now, session, { status: 180 })).response(180).to.params.get('tag') ?? ''
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

test('100rel is used where the caller requires it: RSeq, repetition, PRACK, one at a time (RFC 3262 §3)', () => {
  const { rig, within, session } = offered({ headers: ['Require: 100rel'] })
  const first = rig.do((agent) => agent.ring(rig.now, session, { status: 183, sdp: 'v=0\r\nearly\r\n' })).response(183)
  const rseq = Number(header(first, 'RSeq'))
  assert.equal(header(first, 'Require'), '100rel')
  assert.deepEqual(rig.pass(1_600).statuses, [183, 183])
  assert.deepEqual(rig.do((agent) => agent.ring(rig.now, session, { status: 180 })).outputs, [], 'the next waits for the PRACK')
  assert.deepEqual(rig.do((agent) => agent.answer(rig.now, session, 'v=0\r\nearly\r\n')).outputs, [], 'and so does the 2xx (§5)')
  const tag = first.to.params.get('tag') ?? ''
  assert.deepEqual(within(tag, { method: 'PRACK', cseq: 2, headers: [`RAck: ${rseq + 7} 1 INVITE`] }).statuses, [481])
  const seen = within(tag, { method: 'PRACK', cseq: 3, headers: [`RAck: ${rseq} 1 INVITE`] })
  assert.deepEqual(seen.statuses, [200, 200])
  assert.deepEqual(
    seen.messages.map((m) => m.cseq.method),
    ['PRACK', 'INVITE'],
  )
})

test('a reliable provisional that is never acknowledged refuses the INVITE with a 5xx after 64*T1 (RFC 3262 §3)', () => {
  const { rig, session } = offered({ headers: ['Require: 100rel'] })
  rig.do((agent) => agent.ring(rig.now, session, { status: 180 }))
  const seen = rig.pass(65_000)
  assert.ok(seen.statuses.includes(504))
  assert.equal(seen.event('ended').by, 'timeout')
})

test('without being required, provisionals are sent once and unreliably', () => {
  const { rig, session } = offered({ headers: ['Supported: 100rel'] })
  const ringing = rig.do((agent) => agent.ring(rig.now, session, { status: 180 })).response(180)
  assert.equal(header(ringing, 'RSeq'), undefined)
})

test('session timer: too short is 422 with Min-SE; a UAC that can refreshes (RFC 4028 §6, §9)', () => {
  const rig = new Rig()
  const short = rig.receive(compose(inviteText({ headers: ['Supported: timer', 'Session-Expires: 30'] })), trunkFlow)
  assert.equal(header(short.response(422), 'Min-SE'), '90')
  const able = answered({ headers: ['Supported: timer', 'Session-Expires: 600'] }).answer.response(200)
  assert.equal(header(able, 'Session-Expires'), '600;refresher=uac')
  assert.ok(headers(able, 'Require').includes('timer'))
  const unable = answered().answer.response(200)
  assert.equal(header(unable, 'Session-Expires'), `${limits.sipSessionExpiresS};refresher=uas`)
  assert.equal(header(unable, 'Require'), undefined)
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
  const quiet = within(tag, { method: 'REFER', cseq: 5, headers: ['Refer-To: <sip:9@sotto.test>', 'Refer-Sub: false'] }).event('transferRequested')
  assert.deepEqual(rig.do((agent) => agent.acceptTransfer(rig.now, session, quiet.transferId)).methods, [])
})

test('REFER without, or with two, Refer-To is 400; one that nobody decides is refused in time', () => {
  const { rig, within, tag } = established()
  assert.deepEqual(within(tag, { method: 'REFER', cseq: 2 }).statuses, [400])
  assert.deepEqual(within(tag, { method: 'REFER', cseq: 3, headers: ['Refer-To: <sip:1@x>', 'Refer-To: <sip:2@x>'] }).statuses, [400])
  within(tag, { method: 'REFER', cseq: 4, headers: ['Refer-To: <sip:211@sotto.test>'] })
  assert.deepEqual(rig.pass(limits.sipDecisionMs).statuses, [500])
})

test('attended transfer: Replaces in Refer-To names our other session of that phone', () => {
  const call = established()
  const consult = inviteText({ callId: 'consult', branch: 'z9hG4bKconsult', from: '<sip:+15550001@carrier.test>;tag=second' })
  const { session } = call.rig.receive(compose(consult), trunkFlow).event('offered')
  const tag = call.rig.do((agent) => agent.answer(call.rig.now, session, 'v=0')).response(200).to.params.get('tag') ?? ''
  call.rig.receive(inDialog(consult, tag, { method: 'ACK' }), trunkFlow)
  const refer = call.within(call.tag, { method: 'REFER', headers: [`Refer-To: <sip:211@sotto.test?Replaces=consult%3Bto-tag%3D${tag}%3Bfrom-tag%3Dsecond>`] })
  assert.equal(refer.event('transferRequested').replaces, session)
  const unknown = call.within(call.tag, { method: 'REFER', cseq: 3, headers: ['Refer-To: <sip:211@sotto.test?Replaces=x%3Bto-tag%3Da%3Bfrom-tag%3Db>'] })
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
  const invite: RequestText = { method: 'INVITE', uri: 'sip:1@sotto.test', callId: 'steal', headers: [`Replaces: trunk-call;to-tag=${tag};from-tag=caller`], body: sdp('x') }
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
    return { to: output?.kind === 'send' ? output.flow.remote.address : '', uri: bye.uri.scheme === 'sip' ? bye.uri.host : '', routes: headers(bye, 'Route') }
  }
  assert.deepEqual(sent(loose), { to: '203.0.113.50', uri: '203.0.113.9', routes: ['<sip:203.0.113.50;lr>'] })
  const strict = established({ headers: ['Record-Route: <sip:203.0.113.60>'] })
  assert.deepEqual(sent(strict), { to: '203.0.113.60', uri: '203.0.113.60', routes: ['<sip:gw@203.0.113.9:5060>'] })
})

test('responses go to the source where rport is asked for, else to the port in Via (RFC 3581 §4, RFC 3261 §18.2.2)', () => {
  const rig = new Rig()
  const options: RequestText = { method: 'OPTIONS', uri: 'sip:sotto.test' }
  const at = (via: string) => {
    const output = rig.receive(compose({ ...options, via })).outputs[0]
    return output?.kind === 'send' ? output.flow.remote.port : 0
  }
  assert.equal(at('SIP/2.0/UDP 10.0.0.9:5070;rport;branch=z9hG4bKo1'), phoneFlow.remote.port)
  assert.equal(at('SIP/2.0/UDP 10.0.0.9:5070;branch=z9hG4bKo2'), 5070)
  assert.equal(at('SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKo3'), 5060)
  const ok = rig.receive(compose({ ...options, via: 'SIP/2.0/UDP 10.0.0.9:5070;rport;branch=z9hG4bKo4' })).response(200)
  const top = ok.via[0]?.params
  assert.deepEqual([top?.get('received'), top?.get('rport')], [phoneFlow.remote.address, String(phoneFlow.remote.port)])
  assert.ok(isIpv4(top?.get('received') ?? ''))
})

test('keep-alives: CRLF CRLF on a connection gets CRLF (RFC 5626 §3.5.1), on a datagram nothing', () => {
  const rig = new Rig()
  const pong = rig.agent.receive(rig.now, new TextEncoder().encode('\r\n\r\n'), stream('s'))
  assert.deepEqual(pong.map((o) => o.kind === 'send' && new TextDecoder().decode(o.bytes)), ['\r\n'])
  assert.deepEqual(rig.agent.receive(rig.now, new TextEncoder().encode('\r\n\r\n'), phoneFlow), [])
  assert.deepEqual(rig.agent.receive(rig.now, new Uint8Array(4), phoneFlow), [])
})
