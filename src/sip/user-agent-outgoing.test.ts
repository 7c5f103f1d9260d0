import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Rig, reply, sdp, settings, trunkFlow } from '../../testkit/sip-rig.ts'
import { account, leg } from '../../testkit/sip-world.ts'
import { limits } from '../kernel/limits.ts'
import type { Invitation, UserAgentSettings } from './door.ts'
import { header } from './message.ts'

const session = leg('out')

function calling(more: Partial<Invitation> = {}, own: UserAgentSettings = settings) {
  const rig = new Rig(own)
  const invitation: Invitation = {
    session,
    to: { kind: 'trunk', account, trunk: 'pstn', number: '+15557777' },
    from: { user: '210', displayName: 'Paco "P" Vu' },
    sdp: 'v=0\r\noffer\r\n',
    ...more,
  }
  const seen = rig.do((agent) => agent.invite(rig.now, invitation))
  const invite = seen.request('INVITE')
  const respond = (status: number, more: Parameters<typeof reply>[2] = {}, to = invite) => rig.receive(reply(to, status, more), trunkFlow)
  return { rig, seen, invite, respond }
}

function answered(more: Parameters<typeof reply>[2] = {}) {
  const call = calling()
  const ok = call.respond(200, { body: sdp('answer'), ...more })
  return { ...call, ok, ack: ok.request('ACK') }
}

test('our INVITE says who calls, where to, and what we can do', () => {
  const { invite, seen } = calling()
  assert.deepEqual(seen.kinds, [])
  assert.equal(invite.uri.scheme === 'sip' && `${invite.uri.user}@${invite.uri.host}`, '+15557777@203.0.113.9')
  assert.equal(invite.from.displayName, 'Paco "P" Vu')
  assert.equal(header(invite, 'P-Asserted-Identity'), '"Paco \\"P\\" Vu" <sip:210@sotto.test>')
  assert.equal(header(invite, 'Contact'), '<sip:sotto@192.0.2.1:5060>')
  assert.equal(header(invite, 'Session-Expires'), String(limits.sipSessionExpiresS))
  assert.match(header(invite, 'Supported') ?? '', /timer.*replaces.*100rel/)
  assert.match(invite.via[0]?.params.get('branch') ?? '', /^z9hG4bK.{18}$/)
  assert.ok(invite.via[0]?.params.has('rport'))
})

test('an anonymous caller is nobody from nowhere, but asserted to a trusted trunk with Privacy (RFC 3323 §4.1.1.3, RFC 3325 §9.3)', () => {
  const { invite } = calling({ from: { user: '210', displayName: 'Paco', anonymous: true } })
  assert.deepEqual([invite.from.displayName, invite.from.uri.scheme === 'sip' && invite.from.uri.host], ['Anonymous', 'anonymous.invalid'])
  assert.deepEqual([header(invite, 'Privacy'), header(invite, 'P-Asserted-Identity')], ['id', '"Paco" <sip:210@sotto.test>'])
})

test('trying once, ringing with early media, answered; the ACK has the number of the INVITE and a branch of its own (RFC 3261 §13.2.2.4)', () => {
  const { respond, invite } = calling()
  assert.deepEqual(respond(100).events, [{ kind: 'trying', session }])
  assert.deepEqual(respond(183, { body: sdp('early') }).events, [{ kind: 'ringing', session, status: 183, sdp: 'v=0\r\nearly\r\n' }])
  const ok = respond(200, { body: sdp('answer') })
  assert.deepEqual(ok.events, [{ kind: 'answered', session, sdpIs: 'answer', sdp: 'v=0\r\nanswer\r\n' }])
  const ack = ok.request('ACK')
  assert.equal(ack.cseq.number, invite.cseq.number)
  assert.notEqual(ack.via[0]?.params.get('branch'), invite.via[0]?.params.get('branch'))
  assert.equal(ack.uri.scheme === 'sip' && ack.uri.user, 'far')
})

test('a repeated 2xx is answered by the same ACK', () => {
  const { respond, ok } = answered()
  const again = respond(200, { body: sdp('answer') })
  assert.deepEqual(
    again.outputs,
    ok.outputs.filter((o) => o.kind === 'send'),
  )
})

