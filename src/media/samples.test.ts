import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { amplitudeOf } from '../../testkit/ear.ts'
import { instant } from '../kernel/time.ts'
import { ComfortNoise, noiseLevel } from './comfort-noise.ts'
import { decode, decodeSample, encode, encodeSample, silenceByte, transcodeTable } from './g711.ts'
import { type Talker, TalkRing, Tap } from './jitter-buffer.ts'
import { dbov, LevelMeter } from './level.ts'
import { Mixer } from './mixer.ts'
import { dualTone, TonePlayer, tones } from './tones.ts'
import { readWav, wavSamples, writeWav } from './wav.ts'

const at = instant(1_700_000_000_000)

describe('G.711', () => {
  test('values of the standard’s tables', () => {
    // ITU-T G.711 tables 1 and 2, scaled to 16 bits.
    const mulaw = [0x80, 0x8f, 0xff, 0x7f, 0x00].map((byte) => decodeSample('PCMU', byte))
    assert.deepEqual(
      mulaw.map((sample) => sample + 0),
      [32_124, 16_764, 0, 0, -32_124],
    )
    assert.deepEqual(
      [0xd5, 0x55, 0xaa, 0x2a].map((byte) => decodeSample('PCMA', byte)),
      [8, -8, 32_256, -32_256],
    )
  })

  for (const codec of ['PCMU', 'PCMA'] as const) {
    test(`${codec}: every code comes back from its own sample, but for µ-law's second zero`, () => {
      for (let byte = 0; byte < 256; byte++) {
        const again = encodeSample(codec, decodeSample(codec, byte))
        assert.equal(again, codec === 'PCMU' && byte === 0x7f ? 0xff : byte)
      }
    })

    test(`${codec}: the error stays within half of the widest step, and encoding is monotonic`, () => {
      let previous = Number.NEGATIVE_INFINITY
      for (let sample = -32_768; sample <= 32_767; sample++) {
        const heard = decodeSample(codec, encodeSample(codec, sample))
        assert.ok(heard >= previous, `${sample} falls back`)
        assert.ok(
          Math.abs(heard - Math.max(-32_256, Math.min(32_256, sample))) <= Math.max(16, Math.abs(sample) / 26),
          `${sample} heard as ${heard}`,
        )
        previous = heard
      }
    })

    test(`${codec}: what the decoder hears as nothing`, () => assert.ok(Math.abs(decodeSample(codec, silenceByte[codec])) <= 8))
  }

  test('transcoding there and back costs at most one step', () => {
    for (let byte = 0; byte < 256; byte++) {
      const back = transcodeTable('PCMA')[transcodeTable('PCMU')[byte] ?? 0] ?? 0
      const [before, after] = [decodeSample('PCMU', byte), decodeSample('PCMU', back)]
      assert.ok(Math.abs(before - after) <= Math.max(16, Math.abs(before) / 14), `${before} came back as ${after}`)
    }
  })
})

test('the mixer saturates instead of wrapping round', () => {
  const mixer = new Mixer()
  mixer.clear(2)
  const loud = encode('PCMU', [30_000, -30_000])
  mixer.addPayload('PCMU', loud, 0, 2)
  mixer.addPayload('PCMU', loud, 0, 2)
  const out = new Uint8Array(2)
  mixer.encode('PCMU', out, 0, 2)
  assert.deepEqual([...decode('PCMU', out)], [32_124, -32_124])
})

describe('levels', () => {
  test('RFC 6465: a square wave at full scale is 0 dBov, nothing is -127', () => {
    assert.equal(dbov(160 * 32_767 ** 2, 160), 0)
    assert.equal(dbov(0, 160), -127)
  })

  test('only the last 200 ms count, and quiet is no speech', () => {
    const meter = new LevelMeter()
    assert.equal(meter.read(at), null)
    meter.add(at, 160 * 1_000 ** 2, 160)
    assert.ok(Math.abs((meter.read(at) ?? 0) - 20 * Math.log10(1_000 / 32_767)) < 0.01)
    meter.add(instant(at + 300), 160 * 4 ** 2, 160)
    assert.ok((meter.read(instant(at + 300)) ?? 0) < -70)
    assert.equal(meter.lastAudioAt, at)
    assert.equal(meter.read(instant(at + 600)), null)
  })
})

