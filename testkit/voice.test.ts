import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { levelAt, tonesIn } from './phone-tones.ts'
import { partyTones, sine, tone } from './voice.ts'
import { babble } from './voice-babble.ts'
import { decode, encode, fromA, fromMu, toA, toMu } from './voice-g711.ts'
import { readWav, toRate, writeWav } from './voice-wav.ts'

test('G.711: every code comes back as itself, and linear samples within half a step of their segment', () => {
  for (let byte = 0; byte < 256; byte += 1) {
    // µ-law has two zeros; the negative one is written as the positive.
    assert.equal(toMu(fromMu(byte)), byte === 0x7f ? 0xff : byte)
    assert.equal(toA(fromA(byte)), byte)
  }
  fc.assert(
    fc.property(fc.integer({ min: -32_000, max: 32_000 }), (sample) => {
      const allowed = Math.max(16, Math.abs(sample) / 16)
      assert.ok(Math.abs(fromMu(toMu(sample)) - sample) <= allowed)
      assert.ok(Math.abs(fromA(toA(sample)) - sample) <= allowed)
    }),
  )
})

test('G.711: known codes of ITU-T G.711 tables 1a and 2a', () => {
  assert.deepEqual([toMu(0), toMu(32_767), toMu(-32_768), toA(8), toA(32_767), toA(-32_768)], [0xff, 0x80, 0x00, 0xd5, 0xaa, 0x2a])
})

test('any set of up to four tones is told apart from all others, in both laws', () => {
  const sets = fc.uniqueArray(fc.constantFrom(...partyTones), { maxLength: 4 })
  fc.assert(
    fc.property(sets, fc.constantFrom('PCMU' as const, 'PCMA' as const), (set, law) => {
      const parts = set.map((hz) => sine(hz, { seconds: 0.1, level: 0.2 }))
      const sum = Int16Array.from({ length: 800 }, (_, i) => parts.reduce((total, part) => total + (part[i] ?? 0), 0))
      assert.deepEqual(
        tonesIn(decode(law, encode(law, sum))),
        [...set].sort((a, b) => a - b),
      )
    }),
    { numRuns: 200 },
  )
})

test('a tone lasts without a seam: the frames of a minute hold no other frequency', () => {
  const voice = tone(550)
  const bytes = Buffer.concat(Array.from({ length: 3_000 }, (_, n) => voice.frame(n, 'PCMU')))
  const samples = decode('PCMU', bytes)
  assert.deepEqual(tonesIn(samples), [550])
  assert.ok(levelAt(samples, 600) < -60)
})

test('WAV: what is written is read again, and a file that is still being written too', () => {
  const samples = sine(400, { seconds: 0.5 })
  const file = writeWav({ rate: 8_000, samples })
  assert.deepEqual(readWav(file), { rate: 8_000, samples })
  file.writeUInt32LE(0, 40)
  assert.deepEqual(readWav(file.subarray(0, 1_044))?.samples, samples.slice(0, 500))
  assert.equal(readWav(file.subarray(0, 8)), undefined)
  const wide = {
    rate: 48_000,
    samples: Int16Array.from({ length: 48_000 }, (_, i) => Math.round(8_000 * Math.sin((2 * Math.PI * 700 * i) / 48_000))),
  }
  assert.deepEqual(tonesIn(toRate(wide, 8_000)), [700])
})

test('babble is loud in its turns, quiet in the others, and never clips', () => {
  const first = babble({ pitch: 110, size: 1.05, seed: 1, turn: 'first' })
  const second = babble({ pitch: 200, size: 0.86, seed: 2, turn: 'second' })
  const level = (voice: typeof first, fromSecond: number) => {
    const frames = Array.from({ length: 250 }, (_, n) => voice.frame(fromSecond * 50 + n, 'PCMU'))
    const samples = decode('PCMU', Buffer.concat(frames))
    assert.ok(
      samples.every((sample) => Math.abs(sample) < 30_000),
      'clipped',
    )
    return 10 * Math.log10(samples.reduce((sum, sample) => sum + sample * sample, 1) / samples.length / 32_768 ** 2)
  }
  const levels = [0, 5, 10, 15].map((from) => [level(first, from), level(second, from)])
  const shape = levels.map((pair) => pair.map((db) => (db > -32 && db < -12 ? 'speaks' : db < -60 ? 'quiet' : db.toFixed(0))))
  assert.deepEqual(shape, [
    ['speaks', 'quiet'],
    ['quiet', 'speaks'],
    ['speaks', 'quiet'],
    ['quiet', 'speaks'],
  ])
})
