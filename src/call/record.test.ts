/** Whom the recorder is told to take, as the call changes. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { supervisors } from '../../testkit/people.ts'
import type { CallWorld } from '../../testkit/world-call.ts'
import { act, conversation, legOf, received, supervise } from '../../testkit/world-call-acts.ts'
import { supervisionId } from '../kernel/ids.ts'
import type { Effect } from './effect.ts'
import { type RecordingPolicy, type RecordingShape, type RecordingState, usualShape } from './recording.ts'

const policy = (changes: Partial<RecordingPolicy> = {}): RecordingPolicy => ({
  ...{ automatic: false, onDemand: true, announced: false },
  ...changes,
})

type Order = Extract<Effect, { kind: 'record' }>

const orders = (world: CallWorld): Order[] => world.engine.orders.flatMap(({ effect }) => (effect.kind === 'record' ? [effect] : []))

const last = (world: CallWorld): Order | undefined => orders(world).at(-1)

const set = (world: CallWorld, state: RecordingState) => world.ask({ kind: 'record', state })

/** `leg voice` in the order of joining. */
const voices = (world: CallWorld) => last(world)?.voices.map(({ leg, voice }) => `${leg} ${voice}`)

describe('the recorder is told', () => {
  test('nothing of a call that is not recorded', () => {
    const world = conversation()
    act(world, 'in', 'end')
    assert.deepEqual(orders(world), [])
  })

  test('who speaks when it begins, pauses, and that it is over before the bridge goes', () => {
    const world = conversation()
    for (const state of ['on', 'paused', 'on'] as const) set(world, state)
    act(world, 'in', 'end')
    assert.deepEqual(
      orders(world).map(({ state, voices }) => [state, voices.length]),
      [
        ['on', 2],
        ['paused', 2],
        ['on', 2],
        ['off', 0],
      ],
    )
    const kinds = world.engine.orders.map(({ effect }) => effect.kind)
    assert.ok(kinds.lastIndexOf('record') < kinds.lastIndexOf('rewire'), 'nothing is recorded of what comes after')
    assert.equal(kinds.at(-1), 'close')
  })

  for (const to of ['all', 'customer'] as const)
    test(`whom the announcement is for: ${to}`, () => {
      const world = conversation(policy({ shape: { ...usualShape, announcement: { prompt: 'x', to } } }))
      set(world, 'on')
      const everybody = last(world)?.voices.map(({ leg }) => leg) ?? []
      const customer = world.call.parties.filter(({ endpoint }) => endpoint.kind === 'number').map(({ leg }) => leg)
      assert.deepEqual([everybody.length, customer.length], [2, 1])
      assert.deepEqual(last(world)?.audience, to === 'all' ? everybody : customer)
      assert.equal(last(world)?.shape.announcement?.prompt, 'x')
    })

  test('the next recording of a call has another name', () => {
    const world = conversation()
    for (const state of ['on', 'off', 'on', 'paused', 'off'] as const) set(world, state)
    assert.deepEqual(
      orders(world).map(({ recording }) => recording.slice(-2)),
      ['-1', '-1', '-2', '-2', '-2'],
    )
  })

  test('one that begins with the answer has every voice once the second is there', () => {
    const world = received(policy({ automatic: true, onDemand: false }))
    act(world, '210', 'answer')
    act(world, 'in', 'answer')
    assert.equal(last(world)?.state, 'on')
    assert.equal(voices(world)?.length, 2)
  })

  test('only the side that agreed', () => {
    const world = conversation(policy({ consent: { from: 'one-party', to: 'unknown' } }))
    const taken = last(world)?.voices.map(({ party }) => world.call.parties.find((p) => p.id === party)?.endpoint.kind)
    assert.deepEqual(taken, ['extension'])
    const other = conversation(policy({ consent: { from: 'unknown', to: 'one-party' } }))
    const outside = last(other)?.voices.map(({ party }) => other.call.parties.find((p) => p.id === party)?.endpoint.kind)
    assert.deepEqual(outside, ['number'])
  })

  const stances = (coach: RecordingShape['coach']) => {
    const world = conversation(policy({ shape: { ...usualShape, coach } }))
    set(world, 'on')
    const [supervisor] = supervisors
    assert.ok(supervisor)
    supervise(world, supervisor)
    act(world, '101', 'answer')
    const id = supervisionId('s101')
    const seen: (readonly [string, readonly string[]])[] = []
    const see = (what: string) => seen.push([what, (last(world)?.voices ?? []).map(({ voice }) => voice)])
    see('monitor')
    for (const mode of ['whisper', 'barge', 'whisper'] as const) {
      world.ask({ kind: 'change-supervision', supervision: id, mode })
      world.settle()
      see(mode)
    }
    return { world, id, seen }
  }
  const two = ['conversation', 'conversation']

  test('exclude: a supervisor only while he barges in', () => {
    assert.deepEqual(stances('exclude').seen, [
      ['monitor', two],
      ['whisper', two],
      ['barge', [...two, 'conversation']],
      ['whisper', two],
    ])
  })

  for (const coach of ['include', 'separate'] as const)
    test(`${coach}: one who whispers as a coach`, () => {
      assert.deepEqual(stances(coach).seen, [
        ['monitor', two],
        ['whisper', [...two, 'coach']],
        ['barge', [...two, 'conversation']],
        ['whisper', [...two, 'coach']],
      ])
    })

  test('to stop taking a voice before the matrix lets it whisper, and to begin after the matrix lets all hear it', () => {
    const { world } = stances('include')
    const kinds = world.engine.orders.map(({ effect }) => effect.kind).filter((kind) => kind === 'record' || kind === 'rewire')
    assert.deepEqual(kinds.slice(-6), ['rewire', 'record', 'rewire', 'record', 'record', 'rewire'])
  })

  test('that who takes over speaks in the conversation, and the agent no more', () => {
    const { world, id } = stances('exclude')
    const before = last(world)?.voices.length
    world.ask({ kind: 'take-over', supervision: id })
    world.settle()
    assert.deepEqual([before, voices(world)], [2, [`${legOf(world, 'in')} conversation`, `${legOf(world, '101')} conversation`]])
  })
})
