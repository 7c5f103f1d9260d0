import { join } from 'node:path'
import type { StorePlace } from './messages.ts'

/** Where a server with this data folder keeps its history. `url`: of PostgreSQL, which then takes the file's place. */
export function storePlaceIn(data: string, url: string | undefined): StorePlace {
  const file = join(data, 'history.db')
  return url === undefined || url === '' ? { file } : { file, url }
}
