import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { atTheEnd, whileWorking } from '../../test/simulation/invariants.ts'
import { answer, party, supervisionBy } from '../../test/simulation/seen.ts'
import { abroad, home } from '../../testkit/people.ts'
import { supervisorKey, World } from '../../testkit/world.ts'
import { callCentre } from '../../testkit/world-call-centre.ts'
import { callId, partyId, supervisionId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { DeskCommand } from './command.ts'

const centre = callCentre()
const customer = '+15550001111'

describe('a call that a program asks for', () => {
  test('is answered when the first leg was accepted, before anybody picks up (W18)', () => {
    const world = open()
    const request = world.ask({ kind: 'originate', from: { extension: '210' }, to: { number: customer }, reference: 'order 17' })
    world.run(100)
    assert.equal(answer(request), 'done')
    assert.equal(world.leg('210').phase, 'ringing')
    world.answers('210')
    world.run(100)
    world.answers(customer)
    world.run(100)
    assert.equal(world.theCall().reference, 'order 17')
    assert.ok(world.theCall().answeredAt !== undefined)
  })

  test('shows outside only a number that may be presented', () => {
    const world = open()
    world.habit('210', { acceptsAfterMs: 1, answersAfterMs: 2 })
    world.ask({ kind: 'originate', from: { extension: '210' }, to: { number: customer }, presentedNumber: '+18661234567' })
    world.run(200)
    const shown = world.engine.orders.findLast(({ effect }) => effect.kind === 'invite')?.effect
    assert.equal(shown?.kind === 'invite' ? shown.from.number : undefined, '+18661234567')
  })

  for (const [what, command, code] of [
    ['an extension that does not exist', { from: { extension: '999' }, to: { extension: '211' } }, 'endpoint-unknown'],
    ['an agent that does not exist', { from: { agent: '999' }, to: { extension: '211' } }, 'endpoint-unknown'],
    ['a phone that is not registered', { from: { extension: '213' }, to: { extension: '211' } }, 'endpoint-unavailable'],
    ['a number that no trunk may dial', { from: { extension: '210' }, to: { number: '555123456' } }, 'destination-not-allowed'],
    ['a number that is none', { from: { extension: '210' }, to: { number: '+1abc' } }, 'number-invalid'],
    ['a group in which nobody can', { from: { groups: ['400'] }, to: { extension: '211' } }, 'no-agent-available'],
    ['a group that does not exist', { from: { groups: ['999'] }, to: { extension: '211' } }, 'resource-unknown'],
    [
      'a number that may not be presented',
      { from: { extension: '210' }, to: { number: customer }, presentedNumber: '+15559999999' },
      'number-invalid',
    ],
    ['too short a time to ring', { from: { extension: '210' }, to: { number: customer }, ringTimeoutMs: 10 }, 'parameter-invalid'],
    ['himself', { from: { extension: '210' }, to: { agent: '1234' } }, 'parameter-invalid'],
    ['himself, by his public number', { from: { extension: '210' }, to: { number: '+15554150210' } }, 'parameter-invalid'],
    ['nonsense, before a phone that is not registered (W15)', { from: { extension: '213' }, to: { number: 'abc' } }, 'number-invalid'],
    ['nobody, before a phone that is not registered (W15)', { from: { extension: '213' }, to: { extension: '999' } }, 'endpoint-unknown'],
    [
      'a number that may not be presented, before a phone that is not registered (W15)',
      { from: { extension: '213' }, to: { number: customer }, presentedNumber: '+15559999999' },
      'number-invalid',
    ],
    ['another account’s extended number', { from: { extension: '210' }, to: { number: '0004*101' } }, 'endpoint-unknown'],
  ] satisfies readonly (readonly [string, Omit<Extract<DeskCommand, { kind: 'originate' }>, 'kind'>, string])[]) {
    test(`is refused for ${what}: ${code}`, () => {
      const world = open()
      const request = world.ask({ kind: 'originate', ...command })
      world.run(10)
      assert.equal(answer(request), code)
      assert.equal(world.calls().length, 0)
    })
  }

  test('is refused while its first phone is in another call', () => {
    const world = talking()
    const request = world.ask({ kind: 'originate', from: { extension: '210' }, to: { number: '+15550002222' } })
    world.run(10)
    assert.equal(answer(request), 'endpoint-busy')
  })

  test('is refused while no media process is there, or the node drains', () => {
    const world = open()
    world.report({ kind: 'media', up: false })
    world.run(100)
    const first = world.ask({ kind: 'originate', from: { extension: '210' }, to: { number: customer } })
    world.run(10)
    world.report({ kind: 'media', up: true })
    world.run(100)
    world.drain()
    const second = world.ask({ kind: 'originate', from: { extension: '210' }, to: { number: customer } })
    world.run(10)
    assert.deepEqual([answer(first), answer(second)], ['capacity-exceeded', 'capacity-exceeded'])
  })

  test('to whom nobody answers in the engine: a time-out, the leg is taken back, and a late word changes nothing', () => {
    const world = open()
    world.habit('210', {})
    const request = world.ask({ kind: 'originate', from: { extension: '210' }, to: { number: customer } })
    world.run(limits.engineAcceptMs + 100)
    assert.equal(answer(request), 'timeout')
    assert.equal(world.leg('210').goodbye, 'failed')
    world.report({ kind: 'leg-answered', leg: world.leg('210').id })
    world.rest()
    atTheEnd(world)
  })
})

describe('who asks', () => {
  test('another account’s call, party and supervision do not exist (W16)', () => {
    const world = talking()
    supervised(world)
    const call = world.theCall()
    const [supervision] = call.supervisions
    assert.ok(supervision)
    const caller = { ...supervisorKey, account: abroad }
    const byCall = world.ask({ kind: 'end-call', call: call.id }, 0, caller)
    const bySupervision = world.ask({ kind: 'take-over', supervision: supervision.id }, 0, caller)
    const unknown = world.ask({ kind: 'end-call', call: callId('c_none') })
    const none = world.ask({ kind: 'take-over', supervision: supervisionId('s_none') })
    world.run(10)
    assert.deepEqual([byCall, unknown, bySupervision, none].map(answer), ['call-unknown', 'call-unknown', 'party-unknown', 'party-unknown'])
    const codes = [byCall, unknown].map((r) => JSON.stringify(r.outcomes[0]))
    assert.equal(codes[0], codes[1], 'the very same answer')
  })

  test('about a call that is over: it has ended, not it never was', () => {
    const world = talking()
    const { id } = world.theCall()
    world.hangsUp(customer)
    world.run(100)
    const request = world.ask({ kind: 'hold', call: id, party: partyId('p') })
    world.run(10)
    assert.equal(answer(request), 'call-ended')
  })
})

test('a supervisor whose registration has lapsed changes his mode all the same, and is not called again', () => {
  const world = talking()
  supervised(world)
  world.report({ kind: 'registration', account: home, extension: '101', contacts: 0 })
  const supervise = { kind: 'supervise', call: world.theCall().id, supervisor: { extension: '101' } } as const
  const changed = world.ask({ ...supervise, mode: 'barge' })
  const again = world.ask({ ...supervise, mode: 'barge' })
  world.run(100)
  assert.deepEqual([answer(changed), answer(again)], ['done', 'already-supervised-by-you'])
  assert.deepEqual(
    world.theCall().supervisions.map((s) => s.mode),
    ['barge'],
  )
})

describe('time', () => {
  test('a supervisor who does not pick up is given up after the time that was asked for', () => {
    const world = talking()
    world.ask({ kind: 'supervise', call: world.theCall().id, supervisor: { extension: '101' }, mode: 'monitor', ringTimeoutMs: 5_000 })
    world.run(4_900)
    assert.equal(world.leg('101').phase, 'ringing')
    world.run(200)
    assert.equal(world.leg('101').goodbye, 'no-answer')
    assert.equal(supervisionBy(world.theCall(), '101')?.endReason, 'no-answer')
  })

  test('a mixer that never confirms: a time-out, and the call goes on', () => {
    const world = talking()
    supervised(world)
    const { id, supervisions } = world.theCall()
    world.engine.apply = () => false
    const change = world.ask({ kind: 'change-supervision', supervision: supervisions[0]?.id ?? supervisionId(''), mode: 'barge' })
    world.run(limits.wiringConfirmMs + 100)
    assert.equal(answer(change), 'timeout')
    assert.equal(world.isOver(id), false)
  })

  test('a desk at rest waits for nothing', () => {
    const world = talking()
    assert.equal(world.desk.deadline(), undefined)
  })

  test('ended calls are forgotten after a day, also on a node where no deadline ever comes', () => {
    const world = talking()
    const first = world.theCall().id
    world.hangsUp(customer)
    world.run(limits.endedCallsKeptMs + 1)
    assert.ok(world.desk.table.get(first), 'still readable: nothing has happened since')
    world.customerCalls('+15554150210')
    world.run(500)
    world.hangsUp(customer)
    world.run(100)
    assert.equal(world.desk.table.get(first), undefined)
    assert.equal(world.calls().length, 1)
  })
})

describe('a broken invariant', () => {
  test('ends that call and no other, and is told with its input', () => {
    const world = talking()
    world.habit('211', { acceptsAfterMs: 1, answersAfterMs: 2 })
    world.customerCalls('+15554150211', '+15550002222')
    world.run(200)
    const [broken, sound] = world.desk.table.live(home)
    assert.ok(broken && sound)
    const nowhere = {
      id: supervisionId('s'),
      revision: 1,
      party: partyId('lost'),
      target: partyId('lost'),
      startedAt: world.clock.now,
    } as const
    const supervisions = [{ ...nowhere, mode: 'monitor', private: false, follow: 'call', hearPeers: false, state: 'active' } as const]
    world.desk.table.put({ ...broken, supervisions }, undefined)
    world.report({ kind: 'leg-held', leg: world.leg(customer).id })
    world.run(100)
    assert.equal(world.bugs.length, 1)
    assert.deepEqual([world.isOver(broken.id), world.isOver(sound.id)], [true, false])
    assert.deepEqual([world.leg(customer).phase, world.leg('210').phase, world.leg('211').phase], ['over', 'over', 'up'])
    assert.equal(world.engine.heard(broken.id).length, 0)
    const told = world.events.findLast((e) => 'event' in e && e.call.id === broken.id && e.event.type !== 'hearing.applied')
    assert.equal(told !== undefined && 'event' in told ? told.event.type : undefined, 'call.ended', 'whoever follows the call learns of it')
    assert.equal(world.desk.table.get(broken.id)?.supervisions[0]?.state, 'ended')
  })
})

describe('phones that transfer by themselves', () => {
  test('the two far ends of a phone’s calls are connected, and the phone is free', () => {
    const world = talking()
    world.engine.hold(world.leg('210'), true)
    world.habit('211', { acceptsAfterMs: 1, answersAfterMs: 10 })
    world.phoneCalls('210', '211')
    world.run(200)
    const [first, second] = [...world.engine.legs.values()].filter((leg) => leg.address === '210')
    assert.ok(first && second)
    world.report({ kind: 'transfer-requested', leg: first.id, transfer: 't', dialled: '', consulted: second.id })
    world.run(200)
    assert.deepEqual([first.phase, second.phase, world.leg('211').phase], ['over', 'over', 'up'])
    assert.deepEqual(
      world
        .theCall()
        .parties.filter((p) => p.state === 'connected')
        .map((p) => p.role),
      ['customer', 'agent'],
    )
    assert.equal(world.engine.heard(world.theCall().id).length, 2)
  })

  test('a supervisor’s phone cannot give his place to another', () => {
    const world = talking()
    supervised(world)
    world.habit('211', { acceptsAfterMs: 1, answersAfterMs: 10 })
    const supervising = world.leg('101')
    world.phoneCalls('101', '211')
    world.run(200)
    world.report({ kind: 'transfer-requested', leg: supervising.id, transfer: 't', dialled: '', consulted: world.leg('101').id })
    world.report({ kind: 'transfer-requested', leg: supervising.id, transfer: 't2', dialled: '211' })
    world.run(200)
    assert.deepEqual(progress(world), ['failed', 'failed'])
    assert.equal(world.leg('211').phase, 'up', 'his other call goes on')
  })

  test('a phone that takes another’s place is let in while the node drains', () => {
    const world = talking()
    world.drain()
    world.offer({ source: { kind: 'extension', account: home, extension: '211' }, number: '211', replaces: world.leg('210') }, '')
    world.run(200)
    assert.equal(world.leg('211').phase, 'up')
    assert.equal(party(world.theCall(), '210')?.endReason, 'transferred')
  })

  test('but not from another account, nor in a supervisor’s place', () => {
    const world = talking()
    supervised(world)
    world.offer({ source: { kind: 'extension', account: abroad, extension: '210' }, number: '9210', replaces: world.leg('210') }, '')
    world.offer({ source: { kind: 'extension', account: home, extension: '211' }, number: '211', replaces: world.leg('101') }, '')
    world.run(200)
    assert.deepEqual([world.leg('9210').goodbye, world.leg('211').goodbye], ['unknown-number', 'unknown-number'])
  })
})

const progress = (world: World) =>
  world.engine.orders.flatMap(({ effect }) => (effect.kind === 'transfer-progress' ? [effect.progress] : []))

function open(): World {
  return new World(1, centre)
}

function talking(): World {
  const world = new World(1, centre, { afterEachInput: (w) => w.bugs.length > 0 || whileWorking(w) })
  world.habit('210', { acceptsAfterMs: 1, answersAfterMs: 20 })
  world.customerCalls('+15554150210')
  world.run(300)
  return world
}

function supervised(world: World): void {
  world.habit('101', { acceptsAfterMs: 1, answersAfterMs: 20 })
  world.ask({ kind: 'supervise', call: world.theCall().id, supervisor: { extension: '101' }, mode: 'monitor' })
  world.run(300)
}
