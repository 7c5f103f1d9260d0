/** The actions on calls, byte for byte (contract ringcx, golden examples), and who hears whom after them. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { accountA, accountB } from '../../../testkit/desk.ts'
import { type Asking, Exchange, type Reply } from '../../../testkit/exchange.ts'
import type { Call } from '../../call/call.ts'
import { sessionIdOf, uiiOf } from './answer-calls.ts'

let exchange: Exchange

before(async () => {
  exchange = await Exchange.open({
    change: ({ accounts: [first, second] }) => {
      const key = (role: string) => ({ role, apiToken: `rcx-${role}`, username: `${role}@example.com`, password: `pw-${role}` })
      first.credentials.ringcx.push(key('observer'), key('agent'), key('supervisor'))
      second.trunks = [{ id: 'pstn-b', peer: 'udp:127.0.0.1:5091', trusted: [], destinations: ['+', '6'] }]
      first.groups[1].wrapUpMs = 30_000
      first.trunks[0].destinations = ['+1', '1', '6']
    },
  })
  exchange.register(['210', '101', '102', '024', '212'])
  exchange.register(['101', '210'], accountB)
})
after(() => exchange.close())
afterEach(async () => {
  for (const account of [accountA, accountB])
    for (const { id } of exchange.desk.calls(account))
      await exchange.desk.request({ account, role: 'admin' }, { kind: 'end-call', call: id })
  exchange.advance(60_000)
})

const json = { 'Content-Type': 'application/json' }
const admin = { 'X-Auth-Token': 'rcx-api-token-a' }
const as = (role: string) => ({ 'X-Auth-Token': `rcx-${role}` })
const root = '/voice/api/v1/admin/accounts/12440011/activeCalls'
const sara = '%2B15554150123'

const uii = (call: Call): string => uiiOf(exchange, call)
const ask = (line: string, { headers = {}, ...rest }: Asking = {}): Promise<Reply> =>
  exchange.ask(line, { ...rest, headers: { ...admin, ...headers } })
const act = (call: Call, verb: string, asking: Asking = {}): Promise<Reply> => ask(`POST ${root}/${uii(call)}/${verb}`, asking)

/** Paco's call from a customer to Sales. */
function answered(): Call {
  const call = exchange.callsIn('+18661234567', { number: '6501234567' })
  exchange.advance(2_000)
  exchange.answers('210')
  return exchange.call(call)
}

function said(reply: Reply, status: number, type: string, body: string): void {
  assert.equal(reply.text.replace(/"timestamp":\d{13}/, '"timestamp":0'), body)
  assert.equal(reply.status, status)
  assert.equal(reply.headers['content-type'], type)
  assert.equal(reply.headers['content-length'], String(Buffer.byteLength(reply.text)))
}

const isTrue = (reply: Reply) => said(reply, 200, 'text/plain', 'true')
const isFalse = (reply: Reply) => said(reply, 200, 'text/plain', 'false')
const error = (errorCode: string, generalMessage: string, details: string, requestUri: string, more = '') =>
  `{"errorCode":"${errorCode}","generalMessage":"${generalMessage}","details":"${details}","requestUri":"${requestUri}","timestamp":0${more}}`
const invalid = 'The supplied data is not valid'
const wrong = (uri: string, name: string, message: string, value: string | null) =>
  error('validation.exception', invalid, '', uri, `,"validationErrors":[${JSON.stringify({ attributeName: name, message, value })}]`)
const uri = (call: Call, verb: string) => `/api/v1/admin/accounts/12440011/activeCalls/${uii(call)}/${verb} - POST`
const noCall = (what: string) =>
  error('active.calls.call.not.found', 'The requested resource was not found', 'The call was not found', what)
const denied = (what: string, details = '') =>
  error('access.denied.exception', 'You do not have permission to access this resource', details, what)

