/** Registrations survive the process; connections do not, and their phones come back by new ones. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  compose,
  phoneAt,
  phoneFlow,
  type RequestText,
  Rig,
  registered,
  reply,
  type Seen,
  sdp,
  settings,
  stream,
} from '../../testkit/sip-rig.ts'
import { account, leg } from '../../testkit/sip-world.ts'
import { limits } from '../kernel/limits.ts'
import type { Flow } from './door.ts'
import type { Request } from './message.ts'

const session = leg('out')
const to = { kind: 'extension', account, number: '210' } as const
const before = stream('tcp 1')
/** The socket owner counts anew in a new process: another connection bears the same name. */
const strangers = stream('tcp 1', 'TCP', { address: '198.51.100.99', port: 40_000 })
const after = stream('tcp 2', 'TCP', { address: phoneAt.address, port: 40_001 })

const contact = (flow: Flow) => `<sip:210@${flow.remote.address}:${flow.remote.port};transport=tcp>`
/** Where the first message goes. */
const wayOf = ({ outputs }: Seen): Flow | undefined => outputs.flatMap((output) => (output.kind === 'send' ? [output.flow] : []))[0]

const atRest = { sessions: 0, dialogs: 0, transactions: 0 }

function register(rig: Rig, flow: Flow, n: number): void {
  const text: RequestText = {
    ...{ method: 'REGISTER', uri: 'sip:sotto.test', from: '<sip:210@sotto.test>;tag=r', to: '<sip:210@sotto.test>' },
    ...{ contact: contact(flow), callId: 'reg', cseq: n * 10, branch: `z9hG4bKreg${n}` },
  }
  rig.prove(text, { username: '210', password: 'pw-210' }, flow).response(200)
}

/** We have called the phone over its connection, and it has answered. */
function called(flow = before) {
  const rig = new Rig()
  register(rig, flow, 1)
  const invite = rig.do((agent) => agent.invite(rig.now, { session, to, from: { user: '1' }, sdp: 'v=0' })).request('INVITE')
  return { rig, invite }
}

function answered(flow = before) {
  const call = called(flow)
  acceptedBy(call, flow)
  call.rig.pass(40_000)
  return call
}

function acceptedBy({ rig, invite }: ReturnType<typeof called>, flow: Flow): Request {
  return rig.receive(reply(invite, 200, { headers: [`Contact: ${contact(flow)}`], body: sdp('a') }), flow).request('ACK')
}

/** A request of the phone within the dialog that our INVITE made. */
const within = (invite: Request, method: string, flow: Flow): string =>
  compose({
    ...{ method, uri: 'sip:sotto@192.0.2.1:5060', callId: invite.callId, cseq: 77, branch: `z9hG4bKw${method}`, contact: contact(flow) },
    from: '<sip:210@sotto.test>;tag=callee',
    to: `<sip:1@sotto.test>;tag=${invite.from.params.get('tag')}`,
  })

test('a phone on UDP is registered as before: it can be called at once, and an old REGISTER changes nothing', () => {
  const rig = new Rig()
  registered(rig, '210')
  const known = rig.agent.contacts(account, '210')
  const back = rig.restart()
  assert.deepEqual(back.events, [{ kind: 'registered', account, extension: '210', contacts: known }])
  assert.deepEqual(rig.do((agent) => agent.invite(rig.now, { session, to, from: { user: '1' }, sdp: 'v=0' })).methods, ['INVITE'])
})

test('a registration ends when it would have ended, and not at all for an extension that is no more', () => {
  const rig = new Rig()
  registered(rig, '210')
  rig.pass(1_000_000)
  rig.restart()
  assert.equal(rig.pass(limits.sipRegistrationMaxS * 1000 - 1_001_000).kinds.length, 0)
  assert.deepEqual(rig.pass(2_000).kinds, ['unregistered'])
  const gone = new Rig()
  registered(gone, '210')
  gone.restart({ ...settings, extensions: [] })
  assert.deepEqual(gone.agent.contacts(account, '210'), [])
  assert.deepEqual(gone.restart().events, [])
})

