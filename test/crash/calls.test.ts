/** Calls that live through what happens to the processes. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Phone } from '../../testkit/phone.ts'
import type { Line } from '../../testkit/phone-line.ts'
import { eventually, pause, soon } from '../../testkit/phone-wait.ts'
import { reference, type Sotto, startSotto } from '../../testkit/sotto.ts'
import { Trunk } from '../../testkit/trunk.ts'

const tones = { customer: 400, agent: 550, supervisor: 700 }
let sotto: Sotto
let trunk: Trunk
let agent: Phone
let supervisor: Phone

before(async () => {
  sotto = await startSotto()
  trunk = await Trunk.start({ server: sotto.sip, listen: { host: '127.0.0.1', port: sotto.trunkPort }, tone: tones.customer })
  const phone = async (extension: string, tone: number) => {
    const started = await Phone.start({ server: sotto.sip, ...reference.phone(extension), tone, autoAnswer: true })
    await started.register()
    return started
  }
  agent = await phone('106', tones.agent)
  supervisor = await phone('101', tones.supervisor)
})

after(async () => {
  await Promise.all([agent, supervisor, trunk].map((phone) => phone.stop()))
  await sotto.stop()
})

async function customerCalls(): Promise<{ customer: Line; call: string }> {
  const customer = await trunk.call('+18661234568', { from: '+442071838750' })
  await soon(customer.answered, 'the agent answers')
  const [call] = await sotto.api.callsOf('106')
  assert.ok(call !== undefined)
  return { customer, call: call.id }
}

test('a held phone may be silent for as long as it likes; one that vanished ends its call', { timeout: 120_000 }, async () => {
  const { customer, call } = await customerCalls()
  await agent.line.hold()
  agent.line.mute()
  await pause(14_000)
  assert.equal((await sotto.api.call(call)).state, 'held')
  agent.line.mute(false)
  await agent.line.resume()
  await eventually('they speak again', () => customer.heard.tones().includes(tones.agent))
  agent.vanish()
  await soon(customer.ended, 'the customer is free', 60_000)
  assert.equal((await sotto.api.call(call)).endReason, 'media-lost')
  agent = await Phone.start({ server: sotto.sip, ...reference.phone('106'), tone: tones.agent, autoAnswer: true })
  await agent.register()
})

test('control is killed: customer, agent and the supervisor who whispers go on without a gap, and whoever hangs up is understood', async () => {
  const { customer, call } = await customerCalls()
  const line = agent.line
  await sotto.api.supervise(call, { supervisor: { extension: '101' }, mode: 'whisper' })
  await eventually('the agent hears the supervisor', () => line.heard.tones().includes(tones.supervisor))
  const lostBefore = line.heard.lost + customer.heard.lost
  sotto.kill('control')
  await pause(500)
  await sotto.ready()
  await pause(3_000)
  assert.deepEqual(customer.heard.tones(2_000), [tones.agent])
  assert.deepEqual(line.heard.tones(500), [tones.customer, tones.supervisor])
  assert.equal(line.heard.lost + customer.heard.lost, lostBefore)
  for (const heard of [line.heard, customer.heard]) {
    const arrivals = heard.recent(3_000)
    const gaps = arrivals.slice(1).map((arrival, i) => arrival.timestamp - (arrivals[i]?.timestamp ?? 0))
    assert.ok(arrivals.length > 130 && gaps.every((gap) => gap === 160), `${arrivals.length} packets, steps ${[...new Set(gaps)]}`)
  }
  await customer.hangUp()
  await Promise.all([soon(line.ended, 'the agent is free'), soon(supervisor.line.ended, 'the supervisor is free')])
  assert.equal((await sotto.api.call(call)).endReason, 'hangup')
})

test('SIGTERM: no new calls, the live one goes on and can be whispered into, and the server ends when it has ended', async () => {
  const { customer, call } = await customerCalls()
  const line = agent.line
  const ended = sotto.drain()
  await eventually('it says that it drains', async () => (await fetch(`${sotto.http}/ready`)).status === 503)
  const refused = await trunk.call('+18661234568', { from: '+442071838751' })
  assert.equal((await soon(refused.ended, 'a new call is refused')).status, 503)
  await assert.rejects(sotto.api.originate({ from: { extension: '101' }, to: { extension: '106' } }), /503 capacity-exceeded/)
  await sotto.api.supervise(call, { supervisor: { extension: '101' }, mode: 'whisper' })
  await eventually('the agent hears the supervisor', () => line.heard.tones().includes(tones.supervisor))
  assert.deepEqual(customer.heard.tones(500), [tones.agent])
  await customer.hangUp()
  assert.equal(await soon(ended, 'the server ends'), 0)
})
