/** POST calls: each row of the check order, what is accepted, and what the desk is asked for (contract newvoicemedia, section 4). */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { accountA } from '../../../testkit/desk.ts'
import { Exchange, type Reply } from '../../../testkit/exchange.ts'
import type { Call } from '../../call/call.ts'
import type { AgentSetting } from '../../control/command.ts'

let exchange: Exchange
let token: string

before(async () => {
  exchange = await Exchange.open({
    change: ({ accounts }) => {
      accounts[0].trunks[0].destinations = ['0', '+442', '+447']
      accounts[0].groups.push({ ...accounts[0].groups[0], id: '031', extension: '831', agents: ['4567'] })
      accounts[1].groups.push({ ...accounts[1].groups[0], id: '500', extension: '850' })
    },
  })
  exchange.register(['210', '211', '106', '101'])
  const body = 'grant_type=client_credentials&client_id=a1b2c3d4e5&client_secret=nvm-secret-a'
  token = (await exchange.ask('POST /v0/oauth2/token', { body })).json.access_token
  exchange.callsIn('+18661234568', { number: '+447700900123' })
  exchange.answers('106')
})

after(() => exchange.close())

const line = 'POST /v0/a1b2c3d4e5/calls/'

function ask(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return exchange.ask(line, { headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...headers }, body: text })
}

const admin = { account: accountA, role: 'admin' } as const
const set = (agent: string, state: AgentSetting) => exchange.desk.request(admin, { kind: 'set-agent-state', agent, state })
const end = ({ id }: Call) => exchange.desk.request(admin, { kind: 'end-call', call: id })
const newest = (): Call => {
  const call = exchange.desk.calls(accountA).at(-1)
  assert.ok(call !== undefined)
  return call
}

async function made(body: unknown, headers?: Readonly<Record<string, string>>): Promise<Call> {
  const reply = await ask(body, headers)
  assert.equal(reply.status, 201, reply.text)
  const call = newest()
  await end(call)
  return call
}

const number = { telephoneNumber: '02072068888' }
const paco = { agentId: '1234' }

