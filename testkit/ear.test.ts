import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode, encode } from '../src/media/g711.ts'
import { amplitudeOf, Ear, hearingThreshold, speechAmplitude, toneOf, toneSamples } from './ear.ts'

const tones = Array.from({ length: 8 }, (_, n) => toneOf(n))

function mix(speakers: readonly number[], amplitude = speechAmplitude): Int16Array {
  const voices = speakers.map((speaker) => toneSamples(toneOf(speaker), 37, 160, amplitude))
  return Int16Array.from({ length: 160 }, (_, n) => voices.reduce((sum, voice) => sum + (voice[n] ?? 0), 0))
}

for (const codec of ['PCMU', 'PCMA'] as const) {
  test(`every subset of five speakers is heard as it is, in ${codec}`, () => {
    const ear = new Ear({ tones, codec })
    for (let subset = 0; subset < 32; subset++) {
      const speakers = [0, 1, 2, 3, 4].filter((speaker) => subset & (1 << speaker))
      assert.ok(ear.hear(encode(codec, mix(speakers))))
      assert.deepEqual(ear.heard, speakers.map(toneOf))
    }
  })

  test(`the margin is as documented, in ${codec}`, () => {
    const samples = decode(codec, encode(codec, mix([0, 3, 5])))
    const present = [0, 3, 5].map((speaker) => amplitudeOf(samples, toneOf(speaker)))
    const absent = [1, 2, 4, 6, 7].map((speaker) => amplitudeOf(samples, toneOf(speaker)))
    assert.ok(Math.min(...present) > 3_900 && Math.max(...absent) < hearingThreshold / 10, `${present} | ${absent}`)
  })
}

test('a planted leak 18 dB below speech is heard under somebody else’s speech', () => {
  const ear = new Ear({ tones, codec: 'PCMU' })
  const loud = mix([0])
  const leak = mix([6], speechAmplitude / 8)
  ear.hear(
    encode(
      'PCMU',
      loud.map((sample, n) => sample + (leak[n] ?? 0)),
    ),
  )
  assert.deepEqual(ear.heard, [toneOf(0), toneOf(6)])
})
