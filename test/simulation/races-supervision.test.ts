import assert from 'node:assert/strict'
import { conversation, race, supervisedConversation } from './race.ts'
import { answer, eventTypes, hears, party, supervisionBy, theOnly } from './seen.ts'

const customer = '+15550001111'

race('the call ends while the supervisor is called and picks up', {
  before: conversation,
  deeds: (world) => {
    world.ask({ kind: 'supervise', call: world.theCall().id, supervisor: { extension: '101' }, mode: 'whisper' }, world.delay(20))
    world.in(world.delay(60), () => world.hangsUp(customer))
    world.in(20 + world.delay(60), () => world.answers('101'))
  },
  outcome: (world) => {
    const call = theOnly(world)
    assert.ok(call.endedAt !== undefined)
    assert.equal(call.endReason, 'hangup')
    const [request] = world.requests
    if (request === undefined) throw new Error('nobody asked')
    const left = `leg-ended ${customer}`
    if (world.isBefore(left, 'supervise')) return assert.equal(answer(request), 'call-ended')
    const accepted = ['leg-accepted 101', 'leg-ringing 101', 'leg-answered 101'].some((label) => world.isBefore(label, left))
    assert.equal(answer(request), accepted ? 'done' : 'call-ended')
    const active = world.isBefore('leg-answered 101', left)
    assert.deepEqual(
      eventTypes(world, 'supervision.').slice(1),
      active ? ['supervision.active', 'supervision.ended'] : ['supervision.refused'],
    )
    assert.equal(call.supervisions[0]?.endReason, 'call-ended')
  },
})

race('the same supervisor asks twice at once, for two modes', {
  before: conversation,
  deeds: (world) => {
    const call = world.theCall().id
    for (const mode of ['monitor', 'barge'] as const) {
      world.ask({ kind: 'supervise', call, supervisor: { extension: '101' }, mode }, world.delay(20))
    }
    world.in(40 + world.delay(60), () => world.answers('101'))
  },
  outcome: (world) => {
    const call = theOnly(world)
    assert.equal(call.supervisions.length, 1)
    assert.equal(call.parties.filter((p) => p.role === 'supervisor').length, 1)
    assert.deepEqual(world.requests.map(answer), ['done', 'done'])
    const last = world.worked.findLast((w) => w.label === 'supervise')?.input
    const mode = last?.kind === 'command' && last.command.kind === 'supervise' ? last.command.mode : undefined
    assert.equal(call.supervisions[0]?.mode, mode)
    const barges = mode === 'barge' ? ['101'] : []
    hears(world, { [customer]: ['210', ...barges], '210': [customer, ...barges], '101': [customer, '210'] })
  },
})

race('the same supervisor asks twice at once, for the same mode', {
  before: conversation,
  deeds: (world) => {
    const call = world.theCall().id
    for (let i = 0; i < 2; i++) world.ask({ kind: 'supervise', call, supervisor: { extension: '101' }, mode: 'monitor' }, world.delay(20))
    world.in(40 + world.delay(60), () => world.answers('101'))
  },
  outcome: (world) => {
    assert.equal(theOnly(world).supervisions.length, 1)
    assert.deepEqual(world.requests.map(answer).toSorted(), ['already-supervised-by-you', 'done'])
    hears(world, { [customer]: ['210'], '210': [customer], '101': [customer, '210'] })
  },
})

race('two supervisors come at once, one to whisper and one to barge', {
  before: conversation,
  deeds: (world) => {
    const call = world.theCall().id
    world.ask({ kind: 'supervise', call, supervisor: { extension: '101' }, mode: 'whisper' }, world.delay(20))
    world.ask({ kind: 'supervise', call, supervisor: { extension: '024' }, mode: 'barge' }, world.delay(20))
    for (const extension of ['101', '024']) world.in(40 + world.delay(60), () => world.answers(extension))
  },
  outcome: (world) => {
    assert.deepEqual(world.requests.map(answer), ['done', 'done'])
    hears(world, {
      ...{ [customer]: ['210', '024'], '210': [customer, '101', '024'] },
      ...{ '101': [customer, '210', '024'], '024': [customer, '210'] },
    })
  },
})

