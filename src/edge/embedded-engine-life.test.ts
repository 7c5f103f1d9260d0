import assert from 'node:assert/strict'
import { test } from 'node:test'
import { account, EngineRig } from '../../testkit/engine-rig.ts'
import type { Phone } from '../../testkit/phone.ts'
import type { Line } from '../../testkit/phone-line.ts'
import { eventually, soon } from '../../testkit/phone-wait.ts'

async function talking(rig: EngineRig): Promise<{ readonly ann: Phone; readonly ben: Phone; readonly lines: readonly [Line, Line] }> {
  const ann = await rig.phone('210', { tone: 400 })
  const ben = await rig.phone('211', { tone: 550, autoAnswer: true })
  const call = await ann.call('211')
  await soon(call.answered, 'answer')
  const other = await soon(ben.next('answered'), 'answer')
  await eventually('both hear', () => String(call.heard.tones(60)) === '550' && String(other.heard.tones(60)) === '400')
  return { ann, ben, lines: [call, other] }
}

test('the media process is killed: its conversations end by BYE as soon as a new one is there, and the next call is carried', async (t) => {
  const rig = await EngineRig.start()
  t.after(() => rig.stop())
  const { ann, lines } = await talking(rig)
  await rig.killMedia()
  const refused = await ann.call('211')
  refused.answered.catch(() => undefined)
  assert.equal((await soon(refused.ended, 'the call without media is refused')).status, 503)
  await rig.startMedia()
  for (const line of lines) assert.equal((await soon(line.ended, 'end')).by, 'them')
  assert.deepEqual(
    rig.desk.events.filter((event) => event.kind === 'media').map(({ up }) => up),
    [true, false, true],
  )
  await eventually('nothing is left', () => rig.engine.stats().legs === 0)
  const call = await ann.call('211')
  await soon(call.answered, 'answer')
  await eventually('audio again', () => String(call.heard.tones(60)) === '550')
})

test('stopping says BYE to everybody and closes every socket; stopping again is no error', async (t) => {
  const rig = await EngineRig.start()
  t.after(() => rig.stop())
  const { lines } = await talking(rig)
  const stopped = rig.engine.stop()
  for (const line of lines) assert.equal((await soon(line.ended, 'end')).by, 'them')
  await stopped
  await rig.engine.stop()
  assert.equal(rig.engine.stats().legs, 0)
})

test('an address that is in use fails the start, and says which', async (t) => {
  const rig = await EngineRig.start()
  t.after(() => rig.stop())
  const port = rig.portOf('UDP')
  await assert.rejects(EngineRig.start({ listen: [{ transport: 'UDP', address: '127.0.0.1', port }] }), { code: 'EADDRINUSE', port })
})

test('an exception of one listener keeps neither the other ones nor the engine from their work', async (t) => {
  const rig = await EngineRig.start()
  t.after(() => rig.stop())
  rig.engine.onEvent(() => {
    throw new Error('a bug of the desk')
  })
  const { lines } = await talking(rig)
  await lines[0].hangUp()
  await soon(lines[1].ended, 'end')
})

test('new settings: who is no longer there loses his registration, who is new may register', async (t) => {
  const rig = await EngineRig.start()
  t.after(() => rig.stop())
  await rig.phone('210')
  assert.equal(rig.engine.stats().contacts, 1)
  const extensions = [{ account, code: '0003', number: '250', password: 'pw-250' }]
  rig.engine.configure({ realm: 'sotto.test', product: 'Sotto test', trunks: [], extensions })
  await rig.desk.seen('registration', ({ extension, contacts }) => extension === '210' && contacts === 0)
  await rig.phone('250')
  assert.equal(rig.engine.stats().contacts, 1)
})
