/** The golden examples of contract newvoicemedia, section 9, on the wire. Ids of calls are ours. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { accountA } from '../../../testkit/desk.ts'
import { Exchange, type Reply } from '../../../testkit/exchange.ts'
import type { Call } from '../../call/call.ts'
import { guidOf } from '../call-ids.ts'

let exchange: Exchange
const tokens: Record<string, string> = {}
let old: Call

before(async () => {
  exchange = await Exchange.open({
    change: ({ accounts }) =>
      accounts[0].credentials.newvoicemedia.push({ clientId: 'viewer', clientSecret: 'nvm-viewer', role: 'observer' }),
  })
  exchange.register(['210', '211', '106', '101'])
  tokens.lapsed = await login('a1b2c3d4e5', 'nvm-secret-a')
  old = await endedCall(tokens.lapsed)
  exchange.advance(3_600_000)
  tokens.access = await login('a1b2c3d4e5', 'nvm-secret-a')
  tokens.viewer = await login('viewer', 'nvm-viewer')
  exchange.callsIn('+18661234568', { number: '+447700900123' })
  exchange.answers('106')
})

after(() => exchange.close())

async function login(id: string, secret: string): Promise<string> {
  const body = `grant_type=client_credentials&client_id=${id}&client_secret=${secret}`
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
  return (await exchange.ask('POST /v0/oauth2/token', { headers, body })).json.access_token
}

/** From 1234 to 02072068888, answered, recorded and ended. */
async function endedCall(token: string): Promise<Call> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
  const body = '{"from":{"agentId":"1234"},"to":{"telephoneNumber":"02072068888"},"regarding":{"reference":"0012400000ATTUQ"}}'
  const { status, json } = await exchange.ask('POST /v0/a1b2c3d4e5/calls', { headers, body })
  assert.equal(status, 201)
  exchange.answers('210')
  exchange.answers('+442072068888')
  const started = await exchange.ask(`POST /v0/a1b2c3d4e5/calls/${json.id}`, { headers, body: '{"recordingStatus":"Started"}' })
  assert.equal(started.status, 202)
  exchange.hangsUp('+442072068888')
  const call = exchange.desk.endedCalls(accountA).at(-1)
  assert.ok(call !== undefined)
  return call
}

interface Golden {
  readonly name: string
  readonly line: string
  /** Name: value, one a line. */
  readonly headers?: readonly string[]
  readonly body?: string
  readonly status: number
  readonly answers?: readonly string[]
  readonly text: string
}

const form = 'Content-Type: application/x-www-form-urlencoded'
const json = 'Content-Type: application/json'
const jsonOut = 'content-type: application/json; charset=utf-8'
const access = 'Authorization: Bearer {{access}}'
const denied = '{"message":"Authorization has been denied for this request."}'
const between = '{"from":{"agentId":"1234"},"to":{"agentId":"4567"}}'

