/** ITU-T G.711 both ways, by tables built once. Linear samples are 16-bit signed at 8 kHz. */
import type { Codec } from './protocol.ts'

export const samplesPerMs = 8

/** What a decoder hears as nothing. A-law has no zero: its silence decodes to +8. */
export const silenceByte: Readonly<Record<Codec, number>> = { PCMU: 0xff, PCMA: 0xd5 }

const decodeTables: Readonly<Record<Codec, Int16Array>> = {
  PCMU: Int16Array.from({ length: 256 }, (_, byte) => mulawToLinear(byte)),
  PCMA: Int16Array.from({ length: 256 }, (_, byte) => alawToLinear(byte)),
}

/** Indexed by the sample's upper 14 bits, all that G.711 looks at; 16 kB stay in the first-level cache where 64 kB would not. Each cell is encoded at its middle. */
const encodeTables: Readonly<Record<Codec, Uint8Array>> = {
  PCMU: Uint8Array.from({ length: 16_384 }, (_, cell) => linearToMulaw(cell * 4 - 32_766)),
  PCMA: Uint8Array.from({ length: 16_384 }, (_, cell) => linearToAlaw(cell * 4 - 32_766)),
}

const transcodeTables = { PCMU: transcoding('PCMU', 'PCMA'), PCMA: transcoding('PCMA', 'PCMU') }

export const decodeTable = (codec: Codec): Int16Array => decodeTables[codec]

export const encodeTable = (codec: Codec): Uint8Array => encodeTables[codec]

/** From `codec` to the other law, byte by byte. */
export const transcodeTable = (codec: Codec): Uint8Array => transcodeTables[codec]

export function encodeSample(codec: Codec, sample: number): number {
  return encodeTables[codec][(sample + 32_768) >> 2] ?? silenceByte[codec]
}

export function decodeSample(codec: Codec, byte: number): number {
  return decodeTables[codec][byte] ?? 0
}

export function encode(codec: Codec, samples: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(samples, (sample) => encodeSample(codec, sample))
}

export function decode(codec: Codec, bytes: ArrayLike<number>): Int16Array<ArrayBuffer> {
  return Int16Array.from(bytes, (byte) => decodeSample(codec, byte))
}

function transcoding(from: Codec, to: Codec): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => encodeSample(to, decodeSample(from, byte)))
}

function mulawToLinear(byte: number): number {
  const code = ~byte & 0xff
  const magnitude = ((((code & 0x0f) << 3) + 132) << ((code & 0x70) >> 4)) - 132
  return code & 0x80 ? -magnitude : magnitude
}

function linearToMulaw(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), 32_635) + 132
  const segment = 24 - Math.clz32(magnitude)
  const code = (sample < 0 ? 0x80 : 0) | (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f)
  return ~code & 0xff
}

function alawToLinear(byte: number): number {
  const code = byte ^ 0x55
  const segment = (code & 0x70) >> 4
  const step = (code & 0x0f) << 4
  const magnitude = segment === 0 ? step + 8 : (step + 264) << (segment - 1)
  return code & 0x80 ? magnitude : -magnitude
}

function linearToAlaw(sample: number): number {
  const magnitude = sample < 0 ? -sample - 1 : sample
  const segment = Math.max(0, 24 - Math.clz32(magnitude | 0xff))
  const step = segment === 0 ? magnitude >> 4 : (magnitude >> (segment + 3)) & 0x0f
  return ((sample < 0 ? 0 : 0x80) | (segment << 4) | step) ^ 0x55
}
