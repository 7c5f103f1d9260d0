/** A file as an answer: wholly, in part, or not at all where the client has it (RFC 9110 §13 and §14). */
import type { Readable as Stream } from 'node:stream'
import { Readable } from 'node:stream'
import { refusal } from '../call/refusal.ts'
import type { Answer } from './answer.ts'
import { Refused } from './refused.ts'

export interface Rangeable {
  readonly fileName: string
  readonly bytes: number
  readonly etag: string
  open(range?: Range): Stream
}

interface Range {
  readonly from: number
  readonly to: number
}

interface Asked {
  readonly method: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** Throws a `Refused` of status 416 where nothing of what is asked for is there. */
export function rangedAnswer(file: Rangeable, type: string, { method, headers }: Asked): Answer {
  const common = { ETag: file.etag, 'Accept-Ranges': 'bytes', 'Cache-Control': 'private, no-store' }
  if (hasAlready(headers['if-none-match'], file.etag)) return { status: 304, headers: common, body: '' }
  const range = method === 'GET' ? wantedRange(headers, file) : undefined
  const { from, to } = range ?? { from: 0, to: file.bytes - 1 }
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      ...common,
      'Content-Type': type,
      'Content-Length': String(to - from + 1),
      'Content-Disposition': `attachment; filename="${file.fileName}"`,
      ...(range === undefined ? {} : { 'Content-Range': `bytes ${from}-${to}/${file.bytes}` }),
    },
    body: '',
    stream: () => (method === 'HEAD' ? Readable.from([]) : file.open(range)),
  }
}

/** Weak comparison (§13.1.2). */
const hasAlready = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch?.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag) ?? false

/** A range that cannot be read, of another unit, or one of several, is ignored, as §14.2 permits; so is one of another version of the file (§13.1.5). */
function wantedRange({ range, 'if-range': ifRange }: Asked['headers'], { bytes, etag }: Rangeable): Range | undefined {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(range?.replaceAll(' ', '') ?? '') ?? []
  if (first === undefined || last === undefined || (ifRange !== undefined && ifRange !== etag)) return undefined
  if (first === '' && last === '') return undefined
  if (first !== '' && last !== '' && Number(first) > Number(last)) return undefined
  const from = first === '' ? Math.max(0, bytes - Number(last)) : Number(first)
  const to = first === '' || last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1)
  if (from > to) throw unsatisfiable(bytes)
  return { from, to }
}

const unsatisfiable = (bytes: number): Refused =>
  new Refused(refusal('parameter-invalid', { name: 'Range', why: `The file has ${bytes} bytes, and none where the range begins.` }), {
    status: 416,
    headers: { 'Content-Range': `bytes */${bytes}` },
  })
