/**
 * One line of the log: `{"crc":"0a1b2c3d","seq":17,"of":"desk","records":[…]}`. What belongs together, such as all that one input led to, is one
 * line: it is there as a whole or not at all. The checksum is the CRC-32 of everything after its own field.
 */
import { crc32 } from 'node:zlib'

export interface Head {
  readonly sequence: number
  /** Who wrote it, and whether it says what changed (`desk`) or how things stand (`desk-state`). */
  readonly of: string
}

const prefix = '{"crc":"'
/** Of the checksum's field with its comma. */
const fieldBytes = '{"crc":"00000000",'.length
const newline = 10

export function encodeLine({ sequence, of }: Head, records: readonly unknown[]): Buffer {
  const line = Buffer.from(`${prefix}00000000","seq":${sequence},"of":"${of}","records":${JSON.stringify(records)}}\n`)
  const checksum = crc32(line.subarray(fieldBytes, line.length - 1))
  line.write(checksum.toString(16).padStart(8, '0'), prefix.length, 'latin1')
  return line
}

/** What a line says of itself, if it is whole; `line` without its line end. */
export function headOf(line: Buffer): Head | undefined {
  if (line.length <= fieldBytes || line.toString('latin1', 0, prefix.length) !== prefix) return undefined
  const checksum = crc32(line.subarray(fieldBytes)).toString(16).padStart(8, '0')
  if (line.toString('latin1', prefix.length, fieldBytes) !== `${checksum}",`) return undefined
  const head = /^"seq":(\d+),"of":"([a-z-]+)"/.exec(line.toString('latin1', fieldBytes, fieldBytes + 64))
  return head === null ? undefined : { sequence: Number(head[1]), of: head[2] ?? '' }
}

export function recordsOf(line: Buffer): readonly unknown[] {
  const { records } = JSON.parse(line.toString('utf8')) as { readonly records: readonly unknown[] }
  return records
}

export interface Piece {
  readonly offset: number
  readonly line: Buffer
  /** Only the last one of a file can lack its line end. */
  readonly isTerminated: boolean
}

export function* linesOf(bytes: Buffer): Iterable<Piece> {
  let offset = 0
  while (offset < bytes.length) {
    const end = bytes.indexOf(newline, offset)
    yield { offset, line: bytes.subarray(offset, end < 0 ? bytes.length : end), isTerminated: end >= 0 }
    offset = end < 0 ? bytes.length : end + 1
  }
}
