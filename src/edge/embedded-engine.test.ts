import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { EngineRig, udp } from '../../testkit/engine-rig.ts'
import type { Phone, PhoneOptions } from '../../testkit/phone.ts'
import type { Line } from '../../testkit/phone-line.ts'
import { eventually, pause, soon } from '../../testkit/phone-wait.ts'

const rig = await EngineRig.start({ listen: [udp, { ...udp, transport: 'TCP' }], extensions: ['210', '211', '212', '213'] })
after(() => rig.stop())
beforeEach(() => rig.desk.forget())

const tones = { '210': 400, '211': 550, '212': 700, '213': 850 } as const
const phones = new Map<string, Phone>()

/** Phones stay registered from one test to the next. */
async function phoneOf(extension: keyof typeof tones, options: Partial<PhoneOptions> = {}): Promise<Phone> {
  const key = `${extension} ${JSON.stringify(options)}`
  const phone = phones.get(key) ?? (await rig.phone(extension, { tone: tones[extension], ...options }))
  phones.set(key, phone)
  phone.forget()
  return phone
}

const hears = (line: Line, ...expected: readonly number[]) =>
  eventually(`${line.number} hears ${expected}`, () => String(line.heard.tones(60)) === String(expected), 2_000)

async function connected(caller: Phone, callee: Phone, extension: string): Promise<readonly [Line, Line]> {
  const call = await caller.call(extension)
  const other = await soon(callee.next('incoming'), 'incoming call')
  other.answer()
  await soon(call.answered, 'answer')
  return [call, other]
}

async function over(...lines: readonly Line[]): Promise<void> {
  for (const line of lines) await soon(line.ended, 'end')
  await eventually('all legs are gone', () => rig.engine.stats().legs === 0 && rig.engine.stats().bridges === 0)
}

test('a phone registers, calls another one, it rings, both talk, each hears the other and nobody else, and one hangs up', async () => {
  const [ann, ben] = [await phoneOf('210'), await phoneOf('211')]
  const call = await ann.call('211')
  const other = await soon(ben.next('incoming'), 'incoming call')
  assert.equal(other.number, '210')
  await soon(call.ringing, 'ring-back')
  other.answer()
  await soon(call.answered, 'answer')
  await hears(call, tones['211'])
  await hears(other, tones['210'])
  await call.hangUp()
  assert.equal((await soon(other.ended, 'end')).by, 'them')
  await over(call, other)
})

test('the called one hangs up', async () => {
  const [call, other] = await connected(await phoneOf('210'), await phoneOf('211'), '211')
  await other.hangUp()
  assert.equal((await soon(call.ended, 'end')).by, 'them')
  await over(call, other)
})

test('the caller gives up while it rings: CANCEL reaches the other phone', async () => {
  const [ann, ben] = [await phoneOf('210'), await phoneOf('211')]
  const call = await ann.call('211')
  const other = await soon(ben.next('incoming'), 'incoming call')
  await call.cancel()
  assert.equal((await soon(other.ended, 'end')).status, 487)
  await over(call, other)
})

for (const [status, told] of [
  [486, 486],
  [603, 603],
  [480, 480],
  [404, 404],
] as const) {
  test(`a refusal by ${status} reaches the caller as ${told}`, async () => {
    const [ann, ben] = [await phoneOf('210'), await phoneOf('211')]
    const call = await ann.call('211')
    call.answered.catch(() => undefined)
    const other = await soon(ben.next('incoming'), 'incoming call')
    other.reject(status)
    assert.equal((await soon(call.ended, 'end')).status, told)
    await over(call, other)
  })
}

test('nobody is registered there: 480', async () => {
  const call = await (await phoneOf('210')).call('299')
  call.answered.catch(() => undefined)
  assert.equal((await soon(call.ended, 'end')).status, 480)
  await over(call)
})

test('hold and resume: nothing is heard meanwhile by the one who holds, and both hear again after it', async () => {
  const [call, other] = await connected(await phoneOf('210'), await phoneOf('211'), '211')
  await hears(call, tones['211'])
  await call.hold()
  await rig.desk.seen('leg-held')
  await hears(call)
  await call.resume()
  await rig.desk.seen('leg-resumed')
  await hears(call, tones['211'])
  await hears(other, tones['210'])
  await call.hangUp()
  await over(call, other)
})

test('a phone that speaks A-law only talks with one that speaks µ-law only', async () => {
  const [ann, ben] = [await phoneOf('210', { codec: 'PCMA' }), await phoneOf('213', { codec: 'PCMU' })]
  const [call, other] = await connected(ann, ben, '213')
  await hears(call, tones['213'])
  await hears(other, tones['210'])
  assert.deepEqual([call.media.law, other.media.law], ['PCMA', 'PCMU'])
  await other.hangUp()
  await over(call, other)
})

