/** Picking up: a call that rings at one phone is taken at another. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import type { Phone } from '../../testkit/phone.ts'
import { eventually, soon } from '../../testkit/phone-wait.ts'

const toGroup = '+18661230200'
const centre = centreFor({ change: ({ accounts }) => accounts[0]?.numbers.push({ number: toGroup, routeTo: { group: '200' } }) })
let ben: Phone
let ana: Phone

before(async () => {
  await centre.open()
  ben = await centre.now.phone('106', { behaviour: 'ring' })
  ana = await centre.now.phone('211')
})
after(centre.close)
afterEach(() => centre.now.quiet())

const ringingAtBen = async (number: string) => {
  const line = await centre.now.trunk.call(number, { from: '+442071838750' })
  const rung = await ben.next('incoming')
  const call = await eventually('the call', async () => (await centre.now.api.calls())[0])
  return { line, rung, call }
}

for (const [what, number] of [
  ['one phone', '+15554150106'],
  ['a group', toGroup],
] as const) {
  test(`a call that rings at ${what} is picked up: the two hear each other, and the first phone is silent`, async () => {
    const { line, rung, call } = await ringingAtBen(number)
    await centre.now.api.pickUp(call.id, { extension: '211' })
    await soon(line.answered, 'the caller is answered')
    await hear({ line, hears: [toneOf(ana)] }, { line: ana.line, hears: [outsideTone] })
    await eventually('the first phone rings no more', () => rung.state === 'ended')
  })
}

test('whoever answers first has the call, also where that is the phone that rang first', async () => {
  const patient = await centre.now.phone('210', { behaviour: 'ring' })
  const { line, rung, call } = await ringingAtBen('+15554150106')
  await centre.now.api.pickUp(call.id, { extension: '210' })
  const picking = await patient.next('incoming')
  rung.answer()
  await hear({ line, hears: [toneOf(ben)] }, { line: rung, hears: [outsideTone] })
  await eventually('the other phone rings no more', () => picking.state === 'ended')
})

test('an answered call is not picked up: it goes on as it was', async () => {
  const { line, rung, call } = await ringingAtBen('+15554150106')
  rung.answer()
  await hear({ line, hears: [toneOf(ben)] })
  await assert.rejects(centre.now.api.pickUp(call.id, { extension: '211' }), { status: 409, code: 'wrong-state' })
  assert.equal(ana.lines.length, 0)
  await hear({ line, hears: [toneOf(ben)] }, { line: rung, hears: [outsideTone] })
})
