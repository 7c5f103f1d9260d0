/** Groups: whose phone rings for whom, what those hear who wait, and how waiting ends. */
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import type { Phone } from '../../testkit/phone.ts'
import type { Behaviour } from '../../testkit/phone-incoming.ts'
import type { Line } from '../../testkit/phone-line.ts'
import { eventually, pause, soon } from '../../testkit/phone-wait.ts'
import type { Config } from '../../testkit/sotto.ts'

const numbers = { sales: '+18661234567', all: '+18661230200', impatient: '+18661230500', empty: '+18661230400' }
const centre = centreFor({ change })

function change({ accounts: [account] }: Config): void {
  if (account === undefined) return
  const group = (id: string) => account.groups.find((g) => g.id === id) ?? {}
  Object.assign(group('200'), { agents: ['106', '1234', '4567'] })
  account.groups.push({ id: '500', name: 'Impatient', extension: '850', agents: ['1234'], queueTimeoutMs: 1_500 })
  account.numbers.push({ number: numbers.all, routeTo: { group: '200' } })
  account.numbers.push({ number: numbers.impatient, routeTo: { group: '500' } })
  account.numbers.push({ number: numbers.empty, routeTo: { group: '400' } })
}

/** Each agent's phone does what its mood says. */
const moods: Record<string, Behaviour> = {}
const phones: Record<string, Phone> = {}
const phone = (extension: string): Phone => {
  const found = phones[extension]
  assert.ok(found !== undefined)
  return found
}
const agentAt = { '210': '1234', '211': '4567', '106': '106' } as const

before(async () => {
  await centre.open()
  for (const extension of ['210', '211', '106']) {
    phones[extension] = await centre.now.phone(extension, { decide: () => moods[extension] ?? 'ring' })
  }
})
after(centre.close)

/** All are free; 210 has been idle longest, then 211, then 106. */
beforeEach(async () => {
  for (const [extension, agent] of Object.entries(agentAt)) {
    moods[extension] = 'ring'
    await centre.now.api.setAgentState(agent, 'available')
    await centre.now.agentIs(agent, 'available')
  }
})
afterEach(() => centre.now.quiet())

const dial = (number: string, from = '+442071838750'): Promise<Line> => centre.now.trunk.call(number, { from })
const rings = (extension: string): Promise<Line> => phone(extension).next('incoming')
const callFrom = (ani: string) =>
  eventually(`the call of ${ani}`, async () => (await centre.now.api.calls()).find((call) => call.ani === ani))

/** Waiting, answered, with music in the ear. */
async function waits(line: Line): Promise<void> {
  await soon(line.answered, 'the waiting caller is answered')
  await eventually('the caller hears music', () => line.heard.level() > -50 && line.heard.tones().length === 0)
  await eventually('the call is queued', async () => (await centre.now.api.calls()).some((call) => call.state === 'queued'))
}

async function talk(line: Line, agent: Phone): Promise<void> {
  await hear({ line, hears: [toneOf(agent)] }, { line: agent.line, hears: [outsideTone] })
}

test('the agent who has been idle longest rings, and he alone; the next call rings the other', async () => {
  for (const [first, second] of [
    ['210', '211'],
    ['211', '210'],
  ] as const) {
    const customer = await dial(numbers.sales)
    await soon(customer.ringing, 'it rings')
    const ringing = await rings(first)
    const call = await callFrom('+442071838750')
    assert.deepEqual([call.state, call.group, call.direction], ['ringing', '030', 'inbound'])
    await pause(300)
    assert.equal(phone(second).lines.length, 0, `${second} is left alone`)
    ringing.answer()
    await soon(customer.answered, 'the agent is through')
    await talk(customer, phone(first))
    await phone(first).hangUp()
    assert.equal((await soon(customer.ended, 'the end')).by, 'them')
    await eventually('the call is over', async () => (await centre.now.api.calls()).length === 0)
  }
})

for (const [mood, what] of [
  ['busy', 'is busy'],
  [{ reject: 603 }, 'declines'],
] as const) {
  test(`an agent who ${what} is passed over, and the customer notices nothing of it`, async () => {
    moods['210'] = mood
    const customer = await dial(numbers.sales)
    const ringing = await rings('211')
    assert.equal(customer.state, 'calling')
    ringing.answer()
    await soon(customer.answered, 'the other agent is through')
    await talk(customer, phone('211'))
  })
}

test('nobody takes the call: the customer is answered and hears music until an agent says that he is available', async () => {
  moods['210'] = 'busy'
  moods['211'] = { reject: 603 }
  const customer = await dial(numbers.sales)
  await waits(customer)
  assert.equal((await centre.now.api.groups()).find((group) => group.id === '030')?.waiting, 1)
  moods['211'] = 'ring'
  await centre.now.api.setAgentState('4567', 'available')
  const ringing = await rings('211').then(async (first) => (first.state === 'ended' ? rings('211') : first))
  await eventually('music while it rings', () => customer.heard.level() > -50)
  ringing.answer()
  await talk(customer, phone('211'))
  assert.equal((await centre.now.api.groups()).find((group) => group.id === '030')?.waiting, 0)
})

