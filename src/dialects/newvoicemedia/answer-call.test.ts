/** What is told of calls and agents, whoever made them (contract newvoicemedia, section 5), and who hears whom meanwhile. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { accountA, accountB } from '../../../testkit/desk.ts'
import { Exchange, type Reply } from '../../../testkit/exchange.ts'
import type { Call } from '../../call/call.ts'
import type { EndReason } from '../../call/reason.ts'
import { guidOf } from '../call-ids.ts'

let exchange: Exchange
let token: string
let otherToken: string

beforeEach(async () => {
  exchange = await Exchange.open()
  exchange.register(['210', '211', '106', '101'])
  exchange.register(['101', '210'], accountB)
  token = await login('a1b2c3d4e5', 'nvm-secret-a')
  otherToken = await login('f6g7h8i9j0', 'nvm-secret-b')
})

afterEach(() => exchange.close())

async function login(id: string, secret: string): Promise<string> {
  const body = `grant_type=client_credentials&client_id=${id}&client_secret=${secret}`
  return (await exchange.ask('POST /v0/oauth2/token', { body })).json.access_token
}

const admin = { account: accountA, role: 'admin' } as const
const headers = () => ({ Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' })
const get = (path: string) => exchange.ask(`GET /v3/a1b2c3d4e5/${path}`, { headers: headers() })
const post = (path: string, body: unknown) =>
  exchange.ask(`POST /v0/a1b2c3d4e5/${path}`, { headers: headers(), body: JSON.stringify(body) })

async function order(from: object, to: object = { telephoneNumber: '02072068888' }): Promise<Call> {
  const { status, text } = await post('calls', { from, to })
  assert.equal(status, 201, text)
  const call = exchange.desk.calls(accountA).at(-1)
  assert.ok(call !== undefined)
  return call
}

/** The detail without id and links. */
async function told(call: Call): Promise<Record<string, unknown>> {
  const { status, json } = await get(`calls/${guidOf(call)}`)
  assert.equal(status, 200)
  const { id, links, ...rest } = json
  assert.equal(id, guidOf(call))
  assert.deepEqual(links, [{ href: `https://sotto.test/V3/a1b2c3d4e5/Calls/${id}`, rel: '_self' }])
  return rest
}

