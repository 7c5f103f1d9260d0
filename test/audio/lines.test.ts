/** A supervisor without a phone: one audio connection over WebRTC, opened over HTTP, and all that he can do by it. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { CallControl, type CallView, type LineView, type SupervisionView } from '../../testkit/call-control.ts'
import { centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import type { Phone } from '../../testkit/phone.ts'
import type { Line } from '../../testkit/phone-line.ts'
import { eventually, pause } from '../../testkit/phone-wait.ts'
import { partyTones, tone } from '../../testkit/voice.ts'
import { WebRtcPeer } from '../../testkit/webrtc-peer.ts'

const centre = centreFor()
/** User 13, who may do everything by his phones. */
let wanda: CallControl
let ben: Phone
let cora: Phone
const peers: WebRtcPeer[] = []
const supervisorTone = partyTones[14]

before(async () => {
  await centre.open()
  wanda = new CallControl(centre.now.sotto.http, 'sk_test_supervisor_a')
  ben = await centre.now.phone('210')
  cora = await centre.now.phone('211')
})
after(async () => {
  for (const peer of peers) peer.close()
  await centre.close()
})
afterEach(async () => {
  await centre.now.quiet()
})

/** A line that is open, and says nothing yet. */
async function opened(by: CallControl = wanda): Promise<{ readonly peer: WebRtcPeer; readonly line: LineView }> {
  const peer = new WebRtcPeer()
  peers.push(peer)
  const { answer, ...line } = await by.openLine(await peer.offer(), 'Wallboard')
  peer.accept(answer)
  await peer.connected()
  await eventually('the line is open', async () => (await by.line(line.id)).state === 'open')
  return { peer, line }
}

const customer = (of: Phone, from?: string) => centre.now.customer(of === ben ? '+15554150210' : '+15554150211', from)

async function hears(peer: WebRtcPeer, ...tones: readonly number[]): Promise<void> {
  await peer.hears(...tones.toSorted((a, b) => a - b))
}

const untouched = (line: Line, phone: Phone) => hear({ line, hears: [toneOf(phone)] }, { line: phone.line, hears: [outsideTone] })

const supervise = (call: CallView, line: LineView, mode: SupervisionView['mode'] = 'monitor') =>
  wanda.supervise(call.id, { supervisor: { line: line.id }, mode })

test('monitor: he hears both, nobody hears him, also not when he speaks; whisper, whisper to the customer, barge, and back', async () => {
  const { peer, line } = await opened()
  const { line: outside, call } = await customer(ben)
  const supervision = await supervise(call, line)
  assert.equal(supervision.state, 'active')
  await hears(peer, outsideTone, toneOf(ben))
  await untouched(outside, ben)
  peer.speak(tone(supervisorTone))
  await pause(300)
  await untouched(outside, ben)

  await wanda.change(supervision.id, { mode: 'whisper' })
  await hear({ line: outside, hears: [toneOf(ben)] }, { line: ben.line, hears: [outsideTone, supervisorTone] })
  await hears(peer, outsideTone, toneOf(ben))
  await wanda.change(supervision.id, { target: 'customer' })
  await hear({ line: outside, hears: [toneOf(ben), supervisorTone] }, { line: ben.line, hears: [outsideTone] })
  await wanda.change(supervision.id, { mode: 'barge' })
  await hear({ line: outside, hears: [toneOf(ben), supervisorTone] }, { line: ben.line, hears: [outsideTone, supervisorTone] })
  await wanda.change(supervision.id, { mode: 'monitor' })
  await untouched(outside, ben)

  const { parties } = await wanda.call(call.id)
  const himself = parties.find(({ role }) => role === 'supervisor')
  assert.deepEqual([himself?.name, himself?.extension], ['Wanda Whisper', '024'])
  await wanda.endSupervision(supervision.id)
  await hears(peer)
  assert.deepEqual([(await wanda.line(line.id)).state, (await wanda.line(line.id)).callId], ['open', undefined])
  await wanda.closeLine(line.id)
  await assert.rejects(wanda.line(line.id), { status: 404 })
})

test('from call to call without a new connection; the line of another user does not exist', async () => {
  const { peer, line } = await opened()
  const { line: first, call } = await customer(ben)
  const other = await customer(cora, '+442071838751')
  await assert.rejects(centre.now.api.supervise(call.id, { supervisor: { line: line.id }, mode: 'monitor' }), { status: 404 })
  await assert.rejects(centre.now.api.line(line.id), { status: 404 })

  const before = await supervise(call, line, 'barge')
  peer.speak(tone(supervisorTone))
  await hear({ line: first, hears: [toneOf(ben), supervisorTone] })
  const ssrcs = () => peer.heard.ssrcChanges
  const changes = ssrcs()
  const now = await supervise(other.call, line)
  assert.equal((await wanda.supervision(before.id)).endReason, 'moved')
  await hears(peer, outsideTone, toneOf(cora))
  await untouched(first, ben)
  await untouched(other.line, cora)
  assert.equal(ssrcs(), changes, 'one stream, as of one microphone')
  assert.deepEqual([(await wanda.line(line.id)).supervision, (await wanda.line(line.id)).callId], [now.id, other.call.id])
  await wanda.closeLine(line.id)
  await eventually('it ends with its line', async () => (await wanda.supervision(now.id)).state === 'ended')
})

