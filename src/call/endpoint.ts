import type { AccountId } from '../kernel/ids.ts'

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

/** Where a party is reached. */
export type Endpoint = ExtensionEndpoint | NumberEndpoint

/** The extension or number as people read it. */
export const addressOf = (endpoint: Endpoint): string => (endpoint.kind === 'extension' ? endpoint.extension : endpoint.number)

export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.kind === b.kind && a.account === b.account && addressOf(a) === addressOf(b)
}
