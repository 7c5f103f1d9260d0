/** Nonsense over HTTP, in every dialect: never an answer that its contract does not know, and the next good request is answered as ever. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { DialectName } from '../../src/directory/settings.ts'
import { type DialectClient, dialectClients, type Reply, type Request, sara } from '../../testkit/dialect-clients.ts'
import { Exchange } from '../../testkit/exchange.ts'
import { SeededRandom } from '../../testkit/random.ts'

const seed = Number(process.env.SOTTO_SEED ?? Date.now() % 1_000_000)
const requests = 2_000
const random = new SeededRandom(seed)
const pick = <T>(from: readonly T[]): T => from[random.integer(from.length)] as T

let exchange: Exchange
before(async () => {
  exchange = await Exchange.open()
  exchange.register(['101', '102', '024', '106', '210', '211', '212'])
})
after(() => exchange.close())

const send = ({ line, headers, body }: Request): Promise<Reply> =>
  exchange.ask(line, { ...(headers && { headers }), ...(body !== undefined && { body }) })

/** 501: LATER rows. 500 only where the contract names it, and nothing here makes an engine fail. */
const namedFaults: Readonly<Record<DialectName, readonly number[]>> = {
  voipnow: [501, 503],
  yeastar: [],
  ringcx: [501, 503],
  newvoicemedia: [501, 503],
  smartflo: [501, 503],
}

describe(`fuzz over HTTP, seed ${seed}`, () => {
  for (const client of dialectClients) {
    test(`${client.name}: ${requests} requests of nonsense`, async () => {
      const token = await client.login(send)
      for (let i = 0; i < requests; i += 1) {
        const request = mutated(client, token)
        const reply = await send(request)
        const told = `${request.line}\n${JSON.stringify(request.headers)}\n${request.body}\n→ ${reply.status} ${reply.text.slice(0, 500)}`
        assert.ok(reply.status < 500 || namedFaults[client.name].includes(reply.status), told)
        if (reply.status >= 400)
          assert.ok(client.isOwnForm(reply) || isStrayed(client, request, reply), `not the form of ${client.name}: ${told}`)
        assert.ok(reply.headers['x-request-id'] !== undefined, told)
        if (i % 10 === 0) await goodRequest(client)
      }
    })
  }
})

/** Paths of W2 that certainly are the dialect's own. */
const own: Readonly<Record<DialectName, RegExp>> = {
  voipnow: /^\/(?:uapi|oauth)\/\w/,
  yeastar: /^\/api\/v\d+(?:\.\d+){2}\/\w/,
  ringcx: /^\/(?:voice|restapi)\/\w/,
  newvoicemedia: /^\/v\d+\/\w+\/(?:calls|agents)\b/i,
  smartflo: /^\/v1\/(?:call|live_calls|users?|departments)\b/,
}

