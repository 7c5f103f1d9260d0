/**
 * What could not wait in memory for the database: groups one after the other, each with a checksum. A group whose line is on the disk counts as
 * written; it reaches the database before anything that was written later. A group is a line that describes it and a line for each row.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import { instant } from '../kernel/time.ts'
import { whyOf } from './faults.ts'
import type { Group } from './messages.ts'

interface Head {
  readonly spilled: 1
  readonly writer: string
  readonly number: number
  readonly at: number
  readonly bytes: number
  readonly crc: number
}

interface Place {
  readonly group: Group
  readonly end: number
}

const headStart = '{"spilled":1,'
/** A head has a third of this. */
const headBytes = 512

export class Spill {
  readonly #path: string
  readonly #log: Log
  #file: FileHandle | undefined
  #from = 0
  #end = 0
  #isDamaged = false
  #isRecovered = false
  /** One thing at a time happens to the file. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(path: string, log: Log) {
    this.#path = path
    this.#log = log
  }

  get isEmpty(): boolean {
    return this.#from >= this.#end
  }

  get bytes(): number {
    return this.#end - this.#from
  }

  /** Whether what an earlier process left could be looked at; until then nothing is written, so that nothing of it is overwritten. */
  get isUsable(): boolean {
    return this.#isRecovered
  }

  /** Finds what an earlier process left. What it was writing when it died counts as never written: nobody was told otherwise. */
  async recover(): Promise<void> {
    await this.#inTurn(async () => {
      const file = await open(this.#path, 'r+').catch((error) => (error.code === 'ENOENT' ? undefined : Promise.reject(error)))
      this.#isRecovered = true
      if (file === undefined) return
      this.#file = file
      const { size } = await file.stat()
      this.#end = await this.#endOfWhole(size)
      if (this.#end < size)
        this.#log.warn({ file: this.#path, bytes: size - this.#end }, 'the last write of the spill file was torn; it is cut off')
      await file.truncate(this.#end)
    })
  }

  /** Behind the last group that is whole; what is damaged before it is passed over when its turn comes. */
  async #endOfWhole(size: number): Promise<number> {
    let end = 0
    for (let at = 0; at < size; ) {
      const place = await this.#readAt(at, size)
      if (place !== undefined) end = place.end
      at = place?.end ?? (await this.#nextHead(at + 1, size))
    }
    return end
  }

  /** Whether the group is safe now. */
  async append(group: Group): Promise<boolean> {
    return await this.#inTurn(async () => {
      const bytes = encoded(group)
      if (!this.#isRecovered || this.bytes + bytes.length > limits.storeSpillBytes) return false
      try {
        this.#file ??= await this.#create()
        await writeAll(this.#file, bytes, this.#end)
        await this.#file.datasync()
        this.#end += bytes.length
        return true
      } catch (error) {
        this.#log.warn({ file: this.#path, why: whyOf(error) }, 'the spill file cannot be written')
        await this.#file?.truncate(this.#end).catch(() => {})
        return false
      }
    })
  }

  /** The oldest group. What is damaged is passed over and named. */
  async first(): Promise<Group | undefined> {
    return await this.#inTurn(async () => {
      while (this.#from < this.#end) {
        const place = await this.#readAt(this.#from, this.#end)
        if (place !== undefined) return place.group
        const next = await this.#nextHead(this.#from + 1, this.#end)
        this.#log.error({ file: this.#path, from: this.#from, to: next }, 'a part of the spill file is damaged; it is passed over')
        this.#isDamaged = true
        this.#from = next
      }
      await this.#emptied()
      return undefined
    })
  }

  /** The group that `first` gave is in the database. */
  async dropFirst(): Promise<void> {
    await this.#inTurn(async () => {
      const place = await this.#readAt(this.#from, this.#end)
      if (place !== undefined) this.#from = place.end
      if (this.#from >= this.#end) await this.#emptied()
    })
  }

  async close(): Promise<void> {
    await this.#inTurn(async () => {
      await this.#file?.close()
      this.#file = undefined
    })
  }

  /** A file with something unreadable in it is set aside for whoever wants to look at it. */
  async #emptied(): Promise<void> {
    const file = this.#file
    if (file === undefined) return
    if (this.#isDamaged) await copyAside(this.#path, file, this.#end)
    this.#isDamaged = false
    this.#from = 0
    this.#end = 0
    await file.truncate(0)
    await file.datasync()
  }

  async #create(): Promise<FileHandle> {
    const file = await open(this.#path, 'wx+', 0o600)
    const folder = await open(dirname(this.#path), 'r')
    await folder.sync().finally(() => folder.close())
    return file
  }

  async #readAt(at: number, size: number): Promise<Place | undefined> {
    const start = await this.#read(at, Math.min(headBytes, size - at))
    const line = start.indexOf(10)
    const head = line < 0 ? undefined : headIn(start.toString('utf8', 0, line))
    const from = at + line + 1
    if (head === undefined || from + head.bytes > size) return undefined
    const body = await this.#read(from, head.bytes)
    if (checksum(head, body) !== head.crc) return undefined
    const rows = body.toString('utf8').split('\n').slice(0, -1)
    return { group: { writer: head.writer, number: head.number, at: instant(head.at), rows }, end: from + head.bytes }
  }

  /** Where something stands that looks like a head; a row may contain such a text, so that it has to be tried. */
  async #nextHead(from: number, size: number): Promise<number> {
    for (let at = from; at < size; at += limits.storeGroupBytes) {
      const part = await this.#read(at, Math.min(limits.storeGroupBytes + headStart.length, size - at))
      const found = part.indexOf(headStart)
      if (found >= 0) return at + found
    }
    return size
  }

  async #read(at: number, length: number): Promise<Buffer> {
    const buffer = Buffer.alloc(Math.max(0, length))
    const { bytesRead } = (await this.#file?.read(buffer, 0, buffer.length, at)) ?? { bytesRead: 0 }
    return buffer.subarray(0, bytesRead)
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return await turn
  }
}

function encoded({ writer, number, at, rows }: Group): Buffer {
  const body = Buffer.from(`${rows.join('\n')}\n`)
  const head: Head = { spilled: 1, writer, number, at, bytes: body.length, crc: checksum({ writer, number, at }, body) }
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body])
}

/** Of what the head says, too: under another writer or number the group would not count as the same. */
const checksum = ({ writer, number, at }: Pick<Head, 'writer' | 'number' | 'at'>, body: Buffer): number =>
  crc32(body, crc32(`${writer} ${number} ${at}`))

function headIn(line: string): Head | undefined {
  try {
    const head: Head = JSON.parse(line)
    return head.spilled === 1 && Number.isSafeInteger(head.bytes) && Number.isSafeInteger(head.number) ? head : undefined
  } catch {
    return undefined
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, at + written)
    written += bytesWritten
  }
}

async function copyAside(path: string, file: FileHandle, size: number): Promise<void> {
  const aside = await open(`${path}.damaged-${Date.now()}`, 'w', 0o600)
  try {
    for (let at = 0; at < size; at += limits.storeGroupBytes) {
      const part = Buffer.alloc(Math.min(limits.storeGroupBytes, size - at))
      const { bytesRead } = await file.read(part, 0, part.length, at)
      await writeAll(aside, part.subarray(0, bytesRead), at)
    }
    await aside.sync()
  } finally {
    await aside.close()
  }
}