describe('list', () => {
  test('RC-03: a call that was answered and one that waits', async () => {
    const first = answered()
    exchange.advance(10_000)
    const second = exchange.callsIn('+18661234567', { number: '6501234568' })
    const row = (call: Call, ani: string, times: string, names: string) =>
      `{"uii":"${uii(call)}","accountId":"12440011","ani":"${ani}","dnis":"8661234567",${times},"callState":"ACTIVE","archive":false,${names},"destinationName":"Sales","externalId":null,"cnam":null,"dnisE164":"+18661234567"}`
    const date = (at: number) => new Date(at).toISOString().replace('Z', '+0000')
    const times = (call: Call, answeredAt?: number) =>
      `"enqueueTime":"${date(call.startedAt)}","dequeueTime":${answeredAt === undefined ? 'null' : `"${date(answeredAt)}"`}`
    said(
      await ask(`GET ${root}/list?product=ACCOUNT&productId=12440011`),
      200,
      'application/json',
      `[${row(first, '6501234567', times(first, first.startedAt + 2_000), '"agentFirstName":"Paco","agentLastName":"Vu"')},${row(second, '6501234568', times(second), '"agentFirstName":null,"agentLastName":null')}]`,
    )
    assert.match(uii(first), /^20261120140\d{19}$/)
  })

  test('an agent is named while his phone rings, and has not answered', async () => {
    exchange.callsIn('+18661234567', { number: '+16501234567', name: 'ACME' })
    const [row] = (await ask(`GET ${root}/list`)).json
    assert.deepEqual([row.agentFirstName, row.dequeueTime, row.ani, row.cnam], ['Paco', null, '6501234567', 'ACME'])
  })

  test('a row changes with its call', async () => {
    const call = exchange.callsIn('+18661234567', { number: '6501234567' })
    const times = async () => (await ask(`GET ${root}/list`)).json[0].dequeueTime
    assert.equal(await times(), null)
    exchange.answers('210')
    assert.notEqual(await times(), null)
    await act(call, 'hangupCall')
    assert.equal((await ask(`GET ${root}/list`)).text, '[]')
  })

  test('products and their ids', async () => {
    const call = answered()
    const one = [uii(call)]
    const rows = async (query: string) => (await ask(`GET ${root}/list?${query}`)).json.map((row: { uii: string }) => row.uii)
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ['', one],
      ['?&product=ACCOUNT', one],
      ['product=ACCOUNT&productId=12440001', []],
      ['product=ACCOUNT&productId=12440022', []],
      ['product=ACD&productId=30', one],
      ['product=ACD&productId=030', one],
      ['product=ACD&productId=200', []],
      ['product=ACD&productId=99', []],
      ['product=DNIS&productId=18661234567', one],
      ['product=DNIS&productId=+18661234567', one],
      ['product=DNIS&productId=8661234567', one],
      ['product=DNIS&productId=8661234568', []],
      ['product=OUTBOUND&productId=1', []],
      ['product=AGENT&productId=1234', []],
      ['externalId=x', []],
      ['product=&productId=', one],
      ['somethingElse=1', one],
    ]
    for (const [query, expected] of cases) assert.deepEqual(await rows(query.replace('?', '')), expected, query)
  })

  test('pages begin with 0', async () => {
    const calls = [answered()]
    for (let n = 0; n < 4; n += 1) {
      exchange.advance(1_000)
      calls.push(exchange.callsIn('+18661234567', { number: `650123456${n}` }))
    }
    const rows = async (query: string) => (await ask(`GET ${root}/list?${query}`)).json.map((row: { uii: string }) => row.uii)
    const all = calls.map(uii)
    assert.deepEqual(await rows('page=0'), all)
    assert.deepEqual(await rows('maxRows=2'), all.slice(0, 2))
    assert.deepEqual(await rows('page=1&maxRows=2'), all.slice(2, 4))
    assert.deepEqual(await rows('page=2&maxRows=2'), all.slice(4))
    assert.deepEqual(await rows('page=3&maxRows=2'), [])
  })

  const faults: readonly (readonly [query: string, name: string, message: string, value: string | null])[] = [
    [
      'product=account',
      'product',
      'must be one of ACCOUNT, ACD, AGENT, CHAT_QUEUE, OUTBOUND, VISUAL_IVR, CLOUD_PROFILE, CLOUD_DESTINATION, TRAC_NUMBER, HTTP_SERVICES, SCRIPTING, TN_MANAGER, SURVEY, DNIS, TEAMS, KNOWLEDGE_BASE, UTILITIES',
      'account',
    ],
    ['product=ACD', 'productId', 'required', null],
    ['product=ACD&productId=', 'productId', 'required', null],
    ['product=ACD&productId=x%22', 'productId', 'must be digits', 'x"'],
    ['page=-1', 'page', 'must be a whole number from 0 to 1000000', '-1'],
    ['page=1.5', 'page', 'must be a whole number from 0 to 1000000', '1.5'],
    ['maxRows=0', 'maxRows', 'must be a whole number from 1 to 1000', '0'],
    ['maxRows=1001', 'maxRows', 'must be a whole number from 1 to 1000', '1001'],
  ]
  for (const [query, name, message, value] of faults) {
    test(`${query} is refused`, async () =>
      said(
        await ask(`GET ${root}/list?${query}`),
        400,
        'application/json',
        wrong('/api/v1/admin/accounts/12440011/activeCalls/list - GET', name, message, value),
      ))
  }
})

