/** WAV files as people have them: any rate, any width, any number of channels. */

import { fail, type Outcome, ok } from '../src/kernel/outcome.ts'
import { decode } from '../src/media/g711.ts'
import { bounds } from './bounds.ts'

export interface Sound {
  readonly rate: number
  /** One channel, from -1 to 1. */
  readonly samples: Float64Array
}

interface Format {
  readonly tag: number
  readonly channels: number
  readonly rate: number
  readonly bits: number
}

/** Microsoft's registered format tags. */
const tags = { PCM: 1, float: 3, aLaw: 6, muLaw: 7, extensible: 0xfffe } as const

export function readSound(file: Uint8Array): Outcome<Sound, string> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (file.length < 12 || name(view, 0) !== 'RIFF' || name(view, 8) !== 'WAVE') return fail('it is no WAV file')
  const head = chunk(view, 'fmt ')
  const data = chunk(view, 'data')
  if (head === undefined || head.length < 16 || data === undefined) return fail('it has no format or no audio')
  const format = formatIn(view, head)
  const { channels, rate } = format
  if (rate < bounds.wavRate.min || rate > bounds.wavRate.max) return fail(`its rate is ${rate} Hz`)
  if (channels < 1 || channels > bounds.wavChannels) return fail(`it has ${channels} channels`)
  const read = readerFor(format, view)
  if (read === undefined) return fail(`it is in format ${format.tag} with ${format.bits} bits; PCM, float, A-law and µ-law are understood`)
  const width = format.bits / 8
  const count = Math.floor(data.length / (width * channels))
  const samples = new Float64Array(count)
  for (let at = 0; at < count; at++) {
    let sum = 0
    for (let channel = 0; channel < channels; channel++) sum += read(data.offset + (at * channels + channel) * width)
    samples[at] = sum / channels
  }
  return count === 0 ? fail('there is no audio in it') : ok({ rate, samples })
}

function formatIn(view: DataView, { offset, length }: Piece): Format {
  const tag = view.getUint16(offset, true)
  // The first two bytes of the extension's GUID are the tag that it stands for.
  const meant = tag === tags.extensible && length >= 26 ? view.getUint16(offset + 24, true) : tag
  const [channels, rate, bits] = [view.getUint16(offset + 2, true), view.getUint32(offset + 4, true), view.getUint16(offset + 14, true)]
  return { tag: meant, channels, rate, bits }
}

function readerFor({ tag, bits }: Format, view: DataView): ((at: number) => number) | undefined {
  switch (`${tag}/${bits}`) {
    case `${tags.PCM}/8`:
      return (at) => (view.getUint8(at) - 128) / 128
    case `${tags.PCM}/16`:
      return (at) => view.getInt16(at, true) / 32_768
    case `${tags.PCM}/24`:
      return (at) => (view.getUint8(at) + (view.getInt16(at + 1, true) << 8)) / 8_388_608
    case `${tags.PCM}/32`:
      return (at) => view.getInt32(at, true) / 2_147_483_648
    case `${tags.float}/32`:
      return (at) => finite(view.getFloat32(at, true))
    case `${tags.float}/64`:
      return (at) => finite(view.getFloat64(at, true))
    case `${tags.aLaw}/8`:
      return lawReader('PCMA', view)
    case `${tags.muLaw}/8`:
      return lawReader('PCMU', view)
    default:
      return undefined
  }
}

function lawReader(law: 'PCMA' | 'PCMU', view: DataView): (at: number) => number {
  const table = decode(
    law,
    Uint8Array.from({ length: 256 }, (_, byte) => byte),
  )
  return (at) => (table[view.getUint8(at)] ?? 0) / 32_768
}

const finite = (value: number): number => (Number.isFinite(value) ? value : 0)

interface Piece {
  readonly offset: number
  readonly length: number
}

/** A chunk that claims more than the file has ends where it ends: whoever streams a file cannot know better. */
function chunk(view: DataView, wanted: string): Piece | undefined {
  let offset = 12
  while (offset + 8 <= view.byteLength) {
    const length = view.getUint32(offset + 4, true)
    if (name(view, offset) === wanted) return { offset: offset + 8, length: Math.min(length, view.byteLength - offset - 8) }
    offset += 8 + length + (length % 2)
  }
  return undefined
}

const name = (view: DataView, at: number): string => String.fromCharCode(...[0, 1, 2, 3].map((n) => view.getUint8(at + n)))