test('a phone on a connection is registered for a while longer, so that it can come back; then no more', () => {
  const { rig } = answered()
  assert.equal(rig.restart().event('registered').contacts.length, 1)
  assert.deepEqual(rig.pass(limits.sipContactReturnMs - 1_000).kinds, [])
  assert.equal(rig.pass(2_000).event('unregistered').why, 'expired')
})

test('its new registration takes the place of the lost one, whatever port it comes from', () => {
  const { rig } = answered()
  rig.restart()
  register(rig, after, 2)
  assert.deepEqual(
    rig.agent.contacts(account, '210').map(({ remote }) => remote.port),
    [after.remote.port],
  )
})

test('BYE waits for the phone to register anew, and goes out by its new connection, never by one that bears the old name', () => {
  const { rig, invite } = answered()
  rig.restart()
  rig.agent.receive(rig.now, new TextEncoder().encode('\r\n\r\n'), strangers)
  const ended = rig.do((agent) => agent.hangUp(rig.now, session))
  assert.deepEqual([ended.methods, ended.kinds], [[], ['ended']])
  for (const output of ended.outputs) if (output.kind === 'connect') rig.do((agent) => agent.flowFailed(rig.now, output.id))
  rig.pass(5_000)
  const text = { ...registerText(after), cseq: 30, branch: 'z9hG4bKback' }
  const seen = rig.prove(text, { username: '210', password: 'pw-210' }, after)
  const bye = seen.request('BYE')
  assert.deepEqual([bye.callId, bye.via[0]?.transport], [invite.callId, 'TCP'])
  assert.ok(seen.outputs.every((output) => output.kind !== 'send' || output.flow.id === after.id))
  rig.receive(reply(bye, 200), after)
  rig.pass(40_000)
  assert.deepEqual(rig.agent.load, atRest)
})

const registerText = (flow: Flow): RequestText => ({
  ...{ method: 'REGISTER', uri: 'sip:sotto.test', from: '<sip:210@sotto.test>;tag=r', to: '<sip:210@sotto.test>' },
  ...{ contact: contact(flow), callId: 'reg' },
})

test('a new connection to the Contact is tried meanwhile, and used if it opens first', () => {
  const { rig } = answered()
  rig.restart()
  const ended = rig.do((agent) => agent.hangUp(rig.now, session))
  const connect = ended.outputs.find((output) => output.kind === 'connect')
  assert.ok(connect?.kind === 'connect')
  assert.deepEqual([connect.address, connect.port], [before.remote.address, before.remote.port])
  assert.deepEqual(rig.do((agent) => agent.flowOpened(rig.now, connect.id, after)).methods, ['BYE'])
})

test('a phone that does not come back: what was for it is given up after a while, and nothing is left', () => {
  const { rig } = answered()
  rig.restart()
  rig.do((agent) => agent.hangUp(rig.now, session))
  rig.pass(limits.sipReturnMs + 70_000)
  assert.deepEqual(rig.agent.load, atRest)
  assert.equal(rig.agent.deadline(), undefined)
})

test('its next request, by whatever connection, binds the dialog to that one; what waited goes out by it', () => {
  const { rig, invite } = answered()
  rig.restart()
  rig.do((agent) => agent.sendDtmf(rig.now, session, '5', 100))
  const seen = rig.receive(within(invite, 'OPTIONS', after), after)
  assert.deepEqual([seen.statuses, seen.methods], [[200], ['INFO']])
  assert.equal(wayOf(rig.do((agent) => agent.hangUp(rig.now, session)))?.id, after.id)
})

test('BYE of the phone by its new connection ends the session', () => {
  const { rig, invite } = answered()
  rig.restart()
  const seen = rig.receive(within(invite, 'BYE', after), after)
  assert.deepEqual([seen.statuses, seen.events], [[200], [{ kind: 'ended', session, by: 'remote' }]])
})

