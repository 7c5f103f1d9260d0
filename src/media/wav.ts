/** WAV files of 8 kHz mono (or several channels) in G.711 or 16-bit PCM: recordings, prompts, and what tests listen to. */
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import { decode } from './g711.ts'
import type { Codec } from './protocol.ts'

/** Microsoft's registered format tags. */
const formatTags = { PCM: 1, PCMA: 6, PCMU: 7 } as const
export type WavFormat = keyof typeof formatTags

export interface Wav {
  readonly format: WavFormat
  readonly channels: number
  readonly sampleRate: number
  /** As in the file: one byte a sample for G.711, two little-endian for PCM, channels interleaved. */
  readonly data: Uint8Array
}

const bytesPerSample = (format: WavFormat): number => (format === 'PCM' ? 2 : 1)

export const wavHeaderBytes = 44

/** A header for `dataBytes` of samples; a recorder writes it first with zero and again at the end. */
export function wavHeader(wav: Omit<Wav, 'data'>, dataBytes: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(wavHeaderBytes))
  const width = bytesPerSample(wav.format)
  putText(view, 0, 'RIFF')
  view.setUint32(4, wavHeaderBytes - 8 + dataBytes + (dataBytes % 2), true)
  putText(view, 8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, formatTags[wav.format], true)
  view.setUint16(22, wav.channels, true)
  view.setUint32(24, wav.sampleRate, true)
  view.setUint32(28, wav.sampleRate * wav.channels * width, true)
  view.setUint16(32, wav.channels * width, true)
  view.setUint16(34, width * 8, true)
  putText(view, 36, 'data')
  view.setUint32(40, dataBytes, true)
  return new Uint8Array(view.buffer)
}

/** RIFF chunks are padded to even lengths. */
export function writeWav(wav: Wav): Uint8Array {
  const file = new Uint8Array(wavHeaderBytes + wav.data.length + (wav.data.length % 2))
  file.set(wavHeader(wav, wav.data.length))
  file.set(wav.data, wavHeaderBytes)
  return file
}

export function readWav(file: Uint8Array): Outcome<Wav, string> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (file.length < 12 || text(view, 0) !== 'RIFF' || text(view, 8) !== 'WAVE') return fail('not a WAV file')
  const format = chunk(view, 'fmt ')
  const data = chunk(view, 'data')
  if (format === undefined || format.length < 16 || data === undefined) return fail('a WAV file without format or data')
  const tag = view.getUint16(format.offset, true)
  const name = (Object.keys(formatTags) as WavFormat[]).find((key) => formatTags[key] === tag)
  const bits = view.getUint16(format.offset + 14, true)
  if (name === undefined || bits !== bytesPerSample(name) * 8) return fail('a WAV file of another format than G.711 or 16-bit PCM')
  return ok({
    format: name,
    channels: view.getUint16(format.offset + 2, true),
    sampleRate: view.getUint32(format.offset + 4, true),
    data: file.subarray(data.offset, data.offset + data.length),
  })
}

export function wavSamples(wav: Wav): Int16Array {
  if (wav.format !== 'PCM') return decode(wav.format satisfies Codec, wav.data)
  const view = new DataView(wav.data.buffer, wav.data.byteOffset, wav.data.byteLength)
  return Int16Array.from({ length: Math.floor(wav.data.length / 2) }, (_, n) => view.getInt16(n * 2, true))
}

/** What is played to callers: one channel at 8 kHz, of several the first. */
export function wavLoop(file: Uint8Array): Outcome<Int16Array, string> {
  const wav = readWav(file)
  if (!wav.ok) return wav
  if (wav.value.sampleRate !== 8_000) return fail(`its rate is ${wav.value.sampleRate} Hz, and 8000 Hz is needed`)
  const samples = wavSamples(wav.value)
  const { channels } = wav.value
  const loop = samples.filter((_, n) => n % channels === 0)
  return loop.length < 8_000 ? fail('it is shorter than a second') : ok(loop)
}

/** A chunk that claims more than the file holds is cut there: a recorder may have died while writing. */
function chunk(view: DataView, name: string): { offset: number; length: number } | undefined {
  let offset = 12
  while (offset + 8 <= view.byteLength) {
    const length = view.getUint32(offset + 4, true)
    if (text(view, offset) === name) return { offset: offset + 8, length: Math.min(length, view.byteLength - offset - 8) }
    offset += 8 + length + (length % 2)
  }
  return undefined
}

const text = (view: DataView, offset: number): string =>
  String.fromCharCode(view.getUint8(offset), view.getUint8(offset + 1), view.getUint8(offset + 2), view.getUint8(offset + 3))

function putText(view: DataView, offset: number, value: string): void {
  for (let i = 0; i < value.length; i++) view.setUint8(offset + i, value.charCodeAt(i))
}
