import type { Random } from '../src/kernel/random.ts'

/** The same numbers for the same seed (xoshiro128**, seeded by splitmix32). */
export class SeededRandom implements Random {
  readonly #state: [number, number, number, number]

  constructor(seed: number) {
    let mixed = seed | 0
    const next = () => {
      mixed = (mixed + 0x9e3779b9) | 0
      let t = mixed ^ (mixed >>> 16)
      t = Math.imul(t, 0x21f0aaad)
      t ^= t >>> 15
      t = Math.imul(t, 0x735a2d97)
      return (t ^ (t >>> 15)) >>> 0
    }
    this.#state = [next(), next(), next(), next()]
  }

  integer(below: number): number {
    return Math.floor((this.#next() / 2 ** 32) * below)
  }

  hex(bytes: number): string {
    let text = ''
    for (let i = 0; i < bytes; i++) text += this.integer(256).toString(16).padStart(2, '0')
    return text
  }

  /** True in `share` of the cases, 0 to 1. */
  chance(share: number): boolean {
    return this.#next() < share * 2 ** 32
  }

  #next(): number {
    const [a, b, c, d] = this.#state
    const result = Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0
    const shifted = b << 9
    const c1 = c ^ a
    const d1 = d ^ b
    this.#state[1] = b ^ c1
    this.#state[0] = a ^ d1
    this.#state[2] = c1 ^ shifted
    this.#state[3] = rotated(d1, 11)
    return result
  }
}

const rotated = (x: number, k: number): number => (x << k) | (x >>> (32 - k))
