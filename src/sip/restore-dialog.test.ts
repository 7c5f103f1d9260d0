/** The process dies in the middle of a session, and another one goes on with it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answered, established } from '../../testkit/sip-incoming.ts'
import { compose, Rig, reply, sdp, settings, trunkFlow } from '../../testkit/sip-rig.ts'
import { account, leg } from '../../testkit/sip-world.ts'
import { limits } from '../kernel/limits.ts'
import type { SipChange, TrunkSettings } from './door.ts'
import { header } from './message.ts'

const timer = 'Session-Expires: 1800;refresher=uac'

function restarted(...from: Parameters<typeof established>) {
  const call = established(...from)
  const back = call.rig.restart()
  assert.deepEqual([back.kinds, back.messages], [[], []], 'neither the far end nor those above notice')
  return call
}

/** An outgoing session to the trunk, answered and acknowledged. */
function called(trunk: Partial<TrunkSettings> = {}) {
  const rig = new Rig({ ...settings, trunks: settings.trunks.map((one) => ({ ...one, ...trunk })) })
  const to = { kind: 'trunk', account, trunk: 'pstn', number: '+15557777' } as const
  const session = leg('out')
  const invite = rig.do((agent) => agent.invite(rig.now, { session, to, from: { user: '210' }, sdp: 'v=0\r\nours\r\n' })).request('INVITE')
  const headers = ['Contact: <sip:far@203.0.113.9:5060>', 'Allow: INVITE, UPDATE', 'Record-Route: <sip:203.0.113.9;lr>']
  rig.receive(reply(invite, 200, { headers, body: sdp('theirs') }), trunkFlow).request('ACK')
  return { rig, session, invite }
}

test('what holds already is not told again: repetitions change nothing that must be remembered', () => {
  const { rig, within, tag } = established()
  assert.ok(rig.remembered().length > 0)
  within(tag, { method: 'OPTIONS' })
  assert.equal(rig.remembered().length, 1, 'a new request has a new number')
  within(tag, { method: 'OPTIONS' })
  rig.pass(5_000)
  assert.deepEqual(rig.remembered(), [])
})

test('everything that is remembered is plain JSON, and gone when nobody waits for anything', () => {
  const { rig, within, tag } = established()
  const changes = rig.remembered()
  assert.deepEqual(JSON.parse(JSON.stringify(changes)), changes)
  within(tag, { method: 'BYE' })
  assert.deepEqual(
    rig.remembered().map((change) => 'gone' in change),
    [true],
  )
})

test('BYE, sent after the restart: 200 and ended; sent again: 200; the dialog is gone then', () => {
  const { rig, within, tag, session } = restarted()
  const seen = within(tag, { method: 'BYE' })
  assert.deepEqual([seen.statuses, seen.events], [[200], [{ kind: 'ended', session, by: 'remote' }]])
  assert.deepEqual(within(tag, { method: 'BYE' }).statuses, [200])
  assert.deepEqual(within(tag, { method: 'BYE', cseq: 9 }).statuses, [481])
  rig.pass(40_000)
  assert.deepEqual(rig.agent.load, { sessions: 0, dialogs: 0, transactions: 0 })
})

test('a BYE that was answered before the restart and is sent again: 481, for the session is over', () => {
  const { rig, within, tag } = established()
  within(tag, { method: 'BYE' })
  rig.restart()
  assert.deepEqual(within(tag, { method: 'BYE' }).statuses, [481])
})

