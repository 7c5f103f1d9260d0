/** Pictures of pages made small: 256 colours are enough for them, and a third of the bytes. Reads what Chromium writes: 8 bits, RGB or RGBA, not interlaced. */
import { crc32, deflateSync, inflateSync } from 'node:zlib'

interface Picture {
  readonly width: number
  readonly height: number
  /** Three bytes a point. */
  readonly rgb: Uint8Array
}

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

export function withPalette(png: Buffer): Buffer {
  const picture = decode(png)
  const { palette, indexOf } = paletteOf(picture.rgb)
  return encode(picture, { palette, indexOf })
}

function decode(png: Buffer): Picture {
  const chunks = chunksOf(png)
  const head = chunks.find(({ kind }) => kind === 'IHDR')?.data ?? Buffer.alloc(13)
  const [width, height, channels] = [head.readUInt32BE(0), head.readUInt32BE(4), head[9] === 6 ? 4 : 3]
  const packed = inflateSync(Buffer.concat(chunks.filter(({ kind }) => kind === 'IDAT').map(({ data }) => data)))
  const lines = unfiltered(packed, { stride: width * channels, height, channels })
  const rgb = new Uint8Array(width * height * 3)
  for (let point = 0; point < width * height; point += 1)
    for (let c = 0; c < 3; c += 1) rgb[point * 3 + c] = lines[point * channels + c] ?? 0
  return { width, height, rgb }
}

function chunksOf(png: Buffer): readonly { readonly kind: string; readonly data: Buffer }[] {
  const chunks = []
  for (let at = signature.length; at < png.length; ) {
    const length = png.readUInt32BE(at)
    chunks.push({ kind: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) })
    at += length + 12
  }
  return chunks
}

interface Lines {
  readonly stride: number
  readonly height: number
  readonly channels: number
}

/** PNG (ISO/IEC 15948) §9: each line says how its bytes are told from those to the left and above. */
function unfiltered(packed: Buffer, { stride, height, channels }: Lines): Uint8Array {
  const out = new Uint8Array(stride * height)
  for (let y = 0; y < height; y += 1) {
    const kind = packed[y * (stride + 1)] ?? 0
    for (let x = 0; x < stride; x += 1) {
      const left = x < channels ? 0 : (out[y * stride + x - channels] ?? 0)
      const up = y === 0 ? 0 : (out[(y - 1) * stride + x] ?? 0)
      const corner = y === 0 || x < channels ? 0 : (out[(y - 1) * stride + x - channels] ?? 0)
      out[y * stride + x] = (packed[y * (stride + 1) + 1 + x] ?? 0) + guess(kind, { left, up, corner })
    }
  }
  return out
}

interface Near {
  readonly left: number
  readonly up: number
  readonly corner: number
}

function guess(kind: number, { left, up, corner }: Near): number {
  if (kind === 1) return left
  if (kind === 2) return up
  if (kind === 3) return (left + up) >> 1
  return kind === 4 ? paeth({ left, up, corner }) : 0
}

function paeth({ left, up, corner }: Near): number {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)]
  if (a <= b && a <= c) return left
  return b <= c ? up : corner
}

/** As they are, also where they hardly differ: a soft shadow has many of them, and would show steps. */
const exactColours = 150

interface Palette {
  readonly palette: readonly number[]
  readonly indexOf: (rgb: number) => number
}

/** The most frequent colours, a rare one by the nearest of them. What is seen most, the plain areas, keeps its exact colour. */
function paletteOf(rgb: Uint8Array): Palette {
  const counts = new Map<number, number>()
  for (let at = 0; at < rgb.length; at += 3) {
    const colour = colourAt(rgb, at)
    counts.set(colour, (counts.get(colour) ?? 0) + 1)
  }
  const palette = chosen(counts)
  const known = new Map(palette.map((colour, index) => [colour, index]))
  const indexOf = (colour: number): number => {
    const index = known.get(colour) ?? nearest(palette, colour)
    known.set(colour, index)
    return index
  }
  return { palette, indexOf }
}

/** Colours that hardly differ from one that was chosen already give way, or the edges of black letters would take all places. */
function chosen(counts: ReadonlyMap<number, number>): readonly number[] {
  const byCount = [...counts].sort((a, b) => b[1] - a[1]).map(([colour]) => colour)
  if (byCount.length <= 256) return byCount
  const palette = byCount.slice(0, exactColours)
  for (const apart of [400, 150, 40, 0]) {
    for (const colour of byCount) {
      if (palette.length === 256) return palette
      if (palette.every((other) => distance(other, colour) > apart)) palette.push(colour)
    }
  }
  return palette
}

const colourAt = (rgb: Uint8Array, at: number): number => ((rgb[at] ?? 0) << 16) | ((rgb[at + 1] ?? 0) << 8) | (rgb[at + 2] ?? 0)

function distance(a: number, b: number): number {
  const [red, green, blue] = [(a >> 16) - (b >> 16), ((a >> 8) & 255) - ((b >> 8) & 255), (a & 255) - (b & 255)]
  return 2 * red * red + 4 * green * green + 3 * blue * blue
}

function nearest(palette: readonly number[], colour: number): number {
  let best = 0
  for (const [index, other] of palette.entries()) if (distance(other, colour) < distance(palette[best] ?? 0, colour)) best = index
  return best
}

function encode({ width, height, rgb }: Picture, { palette, indexOf }: Palette): Buffer {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 3, 0, 0, 0], 8)
  const lines = Buffer.alloc((width + 1) * height)
  for (let point = 0; point < width * height; point += 1) {
    const line = Math.floor(point / width)
    lines[line * (width + 1) + 1 + (point % width)] = indexOf(colourAt(rgb, point * 3))
  }
  const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]))
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}
