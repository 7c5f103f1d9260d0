/** What the account says of recording, by ear from the phones to the files: coaching words, consent, announcement, beep, hold, and one clock for all. */
import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { encode } from '../../src/media/g711.ts'
import { writeWav } from '../../src/media/wav.ts'
import { type Centre, centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import type { Phone } from '../../testkit/phone.ts'
import { eventually, pause } from '../../testkit/phone-wait.ts'
import type { Config } from '../../testkit/sotto.ts'
import { type StoredFile, storedCall } from '../../testkit/stored-call.ts'
import { silence, sine, tone, type Voice } from '../../testkit/voice.ts'

const recordedBy = (recording: object) => (config: Config) => Object.assign(config.accounts[0] ?? {}, { recording })

/** A server with this policy, with an agent's phone and a supervisor's. */
function withPolicy(recording: object) {
  const centre = centreFor({ change: recordedBy(recording) })
  const phones = { paco: undefined as Phone | undefined, sara: undefined as Phone | undefined }
  before(async () => {
    await centre.open()
    phones.paco = await centre.now.phone('210')
    phones.sara = await centre.now.phone('101')
  })
  after(centre.close)
  afterEach(() => centre.now.quiet())
  const there = (phone: Phone | undefined): Phone => {
    assert.ok(phone)
    return phone
  }
  return {
    get now(): Centre {
      return centre.now
    },
    get paco(): Phone {
      return there(phones.paco)
    },
    get sara(): Phone {
      return there(phones.sara)
    },
  }
}

type House = ReturnType<typeof withPolicy>

/** A customer of the group whose calls are recorded; both hear each other. */
async function recordedCall({ now, paco }: House) {
  const { line, call } = await now.customer('+18661234567')
  await eventually('recording has begun', async () => (await now.api.call(call.id)).recording.state === 'on')
  await hear({ line, hears: [toneOf(paco)] }, { line: paco.line, hears: [outsideTone] })
  const { parties } = await now.api.call(call.id)
  const idOf = (role: string): string => parties.find((party) => party.role === role)?.id ?? ''
  return { line, call, customer: idOf('customer'), agent: idOf('agent') }
}

describe('what only the agent hears', () => {
  for (const [coach, where] of [
    ['exclude', { mix: false, own: false }],
    ['include', { mix: true, own: true }],
    ['separate', { mix: false, own: true }],
  ] as const) {
    describe(`under ${coach}`, () => {
      const house = withPolicy({ coach })

      test(`is ${where.mix ? '' : 'not '}in the mix, and has ${where.own ? 'a' : 'no'} file of its own`, async () => {
        const { now, paco, sara } = house
        const { line, call, customer, agent } = await recordedCall(house)
        const supervision = await now.api.supervise(call.id, { supervisor: { extension: '101' }, mode: 'whisper' })
        await hear({ line: paco.line, hears: [outsideTone, toneOf(sara)] }, { line, hears: [toneOf(paco)] })
        await pause(1_000)
        await line.hangUp()
        const stored = await storedCall(now.sotto, call.id)
        const tones = [outsideTone, toneOf(paco), toneOf(sara)]
        const own = where.own ? { [supervision.partyId]: [toneOf(sara)] } : {}
        assert.deepEqual(stored.tones(tones), {
          [customer]: [outsideTone],
          [agent]: [toneOf(paco)],
          mix: where.mix ? tones : [outsideTone, toneOf(paco)],
          ...own,
        })
      })

      test('becomes part of the conversation when everybody hears it, from then on', async () => {
        const { now, paco, sara } = house
        const { line, call } = await recordedCall(house)
        const supervision = await now.api.supervise(call.id, { supervisor: { extension: '101' }, mode: 'whisper' })
        await hear({ line: paco.line, hears: [outsideTone, toneOf(sara)] })
        await pause(800)
        const bargedAt = Date.now()
        await now.api.change(supervision.id, { mode: 'barge' })
        await hear({ line, hears: [toneOf(paco), toneOf(sara)] })
        await pause(1_000)
        await line.hangUp()
        const { mix, view, files } = await storedCall(now.sotto, call.id)
        const barged = bargedAt - Date.parse(view.startedAt)
        assert.equal(mix.windowsWith(toneOf(sara), { to: barged - 100 }) > 10, where.mix)
        assert.deepEqual(mix.mostly([toneOf(sara)], { from: barged + 300 }), [toneOf(sara)])
        assert.deepEqual(files.get(supervision.partyId)?.mostly([toneOf(sara)], { from: barged + 300 }), [toneOf(sara)])
        assert.equal((files.get(supervision.partyId)?.windowsWith(toneOf(sara), { to: barged - 100 }) ?? 0) > 10, where.own)
      })
    })
  }
})

describe('an announcement and a beep, kept as FLAC', () => {
  const house = withPolicy({ format: 'flac', announcement: { to: 'all' }, beepSeconds: 1 })
  /** The three tones of who has no words of his own, none of which anybody speaks. */
  const said = [500, 800, 1_100] as const
  const beep = 1_400

  test('both hear it whole; nothing is recorded before it is over; then both hear the beep, which is in the mix alone', async () => {
    const { now, paco } = house
    const { line, call } = await recordedCall(house)
    const onAt = Date.now()
    await pause(3_500)
    const heard = [line, paco.line].map((one) => said.map((hz) => one.heard.framesWith(hz)))
    // 300 ms of each, looked for in windows of 60 ms.
    for (const frames of heard)
      assert.ok(
        frames.every((count) => count >= 12 && count <= 20),
        JSON.stringify(heard),
      )
    for (const one of [line, paco.line]) assert.ok(one.heard.framesWith(beep) >= 10, String(one.heard.framesWith(beep)))
    await line.hangUp()
    const { view, files, mix } = await storedCall(now.sotto, call.id)
    assert.equal(view.format, 'flac')
    assert.deepEqual(
      [...files.values()].map(({ type }) => type),
      ['audio/flac', 'audio/flac', 'audio/flac'],
    )
    assert.ok(Date.parse(view.startedAt) > onAt + 600, `${view.startedAt} after ${new Date(onAt).toISOString()}`)
    for (const [name, file] of files) {
      // The edge of any tone has a little of all; of one that is said there would be a dozen windows.
      const announced = said.reduce((sum, hz) => sum + file.windowsWith(hz), 0)
      assert.ok(announced <= 2, `${name}: ${announced}`)
      assert.equal(file.windowsWith(beep) > 10, name === 'mix', name)
    }
    assert.deepEqual(mix.mostly([outsideTone, toneOf(paco)]), [outsideTone, toneOf(paco)])
  })

  test('a recording that is stopped while it is announced leaves nothing; the next one announces again', async () => {
    const { now, paco } = house
    const { line, call } = await recordedCall(house)
    await now.api.record(call.id, 'off')
    await pause(1_500)
    const before = line.heard.framesWith(said[2])
    await now.api.record(call.id, 'on')
    await pause(2_500)
    assert.ok(line.heard.framesWith(said[2]) >= before + 12)
    await line.hangUp()
    const { mix, view } = await storedCall(now.sotto, call.id)
    assert.ok(view.id.endsWith('-2'), view.id)
    assert.deepEqual(mix.mostly([outsideTone, toneOf(paco)]), [outsideTone, toneOf(paco)])
  })
})

describe('an announcement in the operator’s own words', () => {
  const said = 1_900
  const file = join(mkdtempSync(join(tmpdir(), 'sotto-said-')), 'said.wav')
  writeFileSync(file, writeWav({ format: 'PCMA', channels: 1, sampleRate: 8_000, data: encode('PCMA', sine(said, { seconds: 1.5 })) }))
  const house = withPolicy({ announcement: { file, to: 'customer' } })

  test('is heard by the customer alone, whole, before the recording', async () => {
    const { now, paco } = house
    const { line, call } = await recordedCall(house)
    await pause(2_500)
    const frames = line.heard.framesWith(said)
    assert.ok(frames >= 68 && frames <= 80, String(frames))
    assert.equal(paco.line.heard.framesWith(said), 0)
    await line.hangUp()
    const { files, mix } = await storedCall(now.sotto, call.id)
    for (const [name, stored] of files) assert.equal(stored.windowsWith(said), 0, name)
    assert.deepEqual(mix.mostly([outsideTone, toneOf(paco)]), [outsideTone, toneOf(paco)])
  })
})

describe('consent', () => {
  const house = withPolicy({})

  for (const [from, to, recorded] of [
    ['OneParty', 'OneParty', ['agent', 'customer']],
    ['OneParty', 'TwoParty', ['agent']],
    ['TwoParty', 'OneParty', ['customer']],
    ['Unknown', 'TwoParty', []],
  ] as const)
    test(`${from} and ${to}: ${recorded.join(' and ') || 'nobody'} in the files, from the first frame to the last`, async () => {
      const { now, paco } = house
      const consent = (word: string): string => ({ OneParty: 'one-party', TwoParty: 'two-party', Unknown: 'unknown' })[word] ?? ''
      const wanted = { from: { agent: '1234' }, to: { number: '+442072068888' }, consent: { from: consent(from), to: consent(to) } }
      const { id } = await now.api.originate(wanted)
      await now.callIn(id, 'active')
      const [line] = now.trunk.lines
      assert.ok(line)
      await hear({ line, hears: [toneOf(paco)] }, { line: paco.line, hears: [outsideTone] })
      await pause(800)
      if (recorded.length === 0) await assert.rejects(now.api.record(id, 'on'), { status: 403, code: 'recording-not-permitted' })
      await now.api.end(id)
      if (recorded.length === 0) {
        await pause(700)
        const answer = await fetch(`${now.sotto.http}/sotto/v1/recordings?call=${id}`, {
          headers: { Authorization: 'Bearer sk_test_admin_a' },
        })
        assert.deepEqual(((await answer.json()) as { items: unknown[] }).items, [])
        return
      }
      const { files } = await storedCall(now.sotto, id)
      const tones = { agent: toneOf(paco), customer: outsideTone }
      const allowed = recorded.map((who) => tones[who])
      for (const [name, file] of files)
        for (const hz of [outsideTone, toneOf(paco)])
          if (!allowed.includes(hz)) assert.equal(file.windowsWith(hz), 0, `${hz} Hz in ${name}`)
      assert.deepEqual(
        files.get('mix')?.mostly([outsideTone, toneOf(paco)]),
        allowed.toSorted((a, b) => a - b),
      )
      assert.equal(files.size, recorded.length + 1)
    })
})

describe('a recorded call', () => {
  const house = withPolicy({ format: 'wav-pcm16' })

  test('on hold: neither is in any file meanwhile, nor the music; afterwards both are again', async () => {
    const { now, paco } = house
    const { line, call, agent, customer } = await recordedCall(house)
    await pause(600)
    await now.api.party(call.id, customer, 'hold')
    const heldAt = Date.now()
    await pause(1_500)
    const backAt = Date.now()
    await now.api.party(call.id, customer, 'unhold')
    await hear({ line, hears: [toneOf(paco)] })
    await pause(1_000)
    await line.hangUp()
    const stored = await storedCall(now.sotto, call.id)
    const at = (moment: number): number => moment - Date.parse(stored.view.startedAt)
    const hold = { fromMs: at(heldAt) + 100, toMs: at(backAt) - 100 }
    for (const [name, file] of stored.files) assert.ok(file.isSilent(hold), name)
    for (const part of [{ to: at(heldAt) - 300 }, { from: at(backAt) + 400 }]) {
      assert.deepEqual(stored.named(customer).mostly([outsideTone], part), [outsideTone])
      assert.deepEqual(stored.named(agent).mostly([toneOf(paco)], part), [toneOf(paco)])
      assert.deepEqual(stored.mix.mostly([outsideTone, toneOf(paco)], part), [outsideTone, toneOf(paco)])
    }
  })

  test('in a pause every file is silent to the sample, on the same samples', async () => {
    const { now } = house
    const { line, call } = await recordedCall(house)
    for (let i = 0; i < 3; i++) {
      await pause(330)
      await now.api.record(call.id, 'paused')
      await pause(270)
      await now.api.record(call.id, 'on')
    }
    await pause(400)
    await line.hangUp()
    const { files, view } = await storedCall(now.sotto, call.id)
    assert.equal(view.gaps.length, 3)
    for (const { fromMs, toMs } of view.gaps) {
      assert.ok(toMs - fromMs >= 260, String(toMs - fromMs))
      for (const [name, file] of files)
        assert.ok(
          file.samples.subarray(fromMs * 8, toMs * 8).every((sample) => sample === 0),
          name,
        )
    }
    assert.equal(new Set([...files.values()].map(({ samples }) => samples.length)).size, 1)
  })

  test('has one clock: what two phones begin to say lies as far apart in the files as it was said', async (t) => {
    const { now, paco } = house
    const voices = [new Bursts(outsideTone), new Bursts(toneOf(paco))]
    const { line, call, customer, agent } = await recordedCall(house)
    for (const [i, one] of [line, paco.line].entries()) one.say(voices[i] as Voice)
    await pause(6_000)
    await line.hangUp()
    const stored = await storedCall(now.sotto, call.id)
    const startedAt = Date.parse(stored.view.startedAt)
    const delays = [customer, agent].map((name, i) => delaysOf(stored.named(name), (voices[i] as Bursts).begun, startedAt))
    const [a = [], b = []] = delays
    assert.ok(a.length >= 5 && b.length >= 5, JSON.stringify(delays))
    const apart = Math.abs(median(a) - median(b))
    t.diagnostic(`customer ${median(a).toFixed(1)} ms, agent ${median(b).toFixed(1)} ms after they were said`)
    assert.ok(apart <= 20, JSON.stringify(delays))
    for (const all of delays) assert.ok(Math.max(...all) - Math.min(...all) <= 20, JSON.stringify(all))
  })
})

/** Speaks for 100 ms out of 500, by the clock on the wall, and notes when it began. */
class Bursts implements Voice {
  readonly #frames: number[] = []
  readonly #tone: Voice
  #isOn = false
  /** When frame 0 would have begun, by the frames that this busy process made in time: a phone's clock does not wait. */
  #origin = Number.POSITIVE_INFINITY

  constructor(hz: number) {
    this.#tone = tone(hz)
  }

  get begun(): readonly number[] {
    return this.#frames.map((n) => this.#origin + 20 * n)
  }

  frame(n: number, law: 'PCMU' | 'PCMA'): Uint8Array {
    const isOn = Date.now() % 500 < 100
    // A packet is sent when its last sample has been said.
    this.#origin = Math.min(this.#origin, performance.timeOrigin + performance.now() - 20 * (n + 1))
    if (isOn && !this.#isOn) this.#frames.push(n)
    this.#isOn = isOn
    return (isOn ? this.#tone : silence).frame(n, law)
  }
}

/** How much later than it was said each burst begins in the file, in milliseconds. */
function delaysOf({ samples }: StoredFile, begun: readonly number[], startedAt: number): readonly number[] {
  const onsets: number[] = []
  let quiet = 0
  for (const [i, sample] of samples.entries()) {
    if (Math.abs(sample) < 500) quiet++
    else {
      if (quiet > 1_600) onsets.push(i / 8)
      quiet = 0
    }
  }
  return begun.flatMap((said) => {
    const near = onsets.map((onset) => onset - (said - startedAt)).filter((delay) => Math.abs(delay) < 200)
    return near.length === 1 ? near : []
  })
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
