import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answer } from '../../test/simulation/seen.ts'
import { open, talking } from '../../testkit/desk-scenes.ts'
import { home } from '../../testkit/people.ts'
import type { World } from '../../testkit/world.ts'
import { extensionOf } from '../call/endpoint.ts'
import type { EngineLine, LineState } from '../engine/port.ts'
import { type CallId, lineId } from '../kernel/ids.ts'
import { instant } from '../kernel/time.ts'
import type { Caller, DeskCommand } from './command.ts'
import { ownerOf } from './line-words.ts'

/** User 13 has phones 024 and 101, which may do everything, and 102, which may listen. */
const wanda: Caller = { account: home, role: 'supervisor', user: '13', credential: 'c1' }
/** User 12's phones may do nothing. */
const paco: Caller = { account: home, role: 'supervisor', user: '12', credential: 'c2' }
const key: Caller = { account: home, role: 'admin', credential: 'c3' }
const agent: Caller = { account: home, role: 'agent', user: '14', credential: 'c4' }

const line = lineId('n1')

function has(world: World, caller: Caller, id = line, state: LineState = 'open'): EngineLine {
  const user = caller.user === undefined ? {} : { user: caller.user }
  const held: EngineLine = { line: id, account: home, owner: ownerOf(caller), ...user, label: 'Wall', createdAt: instant(0), state }
  world.report({ kind: 'line-state', line: held })
  world.run(50)
  return held
}

function ask(world: World, command: DeskCommand, caller = wanda): string {
  const request = world.ask(command, 0, caller)
  world.run(100)
  return answer(request)
}

const supervise = (call: CallId, more: Partial<Extract<DeskCommand, { kind: 'supervise' }>> = {}): DeskCommand => ({
  ...{ kind: 'supervise', call, supervisor: { line }, mode: 'monitor' },
  ...more,
})

/** Two calls, and the line. */
function two(): { readonly world: World; readonly first: CallId; readonly second: CallId } {
  const world = talking()
  const first = world.theCall().id
  world.habit('211', { acceptsAfterMs: 1, answersAfterMs: 2 })
  world.customerCalls('+15554150211', '+15550002222')
  world.run(200)
  const second = world.calls().find(({ id }) => id !== first)?.id
  assert.ok(second)
  has(world, wanda)
  return { world, first, second }
}

const heardBy = (world: World, id: CallId, caller = '024') =>
  world.engine
    .heard(id)
    .filter(({ listener }) => world.engine.legs.get(listener)?.address === caller)
    .map(({ talker }) => world.engine.legs.get(talker)?.address)
    .toSorted()

const told = (world: World) =>
  world.events.flatMap((e) => ('line' in e ? [[e.line.state, e.line.call, e.line.supervision !== undefined]] : []))

test('a line is on the call at once, hears it, and is known by the user’s phone and name', () => {
  const { world, first } = two()
  assert.equal(ask(world, supervise(first)), 'done')
  assert.deepEqual(heardBy(world, first), ['+15550001111', '210'])
  const party = world.desk.table.get(first)?.parties.find(({ role }) => role === 'supervisor')
  assert.deepEqual(party?.endpoint, {
    ...{ kind: 'line', account: home, line, user: '13', extension: '024', name: 'Wanda Whisper', mayBeMonitored: false },
  })
  assert.deepEqual(told(world), [
    ['open', undefined, false],
    ['open', first, true],
  ])
  assert.equal(world.desk.presence.extensionView(world.directory.extension(home, '024') ?? assert.fail()).calls.length, 0)
})

test('to anybody else it does not exist, and neither does one that is closed', () => {
  const { world, first } = two()
  for (const caller of [paco, key, { ...wanda, user: '12' }]) assert.equal(ask(world, supervise(first), caller), 'resource-unknown')
  assert.equal(world.desk.lines.get(paco, line), undefined)
  assert.deepEqual(world.desk.lines.list(key), [])
  assert.equal(world.desk.lines.get({ ...wanda, credential: 'another device' }, line)?.id, line)
  has(world, wanda, line, 'closed')
  assert.equal(ask(world, supervise(first)), 'resource-unknown')
})

test('one that is lost cannot be attached', () => {
  const { world, first } = two()
  has(world, wanda, line, 'lost')
  assert.equal(ask(world, supervise(first)), 'endpoint-unavailable')
})

test('modes are those of the user’s phones; who has none may what his role may', () => {
  const { world, first } = two()
  has(world, paco, lineId('n2'))
  has(world, key, lineId('n3'))
  has(world, agent, lineId('n4'))
  assert.equal(ask(world, supervise(first, { supervisor: { line: lineId('n2') } }), paco), 'mode-not-allowed')
  assert.equal(ask(world, supervise(first, { supervisor: { line: lineId('n4') } }), agent), 'supervision-not-allowed')
  assert.equal(ask(world, supervise(first, { supervisor: { line: lineId('n3') }, mode: 'barge' }), key), 'done')
  const names = world.desk.table.get(first)?.parties.map(({ endpoint }) => endpoint.name)
  assert.ok(names?.includes('Wall'), 'without a user the label names him')
})

test('the second request changes the mode; the same again, or another line of the same user, is refused', () => {
  const { world, first } = two()
  has(world, wanda, lineId('n2'))
  assert.equal(ask(world, supervise(first)), 'done')
  assert.equal(ask(world, supervise(first)), 'already-supervised-by-you')
  assert.equal(ask(world, supervise(first, { supervisor: { line: lineId('n2') } })), 'already-supervised-by-you')
  assert.equal(ask(world, supervise(first, { mode: 'barge' })), 'done')
  assert.equal(world.desk.table.get(first)?.supervisions.length, 1)
})

