/**
 * Speech without words: a buzzing larynx, three resonances of a mouth that wanders from vowel to vowel, hisses and stops between them, and a
 * pitch that falls towards the end of each phrase. Clear enough to tell two people apart, and nobody's voice was recorded for it.
 */
import { loop, sampleRate, type Voice } from './voice.ts'

export interface Speaker {
  /** Pitch of the larynx in hertz: about 110 for a low voice, 200 for a high one. */
  readonly pitch: number
  /** Length of the throat against the average one: below 1 for a high voice. */
  readonly size: number
  /** Another seed says something else. */
  readonly seed: number
  /** Who speaks first; the other waits for his turn. */
  readonly turn: 'first' | 'second'
}

/** First, second and third resonance of common vowels, in hertz. */
const vowels = [
  [730, 1090, 2440],
  [270, 2290, 3010],
  [300, 870, 2240],
  [530, 1840, 2480],
  [570, 840, 2410],
  [640, 1190, 2390],
] as const

const turnSeconds = 5
const loopSeconds = 4 * turnSeconds

/** A loop of 20 s in which the speaker has two turns of 5 s and is quiet in the others. */
export function babble(speaker: Speaker): Voice {
  const samples = new Int16Array(loopSeconds * sampleRate)
  const random = dice(speaker.seed)
  for (const turn of speaker.turn === 'first' ? [0, 2] : [1, 3]) speakTurn(samples, turn * turnSeconds, { speaker, random })
  return loop(samples)
}

interface Saying {
  readonly speaker: Speaker
  readonly random: () => number
}

function speakTurn(samples: Int16Array, fromSecond: number, saying: Saying): void {
  const mouth = new Mouth()
  const until = fromSecond + turnSeconds - 0.3
  let at = fromSecond + 0.2 + saying.random() * 0.4
  while (at < until - 1) {
    const syllables = 3 + Math.floor(saying.random() * 5)
    for (let n = 0; n < syllables && at < until; n += 1) at += speakSyllable(samples, at, { ...saying, mouth, part: n / syllables })
    at += 0.25 + saying.random() * 0.4
  }
}

interface Syllable extends Saying {
  readonly mouth: Mouth
  /** How much of the phrase is said: the pitch falls with it. */
  readonly part: number
}

/** Returns its length in seconds. */
function speakSyllable(samples: Int16Array, atSecond: number, { speaker, random, mouth, part }: Syllable): number {
  const hiss = random() < 0.5 ? 0.04 + random() * 0.05 : 0
  const seconds = hiss + 0.11 + random() * 0.12
  const [f1, f2, f3] = vowels[Math.floor(random() * vowels.length)] ?? vowels[0]
  const pitch = speaker.pitch * (1.18 - 0.32 * part) * (0.95 + random() * 0.1)
  const start = Math.floor(atSecond * sampleRate)
  const length = Math.min(Math.floor(seconds * sampleRate), samples.length - start)
  for (let i = 0; i < length; i += 1) {
    const second = i / sampleRate
    const breath = (random() * 2 - 1) * (second < hiss ? 0.16 : 0.012)
    const buzz = second < hiss ? 0 : mouth.larynx(pitch * (1 + 0.02 * Math.sin(31 * second)))
    mouth.move([f1 / speaker.size, f2 / speaker.size, Math.min(3_600, f3 / speaker.size)])
    const sound = mouth.shape(buzz + breath) * swell(i / length)
    samples[start + i] = Math.max(-24_000, Math.min(24_000, Math.round(sound * 9_000)))
  }
  return seconds
}

/** In quickly, out slowly, never with a click. */
const swell = (part: number): number => Math.min(1, part * 9, (1 - part) * 4)

class Mouth {
  #phase = 0
  readonly #places = [500, 1_500, 2_500]
  readonly #one = [0, 0, 0]
  readonly #two = [0, 0, 0]

  /** One sample of the buzz: a pulse that opens slowly and shuts fast. */
  larynx(pitch: number): number {
    this.#phase = (this.#phase + pitch / sampleRate) % 1
    return this.#phase < 0.6 ? Math.sin((Math.PI * this.#phase) / 1.2) ** 2 - 0.3 : -0.3 - (this.#phase < 0.66 ? 0.5 : 0)
  }

  /** Towards a vowel, as fast as a tongue moves. */
  move(target: readonly number[]): void {
    for (let n = 0; n < 3; n += 1) this.#places[n] = (this.#places[n] ?? 0) + ((target[n] ?? 0) - (this.#places[n] ?? 0)) * 0.004
  }

  /** Three resonators side by side. */
  shape(source: number): number {
    let sum = 0
    for (let n = 0; n < 3; n += 1) {
      const radius = Math.exp((-Math.PI * (80 + 50 * n)) / sampleRate)
      const turn = 2 * Math.cos((2 * Math.PI * (this.#places[n] ?? 0)) / sampleRate)
      const value = source * (1 - radius) + radius * turn * (this.#one[n] ?? 0) - radius * radius * (this.#two[n] ?? 0)
      this.#two[n] = this.#one[n] ?? 0
      this.#one[n] = value
      sum += value * (1 - 0.25 * n)
    }
    return sum * 2.5
  }
}

function dice(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
