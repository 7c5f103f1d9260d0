/** The golden examples of contract smartflo, section 10, on the wire. Ids of calls are ours. */
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { apiTokens, SmartfloOffice } from '../../../testkit/smartflo-office.ts'

let office: SmartfloOffice
const words: Record<string, string> = { viewer: apiTokens.viewer, unbound: apiTokens.unbound }

before(async () => {
  office = await SmartfloOffice.open()
  words.lapsed = await login()
  office.exchange.advance(3_600_000)
  words.access = await login()
})
after(() => office.close())

beforeEach(() => {
  words.call = office.id(office.answered())
  words.ringing = office.id(office.ringing('+919812345679'))
})
afterEach(() => office.clear())

async function login(): Promise<string> {
  const body = '{"email":"ops@example.com","password":"smartflo-password"}'
  return (await office.exchange.ask('POST /v1/auth/login', { headers: { 'Content-Type': 'application/json' }, body })).json.access_token
}

interface Golden {
  readonly name: string
  readonly line: string
  readonly authorization?: string
  readonly form?: true
  readonly body?: string
  readonly status: number
  readonly text: string
}

const asked = (text: string): string => JSON.stringify({ success: true, message: text })
const refused = (text: string): string => JSON.stringify({ success: false, message: text })
const access = 'Bearer {{access}}'
const sara = '"agent_id":"0502842370097"'

