/** RIFF WAVE, 16-bit linear, one channel: what the softphones play and record. */

export interface Wav {
  readonly rate: number
  readonly samples: Int16Array
}

export function writeWav(wav: Wav): Buffer {
  const head = Buffer.alloc(44)
  const bytes = wav.samples.length * 2
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(36 + bytes, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(wav.rate, 24)
  head.writeUInt32LE(wav.rate * 2, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(bytes, 40)
  return Buffer.concat([head, Buffer.from(wav.samples.buffer, wav.samples.byteOffset, bytes)])
}

/**
 * The first channel of a file that may still be written to: a recorder that has not closed it leaves sizes of 0, so whatever follows the
 * head of `data` counts.
 */
export function readWav(file: Uint8Array): Wav | undefined {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  if (bytes.length < 12 || bytes.toString('latin1', 8, 12) !== 'WAVE') return undefined
  let rate = 0
  let channels = 1
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = bytes.toString('latin1', at, at + 4)
    const size = bytes.readUInt32LE(at + 4)
    if (name === 'fmt ') {
      channels = bytes.readUInt16LE(at + 10)
      rate = bytes.readUInt32LE(at + 12)
    }
    if (name === 'data') return { rate, samples: firstChannel(bytes.subarray(at + 8), channels) }
    at += 8 + size + (size & 1)
  }
  return undefined
}

function firstChannel(data: Buffer, channels: number): Int16Array {
  const samples = new Int16Array(Math.floor(data.length / (2 * channels)))
  for (let i = 0; i < samples.length; i += 1) samples[i] = data.readInt16LE(2 * i * channels)
  return samples
}

/** A plain average is filter enough for tones far below the new rate's half. */
export function toRate(wav: Wav, rate: number): Int16Array {
  if (wav.rate === rate) return wav.samples
  const step = wav.rate / rate
  return Int16Array.from({ length: Math.floor(wav.samples.length / step) }, (_, i) => {
    const from = Math.floor(i * step)
    const to = Math.max(from + 1, Math.floor((i + 1) * step))
    let sum = 0
    for (let at = from; at < to; at += 1) sum += wav.samples[at] ?? 0
    return Math.round(sum / (to - from))
  })
}