test('re-INVITE, UPDATE, OPTIONS, INFO and REFER are answered as before; numbers that do not grow are still out of order', () => {
  const { rig, within, tag, session } = restarted()
  const offered = within(tag, { method: 'INVITE', cseq: 5, body: sdp('hold') })
  assert.deepEqual(offered.event('remoteOffer').sdp, 'v=0\r\nhold\r\n')
  const ok = rig.do((agent) => agent.answerOffer(rig.now, session, 'v=0\r\nheld\r\n')).response(200)
  assert.match(new TextDecoder().decode(ok.body), /held/)
  assert.deepEqual(within(tag, { method: 'ACK', cseq: 5 }).kinds, ['confirmed'])
  assert.deepEqual(within(tag, { method: 'UPDATE', cseq: 6 }).statuses, [200])
  assert.deepEqual(within(tag, { method: 'OPTIONS', cseq: 7 }).statuses, [200])
  const digit = within(tag, { method: 'INFO', cseq: 8, body: { type: 'application/dtmf-relay', text: 'Signal=5\r\nDuration=100\r\n' } })
  assert.deepEqual([digit.statuses, digit.event('dtmf').digit], [[200], '5'])
  const refer = within(tag, { method: 'REFER', cseq: 9, headers: ['Refer-To: <sip:300@sotto.test>'] })
  assert.equal(refer.event('transferRequested').target, '300')
  assert.deepEqual(within(tag, { method: 'OPTIONS', cseq: 4 }).statuses, [500])
})

test('our re-INVITE and BYE go on above all numbers that may have been used, to the target and by the route of before', () => {
  const { rig, session, invite } = called()
  rig.do((agent) => agent.sendDtmf(rig.now, session, '5', 100))
  const info = rig.do((agent) => agent.sendDtmf(rig.now, session, '6', 100)).request('INFO')
  rig.restart()
  const again = rig.do((agent) => agent.offer(rig.now, session, 'v=0\r\nmore\r\n')).request('INVITE')
  assert.ok(again.cseq.number > info.cseq.number, `${again.cseq.number}`)
  assert.ok(again.cseq.number <= info.cseq.number + 2 * limits.sipSequenceBlock + 1)
  assert.deepEqual([again.callId, again.from, header(again, 'Route')], [invite.callId, invite.from, '<sip:203.0.113.9;lr>'])
  const ok = rig.receive(reply(again, 200, { body: sdp('answer') }), trunkFlow)
  assert.equal(ok.request('ACK').cseq.number, again.cseq.number)
  assert.equal(ok.event('remoteAnswer').sdp, 'v=0\r\nanswer\r\n')
  const bye = rig.do((agent) => agent.hangUp(rig.now, session)).request('BYE')
  assert.equal(bye.cseq.number, again.cseq.number + 1)
})

test('a process that restarts again and again never uses a number twice', () => {
  const { rig, session } = called()
  const used = new Set<number>()
  for (let i = 0; i < 200; i++) {
    if (i % 7 === 3) rig.restart()
    // A crash may lose what was written last, if the machine goes with it.
    if (i % 31 === 30) rig.log.pop()
    const { number } = rig.do((agent) => agent.sendDtmf(rig.now, session, '1', 100)).request('INFO').cseq
    assert.ok(!used.has(number), `${number} at ${i}`)
    used.add(number)
  }
})

test('our session refresh comes in time, with the description of before where UPDATE is not taken', () => {
  const { rig, within, tag } = established({ headers: ['Supported: timer', 'Session-Expires: 1800;refresher=uas'] })
  rig.pass(600_000)
  rig.restart()
  assert.deepEqual(rig.pass(299_000).methods, [])
  const refresh = rig.pass(2_000).request('INVITE')
  assert.match(new TextDecoder().decode(refresh.body), /ours/)
  assert.deepEqual(within(tag, { method: 'OPTIONS' }).statuses, [200])
})

test('a refresh that fell due while nobody was there is made up for; the far end that refreshes is given time to', () => {
  const late = established({ headers: ['Supported: timer', 'Session-Expires: 90;refresher=uas'] })
  late.rig.remembered()
  late.rig.clock.run(60_000)
  late.rig.restart()
  assert.deepEqual(late.rig.pass(5_000).methods.slice(0, 1), ['INVITE'])
  const theirs = established({ headers: ['Supported: timer', 'Session-Expires: 90;refresher=uac'] })
  theirs.rig.remembered()
  theirs.rig.clock.run(85_000)
  theirs.rig.restart()
  const refreshed = theirs.within(theirs.tag, { method: 'UPDATE', headers: ['Supported: timer', 'Session-Expires: 90;refresher=uac'] })
  assert.equal(header(refreshed.response(200), 'Session-Expires'), '90;refresher=uac')
  assert.deepEqual(theirs.rig.pass(55_000).kinds, [])
  assert.equal(theirs.rig.pass(10_000).event('ended').by, 'timeout')
})

