/** Calls that a program starts: who rings first, what he hears meanwhile, what the called one is shown, and every reason for a no. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { after, afterEach, before, test } from 'node:test'
import type { Originate } from '../../testkit/call-control.ts'
import { centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import type { Phone } from '../../testkit/phone.ts'
import type { Behaviour } from '../../testkit/phone-incoming.ts'
import { eventually, pause, soon } from '../../testkit/phone-wait.ts'
import type { Config } from '../../testkit/sotto.ts'

const numbers = { patient: '+442072068888', busy: '+442079460001', nobody: '+442079460002' }
const customers: Readonly<Record<string, Behaviour>> = { [numbers.busy]: 'busy', [numbers.nobody]: 'ring', [numbers.patient]: 'ring' }
const centre = centreFor({ change, rule: (dialled) => customers[dialled] ?? { answerAfterMs: 0 } })

/** Calls abroad are not allowed here. */
function change({ accounts: [account] }: Config): void {
  for (const trunk of account?.trunks ?? []) Object.assign(trunk, { destinations: ['+44', '0'] })
}

let paco: Phone
let ana: Phone

before(async () => {
  await centre.open()
  paco = await centre.now.phone('210', { behaviour: 'ring' })
  ana = await centre.now.phone('211', { behaviour: 'ring' })
})
after(centre.close)
afterEach(() => centre.now.quiet())

const originate = (wish: Originate) => centre.now.api.originate(wish)
const hasEnded = async (id: string) => (await centre.now.callIn(id, 'ended')).endReason

test('an agent and a number: the agent rings first, hears it ring, and then the customer', async () => {
  const made = await originate({ from: { agent: '1234' }, to: { number: numbers.patient }, reference: 'case 7' })
  assert.deepEqual([made.state, made.direction, made.reference, made.dnis], ['ringing', 'outbound', 'case 7', numbers.patient])
  const line = await paco.next('incoming')
  assert.equal(line.number, numbers.patient)
  await pause(200)
  assert.equal(centre.now.trunk.lines.length, 0, 'nobody outside is called before the agent has answered')
  line.answer()
  const customer = await centre.now.trunk.next('incoming')
  assert.deepEqual([customer.number, customer.name], ['+15554150210', undefined], 'the customer sees the number of the agent, and no name')
  await eventually('the agent hears it ring', () => line.heard.level() > -50, 4_000)
  customer.answer()
  await hear({ line, hears: [outsideTone] }, { line: customer, hears: [toneOf(paco)] })
  assert.equal((await centre.now.callIn(made.id, 'active')).parties.length, 2)
})

test('the number that is presented is the one that was asked for, and only one of the account may be', async () => {
  const to = { number: '+442071838750' }
  const made = await originate({ from: { extension: '210' }, to, presentedNumber: '+18661234567' })
  ;(await paco.next('incoming')).answer()
  assert.equal((await centre.now.trunk.next('answered')).number, '+18661234567')
  await centre.now.api.end(made.id)
  const foreign = { from: { extension: '210' }, to, presentedNumber: '+442079461234' }
  await assert.rejects(originate(foreign), { status: 422, code: 'number-invalid' })
})

test('two extensions: each sees the other', async () => {
  const made = await originate({ from: { extension: '210' }, to: { extension: '211' } })
  assert.equal(made.direction, 'internal')
  const line = await paco.next('incoming')
  assert.deepEqual([line.number, line.name], ['211', 'Ana Ruiz'])
  line.answer()
  const other = await ana.next('incoming')
  assert.deepEqual([other.number, other.name], ['210', 'Paco Vu'])
  other.answer()
  await hear({ line, hears: [toneOf(ana)] }, { line: other, hears: [toneOf(paco)] })
})

test('groups and a number: the first group that has somebody free gives its agent who is idle longest', async () => {
  for (const agent of ['4567', '1234']) await centre.now.api.setAgentState(agent, 'available')
  const made = await originate({ from: { groups: ['400', '030'] }, to: { number: '+442071838750' } })
  assert.equal(made.group, '030')
  const line = await ana.next('incoming')
  assert.equal(paco.lines.length, 0)
  line.answer()
  const customer = await centre.now.trunk.next('answered')
  await hear({ line, hears: [outsideTone] }, { line: customer, hears: [toneOf(ana)] })
})

test('the agent declines: the customer never hears of it', async () => {
  const made = await originate({ from: { extension: '210' }, to: { number: '+442071838750' } })
  ;(await paco.next('incoming')).reject(603)
  assert.equal(await hasEnded(made.id), 'declined')
  assert.equal(centre.now.trunk.lines.length, 0)
})

test('the customer is busy, or does not answer in time: the agent is let go', async () => {
  const busy = await originate({ from: { extension: '210' }, to: { number: numbers.busy } })
  const line = await paco.next('incoming')
  line.answer()
  assert.equal((await soon(line.ended, 'the agent is let go')).by, 'them')
  assert.equal(await hasEnded(busy.id), 'busy')
  const nobody = await originate({ from: { extension: '210' }, to: { number: numbers.nobody }, ringTimeoutMs: 1_000 })
  ;(await paco.next('incoming')).answer()
  const rung = await centre.now.trunk
    .next('incoming')
    .then((first) => (first.state === 'ended' ? centre.now.trunk.next('incoming') : first))
  assert.equal((await soon(rung.ended, 'the customer is left alone')).status, 487)
  assert.equal(await hasEnded(nobody.id), 'no-answer')
})

