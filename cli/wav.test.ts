/** Files of any form come out as the same tone at 8 kHz, and what is heard goes into a file as it was. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { encode } from '../src/media/g711.ts'
import { readWav, wavSamples } from '../src/media/wav.ts'
import { levelAt, tonesIn } from '../testkit/phone-tones.ts'
import { sine } from '../testkit/voice.ts'
import { levelOf, Playout } from './playout.ts'
import { resample, toTelephone } from './resample.ts'
import { readSound } from './wav-in.ts'
import { stream, wavFile } from './wav-out.ts'

interface Form {
  readonly rate: number
  readonly channels: number
  readonly tag: number
  readonly bits: number
  readonly extensible?: boolean
}

const seconds = 0.5
const level = 0.25

/** A tone of 1000 Hz in the first channel, and nothing in the others. */
function fileOf({ rate, channels, tag, bits, extensible = false }: Form, hz = 1_000): Uint8Array {
  const count = Math.round(rate * seconds)
  const width = bits / 8
  const [head, body] = [extensible ? 40 : 16, count * channels * width]
  const view = new DataView(new ArrayBuffer(12 + 8 + head + 8 + 3 + 1 + 8 + body))
  const put = (at: number, text: string) => new Uint8Array(view.buffer).set(Buffer.from(text, 'latin1'), at)
  put(0, 'RIFF')
  put(8, 'WAVEfmt ')
  view.setUint32(16, head, true)
  view.setUint16(20, extensible ? 0xfffe : tag, true)
  view.setUint16(22, channels, true)
  view.setUint32(24, rate, true)
  view.setUint16(34, bits, true)
  if (extensible) view.setUint16(44, tag, true)
  // A chunk of odd length that nobody knows stands between.
  const other = 20 + head
  put(other, 'LIST')
  view.setUint32(other + 4, 3, true)
  put(other + 12, 'data')
  view.setUint32(other + 16, body, true)
  for (let n = 0; n < count; n++)
    write(view, other + 20 + n * channels * width, level * Math.sin((2 * Math.PI * hz * n) / rate), { tag, bits })
  if (tag === 1 && bits === 8)
    for (let at = other + 20; at < view.byteLength; at++) if ((at - other - 20) % channels !== 0) view.setUint8(at, 128)
  return new Uint8Array(view.buffer)
}

function write(view: DataView, at: number, value: number, { tag, bits }: { readonly tag: number; readonly bits: number }): void {
  if (tag === 6 || tag === 7) view.setUint8(at, encode(tag === 6 ? 'PCMA' : 'PCMU', [Math.round(value * 32_767)])[0] ?? 0)
  else if (tag === 3) bits === 32 ? view.setFloat32(at, value, true) : view.setFloat64(at, value, true)
  else if (bits === 8) view.setUint8(at, 128 + Math.round(value * 127))
  else if (bits === 16) view.setInt16(at, Math.round(value * 32_767), true)
  else if (bits === 32) view.setInt32(at, Math.round(value * 2_147_483_647), true)
  else {
    const whole = Math.round(value * 8_388_607)
    view.setUint8(at, whole & 0xff)
    view.setInt16(at + 1, whole >> 8, true)
  }
}

function heardIn(file: Uint8Array): Int16Array {
  const sound = readSound(file)
  assert.ok(sound.ok, sound.ok ? '' : sound.error)
  return toTelephone(sound.value.samples, sound.value.rate)
}

describe('reading', () => {
  const forms: readonly Form[] = [
    ...[8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 6_000].map((rate) => ({ rate, channels: 1, tag: 1, bits: 16 })),
    ...[8, 24, 32].map((bits) => ({ rate: 48_000, channels: 1, tag: 1, bits })),
    ...[32, 64].map((bits) => ({ rate: 44_100, channels: 1, tag: 3, bits })),
    ...[6, 7].map((tag) => ({ rate: 8_000, channels: 1, tag, bits: 8 })),
    { rate: 44_100, channels: 1, tag: 1, bits: 24, extensible: true },
  ]
  for (const form of forms)
    test(`${form.rate} Hz, format ${form.tag}, ${form.bits} bits: the same tone, as loud as it was`, () => {
      const samples = heardIn(fileOf(form))
      assert.equal(samples.length, 8_000 * seconds)
      assert.deepEqual(tonesIn(samples), [1000])
      // At the ends the filter sees half of nothing.
      const middle = samples.subarray(1_000, 3_000)
      const wanted = levelAt(sine(1000, { seconds: 0.25 }), 1000)
      assert.ok(Math.abs(levelAt(middle, 1000) - wanted) < 0.3, `${levelAt(middle, 1000)}, not ${wanted}`)
    })

  test('of two channels the mean', () => {
    for (const bits of [8, 16]) {
      const middle = heardIn(fileOf({ rate: 44_100, channels: 2, tag: 1, bits })).subarray(1_000, 3_000)
      const wanted = levelAt(sine(1000, { seconds: 0.25 }), 1000) - 6
      assert.ok(Math.abs(levelAt(middle, 1000) - wanted) < 0.4)
    }
  })

  test('what a telephone does not carry is not folded into what it does', () => {
    for (const hz of [4_100, 4_600, 5_000, 7_000, 15_000]) {
      const samples = heardIn(fileOf({ rate: 48_000, channels: 1, tag: 3, bits: 32 }, hz)).subarray(500, 3_500)
      assert.ok(levelOf(samples) < -75, `${hz} Hz: ${levelOf(samples)} dB`)
    }
  })

  test('speech is passed evenly', () => {
    for (const hz of [100, 300, 2_000, 3_000, 3_400]) {
      const samples = heardIn(fileOf({ rate: 44_100, channels: 1, tag: 3, bits: 64 }, hz)).subarray(500, 3_500)
      assert.ok(Math.abs(levelOf(samples) + 15.05) < 0.3, `${hz} Hz: ${levelOf(samples)} dB`)
    }
  })

  test('what is no WAV, or of an unknown form, is refused', () => {
    for (const file of [new Uint8Array(0), Buffer.from('RIFF....WAVEfmt '), Buffer.from('ID3 and more of an MP3')])
      assert.ok(!readSound(file).ok)
    assert.deepEqual(readSound(fileOf({ rate: 8_000, channels: 1, tag: 17, bits: 8 })), {
      ok: false,
      error: 'it is in format 17 with 8 bits; PCM, float, A-law and µ-law are understood',
    })
    assert.ok(!readSound(fileOf({ rate: 100, channels: 1, tag: 1, bits: 16 })).ok)
  })

  test('a length that nobody knew at the beginning', () => {
    const file = fileOf({ rate: 8_000, channels: 1, tag: 1, bits: 16 })
    new DataView(file.buffer).setUint32(52, 0xffff_ffff, true)
    assert.equal(heardIn(file).length, 4_000)
  })
})

