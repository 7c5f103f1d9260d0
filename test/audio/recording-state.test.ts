/** The state of recording: what begins by itself, what is ordered and refused, and that nobody hears anything of it. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import type { CallView } from '../../testkit/call-control.ts'
import { centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import { EventReader } from '../../testkit/event-reader.ts'
import type { Phone } from '../../testkit/phone.ts'
import { eventually } from '../../testkit/phone-wait.ts'
import { reference } from '../../testkit/sotto.ts'

const centre = centreFor()
let ben: Phone
let paco: Phone

before(async () => {
  await centre.open()
  ben = await centre.now.phone('106')
  paco = await centre.now.phone('210')
})
after(centre.close)
afterEach(() => centre.now.quiet())

const stateOf = async (id: string): Promise<CallView['recording']['state']> => (await centre.now.api.call(id)).recording.state

const recordingEvents = async (): Promise<EventReader> =>
  EventReader.sse({ http: centre.now.sotto.http, key: reference.adminKey, types: 'recording.*' })

test('a group that records begins when its agent answers; pausing and going on is told in order, and heard by nobody', async () => {
  const reader = await recordingEvents()
  const { line, call } = await centre.now.customer('+18661234567')
  await eventually('recording has begun', async () => (await stateOf(call.id)) === 'on')
  for (const state of ['paused', 'on', 'off'] as const) {
    assert.equal((await centre.now.api.record(call.id, state)).recording.state, state)
    await hear({ line, hears: [toneOf(paco)] }, { line: paco.line, hears: [outsideTone] })
  }
  await reader.until('recording.stopped', (event) => event.type === 'recording.stopped')
  reader.close()
  assert.deepEqual(
    reader.events.map(({ type, call: at, data }) => [type, at?.recording.state, data.resumed]),
    [
      ['recording.started', 'on', false],
      ['recording.paused', 'paused', undefined],
      ['recording.started', 'on', true],
      ['recording.stopped', 'off', undefined],
    ],
  )
})

test('a call that is for no group is recorded when somebody asks for it, from its answer on', async () => {
  const line = await centre.now.trunk.call('+18661234568', { from: '+442071838750' })
  await line.answered
  const call = await eventually('the call', async () => (await centre.now.api.calls())[0])
  assert.equal(call.recording.state, 'off')
  await assert.rejects(centre.now.api.record(call.id, 'paused'), { status: 409, code: 'wrong-state' })
  assert.equal((await centre.now.api.record(call.id, 'on')).recording.state, 'on')
  assert.equal((await centre.now.api.record(call.id, 'on')).recording.state, 'on', 'twice is once')
  await hear({ line, hears: [toneOf(ben)] }, { line: ben.line, hears: [outsideTone] })
})

for (const [consent, state] of [
  [{ from: 'one-party', to: 'one-party' }, 'on'],
  [{ from: 'two-party', to: 'unknown' }, 'off'],
] as const) {
  test(`a call that was ordered with the consent ${JSON.stringify(consent)} is ${state === 'on' ? '' : 'not '}recorded`, async () => {
    const { id } = await centre.now.api.originate({ from: { agent: '1234' }, to: { number: '+442072068888' }, consent })
    await centre.now.callIn(id, 'active')
    assert.equal(await stateOf(id), state)
    if (state === 'off') {
      await assert.rejects(centre.now.api.record(id, 'on'), { status: 403, code: 'recording-not-permitted' })
    }
  })
}

test('an agent alone cannot consent for somebody outside', async () => {
  const refused = centre.now.api.originate({ from: { agent: '1234' }, to: { number: '+442072068888' }, consent: { from: 'one-party' } })
  await assert.rejects(refused, { status: 422, code: 'consent-invalid' })
})
