import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ask, cleo, closing, happened, inSales, open, ringing, states, taken, talking, together } from '../../testkit/desk-scenes.ts'
import { home } from '../../testkit/people.ts'
import type { World } from '../../testkit/world.ts'
import { type Call, callState } from '../call/call.ts'
import { callId, partyId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { instant } from '../kernel/time.ts'

const idOf = (world: World) => ({ call: world.theCall().id })
const ended = (world: World): Call => world.calls().at(-1) as Call

describe('recording', () => {
  test('a group that records begins by itself; it is paused and goes on by command', () => {
    const world = inSales()
    assert.equal(world.theCall().recording.state, 'on')
    assert.equal(ask(world, { kind: 'record', ...idOf(world), state: 'paused' }), 'done')
    assert.equal(world.theCall().recording.state, 'paused')
    assert.equal(ask(world, { kind: 'record', ...idOf(world), state: 'on' }), 'done')
    assert.deepEqual(
      happened(world).filter((type) => type.startsWith('recording')),
      ['recording.started', 'recording.paused', 'recording.started'],
    )
    closing(world)
  })

  test('a call that is nobody’s group’s is recorded on demand only', () => {
    const world = talking()
    assert.equal(world.theCall().recording.state, 'off')
    assert.equal(ask(world, { kind: 'record', ...idOf(world), state: 'on' }), 'done')
    assert.equal(world.theCall().recording.state, 'on')
  })

  test('where the account permits nothing on demand, nothing is begun or stopped by command', () => {
    const account = { recording: { onDemand: false } }
    const direct = talking(open({ account }))
    assert.equal(ask(direct, { kind: 'record', ...idOf(direct), state: 'on' }), 'recording-not-permitted')
    const group = inSales({ account })
    assert.equal(group.theCall().recording.state, 'on')
    assert.equal(ask(group, { kind: 'record', ...idOf(group), state: 'off' }), 'recording-not-permitted')
  })
})

describe('a disposition', () => {
  test('is found in other letters, too, and the last one counts', () => {
    const world = inSales()
    const callbackAt = instant(1_800_000_000_000)
    assert.equal(ask(world, { kind: 'dispose', ...idOf(world), disposition: 'no SALE' }), 'done')
    assert.equal(world.theCall().disposition?.name, 'No sale')
    assert.equal(ask(world, { kind: 'dispose', ...idOf(world), disposition: 'Sale', notes: 'two of them', callbackAt }), 'done')
    const { name, notes, callbackAt: later } = world.theCall().disposition ?? {}
    assert.deepEqual([name, notes, later], ['Sale', 'two of them', callbackAt])
  })

  test('exactly what was said comes before what merely looks like it', () => {
    const world = inSales({ account: { dispositions: ['SALE', 'Sale'] } })
    ask(world, { kind: 'dispose', ...idOf(world), disposition: 'Sale' })
    assert.equal(world.theCall().disposition?.name, 'Sale')
    ask(world, { kind: 'dispose', ...idOf(world), disposition: 'sale' })
    assert.equal(world.theCall().disposition?.name, 'SALE')
  })

  test('that nobody configured, and notes without end, are refused', () => {
    const world = inSales()
    assert.equal(ask(world, { kind: 'dispose', ...idOf(world), disposition: 'Sail' }), 'disposition-unknown')
    const notes = 'x'.repeat(limits.notesCharacters + 1)
    assert.equal(ask(world, { kind: 'dispose', ...idOf(world), disposition: 'Sale', notes }), 'parameter-invalid notes')
  })

  test('an ended call takes it while its agent wraps up, and not after', () => {
    const world = inSales({ sales: { wrapUpMs: 5_000 } })
    const { call } = idOf(world)
    world.hangsUp(cleo)
    world.run(4_000)
    assert.equal(ask(world, { kind: 'dispose', call, disposition: 'Sale' }), 'done')
    assert.equal(ended(world).disposition?.name, 'Sale')
    assert.equal(happened(world).at(-1), 'disposition.set')
    world.run(1_000)
    assert.equal(ask(world, { kind: 'dispose', call, disposition: 'No sale' }), 'call-ended')
  })

  test('wrap-up is for one call: an earlier one takes no disposition any more', () => {
    const world = inSales({ sales: { wrapUpMs: 60_000 } })
    const { call: first } = idOf(world)
    world.hangsUp(cleo)
    world.run(100)
    ask(world, { kind: 'set-agent-state', agent: '1234', state: 'available' })
    world.customerCalls('+18661234567', '+15550002222')
    taken(world, '210')
    const { call: second } = idOf(world)
    world.hangsUp('+15550002222')
    world.run(100)
    assert.equal(ask(world, { kind: 'dispose', call: first, disposition: 'Sale' }), 'call-ended')
    assert.equal(ask(world, { kind: 'dispose', call: second, disposition: 'Sale' }), 'done')
  })

  test('without wrap-up the end of the call is the end of it', () => {
    const world = inSales()
    const { call } = idOf(world)
    world.hangsUp(cleo)
    world.run(100)
    assert.equal(ask(world, { kind: 'dispose', call, disposition: 'Sale' }), 'call-ended')
    assert.equal(ask(world, { kind: 'dispose', call: callId('c_none'), disposition: 'Sale' }), 'call-unknown')
  })
})

describe('parking', () => {
  test('takes the agent out; whoever fetches the call has it', () => {
    const world = talking()
    assert.equal(ask(world, { kind: 'park', ...idOf(world) }), 'done')
    assert.equal(world.theCall().parked?.place, '701')
    assert.deepEqual([together(world.theCall()), callState(world.theCall())], [[cleo], 'held'])
    assert.equal(states(world, '1234').at(-1), 'available')
    assert.equal(ask(world, { kind: 'unpark', ...idOf(world), to: { agent: '4567' } }), 'done')
    taken(world, '211')
    assert.deepEqual([together(world.theCall()), world.theCall().parked], [[cleo, '211'], undefined])
    closing(world)
  })

  test('places are the account’s: the next is given, a taken one is refused, nobody’s number is chosen', () => {
    const world = talking(open({ account: { conferences: [{ number: '702' }] } }))
    assert.equal(ask(world, { kind: 'park', ...idOf(world) }), 'done')
    world.customerCalls('+15554150211', '+15550002222')
    world.run(100)
    world.answers('211')
    world.run(100)
    const [first, second] = world.desk.table.live(home)
    assert.ok(first && second)
    assert.equal(ask(world, { kind: 'park', call: second.id, place: '701' }), 'wrong-state')
    assert.equal(ask(world, { kind: 'park', call: second.id }), 'done')
    assert.deepEqual(
      world.desk.table.live(home).map((call) => call.parked?.place),
      ['701', '703'],
    )
    world.hangsUp(cleo)
    world.run(100)
    world.hangsUp('+15550002222')
    world.run(100)
    const again = talking(world)
    assert.equal(ask(again, { kind: 'park', ...idOf(again), place: '701' }), 'done', 'the place is free again')
  })

  test('nobody comes: whoever parked is called back', () => {
    const world = talking()
    assert.equal(ask(world, { kind: 'park', ...idOf(world), timeoutMs: 10_000 }), 'done')
    world.run(9_000)
    assert.deepEqual(ringing(world), [])
    world.run(1_100)
    assert.deepEqual(ringing(world), ['210'])
    taken(world, '210')
    closing(world)
  })

  for (const [what, command, code] of [
    ['a place that is no number', { place: 'lot 5' }, 'parameter-invalid place'],
    ['too short a time', { timeoutMs: 9_999 }, 'parameter-invalid timeoutMs'],
    ['too long a time', { timeoutMs: 3_600_001 }, 'parameter-invalid timeoutMs'],
    ['a party that is not in the call', { party: partyId('p_none') }, 'party-unknown'],
  ] as const) {
    test(`is refused for ${what}: ${code}`, () => {
      const world = talking()
      assert.equal(ask(world, { kind: 'park', ...idOf(world), ...command }), code)
      assert.equal(world.theCall().parked, undefined)
    })
  }

  test('is refused where nobody handles the call yet', () => {
    const world = open()
    world.customerCalls('+15554150210')
    world.run(100)
    assert.equal(ask(world, { kind: 'park', ...idOf(world) }), 'wrong-state')
  })
})

describe('fetching a call', () => {
  test('a call that rings elsewhere is picked up by whoever answers first', () => {
    const world = open()
    world.customerCalls('+15554150210')
    world.run(100)
    assert.equal(ask(world, { kind: 'pick-up', ...idOf(world), to: { extension: '211' } }), 'done')
    assert.deepEqual(ringing(world), ['210', '211'])
    taken(world, '211')
    assert.deepEqual(together(world.theCall()), [cleo, '211'])
    assert.equal(world.leg('210').goodbye, 'answered-elsewhere')
    closing(world)
  })

  test('the phone shows what the program wants it to show', () => {
    const world = open()
    world.customerCalls('+15554150210')
    world.run(100)
    const shown = { number: '42420042', name: 'Pick me up' }
    ask(world, { kind: 'pick-up', ...idOf(world), to: { extension: '211' }, shown })
    const invited = world.engine.orders.findLast(({ effect }) => effect.kind === 'invite')?.effect
    assert.deepEqual(invited?.kind === 'invite' && invited.from, shown)
  })

  for (const kind of ['unpark', 'pick-up'] as const) {
    for (const [what, to, code] of [
      ['nobody', { extension: '999' }, 'endpoint-unknown'],
      ['a phone that is not registered', { extension: '213' }, 'endpoint-unavailable'],
      ['a number that no trunk may dial', { number: '555123456' }, 'destination-not-allowed'],
    ] as const) {
      test(`${kind} by ${what} is refused: ${code}`, () => {
        const world = talking()
        if (kind === 'unpark') ask(world, { kind: 'park', ...idOf(world) })
        assert.equal(ask(world, { kind, ...idOf(world), to }), code)
      })
    }

    test(`${kind} of a call in which two people talk is refused`, () => {
      const world = talking()
      assert.equal(ask(world, { kind, ...idOf(world), to: { extension: '211' } }), 'wrong-state')
      assert.equal(ask(world, { kind, ...idOf(world), to: { extension: '211' }, ringTimeoutMs: 1 }), 'parameter-invalid ringTimeoutMs')
    })
  }
})

describe('sending a call back into a queue', () => {
  test('its agent and its supervisor leave, and an agent of the other group rings', () => {
    const world = inSales()
    ask(world, { kind: 'supervise', ...idOf(world), supervisor: { extension: '101' }, mode: 'whisper' })
    world.answers('101')
    world.run(100)
    assert.deepEqual(together(world.theCall()), [cleo, '101', '210'])
    assert.equal(ask(world, { kind: 'requeue', ...idOf(world), group: '200' }), 'done')
    assert.deepEqual([together(world.theCall()), world.theCall().group, ringing(world)], [[cleo], '200', ['106']])
    taken(world, '106')
    assert.deepEqual(together(world.theCall()), [cleo, '106'])
    closing(world)
  })

  test('nobody is free: he waits, and is sought for until somebody is', () => {
    const world = inSales()
    ask(world, { kind: 'set-agent-state', agent: '106', state: 'away' })
    ask(world, { kind: 'requeue', ...idOf(world), group: '200' })
    assert.equal(callState(world.theCall()), 'queued')
    assert.deepEqual(ringing(world), [])
    ask(world, { kind: 'set-agent-state', agent: '106', state: 'available' })
    assert.deepEqual(ringing(world), ['106'])
  })

  test('a group that does not exist, and one that nobody belongs to, are refused', () => {
    const world = inSales()
    assert.equal(ask(world, { kind: 'requeue', ...idOf(world), group: '999' }), 'resource-unknown group')
    assert.equal(ask(world, { kind: 'requeue', ...idOf(world), group: '400' }), 'no-agent-available')
    assert.deepEqual(together(world.theCall()), [cleo, '210'])
  })
})

test('a call that is handed over keeps its agent until the other has answered', () => {
  const world = talking()
  assert.equal(ask(world, { kind: 'transfer', ...idOf(world), how: 'hand-over', to: { extension: '211' } }), 'done')
  world.run(1_000)
  assert.deepEqual(together(world.theCall()), [cleo, '210'])
  world.answers('211')
  world.run(200)
  assert.deepEqual(together(world.theCall()), [cleo, '211'])
  closing(world)
})

describe('serial numbers', () => {
  test('are microseconds, never given twice, and find the call of the account, live or ended', () => {
    const world = open()
    for (const number of ['+15550000001', '+15550000002', '+15550000003']) world.customerCalls('+18661234567', number)
    world.run(100)
    const serials = world.calls().map((call) => call.serial)
    assert.equal(new Set(serials).size, 3)
    for (const call of world.calls()) {
      assert.ok(Math.abs(call.serial - call.startedAt * 1000) < 1000, 'the time in microseconds, or a few more')
      assert.equal(world.desk.table.ofSerial(call.serial)?.id, call.id)
    }
    world.everybodyHangsUp()
    world.rest()
    assert.deepEqual(
      world.desk.table
        .ended(home)
        .map((call) => call.serial)
        .toSorted(),
      serials.toSorted(),
    )
    const ends = world.desk.table.ended(home).map((call) => call.endedAt ?? 0)
    assert.deepEqual(ends, ends.toSorted(), 'the oldest end first')
    assert.equal(world.desk.table.ofSerial(serials[0] as number)?.endedAt !== undefined, true)
    assert.equal(world.desk.table.ofSerial(7), undefined)
  })
})
