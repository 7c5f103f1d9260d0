/** SRTP and SRTCP (RFC 3711) with AES_CM_128_HMAC_SHA1_80 and _32, key derivation rate 0, no MKI: what RFC 4568 `crypto` lines offer. */
import { fromBase64 } from './base64.ts'
import type { Legacy } from './legacy.ts'
import type { SrtpKeys } from './protocol.ts'
import { byte, headerLength, putUint16, putUint32, sequenceAhead, uint16, uint32 } from './rtp.ts'
import { HmacSha1 } from './sha1.ts'

/** AES-128 in ECB mode over whole blocks; the answer is valid until the next call. Handed in, because it should be the platform's. */
export type BlockCipher = (blocks: Uint8Array) => Uint8Array
export type NewBlockCipher = (key: Uint8Array) => BlockCipher

const keyBytes = 16
const saltBytes = 14
const sessionAuthBytes = 20
const replayWindow = 128
/** RFC 4568 §6.2.2: SRTCP keeps the long tag even in the suite with the short one. */
const srtcpTagBytes = 10
/** What protection may add to a packet. */
export const srtpTrailerBytes = 16

/** So many reports may have been sent since the last one that a successor knows of: one in five seconds is usual. */
const reportsUnknown = 8

const tag = new Uint8Array(20)
const counters = new Uint8Array(16 * 96)

/** One direction of one stream: two of these per leg. */
export class SrtpContext {
  readonly #cipher: BlockCipher
  readonly #salt: Uint8Array
  readonly #auth: HmacSha1
  readonly #tagBytes: number
  readonly #rtcpCipher: BlockCipher
  readonly #rtcpSalt: Uint8Array
  readonly #rtcpAuth: HmacSha1
  #ssrc = -1
  /** The greatest index (roll-over counter and sequence) seen. */
  #highest = -1
  #sendRollover = 0
  #lastSent = -1
  readonly #seen = new Float64Array(replayWindow).fill(-1)
  #rtcpIndex = 0
  readonly #rtcpSeen = new Float64Array(replayWindow).fill(-1)
  #rtcpHighest = -1

  constructor(suite: SrtpKeys['suite'], masterKeyAndSalt: Uint8Array, newCipher: NewBlockCipher) {
    const master = newCipher(masterKeyAndSalt.subarray(0, keyBytes))
    const salt = masterKeyAndSalt.subarray(keyBytes, keyBytes + saltBytes)
    const derived = (label: number, length: number) => derive(master, salt, label, length)
    this.#tagBytes = suite === 'AES_CM_128_HMAC_SHA1_80' ? 10 : 4
    this.#cipher = newCipher(derived(0, keyBytes))
    this.#auth = new HmacSha1(derived(1, sessionAuthBytes))
    this.#salt = derived(2, saltBytes)
    this.#rtcpCipher = newCipher(derived(3, keyBytes))
    this.#rtcpAuth = new HmacSha1(derived(4, sessionAuthBytes))
    this.#rtcpSalt = derived(5, saltBytes)
  }