const goldens: readonly Golden[] = [
  {
    name: 'SF-01 login',
    line: 'POST /v1/auth/login',
    body: '{"email":"ops@example.com","password":"smartflo-password"}',
    status: 200,
    text: '{"success":true,"access_token":"{{token}}","token_type":"bearer","expires_in":3600,"number_of_days_left":{{int}}}',
  },
  {
    name: 'SF-02 wrong password',
    line: 'POST /v1/auth/login',
    body: '{"email":"ops@example.com","password":"nope"}',
    status: 401,
    text: '{"success":false,"message":"The username or password is incorrect.","login_failed_count":1}',
  },
  {
    name: 'SF-03 monitor',
    line: 'POST /v1/call/options',
    authorization: access,
    body: `{"type":1,"call_id":"{{call}}",${sara}}`,
    status: 200,
    text: asked('Call monitoring started'),
  },
  {
    name: 'SF-04 whisper: bare API token, type as text, agent id that lost its zero, prefixed call id',
    line: 'POST /v1/call/options/',
    authorization: 'smartflo-token-a',
    body: '{"type":"2","call_id":"h11.08-{{call}}","agent_id":502842370097}',
    status: 200,
    text: asked('Call whisper started'),
  },
  {
    name: 'SF-05 barge, agent of the token',
    line: 'POST /v1/call/options',
    authorization: 'Bearer smartflo-token-a',
    form: true,
    body: 'type=3&call_id={{call}}',
    status: 200,
    text: asked('Call barge started'),
  },
  {
    name: 'SF-06 transfer to a department',
    line: 'POST /v1/call/options',
    authorization: access,
    body: '{"type":"4","call_id":"{{call}}","intercom":["820"]}',
    status: 200,
    text: asked('Call transfer started'),
  },
  {
    name: 'SF-07 no token',
    line: 'POST /v1/call/options',
    body: `{"type":1,"call_id":"{{call}}",${sara}}`,
    status: 401,
    text: refused('Unauthorized'),
  },
  {
    name: 'SF-08 unknown token',
    line: 'GET /v1/live_calls',
    authorization: 'Bearer nope',
    status: 401,
    text: refused('Deleted or blacklisted token provided'),
  },
  {
    name: 'SF-09 lapsed token',
    line: 'GET /v1/live_calls',
    authorization: 'Bearer {{lapsed}}',
    status: 401,
    text: refused('Token has expired'),
  },
  {
    name: 'SF-10 bad type',
    line: 'POST /v1/call/options',
    authorization: access,
    body: '{"type":5,"call_id":"{{call}}"}',
    status: 422,
    text: refused('The type field is invalid.'),
  },
  {
    name: 'SF-11 no call id, empty body sent as JSON: type is missed first',
    line: 'POST /v1/call/options',
    authorization: access,
    status: 422,
    text: refused('The type field is required.'),
  },
  {
    name: 'SF-12 no supervisor given and none bound',
    line: 'POST /v1/call/options',
    authorization: 'Bearer {{unbound}}',
    body: '{"type":1,"call_id":"{{call}}"}',
    status: 422,
    text: refused('The agent_id field is required.'),
  },
  {
    name: 'SF-13 unknown call',
    line: 'POST /v1/call/options',
    authorization: access,
    body: `{"type":2,"call_id":"1758782566.9999",${sara}}`,
    status: 422,
    text: refused('Invalid Call ID'),
  },
  {
    name: 'SF-14 unknown agent (7777 exists in another account)',
    line: 'POST /v1/call/options',
    authorization: access,
    body: '{"type":2,"call_id":"{{call}}","agent_id":"7777"}',
    status: 422,
    text: refused('Invalid Agent ID'),
  },
  {
    name: 'SF-15 call still ringing',
    line: 'POST /v1/call/options',
    authorization: access,
    body: `{"type":1,"call_id":"{{ringing}}",${sara}}`,
    status: 422,
    text: refused('Call is not in a valid state for this operation'),
  },
  {
    name: 'SF-16 agent may not supervise',
    line: 'POST /v1/call/options',
    authorization: access,
    body: '{"type":3,"call_id":"{{call}}","agent_id":4567}',
    status: 403,
    text: refused('Agent is not authorized for this type of operation'),
  },
  {
    name: 'SF-17 role refused',
    line: 'POST /v1/call/options',
    authorization: 'Bearer {{viewer}}',
    body: `{"type":1,"call_id":"{{call}}",${sara}}`,
    status: 403,
    text: refused('You are not authorized to perform this operation'),
  },
  {
    name: 'SF-18 live call',
    line: 'GET /v1/live_calls?call_id={{call}}',
    authorization: '{{access}}',
    status: 200,
    text: `[{"id":{{int}},"user_id":1234,"client_id":12440011,"call_id":"{{call}}","direction":1,"source":"919812345678","type":"inbound","did":"18661234567","multiple_destination_type":"department","multiple_destination_name":"Sales","destination":"210","state":"Answered","queue_state":null,"channel_id":"{{call}}","created_at":"2026-11-20 15:00:00","sip_domain":"sotto.test","broadcast_id":null,"broadcast_no":null,"call_time":"{{hms}}","agent_name":"Paco Vu","customer_number":"919812345678"}]`,
  },
  {
    name: 'SF-19 hang up',
    line: 'POST /v1/call/hangup',
    authorization: access,
    body: '{"call_id":"{{call}}"}',
    status: 200,
    text: asked('Call hangup queued'),
  },
]

for (const { name, line, authorization, form, body, status, text } of goldens) {
  test(name, async () => {
    const answer = await office.exchange.ask(said(line), {
      headers: {
        ...(line.startsWith('POST') && { 'Content-Type': form ? 'application/x-www-form-urlencoded' : 'application/json' }),
        ...(authorization !== undefined && { Authorization: said(authorization) }),
      },
      ...(body !== undefined && { body: said(body) }),
    })
    assert.match(answer.text, patternOf(text))
    assert.deepEqual([answer.status, answer.headers['content-type']], [status, 'application/json'])
    if (name.startsWith('SF-01')) assert.equal(answer.headers['cache-control'], 'no-store')
  })
}

const said = (text: string): string => text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => words[name] ?? whole)

const patterns: Readonly<Record<string, string>> = {
  token: '[A-Za-z0-9_.-]+',
  int: '[0-9]+',
  hms: '[0-9]{2,}:[0-5][0-9]:[0-5][0-9]',
}

function patternOf(text: string): RegExp {
  const escaped = text.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll(/\{\{(\w+)\}\}/g, (_whole, name: string) => patterns[name] ?? words[name] ?? 'unknown')}$`)
}