describe('addSessionToCall', () => {
  test('RC-06: raw plus, JSON content type, empty body; nobody hears him before he picks up, then the row', async () => {
    const call = answered()
    isTrue(await act(call, 'addSessionToCall?destination=+15554150123&sessionType=MONITOR', { headers: json }))
    assert.deepEqual(exchange.hearing(call), { '210': ['6501234567'], '6501234567': ['210'] })
    exchange.answers('101')
    assert.deepEqual(exchange.hearing(call), { '101': ['210', '6501234567'], '210': ['6501234567'], '6501234567': ['210'] })
  })

  test('RC-07: coach, where only JSON is taken, and ~ for the account', async () => {
    const call = answered()
    const line = `POST /voice/api/v1/admin/accounts/~/activeCalls/${uii(call)}/addSessionToCall?destination=${sara}&sessionType=COACHING`
    said(await ask(line, { headers: { ...json, Accept: 'application/json' } }), 200, 'application/json', 'true')
    exchange.answers('101')
    assert.deepEqual(exchange.hearing(call), { '101': ['210', '6501234567'], '210': ['101', '6501234567'], '6501234567': ['210'] })
  })

  test('barge in: both hear him; in lower case, from a body, with the number in national form', async () => {
    const call = answered()
    isTrue(await act(call, 'addSessionToCall', { headers: json, body: '{"destination":5554150123,"sessionType":"bargein"}' }))
    exchange.answers('101')
    assert.deepEqual(exchange.hearing(call), {
      '101': ['210', '6501234567'],
      '210': ['101', '6501234567'],
      '6501234567': ['101', '210'],
    })
  })

  test('another type changes the mode in place, the same type makes no second leg', async () => {
    const call = answered()
    for (const destination of ['101', sara, '15554150123', '5554150123', '%2B1%20(555)%20415-0123', '0003*101']) {
      for (const type of ['MONITOR', 'MONITOR', 'COACHING'])
        isTrue(await act(call, `addSessionToCall?destination=${destination}&sessionType=${type}`))
    }
    exchange.answers('101')
    assert.equal(exchange.call(call).supervisions.length, 1)
    assert.deepEqual(exchange.hearing(call)['210'], ['101', '6501234567'])
    isTrue(await act(call, `addSessionToCall?destination=${sara}&sessionType=MONITOR`))
    assert.deepEqual(exchange.hearing(call)['210'], ['6501234567'])
  })

  test('a phone that is not picked up within 30 s is not rung any more; the call goes on', async () => {
    const call = answered()
    isTrue(await act(call, `addSessionToCall?destination=${sara}&sessionType=MONITOR`))
    exchange.advance(29_900)
    assert.equal(exchange.leg('101').phase, 'ringing')
    exchange.advance(200)
    assert.deepEqual(
      exchange.call(call).supervisions.map((s) => s.endReason),
      ['no-answer'],
    )
    assert.deepEqual(exchange.hearing(call), { '210': ['6501234567'], '6501234567': ['210'] })
  })

  test('a number outside is rung through a trunk, and found again in any form', async () => {
    const call = answered()
    isTrue(await act(call, 'addSessionToCall?destination=%2B16505550100&sessionType=MONITOR'))
    isTrue(await act(call, 'addSessionToCall?destination=+1-650-555-0100&sessionType=MONITOR'))
    assert.equal(exchange.call(call).supervisions.length, 1)
    isTrue(await act(call, 'hangupSession?phone=6505550100'))
    assert.deepEqual(
      exchange.call(call).supervisions.map((s) => s.state),
      ['ended'],
    )
  })

  test('RC-08: an unknown session type', async () => {
    const call = answered()
    const reply = await act(call, 'addSessionToCall?destination=5554150123&sessionType=WHISPER', { headers: json })
    said(
      reply,
      400,
      'application/json',
      wrong(uri(call, 'addSessionToCall'), 'sessionType', 'must be one of MONITOR, BARGEIN, COACHING', 'WHISPER'),
    )
  })

  test('what is missing is told before the call is looked for, and in the order of the parameters', async () => {
    const unknown = '2'.repeat(30)
    const at = `/api/v1/admin/accounts/12440011/activeCalls/${unknown}/addSessionToCall - POST`
    const say = async (query: string) =>
      (await ask(`POST ${root}/${unknown}/addSessionToCall${query}`)).text.replace(/"timestamp":\d+/, '"timestamp":0')
    assert.equal(await say(''), wrong(at, 'destination', 'required', null))
    assert.equal(await say('?destination=%20&sessionType=X'), wrong(at, 'destination', 'required', null))
    assert.equal(await say('?destination=abc'), wrong(at, 'sessionType', 'required', null))
    assert.equal(await say('?destination=abc&sessionType=MONITOR'), wrong(at, 'destination', 'must be a phone number', 'abc'))
    assert.equal(await say('?destination=%2B999999&sessionType=MONITOR'), wrong(at, 'destination', 'must be a phone number', '+999999'))
    assert.equal(await say('?destination=101&sessionType=MONITOR'), noCall(at))
  })

  test('RC-14: an observer and an agent may not; nor may anybody in another account', async () => {
    const call = answered()
    const verb = 'addSessionToCall?destination=5554150123&sessionType=BARGEIN'
    for (const role of ['observer', 'agent'])
      said(await act(call, verb, { headers: as(role) }), 403, 'application/json', denied(uri(call, 'addSessionToCall')))
    isTrue(await act(call, verb, { headers: as('supervisor') }))
    for (const account of ['12440022', '99999999']) {
      const line = `POST /voice/api/v1/admin/accounts/${account}/activeCalls/${uii(call)}/${verb}`
      const what = `/api/v1/admin/accounts/${account}/activeCalls/${uii(call)}/addSessionToCall - POST`
      said(await ask(line), 403, 'application/json', denied(what))
    }
  })

  test('RC-17: no agent on the call yet', async () => {
    const call = exchange.callsIn('+18661234567', { number: '6501234568' })
    exchange.declines('210')
    said(
      await act(call, 'addSessionToCall?destination=5554150123&sessionType=COACHING'),
      400,
      'application/json',
      error('active.calls.invalid.state', invalid, 'The call is not in a state that allows this operation', uri(call, 'addSessionToCall')),
    )
  })

  const refused: readonly (readonly [why: string, destination: string, status: number, body: (call: Call) => string])[] = [
    ['he may only listen', '102', 403, (call) => denied(uri(call, 'addSessionToCall'), 'The session type is not permitted')],
    [
      'nobody has this extension',
      '999',
      400,
      (call) =>
        error(
          'active.calls.agent.not.found',
          invalid,
          'Unable to make call: The provided agent was not found',
          uri(call, 'addSessionToCall'),
        ),
    ],
    [
      'the code of another account',
      '0004*101',
      400,
      (call) =>
        error(
          'active.calls.agent.not.found',
          invalid,
          'Unable to make call: The provided agent was not found',
          uri(call, 'addSessionToCall'),
        ),
    ],
    [
      'a code that nobody has',
      '0009*101',
      400,
      (call) =>
        error(
          'active.calls.agent.not.found',
          invalid,
          'Unable to make call: The provided agent was not found',
          uri(call, 'addSessionToCall'),
        ),
    ],
    [
      'a number that no trunk dials',
      '%2B442071838750',
      403,
      (call) => denied(uri(call, 'addSessionToCall'), 'The destination is not permitted'),
    ],
  ]
  for (const [why, destination, status, body] of refused) {
    test(`refused: ${why}`, async () => {
      const call = answered()
      said(await act(call, `addSessionToCall?destination=${destination}&sessionType=BARGEIN`), status, 'application/json', body(call))
    })
  }

  test('refused: an agent who may not be monitored', async () => {
    const call = exchange.callsIn('+15554150212', { number: '6501234567' })
    exchange.answers('212')
    const verb = `addSessionToCall?destination=${sara}&sessionType=MONITOR`
    said(await act(call, verb), 403, 'application/json', denied(uri(call, 'addSessionToCall'), 'The agent may not be monitored'))
  })

  test('refused: the ninth supervisor', async () => {
    const call = answered()
    for (let n = 0; n < 8; n += 1) isTrue(await act(call, `addSessionToCall?destination=%2B1650555010${n}&sessionType=MONITOR`))
    said(
      await act(call, 'addSessionToCall?destination=%2B16505550109&sessionType=MONITOR'),
      400,
      'application/json',
      error('active.calls.session.limit', invalid, 'The call has the maximum number of sessions', uri(call, 'addSessionToCall')),
    )
  })

  test('a supervisor whose phone is not there is not logged in', async () => {
    const call = answered()
    exchange.register(['024'], accountA, 0)
    const reply = await act(call, 'addSessionToCall?destination=024&sessionType=MONITOR')
    exchange.register(['024'])
    const details = 'Unable to make call: The provided agent is not logged in'
    said(reply, 400, 'application/json', error('active.calls.agent.not.logged.in', invalid, details, uri(call, 'addSessionToCall')))
  })
})

