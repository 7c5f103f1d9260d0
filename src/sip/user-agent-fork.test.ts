import assert from 'node:assert/strict'
import { test } from 'node:test'
import { phoneAt, phoneFlow, Rig, registered, reply, sdp, serverAt, settings } from '../../testkit/sip-rig.ts'
import { account, leg } from '../../testkit/sip-world.ts'
import { header, headers } from './message.ts'
import { datagramFlow } from './transport.ts'

const session = leg('out')

test('the same Contact from another address moves the binding, it does not double it', () => {
  const rig = new Rig()
  registered(rig, '210', phoneFlow)
  const moved = datagramFlow(serverAt, { address: '198.51.100.8', port: 5062 })
  registered(rig, '210', moved)
  assert.deepEqual(
    rig.agent.contacts(account, '210').map((c) => c.remote),
    [moved.remote],
  )
})

function forked() {
  const rig = new Rig()
  for (const port of [6001, 6002]) {
    const flow = datagramFlow(serverAt, { address: phoneAt.address, port })
    const contact = `<sip:210@${phoneAt.address}:${port}>`
    const text = {
      method: 'REGISTER',
      uri: 'sip:sotto.test',
      to: '<sip:210@sotto.test>',
      contact,
      callId: `r${port}`,
      branch: `z9hG4bKr${port}`,
    }
    rig.prove(text, { username: '210', password: 'pw-210' }, flow)
  }
  const seen = rig.do((agent) =>
    agent.invite(rig.now, {
      session,
      to: { kind: 'extension', account, number: '210' },
      from: { user: '211' },
      sdp: 'v=0',
      autoAnswer: true,
    }),
  )
  const invites = seen.messages.filter((m) => m.kind === 'request')
  const [first, second] = invites
  if (first?.kind !== 'request' || second?.kind !== 'request') throw new Error('two INVITEs')
  return { rig, first, second }
}

test('all contacts ring; the first 2xx wins, the others are cancelled as completed elsewhere (RFC 3326), and hung up if late', () => {
  const { rig, first, second } = forked()
  assert.notEqual(first.callId, second.callId)
  rig.receive(reply(first, 180))
  rig.receive(reply(second, 180))
  const won = rig.receive(reply(first, 200, { body: sdp('a') }))
  assert.deepEqual(won.methods.toSorted(), ['ACK', 'CANCEL'])
  assert.equal(header(won.request('CANCEL'), 'Reason'), 'SIP;cause=200;text="Call completed elsewhere"')
  assert.equal(won.request('CANCEL').callId, second.callId)
  assert.deepEqual(won.kinds, ['answered'])
  const late = rig.receive(reply(second, 200, { body: sdp('b') }))
  assert.deepEqual([late.methods, late.kinds], [['ACK', 'BYE'], []])
})

test('one phone is busy: the other goes on ringing; both busy: 486', () => {
  const { rig, first, second } = forked()
  assert.deepEqual(rig.receive(reply(first, 486)).kinds, [])
  assert.equal(rig.receive(reply(second, 500)).event('ended').status, 486)
})

test('one phone is away and the other busy: busy, whichever says so first', () => {
  for (const [sooner, later] of [
    [480, 486],
    [486, 480],
  ] as const) {
    const { rig, first, second } = forked()
    rig.receive(reply(first, sooner))
    assert.equal(rig.receive(reply(second, later)).event('ended').status, 486)
  }
})

test('a 6xx of one phone ends the search (RFC 3261 §16.7)', () => {
  const { rig, first, second } = forked()
  rig.receive(reply(second, 180))
  const seen = rig.receive(reply(first, 603))
  assert.deepEqual([seen.event('ended').status, seen.methods.toSorted()], [603, ['ACK', 'CANCEL']])
})

test('auto-answer is asked for in every way that phones know, and required in none', () => {
  const { first } = forked()
  assert.equal(header(first, 'Call-Info'), '<sip:sotto.test>;answer-after=0')
  assert.match(header(first, 'Alert-Info') ?? '', /info=alert-autoanswer/)
  assert.equal(header(first, 'Answer-Mode'), 'Auto')
  assert.deepEqual(headers(first, 'Require'), [])
})

test('an extension with a fixed contact is called there while nobody has registered', () => {
  const fixed = (contact: string) => ({ ...settings, extensions: [{ account, number: '300', password: 'p', contact }] })
  const call = (contact: string) => {
    const rig = new Rig(fixed(contact))
    const to = { kind: 'extension', account, number: '300' } as const
    return rig.do((agent) => agent.invite(rig.now, { session, to, from: { user: '211' }, sdp: 'v=0' }))
  }
  const sent = call('sip:door@198.51.100.30:5070').outputs.find((o) => o.kind === 'send')
  assert.deepEqual(sent?.kind === 'send' && sent.flow.remote, { address: '198.51.100.30', port: 5070 })
  assert.deepEqual(call('tel:+1555').event('ended').status, 480)
})
