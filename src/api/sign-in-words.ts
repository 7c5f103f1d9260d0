/** What signing in needs from the rest of the server: interfaces here, hashing and identity providers in edge/. */
import type { Directory } from '../directory/directory.ts'
import type { AccountId } from '../kernel/ids.ts'
import type { Outcome } from '../kernel/outcome.ts'
import type { SessionSettings } from './session-store.ts'

export interface Passwords {
  /** Takes as long where there is no hash. `busy`: too many are being checked already. */
  matches(hash: string | undefined, password: string): Promise<boolean | 'busy'>
}

/** What a sign-in by a provider has to come back with (RFC 7636, RFC 6749 §10.12, OpenID Connect Core §3.1.2.1). */
export interface ProviderChecks {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

export type Claims = Readonly<Record<string, unknown>>

/** An OpenID Connect provider. */
export interface IdentityProvider {
  /** Whose people alone it vouches for; all accounts' where absent. */
  readonly account?: AccountId
  /** On the button. */
  readonly label: string
  readonly emailClaim: string
  /** Compared with user names, and then the e-mail is not asked for. */
  readonly usernameClaim?: string
  /** Holds the id of the account. */
  readonly accountClaim?: string
  /** Where the browser goes, to come back to `callback`; or why not. */
  begin(callback: string): Promise<Outcome<{ readonly url: string; readonly checks: ProviderChecks }, string>>
  /** `answered`: with what the browser came back. */
  finish(answered: URL, checks: ProviderChecks): Promise<Outcome<Claims, string>>
}

export interface SignInSettings {
  readonly directory: Directory
  /** How browsers reach us, without a slash at the end. */
  readonly publicUrl: string
  readonly sessions: SessionSettings
  readonly passwords: Passwords
  readonly providers: readonly IdentityProvider[]
}