describe('hangupSession', () => {
  test('RC-10: the customer is no session of a supervisor; nor is anybody who is not there', async () => {
    const call = answered()
    for (const phone of ['6501234567', '210', sara, '999']) isFalse(await act(call, `hangupSession?phone=${phone}`))
    assert.deepEqual(exchange.hearing(call), { '210': ['6501234567'], '6501234567': ['210'] })
  })

  test('removes the supervisor whose number it is, and the call goes on', async () => {
    const call = answered()
    for (const phone of [sara, '15554150123', '5554150123', '101', '0003*101']) {
      isTrue(await act(call, `addSessionToCall?destination=${sara}&sessionType=BARGEIN`))
      exchange.answers('101')
      isTrue(await act(call, `hangupSession?phone=${phone}`))
      assert.deepEqual(exchange.hearing(call), { '210': ['6501234567'], '6501234567': ['210'] })
      isFalse(await act(call, `hangupSession?phone=${phone}`))
    }
  })

  test('wants a phone', async () => {
    const call = answered()
    said(await act(call, 'hangupSession'), 400, 'application/json', wrong(uri(call, 'hangupSession'), 'phone', 'required', null))
    said(
      await act(call, 'hangupSession?phone=x'),
      400,
      'application/json',
      wrong(uri(call, 'hangupSession'), 'phone', 'must be a phone number', 'x'),
    )
  })
})