test('our 2xx that waits for its ACK is sent again until it comes; the INVITE itself, sent again, makes no second session', () => {
  const { rig, invite, tag, within, answer } = answered({ headers: [timer] })
  const back = rig.restart()
  assert.deepEqual(back.response(200), answer.response(200))
  assert.deepEqual(rig.pass(600).statuses, [200])
  assert.deepEqual(rig.receive(compose(invite), trunkFlow).messages, [])
  assert.deepEqual(within(tag, { method: 'ACK' }).kinds, ['confirmed'])
  assert.deepEqual(rig.pass(10_000).messages, [])
  assert.deepEqual(rig.receive(compose(invite), trunkFlow).events, [])
})

test('an INVITE that was delivered twice does not ring again, although the first one was answered by another process', () => {
  const { rig, invite } = restarted()
  assert.deepEqual(rig.receive(compose(invite), trunkFlow).outputs, [])
})

test('hung up while our 2xx waited for its ACK: BYE follows the ACK, also after a restart', () => {
  const { rig, session, within, tag } = answered()
  rig.do((agent) => agent.hangUp(rig.now, session, { q850: 16 }))
  assert.deepEqual(rig.restart().kinds, [])
  const seen = within(tag, { method: 'ACK' })
  assert.deepEqual([seen.methods, seen.kinds], [['BYE'], []])
  assert.match(header(seen.request('BYE'), 'Reason') ?? '', /cause=16/)
})

test('our BYE that has no answer is sent again: the far end must not stay in a call that is over', () => {
  const { rig, session } = called()
  const bye = rig.do((agent) => agent.hangUp(rig.now, session, { q850: 16 })).request('BYE')
  const again = rig.restart()
  assert.deepEqual([again.kinds, again.methods], [[], ['BYE']])
  assert.ok(again.request('BYE').cseq.number > bye.cseq.number)
  rig.receive(reply(again.request('BYE'), 481), trunkFlow)
  rig.pass(40_000)
  assert.deepEqual(rig.agent.load, { sessions: 0, dialogs: 0, transactions: 0 })
  assert.deepEqual(rig.restart().messages, [], 'and not once more')
})

test('a 2xx to an INVITE or re-INVITE of an earlier process is acknowledged, or the far end would give the call up', () => {
  const { rig, session, invite } = called()
  const again = rig.do((agent) => agent.offer(rig.now, session, 'v=0\r\nmore\r\n')).request('INVITE')
  rig.restart()
  const body = sdp('answer')
  const seen = rig.receive(reply(again, 200, { body }), trunkFlow)
  assert.deepEqual([seen.request('ACK').cseq.number, seen.kinds], [again.cseq.number, []])
  assert.equal(rig.receive(reply(invite, 200, { body }), trunkFlow).request('ACK').cseq.number, invite.cseq.number)
  assert.deepEqual(rig.receive(reply({ ...invite, callId: 'x' }, 200, { body }), trunkFlow).messages, [], 'but not just anything')
})

test('their re-INVITE that nobody decided about is refused for now; one that was answered is answered again', () => {
  const open = established()
  open.within(open.tag, { method: 'INVITE', cseq: 2, body: sdp('hold') })
  const refused = open.rig.restart()
  assert.deepEqual([refused.statuses, refused.kinds], [[500], []])
  assert.ok(header(refused.response(500), 'Retry-After') !== undefined)
  open.within(open.tag, { method: 'ACK', cseq: 2, branch: 'z9hG4bKINVITE2' })
  assert.deepEqual(open.rig.pass(5_000).messages, [])
  assert.equal(open.within(open.tag, { method: 'INVITE', cseq: 3, body: sdp('hold') }).kinds[0], 'remoteOffer')

  const decided = established()
  decided.within(decided.tag, { method: 'INVITE', cseq: 2, body: sdp('hold') })
  const ok = decided.rig.do((agent) => agent.answerOffer(decided.rig.now, decided.session, 'v=0\r\nheld\r\n')).response(200)
  assert.deepEqual(decided.rig.restart().response(200), ok)
  assert.deepEqual(decided.within(decided.tag, { method: 'ACK', cseq: 2 }).kinds, ['confirmed'])
})

