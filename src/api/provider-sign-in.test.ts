import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { startApi, type TestServer } from '../../testkit/api-server.ts'
import { Browser } from '../../testkit/browser.ts'
import { TestProvider } from '../../testkit/oidc-provider.ts'
import { callCentre } from '../../testkit/world-call-centre.ts'
import { OidcProvider } from '../edge/identity-provider.ts'
import { accountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'

const account = accountId('12440011')
const client = { clientId: 'sotto', clientSecret: 'provider-secret' }

const people = callCentre(({ accounts }) => {
  const all = accounts as unknown as { users: { id: string; email?: string; username?: string }[] }[]
  for (const user of all.flatMap(({ users }) => users)) {
    if (user.id === '13') Object.assign(user, { email: 'wanda@example.com', username: 'wanda' })
    if (user.id === '21') Object.assign(user, { email: 'other@example.org' })
    if (user.id === '14') Object.assign(user, { username: 'ana@example.com' })
  }
})

let provider: TestProvider
let server: TestServer
before(async () => {
  provider = await TestProvider.start(client)
  const settings = { ...client, issuer: provider.issuer, label: 'Example', scope: 'openid email', emailClaim: 'email' }
  const providers = [
    new OidcProvider(settings),
    new OidcProvider({ ...settings, label: 'Own' }, account),
    new OidcProvider({ ...settings, label: 'By name', usernameClaim: 'preferred_username', accountClaim: 'tenant' }),
    new OidcProvider({ ...settings, label: 'Away', issuer: 'http://127.0.0.1:9' }),
    new OidcProvider({ ...settings, label: 'Names are e-mails', usernameClaim: 'email' }),
  ]
  server = await startApi({ directory: people, providers })
  provider.options.redirectUri = `${server.url}/sotto/v1/session/oidc/callback`
})
after(async () => {
  await server.close()
  await provider.stop()
})
beforeEach(() => {
  provider.complaints.length = 0
  Object.assign(provider.mood, {
    claims: { email: 'wanda@example.com', email_verified: true },
    isTaciturn: false,
    forges: false,
    nonce: undefined,
  })
})

const placeOf = (reply: { readonly headers: Headers }): string => reply.headers.get('location') ?? ''

async function comeBack(browser: Browser, query = '?provider=0') {
  const begun = await browser.ask(`GET /session/oidc/start${query}`)
  assert.equal(begun.status, 302)
  return provider.authorize(placeOf(begun))
}

/** Somebody signs in there and comes back. */
async function signIn(browser: Browser, query?: string) {
  const back = await comeBack(browser, query)
  return await browser.ask(`GET ${back.slice(`${server.url}/sotto/v1`.length)}`)
}

describe('signing in by an identity provider', () => {
  test('leads there with PKCE, state and nonce, and back into a session', async () => {
    const browser = new Browser(server)
    const done = await signIn(browser)
    assert.deepEqual([done.status, placeOf(done)], [302, `${server.url}/`])
    assert.deepEqual(provider.complaints, [])
    const session = await browser.ask('GET /session')
    assert.deepEqual([session.status, session.json.user, session.json.by], [200, '13', 'provider'])
    assert.deepEqual([...browser.cookies.keys()], ['sotto_session'])
  })

  test('a provider that tells the e-mail only when it is asked', async () => {
    provider.mood.isTaciturn = true
    const browser = new Browser(server)
    await signIn(browser)
    assert.equal((await browser.ask('GET /session')).json.user, '13')
  })

  for (const [what, claims] of [
    ['somebody whom the configuration does not know', { email: 'nobody@example.com', email_verified: true }],
    ['an e-mail that nobody has verified', { email: 'wanda@example.com', email_verified: false }],
    ['one of which the provider says so in words', { email: 'wanda@example.com', email_verified: 'false' }],
    ['no e-mail at all', {}],
    ['an e-mail that is no text', { email: ['wanda@example.com'] }],
  ] as const) {
    test(`${what} is not let in`, async () => {
      provider.mood.claims = { ...claims }
      const browser = new Browser(server)
      assert.equal(placeOf(await signIn(browser)), `${server.url}/?signIn=unknown-user`)
      assert.equal((await browser.ask('GET /session')).status, 401)
    })
  }

  test('a user name that is an e-mail counts when it is verified only', async () => {
    const placeWith = async (verified: unknown) => {
      provider.mood.claims = { email: 'ana@example.com', email_verified: verified }
      return placeOf(await signIn(new Browser(server), '?provider=4'))
    }
    assert.equal(await placeWith(false), `${server.url}/?signIn=unknown-user`)
    assert.equal(await placeWith('true'), `${server.url}/`)
    assert.equal(await placeWith(true), `${server.url}/`)
  })

  test('an account’s own provider vouches for its people only', async () => {
    provider.mood.claims = { email: 'other@example.org', email_verified: true }
    assert.equal(placeOf(await signIn(new Browser(server), `?account=${account}&provider=1`)), `${server.url}/?signIn=unknown-user`)
    assert.equal(placeOf(await signIn(new Browser(server))), `${server.url}/`)
  })

  test('by name, in the account that the provider names', async () => {
    const browser = new Browser(server)
    provider.mood.claims = { preferred_username: 'Wanda', tenant: account }
    await signIn(browser, '?provider=2')
    assert.equal((await browser.ask('GET /session')).json.user, '13')
    provider.mood.claims = { preferred_username: 'wanda', tenant: '12440022' }
    assert.equal(placeOf(await signIn(new Browser(server), '?provider=2')), `${server.url}/?signIn=unknown-user`)
    provider.mood.claims = { preferred_username: 'wanda' }
    assert.equal(placeOf(await signIn(new Browser(server), '?provider=2')), `${server.url}/?signIn=unknown-user`)
  })

  test('a token with a foreign signature, or of another sign-in, is refused', async () => {
    for (const mood of [{ forges: true }, { forges: false, nonce: 'another' }]) {
      Object.assign(provider.mood, mood)
      assert.equal(placeOf(await signIn(new Browser(server))), `${server.url}/?signIn=refused`)
    }
  })

  test('another state is refused', async () => {
    const browser = new Browser(server)
    const back = new URL(await comeBack(browser))
    back.searchParams.set('state', 'another')
    const done = await browser.ask(`GET ${back.href.slice(`${server.url}/sotto/v1`.length)}`)
    assert.equal(placeOf(done), `${server.url}/?signIn=refused`)
  })

  test('an answer brought by another browser opens nothing, and none is taken twice', async () => {
    const browser = new Browser(server)
    const back = (await comeBack(browser)).slice(`${server.url}/sotto/v1`.length)
    const victim = new Browser(server)
    assert.equal(placeOf(await victim.ask(`GET ${back}`)), `${server.url}/?signIn=refused`)
    assert.equal(placeOf(await browser.ask(`GET ${back}`)), `${server.url}/`)
    assert.equal(placeOf(await browser.ask(`GET ${back}`)), `${server.url}/?signIn=refused`)
  })

  test('whoever takes too long begins again', async () => {
    const browser = new Browser(server)
    const back = (await comeBack(browser)).slice(`${server.url}/sotto/v1`.length)
    server.advance(limits.providerSignInMs)
    assert.equal(placeOf(await browser.ask(`GET ${back}`)), `${server.url}/?signIn=refused`)
  })

  test('a provider that is away, and one that does not exist', async () => {
    for (const index of [3, 7]) {
      const { status, headers } = await new Browser(server).ask(`GET /session/oidc/start?provider=${index}`)
      assert.deepEqual([status, headers.get('location')], [302, `${server.url}/?signIn=unavailable`])
    }
  })

  test('the options name those that are for all, and the account’s own to those who name it', async () => {
    const labels = async (query: string) =>
      (await server.ask(`GET /session/options${query}`)).json.providers.map(({ label }: { label: string }) => label)
    assert.deepEqual(await labels(''), ['Example', 'By name', 'Away', 'Names are e-mails'])
    assert.deepEqual(await labels(`?account=${account}`), ['Example', 'Own', 'By name', 'Away', 'Names are e-mails'])
    assert.deepEqual(await labels('?account=nobody'), ['Example', 'By name', 'Away', 'Names are e-mails'])
  })
})