const rows: readonly (readonly [row: string, body: unknown, message: string])[] = [
  ['1 not JSON', '{"from":', 'The request is invalid.'],
  ['1 not an object', '[]', 'The request is invalid.'],
  ['1 broken UTF-8 is no JSON', '"\ud800"', 'The request is invalid.'],
  ['2 a calling number', { from: { telephoneNumber: '1', agentId: '1', groups: ['1'] } }, 'Telephone number not supported in this context'],
  ['3 nobody calls', { from: {}, to: { ...number, agentId: '4567' } }, 'Agent Id must be specified'],
  ['3 from is no object', { from: '1234', to: number }, 'Agent Id must be specified'],
  ['3 an empty agent id and no groups', { from: { agentId: '', groups: [] }, to: number }, 'Agent Id must be specified'],
  ['3 null is absent', { from: { agentId: null }, to: number }, 'Agent Id must be specified'],
  ['4 agent and groups', { from: { ...paco, groups: ['030'] } }, 'Either agent id or groups required, not both'],
  ['5 nobody is called', { from: paco, to: { queue: '1' } }, 'Either telephone number or agent id required'],
  ['5 no to at all', { from: { agentId: 'x' } }, 'Either telephone number or agent id required'],
  [
    '6 both are called',
    { from: { agentId: 'x' }, to: { agentId: 'y', telephoneNumber: '0'.repeat(31) } },
    'Either telephone number or agent id required, not both',
  ],
  ['7 a long number', { from: { agentId: 'x' }, to: { telephoneNumber: '0'.repeat(31) } }, 'Telephone number exceeds 30 characters'],
  ['8 a caller with letters', { from: { agentId: '12a4' }, to: number }, 'Agent Id must contain digits only'],
  ['8 before 9', { from: { agentId: '123456789012' }, to: { agentId: 'x' } }, 'Agent Id must contain digits only'],
  ['8 a fraction', { from: { agentId: 12.5 }, to: number }, 'Agent Id must contain digits only'],
  ['8 a list', { from: { agentId: ['1234'] }, to: number }, 'Agent Id must contain digits only'],
  ['9 a long caller', { from: { agentId: '123456789012' }, to: number }, 'Agent Id exceeds 11 digits'],
  ['9 a long called one, as a number', { from: paco, to: { agentId: 123456789012 } }, 'Agent Id exceeds 11 digits'],
  ['10 a long reference', { from: paco, to: number, regarding: { reference: '!'.repeat(2001) } }, 'Reference exceeded 2000 characters'],
  ['11 a reference with a space', { from: paco, to: number, regarding: { reference: 'a b' } }, 'Reference contained invalid characters'],
  ['11 no URL', { from: paco, to: number, regarding: { reference: 'http://' } }, 'Reference contained invalid characters'],
  ['11 a script', { from: paco, to: number, regarding: { reference: 'javascript:alert(1)' } }, 'Reference contained invalid characters'],
  ['12 a long application', { from: paco, to: number, application: '!'.repeat(33) }, 'Application exceeded 32 characters'],
  ['13 an application with a dash', { from: paco, to: number, application: 'my-app' }, 'Application contains non-alphanumeric characters'],
  ['14 another word', { from: { ...paco, consent: 'oneparty' }, to: number }, 'Consent must be Unknown, OneParty or TwoParty'],
  ['14 an empty word', { from: { groups: ['030'], consent: '' }, to: number }, 'Consent must be Unknown, OneParty or TwoParty'],
  ['14 a number', { from: paco, to: { ...number, consent: 1 } }, 'Consent must be Unknown, OneParty or TwoParty'],
  ...(
    [
      ['agent to number: from only', { from: { ...paco, consent: 'OneParty' }, to: number }],
      ['agent to number: to only', { from: paco, to: { ...number, consent: 'OneParty' } }],
      ['agent to agent: both', { from: { ...paco, consent: 'Unknown' }, to: { agentId: '9', consent: 'Unknown' } }],
      ['agent to agent: to only', { from: paco, to: { agentId: '4567', consent: 'Unknown' } }],
      ['group to number: from', { from: { groups: ['030'], consent: 'OneParty' }, to: { ...number, consent: 'OneParty' } }],
      ['group to agent', { from: { groups: ['030'] }, to: { agentId: '4567', consent: 'TwoParty' } }],
    ] as const
  ).map(([what, body]) => [`15 ${what}`, body, 'Consent is not valid for this combination of from and to'] as const),
  ['17 an unknown caller', { from: { agentId: '9999' }, to: { agentId: '9998' } }, 'Unable to place call - Agent Id is unknown'],
  ['17 a caller of another account', { from: { agentId: '7777' }, to: number }, 'Unable to place call - Agent Id is unknown'],
  ['18 an unknown called one', { from: paco, to: { agentId: '9999' } }, 'Unable to place call - invalid Agent Id.'],
  ['18 before 19', { from: { groups: ['999'] }, to: { agentId: '7777' } }, 'Unable to place call - invalid Agent Id.'],
  ['18 himself, with leading zeros', { from: paco, to: { agentId: '0001234' } }, 'Unable to place call - invalid Agent Id.'],
  ['19 one of the groups is unknown', { from: { groups: ['030', '999'] }, to: number }, 'Unable to place call - Group Id is unknown'],
  ['19 a group without its zero', { from: { groups: [30] }, to: number }, 'Unable to place call - Group Id is unknown'],
  [
    '19 a group of another account',
    { from: { groups: ['500'] }, to: { telephoneNumber: 'x' } },
    'Unable to place call - Group Id is unknown',
  ],
  ['20 letters', { from: paco, to: { telephoneNumber: 'x' } }, 'Unable to place call - number is invalid'],
  ['20 two digits', { from: paco, to: { telephoneNumber: '99' } }, 'Unable to place call - number is invalid'],
  ['20 sixteen digits', { from: paco, to: { telephoneNumber: '1234567890123456' } }, 'Unable to place call - number is invalid'],
  ['20 nobody inside', { from: paco, to: { telephoneNumber: '555' } }, 'Unable to place call - number is invalid'],
  ['20 where no trunk leads', { from: paco, to: { telephoneNumber: '9012345678' } }, 'Unable to place call - number is invalid'],
  ['20 his own extension', { from: paco, to: { telephoneNumber: '210' } }, 'Unable to place call - number is invalid'],
  ['20 before 21', { from: { ...paco, presentedCLID: '1' }, to: { telephoneNumber: '9' } }, 'Unable to place call - number is invalid'],
  [
    '21 a number of nobody’s',
    { from: { agentId: '106', presentedCLID: '02079460000' }, to: number },
    'Unable to place call - presented CLID is invalid',
  ],
  [
    '21 a number of another account',
    { from: { ...paco, presentedCLID: '+18669999999' }, to: number },
    'Unable to place call - presented CLID is invalid',
  ],
  ['22 a caller in a call', { from: { agentId: '106' }, to: { agentId: '1234' } }, 'Unable to place call - Agent number busy'],
  ['24 an empty group', { from: { groups: ['400'] }, to: { agentId: '106' } }, 'Unable to place call - no Agent is currently available'],
  ['24 everybody is in a call', { from: { groups: '200' }, to: number }, 'Unable to place call - no Agent is currently available'],
  [
    '24 only the called one',
    { from: { groups: ['031'] }, to: { agentId: '4567' } },
    'Unable to place call - no Agent is currently available',
  ],
  ['25 a busy called one', { from: paco, to: { agentId: '106' } }, 'Unable to place call - dialed Agent is not currently available'],
]

