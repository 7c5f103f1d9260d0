/** An agent asks for help. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ask, open } from '../../testkit/desk-scenes.ts'
import { home } from '../../testkit/people.ts'
import type { World } from '../../testkit/world.ts'

const up = { kind: 'raise-hand', agent: '1234', raised: true } as const
const down = { ...up, raised: false } as const

function hand(world: World) {
  const agent = world.directory.agent(home, '1234')
  assert.ok(agent)
  return world.desk.presence.view(world.clock.now, agent).hand
}

/** What was told of hands, as what there was to see of each. */
const told = (world: World) =>
  world.events.flatMap((e) => ('agent' in e && e.about === 'hand' && e.agent.id === '1234' ? [e.agent.hand?.note ?? e.agent.hand] : []))

describe('a hand', () => {
  test('is up since it was raised, and told once for each change', () => {
    const world = open()
    assert.equal(ask(world, { ...up, note: 'Refund?' }), 'done')
    const raised = hand(world)
    assert.equal(raised?.note, 'Refund?')
    assert.equal(ask(world, { ...up, note: 'Refund?' }), 'done')
    world.run(5_000)
    assert.equal(ask(world, { ...up, note: 'Now!' }), 'done')
    assert.deepEqual(hand(world), { since: raised?.since, note: 'Now!' })
    assert.equal(ask(world, down), 'done')
    assert.equal(ask(world, down), 'done')
    assert.equal(hand(world), undefined)
    assert.deepEqual(told(world), ['Refund?', 'Now!', undefined])
  })

  test('is lowered when its agent goes offline, and told after that; offline it cannot be raised', () => {
    const world = open()
    ask(world, { ...up, note: 'Help' })
    ask(world, { kind: 'set-agent-state', agent: '1234', state: 'away' })
    assert.equal(hand(world)?.note, 'Help', 'who is away may still need help')
    ask(world, { kind: 'set-agent-state', agent: '1234', state: 'offline' })
    assert.equal(hand(world), undefined)
    assert.deepEqual(told(world), ['Help', undefined])
    const last = world.events.filter((e) => 'agent' in e).slice(-2)
    assert.deepEqual(
      last.map((e) => ('agent' in e ? [e.agent.state, e.about] : [])),
      [
        ['offline', undefined],
        ['offline', 'hand'],
      ],
    )
    assert.equal(ask(world, up), 'wrong-state')
    assert.equal(ask(world, down), 'done', 'what is down already is no fault')
    assert.equal(ask(world, { ...up, agent: '999' }), 'endpoint-unknown')
  })

  test('is still up after the process was killed, from the log and from a checkpoint', () => {
    for (const summedUp of [false, true]) {
      const world = open()
      ask(world, { ...up, note: 'Still here' })
      const raised = hand(world)
      if (summedUp) world.checkpoint()
      world.dieAfter(0)
      ask(world, { kind: 'set-agent-state', agent: '4567', state: 'away' })
      world.run(1_000)
      assert.equal(world.lives, 1)
      assert.deepEqual(hand(world), raised)
    }
  })
})
