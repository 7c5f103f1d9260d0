/** What no moment of a call may hold: a supervisor's voice in an ear that the table keeps from it, or a customer's audio moved by one sample. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Arrival } from '../../testkit/phone-heard.ts'
import { samplesOf } from '../../testkit/phone-heard.ts'
import { levelAt } from '../../testkit/phone-tones.ts'
import { eventually, pause, soon } from '../../testkit/phone-wait.ts'
import { OwnPhone, untilInCall } from '../../testkit/softphones/own.ts'
import { reference } from '../../testkit/sotto.ts'
import { marked } from '../../testkit/voice.ts'
import { type Stage, setStage, strike, tones, wishes } from '../interop/scenario.ts'

const own = { customer: OwnPhone.start, agent: OwnPhone.start, supervisor: OwnPhone.start }
const stage: { now?: Stage } = {}
const on = (): Stage => {
  assert.ok(stage.now !== undefined, 'the stage was not set')
  return stage.now
}
const lineOf = (phone: unknown) => {
  assert.ok(phone instanceof OwnPhone)
  return phone.phone.line
}

before(async () => {
  stage.now = await setStage(own)
})
after(() => strike(stage.now))

/** The loudest that a tone was in any window of 40 ms, in decibels to full scale. */
function loudest(arrivals: readonly Arrival[], hz: number): number {
  const samples = samplesOf(arrivals)
  let loudest = -120
  for (let at = 0; at + 320 <= samples.length; at += 160) loudest = Math.max(loudest, levelAt(samples.subarray(at, at + 320), hz))
  return loudest
}

test('coming, listening, coaching and leaving: at no moment does the customer hear the supervisor', async () => {
  const now = on()
  await now.connect()
  const customer = lineOf(now.phone('customer'))
  const { id } = await now.supervise('101', 'monitor')
  for (const name of ['whisper', 'private', 'monitor', 'whisper'] as const) {
    await now.api.change(id, wishes[name])
    await pause(200)
  }
  assert.ok(loudest(lineOf(now.phone('agent')).heard.kept, tones.supervisor) > -20, 'the agent was coached')
  await now.api.endSupervision(id)
  await pause(200)
  const heard = loudest(customer.heard.kept, tones.supervisor)
  assert.ok(heard < -45, `the supervisor's tone reached the customer at ${heard.toFixed(0)} dB`)
  await now.api.change(await again(now), wishes.barge)
  await eventually('the customer hears him who barges in', () => loudest(customer.heard.kept, tones.supervisor) > -20)
  await now.end()
})

async function again(now: Stage): Promise<string> {
  await untilInCall(now.phone('supervisor'), false)
  return (await now.supervise('101', 'monitor')).id
}

test('attaching, coaching and leaving do not change one byte of what the customer hears, nor its timing', async () => {
  const now = on()
  await now.connect()
  const customer = lineOf(now.phone('customer'))
  const agent = lineOf(now.phone('agent'))
  const voice = marked(11)
  agent.say(voice)
  await pause(300)
  const from = performance.now()
  const { id } = await now.supervise('101', 'monitor')
  for (const name of ['whisper', 'monitor'] as const) {
    await now.api.change(id, wishes[name])
    await pause(300)
  }
  await now.api.endSupervision(id)
  await pause(300)
  const heard = customer.heard.recent(performance.now() - from)
  const spoken = new Map(
    Array.from({ length: agent.media.stream.sent }, (_, n) => [Buffer.from(voice.frame(n, 'PCMU')).toString('hex'), n]),
  )
  const frames = heard.map((arrival) => spoken.get(Buffer.from(arrival.payload).toString('hex')))
  const [first = -1] = frames
  assert.ok(frames.length > 40 && first >= 0, `${frames.length} frames, the first is number ${first}`)
  assert.deepEqual(
    frames,
    frames.map((_, n) => first + n),
  )
  const { lost, timestampJumps, ssrcChanges } = customer.heard
  assert.deepEqual({ lost, timestampJumps, ssrcChanges }, { lost: 0, timestampJumps: 0, ssrcChanges: 0 })
  await now.end()
})

test('an attended transfer by the phone: the consulted agent takes over, and the supervision follows the call', async () => {
  const now = on()
  const next = await OwnPhone.start({ server: now.sotto.sip, ...reference.phone('211'), tone: tones.second })
  await now.connect()
  await now.supervise('101', 'whisper')
  const first = now.phone('agent')
  assert.ok(first instanceof OwnPhone)
  const call = first.phone.line
  await call.hold()
  const consultation = await first.phone.call('211')
  await soon(consultation.answered, 'the consulted agent answers')
  assert.equal(await soon(call.transferTo(consultation), 'the transfer', 15_000), 200)
  await untilInCall(first, false)
  const second = now.phone('second')
  now.phones.set('second', next)
  await now.hear({ customer: ['second'], second: ['customer', 'supervisor'], supervisor: ['customer', 'second'] })
  await lineOf(now.phone('customer')).hangUp()
  await untilInCall(next, false)
  now.phones.set('second', second)
  await next.stop()
})