describe('the check order', () => {
  for (const [row, body, message] of rows)
    test(`row ${row}`, async () => {
      const before = exchange.engine.orders.length
      const { status, text, headers } = await ask(body)
      assert.deepEqual([status, text], [400, JSON.stringify({ message })])
      assert.equal(headers['content-type'], 'application/json; charset=utf-8')
      assert.equal(exchange.engine.orders.length, before, 'nobody’s phone rings')
    })

  test('row 23: a caller who is logged out, or has no phone', async () => {
    const told = [400, '{"message":"Unable to place call to Agent. Please try again"}']
    await set('1234', 'offline')
    const offline = await ask({ from: paco, to: { agentId: '106' } })
    assert.deepEqual([offline.status, offline.text], told)
    await set('1234', 'available')
    exchange.register(['210'], accountA, 0)
    const phoneless = await ask({ from: paco, to: { agentId: '106' } })
    assert.deepEqual([phoneless.status, phoneless.text], told)
    exchange.register(['210'])
  })

  test('row 24: nobody of the group is ready', async () => {
    const told = [400, '{"message":"Unable to place call - no Agent is currently available"}']
    await set('1234', 'away')
    exchange.register(['211'], accountA, 0)
    const reply = await ask({ from: { groups: ['030'] }, to: { telephoneNumber: '211' } })
    assert.deepEqual([reply.status, reply.text], told)
    exchange.register(['211'])
    await set('1234', 'available')
  })

  test('row 25: a called agent who is away, logged out or without a phone, and a dialled phone that is not there', async () => {
    const told = [400, '{"message":"Unable to place call - dialed Agent is not currently available"}']
    for (const state of ['away', 'offline'] as const) {
      await set('4567', state)
      const { status, text } = await ask({ from: paco, to: { agentId: '4567' } })
      assert.deepEqual([status, text], told, state)
    }
    await set('4567', 'available')
    exchange.register(['211'], accountA, 0)
    for (const to of [{ agentId: '4567' }, { telephoneNumber: '211' }, { telephoneNumber: '213' }]) {
      const { status, text } = await ask({ from: paco, to })
      assert.deepEqual([status, text], told, JSON.stringify(to))
    }
    exchange.register(['211'])
  })

  test('row 26: the engine could not start the call, or did not accept it in time', async () => {
    const told = [400, '{"message":"Unable to place call to Agent. Please try again"}']
    exchange.engine.deaf.add('210')
    const begun = exchange.engine.legs.size
    const failing = ask({ from: paco, to: number })
    await until(() => exchange.engine.legs.size > begun)
    exchange.engine.end(exchange.leg('210'), 'failed')
    const failed = await failing
    assert.deepEqual([failed.status, failed.text], told)
    const waiting = ask({ from: paco, to: number })
    await until(() => exchange.engine.legs.size > begun + 1)
    exchange.advance(5_000)
    const late = await waiting
    exchange.engine.deaf.delete('210')
    assert.deepEqual([late.status, late.text], told)
  })

  test('a list of groups that repeats itself for kilobytes is refused, not cut', async () => {
    const { status, text } = await ask({ from: { groups: Array(1000).fill('030') }, to: number })
    assert.deepEqual([status, text], [400, '{"message":"The request is invalid."}'])
  })
})

