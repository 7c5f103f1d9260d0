/** Two tenants on one server and one trunk: each has its own calls, and knows nothing of the other's. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CallControl } from '../../testkit/call-control.ts'
import { Phone } from '../../testkit/phone.ts'
import { eventually, soon } from '../../testkit/phone-wait.ts'
import { reference, type Sotto, startSotto } from '../../testkit/sotto.ts'
import { Trunk } from '../../testkit/trunk.ts'

const tones = { customer: 400, agent: 550, supervisor: 700 }
let sotto: Sotto
let trunk: Trunk
let agent: Phone
let supervisor: Phone
let a: CallControl
let b: CallControl

before(async () => {
  sotto = await startSotto()
  a = new CallControl(sotto.http, 'sk_test_admin_a')
  b = new CallControl(sotto.http, 'sk_test_supervisor_b')
  trunk = await Trunk.start({ server: sotto.sip, listen: { host: '127.0.0.1', port: sotto.trunkPort }, tone: tones.customer })
  const phone = async (extension: string, tone: number) => {
    const identity = { user: `0004*${extension}`, password: `pw-b${extension}`, realm: reference.realm }
    const started = await Phone.start({ server: sotto.sip, ...identity, tone, autoAnswer: true })
    await started.register()
    return started
  }
  agent = await phone('210', tones.agent)
  supervisor = await phone('101', tones.supervisor)
})

after(async () => {
  await Promise.all([agent, supervisor, trunk].map((phone) => phone.stop()))
  await sotto.stop()
})

test('a number of the second account is reached by the trunk of the first, and its supervisor whispers there', async () => {
  const customer = await trunk.call('+18669999999', { from: '+442071838750' })
  await soon(customer.answered, 'the agent of the other account answers')
  await eventually(
    'they hear each other',
    () => customer.heard.tones().includes(tones.agent) && agent.line.heard.tones().includes(tones.customer),
  )
  const [call] = await b.calls()
  assert.ok(call !== undefined)
  assert.equal(call.dnis, '+18669999999')
  const { id } = await b.supervise(call.id, { supervisor: { extension: '101' }, mode: 'whisper' })
  await eventually('the agent is coached', () => agent.line.heard.tones().includes(tones.supervisor))
  assert.deepEqual(customer.heard.tones(300), [tones.agent])

  assert.deepEqual(await a.calls(), [])
  const unknown = 'c_00000000000000000000'
  for (const other of [call.id, unknown]) {
    await assert.rejects(a.call(other), { status: 404, code: 'call-unknown' })
    await assert.rejects(a.hearing(other), { status: 404, code: 'call-unknown' })
    await assert.rejects(a.end(other), { status: 404, code: 'call-unknown' })
    await assert.rejects(a.supervise(other, { supervisor: { extension: '101' }, mode: 'barge' }), { status: 404, code: 'call-unknown' })
  }
  await assert.rejects(a.change(id, { mode: 'barge' }), { status: 404 })
  assert.deepEqual(customer.heard.tones(300), [tones.agent])
  await customer.hangUp()
  await eventually('all are free', () => agent.lines.length + supervisor.lines.length === 0)
})