/** The path was spoiled so that it belongs to another dialect, or to none. */
function isStrayed(client: DialectClient, { line }: Request, reply: Reply): boolean {
  const target = line.slice(line.indexOf(' ') + 1)
  if (own[client.name].test(target) && !/%|\/\.|\/\//.test(target.split('?', 1).join(''))) return false
  return isNobodys(reply) || dialectClients.some((other) => other.isOwnForm(reply))
}

const isNobodys = ({ headers, text }: Reply): boolean =>
  headers['content-type'] === 'application/problem+json' && /"code":"(?:route-unknown|body-malformed|method-not-allowed)"/.test(text)

async function goodRequest(client: DialectClient): Promise<void> {
  const token = await client.login(send)
  const reply = await send(client.list(token))
  assert.equal(reply.status, 200, reply.text)
  assert.ok(!client.isOwnForm(reply), reply.text)
}

/** A good request, spoiled somewhere; the call that it names is sometimes there. */
function mutated(client: DialectClient, token: string): Request {
  const call = exchange.desk.calls(exchange.settings.accounts[0]?.id ?? ('' as never))[0] ?? freshCall()
  const target = '210'
  const good: readonly (Request | undefined)[] = [
    client.list(token),
    client.supervise(token, { id: client.idOf(call), target, by: sara, mode: pick(['monitor', 'whisper', 'barge']) }),
    client.with(token, {
      line: `${pick(methods)} ${pick(paths[client.name])}`,
      headers: { 'Content-Type': 'application/json' },
      body: nonsenseJson(),
    }),
    client.with(token, { line: `${pick(methods)} ${pick(paths[client.name])}?${nonsenseQuery()}`, body: nonsense(200) }),
  ]
  let request = pick(good.filter((r) => r !== undefined))
  for (let n = random.integer(3); n > 0; n -= 1) request = pick(spoilers)(request)
  return request
}

function freshCall() {
  const call = exchange.callsIn('+15554150210', { number: '6501234567' })
  exchange.answers('210')
  return exchange.call(call)
}

const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const

const paths: Readonly<Record<DialectName, readonly string[]>> = {
  voipnow: [
    '/uapi/phoneCalls/@me/@self',
    '/uapi/phoneCalls/12/0003*210/444',
    '/uapi/extensions/@me/@self/presence',
    '/uapi/cdr',
    '/oauth/token.php',
    '/uapi/phoneCalls/12/simple',
    '/uapi/extensions/@me/0003*210/phoneCallEvents/0/x',
    '/uapi/nothing',
    '/oauth/authorize.php',
  ],
  yeastar: [
    '/api/v1.1.0/extension/query',
    '/api/v1.1.0/extension/hangup',
    '/api/v2.0.0/call/dial',
    '/api/v0.0.1/extension/update?type=xml',
    '/api/v1.1.0/inbound/query',
    '/api/v1.1.0/nothing',
    '/api/v1.1.0/login',
    '/api/v2.0.0/call/listen',
  ],
  ringcx: [
    '/voice/api/v1/admin/accounts/~/activeCalls/list',
    '/voice/api/v1/admin/accounts/12440011/activeCalls/1/hangupCall',
    '/restapi/oauth/token',
    '/api/auth/token/refresh',
    '/voice/api/v1/admin/accounts',
    '/voice/api/v1/admin/accounts/12440011/agentGroups/1/agents',
    '/voice/nothing',
    '/voice/api/v1/admin/accounts/12440011/realTimeData/agent',
  ],
  newvoicemedia: [
    '/v0/a1b2c3d4e5/calls/',
    '/v0/a1b2c3d4e5/calls/x',
    '/V6/a1b2c3d4e5/Agents/1234',
    '/v0/oauth2/token',
    '/Auth/connect/token',
    '/v0/other/calls',
    '/v0/a1b2c3d4e5/agents/',
  ],
  smartflo: [
    '/v1/live_calls',
    '/v1/call/options',
    '/v1/call/hangup',
    '/v1/users',
    '/v1/user/1',
    '/v1/departments',
    '/v1/click_to_call',
    '/v1/auth/refresh',
    '/v1/call/records',
    '/v1/nothing',
  ],
}

const spoilers: readonly ((request: Request) => Request)[] = [
  (r) => ({ ...r, body: nonsense(2_000) }),
  (r) => ({ ...r, body: nonsenseJson() }),
  (r) => ({ ...r, body: '['.repeat(random.integer(5_000)) }),
  (r) => ({ ...r, body: (r.body ?? '').slice(0, random.integer(200)) }),
  (r) => ({
    ...r,
    headers: { ...r.headers, 'Content-Type': pick(['text/xml', 'application/json', 'multipart/form-data; boundary=x', ';;', '']) },
  }),
  (r) => ({
    ...r,
    headers: { ...r.headers, Accept: pick(['text/html', '*/*;q=0', 'application/json;version=99', '\u0001'.replace(/./, 'x')]) },
  }),
  (r) => ({ ...r, headers: { ...r.headers, Authorization: pick(['Basic !!!', 'Bearer', `Bearer ${'x'.repeat(3_000)}`, 'Digest x', '']) } }),
  (r) => ({ ...r, headers: { ...r.headers, 'Content-Encoding': pick(['gzip', 'identity', 'br, gzip']) } }),
  (r) => ({ ...r, line: spoiledLine(r.line) }),
  (r) => ({ ...r, line: `${r.line}${r.line.includes('?') ? '&' : '?'}${nonsenseQuery()}` }),
]

function spoiledLine(line: string): string {
  const [method = 'GET', target = '/'] = line.split(' ')
  const at = 1 + random.integer(target.length)
  const broken = [
    `${target.slice(0, at)}%zz${target.slice(at)}`,
    `${target.slice(0, at)}/../${target.slice(at)}`,
    `${target.slice(0, at)}//`,
    target.slice(0, at),
    `${target}%00`,
    `${target.slice(0, at)}%2F${target.slice(at)}`,
    target.toUpperCase(),
  ]
  return `${pick([method, pick(methods)])} ${pick(broken)}`
}

const names = [
  'type',
  'call_id',
  'extid',
  'destination',
  'sessionType',
  'from',
  'to',
  'action',
  'sendCallTo',
  'token',
  'page',
  'maxRows',
  'count',
  'fields',
  'agent_id',
  'intercom',
  '__proto__',
  'constructor',
  'phoneCallViewId',
  'waitForPickup',
  'disposition',
  'number',
  'url',
  'port',
]

const nonsenseQuery = (): string =>
  Array.from({ length: 1 + random.integer(4) }, () => `${pick(names)}=${encodeURIComponent(nonsense(30))}`).join('&')

function nonsenseJson(depth = 0): string {
  return JSON.stringify(Object.fromEntries(Array.from({ length: 1 + random.integer(5) }, () => [pick(names), nonsenseValue(depth)])))
}

function nonsenseValue(depth: number): unknown {
  const simple = [
    null,
    true,
    -1,
    1e308,
    0.5,
    '',
    nonsense(40),
    '0003*210',
    '1526884410.12',
    '+15554150123',
    ['x', 1, null],
    {},
    'whisper',
    'Whisper',
    '210',
    4,
  ]
  return depth < 3 && random.chance(0.2) ? JSON.parse(nonsenseJson(depth + 1)) : pick(simple)
}

function nonsense(most: number): string {
  const alphabet = [
    'a',
    'Z',
    '0',
    '9',
    '*',
    '@',
    '"',
    "'",
    '<',
    '>',
    '&',
    '=',
    '{',
    '}',
    '[',
    ']',
    '\\',
    '/',
    '%',
    '+',
    ' ',
    '\n',
    '\u0000',
    'é',
    '😀',
    ',',
    ':',
    ';',
    '<!DOCTYPE x [<!ENTITY a "b">]>',
    '<xml>',
    '</xml>',
    '&a;',
    '&#x41;',
  ]
  return Array.from({ length: random.integer(most) }, () => pick(alphabet)).join('')
}