/** Until the server has read what was sent. */
async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; !isSo(); turns += 1) {
    assert.ok(turns < 100_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('what is accepted', () => {
  const accepted: readonly (readonly [what: string, body: unknown, from: string, to: string])[] = [
    ['agent to agent', { from: paco, to: { agentId: 4567 } }, '{"agentId":"1234"}', '{"agentId":"4567"}'],
    [
      'the submitted order',
      { from: { presentedCLID: '08008888888', agentId: 1234 }, to: number },
      '{"presentedCLID":"08008888888","agentId":"1234"}',
      JSON.stringify(number),
    ],
    [
      'a number as a number',
      { from: paco, to: { telephoneNumber: 442072068888 } },
      '{"agentId":"1234"}',
      '{"telephoneNumber":"442072068888"}',
    ],
    [
      'separators',
      { from: paco, to: { telephoneNumber: '+44 (20) 7206-8888' } },
      '{"agentId":"1234"}',
      '{"telephoneNumber":"+44 (20) 7206-8888"}',
    ],
    ['one group as a text', { from: { groups: '030' }, to: number }, '{"groups":"030"}', JSON.stringify(number)],
    ['group to agent', { from: { groups: ['030'] }, to: { agentId: '4567' } }, '{"groups":["030"]}', '{"agentId":"4567"}'],
    [
      'group to number with consent',
      { from: { groups: ['030'] }, to: { ...number, consent: 'TwoParty' } },
      '{"groups":["030"]}',
      '{"telephoneNumber":"02072068888","consent":"TwoParty"}',
    ],
    [
      'unknown and empty members are left out',
      { from: { ...paco, x: 1, groups: [], presentedCLID: '' }, to: { ...number, agentId: null, queue: 2 } },
      '{"agentId":"1234"}',
      JSON.stringify(number),
    ],
    ['an extension by its number', { from: paco, to: { telephoneNumber: '211' } }, '{"agentId":"1234"}', '{"telephoneNumber":"211"}'],
    ['a caller who is away', { from: paco, to: number }, '{"agentId":"1234"}', JSON.stringify(number)],
  ]
  for (const [what, body, from, to] of accepted)
    test(what, async () => {
      if (what === 'a caller who is away') await set('1234', 'away')
      const { status, text } = await ask(body)
      await end(newest())
      await set('1234', 'available')
      await set('4567', 'available')
      assert.equal(status, 201, text)
      assert.ok(text.endsWith(`,"from":${from},"to":${to}}`), text)
    })

  test('reference: letters and digits, a number, a URL; application: 32 characters', async () => {
    for (const reference of ['a'.repeat(2000), 42, 'https://crm.example/lead?id=1&x=%20']) {
      const call = await made({ from: paco, to: number, regarding: { reference }, application: 'a'.repeat(32) })
      assert.deepEqual([call.reference, call.application], [String(reference), 'a'.repeat(32)])
    }
    assert.equal((await made({ from: paco, to: number, regarding: {}, application: '' })).application, undefined)
  })

  test('consent becomes what may be recorded', async () => {
    const both = await made({ from: { ...paco, consent: 'OneParty' }, to: { ...number, consent: 'Unknown' } })
    assert.deepEqual(both.recording.consent, { from: 'one-party', to: 'unknown' })
    const group = await made({ from: { groups: ['030'] }, to: { ...number, consent: 'TwoParty' } })
    assert.deepEqual(group.recording.consent, { to: 'two-party' })
    assert.equal((await made({ from: paco, to: number })).recording.consent, undefined)
  })

  test('the presented number is shown outside, without separators', async () => {
    assert.equal((await made({ from: { ...paco, presentedCLID: '0800 888-8888' }, to: number })).presented, '08008888888')
    assert.equal((await made({ from: { ...paco, presentedCLID: '+18661234567' }, to: number })).presented, '+18661234567')
  })

  test('of several groups the agent who is idle longest is rung', async () => {
    await set('1234', 'away')
    exchange.advance(1000)
    await set('1234', 'available')
    const rung = async (groups: readonly string[]) => {
      const call = await made({ from: { groups }, to: number })
      return call.parties.map(({ endpoint }) => endpoint.kind === 'extension' && endpoint.extension)
    }
    await set('4567', 'away')
    exchange.advance(1000)
    await set('4567', 'available')
    exchange.advance(1000)
    assert.deepEqual(await rung(['031', '030']), ['210'])
    exchange.advance(60_000)
    await set('4567', 'away')
    assert.deepEqual(await rung(['400', '031', '030']), ['210'])
    await set('4567', 'available')
  })

  test('content types: JSON in any case and with parameters, or none before an object', async () => {
    await made({ from: paco, to: number }, { 'Content-Type': 'Application/JSON; charset=UTF-8' })
    const headers = { Authorization: `Bearer ${token}` }
    const bare = await exchange.ask(line, { headers, body: '\ufeff {"from":{"agentId":"1234"},"to":{"telephoneNumber":"02072068888"}}' })
    assert.equal(bare.status, 201, bare.text)
    await end(newest())
    const blank = await exchange.ask(line, { headers: { ...headers, 'Content-Type': '' }, body: '{}' })
    assert.equal(blank.text, '{"message":"Agent Id must be specified"}')
  })

  const refusedTypes: readonly (readonly [type: string | undefined, body: string, told: string])[] = [
    ['text/plain', '{}', 'text/plain'],
    ['text/json; version=1', '{}', 'text/json'],
    ['application/x-www-form-urlencoded', 'a=b', 'application/x-www-form-urlencoded'],
    ['application/octet-stream', '{}', 'application/octet-stream'],
    ['Application/XML', '<a/>', 'Application/XML'],
    ['application/json; charset=utf-16', '{}', 'application/json'],
    ['nonsense', '{}', 'nonsense'],
    [undefined, 'a=b', 'application/octet-stream'],
  ]
  for (const [type, body, told] of refusedTypes)
    test(`415 for ${type ?? 'no type'} and ${body}`, async () => {
      const headers = { Authorization: `Bearer ${token}`, ...(type === undefined ? {} : { 'Content-Type': type }) }
      const reply = await exchange.ask(line, { headers, body })
      const message = `The requested resource does not support content type '${told}'.`
      assert.deepEqual([reply.status, reply.text], [415, JSON.stringify({ message })])
    })

  test('an empty body is no body, whatever its type; slashes, and the case of static segments, do not matter', async () => {
    const told = '{"message":"Agent Id must be specified"}'
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'text/plain' }
    for (const path of ['/v0/a1b2c3d4e5/calls', '//V12//a1b2c3d4e5/CALLS//', '/v007/a1b2c3d4e5/cAlLs/?x=1'])
      assert.equal((await exchange.ask(`POST ${path}`, { headers })).text, told, path)
  })

  test('any version is taken for the newest', async () => {
    for (const version of ['1', '1.1', '7', 'x', ''])
      await made(
        { from: { ...paco, consent: 'OneParty' }, to: { ...number, consent: 'OneParty' } },
        { Accept: `application/json; version=${version}` },
      )
  })
})

describe('strictVersions', () => {
  let strict: Exchange
  let key: string

  before(async () => {
    strict = await Exchange.open({
      change: (configuration) => {
        configuration.dialects = { newvoicemedia: { strictVersions: true } }
      },
    })
    strict.register(['210'])
    const body = 'grant_type=client_credentials&client_id=a1b2c3d4e5&client_secret=nvm-secret-a'
    key = (await strict.ask('POST /v0/oauth2/token', { body })).json.access_token
  })

  after(() => strict.close())

  const post = (body: unknown, headers: Readonly<Record<string, string>>) =>
    strict.ask(line, {
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })

  const members: readonly (readonly [body: object, since: number])[] = [
    [{ from: { ...paco, presentedCLID: '08008888888' }, to: { agentId: 'x' } }, 2],
    [{ from: paco, to: { agentId: 'x' }, regarding: { reference: '1' } }, 4],
    [{ from: paco, to: { agentId: 'x' }, application: 'a' }, 5],
    [{ from: paco, to: { agentId: 'x', consent: 'OneParty' } }, 6],
  ]
  for (const [body, since] of members)
    test(`refuses ${JSON.stringify(body)} below version ${since}`, async () => {
      const before = await post(body, { Accept: `application/json;version=${since - 1}` })
      assert.deepEqual([before.status, before.text], [400, '{"message":"The request is invalid."}'])
      const then = await post(body, { Accept: `application/json;version=${since}` })
      assert.equal(then.text, '{"message":"Agent Id must contain digits only"}')
      const byContentType = await post(body, { 'Content-Type': `application/json; version="${since - 1}.1"` })
      assert.equal(byContentType.text, '{"message":"The request is invalid."}')
      const unnamed = await post(body, {})
      assert.equal(unnamed.text, '{"message":"Agent Id must contain digits only"}')
    })

  test('refuses versions that it does not know', async () => {
    for (const version of ['0', '7', 'x', '-1', '1.', '']) {
      const { status, text } = await post({ from: paco, to: number }, { Accept: `application/json;version=${version}` })
      assert.deepEqual([status, text], [400, '{"message":"The request is invalid."}'], version)
    }
    const headers = { Authorization: `Bearer ${key}`, Accept: 'application/json;version=9' }
    for (const path of ['calls/x', 'agents/1234', 'agents?availability=readyForPhoneCall'])
      assert.equal((await strict.ask(`GET /v0/a1b2c3d4e5/${path}`, { headers })).status, 400)
  })
})
