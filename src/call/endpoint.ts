import { unreachable } from '../kernel/assert.ts'
import type { AccountId, LineId } from '../kernel/ids.ts'

/** A phone inside the account. */
export interface ExtensionEndpoint {
  readonly kind: 'extension'
  readonly account: AccountId
  readonly extension: string
  readonly agent?: string
  readonly name?: string
  /** Whether this extension may be the target of a supervision; checked again whenever a supervision follows the call to it. */
  readonly mayBeMonitored: boolean
}

/** How a called phone sees the call. */
export interface Presented {
  readonly number: string
  readonly name?: string
}

/** A phone outside, reached through a trunk. `number` is E.164 where it could be normalised, else as dialled. */
export interface NumberEndpoint {
  readonly kind: 'number'
  readonly account: AccountId
  readonly trunk: string
  readonly number: string
  readonly name?: string
  /** The number that the caller claims, where the network vouches for another one (RFC 3325). */
  readonly claimed?: string
}

/** A browser's or a program's audio connection, by which a supervisor takes part without a phone. */
export interface LineEndpoint {
  readonly kind: 'line'
  readonly account: AccountId
  readonly line: LineId
  /** Who opened it, where its credential names a user. */
  readonly user?: string
  /** His phone, if he has one: by it he is known where only extensions are. */
  readonly extension?: string
  /** Whose phone that is. */
  readonly agent?: string
  /** The user's, or how the line was labelled. */
  readonly name?: string
  /** As of his phone; false without one. It matters when he has taken a call over. */
  readonly mayBeMonitored: boolean
}

/** Something that rings. */
export type PhoneEndpoint = ExtensionEndpoint | NumberEndpoint

/** Where a party is reached. */
export type Endpoint = PhoneEndpoint | LineEndpoint

/** The extension or number as people read it; of somebody without either, his name. */
export function addressOf(endpoint: Endpoint): string {
  switch (endpoint.kind) {
    case 'extension':
      return endpoint.extension
    case 'number':
      return endpoint.number
    case 'line':
      return endpoint.extension ?? endpoint.name ?? endpoint.line
    default:
      return unreachable(endpoint)
  }
}

/** The extension by which somebody inside is known, if he has one. */
export const extensionOf = (endpoint: Endpoint): string | undefined => (endpoint.kind === 'number' ? undefined : endpoint.extension)

export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  if (a.kind === 'line' || b.kind === 'line') return a.kind === 'line' && b.kind === 'line' && a.line === b.line
  return a.kind === b.kind && a.account === b.account && addressOf(a) === addressOf(b)
}