test('an ACK that may be lost with its connection is said again when the phone is back', () => {
  const call = called()
  const ack = acceptedBy(call, before)
  call.rig.restart()
  const seen = call.rig.prove({ ...registerText(after), cseq: 30, branch: 'z9hG4bKback' }, { username: '210', password: 'pw-210' }, after)
  assert.deepEqual([seen.request('ACK').cseq, seen.request('ACK').callId], [ack.cseq, ack.callId])
})

test('a browser, which cannot be connected to, stops ringing as soon as it is back', () => {
  const was = stream('ws 1', 'WS')
  const { rig, invite } = called(was)
  rig.receive(reply(invite, 180), was)
  const back = rig.restart()
  assert.deepEqual([back.methods, back.event('ended').status], [[], 503])
  const now = stream('ws 1', 'WS', { address: phoneAt.address, port: 50_001 })
  const seen = rig.prove({ ...registerText(was), cseq: 30, branch: 'z9hG4bKback' }, { username: '210', password: 'pw-210' }, now)
  const cancel = seen.request('CANCEL')
  assert.equal(cancel.via[0]?.params.get('branch'), invite.via[0]?.params.get('branch'))
  rig.receive(reply(cancel, 200), now)
  const ack = rig.receive(reply(invite, 487), now)
  assert.equal(wayOf(ack), now, 'the ACK goes where the answer came from')
  rig.pass(100_000)
  assert.deepEqual(rig.agent.load, atRest)
})

test('our 2xx to a phone whose connection broke goes out by its new one', () => {
  const rig = new Rig()
  register(rig, before, 1)
  const invite: RequestText = {
    ...{ method: 'INVITE', uri: 'sip:211@sotto.test', callId: 'from-phone', contact: contact(before), body: sdp('offer') },
    via: `SIP/2.0/TCP ${phoneAt.address}:${phoneAt.port};rport;branch=z9hG4bKfp`,
  }
  const offered = rig.prove(invite, { username: '210', password: 'pw-210' }, before).event('offered')
  const ok = rig.do((agent) => agent.answer(rig.now, offered.session, 'v=0\r\nours\r\n')).response(200)
  assert.deepEqual(rig.restart().messages, [])
  const seen = rig.prove({ ...registerText(after), cseq: 30, branch: 'z9hG4bKback' }, { username: '210', password: 'pw-210' }, after)
  assert.deepEqual(seen.messages.at(-1), ok)
})

test('a trunk on TCP: BYE and CANCEL go out by a new connection to it', () => {
  const rig = new Rig({ ...settings, trunks: settings.trunks.map((trunk) => ({ ...trunk, peer: 'tcp:203.0.113.9:5060' })) })
  const trunk = { kind: 'trunk', account, trunk: 'pstn', number: '1' } as const
  const dialled = rig.do((agent) => agent.invite(rig.now, { session, to: trunk, from: { user: '210' }, sdp: 'v=0' }))
  const first = dialled.outputs.find((output) => output.kind === 'connect')
  const flow = stream('tcp 7', 'TCP', { address: '203.0.113.9', port: 5060 })
  const invite = rig.do((agent) => agent.flowOpened(rig.now, first?.kind === 'connect' ? first.id : '', flow)).request('INVITE')
  rig.receive(reply(invite, 180), flow)
  const again = rig.restart().outputs.find((output) => output.kind === 'connect')
  assert.ok(again?.kind === 'connect')
  const cancel = rig.do((agent) => agent.flowOpened(rig.now, again.id, stream('tcp 1', 'TCP', flow.remote))).request('CANCEL')
  assert.equal(cancel.via[0]?.params.get('branch'), invite.via[0]?.params.get('branch'))
})

test('a phone on UDP is no phone on a connection: what it is told does not wait', () => {
  const rig = new Rig()
  registered(rig, '210')
  const invite = rig.do((agent) => agent.invite(rig.now, { session, to, from: { user: '1' }, sdp: 'v=0' })).request('INVITE')
  rig.receive(reply(invite, 200, { headers: ['Contact: <sip:210@10.1.2.3:5062>'], body: sdp('a') }), phoneFlow)
  rig.restart()
  assert.deepEqual(wayOf(rig.do((agent) => agent.hangUp(rig.now, session))), phoneFlow)
})
