import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ask, closing, inSales, open, taken } from '../../testkit/desk-scenes.ts'
import { home } from '../../testkit/people.ts'
import type { World } from '../../testkit/world.ts'
import { callCentre } from '../../testkit/world-call-centre.ts'
import type { CallEvent } from '../call/event.ts'
import type { PermissionSettings } from '../directory/permissions.ts'
import type { Caller, DeskCommand } from './command.ts'
import { Rights } from './rights.ts'

/** Wanda, supervisor, whose phones are 024, 101 and 102. */
const users = (permissions: PermissionSettings) => [
  { id: '13', name: 'Wanda Whisper', role: 'supervisor', extensions: ['024', '101', '102'], permissions },
  { id: '12', name: 'Paco Vu', role: 'supervisor', extensions: ['210', '106'] },
  { id: '14', name: 'Ana Ruiz', role: 'agent', extensions: ['211'] },
]
const wanda: Caller = { account: home, role: 'supervisor', user: '13', credential: 'c0ffee', via: 'native' }
const key: Caller = { account: home, role: 'supervisor', via: 'native' }

/** In Sales (030), with 210. */
const sales = (permissions: PermissionSettings): World => inSales({ account: { users: users(permissions) } })
const by = (world: World, command: DeskCommand, caller = wanda): string => ask(world, command, 0, caller)
const supervise = (world: World, mode: 'monitor' | 'whisper' | 'barge' = 'monitor') =>
  ({ kind: 'supervise', call: world.theCall().id, supervisor: { extension: '101' }, mode }) as const

describe('permissions at the desk', () => {
  test('a verb that is missing is refused, whoever may do it otherwise', () => {
    const world = sales({ verbs: ['see', 'monitor'] })
    const { id: call } = world.theCall()
    assert.equal(by(world, supervise(world, 'barge')), 'mode-not-allowed')
    assert.equal(by(world, { kind: 'record', call, state: 'on' }), 'forbidden')
    assert.equal(by(world, { kind: 'end-call', call }), 'forbidden')
    assert.equal(by(world, { kind: 'originate', from: { extension: '101' }, to: { extension: '106' } }), 'forbidden')
    assert.equal(by(world, { kind: 'set-agent-state', agent: '1234', state: 'away' }), 'forbidden')
    assert.equal(by(world, supervise(world)), 'done')
    closing(world)
  })

  test('a mode is a verb of its own, also when a supervision is changed or becomes a take-over', () => {
    const world = sales({ verbs: ['see', 'monitor', 'whisper'] })
    by(world, supervise(world))
    world.answers('101')
    world.run(200)
    const supervision = world.theCall().supervisions[0]?.id
    assert.ok(supervision)
    assert.equal(by(world, { kind: 'change-supervision', supervision, mode: 'whisper' }), 'done')
    assert.equal(by(world, { kind: 'change-supervision', supervision, mode: 'barge' }), 'mode-not-allowed')
    assert.equal(by(world, { kind: 'take-over', supervision }), 'mode-not-allowed')
    assert.equal(by(world, { kind: 'end-supervision', supervision }), 'done')
    closing(world)
  })

  test('a call of other groups does not exist, and nobody else’s agents either', () => {
    const world = sales({ groups: ['200'] })
    const { id: call } = world.theCall()
    assert.equal(by(world, supervise(world)), 'call-unknown')
    assert.equal(by(world, { kind: 'end-call', call }), 'call-unknown')
    assert.equal(by(world, { kind: 'set-agent-state', agent: '1234', state: 'away' }), 'endpoint-unknown')
    assert.equal(by(world, { kind: 'originate', from: { agent: '4567' }, to: { extension: '106' } }), 'endpoint-unknown')
    assert.equal(by(world, { kind: 'originate', from: { groups: ['030'] }, to: { number: '+442071838750' } }), 'resource-unknown group')
    assert.equal(by(world, { kind: 'originate', from: { number: '+442071838750' }, to: { extension: '106' } }), 'endpoint-unknown')
    assert.equal(by(world, { kind: 'set-agent-state', agent: '106', state: 'away' }), 'done')
    assert.equal(by(world, { kind: 'originate', from: { extension: '102' }, to: { extension: '211' } }), 'done')
    world.run(100)
    closing(world)
  })

  test('whom the configuration limits listens by his own phones; anybody’s rings for a key that names nobody', () => {
    const world = sales({ groups: 'all' })
    const { id: call } = world.theCall()
    const byPhone = (supervisor: { extension: string } | { number: string } | { agent: string }, caller: Caller) =>
      by(world, { kind: 'supervise', call, supervisor, mode: 'monitor' }, caller)
    assert.equal(byPhone({ extension: '106' }, wanda), 'endpoint-unknown')
    assert.equal(byPhone({ number: '+442071838750' }, wanda), 'endpoint-unknown')
    assert.equal(byPhone({ agent: '0502842370097' }, wanda), 'done')
    assert.equal(byPhone({ number: '+442071838750' }, key), 'done')
    closing(world)
  })

  test('whom the configuration limits makes nobody else heard: supervisions of others are not his to change or to take over by', () => {
    const [own, ...others] = users({ groups: 'all' })
    const world = inSales({ account: { users: [{ ...own, extensions: ['101'] }, ...others] } })
    const { id: call } = world.theCall()
    by(world, { kind: 'supervise', call, supervisor: { extension: '024' }, mode: 'monitor' }, key)
    world.answers('024')
    world.run(200)
    const supervision = world.theCall().supervisions[0]?.id
    assert.ok(supervision)
    assert.equal(by(world, { kind: 'change-supervision', supervision, mode: 'barge' }), 'forbidden')
    assert.equal(by(world, { kind: 'change-supervision', supervision, target: 'customer' }), 'forbidden')
    assert.equal(by(world, { kind: 'take-over', supervision }), 'forbidden')
    assert.deepEqual([world.theCall().supervisions[0]?.mode, world.theCall().supervisions[0]?.state], ['monitor', 'active'])
    assert.equal(by(world, { kind: 'change-supervision', supervision, mode: 'barge' }, key), 'done')
    closing(world)
  })

  test('a key that names nobody is asked for its role only, by its own API', () => {
    const world = sales({ groups: [] })
    assert.equal(by(world, supervise(world), key), 'done')
    closing(world)
  })

  test('a call that went to others is still seen, and touched no more', () => {
    const world = sales({ groups: ['030'] })
    const { id: call } = world.theCall()
    assert.equal(by(world, { kind: 'transfer', call, to: { extension: '106' }, how: 'blind' }), 'done')
    taken(world, '106')
    world.run(200)
    assert.ok(new Rights(world.directory).of(wanda).call(world.theCall()))
    assert.equal(by(world, supervise(world)), 'supervision-not-allowed')
    assert.equal(by(world, { kind: 'end-call', call }), 'forbidden')
    closing(world)
  })

  const followed = (permissions: PermissionSettings) => {
    const world = sales(permissions)
    by(world, supervise(world))
    world.answers('101')
    world.run(200)
    ask(world, { kind: 'transfer', call: world.theCall().id, to: { extension: '106' }, how: 'blind' })
    taken(world, '106')
    world.run(200)
    return world
  }

  test('whoever listens does not follow a call to people beyond his groups', () => {
    const world = followed({ groups: ['030'] })
    const [supervision] = world.theCall().supervisions
    assert.deepEqual([supervision?.state, supervision?.endReason], ['ended', 'not-allowed'])
    const heard = world.audit.flatMap(({ fact }) => (fact.kind === 'hearing' ? [fact.other.extension ?? fact.other.number] : []))
    assert.ok(heard.includes('210'))
    closing(world)
  })

  test('whom no group limits follows it', () => {
    const world = followed({ groups: 'all' })
    assert.equal(world.theCall().supervisions[0]?.state, 'active')
    closing(world)
  })

  test('what was refused for want of permission is in the audit, supervision or not', () => {
    const world = sales({ verbs: ['see'] })
    const { id: call } = world.theCall()
    by(world, supervise(world))
    by(world, { kind: 'record', call, state: 'on' })
    by(world, { kind: 'originate', from: { extension: '101' }, to: { extension: '106' } })
    const asker = { role: 'supervisor', user: '13', credential: 'c0ffee', via: 'native' }
    const refused = world.audit.map(({ fact }) => fact).filter(({ kind }) => kind.endsWith('.denied'))
    assert.deepEqual(refused, [
      {
        ...{ kind: 'supervision.denied', by: asker, code: 'mode-not-allowed', act: 'supervise', call, mode: 'monitor' },
        supervisor: 'extension 101',
      },
      { kind: 'access.denied', act: 'record', by: asker, code: 'forbidden', call },
      { kind: 'access.denied', act: 'originate', by: asker, code: 'forbidden' },
    ])
    closing(world)
  })
})