test('several lines of one user listen to several calls', () => {
  const { world, first, second } = two()
  has(world, wanda, lineId('n2'))
  assert.equal(ask(world, supervise(first)), 'done')
  assert.equal(ask(world, supervise(second, { supervisor: { line: lineId('n2') } })), 'done')
  assert.deepEqual([heardBy(world, first).length, heardBy(world, second).length], [2, 2])
})

test('supervising another call moves the line: the old one ends as moved and the new one begins, in one turn', () => {
  const { world, first, second } = two()
  ask(world, supervise(first, { mode: 'whisper' }))
  const at = world.events.length
  assert.equal(ask(world, supervise(second)), 'done')
  assert.equal(world.desk.table.get(first)?.supervisions[0]?.endReason, 'moved')
  assert.deepEqual(heardBy(world, first), [])
  assert.deepEqual(heardBy(world, second), ['+15550002222', '211'])
  const turn = world.events.slice(at).flatMap((e) => ('event' in e ? [e.event] : []))
  const ended = turn.find(({ type }) => type === 'supervision.ended')
  const requested = turn.find(({ type }) => type === 'supervision.requested')
  assert.equal(ended?.at, requested?.at)
  assert.ok(turn.indexOf(ended ?? assert.fail()) < turn.indexOf(requested ?? assert.fail()))
  assert.deepEqual(told(world).at(-1), ['open', second, true])
  assert.equal(
    world.engine.orders.some(({ call, effect }) => call === first && effect.kind === 'hang-up' && effect.reason === 'moved'),
    true,
  )
})

test('a move that the new call refuses leaves the old one alone', () => {
  const { world, first, second } = two()
  ask(world, supervise(first))
  assert.equal(ask(world, supervise(second, { private: true })), 'parameter-invalid')
  assert.equal(world.desk.table.get(first)?.supervisions[0]?.state, 'active')
  assert.deepEqual(heardBy(world, first).length, 2)
})

test('taken over by a line: it is the call’s, and cannot be moved to another until it leaves', () => {
  const { world, first, second } = two()
  ask(world, supervise(first))
  const supervision = world.desk.table.get(first)?.supervisions[0]?.id ?? assert.fail()
  assert.equal(ask(world, { kind: 'take-over', supervision }), 'done')
  assert.deepEqual(heardBy(world, first), ['+15550001111'])
  assert.deepEqual(world.desk.lines.get(wanda, line)?.call, first)
  assert.equal(world.desk.lines.get(wanda, line)?.supervision, undefined)
  assert.equal(ask(world, supervise(second)), 'endpoint-busy')
  const call = world.desk.table.get(first)
  const his = call?.parties.find(({ endpoint }) => extensionOf(endpoint) === '024')?.id ?? assert.fail()
  assert.equal(ask(world, { kind: 'remove-party', call: first, party: his }), 'done')
  assert.equal(ask(world, supervise(second)), 'done')
})

test('who has taken over by a line is on a call, and his phone is offered none; who only listens is free', () => {
  // The phone of agent 0502842370097 is 101, and it is the user's first now.
  const user = (id: string, ...extensions: string[]) => ({ id, name: `User ${id}`, role: 'supervisor', extensions })
  const world = open({ account: { users: [user('12'), user('13', '101'), user('14')] } })
  talking(world)
  has(world, wanda)
  const { id } = world.theCall()
  const state = () => world.desk.presence.view(world.clock.now, world.directory.agent(home, '0502842370097') ?? assert.fail()).state
  ask(world, supervise(id))
  assert.equal(state(), 'available')
  ask(world, { kind: 'take-over', supervision: world.theCall().supervisions[0]?.id ?? assert.fail() })
  assert.equal(state(), 'on-call')
  world.hangsUp('+15550001111')
  world.run(100)
  assert.equal(state(), 'available')
})

test('nobody but its owner changes what a line does, and everybody who may can end it', () => {
  const { world, first } = two()
  ask(world, supervise(first))
  const supervision = world.desk.table.get(first)?.supervisions[0]?.id ?? assert.fail()
  assert.equal(ask(world, { kind: 'change-supervision', supervision, mode: 'barge' }, key), 'forbidden')
  assert.equal(ask(world, { kind: 'take-over', supervision }, key), 'forbidden')
  assert.equal(ask(world, { kind: 'change-supervision', supervision, mode: 'barge' }), 'done')
  assert.equal(ask(world, { kind: 'end-supervision', supervision }, key), 'done')
})

test('whoever speaks in the call by his phone cannot hear himself by his line', () => {
  const { world } = two()
  world.habit('210', { acceptsAfterMs: 1, answersAfterMs: 2 })
  world.phoneCalls('024', '106')
  world.run(50)
  world.answers('106')
  world.run(100)
  const own = world.calls().find(({ parties }) => parties.some(({ endpoint }) => extensionOf(endpoint) === '024'))?.id ?? assert.fail()
  assert.equal(ask(world, supervise(own)), 'wrong-state')
})

test('after a restart the lines that go on are no news', () => {
  const { world, first } = two()
  ask(world, supervise(first))
  const held = has(world, wanda)
  const [leg] = [...world.engine.legs.values()].filter(({ address }) => address === '024')
  const before = world.events.length
  world.desk.lines.restored([held])
  world.report({ kind: 'line-state', line: held })
  world.run(50)
  assert.equal(world.events.length, before)
  assert.equal(leg?.phase, 'up')
})
