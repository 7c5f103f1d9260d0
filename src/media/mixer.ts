/** The sum of several talkers, saturated to 16 bits and encoded. One `Mixer` serves every row: its frame never outlives a call of `encode`. */
import { limits } from '../kernel/limits.ts'
import { decodeTable, encodeTable } from './g711.ts'
import type { Codec } from './protocol.ts'

export class Mixer {
  /** Where talkers add themselves. */
  readonly sum = new Int32Array(limits.mediaPayloadBytes)

  clear(length: number): void {
    for (let i = 0; i < length; i++) this.sum[i] = 0
  }

  addPayload(codec: Codec, packet: Uint8Array, offset: number, length: number): void {
    const table = decodeTable(codec)
    for (let i = 0; i < length; i++) this.sum[i] = (this.sum[i] as number) + (table[packet[offset + i] as number] as number)
  }

  encode(codec: Codec, out: Uint8Array, offset: number, length: number): void {
    const table = encodeTable(codec)
    for (let i = 0; i < length; i++) {
      const sample = Math.max(-32_768, Math.min(32_767, this.sum[i] as number))
      out[offset + i] = table[(sample + 32_768) >> 2] as number
    }
  }
}