describe('hangupSessionById', () => {
  test('removes a supervisor', async () => {
    const call = answered()
    await act(call, `addSessionToCall?destination=${sara}&sessionType=BARGEIN`)
    exchange.answers('101')
    const party = exchange.call(call).parties.find((p) => p.role === 'supervisor')
    assert.ok(party !== undefined)
    assert.match(sessionIdOf(party), /^\d+$/)
    isTrue(await act(call, `hangupSessionById?sessionId=${sessionIdOf(party)}`))
    assert.deepEqual(exchange.hearing(call), { '210': ['6501234567'], '6501234567': ['210'] })
    isFalse(await act(call, `hangupSessionById?sessionId=${sessionIdOf(party)}`))
  })

  test('removes a party of the conversation; unknown sessions are none', async () => {
    const call = answered()
    isFalse(await act(call, 'hangupSessionById?sessionId=77'))
    const ids = exchange.call(call).parties.map(sessionIdOf)
    assert.equal(new Set(ids).size, 2)
    isTrue(await act(call, `hangupSessionById?sessionId=${ids[0]}`))
    assert.notEqual(exchange.call(call).endedAt, undefined)
  })
})

describe('hangupCall', () => {
  test('ends every leg; afterwards, and for what never was, the call is not found', async () => {
    const call = answered()
    await act(call, `addSessionToCall?destination=${sara}&sessionType=MONITOR`)
    isTrue(await act(call, 'hangupCall', { headers: json }))
    assert.deepEqual(exchange.engine.alive(), [])
    for (const verb of ['hangupCall', 'pingCall']) said(await act(call, verb), 404, 'application/json', noCall(uri(call, verb)))
  })

  test('RC-09: calls that are unknown, of another account, or named a second wrong', async () => {
    const call = answered()
    const foreign = exchange.callsIn('+18669999999', { number: '6501234567' })
    const ids = [
      '202005081040440132050000000000',
      uii(foreign),
      uii(call).replace(/^20261120/, '20261121'),
      'x',
      uii(call).slice(1),
      uii(call).slice(14),
      '٣'.repeat(30),
    ]
    for (const id of ids) {
      const reply = await ask(`POST ${root}/${encodeURIComponent(id)}/hangupCall`)
      said(
        reply,
        404,
        'application/json',
        noCall(`/api/v1/admin/accounts/12440011/activeCalls/${encodeURIComponent(id)}/hangupCall - POST`),
      )
    }
    assert.equal(exchange.call(foreign).endedAt, undefined)
  })
})