describe('jitter ring and tap', () => {
  const constant = (value: number): Uint8Array => encode('PCMU', new Array(160).fill(value))
  const sum = new Int32Array(160)
  const read = (tap: Tap): number | undefined => {
    sum.fill(0)
    return tap.addTo(at, sum, 160) ? sum[80] : undefined
  }
  /** A talker whose packets come just before they are read, or after. */
  const late = (ring: TalkRing): Talker => ({ ring, isInTime: () => false })
  const write = (ring: TalkRing, frame: number, value: number): void => {
    ring.write(frame * 160, constant(value), 0, 160, 'PCMU')
  }
  /** The values that G.711 keeps exactly. */
  const voices = [1_052, 1_180, 1_308, 1_436, 1_564, 1_692, 1_820, 1_948].map((value) => decodeSample('PCMU', encodeSample('PCMU', value)))
  const voice = (n: number): number => voices[n] ?? 0

  test('a talker whose packets come in good time is read one frame behind, and two after he was late once', () => {
    const ring = new TalkRing()
    const tap = new Tap({ ring, isInTime: () => true }, { from: 0, depthSamples: 320 })
    assert.equal(read(tap), undefined)
    write(ring, 0, voice(0))
    assert.equal(read(tap), voice(0))
    write(ring, 1, voice(1))
    assert.equal(read(tap), voice(1))
    assert.notEqual(read(tap), undefined, 'what is late is concealed')
    write(ring, 2, voice(2))
    write(ring, 3, voice(3))
    assert.equal(read(tap), voice(2))
    write(ring, 4, voice(4))
    assert.equal(read(tap), voice(3))
  })

  test('a talker whose packets come late is read two frames behind, in order', () => {
    const ring = new TalkRing()
    const tap = new Tap(late(ring), { from: 0, depthSamples: 320 })
    write(ring, 0, voice(0))
    assert.equal(read(tap), undefined)
    write(ring, 1, voice(1))
    assert.equal(read(tap), voice(0))
    write(ring, 2, voice(2))
    assert.equal(read(tap), voice(1))
  })

  test('reordered packets are read in order, a lost one is concealed by the one before, fading', () => {
    const ring = new TalkRing()
    const tap = new Tap(late(ring), { from: 0, depthSamples: 320 })
    for (const frame of [0, 2, 1, 4, 5]) write(ring, frame, voice(frame))
    // All of it lies before the two frames at which a tap begins, but for these.
    assert.equal(read(tap), voice(4))
    assert.equal(read(tap), voice(5))
    const early = new Tap(late(ring), { from: 0, depthSamples: 960 })
    assert.deepEqual(
      [0, 1, 2].map(() => read(early)),
      [voice(0), voice(1), voice(2)],
    )
    const concealed = read(early) ?? 0
    assert.ok(concealed > 0.6 * voice(2) && concealed < 0.8 * voice(2), String(concealed))
  })

  test('late speech is concealed, then played late; a pause ends in silence', () => {
    const ring = new TalkRing()
    const tap = new Tap(late(ring), { from: 0, depthSamples: 320 })
    write(ring, 0, voice(0))
    write(ring, 1, voice(1))
    assert.deepEqual([read(tap), read(tap)], [voice(0), voice(1)])
    assert.ok((read(tap) ?? 0) < voice(1))
    write(ring, 2, voice(2))
    assert.equal(read(tap), voice(2))
    assert.deepEqual(
      [0, 1, 2, 3, 4].map(() => read(tap) !== undefined),
      [true, true, true, false, false],
    )
  })

  test('a talker who ran ahead for seconds is brought back by skipping a quiet frame', () => {
    const ring = new TalkRing()
    const tap = new Tap(late(ring), { from: 0, depthSamples: 320 })
    for (let frame = 0; frame < 2; frame++) write(ring, frame, voice(0))
    read(tap)
    write(ring, 2, voice(0))
    write(ring, 3, voice(0))
    let frame = 4
    for (; frame < 400; frame++) {
      write(ring, frame, frame % 10 === 0 ? 0 : voice(0))
      read(tap)
    }
    assert.equal(tap.holds(320), false)
  })

  test('a leap of the timestamps keeps the tap near the newest speech', () => {
    const ring = new TalkRing()
    const tap = new Tap(late(ring), { from: 0, depthSamples: 320 })
    write(ring, 0, voice(0))
    write(ring, 1, voice(0))
    read(tap)
    for (const frame of [1_000_000, 1_000_001, 1_000_002]) write(ring, frame, voice(3))
    const heard = [0, 1, 2, 3].map(() => read(tap))
    assert.ok(heard.includes(voice(3)), String(heard))
    ring.write(0, constant(voice(5)), 0, 160, 'PCMU')
    ring.write(160, constant(voice(5)), 0, 160, 'PCMU')
    assert.ok([0, 1, 2, 3].map(() => read(tap)).includes(voice(5)))
  })
})