describe('what somebody sees', () => {
  const directory = callCentre(({ accounts }) => Object.assign(accounts[0] ?? {}, { users: users({ groups: ['030'] }) }))
  const sight = new Rights(directory).of(wanda)

  test('agents of his groups and phones of theirs, his own phones, and nothing that belongs to nobody', () => {
    assert.deepEqual(
      ['1234', '4567', '106', 'nobody'].map((id) => sight.agent(id)),
      [true, true, false, false],
    )
    assert.deepEqual(
      ['210', '101', '106', '212'].map((number) => sight.extension(number)),
      [true, true, false, false],
    )
    assert.deepEqual(
      ['030', '200'].map((id) => sight.group(id)),
      [true, false],
    )
  })

  test('events of calls that he sees, and of agents that he sees', () => {
    const world = open()
    world.customerCalls('+18661234567')
    taken(world, '210')
    const call = world.theCall()
    const event = { type: 'call.answered', call: call.id, seq: 1, at: call.startedAt, data: { party: call.parties[0]?.id } } as CallEvent
    const out = { id: '1', account: home, event, call }
    assert.equal(sight.event(out), true)
    const elsewhere = { ...call, group: '200', parties: call.parties.filter(({ role }) => role === 'customer') }
    assert.equal(sight.event({ ...out, call: elsewhere }), false)
    for (const agent of directory.agents(home)) {
      const view = world.desk.presence.view(call.startedAt, agent)
      assert.equal(
        sight.event({ id: '2', account: home, agent: view, at: call.startedAt }),
        ['1234', '4567', '0502842370097'].includes(agent.id),
        agent.id,
      )
    }
    closing(world)
  })
})