describe('toggleCallRecording', () => {
  test('starts and stops, and twice is once', async () => {
    const call = answered()
    const state = () => exchange.call(call).recording.state
    assert.equal(state(), 'on')
    for (const [word, expected] of [
      ['false', 'off'],
      ['false', 'off'],
      ['true', 'on'],
      ['TRUE', 'on'],
    ] as const) {
      isTrue(await act(call, `toggleCallRecording?record=${word}`))
      assert.equal(state(), expected)
    }
  })

  test('wants a truth value', async () => {
    const call = answered()
    const at = uri(call, 'toggleCallRecording')
    said(await act(call, 'toggleCallRecording'), 400, 'application/json', wrong(at, 'record', 'required', null))
    said(await act(call, 'toggleCallRecording?record=on'), 400, 'application/json', wrong(at, 'record', 'must be true or false', 'on'))
  })

  test('observers may not', async () => {
    const call = answered()
    const reply = await act(call, 'toggleCallRecording?record=false', { headers: as('observer') })
    said(reply, 403, 'application/json', denied(uri(call, 'toggleCallRecording')))
  })
})

describe('dispositionCall', () => {
  test("RC-15: the documentation's body alone names no disposition", async () => {
    const call = answered()
    const reply = await act(call, 'dispositionCall', { headers: json, body: '{\nphone: "6501234567"\n}' })
    said(reply, 400, 'application/json', wrong(uri(call, 'dispositionCall'), 'disposition', 'required', null))
  })

  test('RC-16: with a callback, by the clocks of the account; a later one overwrites', async () => {
    const call = answered()
    isTrue(await act(call, 'dispositionCall?disposition=Sale&callback=true&callBackDTS=20270509103000&notes=ok', { headers: json }))
    const { at, ...first } = exchange.call(call).disposition ?? { at: 0 }
    assert.ok(at > 0)
    assert.deepEqual(first, { name: 'Sale', notes: 'ok', callbackAt: Date.UTC(2027, 4, 9, 7, 30) })
    isTrue(await act(call, 'dispositionCall?disposition=no%20sale', { headers: json, body: '{"phone":"6501234567"}' }))
    assert.equal(exchange.call(call).disposition?.name, 'No sale')
  })

  test('the query wins over the body', async () => {
    const call = answered()
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    isTrue(await act(call, 'dispositionCall?disposition=Sale', { headers, body: 'disposition=No+sale&notes=from+the+form' }))
    const { name, notes } = exchange.call(call).disposition ?? {}
    assert.deepEqual([name, notes], ['Sale', 'from the form'])
  })

  test('while the agent wraps up, and not after', async () => {
    exchange.register(['106'])
    const call = exchange.callsIn('+18661234568', { number: '6501234567' })
    exchange.answers('106')
    await act(call, 'hangupCall')
    said(await act(call, 'dispositionCall?disposition=Sale'), 404, 'application/json', noCall(uri(call, 'dispositionCall')))
    exchange.register(['106'], accountA, 0)
  })

  const faults: readonly (readonly [query: string, name: string, message: string, value: string | null])[] = [
    ['disposition=Sale&callback=true', 'callBackDTS', 'required', null],
    ['disposition=Sale&callback=maybe', 'callback', 'must be true or false', 'maybe'],
    ['disposition=Sale&callback=true&callBackDTS=2027-05-09', 'callBackDTS', 'must be a date and time as yyyyMMddHHmmss', '2027-05-09'],
    [
      'disposition=Sale&callback=true&callBackDTS=20270230103000',
      'callBackDTS',
      'must be a date and time as yyyyMMddHHmmss',
      '20270230103000',
    ],
    ['disposition=Sale&callBackDTS=20270509250000', 'callBackDTS', 'must be a date and time as yyyyMMddHHmmss', '20270509250000'],
    [`disposition=Sale&notes=${'n'.repeat(4001)}`, 'notes', 'must be at most 4000 characters', 'n'.repeat(256)],
  ]
  for (const [query, name, message, value] of faults) {
    test(`${query.slice(0, 60)} is refused`, async () => {
      const call = answered()
      said(await act(call, `dispositionCall?${query}`), 400, 'application/json', wrong(uri(call, 'dispositionCall'), name, message, value))
    })
  }

  test('a disposition that the account does not have', async () => {
    const call = answered()
    const what = error('active.calls.disposition.not.found', invalid, 'The disposition was not found', uri(call, 'dispositionCall'))
    said(await act(call, 'dispositionCall?disposition=Done'), 400, 'application/json', what)
  })
})