describe('tones', () => {
  const second = (loop: Int16Array, from: number): Int16Array => loop.subarray(from * 8_000, (from + 1) * 8_000)

  test('the common ringing tone is 425 Hz, one second on and four off', () => {
    const { ringback } = tones()
    assert.equal(ringback.length, 40_000)
    assert.ok(amplitudeOf(second(ringback, 0), 425) > 3_000)
    assert.ok(second(ringback, 2).every((sample) => sample === 0))
  })

  test('Americans hear 440 and 480 Hz', () => {
    const { ringback } = tones('US')
    assert.ok(amplitudeOf(second(ringback, 0), 440) > 1_500 && amplitudeOf(second(ringback, 0), 480) > 1_500)
  })

  test('hold music never stops, never clips, and its loop has no seam', () => {
    const music = tones()['hold-music']
    for (let from = 0; from < music.length; from += 4_000) assert.ok(music.subarray(from, from + 4_000).some((s) => Math.abs(s) > 300))
    assert.ok(music.every((sample) => Math.abs(sample) < 20_000))
    assert.ok(Math.abs((music[0] ?? 0) - (music.at(-1) ?? 0)) < 1_500)
  })

  test('a player goes round', () => {
    const player = new TonePlayer(Int16Array.of(1, 2, 3))
    const sum = new Int32Array(7)
    assert.ok(player.addTo(sum, 7))
    assert.deepEqual([...sum], [1, 2, 3, 1, 2, 3, 1])
  })

  test('ITU-T Q.23: key 5 is 770 and 1336 Hz, D is 941 and 1633', () => {
    const key = (event: number): Int16Array => Int16Array.from({ length: 800 }, (_, n) => dualTone(event, n))
    assert.ok(amplitudeOf(key(5), 770) > 4_000 && amplitudeOf(key(5), 1_336) > 4_000)
    assert.ok(amplitudeOf(key(15), 941) > 4_000 && amplitudeOf(key(15), 1_633) > 4_000)
  })

  test('comfort noise has the level it was asked for', () => {
    const sum = new Int32Array(8_000)
    new ComfortNoise().addTo(sum, 8_000, noiseLevel(55))
    const level = dbov(
      sum.reduce((squares, sample) => squares + sample * sample, 0),
      8_000,
    )
    assert.ok(Math.abs(level + 55) < 0.5, String(level))
  })
})

describe('WAV', () => {
  for (const format of ['PCM', 'PCMU', 'PCMA'] as const) {
    test(`${format}: what is written is read, odd lengths included`, () => {
      const data = Uint8Array.of(1, 2, 3, 4, 5, 6, ...(format === 'PCM' ? [] : [7]))
      const read = readWav(writeWav({ format, channels: 1, sampleRate: 8_000, data }))
      assert.ok(read.ok)
      assert.deepEqual({ ...read.value, data: [...read.value.data] }, { format, channels: 1, sampleRate: 8_000, data: [...data] })
      assert.equal(wavSamples(read.value).length, format === 'PCM' ? 3 : 7)
    })
  }

  test('what is no WAV is refused; a file cut short is read as far as it goes', () => {
    assert.ok(!readWav(new Uint8Array(3)).ok)
    assert.ok(!readWav(new Uint8Array(100)).ok)
    const whole = writeWav({ format: 'PCMU', channels: 1, sampleRate: 8_000, data: new Uint8Array(100) })
    const cut = readWav(whole.subarray(0, 94))
    assert.equal(cut.ok && cut.value.data.length, 50)
  })
})
