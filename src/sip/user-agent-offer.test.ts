import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compose, Rig, reply, sdp, settings, trunkFlow } from '../../testkit/sip-rig.ts'
import { account, leg } from '../../testkit/sip-world.ts'
import { limits } from '../kernel/limits.ts'
import type { Request } from './message.ts'
import { header } from './message.ts'

const session = leg('out')

/** An outgoing call that is up. `theirs` composes requests of the far end. */
function up(seed = 1) {
  const rig = new Rig(settings, seed)
  const to = { kind: 'trunk', account, trunk: 'pstn', number: '+15557777' } as const
  const invite = rig.do((agent) => agent.invite(rig.now, { session, to, from: { user: '210' }, sdp: 'v=0\r\noffer\r\n' })).request('INVITE')
  const contact = 'Contact: <sip:far@203.0.113.9:5060>'
  rig.receive(reply(invite, 200, { body: sdp('answer'), headers: [contact, 'Allow: INVITE, ACK, BYE, UPDATE'] }), trunkFlow)
  const respond = (to: Request, status: number, more: Parameters<typeof reply>[2] = {}) => rig.receive(reply(to, status, more), trunkFlow)
  let cseq = 100
  const theirs = (
    method: string,
    more: { cseq?: number; branch?: string; body?: { type: string; text: string }; headers?: readonly string[] } = {},
  ) => {
    cseq = more.cseq ?? cseq + 1
    return rig.receive(
      compose({
        method,
        uri: 'sip:sotto@192.0.2.1:5060',
        via: `SIP/2.0/UDP 203.0.113.9:5060;branch=${more.branch ?? `z9hG4bK${method}${cseq}`}`,
        from: '<sip:+15557777@203.0.113.9>;tag=callee',
        to: `<sip:210@sotto.test>;tag=${invite.from.params.get('tag')}`,
        callId: invite.callId,
        contact: '<sip:moved@203.0.113.10:5060>',
        ...more,
        cseq,
      }),
      trunkFlow,
    )
  }
  const offer = (text: string) => rig.do((agent) => agent.offer(rig.now, session, text))
  return { rig, respond, theirs, offer, invite }
}

test('our re-INVITE: answered, acknowledged, told; its 2xx moves the target (RFC 3261 §14.1)', () => {
  const { rig, offer, respond } = up()
  const invite = offer('v=0\r\nhold\r\n').request('INVITE')
  assert.equal(invite.cseq.number, 2)
  assert.equal(header(invite, 'Contact'), '<sip:sotto@192.0.2.1:5060>')
  const seen = respond(invite, 200, { body: sdp('held'), headers: ['Contact: <sip:moved@203.0.113.9:5060>'] })
  assert.deepEqual(seen.events, [{ kind: 'remoteAnswer', session, sdp: 'v=0\r\nheld\r\n' }])
  assert.equal(seen.request('ACK').cseq.number, 2)
  const bye = rig.do((agent) => agent.hangUp(rig.now, session)).request('BYE')
  assert.equal(bye.uri.scheme === 'sip' && bye.uri.user, 'moved')
})

test('offers wait their turn, and only the latest of those that wait is sent', () => {
  const { offer, respond } = up()
  const first = offer('v=0\r\n1\r\n').request('INVITE')
  assert.deepEqual([offer('v=0\r\n2\r\n').outputs, offer('v=0\r\n3\r\n').outputs], [[], []])
  const next = respond(first, 200, { body: sdp('a1') }).request('INVITE')
  assert.equal(new TextDecoder().decode(next.body), 'v=0\r\n3\r\n')
})

test('refused: what was agreed before holds, the session goes on', () => {
  const { offer, respond } = up()
  const seen = respond(offer('v=0').request('INVITE'), 488)
  assert.deepEqual(seen.events, [{ kind: 'offerFailed', session, status: 488 }])
})

test('481 and 408 to a re-INVITE end the dialog (RFC 3261 §12.2.1.2)', () => {
  const gone = up()
  assert.equal(gone.respond(gone.offer('v=0').request('INVITE'), 481).event('ended').by, 'remote')
  const silent = up()
  silent.offer('v=0')
  const seen = silent.rig.pass(32_100)
  assert.deepEqual([seen.event('ended').by, seen.methods.includes('BYE')], ['timeout', true])
})

test('491: the owner of the Call-ID tries again after 2.1 to 4 s (RFC 3261 §14.1)', () => {
  for (let seed = 0; seed < 20; seed++) {
    const { rig, offer, respond } = up(seed)
    assert.deepEqual(respond(offer('v=0').request('INVITE'), 491).kinds, [])
    assert.deepEqual(rig.pass(2_099).methods, [])
    assert.deepEqual(rig.pass(1_902).methods.slice(0, 1), ['INVITE'])
  }
})

test('491 for ever: the offer fails after a few tries', () => {
  const { rig, offer, respond } = up()
  let request = offer('v=0').request('INVITE')
  for (let n = 0; n < limits.sipOfferRetries; n++) {
    respond(request, 491)
    request = rig.pass(4_001).request('INVITE')
  }
  assert.deepEqual(respond(request, 491).events, [{ kind: 'offerFailed', session, status: 491 }])
})

test('500 with Retry-After asks for patience, not for surrender (RFC 3261 §14.2)', () => {
  const { rig, offer, respond } = up()
  respond(offer('v=0').request('INVITE'), 500, { headers: ['Retry-After: 3'] })
  assert.deepEqual(rig.pass(2_999).methods, [])
  assert.deepEqual(rig.pass(2).methods, ['INVITE'])
})

