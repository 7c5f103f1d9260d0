import type { Readable } from 'node:stream'

/** An answer as a value, so that it can be kept and given again (`idempotency.ts`). The body is serialised already. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
  /** Instead of `body`, where it is too large to be held; its headers say the length. Never kept. */
  readonly stream?: () => Readable
}

export const answer = (status: number, body: string | Buffer, headers: Readonly<Record<string, string>>): Answer => ({
  status,
  headers,
  body,
})

const json = { 'Content-Type': 'application/json; charset=utf-8' } as const

/** `body` is JSON text. */
export const jsonAnswer = (status: number, body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Answer =>
  answer(status, body, { ...json, ...headers })

export const etag = (revision: number): { readonly ETag: string } => ({ ETag: `"${revision}"` })
