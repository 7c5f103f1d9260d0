/** An agent's credential of any dialect finds the same whether somebody supervises or not, unless the account says that agents may know. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { afterEach, describe, test } from 'node:test'
import type { Call } from '../../src/call/call.ts'
import { accountA } from '../../testkit/desk.ts'
import { type Asking, Exchange } from '../../testkit/exchange.ts'

const admin = { account: accountA, role: 'admin' } as const
const sara = '0502842370097'

let exchange: Exchange
afterEach(() => exchange.close())

async function open(visibleToAgents: boolean): Promise<void> {
  const change = ({ accounts: [account] }: { accounts: [Record<string, never>] }) => {
    const { users, credentials } = account as unknown as { users: { extensions: string[] }[]; credentials: Record<string, object[]> }
    // Ana, an agent, has the phone that is supervised.
    users[0]?.extensions.splice(0, 1)
    users[2]?.extensions.push('210')
    credentials.yeastar?.push({ username: 'ana', password: 'ana-password', role: 'agent' })
    credentials.ringcx?.push({ apiToken: 'rcx-ana', username: 'ana', password: 'ana-password', role: 'agent' })
    credentials.newvoicemedia?.push({ clientId: 'nvm-ana', clientSecret: 'nvm-secret-ana', role: 'agent' })
    credentials.smartflo?.push({
      email: 'ana@example.com',
      password: 'ana-password',
      apiToken: 'smartflo-ana',
      agent: '1234',
      role: 'agent',
    })
    Object.assign(account, { supervision: { visibleToAgents } })
  }
  exchange = await Exchange.open({ change })
  exchange.register(['210', '101', '211'])
  await exchange.desk.request(admin, { kind: 'set-agent-state', agent: sara, state: 'away' })
}

const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
const json = { 'Content-Type': 'application/json' }

async function tokenOf(line: string, asking: Asking, member = 'access_token'): Promise<string> {
  const { json: answer, text } = await exchange.ask(line, asking)
  assert.equal(typeof answer?.[member], 'string', text)
  return answer[member]
}

type Read = readonly [line: string, asking?: Asking]

/** All reads of each dialect in which a supervisor might show, by the credential of an agent. */
const reads: Readonly<Record<string, () => Promise<readonly Read[]>>> = {
  async voipnow() {
    const body = 'client_id=app-14&client_secret=secret-14&grant_type=client_credentials&type=unifiedapi'
    const headers = { Authorization: `Bearer ${await tokenOf('POST /oauth/token.php', { headers: form, body })}` }
    return [
      ['GET /uapi/phoneCalls/@me/@self/?count=5000', { headers }],
      ['GET /uapi/phoneCalls/@me/0003*210/?count=5000', { headers }],
      ['GET /uapi/extensions/@me/@self/presence', { headers }],
      ['GET /uapi/extensions/@me/0003*210/presence', { headers }],
    ]
  },
  async yeastar() {
    const password = createHash('md5').update('ana-password').digest('hex')
    const token = await tokenOf('POST /api/v1.1.0/login', { body: JSON.stringify({ username: 'ana', password }) }, 'token')
    const post = (path: string, body = '{}'): Read => [`POST /api/v1.1.0/${path}?token=${token}`, { headers: json, body }]
    return [
      post('inbound/query'),
      post('outbound/query'),
      post('extensionlist/query'),
      post('extension/query', '{"number":"101"}'),
      post('extension/query', '{"number":"210"}'),
    ]
  },
  async ringcx() {
    const headers = { 'X-Auth-Token': 'rcx-ana' }
    const root = '/voice/api/v1/admin/accounts/12440011'
    return ['activeCalls/list', 'realTimeData/agent', 'realTimeData/inbound', 'agentGroups'].map((path) => [
      `GET ${root}/${path}`,
      { headers },
    ])
  },
  async smartflo() {
    const headers = { Authorization: 'Bearer smartflo-ana' }
    return ['live_calls', 'users', 'departments', 'call/records'].map((path) => [`GET /v1/${path}`, { headers }])
  },
}

async function all(list: readonly Read[]): Promise<readonly string[]> {
  const texts = []
  for (const [line, asking] of list) {
    const { status, text } = await exchange.ask(line, asking)
    texts.push(`${line.split('?', 1)} ${status} ${text.replaceAll(/"timestamp":\d+/g, '"timestamp":0')}`)
  }
  return texts
}

async function whisper(call: Call): Promise<void> {
  const outcome = exchange.desk.request(admin, { kind: 'supervise', call: call.id, supervisor: { extension: '101' }, mode: 'whisper' })
  exchange.answers('101')
  assert.ok((await outcome).ok)
  assert.equal(exchange.call(call).supervisions[0]?.state, 'active')
}

function talking(): Call {
  const call = exchange.callsIn('+15554150210', { number: '6501234567' })
  exchange.answers('210')
  return exchange.call(call)
}

describe('an agent’s credential', () => {
  for (const [dialect, read] of Object.entries(reads)) {
    test(`${dialect} answers the same while somebody whispers, and when he is gone`, async () => {
      await open(false)
      const call = talking()
      const list = await read()
      const before = await all(list)
      await whisper(call)
      assert.deepEqual(await all(list), before)
      exchange.hangsUp('101')
      assert.deepEqual(await all(list), before)
    })

    // Smartflo's answers have no place for supervisors.
    if (dialect !== 'smartflo')
      test(`${dialect} tells it where the account says so`, async () => {
        await open(true)
        const call = talking()
        const list = await read()
        const before = await all(list)
        await whisper(call)
        assert.notDeepEqual(await all(list), before)
      })
  }

  test('yeastar reports nothing of it to a program that is an agent’s, and all of it to others', async () => {
    await open(false)
    const call = talking()
    const login = (username: string, secret: string, port: number) => {
      const password = createHash('md5').update(secret).digest('hex')
      const body = JSON.stringify({ username, password, url: `https://${username}.example:${port}/in`, port: String(port) })
      return tokenOf('POST /api/v1.1.0/login', { body }, 'token')
    }
    await login('ana', 'ana-password', 8001)
    await login('api', 'api-password', 8002)
    exchange.advance(10_000)
    exchange.sent.length = 0
    await whisper(call)
    const to = (name: string) => exchange.sent.filter(({ url }) => url.includes(name)).length
    assert.ok(to('//api.') > 0, `${exchange.sent.length} reports`)
    assert.equal(to('//ana.'), 0)
    exchange.hangsUp('210')
    assert.ok(to('//ana.') > 0, 'the end of the call is no secret')
  })
})
