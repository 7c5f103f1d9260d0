import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { agents, foreigner, outside, supervisors } from '../../testkit/people.ts'
import type { CallWorld } from '../../testkit/world-call.ts'
import { act, conversation, partyOf, received, supervise } from '../../testkit/world-call-acts.ts'
import { partyId, supervisionId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Endpoint } from './endpoint.ts'
import type { Command } from './input.ts'
import type { Party } from './party.ts'

describe('what the core refuses', () => {
  test('a supervisor of another account: for him there is no such call (W16)', () => {
    assert.deepEqual(supervise(conversation(), foreigner), refused('call-unknown'))
  })

  test('more supervisors than there may be', () => {
    const world = conversation()
    for (let i = 0; i < limits.supervisionsPerCall; i++) assert.equal(supervise(world, outside(`+1555100000${i}`)), 'waiting')
    assert.deepEqual(supervise(world, outside('+15551000009')), refused('supervisor-limit'))
  })

  test('more parties than there may be', () => {
    const world = conversation()
    const add = (to: Endpoint) =>
      world.ask({ kind: 'add-party', as: world.newParty(), to, role: 'participant', ringTimeoutMs: 60_000 }).answer
    for (let i = world.call.parties.length; i < limits.partiesPerCall; i++) assert.equal(add(outside(`+1555200${i}`)), 'waiting')
    assert.equal(codeOf(add(outside('+15552999'))), 'capacity-exceeded')
    assert.equal(codeOf(supervise(world, supervisors[0] as Endpoint)), 'capacity-exceeded')
    const transfer = { kind: 'transfer', how: 'blind', as: world.newParty(), to: outside('+15553999'), ringTimeoutMs: 60_000 } as const
    assert.equal(codeOf(world.ask(transfer).answer), 'capacity-exceeded')
  })

  test('a party is not added to a call in which nobody is connected', () => {
    const world = received()
    const command = { kind: 'add-party', as: world.newParty(), to: outside('+1555'), role: 'participant', ringTimeoutMs: 60_000 } as const
    assert.equal(codeOf(world.ask(command).answer), 'wrong-state')
  })

  test('a leg takes nobody’s place while a transfer is under way, nor that of one who has left, nor a supervisor’s', () => {
    const world = conversation()
    supervise(world, supervisors[0] as Endpoint)
    act(world, '101', 'answer')
    const adopt = (replaces: Party['id']) =>
      world.ask({ kind: 'adopt', as: world.newParty(), endpoint: outside('+1555'), replaces, state: 'connected', phoneHeld: false }).answer
    assert.equal(codeOf(adopt(partyId('none'))), 'party-unknown')
    assert.equal(codeOf(adopt(partyOf(world, '101').id)), 'wrong-state')
    world.ask({ kind: 'transfer', how: 'blind', as: world.newParty(), to: agents[1] as Endpoint, ringTimeoutMs: 60_000 })
    assert.equal(codeOf(adopt(partyOf(world, '210').id)), 'wrong-state')
  })

  for (const [what, command] of [
    ['hold', { kind: 'hold', party: partyId('none'), on: true }],
    ['mute', { kind: 'mute', party: partyId('none'), on: true }],
    ['removal', { kind: 'remove-party', party: partyId('none') }],
    ['release', { kind: 'release', party: partyId('none') }],
    ['change of supervision', { kind: 'change-supervision', supervision: supervisionId('none'), mode: 'barge' }],
    ['end of supervision', { kind: 'end-supervision', supervision: supervisionId('none') }],
    ['take-over', { kind: 'take-over', supervision: supervisionId('none') }],
  ] satisfies readonly (readonly [string, Command])[]) {
    test(`a ${what} of somebody who is not in the call`, () =>
      assert.deepEqual(conversation().ask(command).answer, refused('party-unknown')))
  }

  test('hold, mute and removal of one who is not connected, or has left', () => {
    const world = received()
    const { id } = partyOf(world, '210')
    assert.equal(codeOf(world.ask({ kind: 'hold', party: id, on: true }).answer), 'wrong-state')
    assert.equal(codeOf(world.ask({ kind: 'mute', party: id, on: true }).answer), 'wrong-state')
    const conference = conversation()
    conference.ask({ kind: 'add-party', as: conference.newParty(), to: agents[1] as Endpoint, role: 'agent', ringTimeoutMs: 60_000 })
    act(conference, '211', 'answer')
    act(conference, '211', 'end')
    assert.equal(codeOf(conference.ask({ kind: 'remove-party', party: partyOf(conference, '211').id }).answer), 'wrong-state')
  })

  test('every command after the end', () => {
    const world = conversation()
    act(world, 'in', 'end')
    const commands: readonly Command[] = [{ kind: 'wait' }, { kind: 'end', reason: 'hangup' }, { kind: 'withdraw', legs: [] }]
    for (const command of commands) assert.deepEqual(world.ask(command).answer, refused('call-ended'))
  })
})

const refused = (code: string) => ({ code })

const codeOf = (answer: ReturnType<CallWorld['ask']>['answer']) => (typeof answer === 'string' ? answer : answer.code)