const goldens: readonly Golden[] = [
  {
    name: 'NV-01 token',
    line: 'POST /v0/oauth2/token',
    headers: [form],
    body: 'grant_type=client_credentials&client_id=a1b2c3d4e5&client_secret=nvm-secret-a',
    status: 200,
    answers: [jsonOut, 'cache-control: no-store'],
    text: '{"access_token":"{{token}}","expires_in":3600,"token_type":"Bearer"}',
  },
  {
    name: 'NV-02 wrong secret, Basic',
    line: 'POST /v0/oauth2/token',
    headers: ['Authorization: Basic YTFiMmMzZDRlNTpub3Bl', form],
    body: 'grant_type=client_credentials',
    status: 400,
    answers: [jsonOut],
    text: '{"error":"invalid_client","error_description":"Invalid client credentials"}',
  },
  {
    name: 'NV-03 other token endpoint without scope',
    line: 'POST /Auth/connect/token',
    headers: [form],
    body: 'grant_type=client_credentials&client_id=a1b2c3d4e5&client_secret=nvm-secret-a',
    status: 400,
    answers: [jsonOut],
    text: '{"error":"invalid_scope","error_description":"You must specify a scope"}',
  },
  {
    name: 'NV-04 agent to number',
    line: 'POST /v0/a1b2c3d4e5/calls/',
    headers: [access, json],
    body: '{ "from": { "agentId": "1234" }, "to": { "telephoneNumber": "02072068888" } }',
    status: 201,
    answers: [jsonOut, 'location: https://sotto.test/v0/a1b2c3d4e5/calls/{{guid}}'],
    text: '{"id":"{{guid}}","links":[{"href":"https://sotto.test/V0/a1b2c3d4e5/Calls/{{guid}}","rel":"_self"}],"from":{"agentId":"1234"},"to":{"telephoneNumber":"02072068888"}}',
  },
  {
    name: 'NV-05 group to number, upper-case path, no trailing slash',
    line: 'POST /V1/a1b2c3d4e5/Calls',
    headers: [access, json],
    body: '{"from":{"groups":["400","030"]},"to":{"telephoneNumber":"02072068888"}}',
    status: 201,
    answers: ['location: https://sotto.test/v1/a1b2c3d4e5/calls/{{guid}}'],
    text: '{"id":"{{guid}}","links":[{"href":"https://sotto.test/V1/a1b2c3d4e5/Calls/{{guid}}","rel":"_self"}],"from":{"groups":["400","030"]},"to":{"telephoneNumber":"02072068888"}}',
  },
  {
    name: 'NV-06 every option',
    line: 'POST /v0/a1b2c3d4e5/calls/',
    headers: [access, 'Accept: application/json;version=6', 'Content-Type: application/json; version=1.1'],
    body: '{"from":{"agentId":1234,"presentedCLID":"08008888888","consent":"OneParty"},"to":{"telephoneNumber":"02072068888","consent":"OneParty"},"regarding":{"reference":"0012400000ATTUQ"},"application":"appName"}',
    status: 201,
    answers: ['location: https://sotto.test/v0/a1b2c3d4e5/calls/{{guid}}'],
    text: '{"id":"{{guid}}","links":[{"href":"https://sotto.test/V0/a1b2c3d4e5/Calls/{{guid}}","rel":"_self"}],"from":{"agentId":"1234","presentedCLID":"08008888888","consent":"OneParty"},"to":{"telephoneNumber":"02072068888","consent":"OneParty"},"regarding":{"reference":"0012400000ATTUQ"},"application":"appName"}',
  },
  {
    name: 'NV-07 no token',
    line: 'POST /v0/a1b2c3d4e5/calls/',
    headers: [json],
    body: between,
    status: 401,
    answers: ['www-authenticate: Bearer', jsonOut],
    text: denied,
  },
  {
    name: 'NV-08 lapsed token',
    line: 'POST /v0/a1b2c3d4e5/calls/',
    headers: ['Authorization: Bearer {{lapsed}}', json],
    body: between,
    status: 401,
    answers: ['www-authenticate: Bearer error="invalid_token"'],
    text: denied,
  },
  {
    name: 'NV-08 another account’s key with a valid token',
    line: 'POST /v0/f6g7h8i9j0/calls/',
    headers: [access, json],
    body: between,
    status: 401,
    answers: ['www-authenticate: Bearer', jsonOut],
    text: denied,
  },
  {
    name: 'NV-09 permission refused',
    line: 'POST /v0/a1b2c3d4e5/calls/',
    headers: ['Authorization: Bearer {{viewer}}', json],
    body: between,
    status: 403,
    text: '{"message":"You are not permitted to perform this request."}',
  },
  {
    name: 'NV-10 wrong content type',
    line: 'POST /v0/a1b2c3d4e5/calls/',
    headers: [access, 'Content-Type: multipart/form-data; boundary=x'],
    body: '--x--',
    status: 415,
    answers: [jsonOut],
    text: '{"message":"The requested resource does not support content type \'multipart/form-data\'."}',
  },
  {
    name: 'NV-11 JSON content type with an empty body',
    line: 'POST /v0/a1b2c3d4e5/calls/',
    headers: [access, json],
    status: 400,
    text: '{"message":"Agent Id must be specified"}',
  },
  {
    name: 'NV-12 both destinations',
    line: 'POST /v0/a1b2c3d4e5/calls/',
    headers: [access, json],
    body: '{"from":{"agentId":"1234"},"to":{"telephoneNumber":"02072068888","agentId":"4567"}}',
    status: 400,
    text: '{"message":"Either telephone number or agent id required, not both"}',
  },
  {
    name: 'NV-13 unknown calling agent',
    line: 'POST /v0/a1b2c3d4e5/calls/',
    headers: [access, json],
    body: '{"from":{"agentId":"9999"},"to":{"telephoneNumber":"02072068888"}}',
    status: 400,
    text: '{"message":"Unable to place call - Agent Id is unknown"}',
  },
  {
    name: 'NV-14 unknown destination agent, who exists in another account',
    line: 'POST /v0/a1b2c3d4e5/calls/',
    headers: [access, json],
    body: '{"from":{"agentId":"1234"},"to":{"agentId":"7777"}}',
    status: 400,
    text: '{"message":"Unable to place call - invalid Agent Id."}',
  },
  {
    name: 'NV-15 calling agent busy',
    line: 'POST /v0/a1b2c3d4e5/calls/',
    headers: [access, json],
    body: '{"from":{"agentId":"106"},"to":{"telephoneNumber":"02072068888"}}',
    status: 400,
    text: '{"message":"Unable to place call - Agent number busy"}',
  },
  {
    name: 'NV-16 destination agent busy',
    line: 'POST /v0/a1b2c3d4e5/calls/',
    headers: [access, json],
    body: '{"from":{"agentId":"1234"},"to":{"agentId":"106"}}',
    status: 400,
    text: '{"message":"Unable to place call - dialed Agent is not currently available"}',
  },
  {
    name: 'NV-17 consent between agents',
    line: 'POST /v0/a1b2c3d4e5/calls/',
    headers: [access, json],
    body: '{"from":{"agentId":"1234","consent":"OneParty"},"to":{"agentId":"4567","consent":"OneParty"}}',
    status: 400,
    text: '{"message":"Consent is not valid for this combination of from and to"}',
  },
  {
    name: 'NV-18 detail',
    line: 'GET /v0/a1b2c3d4e5/calls/{{old}}',
    headers: [access],
    status: 200,
    answers: [jsonOut],
    text: '{"id":"{{old}}","links":[{"href":"https://sotto.test/V0/a1b2c3d4e5/Calls/{{old}}","rel":"_self"}],"from":{"agentId":"1234"},"to":{"telephoneNumber":"02072068888"},"status":"Completed","recordingStatus":"Stopped","result":{"code":"Success"},"dispositionCode":null,"regarding":{"reference":"0012400000ATTUQ"}}',
  },
  {
    name: 'NV-19 unknown call',
    line: 'GET /v0/a1b2c3d4e5/calls/00000000-0000-0000-0000-000000000000',
    headers: [access],
    status: 404,
    text: '{"message":"The call was not found."}',
  },
  {
    name: 'NV-20 pause the recording of an ended call',
    line: 'POST /v0/a1b2c3d4e5/calls/{{old}}',
    headers: [access, json],
    body: '{"recordingStatus":"Paused"}',
    status: 400,
    text: '{"message":"The call is not in progress."}',
  },
]