/** Until the server has read what was sent. */
async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; !isSo(); turns += 1) {
    assert.ok(turns < 100_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const paco = { agentId: '1234' }
const outside = { telephoneNumber: '02072068888' }
const nothingYet = { recordingStatus: null, result: null, dispositionCode: null }
const success = { code: 'Success' }
const failure = (party: string, reason: string) => ({ code: 'Failure', party, reason })

const fails = (address: string, reason: EndReason) => exchange.engine.end(exchange.leg(address), reason)

describe('the life of a call', () => {
  test('from initiating to completed; who is rung hears nothing, who talks hears the other, and nobody after the end', async () => {
    exchange.engine.deaf.add('210')
    const pending = order(paco)
    await until(() => exchange.desk.calls(accountA).length > 0)
    const [begun] = exchange.desk.calls(accountA)
    assert.ok(begun !== undefined)
    assert.deepEqual(await told(begun), { from: paco, to: outside, status: 'Initiating', ...nothingYet })
    exchange.engine.accept(exchange.leg('210'))
    exchange.engine.ring(exchange.leg('210'))
    const call = await pending
    assert.equal((await told(call)).status, 'RingingOriginator')
    assert.deepEqual(exchange.hearing(call), {})
    exchange.answers('210')
    assert.equal((await told(call)).status, 'RingingDestination')
    assert.deepEqual(exchange.hearing(call), {})
    exchange.answers('+442072068888')
    assert.deepEqual(await told(call), { from: paco, to: outside, status: 'InProgress', ...nothingYet })
    assert.deepEqual(exchange.hearing(call), { '210': ['+442072068888'], '+442072068888': ['210'] })
    await exchange.desk.request(admin, { kind: 'dispose', call: call.id, disposition: 'Sale' })
    assert.equal((await told(call)).dispositionCode, 'Sale')
    exchange.hangsUp('210')
    assert.deepEqual(exchange.hearing(call), {})
    assert.deepEqual(await told(call), {
      ...{ from: paco, to: outside, status: 'Completed', recordingStatus: null },
      ...{ result: success, dispositionCode: 'Sale' },
    })
    exchange.advance(24 * 3_600_000)
    token = await login('a1b2c3d4e5', 'nvm-secret-a')
    assert.equal((await get(`calls/${guidOf(call)}`)).status, 404)
  })

  const ends: readonly (readonly [what: string, act: () => void, result: object])[] = [
    ['the agent does not pick up', () => exchange.advance(61_000), failure('Originator', 'NoAnswer')],
    ['the agent declines', () => exchange.declines('210'), failure('Originator', 'Rejected')],
    ['the agent’s phone is busy', () => fails('210', 'busy'), failure('Originator', 'Busy')],
    ['the agent’s phone cannot be reached', () => fails('210', 'unavailable'), failure('Originator', 'NetworkError')],
  ]
  const laterEnds: typeof ends = [
    ['the called one does not pick up', () => exchange.advance(61_000), failure('Destination', 'NoAnswer')],
    ['the called one declines', () => exchange.declines('+442072068888'), failure('Destination', 'Rejected')],
    ['the called one is busy', () => fails('+442072068888', 'busy'), failure('Destination', 'Busy')],
    ['the network fails', () => fails('+442072068888', 'failed'), failure('Destination', 'NetworkError')],
    ['the agent gives up', () => exchange.hangsUp('210'), failure('Originator', 'Rejected')],
  ]
  const afterPickUp = laterEnds.map(([what, act, result]): (typeof ends)[number] => [
    what,
    () => {
      exchange.answers('210')
      act()
    },
    result,
  ])
  for (const [what, act, result] of [...ends, ...afterPickUp])
    test(`fails: ${what}`, async () => {
      const call = await order(paco)
      act()
      assert.deepEqual(await told(call), {
        from: paco,
        to: outside,
        status: 'Failed',
        recordingStatus: null,
        result,
        dispositionCode: null,
      })
    })

  test('fails: a program ends it while the agent’s phone rings, and while the other one does', async () => {
    const first = await order(paco)
    await exchange.desk.request(admin, { kind: 'end-call', call: first.id })
    assert.deepEqual((await told(first)).result, failure('Originator', 'Rejected'))
    const second = await order(paco)
    exchange.answers('210')
    await exchange.desk.request(admin, { kind: 'end-call', call: second.id })
    assert.deepEqual((await told(second)).result, failure('Destination', 'Rejected'))
  })

  test('who was found in a group is told beside the groups', async () => {
    const call = await order({ groups: ['400', '030'] })
    const { from } = await told(call)
    assert.match(JSON.stringify(from), /^\{"groups":\["400","030"\],"agentId":"(?:1234|4567)"\}$/)
  })
})

describe('calls that were made elsewhere', () => {
  test('from outside to a group', async () => {
    const call = exchange.callsIn('+18661234567', { number: '+447700900123' })
    const ringing = await told(call)
    assert.deepEqual(ringing, {
      from: { telephoneNumber: '+447700900123' },
      to: { telephoneNumber: call.dnis },
      status: 'RingingDestination',
      ...nothingYet,
    })
    const rung = exchange.call(call).parties.find((party) => party.endpoint.kind === 'extension')
    assert.ok(rung?.endpoint.kind === 'extension')
    exchange.answers(rung.endpoint.extension)
    const { to, status, recordingStatus } = await told(call)
    assert.deepEqual(
      { to, status, recordingStatus },
      { to: { agentId: rung.endpoint.agent }, status: 'InProgress', recordingStatus: 'Started' },
    )
  })

  test('from outside to an extension, given up', async () => {
    const call = exchange.callsIn('+18661234568', { number: '+447700900123' })
    exchange.hangsUp('+447700900123')
    const { from, to, status, result } = await told(call)
    assert.deepEqual({ from, to }, { from: { telephoneNumber: '+447700900123' }, to: { agentId: '106' } })
    assert.deepEqual({ status, result }, { status: 'Failed', result: failure('Originator', 'Rejected') })
  })

  test('by a phone, to a number and to one that is no agent’s', async () => {
    const out = exchange.dials('210', '02072068888')
    assert.deepEqual(await told(out), { from: paco, to: { telephoneNumber: out.dnis }, status: 'RingingDestination', ...nothingYet })
    exchange.register(['212'])
    const inside = exchange.dials('211', '212')
    const { from, to } = await told(inside)
    assert.deepEqual({ from, to }, { from: { agentId: '4567' }, to: { telephoneNumber: '212' } })
  })

  test('by another program', async () => {
    const made = await exchange.desk.request(admin, { kind: 'originate', from: { extension: '210' }, to: { number: '02072068888' } })
    assert.ok(made.ok && made.value.call !== undefined)
    const { from, to, status } = await told(made.value.call)
    assert.deepEqual({ from, to, status }, { from: paco, to: { telephoneNumber: '+442072068888' }, status: 'RingingOriginator' })
  })
})

test('supervisors never appear, and hear what their mode lets them', async () => {
  const call = await order(paco)
  exchange.answers('210')
  exchange.answers('+442072068888')
  const before = await get(`calls/${guidOf(call)}`)
  await exchange.desk.request(admin, { kind: 'supervise', call: call.id, supervisor: { extension: '101' }, mode: 'whisper' })
  exchange.answers('101')
  assert.deepEqual(exchange.hearing(call), {
    '101': ['+442072068888', '210'],
    '210': ['+442072068888', '101'],
    '+442072068888': ['210'],
  })
  const after = await get(`calls/${guidOf(call)}`)
  assert.equal(after.text, before.text)
  const sara = await get('agents/0502842370097')
  assert.equal(
    sara.text,
    '{"id":"0502842370097","links":[{"href":"https://sotto.test/V3/a1b2c3d4e5/Agents/0502842370097","rel":"_self"}],"currentCallGuid":null}',
  )
})

describe('recording', () => {
  const set = (call: Call, body: unknown) => post(`calls/${guidOf(call)}`, body)
  const shown = ({ status, text }: Reply) => [status, text]

  test('starts, pauses and goes on', async () => {
    const call = await order(paco)
    exchange.answers('210')
    exchange.answers('+442072068888')
    for (const [state, kept] of [
      ['Started', 'on'],
      ['Paused', 'paused'],
      ['Paused', 'paused'],
      ['Started', 'on'],
    ] as const) {
      assert.deepEqual(shown(await set(call, { recordingStatus: state, more: 1 })), [202, `{"recordingStatus":"${state}"}`])
      assert.equal(exchange.call(call).recording.state, kept)
      assert.equal((await told(call)).recordingStatus, state)
    }
    exchange.hangsUp('210')
    assert.equal((await told(call)).recordingStatus, 'Stopped')
  })

  test('is refused', async () => {
    const call = await order(paco)
    const invalid = [400, '{"message":"The request is invalid."}']
    const notInProgress = [400, '{"message":"The call is not in progress."}']
    assert.deepEqual(shown(await set(call, {})), invalid)
    assert.deepEqual(shown(await set(call, { recordingStatus: 'Stopped' })), invalid)
    assert.deepEqual(shown(await set(call, { recordingStatus: 1 })), invalid)
    assert.deepEqual(shown(await set(call, { recordingStatus: 'Started' })), notInProgress)
    exchange.answers('210')
    exchange.answers('+442072068888')
    assert.deepEqual(shown(await set(call, { recordingStatus: 'Paused' })), notInProgress)
    const lost = await post('calls/00000000-0000-0000-0000-000000000000', { recordingStatus: 'Paused' })
    assert.deepEqual(shown(lost), [404, '{"message":"The call was not found."}'])
    const form = await exchange.ask(`POST /v0/a1b2c3d4e5/calls/${guidOf(call)}`, {
      headers: { ...headers(), 'Content-Type': 'text/xml' },
      body: '<a/>',
    })
    assert.equal(form.status, 415)
  })

  test('is refused without consent', async () => {
    const call = await order({ ...paco, consent: 'TwoParty' }, { ...outside, consent: 'Unknown' })
    exchange.answers('210')
    exchange.answers('+442072068888')
    assert.deepEqual(shown(await set(call, { recordingStatus: 'Started' })), [
      403,
      '{"message":"Recording is not permitted for this call."}',
    ])
  })

  test('with the consent of one side begins by itself', async () => {
    const call = await order({ ...paco, consent: 'OneParty' }, { ...outside, consent: 'TwoParty' })
    exchange.answers('210')
    exchange.answers('+442072068888')
    assert.equal((await told(call)).recordingStatus, 'Started')
  })
})

describe('agents', () => {
  const ready = (query: string) => get(`agents/?availability=readyForPhoneCall${query}`)

  test('who are ready for a call', async () => {
    const { json, text } = await ready('&groups=030,200')
    assert.equal(text, '{"count":3,"agents":[{"id":"1234","links":[]},{"id":"4567","links":[]},{"id":"106","links":[]}]}')
    assert.equal(json.count, 3)
    assert.equal((await ready('&groups=030,%20200&fields=count')).text, '{"count":3}')
    assert.equal((await ready('&groups=400')).text, '{"count":0,"agents":[]}')
    assert.equal((await ready('&groups=')).json.count, 4)
    const call = await order(paco)
    await exchange.desk.request(admin, { kind: 'set-agent-state', agent: '106', state: 'away' })
    exchange.register(['101'], accountA, 0)
    assert.equal((await ready('')).text, '{"count":1,"agents":[{"id":"4567","links":[]}]}')
    await exchange.desk.request(admin, { kind: 'set-agent-state', agent: '4567', state: 'available' })
    exchange.register(['211'], accountA, 0)
    assert.equal((await ready('')).json.count, 0, 'an available agent without a phone is not ready')
    assert.equal(call.account, accountA)
  })

  test('only readyForPhoneCall can be asked for, and only known groups', async () => {
    for (const query of ['', '?availability=', '?availability=busy'])
      assert.deepEqual((await get(`agents${query}`)).text, '{"message":"The request is invalid."}')
    const unknown = await ready('&groups=030,999')
    assert.deepEqual([unknown.status, unknown.text], [400, '{"message":"Unable to place call - Group Id is unknown"}'])
  })

  test('and the call that one is in, whoever made it', async () => {
    const self = { href: 'https://sotto.test/V3/a1b2c3d4e5/Agents/1234', rel: '_self' }
    assert.equal((await get('agents/1234')).text, JSON.stringify({ id: '1234', links: [self], currentCallGuid: null }))
    const guid = guidOf(exchange.dials('210', '02072068888'))
    const link = { href: `https://sotto.test/V3/a1b2c3d4e5/Calls/${guid}`, rel: 'currentCall' }
    const { text } = await get('agents/0001234')
    assert.equal(text, JSON.stringify({ id: '1234', links: [self, link], currentCallGuid: guid }))
    const lost = await get('agents/9999')
    assert.deepEqual([lost.status, lost.text], [404, '{"message":"The agent was not found."}'])
    assert.equal((await exchange.ask('HEAD /v0/a1b2c3d4e5/agents/1234', { headers: headers() })).status, 200)
  })
})

test('another account’s agents, calls and groups are answered like those that do not exist', async () => {
  const call = await order(paco)
  const theirs = { Authorization: `Bearer ${otherToken}`, 'Content-Type': 'application/json' }
  const both = async (line: string, body?: unknown) =>
    Promise.all(
      ['{{own}}', '{{none}}'].map(async (mark) => {
        const filled = (text: string) =>
          text
            .replaceAll('{{id}}', mark === '{{own}}' ? guidOf(call) : '00000000-0000-8000-b000-000000000000')
            .replaceAll('{{agent}}', mark === '{{own}}' ? '1234' : '9999')
        const reply = await exchange.ask(filled(line), {
          headers: theirs,
          ...(body === undefined ? {} : { body: filled(JSON.stringify(body)) }),
        })
        return [reply.status, reply.text]
      }),
    )
  const checks = [
    await both('GET /v0/f6g7h8i9j0/calls/{{id}}'),
    await both('POST /v0/f6g7h8i9j0/calls/{{id}}', { recordingStatus: 'Paused' }),
    await both('GET /v0/f6g7h8i9j0/agents/{{agent}}'),
    await both('POST /v0/f6g7h8i9j0/calls', { from: { agentId: '{{agent}}' }, to: { agentId: '7777' } }),
    await both('POST /v0/f6g7h8i9j0/calls', { from: { agentId: '7777' }, to: { agentId: '{{agent}}' } }),
  ]
  for (const [own, none] of checks) {
    assert.deepEqual(own, none)
    assert.ok(Number(own?.[0]) >= 400)
  }
})
