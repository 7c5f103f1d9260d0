import type { FastifyRequest } from 'fastify'
import type { Caller } from '../control/command.ts'
import { assert } from '../kernel/assert.ts'
import type { Instant } from '../kernel/time.ts'
import type { Session } from './session-store.ts'

/** A browser that is signed in. */
export interface BrowserSession {
  readonly session: Session
  /** What it has to say with every change, beside its cookie. */
  readonly csrf: string
  /** The cookie by which it came. */
  readonly cookie: string
  isOver(at: Instant): boolean
}

export interface Identity {
  readonly browser?: BrowserSession
  readonly caller: Caller
  /** Of the API key itself, also where a token was sent: the scope of idempotency keys. Not secret. */
  readonly credential: string
  /** A token's end; an API key has none. */
  readonly expiresAt?: Instant
}

export const isLapsed = (at: Instant, { expiresAt, browser }: Identity): boolean =>
  (expiresAt !== undefined && expiresAt <= at) || browser?.isOver(at) === true

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard of the native API; other surfaces leave it alone. */
    nativeIdentity: Identity | undefined
  }
}

export function identityOf(request: FastifyRequest): Identity {
  assert(request.nativeIdentity, 'a route of the native API is reached with an identity')
  return request.nativeIdentity
}
