/** One route as a value: what it needs, takes and answers. `mount.ts` gives it to the server, `operation.ts` to the reader of the document. */
import type { HTTPMethods } from 'fastify'
import type { Static, TObject } from 'typebox'
import type { RefusalCode } from '../call/refusal.ts'
import type { Caller } from '../control/command.ts'
import type { Sight } from '../control/rights.ts'
import type { Answer } from '../http/answer.ts'
import { assert } from '../kernel/assert.ts'
import type { Identity } from './identity.ts'
import type { Need } from './roles.ts'

/** A request whose credential, role and parameters are in order. */
export interface Ask<B = unknown, Q = unknown> {
  readonly caller: Caller
  /** What of the account he gets to see. */
  readonly sight: Sight
  readonly identity: Identity
  readonly requestId: string
  readonly path: Readonly<Record<string, string>>
  readonly query: Q
  readonly body: B
  readonly ifMatch: string | undefined
  readonly method: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
}

export interface Route<B extends TObject = TObject, Q extends TObject = TObject> {
  readonly id: string
  readonly tag: string
  readonly summary: string
  readonly method: HTTPMethods
  readonly url: string
  readonly need: Need
  readonly body?: B
  readonly query?: Q
  /** The example of the body in the document. */
  readonly example?: object
  /** The status and the named schema of success; a route that is not built has none. */
  readonly success?: { readonly status: number; readonly schema: string; readonly list?: boolean; readonly type?: string }
  /** Beside success and refusals. */
  readonly responses?: Readonly<Record<number, object>>
  /** What it may be refused for, beside what every route may be. */
  readonly refusals: readonly RefusalCode[]
  /** The answer has secrets in it: it is not kept for an `Idempotency-Key`. */
  readonly isSecret?: true
  /** Whether this thing, if it exists, is the agent's own (`roles.ts`); asked for callers of role agent only. */
  owns?(ask: Pick<Ask, 'caller' | 'sight' | 'path'>): boolean
  handle(ask: Ask<Static<B>, Static<Q>>): Answer | Promise<Answer>
}

/** Lets the compiler infer the types of body and query. */
export const route = <B extends TObject, Q extends TObject>(spec: Route<B, Q>): Route => spec as unknown as Route

export function pathOf(ask: { readonly path: Readonly<Record<string, string>> }, name: string): string {
  const value = ask.path[name]
  assert(value !== undefined, `the path has "${name}"`)
  return value
}
