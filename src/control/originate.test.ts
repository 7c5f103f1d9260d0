import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ask, cleo, closing, open, taken, talking, together } from '../../testkit/desk-scenes.ts'
import { abroad, home } from '../../testkit/people.ts'
import { supervisorKey, type World } from '../../testkit/world.ts'
import { limits } from '../kernel/limits.ts'
import type { DeskCommand } from './command.ts'

type Originate = Extract<DeskCommand, { kind: 'originate' }>

const byAgent = { kind: 'originate', from: { agent: '1234' }, to: { number: '+442072068888' } } as const
const inviteOf = (world: World) => {
  const effect = world.engine.orders.findLast((order) => order.effect.kind === 'invite')?.effect
  return effect?.kind === 'invite' ? effect.from : undefined
}

test('a group in which the called agent is idle longest calls with somebody else of it', () => {
  const world = open()
  ask(world, { kind: 'set-agent-state', agent: '1234', state: 'available' })
  assert.equal(ask(world, { kind: 'originate', from: { groups: ['030'] }, to: { agent: '4567' } }), 'done')
  assert.equal(world.leg('210').phase, 'ringing')
  assert.equal(ask(world, { kind: 'originate', from: { groups: ['400'] }, to: { agent: '4567' } }), 'no-agent-available')
})

describe('consent (contract newvoicemedia, section 4)', () => {
  const both = { from: 'one-party', to: 'two-party' } as const
  for (const [what, command, answer] of [
    ['an agent calls a number, both sides', { ...byAgent, consent: both }, 'done'],
    ['an agent calls a number, nothing said', byAgent, 'done'],
    ['an agent calls a number, his own side only', { ...byAgent, consent: { from: 'one-party' } }, 'consent-invalid'],
    ['an agent calls a number, the other side only', { ...byAgent, consent: { to: 'one-party' } }, 'consent-invalid'],
    ['an agent calls an agent', { ...byAgent, to: { agent: '106' }, consent: both }, 'consent-invalid'],
    ['an agent calls an agent by his public number', { ...byAgent, to: { number: '+15554150106' }, consent: both }, 'consent-invalid'],
    ['a group calls a number, the other side', { ...byAgent, from: { groups: ['030'] }, consent: { to: 'unknown' } }, 'done'],
    ['a group calls a number, its own side', { ...byAgent, from: { groups: ['030'] }, consent: both }, 'consent-invalid'],
    [
      'a group calls an agent',
      { ...byAgent, from: { groups: ['030'] }, to: { agent: '106' }, consent: { to: 'unknown' } },
      'consent-invalid',
    ],
    ['a customer is called first', { ...byAgent, from: { number: cleo }, to: { agent: '106' }, consent: both }, 'consent-invalid'],
    ['before an agent that nobody knows', { ...byAgent, from: { agent: '999' }, consent: { to: 'unknown' } }, 'consent-invalid'],
  ] satisfies readonly (readonly [string, Originate, string])[]) {
    test(`${what}: ${answer}`, () => {
      const world = open()
      assert.equal(ask(world, command), answer)
      assert.equal(world.calls().length, answer === 'done' ? 1 : 0)
    })
  }

  test('decides what is recorded: one who agreed is, one who did not is not, whatever the group has configured', () => {
    for (const [consent, state] of [
      [{ to: 'one-party' }, 'on'],
      [{ to: 'two-party' }, 'off'],
      [undefined, 'on'],
    ] as const) {
      const world = open()
      ask(world, { kind: 'set-agent-state', agent: '4567', state: 'away' })
      ask(world, { ...byAgent, from: { groups: ['030'] }, ...(consent === undefined ? {} : { consent }) })
      world.answers('210')
      taken(world, '+442072068888')
      assert.equal(world.theCall().recording.state, state, JSON.stringify(consent))
    }
  })
})

