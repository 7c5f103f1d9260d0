/** The order of checks that all APIs share (W15): what is wrong for ever is told before what is wrong just now. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answer } from '../../test/simulation/seen.ts'
import { World } from '../../testkit/world.ts'
import { callCentre } from '../../testkit/world-call-centre.ts'
import { type RefusalCode, refusal } from '../call/refusal.ts'
import { partyId } from '../kernel/ids.ts'
import { fail, ok } from '../kernel/outcome.ts'
import { firstRefusal } from './check-order.ts'
import type { DeskCommand, Selector } from './command.ts'

const centre = callCentre()

const failed = (...codes: readonly RefusalCode[]) => firstRefusal(codes.map((code) => fail(refusal(code))))?.code

test('form before existence, existence before permission, permission before state; among equals the first', () => {
  const inOrder: readonly RefusalCode[] = ['number-invalid', 'endpoint-unknown', 'mode-not-allowed', 'endpoint-unavailable']
  for (const [i, code] of inOrder.entries()) assert.equal(failed(...inOrder.slice(i).toReversed()), code)
  assert.equal(failed('endpoint-busy', 'endpoint-unavailable'), 'endpoint-busy')
  assert.equal(firstRefusal([ok(1), fail(refusal('timeout')), ok(2)])?.code, 'timeout')
  assert.equal(firstRefusal([ok(1)]), undefined)
})

/** A customer's call, and nobody registered but who has it and 106. */
function talking(agent = '210'): World {
  const world = new World(1, centre)
  for (const { account, number } of centre.accounts.flatMap((a) => centre.extensions(a.id)))
    if (number !== agent && number !== '106') world.report({ kind: 'registration', account, extension: number, contacts: 0 })
  world.habit(agent, { acceptsAfterMs: 1, answersAfterMs: 2 })
  world.customerCalls(`+15554150${agent}`)
  world.run(300)
  return world
}

for (const [what, supervisor, mode, code] of [
  ['may only listen and has no phone on: he may not whisper', { extension: '102' }, 'whisper', 'mode-not-allowed'],
  ['may listen and has no phone on: he is not there', { extension: '102' }, 'monitor', 'endpoint-unavailable'],
  ['is dialled by his public number, and may only listen', { number: '+15554150102' }, 'barge', 'mode-not-allowed'],
  ['does not exist', { extension: '999' }, 'barge', 'endpoint-unknown'],
  ['is whoever answers for a group: its member may not', { number: '820' }, 'monitor', 'mode-not-allowed'],
] as const satisfies readonly (readonly [string, Selector, Extract<DeskCommand, { kind: 'supervise' }>['mode'], RefusalCode])[]) {
  test(`a supervisor who ${what}: ${code}`, () => {
    const world = talking()
    const request = world.ask({ kind: 'supervise', call: world.theCall().id, supervisor, mode })
    world.run(10)
    assert.equal(answer(request), code)
    assert.equal(world.theCall().supervisions.length, 0)
  })
}

test('whom a request names in the call is told before a phone that is not there', () => {
  const world = talking()
  const call = world.theCall().id
  const nobody = partyId('p_none')
  const requests = [
    world.ask({ kind: 'supervise', call, supervisor: { extension: '101' }, mode: 'monitor', target: nobody }),
    world.ask({ kind: 'transfer', call, party: nobody, to: { extension: '213' }, how: 'blind' }),
    world.ask({ kind: 'transfer', call, to: { extension: '213' }, how: 'blind' }),
  ]
  world.run(10)
  assert.deepEqual(requests.map(answer), ['party-unknown', 'party-unknown', 'endpoint-unavailable'])
})

test('who may not be supervised is not, whether the supervisor is there or not', () => {
  const world = talking('212')
  const call = world.theCall().id
  const request = world.ask({ kind: 'supervise', call, supervisor: { extension: '101' }, mode: 'monitor' })
  world.run(10)
  assert.equal(answer(request), 'supervision-not-allowed')
})