const filled = (text: string): string =>
  text.replaceAll(/\{\{(access|viewer|lapsed)\}\}/g, (_all, name) => tokens[name] ?? '').replaceAll('{{old}}', guidOf(old))

/** The same placeholder twice is the same value; the bytes around it are exact. */
function expected(text: string, known: ReadonlyMap<string, string>): RegExp {
  const seen = new Set<string>()
  const pattern = text.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{\{(token|guid)\}\}|[{}]/g, (all, name) => {
    if (name === undefined) return `\\${all}`
    const value = known.get(name)
    if (value !== undefined) return value
    if (seen.has(name)) return `\\k<${name}>`
    seen.add(name)
    return `(?<${name}>${name === 'token' ? '[A-Za-z0-9_.-]+' : '[\\da-f]{8}(?:-[\\da-f]{4}){3}-[\\da-f]{12}'})`
  })
  return new RegExp(`^${pattern}$`)
}

function check({ status, headers, text }: Reply, golden: Golden): void {
  assert.equal(status, golden.status, text)
  const pattern = expected(filled(golden.text), new Map())
  assert.match(text, pattern)
  const known = new Map(Object.entries(pattern.exec(text)?.groups ?? {}))
  for (const line of golden.answers ?? []) {
    const [, name = '', value = ''] = /^([^:]+): (.*)$/.exec(line) ?? []
    assert.match(String(headers[name]), expected(filled(value), known))
  }
}

describe('golden examples', () => {
  for (const golden of goldens)
    test(golden.name, async () => {
      const headers = Object.fromEntries((golden.headers ?? []).map((line) => filled(line).split(': ', 2)))
      const body = golden.body === undefined ? {} : { body: golden.body }
      const before = exchange.desk.calls(accountA)
      check(await exchange.ask(filled(golden.line), { headers, ...body }), golden)
      // The world before each example is the same: what it began ends again.
      for (const call of exchange.desk.calls(accountA).filter((one) => !before.includes(one)))
        await exchange.desk.request({ account: accountA, role: 'admin' }, { kind: 'end-call', call: call.id })
    })
})
