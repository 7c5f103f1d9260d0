/** The process dies while a session is being set up: no phone may ring on, and no caller wait for an answer that never comes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { offered } from '../../testkit/sip-incoming.ts'
import { compose, phoneAt, phoneFlow, Rig, registered, reply, sdp, settings, trunkFlow } from '../../testkit/sip-rig.ts'
import { account, leg } from '../../testkit/sip-world.ts'
import { limits } from '../kernel/limits.ts'
import type { Invitation } from './door.ts'
import { header, type Request } from './message.ts'
import { datagramFlow } from './transport.ts'

const session = leg('out')
const otherAt = { address: '198.51.100.8', port: 5062 }
const otherFlow = datagramFlow({ address: '192.0.2.1', port: 5060 }, otherAt)

function calling(more: Partial<Invitation> = {}) {
  const rig = new Rig()
  const to = { kind: 'trunk', account, trunk: 'pstn', number: '+15557777' } as const
  const seen = rig.do((agent) => agent.invite(rig.now, { session, to, from: { user: '210' }, sdp: 'v=0\r\nours\r\n', ...more }))
  return { rig, invite: seen.request('INVITE') }
}

const branchOf = (request: Request) => request.via[0]?.params.get('branch')
const atRest = { sessions: 0, dialogs: 0, transactions: 0 }

test('our INVITE is cancelled, whether or not it was answered provisionally, and those above are told the end of it', () => {
  for (const status of [undefined, 100, 180]) {
    const { rig, invite } = calling()
    if (status !== undefined) rig.receive(reply(invite, status), trunkFlow)
    const back = rig.restart()
    const cancel = back.request('CANCEL')
    assert.deepEqual([branchOf(cancel), cancel.cseq.number, cancel.uri], [branchOf(invite), invite.cseq.number, invite.uri])
    assert.deepEqual([cancel.callId, cancel.from, cancel.to], [invite.callId, invite.from, invite.to])
    assert.deepEqual(back.events, [{ kind: 'ended', session, by: 'fault', status: 503 }])
    rig.receive(reply(cancel, 200), trunkFlow)
    const terminated = rig.receive(reply(invite, 487), trunkFlow)
    assert.deepEqual([terminated.methods, terminated.kinds], [['ACK'], []])
    assert.equal(branchOf(terminated.request('ACK')), branchOf(invite))
    rig.pass(70_000)
    assert.deepEqual(rig.agent.load, atRest)
    assert.deepEqual(rig.restart().outputs, [], 'it is over for good')
  }
})

test('the CANCEL is repeated until it is answered', () => {
  const { rig } = calling()
  rig.restart()
  assert.deepEqual(rig.pass(1_600).methods, ['CANCEL', 'CANCEL'])
})

test('a CANCEL that came before its INVITE is said once more, when the INVITE turns out to have arrived', () => {
  const { rig, invite } = calling()
  const cancel = rig.restart().request('CANCEL')
  assert.deepEqual(rig.receive(reply(invite, 100), trunkFlow).methods, [], 'one at a time')
  rig.receive(reply(cancel, 481), trunkFlow)
  assert.deepEqual(rig.receive(reply(invite, 180), trunkFlow).methods, ['CANCEL'])
  assert.deepEqual(rig.receive(reply(invite, 180), trunkFlow).methods, [])
})

test('a 2xx that crosses our CANCEL gets its ACK, and BYE', () => {
  const { rig, invite } = calling()
  rig.receive(reply(invite, 180), trunkFlow)
  rig.restart()
  const crossed = rig.receive(reply(invite, 200, { body: sdp('answer') }), trunkFlow)
  assert.deepEqual([crossed.methods, crossed.kinds], [['ACK', 'BYE'], []])
  const bye = crossed.request('BYE')
  assert.ok(bye.cseq.number > invite.cseq.number)
  assert.deepEqual(rig.receive(reply(invite, 200, { body: sdp('answer') }), trunkFlow).methods, ['ACK'], 'and again if that was lost')
  rig.receive(reply(bye, 200), trunkFlow)
  rig.pass(70_000)
  assert.deepEqual(rig.agent.load, atRest)
})

test('killed once more between the CANCEL and its outcome: cancelled once more, and told once', () => {
  const { rig, invite } = calling()
  rig.restart()
  const again = rig.restart()
  assert.deepEqual([again.methods, again.kinds], [['CANCEL'], []])
  const crossed = rig.receive(reply(invite, 200, { body: sdp('answer') }), trunkFlow)
  assert.deepEqual(crossed.methods, ['ACK', 'BYE'])
  assert.deepEqual(rig.restart().methods, ['BYE'])
})

test('hung up just before: what was to be cancelled is cancelled', () => {
  const { rig, invite } = calling()
  rig.receive(reply(invite, 180), trunkFlow)
  rig.do((agent) => agent.hangUp(rig.now, session)).request('CANCEL')
  const back = rig.restart()
  assert.deepEqual([back.methods, back.kinds], [['CANCEL'], []])
})

test('a phone that lost against another one of the extension stops ringing; the one that answered talks on', () => {
  const rig = new Rig()
  registered(rig, '210')
  registered(rig, '210', otherFlow, 5099)
  const to = { kind: 'extension', account, number: '210' } as const
  const ringing = rig.do((agent) => agent.invite(rig.now, { session, to, from: { user: '1' }, sdp: 'v=0' }))
  const invites = ringing.messages.filter((m): m is Request => m.kind === 'request')
  const [first, second] = invites
  assert.ok(first !== undefined && second !== undefined)
  rig.receive(reply(second, 180), otherFlow)
  rig.receive(reply(first, 200, { headers: [`Contact: <sip:210@${phoneAt.address}:5062>`], body: sdp('a') }), phoneFlow).request('CANCEL')
  const back = rig.restart()
  assert.deepEqual([back.methods, back.request('CANCEL').callId], [['CANCEL', 'ACK'], second.callId])
  assert.deepEqual([...rig.agent.sessions()], [session])
  assert.equal(rig.do((agent) => agent.hangUp(rig.now, session)).request('BYE').callId, first.callId)
})

test('a caller who was not answered is refused by 503 with Retry-After, until he acknowledges; he may call again', () => {
  for (const rung of [false, true]) {
    const { rig, invite, session: id, seen } = offered()
    assert.deepEqual(seen.statuses, [100])
    if (rung) rig.do((agent) => agent.ring(rig.now, id, { status: 180 }))
    const back = rig.restart()
    const refusal = back.response(503)
    assert.match(header(refusal, 'Retry-After') ?? '', /^\d+$/)
    assert.deepEqual(back.events, [{ kind: 'ended', session: id, by: 'fault', status: 503 }])
    assert.deepEqual(rig.pass(600).statuses, [503], 'repeated over UDP')
    assert.deepEqual(rig.receive(compose(invite), trunkFlow).statuses, [503], 'and when the INVITE is')
    rig.receive(compose({ ...invite, method: 'ACK', to: `${invite.to};tag=${refusal.to.params.get('tag')}` }), trunkFlow)
    rig.pass(10_000)
    assert.deepEqual(rig.agent.load, atRest)
    assert.deepEqual(rig.restart().outputs, [])
    assert.deepEqual(rig.receive(compose({ ...invite, callId: 'next', branch: 'z9hG4bKnext' }), trunkFlow).kinds, ['offered'])
  }
})

test('a refusal that was lost in the crash is told again, as it was', () => {
  const { rig, session: id } = offered()
  const busy = rig.do((agent) => agent.refuse(rig.now, id, 486)).response(486)
  const back = rig.restart()
  assert.deepEqual([back.response(486), back.kinds], [busy, []])
  rig.pass(limits.ringTimeoutMaxMs)
  assert.deepEqual(rig.agent.load, atRest, 'given up in the end')
  assert.deepEqual(rig.restart().outputs, [])
})

test('a call that the caller has cancelled stays so; his CANCEL, sent again, is answered', () => {
  const { rig, invite } = offered()
  const cancel = compose({ ...invite, method: 'CANCEL', headers: [] })
  assert.deepEqual(rig.receive(cancel, trunkFlow).statuses, [200, 487])
  assert.deepEqual(rig.restart().statuses, [487])
  assert.deepEqual(rig.receive(cancel, trunkFlow).statuses, [200])
})

test('an INVITE that was still being looked up has rung nowhere: its end is told', () => {
  const rig = new Rig({ ...settings, trunks: settings.trunks.map((trunk) => ({ ...trunk, peer: 'udp:carrier.test' })) })
  const to = { kind: 'trunk', account, trunk: 'pstn', number: '1' } as const
  rig.do((agent) => agent.invite(rig.now, { session, to, from: { user: '210' }, sdp: 'v=0' }))
  const back = rig.restart()
  assert.deepEqual([back.methods, back.kinds], [[], ['ended']])
})
