/** G.711 as ITU-T G.191 describes it, sample by sample: the phones' own, so that an error in `src/media/g711.ts` is heard. */

const segmentEnds = [0x1f, 0x3f, 0x7f, 0xff, 0x1ff, 0x3ff, 0x7ff, 0xfff]

/** 16-bit linear to µ-law. */
export function toMu(sample: number): number {
  const negative = sample < 0
  const magnitude = Math.min((negative ? ~sample : sample) >> 2, 8158) + 33
  const segment = Math.min(7, Math.max(0, 26 - Math.clz32(magnitude)))
  const code = (segment << 4) | ((magnitude >> (segment + 1)) & 0x0f)
  return (negative ? code : code | 0x80) ^ 0x7f
}

export function fromMu(byte: number): number {
  const code = ~byte & 0xff
  const magnitude = (((code & 0x0f) << 3) + 132) << ((code >> 4) & 7)
  return code & 0x80 ? 132 - magnitude : magnitude - 132
}

/** 16-bit linear to A-law. */
export function toA(sample: number): number {
  const negative = sample < 0
  const magnitude = (negative ? ~sample : sample) >> 3
  const segment = segmentEnds.findIndex((end) => magnitude <= end)
  const place = segment < 0 ? 0x7f : (segment << 4) | ((magnitude >> Math.max(1, segment)) & 0x0f)
  return place ^ (negative ? 0x55 : 0xd5)
}

export function fromA(byte: number): number {
  const code = byte ^ 0x55
  const segment = (code >> 4) & 7
  const base = ((code & 0x0f) << 4) + 8
  const magnitude = segment === 0 ? base : (base + 0x100) << (segment - 1)
  return code & 0x80 ? magnitude : -magnitude
}

const muTable = Int16Array.from({ length: 256 }, (_, byte) => fromMu(byte))
const aTable = Int16Array.from({ length: 256 }, (_, byte) => fromA(byte))

export const encode = (law: 'PCMU' | 'PCMA', samples: Int16Array): Uint8Array => Uint8Array.from(samples, law === 'PCMU' ? toMu : toA)

export function decode(law: 'PCMU' | 'PCMA', bytes: Uint8Array): Int16Array {
  const table = law === 'PCMU' ? muTable : aTable
  return Int16Array.from(bytes, (byte) => table[byte] ?? 0)
}