test('everybody is away or in a call: the customer gets the first agent who hangs up, and the one who waited longer comes first', async () => {
  await centre.now.api.setAgentState('4567', 'away')
  const served = await dial(numbers.sales, '+15550001111')
  ;(await rings('210')).answer()
  await soon(served.answered, 'the first customer is served')
  const second = await dial(numbers.sales, '+15550002222')
  await waits(second)
  const third = await dial(numbers.sales, '+15550003333')
  await soon(third.answered, 'the third customer waits')
  await talk(served, phone('210'))
  await served.hangUp()
  const next = await rings('210')
  assert.equal(next.number, '+15550002222')
  next.answer()
  await talk(second, phone('210'))
  await eventually('the third customer still hears music', () => third.heard.level() > -50 && third.heard.tones().length === 0)
  await phone('210').hangUp()
  const last = await rings('210')
  assert.equal(last.number, '+15550003333')
})

test('a customer who gives up: while an agent rings, while he waits', async () => {
  const ringing = await dial(numbers.sales)
  const line = await rings('210')
  await ringing.hangUp()
  assert.equal((await soon(line.ended, 'the phone is quiet')).status, 487)
  await centre.now.agentIs('1234', 'available')
  for (const agent of ['1234', '4567']) await centre.now.api.setAgentState(agent, 'away')
  const waiting = await dial(numbers.sales)
  await waits(waiting)
  const call = await callFrom('+442071838750')
  await waiting.hangUp()
  assert.equal((await centre.now.callIn(call.id, 'ended')).endReason, 'hangup')
  await centre.now.api.setAgentState('1234', 'available')
  await pause(300)
  assert.equal(phone('210').lines.length, 0, 'nobody rings for him who has gone')
})

test('waiting has an end: the queue of a group that is impatient lets the caller go, also one for whom a phone rings', async () => {
  await centre.now.api.setAgentState('1234', 'away')
  const customer = await dial(numbers.impatient)
  const at = performance.now()
  await waits(customer)
  const call = await callFrom('+442071838750')
  assert.equal((await soon(customer.ended, 'the end of waiting')).by, 'them')
  assert.ok(performance.now() - at > 1_400, 'not before its time')
  assert.equal((await centre.now.callIn(call.id, 'ended')).endReason, 'queue-timeout')
  await centre.now.api.setAgentState('1234', 'available')
  const again = await dial(numbers.impatient)
  const ringing = await rings('210')
  assert.equal((await soon(ringing.ended, 'the phone is quiet')).status, 487)
  const { status } = await soon(again.ended, 'a caller who was never answered is refused')
  assert.equal(status, 480)
})

test('ring-all: every free phone rings, the first to answer has the call, the others are let go', async () => {
  await centre.now.api.setAgentState('4567', 'away')
  const customer = await dial(numbers.all)
  const [one, other] = await Promise.all([rings('210'), rings('106')])
  assert.equal(phone('211').lines.length, 0, 'who is away does not ring')
  other.answer()
  await soon(customer.answered, 'an agent is through')
  assert.equal((await soon(one.ended, 'the other phone is quiet')).status, 487)
  await talk(customer, phone('106'))
  const { parties } = await callFrom('+442071838750')
  assert.deepEqual(
    parties.filter((party) => party.state === 'talking').map((party) => party.extension ?? party.number),
    ['+442071838750', '106'],
  )
})

test('ring-all: two answer in the same moment, and exactly one of them has the call', async () => {
  const customer = await dial(numbers.all)
  const lines = await Promise.all([rings('210'), rings('211'), rings('106')])
  for (const line of lines) line.answer()
  await soon(customer.answered, 'an agent is through')
  const stay = await eventually('one stays', () => {
    const left = ['210', '211', '106'].filter((extension) => phone(extension).lines.length > 0)
    return left.length === 1 ? left : undefined
  })
  await talk(customer, phone(stay[0] ?? ''))
})

test('a group without members refuses, also from inside', async () => {
  const customer = await dial(numbers.empty)
  assert.equal((await soon(customer.ended, 'the refusal')).status, 480)
  const inside = await phone('106').call('840')
  assert.equal((await soon(inside.ended, 'the refusal')).status, 480)
})

test('the intercom of a group, dialled inside, rings its agent and shows who calls', async () => {
  const caller = await phone('106').call('830')
  const line = await rings('210')
  assert.deepEqual([line.number, line.name], ['106', 'Ben Agent'])
  line.answer()
  await soon(caller.answered, 'the agent is through')
  await hear({ line: caller, hears: [toneOf(phone('210'))] }, { line, hears: [toneOf(phone('106'))] })
  assert.equal((await callFrom('106')).direction, 'internal')
})
