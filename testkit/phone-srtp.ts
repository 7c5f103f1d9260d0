/** SRTP (RFC 3711) as a phone does it: AES_CM_128_HMAC_SHA1_80, one stream each way. Independent of `src/media`; the cryptography is Node's. */
import { createCipheriv, createHmac, randomBytes } from 'node:crypto'

export const srtpSuite = 'AES_CM_128_HMAC_SHA1_80'
const tagBytes = 10
const keyBytes = 30

/** Key and salt in base64, for one direction (RFC 4568). */
export const newSrtpKey = (): string => randomBytes(keyBytes).toString('base64')

export class SrtpStream {
  readonly #key: Buffer
  readonly #salt: Buffer
  readonly #auth: Buffer
  /** Index of the newest packet: roll-over counter and sequence. */
  #highest = -1
  readonly #seen = new Set<number>()

  constructor(key: string) {
    const bytes = Buffer.from(key, 'base64')
    const [master, salt] = [bytes.subarray(0, 16), bytes.subarray(16, keyBytes)]
    this.#key = derived(master, salt, 0, 16)
    this.#auth = derived(master, salt, 1, 20)
    this.#salt = derived(master, salt, 2, 14)
  }

  protect(packet: Buffer): Buffer {
    const index = this.#indexOf(packet.readUInt16BE(2))
    this.#highest = Math.max(this.#highest, index)
    const secret = Buffer.concat([packet.subarray(0, 12), this.#cipher(packet, index)])
    return Buffer.concat([secret, this.#tag(secret, index)])
  }

  /** Undefined: forged, ruined, or an index for the second time. */
  open(packet: Buffer): Buffer | undefined {
    const secret = packet.subarray(0, packet.length - tagBytes)
    if (secret.length < 12) return undefined
    const index = this.#indexOf(secret.readUInt16BE(2))
    if (this.#seen.has(index) || !this.#tag(secret, index).equals(packet.subarray(secret.length))) return undefined
    this.#seen.add(index)
    this.#highest = Math.max(this.#highest, index)
    return Buffer.concat([secret.subarray(0, 12), this.#cipher(secret, index)])
  }

  /** RFC 3711 §3.3.1: of the three that a sequence could mean the nearest to the newest. */
  #indexOf(sequence: number): number {
    if (this.#highest < 0) return sequence
    const step = ((sequence - (this.#highest & 0xffff)) << 16) >> 16
    return this.#highest + step
  }

  #cipher(packet: Buffer, index: number): Buffer {
    const counter = Buffer.alloc(16)
    this.#salt.copy(counter)
    mix(counter, 4, packet.subarray(8, 12))
    const bytes = Buffer.alloc(6)
    bytes.writeUIntBE(index, 0, 6)
    mix(counter, 8, bytes)
    return createCipheriv('aes-128-ctr', this.#key, counter).update(packet.subarray(12))
  }

  #tag(secret: Buffer, index: number): Buffer {
    const rollover = Buffer.alloc(4)
    rollover.writeUInt32BE(Math.floor(index / 65_536))
    return createHmac('sha1', this.#auth).update(secret).update(rollover).digest().subarray(0, tagBytes)
  }
}

/** RFC 3711 §4.3.1 with a key derivation rate of zero. */
function derived(master: Buffer, salt: Buffer, label: number, length: number): Buffer {
  const counter = Buffer.alloc(16)
  salt.copy(counter)
  mix(counter, 7, Buffer.of(label))
  return createCipheriv('aes-128-ctr', master, counter).update(Buffer.alloc(length))
}

function mix(into: Buffer, at: number, bytes: Buffer): void {
  for (const [i, byte] of bytes.entries()) into.writeUInt8(into.readUInt8(at + i) ^ byte, at + i)
}