test('an INVITE that nobody answers is repeated by timer A until timer B (RFC 3261 §17.1.1.2)', () => {
  const { rig } = calling()
  assert.equal(rig.pass(31_900).methods.length, 6)
  assert.deepEqual(rig.pass(200).event('ended'), { kind: 'ended', session, by: 'timeout', status: 408 })
})

test('refused: status and ISDN cause reach us, and the ACK goes out in the same transaction (RFC 3261 §17.1.1.3)', () => {
  const { respond, invite } = calling()
  const seen = respond(486, { headers: ['Reason: Q.850;cause=17;text="busy"'] })
  assert.deepEqual(seen.event('ended'), { kind: 'ended', session, by: 'remote', status: 486, reason: 'Whatever', q850: 17 })
  assert.equal(seen.request('ACK').via[0]?.params.get('branch'), invite.via[0]?.params.get('branch'))
  assert.deepEqual(respond(486).methods, ['ACK'], 'a repetition is acknowledged again')
})

test('a redirection is a refusal', () => {
  const { respond } = calling()
  assert.equal(respond(302, { headers: ['Contact: <sip:evil@203.0.113.66>'] }).event('ended').status, 302)
})

test('hung up before any response: CANCEL waits for the first provisional (RFC 3261 §9.1)', () => {
  const { rig, respond, invite } = calling()
  const seen = rig.do((agent) => agent.hangUp(rig.now, session, { q850: 16 }))
  assert.deepEqual([seen.methods, seen.kinds], [[], ['ended']])
  const cancel = respond(180).request('CANCEL')
  assert.equal(cancel.via[0]?.params.get('branch'), invite.via[0]?.params.get('branch'))
  assert.equal(header(cancel, 'Reason'), 'Q.850;cause=16')
  const after = respond(487)
  assert.deepEqual([after.methods, after.kinds], [['ACK'], []])
})

test('CANCEL and 200 cross: the answered call is acknowledged and hung up (RFC 3261 §15)', () => {
  const { rig, respond } = calling()
  respond(180)
  assert.deepEqual(rig.do((agent) => agent.hangUp(rig.now, session)).methods, ['CANCEL'])
  const late = respond(200, { body: sdp('answer') })
  assert.deepEqual([late.methods, late.kinds], [['ACK', 'BYE'], []])
})

test('an INVITE that is cancelled and never answered is given up after 64*T1 (RFC 3261 §9.1)', () => {
  const { rig, respond } = calling()
  respond(180)
  rig.do((agent) => agent.hangUp(rig.now, session))
  rig.pass(40_000)
  assert.equal(rig.agent.deadline(), undefined)
})

test('ring time-out: ended by time-out with 408, and cancelled', () => {
  const { rig, respond } = calling({ ringTimeoutMs: 20_000 })
  respond(180)
  const seen = rig.pass(20_000)
  assert.deepEqual([seen.event('ended').by, seen.event('ended').status, seen.methods.at(0)], ['timeout', 408, 'CANCEL'])
})

test("a proxy's second 2xx is acknowledged and hung up", () => {
  const { respond } = answered({ tag: 'first' })
  const second = respond(200, { tag: 'second', body: sdp('other') })
  assert.deepEqual([second.methods, second.kinds], [['ACK', 'BYE'], []])
})

test('reliable provisionals are acknowledged by PRACK in order, repetitions are not (RFC 3262 §4)', () => {
  const { respond } = calling()
  const reliable = (rseq: number) => ({
    headers: ['Contact: <sip:far@203.0.113.9:5060>', 'Require: 100rel', `RSeq: ${rseq}`],
    body: sdp('early'),
  })
  const first = respond(183, reliable(7))
  assert.equal(header(first.request('PRACK'), 'RAck'), '7 1 INVITE')
  assert.deepEqual(respond(183, reliable(7)).outputs, [])
  assert.deepEqual(respond(180, reliable(9)).outputs, [], 'one is missing in between')
  assert.equal(header(respond(180, reliable(8)).request('PRACK'), 'RAck'), '8 1 INVITE')
  const ok = respond(200)
  assert.equal(ok.event('answered').sdp, 'v=0\r\nearly\r\n', 'the answer was in the reliable provisional')
})