test('a caller who leaves the offer to us talks when his ACK has brought the answer', async () => {
  const [ann, ben] = [await phoneOf('210'), await phoneOf('211')]
  const call = await ann.call('211', { delayedOffer: true })
  const other = await soon(ben.next('incoming'), 'incoming call')
  other.answer()
  await soon(call.answered, 'answer')
  await hears(call, tones['211'])
  await hears(other, tones['210'])
  await call.hangUp()
  await over(call, other)
})

test('keys: by RTP they arrive at the other phone and at the desk; by SIP INFO as well', async () => {
  const [call, other] = await connected(await phoneOf('210'), await phoneOf('211'), '211')
  await hears(other, tones['210'])
  call.sendDtmf('5')
  await rig.desk.seen('leg-dtmf', ({ digit }) => digit === '5')
  await eventually('the digit arrives', () => other.heard.digits === '5')
  assert.equal(await other.sendInfo('7'), 200)
  await rig.desk.seen('leg-dtmf', ({ digit }) => digit === '7')
  await eventually('the digit arrives', () => call.heard.digits === '7')
  await call.hangUp()
  await over(call, other)
})

test('a supervisor joins: silent until he is wired; then he hears both, and only the agent hears him', async () => {
  const [call, other] = await connected(await phoneOf('210'), await phoneOf('211'), '211')
  const boss = await phoneOf('212', { autoAnswer: true })
  const leg = rig.desk.join('212', 'supervisor')
  const listening = await soon(boss.next('answered'), 'the supervisor answers')
  await rig.desk.seen('leg-answered', (event) => event.leg === leg)
  await pause(200)
  assert.deepEqual(listening.heard.tones(100), [])
  const { caller, callee } = rig.desk.call
  rig.desk.rewire(rig.desk.call, [
    { listener: caller, talkers: [callee] },
    { listener: callee, talkers: [caller, leg] },
    { listener: leg, talkers: [caller, callee] },
  ])
  await hears(listening, tones['210'], tones['211'])
  await hears(other, tones['210'], tones['212'])
  await hears(call, tones['211'])
  rig.desk.order(rig.desk.call, { kind: 'hang-up', leg, reason: 'removed' })
  await hears(other, tones['210'])
  await call.hangUp()
  await over(call, other, listening)
})

test('levels are measured by leg', async () => {
  const [call, other] = await connected(await phoneOf('210'), await phoneOf('211'), '211')
  await hears(call, tones['211'])
  const levels = await rig.desk.measure()
  assert.equal(levels.length, 2)
  for (const { levelDbov } of levels) assert.ok(levelDbov !== null && levelDbov > -40, String(levelDbov))
  await call.hangUp()
  await over(call, other)
})

test('a blind transfer is reported to the phone that asked for it', async () => {
  const [call, other] = await connected(await phoneOf('210'), await phoneOf('211'), '211')
  const reported = other.transfer('300')
  const request = await rig.desk.seen('transfer-requested')
  assert.deepEqual([request.leg, request.dialled], [rig.desk.call.callee, '300'])
  const { leg, transfer } = request
  for (const progress of ['trying', 'ringing', 'done'] as const) {
    rig.desk.order(rig.desk.call, { kind: 'transfer-progress', leg, transfer, progress })
  }
  assert.equal(await soon(reported, 'the report'), 200)
  await call.hangUp()
  await over(call, other)
})

test('an attended transfer names the leg that the phone has spoken to', async () => {
  const [ann, ben, cat] = [await phoneOf('210'), await phoneOf('211'), await phoneOf('213')]
  const [call, first] = await connected(ann, ben, '211')
  const [consulting, third] = await connected(ben, cat, '213')
  void first.transferTo(consulting)
  const request = await rig.desk.seen('transfer-requested')
  const consulted = rig.desk.calls.get(request.consulted ?? request.leg)
  assert.equal(consulted?.caller, request.consulted)
  assert.notEqual(consulted, rig.desk.calls.get(request.leg))
  await call.hangUp()
  await consulting.hangUp()
  await over(call, first, consulting, third)
})

test('a phone over TCP is called on the connection that it registered on', async () => {
  const [ann, ben] = [await phoneOf('210'), await phoneOf('213', { transport: 'TCP' })]
  assert.equal(rig.engine.stats().connections, 1)
  const [call, other] = await connected(ann, ben, '213')
  await hears(call, tones['213'])
  await hears(other, tones['210'])
  await other.hangUp()
  await over(call, other)
})

test('twenty calls at once, set up and torn down, leave nothing behind', async () => {
  const [ann, ben] = [await phoneOf('210'), await phoneOf('211', { autoAnswer: true })]
  const calls = await Promise.all(Array.from({ length: 20 }, () => ann.call('211')))
  await Promise.all(calls.map((call) => soon(call.answered, 'answer')))
  await eventually('all of them hear', () => calls.every((call) => String(call.heard.tones(60)) === String(tones['211'])))
  assert.equal(rig.engine.stats().legs, 40)
  await Promise.all(calls.map((call) => call.hangUp()))
  await over(...calls)
  await eventually('the other phone has no call either', () => ben.lines.length === 0)
})
