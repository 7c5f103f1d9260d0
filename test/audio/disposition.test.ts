/** Dispositions: an agent whose group demands one gets no other caller before it has come, and callers wait with music meanwhile. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import type { Phone } from '../../testkit/phone.ts'
import { eventually, soon } from '../../testkit/phone-wait.ts'
import type { Config } from '../../testkit/sotto.ts'

const sales = '+18661234567'
const centre = centreFor({ change })
let paco: Phone

function change({ accounts }: Config): void {
  Object.assign(accounts[0]?.groups.find((group) => group.id === '030') ?? {}, { requireDisposition: true, agents: ['1234'] })
}

before(async () => {
  await centre.open()
  paco = await centre.now.phone('210')
})
after(centre.close)
afterEach(() => centre.now.quiet())

const pacoView = async () => (await centre.now.api.agents()).find((agent) => agent.id === '1234')

/** Paco has talked to a customer, and not said what came of it. */
async function owing(): Promise<string> {
  await centre.now.api.setAgentState('1234', 'available')
  const { line, call } = await centre.now.customer(sales)
  await hear({ line, hears: [toneOf(paco)] })
  await line.hangUp()
  await centre.now.agentIs('1234', 'pending-disposition')
  return call.id
}

test('the next caller waits with music until the disposition of the last call is set, and then hears the agent', async () => {
  const id = await owing()
  assert.equal((await pacoView())?.awaitsCallId, id)
  const line = await centre.now.trunk.call(sales, { from: '+15550002222' })
  await soon(line.answered, 'the waiting caller is answered')
  await eventually('he hears music', () => line.heard.level() > -50 && line.heard.tones().length === 0)
  assert.equal((await centre.now.api.dispose(id, 'call BACK')).disposition, 'Call back')
  await hear({ line, hears: [toneOf(paco)] })
  await hear({ line: paco.line, hears: [outsideTone] })
})

test('one that the account does not know is refused, and the agent goes on owing it', async () => {
  const id = await owing()
  await assert.rejects(centre.now.api.dispose(id, 'Sail'), { status: 422, code: 'disposition-unknown' })
  assert.equal((await pacoView())?.state, 'pending-disposition')
})

test('a state that is set frees him, and the call takes no disposition any more', async () => {
  const id = await owing()
  await centre.now.api.setAgentState('1234', 'available')
  await assert.rejects(centre.now.api.dispose(id, 'Sale'), { status: 409, code: 'call-ended' })
  const { line } = await centre.now.customer(sales, '+15550002222')
  await hear({ line, hears: [toneOf(paco)] })
})

test('said during the call it is shown there, and he is free when it ends', async () => {
  await centre.now.api.setAgentState('1234', 'available')
  const { line, call } = await centre.now.customer(sales)
  assert.equal((await centre.now.api.dispose(call.id, 'No sale')).disposition, 'No sale')
  assert.equal((await centre.now.api.dispose(call.id, 'Sale')).disposition, 'Sale')
  await hear({ line, hears: [toneOf(paco)] }, { line: paco.line, hears: [outsideTone] })
  await line.hangUp()
  await centre.now.agentIs('1234', 'available')
  assert.equal((await centre.now.api.call(call.id)).disposition, 'Sale')
})