test('a trunk that challenges gets credentials once, under the next CSeq (RFC 3261 §22.2)', () => {
  const own = { ...settings, trunks: settings.trunks.map((t) => ({ ...t, credentials: { username: 'u', password: 'p' } })) }
  const { respond, invite } = calling({}, own)
  const challenge = { headers: ['Proxy-Authenticate: Digest realm="c", nonce="n", algorithm=MD5, qop="auth"'] }
  const seen = respond(407, challenge)
  assert.deepEqual(seen.methods, ['ACK', 'INVITE'])
  const second = seen.request('INVITE')
  assert.equal(second.cseq.number, invite.cseq.number + 1)
  assert.equal(second.callId, invite.callId)
  assert.match(header(second, 'Proxy-Authorization') ?? '', /^Digest username="u", realm="c".*qop=auth/)
  assert.equal(respond(407, challenge, second).event('ended').status, 407)
})

test('without credentials a challenge is a refusal', () => {
  const { respond } = calling()
  assert.equal(respond(401, { headers: ['WWW-Authenticate: Digest realm="c", nonce="n"'] }).event('ended').status, 401)
})

test('422: tried again with the longer interval, once (RFC 4028 §7.4)', () => {
  const { respond } = calling()
  const again = respond(422, { headers: ['Min-SE: 3600'] }).request('INVITE')
  assert.deepEqual([header(again, 'Session-Expires'), header(again, 'Min-SE')], ['3600', '3600'])
  assert.equal(respond(422, { headers: ['Min-SE: 3600'] }, again).event('ended').status, 422)
})

test('delayed offer: the 2xx offers, the ACK waits for our answer and is repeated with it', () => {
  const rig = new Rig()
  const seen = rig.do((agent) =>
    agent.invite(rig.now, { session, to: { kind: 'trunk', account, trunk: 'pstn', number: '1' }, from: { user: '210' } }),
  )
  const invite = seen.request('INVITE')
  assert.equal(invite.body.length, 0)
  const text = reply(invite, 200, { body: sdp('their offer') })
  const ok = rig.receive(text, trunkFlow)
  assert.deepEqual([ok.methods, ok.event('answered')], [[], { kind: 'answered', session, sdpIs: 'offer', sdp: 'v=0\r\ntheir offer\r\n' }])
  assert.deepEqual(rig.receive(text, trunkFlow).outputs, [])
  const ack = rig.do((agent) => agent.answerOffer(rig.now, session, 'v=0\r\nours\r\n')).request('ACK')
  assert.equal(new TextDecoder().decode(ack.body), 'v=0\r\nours\r\n')
  assert.deepEqual(rig.receive(text, trunkFlow).methods, ['ACK'])
})

test('delayed offer without an offer in the 2xx: ACK and BYE', () => {
  const rig = new Rig()
  const seen = rig.do((agent) =>
    agent.invite(rig.now, { session, to: { kind: 'trunk', account, trunk: 'pstn', number: '1' }, from: { user: '210' } }),
  )
  const ok = rig.receive(reply(seen.request('INVITE'), 200), trunkFlow)
  assert.deepEqual([ok.methods, ok.event('ended').by], [['ACK', 'BYE'], 'fault'])
})

test('nobody registered, or no such trunk: ended at once', () => {
  const rig = new Rig()
  const to = { kind: 'extension', account, number: '210' } as const
  const seen = rig.do((agent) => agent.invite(rig.now, { session, to, from: { user: '1' }, sdp: 'v=0' }))
  assert.deepEqual(seen.events, [{ kind: 'ended', session, by: 'fault', status: 480 }])
})

test('session timer: we refresh at half time by UPDATE where it is allowed, and 481 ends the session (RFC 4028 §7.2, §10)', () => {
  const timer = [
    'Contact: <sip:far@203.0.113.9:5060>',
    'Require: timer',
    'Session-Expires: 200;refresher=uac',
    'Allow: INVITE, ACK, BYE, UPDATE',
  ]
  const { rig, respond } = answered({ headers: timer })
  const update = rig.pass(100_000).request('UPDATE')
  assert.equal(header(update, 'Session-Expires'), '200;refresher=uac')
  respond(200, { headers: timer }, update)
  const second = rig.pass(100_000).request('UPDATE')
  const seen = respond(481, {}, second)
  assert.deepEqual([seen.event('ended').by, seen.event('ended').status, seen.methods], ['remote', 481, []])
})

