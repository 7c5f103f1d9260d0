import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CallWorld } from '../../testkit/world-call.ts'
import { act, conversation, originated, queued, received } from '../../testkit/world-call-acts.ts'
import { consents, mayRecord, type RecordingPolicy, type RecordingState, recordableSides, startsByItself } from './recording.ts'

const policy = (changes: Partial<RecordingPolicy>): RecordingPolicy => ({ automatic: false, onDemand: true, announced: false, ...changes })

describe('whose voice may be recorded', () => {
  const rows: readonly (readonly [string, Partial<RecordingPolicy>, ReturnType<typeof recordableSides>, boolean])[] = [
    ['nothing said, on demand', {}, 'both', false],
    ['nothing said, automatic', { automatic: true, onDemand: false }, 'both', true],
    ['nothing said, neither', { onDemand: false }, 'none', false],
    ['both agree', { consent: { from: 'one-party', to: 'one-party' } }, 'both', true],
    ['one agrees', { consent: { from: 'one-party', to: 'two-party' } }, 'from', true],
    ['the other agrees', { consent: { from: 'unknown', to: 'one-party' } }, 'to', true],
    ['nobody agrees', { consent: { from: 'unknown', to: 'two-party' } }, 'none', false],
    ['nobody agrees, and it would be automatic', { automatic: true, consent: { from: 'unknown', to: 'two-party' } }, 'none', false],
    ['nobody agrees, and all are told', { announced: true, consent: { from: 'unknown', to: 'two-party' } }, 'both', true],
    ['only the called side is stated and agrees', { consent: { to: 'one-party' } }, 'to', true],
    ['the same where it would be automatic', { automatic: true, consent: { to: 'one-party' } }, 'both', true],
    ['only the called side is stated and does not agree', { consent: { to: 'unknown' } }, 'none', false],
    ['the same where it would be automatic', { automatic: true, consent: { to: 'unknown' } }, 'from', false],
  ]
  for (const [what, changes, sides, starts] of rows) {
    test(what, () => {
      assert.equal(recordableSides(policy(changes)), sides)
      assert.equal(startsByItself(policy(changes)), starts)
    })
  }

  test('no recording starts by itself that may not be', () => {
    const flags = [true, false]
    const said = [undefined, ...consents]
    for (const automatic of flags)
      for (const announced of flags)
        for (const from of said)
          for (const to of said) {
            const consent = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
            const one = policy({ automatic, announced, consent })
            assert.ok(!startsByItself(one) || mayRecord(one), JSON.stringify(one))
          }
  })
})

const record = (world: CallWorld, state: RecordingState) => {
  const { answer } = world.ask({ kind: 'record', state })
  return typeof answer === 'string' ? answer : answer.code
}

const told = (world: CallWorld) => world.events.filter((e) => /^(recording|call\.(answered|ended))/.test(e.type)).map((e) => e.type)

describe('recording', () => {
  test('on demand: on, paused, on again, off; the same twice is nothing', () => {
    const world = conversation()
    assert.equal(world.call.recording.state, 'off')
    for (const state of ['on', 'on', 'paused', 'paused', 'on', 'off', 'off'] as const) {
      assert.equal(record(world, state), 'done')
      assert.equal(world.call.recording.state, state)
      world.pass(1_000)
    }
    const seen = world.events.filter((e) => e.type.startsWith('recording'))
    assert.deepEqual(
      seen.map((e) => [e.type, e.data]),
      [
        ['recording.started', { resumed: false }],
        ['recording.paused', {}],
        ['recording.started', { resumed: true }],
        ['recording.stopped', {}],
      ],
    )
    assert.equal(world.call.recording.since, seen[2]?.at)
    assert.deepEqual(
      world.cdr.recordings.map(({ from, to = from }) => to - from),
      [2_000, 1_000],
    )
  })

  test('starts by itself with the answer, and stops before the end', () => {
    const world = received(policy({ automatic: true, onDemand: false }))
    act(world, '210', 'answer')
    assert.equal(world.call.recording.state, 'off', 'nobody has answered yet')
    act(world, 'in', 'answer')
    assert.equal(world.call.recording.state, 'on')
    act(world, 'in', 'hold')
    assert.equal(world.call.recording.state, 'on', 'hold changes nothing')
    act(world, 'in', 'end')
    assert.equal(world.call.recording.state, 'off')
    assert.deepEqual(told(world), ['call.answered', 'recording.started', 'recording.stopped', 'call.ended'])
    assert.equal(world.cdr.recordings[0]?.to, world.call.endedAt)
  })

  test('a paused recording stops with the call, too', () => {
    const world = conversation()
    record(world, 'on')
    record(world, 'paused')
    act(world, 'in', 'end')
    assert.deepEqual(told(world), ['call.answered', 'recording.started', 'recording.paused', 'recording.stopped', 'call.ended'])
  })

  test('goes on from agent to agent, through a queue', () => {
    const world = conversation(policy({ automatic: true }))
    world.ask({ kind: 'requeue', group: '030', queueMs: 600_000 })
    assert.equal(world.call.recording.state, 'on')
  })

  test('before the answer there is nothing to record', () => {
    for (const world of [received(), queued(), originated()]) {
      assert.equal(record(world, 'on'), 'wrong-state')
      assert.equal(record(world, 'paused'), 'wrong-state')
      assert.equal(record(world, 'off'), 'done')
    }
  })

  test('only what is on can be paused', () => assert.equal(record(conversation(), 'paused'), 'wrong-state'))

  test('what the account or the consent forbids', () => {
    assert.equal(record(conversation(policy({ onDemand: false })), 'on'), 'recording-not-permitted')
    const automatic = conversation(policy({ automatic: true, onDemand: false }))
    assert.equal(record(automatic, 'paused'), 'recording-not-permitted')
    assert.equal(record(automatic, 'off'), 'recording-not-permitted')
    assert.equal(record(conversation(policy({ consent: { from: 'unknown', to: 'unknown' } })), 'on'), 'recording-not-permitted')
    const agreed = conversation(policy({ consent: { from: 'one-party', to: 'unknown' } }))
    assert.equal(agreed.call.recording.state, 'on')
    assert.equal(record(agreed, 'off'), 'done')
    assert.equal(record(agreed, 'on'), 'done')
  })
})

describe('a disposition', () => {
  const dispose = (world: CallWorld, disposition: string, notes?: string) =>
    world.ask({ kind: 'dispose', disposition, ...(notes === undefined ? {} : { notes }) }).answer

  test('is set during the call and after it, and the last one counts', () => {
    const world = conversation()
    assert.equal(dispose(world, 'Sale', 'two of them'), 'done')
    assert.deepEqual(world.call.disposition, { name: 'Sale', notes: 'two of them', at: world.at })
    act(world, 'in', 'end')
    const { revision, wiring } = world.call
    world.pass(5_000)
    assert.equal(dispose(world, 'No sale'), 'done')
    assert.deepEqual(world.call.disposition, { name: 'No sale', at: world.at })
    assert.equal(world.call.revision, revision + 1)
    assert.deepEqual(world.call.wiring, wiring)
    assert.deepEqual(world.cdr.disposition, { name: 'No sale', at: world.at })
    assert.equal(world.cdr.totalMs, 0, 'no time is added after the end')
    assert.deepEqual(world.events.at(-1)?.data, { disposition: 'No sale' })
  })

  test('an ended call takes nothing else', () => {
    const world = conversation()
    act(world, 'in', 'end')
    assert.equal(record(world, 'on'), 'call-ended')
    assert.equal(record(world, 'off'), 'call-ended')
  })
})