test('requests that were answered, sent again because the response was lost: answered the same, and done once', () => {
  const { rig, within, tag, session } = established()
  const digit = { method: 'INFO', cseq: 2, body: { type: 'application/dtmf-relay', text: 'Signal=5\r\nDuration=100\r\n' } }
  within(tag, digit)
  rig.restart()
  assert.deepEqual([within(tag, digit).statuses, within(tag, digit).kinds], [[200], []])
  const refer = { method: 'REFER', cseq: 3, headers: ['Refer-To: <sip:300@sotto.test>'] }
  const { transferId } = within(tag, refer).event('transferRequested')
  rig.do((agent) => agent.acceptTransfer(rig.now, session, transferId))
  rig.restart()
  assert.deepEqual([within(tag, refer).statuses, within(tag, refer).kinds], [[202], []])
  const told = rig.do((agent) => agent.transferProgress(rig.now, session, transferId, 200)).request('NOTIFY')
  assert.match(header(told, 'Subscription-State') ?? '', /^terminated/)
})

test('a description that was agreed is agreed again: UPDATE with an offer, sent again', () => {
  const { rig, within, tag, session } = established()
  const update = { method: 'UPDATE', cseq: 2, body: sdp('hold') }
  within(tag, update)
  rig.do((agent) => agent.answerOffer(rig.now, session, 'v=0\r\nheld\r\n')).response(200)
  rig.restart()
  assert.deepEqual(within(tag, update).kinds, ['remoteOffer'])
})

test('credentials of a trunk are those of the settings, never remembered', () => {
  const credentials = { username: 'sotto', password: 'the secret' }
  const { rig, session } = called({ credentials })
  assert.ok(!JSON.stringify(rig.remembered()).includes('the secret'))
  rig.restart()
  const bye = rig.do((agent) => agent.hangUp(rig.now, session)).request('BYE')
  const challenged = rig.receive(reply(bye, 407, { headers: ['Proxy-Authenticate: Digest realm="c", nonce="n"'] }), trunkFlow)
  assert.match(header(challenged.request('BYE'), 'Proxy-Authorization') ?? '', /username="sotto"/)
})

test('what cannot be understood, of another version or damaged, has ended; the others go on', () => {
  const { rig, session, within, tag } = established()
  rig.remembered()
  const whole = rig.log.map((line) => JSON.parse(line) as SipChange)
  const value = whole.flatMap((change) => ('value' in change && change.value.kind === 'sip-session' ? [change.value] : [])).at(-1)
  assert.ok(value?.dialog !== undefined)
  const dialog = { ...value.dialog, remote: '<' }
  rig.log.push(JSON.stringify({ key: 'a', value: { ...value, id: 'other', version: 99 } }))
  rig.log.push(JSON.stringify({ key: 'b', value: { ...value, id: 'broken', dialog } }))
  const back = rig.restart()
  assert.deepEqual(
    back.events.map((event) => event.kind === 'ended' && event.session),
    ['other', 'broken'],
  )
  assert.deepEqual([...rig.agent.sessions()], [session])
  assert.deepEqual(within(tag, { method: 'BYE' }).statuses, [200])
})

test('a listener that is bound otherwise after the restart: the session goes on by it', () => {
  const { rig, session } = established()
  const elsewhere = settings.listen.map((listener) => ({ ...listener, port: listener.port + 1000 }))
  rig.restart({ ...settings, listen: elsewhere })
  const bye = rig.do((agent) => agent.hangUp(rig.now, session)).outputs.find((output) => output.kind === 'send')
  assert.equal(bye?.kind === 'send' && bye.flow.local.port, 6060)
})
