import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Phone, type PhoneOptions } from '../../testkit/phone.ts'
import { eventually, soon } from '../../testkit/phone-wait.ts'
import { reference, type Sotto, startSotto } from '../../testkit/sotto.ts'

const phones: Phone[] = []
const server: { now?: Sotto } = {}
const sotto = (): Sotto => {
  assert.ok(server.now !== undefined, 'the server was not started')
  return server.now
}

before(async () => {
  server.now = await startSotto()
})
after(async () => {
  await Promise.all(phones.map((phone) => phone.stop()))
  await server.now?.stop()
})

async function phone(extension: string, options: Partial<PhoneOptions> = {}): Promise<Phone> {
  const made = await Phone.start({ server: sotto().sip, ...reference.phone(extension), ...options })
  phones.push(made)
  return made
}

test('a phone on TCP that speaks A-law only talks with one on UDP that speaks µ-law only', async () => {
  const [here, there] = await Promise.all([
    phone('210', { transport: 'TCP', codec: 'PCMA', tone: 550, autoAnswer: true }),
    phone('211', { codec: 'PCMU', tone: 700, autoAnswer: true }),
  ])
  await Promise.all([here.register(), there.register()])
  for (const [caller, callee] of [
    [here, there],
    [there, here],
  ] as const) {
    const call = await caller.call(callee === there ? '211' : '210')
    await soon(call.answered, 'an answer')
    const other = await callee.next('answered')
    const ears = () => `${call.heard.tones()} ${other.heard.tones()}`
    await eventually('both hear each other', () => ears() === (caller === here ? '700 550' : '550 700'), 1_000)
    await call.hangUp()
    await soon(other.ended, 'the end')
  }
})

test('a delayed offer: the server offers in its 200, and the ACK answers', async () => {
  const [here, there] = await Promise.all([phone('106', { tone: 850 }), phone('024', { tone: 1_000, autoAnswer: true })])
  await Promise.all([here.register(), there.register()])
  const call = await here.call('024', { delayedOffer: true })
  await soon(call.answered, 'an answer')
  const other = await there.next('answered')
  await eventually('both hear each other', () => `${call.heard.tones()} ${other.heard.tones()}` === '1000 850', 1_000)
  await call.hangUp()
})

test('registering: a wrong password is refused, unregistering is seen at once, and a refused call says why', async () => {
  const wrong = await phone('102', { password: 'guess' })
  await assert.rejects(wrong.register(), /not registered: 40[13]/)
  const right = await phone('102', { behaviour: 'busy' })
  const isRegistered = async () => (await sotto().api.extensions()).some((e) => e.number === '102' && e.registered)
  await right.register()
  await eventually('102 is registered', isRegistered)
  const caller = await phone('101')
  assert.equal((await soon((await caller.call('102')).ended, 'the end')).status, 486)
  await right.unregister()
  await eventually('102 is not registered', async () => !(await isRegistered()))
  assert.equal((await soon((await caller.call('102')).ended, 'the end')).status, 480)
})
