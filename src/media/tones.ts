/** What is heard that nobody speaks, as endless loops of 16-bit samples at 8 kHz, synthesised once at start. */
import type { ToneSource } from './protocol.ts'

const rate = 8_000

interface Cadence {
  readonly hertz: readonly number[]
  /** On, off, on, off … */
  readonly milliseconds: readonly number[]
}

/** ITU-T E.180 Supplement 2: ringing tones by ISO 3166 country; every other country gets the most common one. */
const ringing: Readonly<Record<string, Cadence>> = {
  US: { hertz: [440, 480], milliseconds: [2_000, 4_000] },
  CA: { hertz: [440, 480], milliseconds: [2_000, 4_000] },
  GB: { hertz: [400, 450], milliseconds: [400, 200, 400, 2_000] },
  AU: { hertz: [400, 450], milliseconds: [400, 200, 400, 2_000] },
  IN: { hertz: [400, 450], milliseconds: [400, 200, 400, 2_000] },
  FR: { hertz: [440], milliseconds: [1_500, 3_500] },
  JP: { hertz: [400], milliseconds: [1_000, 2_000] },
}
const commonRinging: Cadence = { hertz: [425], milliseconds: [1_000, 4_000] }

/** Twice ITU-T G.711's comfortable -19 dBm0 would be loud; this is about -20 dBov. */
const toneAmplitude = 4_600

export type Tones = Readonly<Record<ToneSource, Int16Array>>

export function tones(country?: string, music: Int16Array = holdMusic()): Tones {
  return {
    ringback: cadence((country === undefined ? undefined : ringing[country]) ?? commonRinging),
    'hold-music': music,
    beep: beepEvery(15_000),
  }
}

export const beepMs = 200

/** What tells people that they are recorded. */
export const beepEvery = (ms: number): Int16Array => cadence({ hertz: [1_400], milliseconds: [beepMs, ms - beepMs] })

/** Three rising tones, for who has no words of his own to say that a call is recorded. */
export const recordingTones = (): Int16Array =>
  concatenate([500, 800, 1_100].flatMap((hertz) => [burst([hertz], 300), new Int16Array(100 * (rate / 1_000))]))

/** A loop that has nothing more to say for a while, in which somebody can take it away. */
export const withSilence = (samples: Int16Array): Int16Array => concatenate([samples, new Int16Array(2 * rate)])

const keypadRows = [697, 770, 852, 941]
const keypadColumns = [1_209, 1_336, 1_477, 1_633]
/** Event numbers of RFC 4733 §3.2 to places on the keypad, row by row: 1 2 3 A, 4 5 6 B, 7 8 9 C, * 0 # D. */
const keypad = [13, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 14, 3, 7, 11, 15]

/** ITU-T Q.23: sample `n` of a key's two tones. */
export function dualTone(event: number, n: number): number {
  const place = keypad[event] ?? 0
  const low = Math.sin((2 * Math.PI * (keypadRows[place >> 2] ?? 0) * n) / rate)
  const high = Math.sin((2 * Math.PI * (keypadColumns[place & 3] ?? 0) * n) / rate)
  return Math.round(toneAmplitude * (low + high))
}

/** A listener's place in a loop. */
export class TonePlayer {
  readonly #loop: Int16Array
  #position = 0

  constructor(loop: Int16Array) {
    this.#loop = loop
  }

  /** Adds the next samples; true when they hold anything but silence. */
  addTo(sum: Int32Array, length: number): boolean {
    let audible = false
    for (let i = 0; i < length; i++) {
      const sample = this.#loop[this.#position] as number
      this.#position = this.#position + 1 === this.#loop.length ? 0 : this.#position + 1
      if (sample !== 0) audible = true
      sum[i] = (sum[i] as number) + sample
    }
    return audible
  }
}

function cadence({ hertz, milliseconds }: Cadence): Int16Array {
  const parts = milliseconds.map((ms, index) => (index % 2 === 0 ? burst(hertz, ms) : new Int16Array((ms * rate) / 1_000)))
  return concatenate(parts)
}

/** Edges of 5 ms, without which a tone clicks. */
function burst(hertz: readonly number[], ms: number): Int16Array {
  const length = (ms * rate) / 1_000
  return Int16Array.from({ length }, (_, n) => {
    const edge = Math.min(1, n / 40, (length - 1 - n) / 40)
    const wave = hertz.reduce((sum, f) => sum + Math.sin((2 * Math.PI * f * n) / rate), 0)
    return Math.round((edge * toneAmplitude * wave) / hertz.length)
  })
}

/** Broken chords of C, A minor, F and G in soft plucked notes, sixteen seconds, written for Sotto: no licence to pay. */
function holdMusic(): Int16Array {
  const chords = [
    [261.63, 329.63, 392, 523.25],
    [220, 261.63, 329.63, 440],
    [174.61, 220, 261.63, 349.23],
    [196, 246.94, 293.66, 392],
  ]
  const walk = [0, 1, 2, 3, 2, 1, 2, 3]
  const beat = rate / 2
  const loop = new Float64Array(chords.length * walk.length * beat)
  const notes = chords.flatMap((chord) => walk.map((step) => chord[step] ?? 0))
  for (const [index, hertz] of notes.entries()) pluck(loop, index * beat, hertz)
  return Int16Array.from(loop, (sample) => Math.round(sample))
}

/** A note rings into the next ones and, at the end, round the corner, so that the loop has no seam. */
function pluck(loop: Float64Array, start: number, hertz: number): void {
  for (let n = 0; n < rate * 1.5; n++) {
    const phase = (2 * Math.PI * hertz * n) / rate
    const envelope = Math.min(1, n / 80) * Math.exp(-n / 3_200)
    const place = (start + n) % loop.length
    loop[place] = (loop[place] ?? 0) + 2_600 * envelope * (Math.sin(phase) + 0.35 * Math.sin(2 * phase) + 0.1 * Math.sin(3 * phase))
  }
}

function concatenate(parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
