/** What becomes of a call when its recorder says that a recording is over. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conversation } from '../../testkit/world-call-acts.ts'
import type { RecordedInput } from './input.ts'
import { step } from './step.ts'

function recorded(why?: string, id = 'c-1') {
  const world = conversation()
  world.ask({ kind: 'record', state: 'on' })
  const recording = world.call.recording.ordered?.recording ?? ''
  const files = [{ kind: 'mix', track: 'mix', bytes: 204, durationMs: 20 }] as const
  const ended = why === undefined ? { complete: true } : { complete: false, why }
  const input: RecordedInput = { kind: 'recorded', recording, id, files, ...ended }
  const stepped = step(world.call, world.at, input)
  assert.ok(stepped.ok)
  return { ...stepped.value, again: step(stepped.value.call, world.at, input) }
}

test('it is told as stored, once, however often the recorder says so', () => {
  const { events, again } = recorded()
  assert.deepEqual(
    events.map(({ type }) => type),
    ['recording.stored'],
  )
  assert.deepEqual(again.ok && [again.value.events, again.value.effects], [[], []])
})

test('one that ended by itself is over for the call, too, with the reason', () => {
  const { call, events } = recorded('disk-full')
  assert.equal(call.recording.state, 'off')
  assert.deepEqual(
    events.map(({ type, data }) => [type, 'reason' in data ? data.reason : undefined]),
    [
      ['recording.stored', undefined],
      ['recording.stopped', 'disk-full'],
    ],
  )
})

test('one whose recorder died goes on with the next recorder', () => {
  const { call, effects } = recorded('recorder-died')
  assert.equal(call.recording.state, 'on')
  assert.deepEqual(
    effects.map((effect) => [effect.kind, effect.kind === 'record' && effect.state]),
    [['record', 'on']],
  )
})