test('the program thinks better of it: whoever rings stops ringing', async () => {
  const made = await originate({ from: { extension: '210' }, to: { number: numbers.patient } })
  const line = await paco.next('incoming')
  await centre.now.api.end(made.id)
  assert.equal((await soon(line.ended, 'the phone is quiet')).status, 487)
  const again = await originate({ from: { extension: '210' }, to: { number: numbers.patient } })
  ;(await paco.next('incoming')).answer()
  const customer = await centre.now.trunk
    .next('incoming')
    .then((first) => (first.state === 'ended' ? centre.now.trunk.next('incoming') : first))
  await centre.now.api.end(again.id)
  assert.equal((await soon(customer.ended, 'the customer is left alone')).status, 487)
  assert.deepEqual(paco.lines, [])
})

const to = { number: '+442071838750' }
const refusals: readonly (readonly [string, Originate, { status: number; code: string }])[] = [
  ['a phone that never registered', { from: { extension: '213' }, to }, { status: 409, code: 'endpoint-unavailable' }],
  [
    'to a phone that never registered',
    { from: { extension: '210' }, to: { extension: '213' } },
    { status: 409, code: 'endpoint-unavailable' },
  ],
  ['no such extension', { from: { extension: '999' }, to }, { status: 404, code: 'endpoint-unknown' }],
  ['no such agent', { from: { agent: '999' }, to }, { status: 404, code: 'endpoint-unknown' }],
  [
    'the extension of another account',
    { from: { extension: '210' }, to: { number: '0004*210' } },
    { status: 404, code: 'endpoint-unknown' },
  ],
  ['no number of any country', { from: { extension: '210' }, to: { number: '+1' } }, { status: 422, code: 'number-invalid' }],
  ['a number abroad', { from: { extension: '210' }, to: { number: '+12125550100' } }, { status: 403, code: 'destination-not-allowed' }],
  ['a group without members', { from: { groups: ['400'] }, to }, { status: 409, code: 'no-agent-available' }],
  ['no such group', { from: { groups: ['999'] }, to }, { status: 404, code: 'resource-unknown' }],
]
for (const [what, wish, refusal] of refusals) {
  test(`refused: ${what} (${refusal.code})`, async () => {
    await assert.rejects(originate(wish), refusal)
    assert.deepEqual(await centre.now.api.calls(), [])
    assert.deepEqual(paco.lines, [])
  })
}

test('refused: somebody who is in a call', async () => {
  const line = await paco.call('211')
  ;(await ana.next('incoming')).answer()
  await soon(line.answered, 'they talk')
  await assert.rejects(originate({ from: { extension: '210' }, to }), { status: 409, code: 'endpoint-busy' })
  await assert.rejects(originate({ from: { agent: '4567' }, to }), { status: 409, code: 'endpoint-busy' })
  assert.equal(paco.lines.length, 1)
})

test('refused: a phone that is busy with what the server knows nothing of', async () => {
  const phone = await centre.now.phone('106', { behaviour: 'busy' })
  await assert.rejects(originate({ from: { extension: '106' }, to }), { status: 409, code: 'endpoint-busy' })
  assert.deepEqual(await centre.now.api.calls(), [])
  await centre.now.putAway(phone)
})

test('a phone that says nothing at all: after five seconds the order has timed out, and a phone that wakes up later is called off', async () => {
  const phone = await centre.now.phone('106')
  const listen = { host: '127.0.0.1', port: phone.port }
  phone.vanish()
  const silent = createSocket('udp4')
  let invites = 0
  silent.on('message', (bytes) => {
    if (bytes.toString('latin1', 0, 7) === 'INVITE ') invites += 1
  })
  await new Promise<void>((bound) => silent.bind(listen.port, listen.host, bound))
  const at = performance.now()
  try {
    await assert.rejects(originate({ from: { extension: '106' }, to }), { status: 504, code: 'timeout' })
  } finally {
    silent.close()
  }
  const tookMs = performance.now() - at
  assert.ok(tookMs > 4_500 && tookMs < 6_500, `it took ${tookMs.toFixed(0)} ms`)
  assert.ok(invites >= 4, `${invites} INVITEs reached the phone`)
  assert.deepEqual(await centre.now.api.calls(), [])
  // RFC 3261 §9.1: what was never answered cannot be cancelled; so it is repeated until somebody says something, and cancelled then.
  const awake = await centre.now.phone('106', { listen, behaviour: 'ring' })
  const line = await awake.next('incoming', 10_000)
  assert.equal((await soon(line.ended, 'it is called off', 500)).status, 487)
  assert.equal(centre.now.trunk.lines.length, 0)
})
