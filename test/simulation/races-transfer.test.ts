import assert from 'node:assert/strict'
import { isEnded } from '../../src/call/call.ts'
import { home } from '../../testkit/people.ts'
import { conversation, race } from './race.ts'
import { answer, eventTypes, hears, party, supervisionBy, theOnly } from './seen.ts'

const customer = '+15550001111'

for (const to of ['211', '212'] as const) {
  const mayBe = to === '211' ? 'may' : 'may not'
  race(`the call is transferred to ${to}, who ${mayBe} be supervised, while the supervisor is set up`, {
    before: conversation,
    deeds: (world) => {
      const call = world.theCall().id
      world.habit(to, { acceptsAfterMs: world.delay(), ringsAfterMs: world.delay(), answersAfterMs: 40 + world.delay() })
      world.habit('101', { acceptsAfterMs: world.delay(), answersAfterMs: 20 + world.delay(60) })
      world.ask({ kind: 'supervise', call, supervisor: { extension: '101' }, mode: 'whisper' }, world.delay(40))
      world.ask({ kind: 'transfer', call, to: { extension: to }, how: 'blind' }, world.delay(40))
    },
    outcome: (world) => {
      const [supervise, transfer] = world.requests.map(answer)
      const call = theOnly(world)
      assert.equal(transfer, 'done')
      assert.equal(party(call, '210')?.endReason, 'transferred')
      const supervision = supervisionBy(call, '101')
      // Between the old agent's leaving and the new one's answer there is nobody to supervise.
      if (supervision === undefined) {
        assert.ok(supervise === 'wrong-state' || supervise === 'supervision-not-allowed')
        return hears(world, { [customer]: [to], [to]: [customer] })
      }
      if (to === '211') {
        assert.equal(supervision.target, party(call, '211')?.id)
        return hears(world, { [customer]: ['211'], '211': [customer, '101'], '101': [customer, '211'] })
      }
      assert.equal(supervision.endReason, 'not-allowed')
      hears(world, { [customer]: ['212'], '212': [customer] })
    },
  })
}

race('the destination of a blind transfer answers as the agent hangs up', {
  before: conversation,
  deeds: (world) => {
    const call = world.theCall().id
    world.habit('211', { acceptsAfterMs: world.delay(), ringsAfterMs: world.delay(40), answersAfterMs: 20 + world.delay(40) })
    world.ask({ kind: 'transfer', call, to: { extension: '211' }, how: 'blind' }, world.delay(20))
    world.in(world.delay(80), () => world.hangsUp('210'))
  },
  outcome: (world) => {
    const [transfer] = world.requests.map(answer)
    if (world.isBefore('leg-ended 210', 'transfer')) {
      assert.equal(transfer, 'call-ended')
      return assert.ok(isEnded(theOnly(world)))
    }
    assert.equal(transfer, 'done')
    assert.deepEqual(eventTypes(world, 'call.transfer'), ['call.transferred'])
    hears(world, { [customer]: ['211'], '211': [customer] })
  },
})

race('the destination of a blind transfer declines as the agent hangs up: his phone rings again', {
  before: conversation,
  deeds: (world) => {
    const call = world.theCall().id
    world.habit('211', { acceptsAfterMs: world.delay(), ringsAfterMs: 20, fails: { afterMs: 60 + world.delay(), reason: 'declined' } })
    world.habit('210', { acceptsAfterMs: world.delay(), answersAfterMs: 30 })
    world.ask({ kind: 'transfer', call, to: { extension: '211' }, how: 'blind' })
    world.in(world.delay(120), () => world.hangsUp('210'))
  },
  outcome: (world) => {
    const call = theOnly(world)
    if (world.isBefore('leg-ended 210', 'transfer')) return assert.ok(isEnded(call))
    // Left to itself the call comes back to the agent who sent it away; he may have hung up on that too, or not have let go at all.
    if (isEnded(call)) return assert.equal(world.leg('210').phase, 'over')
    hears(world, { [customer]: ['210'], '210': [customer] })
    assert.deepEqual(eventTypes(world, 'call.transfer'), ['call.transfer-failed'])
  },
})

race('the customer leaves while the agent consults a colleague', {
  before: conversation,
  deeds: (world) => {
    world.habit('211', { acceptsAfterMs: world.delay(), ringsAfterMs: world.delay(), answersAfterMs: 20 + world.delay(40) })
    world.ask({ kind: 'transfer', call: world.theCall().id, to: { extension: '211' }, how: 'attended' }, world.delay(30))
    world.in(world.delay(80), () => world.hangsUp(customer))
  },
  outcome: (world) => {
    const call = theOnly(world)
    const [transfer] = world.requests.map(answer)
    if (world.isBefore(`leg-ended ${customer}`, 'transfer')) {
      assert.equal(transfer, 'call-ended')
      return assert.ok(isEnded(call))
    }
    assert.equal(transfer, 'done')
    assert.equal(call.transfer, undefined)
    hears(world, { '210': ['211'], '211': ['210'] })
  },
})

