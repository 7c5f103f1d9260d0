/** A second request by the same supervisor, with another mode: changed in place, with no second leg. */
import assert from 'node:assert/strict'
import { type Act, act, types } from './acts.ts'
import { hearingIn, supervising, supervisorIn } from './supervision.ts'

const listening = supervising('monitor')
const table: Act = {
  ...supervising('whisper'),
  // The documented rule of these systems: the supervisor must be idle.
  yeastar: { ...supervising('whisper').yeastar, type: types.yeastar, says: '{"status":"Failed","errno":"10008"}' },
}

act('from listening to whispering', table, {
  arrange: async ({ expect, exchange, dialect }) => {
    if (dialect === 'newvoicemedia') return
    await expect(listening[dialect])
    exchange.answers(supervisorIn(dialect))
  },
  check: ({ exchange, call, dialect }) => {
    const supervisor = supervisorIn(dialect)
    assert.deepEqual(exchange.hearing(call), hearingIn(dialect === 'yeastar' ? 'monitor' : 'whisper', supervisor))
    assert.equal([...exchange.engine.legs.values()].filter((leg) => leg.address === supervisor).length, 1, 'one leg')
  },
})