test('the same rate is left alone', () => {
  const samples = Float64Array.from([0.1, -0.2, 0.3])
  assert.equal(resample(samples, 8_000, 8_000), samples)
})

describe('writing', () => {
  test('a file has its length in its head when it is closed, is for its owner, and is not replaced', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sotto-cli-'))
    try {
      const path = join(folder, 'x.wav')
      const file = wavFile(path, { mayReplace: false })
      for (const part of [sine(700, { seconds: 0.1 }), sine(700, { seconds: 0.1 })]) file.write(part)
      file.close()
      const read = readWav(readFileSync(path))
      assert.ok(read.ok)
      assert.deepEqual([read.value.sampleRate, read.value.format, read.value.data.length], [8_000, 'PCM', 3_200])
      assert.deepEqual(tonesIn(wavSamples(read.value)), [700])
      assert.equal(statSync(path).mode & 0o777, 0o600)
      assert.throws(() => wavFile(path, { mayReplace: false }), /exists already: --force/)
      wavFile(path, { mayReplace: true }).close()
      assert.equal(statSync(path).size, 44)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('a stream has a head that never ends, or none', () => {
    for (const isRaw of [false, true]) {
      const parts: Uint8Array[] = []
      const out = stream((bytes) => parts.push(bytes), { isRaw })
      out.write(Int16Array.from([1, -2]))
      const all = Buffer.concat(parts)
      assert.deepEqual([...all.subarray(-4)], [1, 0, 0xfe, 0xff])
      assert.equal(all.length, isRaw ? 4 : 48)
      if (!isRaw) assert.equal(all.readUInt32LE(40), 0xffff_ffff)
    }
  })
})

describe('what comes in', () => {
  const packet = (timestamp: number, { source = 7, byte = 0x80, type = 0 } = {}) => {
    const bytes = Buffer.alloc(12 + 160, byte)
    bytes.fill(0, 0, 12)
    bytes[0] = 0x80
    bytes[1] = type
    bytes.writeUInt32BE(timestamp >>> 0, 4)
    bytes.writeUInt32BE(source, 8)
    return bytes
  }
  const playing = () => {
    const out: number[] = []
    const playout = new Playout((samples) => out.push(...samples))
    return { out, playout }
  }

  test('is put in order; what is missing is silence; what comes twice is heard once; timestamps may wrap', () => {
    const { out, playout } = playing()
    const origin = 2 ** 32 - 320
    for (const frame of [0, 2, 1, 1, 4]) playout.take(packet(origin + frame * 160, { byte: 0x80 + frame }), 'PCMU', frame * 20)
    playout.end()
    assert.equal(out.length, 5 * 160)
    assert.ok(
      out.slice(480, 640).every((sample) => sample === 0),
      'the fourth never came',
    )
    const loudness = [0, 1, 2, 4].map((frame) => Math.abs(out[frame * 160] ?? 0))
    assert.deepEqual(
      loudness,
      loudness.toSorted((a, b) => b - a),
    )
    assert.equal(playout.missing, 160)
  })

  test('a new stream goes on as much later as it began', () => {
    const { out, playout } = playing()
    playout.take(packet(1_000), 'PCMU', 0)
    playout.take(packet(99_000, { source: 8 }), 'PCMU', 1_020)
    playout.end()
    assert.equal(out.length, 160 + 8_000 + 160)
  })

  test('digits, comfort noise and scraps are no audio', () => {
    const { out, playout } = playing()
    for (const bytes of [packet(0, { type: 101 }), packet(0, { type: 13 }), Buffer.alloc(5), packet(0, { type: 200 & 0x7f })])
      playout.take(bytes, 'PCMU', 0)
    playout.end()
    assert.equal(out.length, 0)
  })
})
