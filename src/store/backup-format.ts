/**
 * A backup is one compressed file of JSON lines: a head, every row of every table by name, the spill file in pieces, and an end with counts and
 * the hash of everything before it. It is the same for SQLite and PostgreSQL, so that it also leads from one to the other.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { TableName } from './schema.ts'

export type Row = Readonly<Record<string, string | number | null>>

export type BackupLine =
  | { readonly kind: 'head'; readonly format: 1; readonly at: number; readonly migrations: readonly string[] }
  | { readonly kind: 'row'; readonly table: TableName; readonly row: Row }
  | { readonly kind: 'spill'; readonly base64: string }
  | { readonly kind: 'end'; readonly rows: Readonly<Record<string, number>>; readonly sha256: string }

/** What was given as a backup is none, or not a whole one. */
export class BadBackup extends Error {
  override readonly name = 'BadBackup'
}

/** Reads everything once and finds out whether it is as it was written. */
export async function verifiedHead(path: string): Promise<Extract<BackupLine, { kind: 'head' }>> {
  let head: Extract<BackupLine, { kind: 'head' }> | undefined
  let end: Extract<BackupLine, { kind: 'end' }> | undefined
  const hash = createHash('sha256')
  for await (const text of lines(path)) {
    if (end !== undefined) throw new BadBackup(`${path} goes on behind its end`)
    const line = parsed(path, text)
    if (line.kind === 'head') head = line
    if (line.kind === 'end') end = line
    else hash.update(`${text}\n`)
  }
  if (head === undefined || head.format !== 1) throw new BadBackup(`${path} is no backup of Sotto's`)
  if (end === undefined) throw new BadBackup(`${path} ends too early`)
  if (end.sha256 !== hash.digest('hex')) throw new BadBackup(`${path} is damaged: its content does not match its hash`)
  return head
}

export async function* backupLines(path: string): AsyncGenerator<BackupLine> {
  for await (const text of lines(path)) yield parsed(path, text)
}

function parsed(path: string, text: string): BackupLine {
  try {
    return JSON.parse(text)
  } catch {
    throw new BadBackup(`${path} is damaged: a line of it is no JSON`)
  }
}

async function* lines(path: string): AsyncGenerator<string> {
  const gunzip = createGunzip()
  // Whatever happens to the file ends the reading below with the same error.
  pipeline(createReadStream(path), gunzip).catch(() => {})
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const chunk of gunzip) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = parts.pop() ?? ''
      yield* parts
    }
  } catch (error) {
    throw new BadBackup(`${path} cannot be read: ${error instanceof Error ? error.message : error}`)
  }
  if (rest !== '') throw new BadBackup(`${path} ends in the middle of a line`)
}