race('the agent completes an attended transfer as the colleague gives up', {
  before: (world) => {
    conversation(world)
    world.habit('211', { acceptsAfterMs: 1, answersAfterMs: 5 })
    world.ask({ kind: 'transfer', call: world.theCall().id, to: { extension: '211' }, how: 'attended' })
    world.run(200)
  },
  deeds: (world) => {
    world.habit('210', { acceptsAfterMs: 1, answersAfterMs: 10 })
    world.in(world.delay(30), () => world.hangsUp('210'))
    world.in(world.delay(30), () => world.hangsUp('211'))
  },
  outcome: (world) => {
    const call = theOnly(world)
    // Who completes first has handed the customer over, and the colleague's leaving ends the call; else the agent has the customer back, and leaves him.
    const completed = world.isBefore('leg-ended 210', 'leg-ended 211')
    assert.deepEqual(eventTypes(world, 'call.transfer'), [completed ? 'call.transferred' : 'call.transfer-failed'])
    assert.ok(isEnded(call))
    hears(world, {})
  },
})

race('a phone transfers as a program does', {
  before: conversation,
  deeds: (world) => {
    for (const extension of ['211', '106'])
      world.habit(extension, { acceptsAfterMs: world.delay(), ringsAfterMs: 5, answersAfterMs: 40 + world.delay() })
    const call = world.theCall().id
    world.ask({ kind: 'transfer', call, to: { extension: '106' }, how: 'blind' }, world.delay(20))
    const leg = world.leg('210').id
    world.in(world.delay(5), () => world.report({ kind: 'transfer-requested', leg, transfer: 't1', dialled: '211' }))
  },
  outcome: (world) => {
    const [transfer] = world.requests.map(answer)
    const phoneFirst = world.isBefore('transfer-requested 210', 'transfer')
    assert.equal(transfer, phoneFirst ? 'wrong-state' : 'done')
    const progress = world.engine.orders.flatMap(({ effect }) => (effect.kind === 'transfer-progress' ? [effect.progress] : []))
    const winner = phoneFirst ? '211' : '106'
    if (phoneFirst) assert.deepEqual([progress[0], progress.at(-1)], ['trying', 'done'])
    else assert.ok(progress.every((p) => p === 'failed'))
    hears(world, { [customer]: [winner], [winner]: [customer] })
  },
})

race('a phone joins its two calls as the customer hangs up', {
  before: (world) => {
    conversation(world)
    world.engine.hold(world.leg('210'), true)
    world.habit('211', { acceptsAfterMs: 1, answersAfterMs: 10 })
    world.phoneCalls('210', '211')
    world.run(200)
  },
  deeds: (world) => {
    const [first, second] = [...world.engine.legs.values()].filter((leg) => leg.address === '210')
    if (first === undefined || second === undefined) throw new Error('the agent has two legs')
    world.in(world.delay(20), () =>
      world.report({ kind: 'transfer-requested', leg: first.id, transfer: 't1', dialled: '211', consulted: second.id }),
    )
    world.in(world.delay(30), () => world.hangsUp(customer))
  },
  outcome: (world) => {
    const [call, consultation] = world.calls()
    assert.ok(call !== undefined && consultation !== undefined && isEnded(call))
    const joined = world.isBefore('transfer-requested 210', `leg-ended ${customer}`)
    // Joined first: the colleague came over and lost the customer with the rest. Else the consultation is a call of its own, and goes on.
    assert.equal(isEnded(consultation), joined)
    assert.equal(world.leg('211').phase, joined ? 'over' : 'up')
  },
})

race('another phone picks a ringing call up as the phone itself answers', {
  before: (world) => {
    world.customerCalls('+15554150210')
    world.run(200)
  },
  deeds: (world) => {
    const replaces = world.leg('210')
    world.in(world.delay(30), () => world.answers('210'))
    const source = { kind: 'extension', account: home, extension: '211' } as const
    world.in(world.delay(30), () => world.offer({ source, number: '211', replaces }, '210'))
  },
  outcome: (world) => {
    assert.equal(world.leg('210').phase, 'over')
    hears(world, { [customer]: ['211'], '211': [customer] })
  },
})
