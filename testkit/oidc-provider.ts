/** An OpenID Connect provider on loopback that checks what a client must do (PKCE, redirect URI, client secret, a code used once) and signs with RS256. */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ProviderOptions {
  readonly clientId: string
  readonly clientSecret: string
  /** Where it may lead back to; set when the client's address is known. */
  redirectUri?: string
}

interface Granted {
  readonly challenge: string
  readonly nonce: string
  readonly redirectUri: string
}

/** How it misbehaves, if it does. */
export interface Mood {
  /** Claims beside `sub`. */
  claims: Record<string, unknown>
  /** Only the user info endpoint tells them. */
  isTaciturn: boolean
  /** Signs with a key that nobody knows. */
  forges: boolean
  /** Puts this nonce into the token instead of the one that it was given. */
  nonce?: string
}

export class TestProvider {
  readonly options: ProviderOptions
  readonly mood: Mood = { claims: {}, isTaciturn: false, forges: false }
  /** What clients did wrong. */
  readonly complaints: string[] = []
  readonly #keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
  readonly #strangers = generateKeyPairSync('rsa', { modulusLength: 2048 })
  readonly #codes = new Map<string, Granted>()
  readonly #server: Server

  private constructor(options: ProviderOptions) {
    this.options = options
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  static async start(options: ProviderOptions): Promise<TestProvider> {
    const provider = new TestProvider(options)
    await new Promise<void>((resolve) => provider.#server.listen(0, '127.0.0.1', resolve))
    return provider
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Somebody signs in there, at the address that the client led him to: where he is led back to. */
  authorize(url: string): string {
    const { searchParams } = new URL(url)
    const asked = (name: string) => searchParams.get(name) ?? ''
    this.#demand(asked('client_id') === this.options.clientId, 'client_id')
    this.#demand(asked('response_type') === 'code', 'response_type')
    this.#demand(asked('scope').split(' ').includes('openid'), 'scope')
    this.#demand(asked('code_challenge_method') === 'S256' && asked('code_challenge').length === 43, 'code_challenge')
    this.#demand(asked('redirect_uri') === this.options.redirectUri, `redirect_uri ${asked('redirect_uri')}`)
    const code = randomBytes(16).toString('hex')
    this.#codes.set(code, { challenge: asked('code_challenge'), nonce: asked('nonce'), redirectUri: asked('redirect_uri') })
    const back = new URL(asked('redirect_uri'))
    back.searchParams.set('code', code)
    back.searchParams.set('state', asked('state'))
    return back.href
  }

  #demand(isSo: boolean, what: string): void {
    if (!isSo) this.complaints.push(what)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', this.issuer)
    if (pathname === '/.well-known/openid-configuration') return answer(response, this.#discovery())
    if (pathname === '/jwks')
      return answer(response, { keys: [{ ...this.#keys.publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'RS256' }] })
    if (pathname === '/userinfo') return answer(response, { sub: 'somebody', ...this.mood.claims })
    if (pathname !== '/token') return answer(response, { error: 'not_found' }, 404)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    this.#token(new URLSearchParams(Buffer.concat(chunks).toString()), request, response)
  }

  #discovery(): object {
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      jwks_uri: `${this.issuer}/jwks`,
      userinfo_endpoint: `${this.issuer}/userinfo`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
    }
  }

  #token(form: URLSearchParams, request: IncomingMessage, response: ServerResponse): void {
    const granted = this.#codes.get(form.get('code') ?? '')
    this.#codes.delete(form.get('code') ?? '')
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    const isGood =
      granted !== undefined &&
      challenge === granted.challenge &&
      form.get('redirect_uri') === granted.redirectUri &&
      this.#isClient(form, request)
    if (!isGood) {
      this.complaints.push('token')
      return answer(response, { error: 'invalid_grant' }, 400)
    }
    const told = this.mood.isTaciturn ? {} : this.mood.claims
    const idToken = this.#signed({ sub: 'somebody', nonce: this.mood.nonce ?? granted.nonce, ...told })
    answer(response, { access_token: 'at-1', token_type: 'Bearer', expires_in: 60, id_token: idToken })
  }

  /** RFC 6749 §2.3.1, either way. */
  #isClient(form: URLSearchParams, { headers }: IncomingMessage): boolean {
    const { clientId, clientSecret } = this.options
    const basic = Buffer.from(/^Basic (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '', 'base64').toString()
    return basic === `${clientId}:${clientSecret}` || (form.get('client_id') === clientId && form.get('client_secret') === clientSecret)
  }

  #signed(claims: Record<string, unknown>): string {
    const seconds = Math.floor(Date.now() / 1000)
    const payload = { iss: this.issuer, aud: this.options.clientId, iat: seconds, exp: seconds + 60, ...claims }
    const text = [{ alg: 'RS256', kid: 'k1', typ: 'JWT' }, payload]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    const { privateKey } = this.mood.forges ? this.#strangers : this.#keys
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')}`
  }
}

function answer(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}
