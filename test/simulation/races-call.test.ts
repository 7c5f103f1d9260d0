import assert from 'node:assert/strict'
import { isEnded } from '../../src/call/call.ts'
import type { World } from '../../testkit/world.ts'
import { ringingAll } from '../../testkit/world-call-centre.ts'
import { conversation, race, supervisedConversation } from './race.ts'
import { answer, hears, party, theOnly } from './seen.ts'

const customer = '+15550001111'

race('two agents of a group that rings all answer at once', {
  directory: ringingAll(),
  before: (world) => {
    world.customerCalls('+18661234567')
    world.run(200)
  },
  deeds: (world) => {
    for (const extension of ['210', '211']) world.in(world.delay(20), () => world.answers(extension))
  },
  outcome: (world) => {
    const [winner, loser] = world.isBefore('leg-answered 210', 'leg-answered 211') ? ['210', '211'] : ['211', '210']
    assert.equal(world.leg(loser).phase, 'over')
    assert.equal(party(theOnly(world), loser)?.endReason, 'answered-elsewhere')
    hears(world, { [customer]: [winner], [winner]: [customer] })
    // Whoever was a moment too late has done nothing wrong: the next caller reaches him.
    world.customerCalls('+18661234567', '+15550002222')
    world.run(200)
    assert.equal(world.leg(loser).phase, 'ringing')
  },
})

race('the caller leaves the queue as the agent answers', {
  before: (world) => {
    world.customerCalls('+18661234567')
    world.run(200)
  },
  deeds: (world) => {
    const agent = world.legIfAny('210')?.address ?? '211'
    world.in(world.delay(30), () => world.answers(agent))
    world.in(world.delay(30), () => world.hangsUp(customer))
  },
  outcome: (world) => {
    assert.ok(isEnded(theOnly(world)))
    world.customerCalls('+18661234567', '+15550002222')
    world.run(200)
    assert.equal(ringingAgents(world).length, 1, 'nobody rests for a call that its caller gave up')
  },
})

const ringingAgents = (world: World) => ['210', '211'].filter((extension) => world.legIfAny(extension)?.phase === 'ringing')

race('the agent answers as the time to answer runs out', {
  before: (world) => {
    world.customerCalls('+18661234567')
    world.run(200)
  },
  deeds: (world) => {
    const agent = world.legIfAny('210') ?? world.leg('211')
    world.habit('210', { acceptsAfterMs: 1, ringsAfterMs: 2 })
    world.habit('211', { acceptsAfterMs: 1, ringsAfterMs: 2 })
    world.in(19_800 + world.delay(60), () => world.engine.answer(agent))
    world.run(15_000)
  },
  outcome: (world) => {
    const call = theOnly(world)
    const [first, second] = call.parties.filter((p) => p.role === 'agent')
    if (first?.state === 'connected') return assert.equal(second, undefined)
    assert.equal(first?.endReason, 'no-answer')
    assert.equal(second?.state, 'ringing', 'the next agent rings')
  },
})

race('the node drains as calls come in, and one is supervised', {
  before: conversation,
  deeds: (world) => {
    const call = world.theCall().id
    world.habit('211', { acceptsAfterMs: 1, answersAfterMs: 20 })
    world.habit('101', { acceptsAfterMs: 1, answersAfterMs: 20 })
    world.in(world.delay(40), () => world.drain())
    world.in(world.delay(20), () => world.customerCalls('+15554150211', '+15550002222'))
    world.ask({ kind: 'originate', from: { extension: '106' }, to: { number: '+15550003333' } }, world.delay(40))
    world.ask({ kind: 'supervise', call, supervisor: { extension: '101' }, mode: 'barge' }, world.delay(60))
  },
  outcome: (world) => {
    const [originate, supervise] = world.requests.map(answer)
    assert.equal(supervise, 'done', 'a live call goes on as if nothing were')
    assert.equal(originate, world.isBefore('drain', 'originate') ? 'capacity-exceeded' : 'done')
    const refused = world.isBefore('drain', 'leg-offered +15550002222')
    assert.equal(world.leg('+15550002222').goodbye, refused ? 'shutdown' : undefined)
    assert.equal(world.leg('+15550002222').phase, refused ? 'over' : 'up')
  },
})

race('the first party of an originated call hangs up as the second answers', {
  before: (world) => {
    world.habit('210', { acceptsAfterMs: 1, ringsAfterMs: 2, answersAfterMs: 20 })
    world.ask({ kind: 'originate', from: { extension: '210' }, to: { number: customer } })
    world.run(200)
  },
  deeds: (world) => {
    world.in(world.delay(30), () => world.answers(customer))
    world.in(world.delay(30), () => world.hangsUp('210'))
  },
  outcome: (world) => {
    const call = theOnly(world)
    assert.deepEqual(world.requests.map(answer), ['done'])
    assert.ok(isEnded(call))
    assert.equal(call.answeredAt !== undefined, world.isBefore(`leg-answered ${customer}`, 'leg-ended 210'))
    assert.equal(world.leg(customer).phase, 'over')
  },
})

race('the agent is removed as the supervisor’s mode changes', {
  before: supervisedConversation('barge'),
  deeds: (world) => {
    const call = world.theCall()
    const [supervision] = call.supervisions
    const agent = party(call, '210')
    if (supervision === undefined || agent === undefined) throw new Error('nobody is there')
    world.ask({ kind: 'change-supervision', supervision: supervision.id, mode: 'whisper' }, world.delay(30))
    world.ask({ kind: 'remove-party', call: call.id, party: agent.id }, world.delay(30))
  },
  outcome: (world) => {
    const [, change, remove] = world.requests.map(answer)
    assert.equal(remove, 'done')
    assert.ok(change === 'done' || change === 'call-ended')
    assert.equal(theOnly(world).endReason, 'removed')
    assert.equal(world.leg('101').goodbye, 'call-ended')
    hears(world, {})
  },
})
