/** Parking: who hears whom before, meanwhile and after; the way back into a queue; and handing a call over. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import type { Phone } from '../../testkit/phone.ts'
import type { Behaviour } from '../../testkit/phone-incoming.ts'
import type { Line } from '../../testkit/phone-line.ts'
import { eventually, pause } from '../../testkit/phone-wait.ts'

const centre = centreFor()
let ben: Phone
let paco: Phone
let ana: Phone
let sara: Phone
let mood: Behaviour = { answerAfterMs: 0 }

before(async () => {
  await centre.open()
  ben = await centre.now.phone('106')
  paco = await centre.now.phone('210', { decide: () => mood })
  ana = await centre.now.phone('211')
  sara = await centre.now.phone('101')
})
after(centre.close)
afterEach(async () => {
  mood = { answerAfterMs: 0 }
  await centre.now.quiet()
})

const toBen = () => centre.now.customer('+18661234568')

/** Music: sound, and nobody's tone in it. */
const hearsMusic = (line: Line) =>
  eventually(`${line.number} hears music`, () => line.heard.level() > -50 && line.heard.tones().length === 0)

test('a parked customer hears music and nobody; whoever fetches the call is heard, and nobody else', async () => {
  const { line, call } = await toBen()
  await hear({ line, hears: [toneOf(ben)] }, { line: ben.line, hears: [outsideTone] })
  const agent = ben.line
  const parked = await centre.now.api.park(call.id)
  assert.equal(parked.parked?.place, '701')
  await eventually('the agent is out', () => agent.state === 'ended')
  await hearsMusic(line)
  mood = 'ring'
  await centre.now.api.unpark(call.id, { extension: '210' })
  await pause(300)
  await hearsMusic(line)
  paco.line.answer()
  await hear({ line, hears: [toneOf(paco)] }, { line: paco.line, hears: [outsideTone] })
  assert.equal((await centre.now.api.call(call.id)).parked, undefined)
})

test('parking ends the whisper into the ear of the agent who leaves; the customer hears nothing of it', async () => {
  const { line, call } = await toBen()
  const { id } = await centre.now.api.supervise(call.id, { supervisor: { extension: '101' }, mode: 'whisper' })
  await hear({ line: ben.line, hears: [outsideTone, toneOf(sara)] }, { line, hears: [toneOf(ben)] })
  const supervisor = sara.line
  await centre.now.api.park(call.id)
  await hearsMusic(line)
  await eventually('the supervisor is out', () => supervisor.state === 'ended')
  assert.equal((await centre.now.api.supervision(id)).endReason, 'target-left')
  await hear({ line, hears: [] })
})

test('who whispers to the customer stays while the call is parked: he hears and is heard by nobody, until somebody fetches it', async () => {
  const { line, call } = await toBen()
  await centre.now.api.supervise(call.id, { supervisor: { extension: '101' }, mode: 'whisper', target: 'customer' })
  await hear({ line, hears: [toneOf(ben), toneOf(sara)] })
  await centre.now.api.park(call.id)
  await hearsMusic(line)
  await pause(200)
  await hear({ line, hears: [] }, { line: sara.line, hears: [] })
  assert.ok(sara.line.heard.level() < -60, 'he hears no music')
  await centre.now.api.unpark(call.id, { agent: '4567' })
  await hear({ line, hears: [toneOf(ana), toneOf(sara)] })
  await hear({ line: ana.line, hears: [outsideTone] }, { line: sara.line, hears: [outsideTone, toneOf(ana)] })
})

test('a requeued call: the agent and the one who whispered to him are gone, the customer waits with music and is heard by the next', async () => {
  mood = 'ring'
  const { line, call } = await toBen()
  await centre.now.api.setAgentState('4567', 'away')
  await centre.now.api.supervise(call.id, { supervisor: { extension: '101' }, mode: 'whisper' })
  await hear({ line: ben.line, hears: [outsideTone, toneOf(sara)] }, { line, hears: [toneOf(ben)] })
  const [agent, supervisor] = [ben.line, sara.line]
  await centre.now.api.requeue(call.id, '030')
  await eventually('both are out', () => agent.state === 'ended' && supervisor.state === 'ended')
  await hearsMusic(line)
  paco.line.answer()
  await hear({ line, hears: [toneOf(paco)] }, { line: paco.line, hears: [outsideTone] })
  await centre.now.api.setAgentState('4567', 'available')
})

test('handed over: the agent talks on until the new one answers, and the customer hears one after the other without music between', async () => {
  mood = 'ring'
  const { line, call } = await toBen()
  await hear({ line, hears: [toneOf(ben)] })
  await centre.now.api.transfer(call.id, { to: { extension: '210' }, type: 'hand-over' })
  await pause(300)
  await hear({ line, hears: [toneOf(ben)] }, { line: ben.line, hears: [outsideTone] })
  const agent = ben.line
  paco.line.answer()
  await hear({ line, hears: [toneOf(paco)] }, { line: paco.line, hears: [outsideTone] })
  await eventually('the agent is out', () => agent.state === 'ended')
})
