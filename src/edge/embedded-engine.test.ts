import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { EngineRig } from '../../testkit/engine-rig.ts'
import { eventually, soon } from '../../testkit/phone-wait.ts'

const rig = await EngineRig.start()
after(() => rig.stop())

test('a phone registers, calls another one, each hears the other and nobody else, and one hangs up', async () => {
  const ann = await rig.phone('210', { tone: 400 })
  const ben = await rig.phone('211', { tone: 550 })
  const call = await ann.call('211')
  const other = await soon(ben.next('incoming'), 'ringing')
  await soon(call.ringing, 'ring-back')
  other.answer()
  await soon(call.answered, 'answer')
  await eventually('ann hears ben', () => String(call.heard.tones()) === '550')
  await eventually('ben hears ann', () => String(other.heard.tones()) === '400')
  assert.equal(rig.engine.stats().legs, 2)
  await call.hangUp()
  assert.equal((await soon(other.ended, 'end')).by, 'them')
  assert.deepEqual(rig.engine.stats(), { legs: 0, bridges: 0, contacts: 2, media: 'up', connections: 0 })
})