  /** Encrypts in place and appends the tag; returns the new length. The buffer has `srtpTrailerBytes` to spare. */
  protect(packet: Uint8Array, length: number): number {
    const sequence = uint16(packet, 2)
    if (this.#lastSent >= 0 && sequence < this.#lastSent && sequenceAhead(sequence, this.#lastSent) > 0) this.#sendRollover++
    // A reordered packet that is forwarded after the roll-over belongs to the cycle before it.
    const before = sequence > this.#lastSent && this.#lastSent >= 0 && sequenceAhead(sequence, this.#lastSent) < 0
    const rollover = before ? this.#sendRollover - 1 : this.#sendRollover
    if (this.#lastSent < 0 || sequenceAhead(sequence, this.#lastSent) > 0) this.#lastSent = sequence
    xorKeyStream(this.#cipher, this.#salt, packet, headerLength(packet, length), length, uint32(packet, 8), rollover * 65_536 + sequence)
    this.#auth.digest(tag, packet, length, rollover)
    return appendTag(packet, length, this.#tagBytes)
  }

  /** Verifies and decrypts in place; returns the length of the plain packet, or -1 for a forged, replayed or ruined one. */
  unprotect(packet: Uint8Array, length: number): number {
    const plain = length - this.#tagBytes
    if (plain < 12 || headerLength(packet, plain) > plain) return -1
    const ssrc = uint32(packet, 8)
    const index = this.#estimate(ssrc, uint16(packet, 2))
    if (index < 0 || (ssrc === this.#ssrc && replayed(this.#seen, this.#highest, index))) return -1
    this.#auth.digest(tag, packet, plain, Math.floor(index / 65_536))
    if (!tagMatches(packet, plain, this.#tagBytes)) return -1
    this.#remember(ssrc, index)
    xorKeyStream(this.#cipher, this.#salt, packet, headerLength(packet, plain), plain, ssrc, index)
    return plain
  }

  protectRtcp(packet: Uint8Array, length: number): number {
    const index = this.#rtcpIndex
    this.#rtcpIndex = (this.#rtcpIndex + 1) % 2 ** 31
    xorKeyStream(this.#rtcpCipher, this.#rtcpSalt, packet, 8, length, uint32(packet, 4), index)
    putUint32(packet, length, index + 2 ** 31)
    this.#rtcpAuth.digest(tag, packet, length + 4)
    return appendTag(packet, length + 4, srtcpTagBytes)
  }

  unprotectRtcp(packet: Uint8Array, length: number): number {
    const signed = length - srtcpTagBytes
    const plain = signed - 4
    if (plain < 8) return -1
    const index = uint32(packet, plain) % 2 ** 31
    if (replayed(this.#rtcpSeen, this.#rtcpHighest, index)) return -1
    this.#rtcpAuth.digest(tag, packet, signed)
    if (!tagMatches(packet, signed, srtcpTagBytes)) return -1
    this.#rtcpSeen[index % replayWindow] = index
    this.#rtcpHighest = Math.max(this.#rtcpHighest, index)
    if (byte(packet, plain) & 0x80) xorKeyStream(this.#rtcpCipher, this.#rtcpSalt, packet, 8, plain, uint32(packet, 4), index)
    return plain
  }

  /** What a successor must know, so that no index is used twice (RFC 3711 §9.1) and no old packet is taken for a new one. */
  save(to: Legacy): void {
    to.put(this.#ssrc).put(this.#highest).put(this.#sendRollover).put(this.#lastSent).put(this.#rtcpIndex).put(this.#rtcpHighest)
  }

  /** Of what came, everything up to the highest index counts as replayed: a packet that comes out of order just now is lost. */
  load(from: Legacy): void {
    this.#ssrc = from.take()
    this.#highest = from.take()
    this.#sendRollover = from.take()
    this.#lastSent = from.take()
    this.#rtcpIndex = (from.take() + reportsUnknown) % 2 ** 31
    this.#rtcpHighest = from.take()
    for (let i = 0; i < replayWindow; i++) {
      if (this.#highest >= i) this.#seen[(this.#highest - i) % replayWindow] = this.#highest - i
      if (this.#rtcpHighest >= i) this.#rtcpSeen[(this.#rtcpHighest - i) % replayWindow] = this.#rtcpHighest - i
    }
  }

  /** RFC 3711 §3.3.1: the index nearest to the greatest one seen. A new SSRC begins at roll-over zero (§3.2.3 keys it by SSRC). */
  #estimate(ssrc: number, sequence: number): number {
    if (ssrc !== this.#ssrc || this.#highest < 0) return sequence
    return this.#highest + sequenceAhead(sequence, this.#highest & 0xffff)
  }

  #remember(ssrc: number, index: number): void {
    if (ssrc !== this.#ssrc) {
      this.#ssrc = ssrc
      this.#highest = -1
      this.#seen.fill(-1)
    }
    this.#seen[index % replayWindow] = index
    this.#highest = Math.max(this.#highest, index)
  }
}

/** Undefined when the keys are not 30 bytes of base64 each. */
export function srtpContexts(keys: SrtpKeys, newCipher: NewBlockCipher): { send: SrtpContext; receive: SrtpContext } | undefined {
  const send = fromBase64(keys.send)
  const receive = fromBase64(keys.receive)
  if (send?.length !== keyBytes + saltBytes || receive?.length !== keyBytes + saltBytes) return undefined
  return { send: new SrtpContext(keys.suite, send, newCipher), receive: new SrtpContext(keys.suite, receive, newCipher) }
}

/** RFC 3711 §4.3.1 and §4.3.3: the key stream whose counter starts at the salt with the label mixed in. */
function derive(master: BlockCipher, salt: Uint8Array, label: number, length: number): Uint8Array {
  const blocks = new Uint8Array(Math.ceil(length / 16) * 16)
  for (let offset = 0; offset < blocks.length; offset += 16) {
    blocks.set(salt, offset)
    blocks[offset + 7] = byte(blocks, offset + 7) ^ label
    putUint16(blocks, offset + 14, offset / 16)
  }
  return Uint8Array.from(master(blocks).subarray(0, length))
}

/** RFC 3711 §4.1.1: counter blocks of salt, SSRC and index; encrypted, they are the key stream. */
function xorKeyStream(
  cipher: BlockCipher,
  salt: Uint8Array,
  packet: Uint8Array,
  from: number,
  to: number,
  ssrc: number,
  index: number,
): void {
  const blocks = Math.ceil((to - from) / 16)
  if (blocks <= 0) return
  writeCounter(salt, ssrc, index)
  for (let n = 1; n < blocks; n++) {
    for (let i = 0; i < 14; i++) counters[n * 16 + i] = counters[i] as number
    putUint16(counters, n * 16 + 14, n)
  }
  const stream = cipher(counterViews[blocks] ?? counters.subarray(0, blocks * 16))
  for (let i = from; i < to; i++) packet[i] = (packet[i] as number) ^ (stream[i - from] as number)
}

const counterViews = Array.from({ length: 97 }, (_, blocks) => counters.subarray(0, blocks * 16))

function writeCounter(salt: Uint8Array, ssrc: number, index: number): void {
  for (let i = 0; i < saltBytes; i++) counters[i] = salt[i] as number
  putUint32(counters, 4, (uint32(counters, 4) ^ ssrc) >>> 0)
  const high = Math.floor(index / 65_536)
  putUint32(counters, 8, (uint32(counters, 8) ^ high) >>> 0)
  putUint16(counters, 12, uint16(counters, 12) ^ (index & 0xffff))
  putUint16(counters, 14, 0)
}

function appendTag(packet: Uint8Array, length: number, tagBytes: number): number {
  for (let i = 0; i < tagBytes; i++) packet[length + i] = tag[i] as number
  return length + tagBytes
}

/** Compares every byte, whatever the first ones were, so that time tells a forger nothing. */
function tagMatches(packet: Uint8Array, offset: number, tagBytes: number): boolean {
  let difference = 0
  for (let i = 0; i < tagBytes; i++) difference |= byte(packet, offset + i) ^ (tag[i] as number)
  return difference === 0
}

const replayed = (seen: Float64Array, highest: number, index: number): boolean =>
  index <= highest - replayWindow || seen[index % replayWindow] === index
