/**
 * HMAC-SHA1 (RFC 2104, FIPS 180-4) as SRTP needs it fifty times a second per leg: the key's two inner states are computed once, and a
 * digest allocates nothing. Creating an HMAC object per packet costs several times as much.
 */
import { putUint32, uint32 } from './rtp.ts'

const initial = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0)
const schedule = new Int32Array(80)
const block = new Uint8Array(64)
const state = new Int32Array(5)

export class HmacSha1 {
  readonly #inner = new Int32Array(5)
  readonly #outer = new Int32Array(5)
  readonly #first = new Uint8Array(20)

  /** The key is at most one block, which every SRTP key is. */
  constructor(key: Uint8Array) {
    pad(this.#inner, key, 0x36)
    pad(this.#outer, key, 0x5c)
  }

  /** Digest of `length` bytes followed by `suffix` as 32 bits (SRTP's roll-over counter), or of the bytes alone; 20 bytes into `out`. */
  digest(out: Uint8Array, data: Uint8Array, length: number, suffix?: number): void {
    state.set(this.#inner)
    hash(data, length, suffix)
    writeState(this.#first)
    state.set(this.#outer)
    hash(this.#first, 20, undefined)
    writeState(out)
  }
}

function pad(into: Int32Array, key: Uint8Array, value: number): void {
  for (let i = 0; i < 64; i++) block[i] = (key[i] ?? 0) ^ value
  state.set(initial)
  compress(block, 0)
  into.set(state)
}

/** One block of key went before, hence the 64 in the length. */
function hash(data: Uint8Array, length: number, suffix: number | undefined): void {
  const whole = length - (length % 64)
  for (let offset = 0; offset < whole; offset += 64) compress(data, offset)
  block.fill(0)
  for (let i = whole; i < length; i++) block[i - whole] = data[i] as number
  finish(length - whole, length, suffix)
}

function finish(tail: number, length: number, suffix: number | undefined): void {
  let used = tail
  if (suffix !== undefined) used = appendSuffix(tail, suffix)
  block[used] = 0x80
  if (used >= 56) {
    compress(block, 0)
    block.fill(0)
  }
  putUint32(block, 60, (64 + length + (suffix === undefined ? 0 : 4)) * 8)
  compress(block, 0)
}

/** Returns how many bytes of the block are used; the four may run over into the next one. */
function appendSuffix(tail: number, suffix: number): number {
  let used = tail
  for (let shift = 24; shift >= 0; shift -= 8) {
    block[used++] = suffix >>> shift
    if (used < 64) continue
    compress(block, 0)
    block.fill(0)
    used = 0
  }
  return used
}

function writeState(out: Uint8Array): void {
  for (let i = 0; i < 5; i++) putUint32(out, i * 4, state[i] as number)
}

function compress(data: Uint8Array, offset: number): void {
  for (let t = 0; t < 16; t++) schedule[t] = uint32(data, offset + t * 4)
  for (let t = 16; t < 80; t++) {
    const x = (schedule[t - 3] as number) ^ (schedule[t - 8] as number) ^ (schedule[t - 14] as number) ^ (schedule[t - 16] as number)
    schedule[t] = (x << 1) | (x >>> 31)
  }
  let a = state[0] as number
  let b = state[1] as number
  let c = state[2] as number
  let d = state[3] as number
  let e = state[4] as number
  for (let t = 0; t < 80; t++) {
    const f = t < 20 ? (b & c) | (~b & d) : t < 40 || t >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d)
    const k = t < 20 ? 0x5a827999 : t < 40 ? 0x6ed9eba1 : t < 60 ? 0x8f1bbcdc : 0xca62c1d6
    const next = (((a << 5) | (a >>> 27)) + f + e + k + (schedule[t] as number)) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = next
  }
  state[0] = (state[0] as number) + a
  state[1] = (state[1] as number) + b
  state[2] = (state[2] as number) + c
  state[3] = (state[3] as number) + d
  state[4] = (state[4] as number) + e
}
