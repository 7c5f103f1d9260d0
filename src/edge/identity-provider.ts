/** OpenID Connect with somebody's identity provider. */
import * as oidc from 'openid-client'
import type { Claims, IdentityProvider, ProviderChecks } from '../api/sign-in-words.ts'
import type { OidcSettings } from '../directory/settings.ts'
import type { AccountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'

export class OidcProvider implements IdentityProvider {
  readonly account?: AccountId
  readonly label: string
  readonly emailClaim: string
  readonly usernameClaim?: string
  readonly accountClaim?: string
  readonly #settings: OidcSettings
  #discovered: Promise<oidc.Configuration> | undefined

  constructor(settings: OidcSettings, account?: AccountId) {
    this.#settings = settings
    this.label = settings.label
    this.emailClaim = settings.emailClaim
    if (settings.usernameClaim !== undefined) this.usernameClaim = settings.usernameClaim
    if (settings.accountClaim !== undefined) this.accountClaim = settings.accountClaim
    if (account !== undefined) this.account = account
  }

  async begin(callback: string): Promise<Outcome<{ readonly url: string; readonly checks: ProviderChecks }, string>> {
    return await orWhyNot(async () => {
      const configuration = await this.#configuration()
      const checks = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier: oidc.randomPKCECodeVerifier() }
      const url = oidc.buildAuthorizationUrl(configuration, {
        redirect_uri: callback,
        scope: this.#settings.scope,
        state: checks.state,
        nonce: checks.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(checks.verifier),
        code_challenge_method: 'S256',
      })
      return { url: url.href, checks }
    })
  }

  async finish(answered: URL, { state, nonce, verifier }: ProviderChecks): Promise<Outcome<Claims, string>> {
    return await orWhyNot(async () => {
      const configuration = await this.#configuration()
      const expected = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
      const tokens = await oidc.authorizationCodeGrant(configuration, answered, expected)
      const claims = tokens.claims()
      if (claims === undefined) throw new TypeError('the provider gave no ID token')
      if (claims[this.usernameClaim ?? this.emailClaim] !== undefined) return claims
      // Some tell the e-mail to those only who ask with the access token.
      return { ...(await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub)), ...claims }
    })
  }

  /** Found out once; a provider that was away is asked again. */
  async #configuration(): Promise<oidc.Configuration> {
    this.#discovered ??= this.#discover()
    try {
      return await this.#discovered
    } catch (error) {
      this.#discovered = undefined
      throw error
    }
  }

  async #discover(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret } = this.#settings
    const server = new URL(issuer)
    // The configuration takes http for the machine itself only.
    const insecure = server.protocol === 'http:' ? [oidc.allowInsecureRequests] : []
    // The norm lets a client go without the signature where TLS has vouched for the sender (OpenID Connect Core §3.1.3.7); we look at it all the same.
    const execute = [oidc.enableNonRepudiationChecks, ...insecure]
    return await oidc.discovery(server, clientId, clientSecret, undefined, { timeout: limits.providerMs / 1000, execute })
  }
}

async function orWhyNot<T>(asking: () => Promise<T>): Promise<Outcome<T, string>> {
  try {
    return ok(await asking())
  } catch (error) {
    return fail(reasonOf(error))
  }
}

/** The library says what it expected in the cause. Neither holds tokens. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : ''
  return `${error.message}${cause}`.slice(0, 300)
}