race('the agent hangs up as the supervisor picks up', {
  before: (world) => {
    conversation(world)
    world.ask({ kind: 'supervise', call: world.theCall().id, supervisor: { extension: '101' }, mode: 'barge' })
    world.run(200)
  },
  deeds: (world) => {
    world.in(world.delay(30), () => world.answers('101'))
    world.in(world.delay(30), () => world.hangsUp('210'))
  },
  outcome: (world) => {
    const call = theOnly(world)
    assert.equal(call.endReason, 'hangup')
    assert.equal(world.leg('101').phase, 'over')
    const active = world.isBefore('leg-answered 101', 'leg-ended 210')
    assert.deepEqual(
      eventTypes(world, 'supervision.').slice(1),
      active ? ['supervision.active', 'supervision.ended'] : ['supervision.refused'],
    )
    hears(world, {})
  },
})

race('the supervision is cancelled as the supervisor picks up', {
  before: (world) => {
    conversation(world)
    world.ask({ kind: 'supervise', call: world.theCall().id, supervisor: { extension: '101' }, mode: 'barge' })
    world.run(200)
  },
  deeds: (world) => {
    const [supervision] = world.theCall().supervisions
    if (supervision === undefined) throw new Error('nobody supervises')
    world.in(world.delay(30), () => world.answers('101'))
    world.ask({ kind: 'end-supervision', supervision: supervision.id }, world.delay(40))
  },
  outcome: (world) => {
    assert.deepEqual(world.requests.map(answer), ['done', 'done'])
    assert.equal(world.leg('101').phase, 'over')
    assert.equal(supervisionBy(theOnly(world), '101')?.endReason, 'ended-by-request')
    const active = world.isBefore('leg-answered 101', 'end-supervision')
    assert.deepEqual(
      eventTypes(world, 'supervision.').slice(1),
      active ? ['supervision.active', 'supervision.ended'] : ['supervision.refused'],
    )
    hears(world, { [customer]: ['210'], '210': [customer] })
  },
})

race('a change of mode crosses a take-over', {
  before: supervisedConversation('monitor'),
  deeds: (world) => {
    const [supervision] = world.theCall().supervisions
    if (supervision === undefined) throw new Error('nobody supervises')
    world.ask({ kind: 'change-supervision', supervision: supervision.id, mode: 'whisper' }, world.delay(20))
    world.ask({ kind: 'take-over', supervision: supervision.id }, world.delay(20))
  },
  outcome: (world) => {
    const [, change, takeOver] = world.requests.map(answer)
    assert.equal(takeOver, 'done')
    assert.equal(change, world.isBefore('take-over', 'change-supervision') ? 'wrong-state' : 'done')
    const call = theOnly(world)
    assert.equal(party(call, '101')?.role, 'agent')
    assert.equal(party(call, '210')?.endReason, 'taken-over')
    hears(world, { [customer]: ['101'], '101': [customer] })
  },
})

race('holding the customer crosses the start of a whisper', {
  before: supervisedConversation('monitor'),
  deeds: (world) => {
    const call = world.theCall()
    const held = party(call, customer)
    const [supervision] = call.supervisions
    if (held === undefined || supervision === undefined) throw new Error('nobody is there')
    world.ask({ kind: 'hold', call: call.id, party: held.id }, world.delay(20))
    world.ask({ kind: 'change-supervision', supervision: supervision.id, mode: 'whisper' }, world.delay(20))
  },
  outcome: (world) => {
    assert.deepEqual(world.requests.map(answer), ['done', 'done', 'done'])
    hears(world, { '210': ['101'], '101': ['210'] })
    const row = world.engine.bridge(theOnly(world).id).applied.rows.find((r) => r.listener === world.leg(customer).id)
    assert.equal(row?.source, 'hold-music')
  },
})

