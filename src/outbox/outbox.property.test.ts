import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Fault, OutboxWorld } from '../../testkit/outbox-world.ts'

const hour = 3_600_000

const manners = fc.record({
  faultyUntilMs: fc.integer({ min: 0, max: 8 * hour }),
  fault: fc.constantFrom<Fault>('refused', 'slow', '500', '302', 'reset'),
  flaky: fc.constantFrom(0, 0.1, 0.4),
})

const deed = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('put' as const), receiver: fc.nat(3), lane: fc.nat(4) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: hour })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('crash' as const, 'compact' as const) }) },
)

test('whatever receivers do and whenever the process ends, each takes everything, in the order of each lane, and twice only under one id', () => {
  fc.assert(
    fc.property(fc.array(manners, { minLength: 4, maxLength: 4 }), fc.array(deed, { maxLength: 120 }), fc.integer(), (all, deeds, seed) => {
      const world = new OutboxWorld(seed)
      all.forEach((one, i) => void world.receiver(`r${i}`, one))
      for (const one of deeds) {
        if (one.do === 'put') world.put(`r${one.receiver}`, `call${one.lane}`)
        else if (one.do === 'wait') world.clock.run(one.ms)
        else world[one.do]()
      }
      world.clock.run(60 * hour)
      world.demandAllInOrder()
      for (let i = 0; i < 4; i += 1) assert.deepEqual([world.waiting(`r${i}`), world.dead(`r${i}`)], [0, 0])
    }),
    { numRuns: 300 },
  )
})