describe('toggleCallHold, requeueCall, pingCall', () => {
  test('hold: the customer hears music and is heard by nobody; supervision goes on', async () => {
    const call = answered()
    await act(call, `addSessionToCall?destination=${sara}&sessionType=COACHING`)
    exchange.answers('101')
    isTrue(await act(call, 'toggleCallHold?state=ON'))
    assert.deepEqual(exchange.hearing(call), { '101': ['210'], '210': ['101'] })
    isTrue(await act(call, 'toggleCallHold?state=off'))
    assert.deepEqual(exchange.hearing(call)['6501234567'], ['210'])
    said(
      await act(call, 'toggleCallHold?state=1'),
      400,
      'application/json',
      wrong(uri(call, 'toggleCallHold'), 'state', 'must be one of ON, OFF', '1'),
    )
    said(await act(call, 'toggleCallHold'), 400, 'application/json', wrong(uri(call, 'toggleCallHold'), 'state', 'required', null))
  })

  test('hold: not before an agent is there, who would find the customer on hold', async () => {
    const call = exchange.callsIn('+18661234567', { number: '6501234568' })
    const state = 'The call is not in a state that allows this operation'
    const refused = error('active.calls.invalid.state', invalid, state, uri(call, 'toggleCallHold'))
    said(await act(call, 'toggleCallHold?state=ON'), 400, 'application/json', refused)
  })

  test('requeue: agent and supervisors leave, the caller waits', async () => {
    const call = answered()
    await act(call, `addSessionToCall?destination=${sara}&sessionType=COACHING`)
    exchange.answers('101')
    const unknown = error('gate.not.found', 'The requested resource was not found', '', uri(call, 'requeueCall'))
    for (const gate of ['99', '830']) said(await act(call, `requeueCall?gateId=${gate}`), 404, 'application/json', unknown)
    isTrue(await act(call, 'requeueCall?gateId=200'))
    assert.equal(exchange.call(call).group, '200')
    assert.deepEqual(exchange.hearing(call), {})
    const [row] = (await ask(`GET ${root}/list`)).json
    assert.deepEqual([row.destinationName, row.dequeueTime, row.agentFirstName], ['Support', null, null])
  })

  test('ping: whoever may read', async () => {
    const call = answered()
    isTrue(await act(call, 'pingCall', { headers: as('observer') }))
  })
})

