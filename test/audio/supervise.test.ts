/** Asking to supervise: every no that the server has, supervisors who do not come, and supervisors who leave, at each stage. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import type { Supervise, SupervisionView } from '../../testkit/call-control.ts'
import { centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import type { Phone } from '../../testkit/phone.ts'
import type { Behaviour } from '../../testkit/phone-incoming.ts'
import type { Line } from '../../testkit/phone-line.ts'
import { eventually, pause, soon } from '../../testkit/phone-wait.ts'

const centre = centreFor()
let ben: Phone
let sara: Phone
let wanda: Phone
let mood: Behaviour = { answerAfterMs: 0 }

before(async () => {
  await centre.open()
  ben = await centre.now.phone('106')
  sara = await centre.now.phone('101', { decide: () => mood })
  wanda = await centre.now.phone('024')
  await centre.now.phone('102')
  await centre.now.phone('212')
})
after(centre.close)
afterEach(async () => {
  mood = { answerAfterMs: 0 }
  await centre.now.quiet()
})

const customer = () => centre.now.customer('+18661234568')
const by = (extension: string, mode: Supervise['mode'] = 'monitor'): Supervise => ({ supervisor: { extension }, mode })
const supervise = (call: string, how: Supervise) => centre.now.api.supervise(call, how)
const allOver = (id: string): Promise<SupervisionView> =>
  eventually('the supervision has ended', async () => {
    const view = await centre.now.api.supervision(id)
    return view.state === 'ended' ? view : undefined
  })
/** Nobody of the two has noticed anything. */
const goesOn = (line: Line) => hear({ line, hears: [toneOf(ben)] }, { line: ben.line, hears: [outsideTone] })

test('who may listen only does not whisper or barge, not even later; listening is his right', async () => {
  const { line, call } = await customer()
  for (const mode of ['whisper', 'barge'] as const) {
    await assert.rejects(supervise(call.id, by('102', mode)), { status: 403, code: 'mode-not-allowed' })
  }
  const { id } = await supervise(call.id, by('102'))
  await eventually('he listens', async () => (await centre.now.api.supervision(id)).state === 'active')
  for (const mode of ['whisper', 'barge'] as const) {
    await assert.rejects(centre.now.api.change(id, { mode }), { status: 403, code: 'mode-not-allowed' })
  }
  await assert.rejects(centre.now.api.takeOver(id), { status: 403, code: 'mode-not-allowed' })
  assert.equal((await centre.now.api.supervision(id)).mode, 'monitor')
  await goesOn(line)
})

test('an agent is no supervisor', async () => {
  const { call } = await customer()
  await centre.now.phone('210')
  await assert.rejects(supervise(call.id, by('210')), { status: 403, code: 'mode-not-allowed' })
})

test('who may not be supervised is not, by way of his customer neither', async () => {
  const line = await centre.now.trunk.call('+15554150212', { from: '+442071838750' })
  await soon(line.answered, '212 answers')
  const [call] = await centre.now.api.calls()
  for (const target of ['agent', 'customer']) {
    const refused = supervise(call?.id ?? '', { ...by('101', 'whisper'), target })
    await assert.rejects(refused, { status: 403, code: 'supervision-not-allowed' })
  }
  assert.equal(sara.lines.length, 0)
})

test('a supervisor who has no phone, does not exist, is in another call, or is in this one', async () => {
  const { line, call } = await customer()
  await assert.rejects(supervise(call.id, by('999')), { status: 404, code: 'endpoint-unknown' })
  await centre.now.putAway(wanda)
  await assert.rejects(supervise(call.id, by('024')), { status: 409, code: 'endpoint-unavailable' })
  wanda = await centre.now.phone('024')
  await assert.rejects(supervise(call.id, by('106')), { code: 'mode-not-allowed' })
  const { id } = await supervise(call.id, by('101'))
  await assert.rejects(supervise(call.id, by('101')), { status: 409, code: 'already-supervised-by-you' })
  const changed = await supervise(call.id, by('101', 'barge'))
  assert.deepEqual([changed.id, changed.mode], [id, 'barge'])
  assert.equal(sara.lines.length, 1)
  await eventually('the customer hears him', () => line.heard.tones().includes(toneOf(sara)))
})