test('their re-INVITE: 100, offered, answered, acknowledged', () => {
  const { rig, theirs } = up()
  const seen = theirs('INVITE', { body: sdp('hold') })
  assert.deepEqual([seen.statuses, seen.events], [[100], [{ kind: 'remoteOffer', session, sdp: 'v=0\r\nhold\r\n' }]])
  const ok = rig.do((agent) => agent.answerOffer(rig.now, session, 'v=0\r\nheld\r\n')).response(200)
  assert.equal(new TextDecoder().decode(ok.body), 'v=0\r\nheld\r\n')
  assert.deepEqual(rig.pass(600).statuses, [200], 'repeated until the ACK')
  assert.deepEqual(theirs('ACK', { cseq: 101 }).kinds, ['confirmed'])
  assert.deepEqual(rig.pass(10_000).statuses, [])
})

test('their re-INVITE without a description: our 200 offers and the ACK answers (RFC 3261 §14.2)', () => {
  const { rig, theirs } = up()
  assert.deepEqual(theirs('INVITE').events, [{ kind: 'remoteOffer', session }])
  rig.do((agent) => agent.answerOffer(rig.now, session, 'v=0\r\nours\r\n'))
  assert.deepEqual(theirs('ACK', { cseq: 101, body: sdp('theirs') }).events.at(-1), {
    kind: 'remoteAnswer',
    session,
    sdp: 'v=0\r\ntheirs\r\n',
  })
})

test('their re-INVITE meets ours: 491; meets their own unanswered one: 500 with Retry-After (RFC 3261 §14.2)', () => {
  const glare = up()
  glare.offer('v=0')
  assert.deepEqual(glare.theirs('INVITE', { body: sdp('x') }).statuses, [491])
  const twice = up()
  twice.theirs('INVITE', { body: sdp('x') })
  const second = twice.theirs('INVITE', { body: sdp('y') })
  assert.ok(Number(header(second.response(500), 'Retry-After')) <= 10)
})

test('our offer waits while theirs is undecided or unacknowledged', () => {
  const { rig, theirs, offer } = up()
  theirs('INVITE', { body: sdp('x') })
  assert.deepEqual(offer('v=0\r\nmine\r\n').outputs, [])
  assert.deepEqual(rig.do((agent) => agent.answerOffer(rig.now, session, 'v=0')).methods, [])
  assert.deepEqual(theirs('ACK', { cseq: 101 }).methods, ['INVITE'])
})

test('refused by us: the status goes out, and the session goes on', () => {
  const { rig, theirs } = up()
  theirs('INVITE', { body: sdp('x') })
  const seen = rig.do((agent) => agent.refuseOffer(rig.now, session, 488))
  assert.deepEqual([seen.statuses, seen.kinds], [[488], []])
  assert.deepEqual(theirs('INVITE', { body: sdp('y'), cseq: 150 }).kinds, ['remoteOffer'])
})

test('an offer that nobody above decides is refused before it times out', () => {
  const { rig, theirs } = up()
  theirs('INVITE', { body: sdp('x') })
  assert.deepEqual(rig.pass(limits.sipDecisionMs).statuses, [500])
})

test('UPDATE with a description is an offer whose 2xx needs no ACK (RFC 3311 §5.2)', () => {
  const { rig, theirs } = up()
  assert.deepEqual(theirs('UPDATE', { body: sdp('u') }).kinds, ['remoteOffer'])
  assert.deepEqual(rig.do((agent) => agent.answerOffer(rig.now, session, 'v=0')).statuses, [200])
  assert.deepEqual(rig.pass(10_000).statuses, [])
})

test('UPDATE without a description moves the target and is answered at once', () => {
  const { rig, theirs } = up()
  assert.deepEqual([theirs('UPDATE').statuses], [[200]])
  const bye = rig.do((agent) => agent.hangUp(rig.now, session)).request('BYE')
  assert.equal(bye.uri.scheme === 'sip' && bye.uri.user, 'moved')
})

test('a body that we cannot read is 415 with Accept; an unknown extension 420 with Unsupported; an unknown method 405 with Allow', () => {
  const { theirs } = up()
  assert.equal(header(theirs('INVITE', { body: { type: 'text/html', text: 'x' } }).response(415), 'Accept'), 'application/sdp')
  assert.equal(header(theirs('INFO', { headers: ['Require: nothingweknow'] }).response(420), 'Unsupported'), 'nothingweknow')
  assert.match(header(theirs('MESSAGE').response(405), 'Allow') ?? '', /INVITE/)
})

test('hung up while both an offer of ours and one of theirs are open: nothing is left behind', () => {
  const ours = up()
  const invite = ours.offer('v=0').request('INVITE')
  ours.rig.do((agent) => agent.hangUp(ours.rig.now, session))
  assert.deepEqual(ours.respond(invite, 200, { body: sdp('late') }).methods, ['ACK'])
  const theirs = up()
  theirs.theirs('INVITE', { body: sdp('x') })
  assert.deepEqual(theirs.rig.do((agent) => agent.hangUp(theirs.rig.now, session)).statuses, [487])
  for (const { rig } of [ours, theirs]) {
    rig.pass(120_000)
    assert.equal(rig.agent.deadline(), undefined)
  }
})
