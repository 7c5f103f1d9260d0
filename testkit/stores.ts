/** Stores in folders of their own, and rows to write into them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { emptyCdr } from '../src/call/cdr.ts'
import { accountId, callId, partyId } from '../src/kernel/ids.ts'
import type { Log } from '../src/kernel/log.ts'
import { instant } from '../src/kernel/time.ts'
import type { CdrRow, MessageRow, RowOf } from '../src/store/rows.ts'
import { openStore, type Store, type StoreHealth } from '../src/store/store.ts'

export const acme = accountId('acme')
export const other = accountId('other')

export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'sotto-store-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** What a store says in its log, by line. */
export class Heard implements Log {
  readonly lines: string[] = []

  debug(): void {}
  info(): void {}
  warn = (fields: object, message: string): void => this.#note(fields, message)
  error = (fields: object, message: string): void => this.#note(fields, message)

  #note(fields: object, message: string): void {
    this.lines.push(`${message} ${JSON.stringify(fields)}`)
  }
}

export async function openIn(folder: string, options: { readonly url?: string; readonly log?: Log } = {}): Promise<Store> {
  const { url, log = new Heard() } = options
  const store = openStore({ file: join(folder, 'sotto.db'), ...(url === undefined ? {} : { url }), log, clock: () => instant(Date.now()) })
  await store.opened
  return store
}

/** Waits until the store is as wanted; the time is bounded, and what it is instead is told. */
export async function until(store: Store, isSo: (health: StoreHealth) => boolean, seconds = 20): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await pause(10)) if (isSo(store.health())) return
  throw new Error(`the store is still ${JSON.stringify(store.health())}`)
}

export const event = (cursor: number, fields: Partial<RowOf<'event'>> = {}): RowOf<'event'> => ({
  ...{ kind: 'event', cursor, account: acme, call: callId(`call-${cursor % 7}`), seq: Math.floor(cursor / 7) + 1 },
  ...{ at: instant(1_000_000 + cursor), type: 'call.ringing', body: { party: 'p1', note: `event ${cursor} ü \0 "` } },
  ...fields,
})

export function cdr(id: string, fields: Partial<CdrRow> = {}): RowOf<'cdr'> {
  const bare = { ...emptyCdr(callId(id), acme), account: acme, startedAt: instant(1_000_000) }
  return { kind: 'cdr', cdr: { ...bare, ...fields } }
}

/** The parties of a call between an agent's extension and a number outside. */
export function partiesOf(agent: string, number: string): CdrRow['parties'] {
  const common = { joinedAt: instant(1_000_000), onHold: false }
  const extension = { kind: 'extension' as const, account: acme, extension: `1${agent}`, agent, mayBeMonitored: true }
  return [
    { id: partyId('p1'), role: 'customer', endpoint: { kind: 'number', account: acme, trunk: 't', number }, ...common },
    { id: partyId('p2'), role: 'agent', endpoint: extension, ...common },
  ]
}

export function message(id: string, fields: Partial<MessageRow> = {}): RowOf<'message'> {
  const place = { id, account: acme, receiver: 'r1', orderKey: 'call-1', sequence: 1 }
  return { kind: 'message', ...place, at: instant(1_000), nextTry: instant(1_000), body: { type: 'call.ended' }, ...fields }
}

export const value = (namespace: string, key: string, fields: Partial<RowOf<'value'>> = {}): RowOf<'value'> => ({
  ...{ kind: 'value', namespace, key, value: { of: key } },
  ...fields,
})