describe('what a program says of a call', () => {
  test('labels are given back as they are, a name is shown, and the call ends when its time is up', () => {
    const world = open()
    const said = { labels: { 'Ticket id': 'A\n17' }, presentedName: 'Sotto Sales', maxDurationMs: 60_000 }
    assert.equal(ask(world, { ...byAgent, ...said }), 'done')
    world.answers('210')
    world.run(100)
    assert.deepEqual(inviteOf(world), { number: '+15554150210', name: 'Sotto Sales' })
    taken(world, '+442072068888')
    assert.deepEqual(world.theCall().labels, { 'Ticket id': 'A\n17' })
    world.run(59_000)
    assert.equal(world.desk.table.live(home).length, 1)
    world.run(1_100)
    assert.equal(world.desk.table.live(home).length, 0)
  })

  test('the called phone rings as long as it was said, and the calling one by its own time', () => {
    const world = open()
    ask(world, { ...byAgent, to: { agent: '106' }, ringTimeoutMs: 30_000, toRingTimeoutMs: 2_000 })
    world.answers('210')
    world.run(1_900)
    assert.equal(world.leg('106').phase, 'ringing')
    world.run(300)
    assert.equal(world.leg('106').phase, 'over')
  })

  for (const [name, said] of [
    ['labels', { labels: Object.fromEntries(Array.from({ length: limits.labelsPerCall + 1 }, (_, i) => [`l${i}`, ''])) }],
    ['labels', { labels: { long: 'x'.repeat(limits.labelCharacters) } }],
    ['labels', { labels: { '': 'nameless' } }],
    ['maxDurationMs', { maxDurationMs: 999 }],
    ['maxDurationMs', { maxDurationMs: 86_400_001 }],
    ['toRingTimeoutMs', { toRingTimeoutMs: 300_001 }],
  ] as const) {
    test(`${name} out of bounds: ${JSON.stringify(said).slice(0, 60)}`, () => {
      const world = open()
      assert.equal(ask(world, { ...byAgent, ...said }), `parameter-invalid ${name}`)
    })
  }
})

describe('a conference', () => {
  const rooms = { account: { conferences: [{ number: '900', pin: '4711' }, { number: '901' }] } }
  const invite = (extension: string, more: object = {}) =>
    ({ kind: 'invite-to-conference', room: '900', pin: '4711', to: { extension }, ...more }) as const

  test('begins with the first, later ones come to them, and it is over when the last one leaves', () => {
    const world = open(rooms)
    assert.equal(ask(world, invite('210', { labels: { meeting: '9' } })), 'done')
    assert.equal(ask(world, invite('211', { shown: { number: '900', name: 'Monday' } })), 'done', 'before the first has answered')
    assert.deepEqual(inviteOf(world), { number: '900', name: 'Monday' })
    world.answers('210')
    world.answers('211')
    world.run(100)
    assert.equal(ask(world, { ...invite('210'), to: { number: '+442072068888' } }), 'done')
    assert.equal(inviteOf(world)?.number, '08008888888', 'outside only what may be presented')
    world.answers('+442072068888')
    world.run(100)
    const { labels, room } = world.theCall()
    assert.deepEqual([together(world.theCall()), room, labels], [['+442072068888', '210', '211'], '900', { meeting: '9' }])
    for (const phone of ['210', '211']) {
      world.hangsUp(phone)
      world.run(100)
      assert.equal(world.desk.table.live(home).length, 1)
    }
    world.hangsUp('+442072068888')
    world.run(100)
    assert.equal(world.desk.table.live(home).length, 0)
    closing(world)
  })

  test('an unknown room and a wrong PIN are refused alike', () => {
    const world = open(rooms)
    for (const wrong of [{ room: '999' }, { pin: '1' }, { pin: undefined }]) {
      assert.equal(ask(world, { ...invite('210'), ...wrong } as DeskCommand), 'resource-unknown conference')
    }
    assert.equal(ask(world, { kind: 'invite-to-conference', room: '901', to: { extension: '210' } }), 'done', 'a room without a PIN')
  })

  test('each account has its own', () => {
    const world = open(rooms)
    assert.equal(ask(world, invite('101'), 0, { ...supervisorKey, account: abroad }), 'resource-unknown conference')
  })

  test('who talks elsewhere, is away from his phone or does not exist is not invited', () => {
    const world = talking(open(rooms))
    assert.equal(ask(world, invite('210')), 'endpoint-busy')
    assert.equal(ask(world, invite('213')), 'endpoint-unavailable')
    assert.equal(ask(world, invite('999')), 'endpoint-unknown')
    assert.equal(ask(world, invite('211', { ringTimeoutMs: 1 })), 'parameter-invalid ringTimeoutMs')
  })

  test('a node that drains begins none', () => {
    const world = open(rooms)
    world.drain()
    assert.equal(ask(world, invite('210')), 'capacity-exceeded')
  })
})
