import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toneSamples } from '../../testkit/ear.ts'
import { Stage, type StagePhone } from '../../testkit/media-stage.ts'
import { decode, encode } from './g711.ts'
import type { Row } from './protocol.ts'

/** Repeatable: prints nothing, fails the same way twice. */
function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Every frame that any phone is sent is compared with the row that is in force. */
class LeakWatch {
  readonly leaks: string[] = []
  /** Listener to the tones it may hear. */
  allowed = new Map<StagePhone, readonly number[]>()

  constructor(phones: readonly StagePhone[]) {
    for (const phone of phones) {
      phone.onPacket = ({ at, payload }) => {
        if (payload.length < 160) return
        const stranger = phone.ear.heard.find((hertz) => !this.allowed.get(phone)?.includes(hertz))
        if (stranger !== undefined) this.leaks.push(`${phone.leg} hears ${stranger} Hz at ${at}`)
      }
    }
  }

  allow(phones: readonly StagePhone[], rows: readonly Row[], cut = false): void {
    this.allowed = new Map(
      phones.map((phone) => {
        const talkers = rows.find((row) => row.listener === phone.leg)?.talkers ?? []
        return [phone, phones.filter((p) => talkers.includes(p.leg) && !(cut && p.leg.startsWith('s'))).map((p) => p.hertz)]
      }),
    )
  }
}

function fivePhones(): { stage: Stage; phones: StagePhone[]; watch: LeakWatch } {
  const stage = new Stage(5)
  stage.keepPackets = false
  const phones = [
    stage.phone('c'),
    stage.phone('a'),
    stage.phone('t', { media: { codec: 'PCMA', payloadType: 8 } }),
    stage.phone('s1', { voice: 'supervisor' }),
    stage.phone('s2', { voice: 'supervisor', ptimeMs: 20, phaseMs: 13 }),
  ]
  return { stage, phones, watch: new LeakWatch(phones) }
}

function randomRows(phones: readonly StagePhone[], random: (below: number) => number): Row[] {
  return phones
    .filter(() => random(10) > 0)
    .map((listener) => {
      const talkers = phones.filter((phone) => phone !== listener && random(5) < 2).map((phone) => phone.leg)
      const main = talkers[random(talkers.length + 1)]
      return { listener: listener.leg, talkers, ...(main === undefined ? {} : { main }) }
    })
}

test('through 10,000 random rewires no listener is sent one frame of a talker whom his row does not name', () => {
  const { stage, phones, watch } = fivePhones()
  const random = seeded(20_261)
  stage.advance(100)
  for (let n = 0; n < 10_000; n++) {
    const rows = randomRows(phones, random)
    assert.equal(stage.rewire(...rows)?.kind, 'rewired')
    watch.allow(phones, rows)
    const cut = random(20) === 0
    if (cut) {
      stage.engine.cutSupervisors(stage.at)
      watch.allow(phones, rows, true)
    }
    const quiet = random(4) === 0 ? phones[random(phones.length)] : undefined
    if (quiet !== undefined) quiet.speaking = !quiet.speaking
    stage.advance(5 + random(45))
    if (n % 100 === 0) settle(stage, phones, watch)
    if (watch.leaks.length > 0) break
  }
  assert.deepEqual(watch.leaks, [])
})

/** And what the row names is heard: silence everywhere would leak nothing either. */
function settle(stage: Stage, phones: readonly StagePhone[], watch: LeakWatch): void {
  for (const phone of phones) phone.speaking = true
  stage.advance(500)
  for (const phone of phones) assert.deepEqual(phone.ear.heard, watch.allowed.get(phone), `${phone.leg} at ${stage.at}`)
}

test('the watch notices a talker too many in a row', () => {
  const { stage, phones, watch } = fivePhones()
  const [c, a, , s] = phones
  assert.ok(c && a && s)
  stage.rewire({ listener: c.leg, talkers: [a.leg, s.leg] })
  watch.allow(phones, [{ listener: c.leg, talkers: [a.leg] }])
  stage.advance(200)
  assert.ok(watch.leaks.length > 0)
})

test('the watch notices one planted frame at an eighth of the voice', () => {
  const { stage, phones, watch } = fivePhones()
  const [c, a, , s] = phones
  assert.ok(c && a && s)
  const rows = [{ listener: c.leg, talkers: [a.leg] }]
  stage.rewire(...rows)
  watch.allow(phones, rows)
  stage.advance(200)
  assert.deepEqual(watch.leaks, [])
  const speak = a.speak.bind(a)
  a.speak = () => {
    const packet = speak()
    const voice = decode('PCMU', packet.subarray(12))
    const leak = toneSamples(s.hertz, 0, 160, 500)
    packet.set(
      encode(
        'PCMU',
        voice.map((sample, n) => sample + (leak[n] ?? 0)),
      ),
      12,
    )
    a.speak = speak
    return packet
  }
  stage.advance(100)
  assert.equal(watch.leaks.length, 1)
})