describe('createManualAgentCall', () => {
  before(() => exchange.register(['211']))
  after(() => exchange.register(['211'], accountA, 0))
  const manual = `${root}/createManualAgentCall`
  const at = '/api/v1/admin/accounts/12440011/activeCalls/createManualAgentCall - POST'
  const rest = 'destination=6501234567&ringDuration=5&callerId=1234567890'

  test('RC-11: a plus alias whose plus came as a space; the agent is rung first, for so long', async () => {
    isTrue(await ask(`POST ${manual}?username=ana+ruiz%40example.com&${rest}`, { headers: json }))
    assert.equal(exchange.leg('211').phase, 'ringing')
    exchange.answers('211')
    assert.equal(exchange.leg('6501234567').phase, 'ringing')
    exchange.answers('6501234567')
    const [call] = exchange.desk.calls(accountA)
    assert.ok(call !== undefined)
    assert.deepEqual(exchange.hearing(call), { '211': ['6501234567'], '6501234567': ['211'] })
  })

  test('an agent who does not answer within ringDuration', async () => {
    isTrue(await ask(`POST ${manual}?username=ana%2Bruiz@example.com&${rest}`))
    exchange.advance(5_100)
    assert.deepEqual(exchange.desk.calls(accountA), [])
  })

  test('what is shown: the number that was sent, in the form in which the account has it if it is one of its own', async () => {
    const shown = async (query: string) => {
      isTrue(await ask(`POST ${manual}?username=ana%2Bruiz@example.com&destination=6501234567${query}`))
      exchange.answers('211')
      const invited = exchange.engine.orders.findLast(({ effect }) => effect.kind === 'invite')?.effect
      exchange.hangsUp('211')
      exchange.advance(1_000)
      return invited?.kind === 'invite' ? invited.from.number : undefined
    }
    assert.equal(await shown('&callerId=8661234567'), '+18661234567')
    assert.equal(await shown('&callerId=08008888888'), '08008888888')
    assert.equal(await shown('&callerId=1234567890'), '1234567890')
    assert.equal(await shown(''), '+15554150211')
  })

  test('an account that lets only its own numbers be shown', async () => {
    const strict = await Exchange.open({
      change: ({ accounts }) => {
        accounts[0].callerIds = 'presented'
      },
    })
    strict.register(['211'])
    const order = (callerId: string) =>
      strict.ask(`POST ${manual}?username=ana%2Bruiz@example.com&destination=6501234567&callerId=${callerId}`, {
        headers: { 'X-Auth-Token': 'rcx-api-token-a' },
      })
    const refused = await order('1234567890')
    assert.equal(refused.status, 400)
    assert.equal(refused.json.validationErrors[0].attributeName, 'callerId')
    assert.equal((await order('8661234567')).text, 'true')
    await strict.close()
  })

  test('RC-12: not logged in', async () => {
    const details = 'Unable to make call: The provided agent is not logged in'
    const reply = await ask(`POST ${manual}?username=ben%40example.com&${rest}`, { headers: json })
    said(reply, 400, 'application/json', error('active.calls.agent.not.logged.in', invalid, details, at))
  })

  test('RC-13: in a call, or not available for another reason', async () => {
    answered()
    isFalse(await ask(`POST ${manual}?username=paco.vu%40example.com&${rest}`, { headers: json }))
    const agent = async (state: 'away' | 'available') =>
      exchange.desk.request({ account: accountA, role: 'admin' }, { kind: 'set-agent-state', agent: '4567', state })
    await agent('away')
    isFalse(await ask(`POST ${manual}?username=ANA%2Bruiz@example.com&${rest}`))
    await agent('available')
  })

  test('RC-18: unknown, and of another account', async () => {
    const details = 'Unable to make call: The provided agent was not found'
    for (const name of ['nobody@example.com', 'other.agent@example.org', '4567']) {
      const reply = await ask(`POST ${manual}?username=${name}&${rest}`)
      said(reply, 400, 'application/json', error('active.calls.agent.not.found', invalid, details, at))
    }
  })

  const ana = 'username=ana%2Bruiz@example.com'
  const faults: readonly (readonly [query: string, name: string, message: string, value: string | null])[] = [
    ['destination=1', 'username', 'required', null],
    [ana, 'destination', 'required', null],
    [`${ana}&destination=abc`, 'destination', 'must be a phone number', 'abc'],
    [`${ana}&destination=6501234567&ringDuration=0`, 'ringDuration', 'must be a whole number from 1 to 300', '0'],
    [`${ana}&destination=6501234567&ringDuration=301`, 'ringDuration', 'must be a whole number from 1 to 300', '301'],
    [`${ana}&destination=6501234567&ringDuration=5s`, 'ringDuration', 'must be a whole number from 1 to 300', '5s'],
    [`${ana}&destination=6501234567&callerId=me`, 'callerId', 'must be a phone number', 'me'],
    [`${ana}&destination=211`, 'destination', 'Nobody calls himself.', null],
  ]
  for (const [query, name, message, value] of faults) {
    test(`${query} is refused`, async () =>
      said(await ask(`POST ${manual}?${query}`), 400, 'application/json', wrong(at, name, message, value)))
  }

  test('a destination that may not be dialled, also where the agent is busy; not where he is unknown', async () => {
    answered()
    for (const name of ['ana%2Bruiz', 'paco.vu']) {
      const reply = await ask(`POST ${manual}?username=${name}@example.com&destination=%2B442071838750`)
      said(reply, 403, 'application/json', denied(at, 'The destination is not permitted'))
    }
    assert.equal((await ask(`POST ${manual}?username=nobody&destination=%2B442071838750`)).status, 400)
  })
})