test('a supervisor whose phone is busy', async () => {
  mood = 'busy'
  const { line, call } = await customer()
  await assert.rejects(supervise(call.id, by('101')), { status: 409, code: 'endpoint-busy' })
  await goesOn(line)
})

test('a call that is over, and one that never was', async () => {
  const { line, call } = await customer()
  const { id } = await supervise(call.id, by('101'))
  await line.hangUp()
  await centre.now.callIn(call.id, 'ended')
  await assert.rejects(supervise(call.id, by('101')), { status: 409, code: 'call-ended' })
  await assert.rejects(centre.now.api.change(id, { mode: 'barge' }), { status: 409, code: 'call-ended' })
  await assert.rejects(supervise('c_nothing', by('101')), { status: 404, code: 'call-unknown' })
})

test('a supervisor who does not pick up: his phone stops ringing in time, and the call never noticed', async () => {
  mood = 'ring'
  const { line, call } = await customer()
  const { id, state } = await supervise(call.id, { ...by('101', 'barge'), ringTimeoutMs: 1_000 })
  assert.equal(state, 'ringing')
  const ringing = await sara.next('incoming')
  await goesOn(line)
  assert.equal((await soon(ringing.ended, 'the phone is quiet', 2_000)).status, 487)
  assert.equal((await allOver(id)).endReason, 'no-answer')
  await goesOn(line)
})

test('a supervisor who declines, and one who is withdrawn while his phone rings', async () => {
  mood = 'ring'
  const { line, call } = await customer()
  const declined = await supervise(call.id, by('101'))
  ;(await sara.next('incoming')).reject(603)
  assert.equal((await allOver(declined.id)).endReason, 'declined')
  const withdrawn = await supervise(call.id, by('101'))
  const ringing = await sara.next('incoming')
  await centre.now.api.endSupervision(withdrawn.id)
  assert.equal((await soon(ringing.ended, 'the phone is quiet')).status, 487)
  assert.equal((await allOver(withdrawn.id)).endReason, 'ended-by-request')
  await goesOn(line)
})

test('the customer hangs up while the supervisor is rung: nobody is left ringing', async () => {
  mood = 'ring'
  const { line, call } = await customer()
  const { id } = await supervise(call.id, by('101'))
  const ringing = await sara.next('incoming')
  await line.hangUp()
  assert.equal((await soon(ringing.ended, 'the phone is quiet')).status, 487)
  assert.equal((await allOver(id)).endReason, 'call-ended')
})

for (const mode of ['monitor', 'whisper', 'barge'] as const) {
  test(`a supervisor in mode ${mode} hangs up his phone: the supervision is over, the call goes on`, async () => {
    const { line, call } = await customer()
    const { id } = await supervise(call.id, by('101', mode))
    await sara.next('answered')
    await hear({ line: sara.line, hears: [outsideTone, toneOf(ben)] })
    await sara.hangUp()
    assert.equal((await allOver(id)).endReason, 'hangup')
    await goesOn(line)
    assert.deepEqual(await centre.now.api.supervisions(), [])
  })
}

test('the supervisor picks up in the moment in which he is withdrawn: nobody has ever heard him', async () => {
  mood = 'ring'
  const { line, call } = await customer()
  const { id } = await supervise(call.id, by('101', 'barge'))
  const ringing = await sara.next('incoming')
  const withdrawn = centre.now.api.endSupervision(id)
  ringing.answer()
  await withdrawn
  await soon(ringing.ended, 'his phone is let go')
  await pause(200)
  await goesOn(line)
})

test('two supervisors with a mode each: each leaves alone', async () => {
  const { line, call } = await customer()
  await supervise(call.id, by('101', 'whisper'))
  const second = await supervise(call.id, by('024', 'barge'))
  await Promise.all([sara, wanda].map((phone) => phone.next('answered')))
  await hear(
    { line, hears: [toneOf(ben), toneOf(wanda)] },
    { line: ben.line, hears: [outsideTone, toneOf(sara), toneOf(wanda)] },
    { line: sara.line, hears: [outsideTone, toneOf(ben), toneOf(wanda)] },
    { line: wanda.line, hears: [outsideTone, toneOf(ben)] },
  )
  await sara.hangUp()
  await hear({ line, hears: [toneOf(ben), toneOf(wanda)] }, { line: ben.line, hears: [outsideTone, toneOf(wanda)] })
  await centre.now.api.endSupervision(second.id)
  await goesOn(line)
})