test('take-over: he speaks with the customer, the agent is out; leaving ends the call', async () => {
  const { peer, line } = await opened()
  peer.speak(tone(supervisorTone))
  const { line: outside, call } = await customer(ben)
  const { id } = await supervise(call, line)
  const taken = await wanda.takeOver(id)
  await hears(peer, outsideTone)
  await hear({ line: outside, hears: [supervisorTone] })
  const himself = taken.parties.find(({ name }) => name === 'Wanda Whisper')
  assert.equal(himself?.role, 'agent')
  await wanda.removeParty(call.id, himself?.id ?? '')
  await centre.now.callIn(call.id, 'ended')
  assert.equal((await wanda.line(line.id)).state, 'open')
  await wanda.closeLine(line.id)
})

test('a new connection for the same line: what it supervises goes on over it', async () => {
  const { peer, line } = await opened()
  const { line: outside, call } = await customer(ben)
  const { id } = await supervise(call, line, 'whisper')
  peer.renew()
  const renewed = await wanda.renewLine(line.id, await peer.offer())
  peer.accept(renewed.answer)
  await peer.connected()
  peer.speak(tone(supervisorTone))
  await hears(peer, outsideTone, toneOf(ben))
  await hear({ line: outside, hears: [toneOf(ben)] }, { line: ben.line, hears: [outsideTone, supervisorTone] })
  assert.equal((await wanda.supervision(id)).state, 'active')
  await wanda.closeLine(line.id)
})

test('control is killed: the audio goes on, and so does everything that the line can do', async () => {
  const { peer, line } = await opened()
  const { line: outside, call } = await customer(ben)
  const { id } = await supervise(call, line, 'whisper')
  peer.speak(tone(supervisorTone))
  await hear({ line: ben.line, hears: [outsideTone, supervisorTone] })
  const at = performance.now()
  centre.now.sotto.kill('control')
  await pause(300)
  await centre.now.sotto.ready()
  assert.ok(peer.longestGapMs(at) < 200, `${peer.longestGapMs(at)} ms`)
  assert.deepEqual([(await wanda.line(line.id)).state, (await wanda.line(line.id)).supervision], ['open', id])
  await wanda.change(id, { mode: 'barge' })
  await hear({ line: outside, hears: [toneOf(ben), supervisorTone] })
  const other = await customer(cora, '+442071838751')
  await supervise(other.call, line)
  await hears(peer, outsideTone, toneOf(cora))
  await wanda.closeLine(line.id)
})

test('the media process is killed: its successor has no connection; a new offer, and all is right again', async () => {
  const { peer, line } = await opened()
  const { line: outside, call } = await customer(ben)
  const { id } = await supervise(call, line, 'whisper')
  peer.speak(tone(supervisorTone))
  await hear({ line: ben.line, hears: [outsideTone, supervisorTone] })
  const pair = await eventually('a standby', () => centre.now.sotto.mediaPair())
  process.kill(pair[0], 'SIGKILL')
  await eventually('the line is lost', async () => (await wanda.line(line.id)).state === 'lost')
  await untouched(outside, ben)
  peer.renew()
  const renewed = await eventually('a media process answers', async () =>
    wanda.renewLine(line.id, await peer.offer()).catch(() => undefined),
  )
  peer.accept(renewed.answer)
  await peer.connected()
  await hears(peer, outsideTone, toneOf(ben))
  await hear({ line: ben.line, hears: [outsideTone, supervisorTone] }, { line: outside, hears: [toneOf(ben)] })
  assert.equal((await wanda.supervision(id)).state, 'active')
  await wanda.closeLine(line.id)
})

test('a page that is gone: its line is lost, and its supervision ends after a while', async () => {
  const { peer, line } = await opened()
  const { line: outside, call } = await customer(ben)
  const { id } = await supervise(call, line, 'barge')
  peer.close()
  await eventually('the line is lost', async () => (await wanda.line(line.id)).state === 'lost', 30_000)
  await eventually('the supervision has ended', async () => (await wanda.supervision(id)).state === 'ended', 30_000)
  assert.equal((await wanda.supervision(id)).endReason, 'media-lost')
  await untouched(outside, ben)
  await wanda.closeLine(line.id)
})
