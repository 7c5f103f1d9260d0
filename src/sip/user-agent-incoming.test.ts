import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answered, established, offered } from '../../testkit/sip-incoming.ts'
import { compose, inDialog, inviteText, phoneFlow, type RequestText, Rig, sdp, stream, trunkFlow } from '../../testkit/sip-rig.ts'
import { account, hash } from '../../testkit/sip-world.ts'
import { isIpv4 } from '../kernel/ip.ts'
import { limits } from '../kernel/limits.ts'
import { respond } from './digest.ts'
import { header, headers } from './message.ts'

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

for (const [what, from, asserted, caller] of [
  ['another number', '"Carla" <sip:+18005550199@x.test>', '<sip:+15550001@carrier.test>', { number: '+15550001', claimed: '+18005550199' }],
  ['the same number', '"Carla" <sip:15550001@x.test>', '<sip:+15550001@carrier.test>', { number: '+15550001' }],
  ['a tel URI', '<tel:+1-800-555-0199>', '<tel:+15550001>', { number: '+15550001', claimed: '+18005550199' }],
  ['no number', '<sip:x.test>', '<sip:+15550001@carrier.test>', { number: '+15550001' }],
] as const) {
  test(`From with ${what} than P-Asserted-Identity: ${'claimed' in caller ? 'both are told' : 'nothing is claimed beside it'}`, () => {
    const { seen } = offered({ from: `${from};tag=c`, headers: [`P-Asserted-Identity: ${asserted}`] })
    const { displayName: _, ...told } = seen.event('offered').from
    assert.deepEqual(told, { ...caller, anonymous: false })
  })
}

test('who wants no number shown claims none either', () => {
  const asserted = ['P-Asserted-Identity: <sip:+15550001@carrier.test>']
  const hidden = offered({ from: '<sip:anonymous@anonymous.invalid>;tag=c', headers: asserted }).seen.event('offered').from
  assert.equal(hidden.claimed, undefined)
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
  const stray = rig.receive(
    compose({ ...rest, method: 'CANCEL', branch: 'z9hG4bKnone', via: 'SIP/2.0/UDP 203.0.113.9:5060;branch=z9hG4bKnone' }),
    trunkFlow,
  )
  assert.deepEqual(stray.statuses, [481])
})

test("the caller's Expires ends an unanswered INVITE by 487 (RFC 3261 §13.3.1)", () => {
  const { rig } = offered({ headers: ['Expires: 10'] })
  const seen = rig.pass(10_100)
  assert.deepEqual([seen.statuses[0], seen.event('ended').by], [487, 'timeout'])
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
  assert.deepEqual(
    pong.map((o) => o.kind === 'send' && new TextDecoder().decode(o.bytes)),
    ['\r\n'],
  )
  assert.deepEqual(rig.agent.receive(rig.now, new TextEncoder().encode('\r\n\r\n'), phoneFlow), [])
  assert.deepEqual(rig.agent.receive(rig.now, new Uint8Array(4), phoneFlow), [])
})

test('an ACK that repeats its INVITE’s branch is understood all the same (RFC 6026 §7.1)', () => {
  const { within, tag } = answered()
  assert.deepEqual(within(tag, { method: 'ACK', branch: 'z9hG4bKinv' }).kinds, ['confirmed'])
})

test('100rel and delayed offer: the reliable provisional offers, its PRACK answers, the 200 is silent (RFC 3262 §5)', () => {
  const { rig, within, session } = offered({ headers: ['Require: 100rel'], body: undefined as never })
  const early = rig.do((agent) => agent.ring(rig.now, session, { status: 183, sdp: 'v=0\r\nours\r\n' })).response(183)
  const tag = early.to.params.get('tag') ?? ''
  const seen = within(tag, { method: 'PRACK', headers: [`RAck: ${header(early, 'RSeq')} 1 INVITE`], body: sdp('theirs') })
  assert.deepEqual(seen.events, [{ kind: 'remoteAnswer', session, sdp: 'v=0\r\ntheirs\r\n' }])
  const ok = rig.do((agent) => agent.answer(rig.now, session, 'v=0\r\nours\r\n')).response(200)
  assert.equal(ok.body.length, 0)
  assert.deepEqual(within(tag, { method: 'ACK' }).kinds, ['confirmed'])
})

test('a nonce that is too old is stale, so that the phone answers anew without asking its user (RFC 7616 §3.3)', () => {
  const rig = new Rig()
  const invite: RequestText = { method: 'INVITE', uri: 'sip:211@sotto.test', body: sdp('offer') }
  const values = headers(rig.receive(compose(invite)).response(401), 'WWW-Authenticate')
  rig.pass(limits.sipNonceMs + 1_000)
  const answer = { username: '210', password: 'pw-210', method: 'INVITE', uri: invite.uri, cnonce: 'c', hash }
  const late = rig.receive(compose({ ...invite, cseq: 2, branch: 'z9hG4bKlate', headers: [`Authorization: ${respond(values, answer)}`] }))
  assert.match(header(late.response(401), 'WWW-Authenticate') ?? '', /stale=true/)
  assert.doesNotMatch(values[0] ?? '', /stale/)
})

test('every wish for privacy counts, and "none" is none (RFC 3323 §4.2, RFC 3325 §9.3)', () => {
  const anonymous = (value: string) => offered({ headers: [`Privacy: ${value}`] }).seen.event('offered').from.anonymous
  assert.deepEqual(['id', 'user', 'header', 'none', 'critical'].map(anonymous), [true, true, true, false, false])
})

test('a body that is encoded is 415 with Accept-Encoding; one that may be ignored is ignored (RFC 3261 §8.2.3)', () => {
  const rig = new Rig()
  const send = (n: number, more: Partial<RequestText>) =>
    rig.receive(compose(inviteText({ callId: `b${n}`, branch: `z9hG4bKb${n}`, ...more })), trunkFlow)
  assert.equal(header(send(1, { headers: ['Content-Encoding: gzip'] }).response(415), 'Accept-Encoding'), 'identity')
  assert.deepEqual(send(2, { headers: ['Content-Encoding: identity'] }).kinds, ['offered'])
  const icon = { headers: ['Content-Disposition: icon;handling=optional'], body: { type: 'image/png', text: 'x' } }
  assert.equal('sdp' in send(3, icon).event('offered'), false)
  assert.deepEqual(send(4, { body: { type: 'multipart/related;boundary=b', text: '--b\r\n\r\nx' } }).statuses, [415])
})

test('beyond what we can hold: 503 with Retry-After to newcomers, while a call that is up can still be hung up', () => {
  const call = established()
  for (let n = 0; call.rig.agent.load.transactions < limits.sipTransactions; n++)
    call.rig.agent.receive(
      call.rig.now,
      new TextEncoder().encode(inDialog(call.invite, call.tag, { method: 'INFO', cseq: 10 + n })),
      trunkFlow,
    )
  const refused = call.rig.receive(compose(inviteText({ callId: 'more', branch: 'z9hG4bKmore' })), trunkFlow)
  assert.ok(Number(header(refused.response(503), 'Retry-After')) <= 10)
  assert.deepEqual(call.within(call.tag, { method: 'BYE', cseq: 1_000_000 }).kinds, ['ended'])
})
