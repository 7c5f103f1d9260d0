import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Phone, type PhoneOptions } from './phone.ts'
import { eventually, pause, soon } from './phone-wait.ts'
import { Trunk } from './trunk.ts'
import { marked } from './voice.ts'

const nobody = { host: '127.0.0.1', port: 9 }
const started: { stop(): Promise<void> }[] = []
after(() => Promise.all(started.map((phone) => phone.stop())))

async function phone(user: string, options: Partial<PhoneOptions> = {}): Promise<Phone> {
  const made = await Phone.start({ server: nobody, user, ...options })
  started.push(made)
  return made
}

test('two phones talk: each hears the tone of the other, and nothing else, within 300 ms of the answer', async () => {
  const [ann, ben] = await Promise.all([phone('ann', { tone: 400 }), phone('ben', { tone: 550, autoAnswer: true })])
  const call = await ann.call(ben.uri)
  await soon(call.answered, 'answer')
  const other = await ben.next('answered')
  assert.equal(other.number, 'ann')
  await eventually('ann hears ben', () => String(call.heard.tones()) === '550', 300)
  await eventually('ben hears ann', () => String(other.heard.tones()) === '400', 300)
  await call.hangUp()
  assert.deepEqual(await soon(other.ended, 'end'), { by: 'them', reason: '' })
})

test('every frame comes once, in order, unchanged: nothing of the phones themselves disturbs a comparison of samples', async () => {
  const [ann, ben] = await Promise.all([phone('ann', { tone: marked(7) }), phone('ben', { autoAnswer: true })])
  const call = await ann.call(ben.uri)
  await call.answered
  const { heard } = await ben.next('answered')
  await pause(500)
  const first = heard.kept[0]
  assert.ok(first !== undefined && heard.kept.length > 15, `only ${heard.kept.length} packets`)
  const voice = marked(7)
  heard.kept.forEach((arrival, n) => {
    assert.deepEqual(Buffer.from(arrival.payload), Buffer.from(voice.frame(n, 'PCMU')))
  })
  assert.deepEqual([heard.lost, heard.late, heard.timestampJumps, heard.ssrcChanges], [0, 0, 0, 0])
  await call.hangUp()
})

test('hold: the held side falls silent, the holder may go on; after resume both hear again', async () => {
  const [ann, ben] = await Promise.all([phone('ann', { tone: 700 }), phone('ben', { tone: 850, autoAnswer: true })])
  const call = await ann.call(ben.uri)
  await call.answered
  const other = await ben.next('answered')
  await eventually('ann hears ben', () => String(call.heard.tones()) === '850', 400)
  await call.hold()
  assert.deepEqual([call.media.agreed, other.media.agreed], ['sendonly', 'recvonly'])
  await eventually('ann hears nobody', () => call.heard.tones().length === 0, 400)
  await call.resume()
  await eventually('ann hears ben again', () => String(call.heard.tones()) === '850', 400)
  await call.hangUp()
})

test('PCMA only, delayed offer: the offer comes in the 200 and the answer in the ACK', async () => {
  const [ann, ben] = await Promise.all([phone('ann', { tone: 1000, codec: 'PCMA' }), phone('ben', { tone: 1150, autoAnswer: 30 })])
  const call = await ann.call(ben.uri, { delayedOffer: true })
  await call.answered
  const other = await ben.next('answered')
  await eventually('ben hears ann', () => String(other.heard.tones()) === '1000', 400)
  await eventually('ann hears ben', () => String(call.heard.tones()) === '1150', 400)
  assert.deepEqual([call.media.law, other.media.law], ['PCMA', 'PCMA'])
  await call.hangUp()
})

test('busy, refusal and CANCEL end a call with their status', async () => {
  const ann = await phone('ann')
  const busy = await phone('busy', { behaviour: 'busy' })
  const rude = await phone('rude', { behaviour: { reject: 403 } })
  const slow = await phone('slow', { behaviour: 'ringForever' })
  assert.equal((await (await ann.call(busy.uri)).ended).status, 486)
  assert.equal((await (await ann.call(rude.uri)).ended).status, 403)
  const call = await ann.call(slow.uri)
  await soon(call.ringing, 'ringing')
  await call.cancel()
  assert.deepEqual(await soon(call.ended, 'end'), { by: 'us', status: 487, reason: 'Request Terminated' })
  assert.equal((await soon(slow.next('ended'), 'end')).state, 'ended')
})