race('two supervisors take over at once', {
  before: (world) => {
    supervisedConversation('barge', '101')(world)
    world.habit('024', { acceptsAfterMs: 1, answersAfterMs: 10 })
    world.ask({ kind: 'supervise', call: world.theCall().id, supervisor: { extension: '024' }, mode: 'monitor' })
    world.run(200)
  },
  deeds: (world) => {
    for (const { id } of world.theCall().supervisions) world.ask({ kind: 'take-over', supervision: id }, world.delay(20))
  },
  outcome: (world) => {
    const takeOvers = world.requests.slice(2).map(answer)
    assert.deepEqual(takeOvers.toSorted(), ['done', 'wrong-state'])
    const [winner, loser] = takeOvers[0] === 'done' ? ['101', '024'] : ['024', '101']
    // Whoever took over may not be supervised himself, so the other's supervision has lost its target.
    assert.equal(supervisionBy(theOnly(world), loser as string)?.endReason, 'not-allowed')
    hears(world, { [customer]: [winner as string], [winner as string]: [customer] })
  },
})

race('the supervisor takes over as the agent hangs up', {
  before: supervisedConversation('whisper'),
  deeds: (world) => {
    const [supervision] = world.theCall().supervisions
    if (supervision === undefined) throw new Error('nobody supervises')
    world.ask({ kind: 'take-over', supervision: supervision.id }, world.delay(40))
    world.in(world.delay(30), () => world.hangsUp('210'))
  },
  outcome: (world) => {
    const [, takeOver] = world.requests.map(answer)
    if (world.isBefore('leg-ended 210', 'take-over')) {
      assert.equal(takeOver, 'call-ended')
      return assert.ok(theOnly(world).endedAt !== undefined)
    }
    assert.equal(takeOver, 'done')
    hears(world, { [customer]: ['101'], '101': [customer] })
  },
})

race('a change of mode crosses the end of the call', {
  before: supervisedConversation('monitor'),
  deeds: (world) => {
    const [supervision] = world.theCall().supervisions
    if (supervision === undefined) throw new Error('nobody supervises')
    world.ask({ kind: 'change-supervision', supervision: supervision.id, mode: 'barge' }, world.delay(40))
    world.in(world.delay(50), () => world.hangsUp(customer))
  },
  outcome: (world) => {
    const [, change] = world.requests
    const left = world.place(`leg-ended ${customer}`)
    // The mixer's word that the new mode is in force came before the end, or it no longer counts.
    const inTime = world.worked.findLastIndex((w, i) => w.label === 'wired' && i < left && i > world.place('change-supervision')) >= 0
    assert.equal(change === undefined ? undefined : answer(change), inTime ? 'done' : 'call-ended')
    hears(world, {})
  },
})

race('the engine never accepts the supervisor, or too late', {
  before: conversation,
  deeds: (world) => {
    world.habit('101', {})
    world.ask({ kind: 'supervise', call: world.theCall().id, supervisor: { extension: '101' }, mode: 'barge' })
    const crossing = 4_980 + world.delay(40)
    world.in(crossing, () => world.engine.accept(world.leg('101')))
    world.in(crossing + world.delay(20), () => world.answers('101'))
  },
  outcome: (world) => {
    const [request] = world.requests
    if (request === undefined) throw new Error('nobody asked')
    const accepted = Math.min(world.place('leg-accepted 101'), world.place('leg-answered 101'))
    const gaveUp = world.place('wake') < accepted
    assert.equal(answer(request), gaveUp ? 'timeout' : 'done')
    const call = theOnly(world)
    assert.equal(call.endedAt, undefined)
    if (!gaveUp) return hears(world, { [customer]: ['210', '101'], '210': [customer, '101'], '101': [customer, '210'] })
    assert.equal(supervisionBy(call, '101')?.endReason, 'failed')
    assert.equal(world.leg('101').goodbye, 'failed')
    hears(world, { [customer]: ['210'], '210': [customer] })
  },
})