test('session timer: without UPDATE a re-INVITE repeats our description; nobody answering it ends the session', () => {
  const { rig } = answered({
    headers: ['Contact: <sip:far@203.0.113.9:5060>', 'Session-Expires: 200;refresher=uac', 'Allow: INVITE, ACK, BYE'],
  })
  const invite = rig.pass(100_000).request('INVITE')
  assert.equal(new TextDecoder().decode(invite.body), 'v=0\r\noffer\r\n')
  const seen = rig.pass(33_000)
  assert.deepEqual([seen.event('ended').by, seen.methods.includes('BYE')], ['timeout', true])
})

test('probe: 200 is alive, 481 is ended, silence is ended by time-out', () => {
  const { rig, respond } = answered()
  const options = rig.do((agent) => agent.probe(rig.now, session)).request('OPTIONS')
  assert.deepEqual(respond(200, {}, options).events, [{ kind: 'alive', session }])
  const again = rig.do((agent) => agent.probe(rig.now, session)).request('OPTIONS')
  assert.equal(respond(481, {}, again).event('ended').status, 481)
  const silent = answered()
  silent.rig.do((agent) => agent.probe(silent.rig.now, session))
  assert.equal(silent.rig.pass(33_000).event('ended').by, 'timeout')
})

test('DTMF by INFO; 408 and 481 to it end the session (RFC 3261 §12.2.1.2)', () => {
  const { rig, respond } = answered()
  const info = rig.do((agent) => agent.sendDtmf(rig.now, session, '#', 160)).request('INFO')
  assert.equal(new TextDecoder().decode(info.body), 'Signal=#\r\nDuration=160\r\n')
  assert.deepEqual(respond(200, {}, info).kinds, [])
  const next = rig.do((agent) => agent.sendDtmf(rig.now, session, '1', 160)).request('INFO')
  assert.equal(respond(481, {}, next).event('ended').by, 'remote')
})

test('a response to nothing of ours is dropped', () => {
  const { rig, invite } = calling()
  assert.deepEqual(
    rig.receive(reply({ ...invite, via: invite.via.map((v) => ({ ...v, params: new Map([['branch', 'z9hG4bKx']]) })) }, 200), trunkFlow)
      .outputs,
    [],
  )
})

test('hung up while the far end waits for our answer to its offer: ACK, then BYE (RFC 3261 §13.2.2.4)', () => {
  const rig = new Rig()
  const to = { kind: 'trunk', account, trunk: 'pstn', number: '1' } as const
  const invite = rig.do((agent) => agent.invite(rig.now, { session, to, from: { user: '210' } })).request('INVITE')
  rig.receive(reply(invite, 200, { body: sdp('their offer') }), trunkFlow)
  assert.deepEqual(rig.do((agent) => agent.hangUp(rig.now, session)).methods, ['ACK', 'BYE'])
})

test('session timer: a refresh that is refused by 422 is sent again with the longer interval (RFC 4028 §7.4)', () => {
  const timer = ['Contact: <sip:far@203.0.113.9:5060>', 'Session-Expires: 200;refresher=uac', 'Allow: INVITE, ACK, BYE, UPDATE']
  const { rig, respond } = answered({ headers: timer })
  const update = rig.pass(100_000).request('UPDATE')
  respond(422, { headers: ['Min-SE: 400'] }, update)
  const again = rig.pass(1).request('UPDATE')
  assert.equal(header(again, 'Session-Expires'), '400;refresher=uac')
  respond(500, {}, again)
  assert.deepEqual(rig.pass(10_000).methods, ['UPDATE'], 'any other refusal: once more, while the interval lasts')
})

test('a challenge to an INVITE that is being cancelled is not answered', () => {
  const own = { ...settings, trunks: settings.trunks.map((t) => ({ ...t, credentials: { username: 'u', password: 'p' } })) }
  const { rig, respond } = calling({}, own)
  respond(100)
  rig.do((agent) => agent.hangUp(rig.now, session))
  assert.deepEqual(respond(407, { headers: ['Proxy-Authenticate: Digest realm="c", nonce="n", qop="auth"'] }).methods, ['ACK'])
})

test('a refresh whose 2xx names no interval ends the timer (RFC 4028 §7.2)', () => {
  const contact = 'Contact: <sip:far@203.0.113.9:5060>'
  const { rig, respond } = answered({ headers: [contact, 'Session-Expires: 200;refresher=uac', 'Allow: UPDATE'] })
  respond(200, { headers: [contact] }, rig.pass(100_000).request('UPDATE'))
  assert.deepEqual(rig.pass(1_000_000).kinds, [])
})