test('Call-Info: answer-after makes a phone answer that would otherwise ring', async () => {
  const [ann, ben] = await Promise.all([phone('ann'), phone('ben')])
  const call = await ann.call(ben.uri, { fields: [['Call-Info', '<sip:127.0.0.1>;answer-after=0']] })
  await soon(call.answered, 'answer')
  await call.hangUp()
})

test('RFC 4733 digits arrive once each, and SIP INFO digits too', async () => {
  const [ann, ben] = await Promise.all([phone('ann'), phone('ben', { autoAnswer: true })])
  const call = await ann.call(ben.uri)
  await call.answered
  const other = await ben.next('answered')
  call.sendDtmf('42#')
  await eventually('digits', () => other.heard.digits === '42#', 2_000)
  assert.equal(await call.sendInfo('7'), 200)
  assert.equal(other.infoDigits, '7')
  assert.equal(other.heard.timestampJumps, 0)
  await call.hangUp()
})

test('a blind transfer: REFER, a new call, the outcome by NOTIFY, and the transferring phone leaves', async () => {
  const ann = await phone('ann', { tone: 400 })
  const [ben, cat] = await Promise.all([phone('ben', { autoAnswer: true }), phone('cat', { tone: 700, autoAnswer: true })])
  const call = await ann.call(ben.uri)
  await call.answered
  const atBen = await ben.next('answered')
  assert.equal(await soon(atBen.transfer(cat.uri), 'transfer'), 200)
  const atCat = await cat.next('answered')
  await soon(atBen.ended, 'end')
  await eventually('cat hears ann', () => String(atCat.heard.tones()) === '400', 500)
  await ann.stop()
})

test('an attended transfer: Replaces takes the place of the consultation', async () => {
  const ann = await phone('ann', { tone: 400 })
  const [ben, cat] = await Promise.all([phone('ben', { tone: 550, autoAnswer: true }), phone('cat', { tone: 700, autoAnswer: true })])
  const call = await ann.call(ben.uri)
  await call.answered
  const atBen = await ben.next('answered')
  await atBen.hold()
  const consultation = await ben.call(cat.uri)
  await consultation.answered
  assert.equal(await soon(atBen.transferTo(consultation), 'transfer'), 200)
  await soon(consultation.ended, 'consultation over')
  await eventually('cat hears ann', () => cat.lines.length === 1 && String(cat.line.heard.tones()) === '400', 500)
  await ann.stop()
})

test('a trunk that demands a password gets it from a phone that knows it, and refuses one that does not', async () => {
  const trunk = await Trunk.start({
    server: nobody,
    listen: { host: '127.0.0.1', port: 0 },
    challenge: { user: 'carrier', password: 'secret' },
  })
  started.push(trunk)
  const server = { host: '127.0.0.1', port: trunk.port }
  const known = await phone('office', { server, authUser: 'carrier', password: 'secret' })
  const wrong = await phone('office', { server, authUser: 'carrier', password: 'guess' })
  await soon((await known.call('+442071838750')).answered, 'answer')
  assert.equal((await (await wrong.call('+442071838750')).ended).status, 407)
  await known.hangUp()
})

test('a vanished phone sends no BYE: its peer stays in the call and hears nothing', async () => {
  const [ann, ben] = await Promise.all([phone('ann'), phone('ben', { tone: 550, autoAnswer: true })])
  const call = await ann.call(ben.uri)
  await call.answered
  await eventually('ann hears ben', () => call.heard.tones().length === 1, 400)
  ben.vanish()
  await eventually('silence', () => call.heard.tones().length === 0, 400)
  assert.equal(call.state, 'connected')
  call.end({ by: 'us' })
})
