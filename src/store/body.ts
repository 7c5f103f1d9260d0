/** A row's text and its checksum. */
import { crc32 } from 'node:zlib'
import type { TableName } from './schema.ts'

/** What is in the database is not what was written. */
export class DamagedRow extends Error {
  override readonly name = 'DamagedRow'
}

/** The table's name goes in, so that a page that strayed into another table is noticed. */
export const checksum = (table: TableName, body: string): number => crc32(`${table}\n${body}`)

export const checkedBody = (table: TableName, body: string) => ({ body, crc: checksum(table, body) })

/** The caller knows what was written into this table; the checksum says that it is still that. */
export function readBody<T>(table: TableName, { body, crc }: { readonly body: string; readonly crc: number }): T {
  if (checksum(table, body) !== crc) throw new DamagedRow(`a row of ${table} is damaged: ${body.slice(0, 120)}`)
  return JSON.parse(body)
}

/** PostgreSQL's texts cannot hold a NUL, SQLite's end at it for many functions. In bodies it stands as an escape. */
export const column = (text: string): string => text.replaceAll('\0', '\uFFFD')
