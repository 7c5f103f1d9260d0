/** What the virtual phones say: a tone each for tests, babble that sounds like two people for the demo, marked frames for identity checks. */
import { encode } from './voice-g711.ts'

export type Law = 'PCMU' | 'PCMA'

export const sampleRate = 8_000
export const frameSamples = 160

/** A speaker: the n-th frame of 20 ms. The same n gives the same bytes. */
export interface Voice {
  frame(n: number, law: Law): Uint8Array
}

/** Tones of the parties of a test: 150 Hz apart, none an overtone of another below the fourth, all whole cycles in a frame. */
export const partyTones = [400, 550, 700, 850, 1000, 1150, 1300, 1450, 1600, 1750, 1900, 2050, 2200, 2350, 2500] as const

export function sine(hz: number, options: { readonly seconds: number; readonly level?: number }): Int16Array {
  const amplitude = 32_767 * (options.level ?? 0.25)
  const step = (2 * Math.PI * hz) / sampleRate
  return Int16Array.from({ length: Math.round(options.seconds * sampleRate) }, (_, i) => Math.round(amplitude * Math.sin(step * i)))
}

/** Level 0.25 of full scale (about -15 dBov): two or three of them add up without clipping. */
export function tone(hz: number): Voice {
  return loop(sine(hz, { seconds: 1 }))
}

/** Repeats samples whose length is a whole number of frames. */
export function loop(samples: Int16Array): Voice {
  const frames = Math.floor(samples.length / frameSamples)
  const bytes = { PCMU: lazily(() => encode('PCMU', samples)), PCMA: lazily(() => encode('PCMA', samples)) }
  return {
    frame(n, law) {
      const start = (n % frames) * frameSamples
      return bytes[law]().subarray(start, start + frameSamples)
    },
  }
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

export const silence: Voice = loop(new Int16Array(frameSamples))

/** Frames that can be told apart: quiet noise from the frame's own number, so that a frame that comes out can be found among those that went in. */
export function marked(seed: number): Voice {
  return {
    frame(n, law) {
      let state = (seed * 0x9e3779b1 + n * 0x85ebca6b + 1) >>> 0
      const samples = Int16Array.from({ length: frameSamples }, () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
        return (state >>> 19) - 4_096
      })
      return encode(law, samples)
    },
  }
}
