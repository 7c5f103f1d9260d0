import assert from 'node:assert/strict'
import { get, request } from 'node:http'
import { after, before, beforeEach, describe, test } from 'node:test'
import { keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { Browser } from '../../testkit/browser.ts'
import { aCall } from '../../testkit/desk.ts'
import { shelves } from '../../testkit/shelves.ts'
import { callCentre } from '../../testkit/world-call-centre.ts'
import { hashPassword } from '../edge/passwords.ts'
import { accountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { ok } from '../kernel/outcome.ts'

const account = '12440011'
const password = 'correct horse battery staple'
const hash = await hashPassword(password)
const wanda = { account, username: 'wanda', password }

const directory = (stored = hash) =>
  callCentre(({ accounts }) => {
    const people = accounts as unknown as { users: { id: string; username?: string; password?: string }[] }[]
    for (const user of people.flatMap(({ users }) => users)) {
      if (user.id === '13') Object.assign(user, { username: 'Wanda', password: stored })
      if (user.id === '14') Object.assign(user, { username: 'ana', password: stored })
      if (user.id === '21') Object.assign(user, { username: 'ana', password: stored })
    }
  })

let server: TestServer
before(async () => {
  server = await startApi({ directory: directory() })
})
after(() => server.close())
beforeEach(() => {
  // No lock and no session of the test before is left.
  server.advance(8 * 24 * 3_600_000)
  server.desk.clear()
  server.desk.put(aCall('c1'))
  server.desk.answers(() => ok({ call: aCall('c1') }))
})

describe('signing in', () => {
  test('by user name and password: a session, and a cookie that scripts cannot read', async () => {
    const browser = new Browser(server)
    const { status, json, headers } = await browser.signIn(wanda)
    assert.equal(status, 201)
    assert.deepEqual(json.account, { id: account, name: directory().account(accountId(account))?.name })
    assert.deepEqual([json.user, json.name, json.role, json.by], ['13', 'Wanda Whisper', 'supervisor', 'password'])
    assert.deepEqual(json.extensions, ['024', '101', '102'])
    assert.ok(json.permissions.verbs.includes('barge') && !json.permissions.verbs.includes('administer'))
    assert.deepEqual(json.permissions.groups, ['*'])
    const [cookie = ''] = headers.getSetCookie()
    assert.match(cookie, /^sotto_session=[0-9a-f]{64}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict$/)
    assert.equal(headers.get('cache-control'), 'no-store')
  })

  test('by API key: the session has the account and the role of the key', async () => {
    const browser = new Browser(server)
    const { status, json } = await browser.signIn({ apiKey: keys.observer })
    assert.deepEqual([status, json.role, json.user, json.by], [201, 'observer', undefined, 'key'])
    assert.equal((await browser.ask('GET /calls')).status, 200)
    assert.equal((await browser.ask('DELETE /calls/c1')).status, 403)
  })

  test('letter case of the user name does not count; without an account it must be the only one of that name', async () => {
    assert.equal((await new Browser(server).signIn({ username: 'WANDA', password })).status, 201)
    assert.equal((await new Browser(server).signIn({ username: 'ana', password })).status, 401)
    assert.equal((await new Browser(server).signIn({ account, username: 'ana', password })).status, 201)
  })

  for (const [what, body] of [
    ['a wrong password', { ...wanda, password: 'wrong' }],
    ['an unknown user', { ...wanda, username: 'nobody' }],
    ['an unknown account', { ...wanda, account: 'nobody' }],
    ['a user without a password', { ...wanda, username: '12' }],
  ] as const) {
    test(`${what} is answered like any other wrong one`, async () => {
      const { status, json, headers } = await new Browser(server).signIn(body)
      assert.deepEqual([status, json.code, json.detail], [401, 'credentials-invalid', 'The user name or the password is wrong.'])
      assert.deepEqual(headers.getSetCookie(), [])
    })
  }

  test('an unknown user takes as long as a wrong password', async () => {
    const took = async (body: object) => {
      const before = performance.now()
      await new Browser(server).signIn(body)
      return performance.now() - before
    }
    const wrong = await took({ ...wanda, password: 'wrong' })
    const unknown = await took({ ...wanda, username: 'nobody' })
    assert.ok(unknown > wrong / 4, `${unknown} ms against ${wrong} ms`)
  })

  test('what is missing is named', async () => {
    const { status, json } = await new Browser(server).signIn({ username: 'wanda' })
    assert.deepEqual([status, json.code, json.parameter], [422, 'parameter-missing', 'password'])
  })

  test('after ten wrong attempts from an address it has to wait, also with the right password', async () => {
    for (let i = 0; i < limits.loginFailures; i += 1) await new Browser(server).signIn({ apiKey: `wrong ${i}` })
    const { status, json, headers } = await new Browser(server).signIn(wanda)
    assert.deepEqual([status, json.code], [429, 'login-locked'])
    assert.ok(Number(headers.get('retry-after')) > 0)
    server.advance(limits.loginWindowMs)
    assert.equal((await new Browser(server).signIn(wanda)).status, 201)
  })

  test('a hundred people who sign in at one address do not lock it', async () => {
    for (let i = 0; i < 2 * limits.loginFailures; i += 1)
      assert.equal((await new Browser(server).signIn({ apiKey: keys.admin })).status, 201)
  })

  test('attempts at once count one by one', async () => {
    const attempts = Array.from({ length: 3 * limits.loginFailures }, (_, i) => new Browser(server).signIn({ apiKey: `wrong ${i}` }))
    const statuses = (await Promise.all(attempts)).map(({ status }) => status)
    assert.equal(statuses.filter((status) => status === 401).length, limits.loginFailures)
  })

  test('a page of somebody else cannot sign a browser in', async () => {
    for (const headers of [{ Origin: 'https://evil.example' }, { 'Sec-Fetch-Site': 'cross-site' }, { Origin: 'null' }])
      assert.equal((await new Browser(server).ask('POST /session', { body: wanda, headers })).status, 403)
  })

  test('a program without a browser may', async () => {
    assert.equal((await server.ask('POST /session', { body: { apiKey: keys.admin } })).status, 201)
  })

  test('whoever signs in again has another cookie, and the old one opens nothing', async () => {
    const browser = new Browser(server)
    await browser.signIn(wanda)
    const before = browser.cookie
    await browser.signIn(wanda)
    assert.notEqual(browser.cookie, before)
    assert.equal((await server.ask('GET /session', { headers: { Cookie: before } })).status, 401)
  })
})

describe('a signed-in browser', () => {
  const signedIn = async () => {
    const browser = new Browser(server)
    await browser.signIn(wanda)
    return browser
  }

  test('reads with the cookie alone, and is told its token again after a reload', async () => {
    const browser = await signedIn()
    assert.equal((await browser.ask('GET /calls')).status, 200)
    assert.equal((await browser.ask('GET /session')).json.csrf, browser.csrf)
  })

  test('orders as its user: the audit and the desk know him', async () => {
    const browser = await signedIn()
    assert.equal((await browser.ask('DELETE /calls/c1')).status, 200)
    assert.deepEqual(
      server.desk.requests.map(({ caller: { account, role, user, via } }) => ({ account, role, user, via })),
      [{ account, role: 'supervisor', user: '13', via: 'native' }],
    )
  })

  for (const [what, headers] of [
    ['without the token', { 'X-CSRF-Token': '' }],
    ['with another token', { 'X-CSRF-Token': 'A'.repeat(43) }],
    ['from a foreign page', { Origin: 'https://evil.example' }],
    ['from a neighbouring host', { 'Sec-Fetch-Site': 'same-site' }],
    ['from a sandboxed page', { Origin: 'null' }],
  ] as const) {
    test(`changes nothing ${what}`, async () => {
      const browser = await signedIn()
      for (const line of ['DELETE /calls/c1', 'DELETE /session', 'PUT /calls/c1/recording']) {
        const { status, json } = await browser.ask(line, { headers, ...(line.startsWith('PUT') ? { body: { state: 'on' } } : {}) })
        assert.deepEqual([status, json.code], [403, 'forbidden'], line)
      }
      assert.equal(server.desk.requests.length, 0)
    })
  }

  test('changes nothing without the token where the request only calls itself an upgrade', async () => {
    const browser = await signedIn()
    const headers = { Cookie: browser.cookie, Origin: server.url, Upgrade: 'websocket' }
    const status = await new Promise((resolve, reject) => {
      const asked = request(`${server.url}/sotto/v1/calls/c1`, { method: 'DELETE', headers }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      asked.on('error', reject).end()
    })
    assert.deepEqual([status, server.desk.requests.length], [403, 0])
  })

  test('changes nothing without saying where it comes from, and the token of another session is no good', async () => {
    const [browser, other] = [await signedIn(), await signedIn()]
    const bare = { Cookie: browser.cookie, 'X-CSRF-Token': browser.csrf }
    assert.equal((await server.ask('DELETE /calls/c1', { headers: bare })).status, 403)
    const { status } = await browser.ask('DELETE /calls/c1', { headers: { 'X-CSRF-Token': other.csrf } })
    assert.equal(status, 403)
  })

  test('a key that is sent beside the cookie counts, and needs no token', async () => {
    const browser = await signedIn()
    const { status } = await server.ask('DELETE /calls/c1', { key: keys.observer, headers: { Cookie: browser.cookie } })
    assert.equal(status, 403)
    assert.equal((await server.ask('DELETE /calls/c1', { key: keys.admin, headers: { Cookie: browser.cookie } })).status, 200)
  })

  test('an upgrade to WebSocket is taken from a page of this server only', async () => {
    const browser = await signedIn()
    const connect = (origin?: string) =>
      new Promise<string>((resolve) => {
        const headers = { Cookie: browser.cookie, ...(origin === undefined ? {} : { Origin: origin }) }
        const socket = new WebSocket(`${server.url.replace('http', 'ws')}/sotto/v1/events`, { headers } as unknown as string[])
        socket.onopen = () => resolve('open')
        socket.onerror = () => resolve('refused')
        socket.onclose = () => resolve('refused')
        setTimeout(() => socket.close(), 500)
      })
    assert.equal(await connect(server.url), 'open')
    assert.equal(await connect('https://evil.example'), 'refused')
    assert.equal(await connect(), 'refused')
  })

  test('is signed out after twelve idle hours, and not before', async () => {
    const browser = await signedIn()
    server.advance(11.9 * 3_600_000)
    assert.equal((await browser.ask('GET /session')).status, 200)
    server.advance(11.9 * 3_600_000)
    assert.equal((await browser.ask('GET /session')).status, 200)
    server.advance(12 * 3_600_000)
    assert.deepEqual((await browser.ask('GET /session')).status, 401)
  })

  test('is signed out after a week however busy it is', async () => {
    const browser = await signedIn()
    for (let hour = 0; hour < 167; hour += 1) {
      server.advance(3_600_000)
      assert.equal((await browser.ask('GET /session')).status, 200, `hour ${hour}`)
    }
    server.advance(3_600_000)
    assert.equal((await browser.ask('GET /session')).status, 401)
  })

  test('signs out: the cookie goes, and what it was opens nothing', async () => {
    const browser = await signedIn()
    const { cookie } = browser
    const { status, headers } = await browser.ask('DELETE /session')
    assert.equal(status, 200)
    assert.match(headers.getSetCookie()[0] ?? '', /^sotto_session=; Path=\/; Max-Age=0/)
    assert.equal((await server.ask('GET /session', { headers: { Cookie: cookie } })).status, 401)
  })

  test('sees where its user is signed in, and ends one of them; nobody else does', async () => {
    const browser = await signedIn()
    server.advance(1_000)
    const other = await signedIn()
    const stranger = new Browser(server)
    await stranger.signIn({ account, username: 'ana', password })
    const { items } = (await browser.ask('GET /sessions')).json
    assert.deepEqual(
      items.map((item: { current: boolean }) => item.current),
      [true, false],
    )
    assert.ok(!JSON.stringify(items).includes(other.cookie.split('=')[1] ?? ''))
    const id = items[1].id
    assert.equal((await stranger.ask(`DELETE /sessions/${id}`)).status, 404)
    assert.equal((await browser.ask(`DELETE /sessions/${id}`)).status, 200)
    assert.equal((await other.ask('GET /session')).status, 401)
    assert.equal((await browser.ask('GET /session')).status, 200)
  })

  test('is not kept beyond what one person may have', async () => {
    const first = await signedIn()
    for (let i = 0; i < limits.sessionsPerPerson; i += 1) await new Browser(server).signIn({ apiKey: keys.admin })
    assert.equal((await first.ask('GET /session')).status, 200)
    const key = new Browser(server)
    await key.signIn({ apiKey: keys.admin })
    assert.equal((await key.ask('GET /sessions')).json.items.length, limits.sessionsPerPerson)
  })
})

test('a key asks who it is', async () => {
  const { status, json } = await server.ask('GET /session', { key: keys.supervisor })
  assert.deepEqual([status, json.role, json.user, json.csrf], [200, 'supervisor', '13', undefined])
  assert.equal((await server.ask('DELETE /session', { key: keys.supervisor })).status, 404)
})

describe('behind https', () => {
  let secure: TestServer
  before(async () => {
    secure = await startApi({ directory: directory(), publicUrl: 'https://sotto.example' })
  })
  after(() => secure.close())
  const page = { Origin: 'https://sotto.example', 'Sec-Fetch-Site': 'same-origin' }

  test('the cookie is for https and this host only', async () => {
    const { headers } = await secure.ask('POST /session', { body: wanda, headers: page })
    assert.match(headers.getSetCookie()[0] ?? '', /^__Host-sotto_session=\w+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict; Secure$/)
  })

  test('a cookie without the prefix, which a neighbour may have set, opens nothing', async () => {
    const { headers } = await secure.ask('POST /session', { body: wanda, headers: page })
    const secret = /=(\w+);/.exec(headers.getSetCookie()[0] ?? '')?.[1] ?? ''
    const asked = (name: string) => statusOf(secure.url, { Host: 'sotto.example', Cookie: `${name}=${secret}` })
    assert.equal(await asked('__Host-sotto_session'), 200)
    assert.equal(await asked('sotto_session'), 401)
  })
})

/** As through a proxy; `fetch` would not say another host. */
const statusOf = (url: string, headers: Record<string, string>) =>
  new Promise<number | undefined>((resolve, reject) => {
    get(`${url}/sotto/v1/session`, { headers }, (response) => resolve(response.resume().statusCode)).on('error', reject)
  })

test('sessions outlive the process, but not what they rest on', async () => {
  const memory = shelves()
  const first = await startApi({ directory: directory(), memory })
  const browser = new Browser(first)
  await browser.signIn(wanda)
  const key = new Browser(first)
  await key.signIn({ apiKey: keys.admin })
  const { cookie } = browser
  await first.close()
  assert.ok(!JSON.stringify(memory.text()).includes(cookie.split('=')[1] ?? ''), 'the secret is written nowhere')
  const asked = async (centre = directory(), sent = cookie) => {
    const next = await startApi({ directory: centre, memory })
    const { status } = await next.ask('GET /session', { headers: { Cookie: sent } })
    await next.close()
    return status
  }
  assert.equal(await asked(), 200)
  assert.equal(await asked(directory(), key.cookie), 200)
  assert.equal(await asked(directory(await hashPassword('another one'))), 401)
  assert.equal(await asked(callCentre()), 401)
})
