/** Which tones are in some samples: Goertzel's filter under a Hann window, one for each tone that somebody might be speaking. */
import { partyTones, sampleRate, sine } from './voice.ts'

/**
 * A neighbour 150 Hz off leaks 60 dB less into the filter over 100 ms. A quarter of a party's amplitude is far above that, and below what is
 * left of a tone that filled only half of the window.
 */
const belowNominalDb = 12

/** The tones, ascending, of those asked for that are at least a quarter as loud as a party speaks. */
export function tonesIn(samples: Int16Array, candidates: readonly number[] = partyTones): readonly number[] {
  if (samples.length < sampleRate / 50) return []
  return candidates.filter((hz) => levelAt(samples, hz) > nominal - belowNominalDb)
}

/** Level of one frequency in decibels to full scale. */
export function levelAt(samples: Int16Array, hz: number): number {
  const count = samples.length
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / sampleRate)
  let one = 0
  let two = 0
  for (let i = 0; i < count; i += 1) {
    const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / count)
    const value = ((samples[i] ?? 0) / 32_768) * hann + coefficient * one - two
    two = one
    one = value
  }
  const power = one * one + two * two - coefficient * one * two
  return 10 * Math.log10((Math.max(power, 1e-12) / (count * count)) * 16)
}

const nominal = levelAt(sine(1000, { seconds: 0.1 }), 1000)
