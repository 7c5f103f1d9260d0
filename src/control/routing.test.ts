import assert from 'node:assert/strict'
import { test } from 'node:test'
import { abroad, home } from '../../testkit/people.ts'
import { World } from '../../testkit/world.ts'
import { callCentre } from '../../testkit/world-call-centre.ts'
import { legId } from '../kernel/ids.ts'

const centre = callCentre()

for (const [what, dialled, goodbye] of [
  ['a number that is nobody’s', '+18660000000', 'unknown-number'],
  ['the direct number of a phone that is not registered', '+15554150213', 'unavailable'],
] as const) {
  test(`a call from outside to ${what} is told: ${goodbye}`, () => {
    const world = new World(1, centre)
    world.customerCalls(dialled)
    world.run(100)
    assert.equal(world.leg('+15550001111').goodbye, goodbye)
    assert.equal(world.calls().length, 0)
  })
}

for (const [what, dialled, goodbye] of [
  ['an extension that does not exist', '999', 'unknown-number'],
  ['a phone that is not registered', '213', 'unavailable'],
  ['a number that no trunk may dial', '555123456', 'declined'],
  ['nonsense', 'abc', 'unknown-number'],
  ['another account by its code', '0004*210', 'unknown-number'],
] as const) {
  test(`a phone that dials ${what} is told: ${goodbye}`, () => {
    const world = new World(1, centre)
    world.phoneCalls('210', dialled)
    world.run(100)
    assert.equal(world.leg('210').goodbye, goodbye)
  })
}

for (const [dialled, rung] of [
  ['211', '211'],
  ['0003*211', '211'],
  ['+1 (555) 415-0211', '211'],
  ['+447700900123', '+447700900123'],
  ['020 7183 8750', '+442071838750'],
] as const) {
  test(`a phone dials ${dialled}: ${rung} rings`, () => {
    const world = new World(1, centre)
    world.phoneCalls('210', dialled)
    world.run(100)
    assert.equal(world.leg(rung).phase, 'ringing')
  })
}

test('a call is the account’s whose number was dialled, whichever trunk it came over', () => {
  const world = new World(1, centre)
  world.customerCalls('+18669999999')
  world.run(100)
  assert.deepEqual(
    world.calls().map((c) => c.account),
    [abroad],
  )
  world.answers('210')
  world.run(100)
  const [call] = world.calls()
  assert.ok(call?.answeredAt !== undefined)
  assert.deepEqual([...new Set(world.engine.orders.map((o) => o.account))], [abroad])
  assert.deepEqual([...new Set(call.parties.map((p) => p.endpoint.account))], [abroad])
})

test('the caller’s phone is told when the other rings, and how the call is shown there', () => {
  const world = new World(1, centre)
  world.customerCalls('+15554150210')
  world.run(100)
  const invitation = world.engine.orders.find(({ effect }) => effect.kind === 'invite')?.effect
  assert.deepEqual(invitation?.kind === 'invite' ? invitation.from : undefined, { number: '+15550001111' })
  assert.ok(world.engine.orders.some(({ effect }) => effect.kind === 'ring' && effect.leg === world.leg('+15550001111').id))
  assert.deepEqual(world.desk.table.ofExtension(home, '210'), [world.theCall().id])
})

test('a public number sees only what may be presented, never an extension', () => {
  const world = new World(1, centre)
  world.phoneCalls('210', '+447700900123')
  world.run(100)
  const invitation = world.engine.orders.find(({ effect }) => effect.kind === 'invite')?.effect
  assert.equal(invitation?.kind === 'invite' ? invitation.from.number : undefined, '+15554150210')
})

test('the number that a caller claims beside the proven one stays with him; phones are shown the proven one', () => {
  const world = new World(1, centre)
  const leg = legId('in-claimed')
  world.engine.offer({ id: leg, account: home, address: '+15550001111' })
  const from = { number: '+15550001111', name: 'Cleo', claimed: '+18005550199' }
  world.report({ kind: 'leg-offered', leg, source: { kind: 'trunk', account: home, trunk: 'pstn' }, from, dialled: '+15554150210' })
  world.run(100)
  const [caller] = world.theCall().parties
  assert.deepEqual(caller?.endpoint, { kind: 'number', account: home, trunk: 'pstn', ...from })
  const invitation = world.engine.orders.find(({ effect }) => effect.kind === 'invite')?.effect
  assert.deepEqual(invitation?.kind === 'invite' ? invitation.from : undefined, { number: '+15550001111', name: 'Cleo' })
})
