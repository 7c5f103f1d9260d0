/** What is read to know whom and what one can act on (contract ringcx, section 7), by every path that leads there (section 1). */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { accountA } from '../../../testkit/desk.ts'
import { Exchange, type Reply } from '../../../testkit/exchange.ts'
import { uiiOf } from './answer-calls.ts'

let exchange: Exchange

before(async () => {
  exchange = await Exchange.open({
    change: (configuration) => {
      configuration.dialects = { ringcx: { prefix: '/ringcx', hosts: ['ringcx.ringcentral.com'], pageBase: 1 } }
      const [first] = configuration.accounts
      first.groups[0].wrapUpMs = 8_000
      first.credentials.ringcx.push({ role: 'observer', apiToken: 'rcx-viewer', username: 'viewer@example.com', password: 'pw' })
    },
  })
})
after(() => exchange.close())

const root = '/voice/api/v1/admin/accounts/12440011'
const get = (path: string, headers = {}): Promise<Reply> =>
  exchange.ask(`GET ${path}`, { headers: { 'X-Auth-Token': 'rcx-viewer', ...headers } })
const ofAccount = async (path: string) => (await get(`${root}/${path}`)).text
const errorOf = async (path: string) => {
  const { status, json } = await get(path.startsWith('/') ? path : `${root}/${path}`)
  return `${status} ${json.errorCode}`
}

const paco =
  '{"agentId":1234,"username":"paco.vu@example.com","email":"paco.vu@example.com","firstName":"Paco","lastName":"Vu","agentType":"AGENT","isActive":true,"defaultLoginDest":"5554150210","manualOutboundDefaultCallerId":"5554150210","allowManualCalls":true,"allowHangup":true,"disableSupervisorMonitoring":false,"gateAssignments":[{"gateId":30,"gateName":"Sales"}]}'
const sales =
  '{"gateId":30,"gateName":"Sales","gateDesc":"","isActive":true,"recordCall":1,"recordingSettings":null,"slaTime":20,"wrapTime":8}'
const support =
  '{"gateId":200,"gateName":"Support","gateDesc":"","isActive":true,"recordCall":0,"recordingSettings":null,"slaTime":20,"wrapTime":0}'
const empty = support.replace('200', '400').replace('Support', 'Empty')

describe('who and what there is', () => {
  test('groups and agents', async () => {
    assert.equal(
      await ofAccount('agentGroups'),
      '[{"agentGroupId":1,"groupName":"Default Organization","isDefault":true,"permissions":[]}]',
    )
    assert.equal(await ofAccount('agentGroups/1/agents/1234'), paco)
    assert.equal(await ofAccount('agentGroups/01/agents/0001234'), paco)
    const all = JSON.parse(await ofAccount('agentGroups/1/agents'))
    assert.deepEqual(
      all.map((agent: { agentId: number }) => agent.agentId),
      [1234, 4567, 106, 502842370097],
    )
    assert.deepEqual([all[3].agentType, all[3].disableSupervisorMonitoring], ['SUPERVISOR', true])
    assert.equal(await ofAccount('agentGroups/1/agents?page=1&maxRows=1'), `[${paco}]`)
    assert.equal(await ofAccount('agentGroups/1/agents?page=0&maxRows=1'), `[${paco}]`)
    assert.equal(await ofAccount('agentGroups/1/agents?page=5&maxRows=1'), '[]')
  })

  test('queues and what can be said of their calls', async () => {
    assert.equal(
      await ofAccount('gateGroups/withChildren'),
      `[{"gateGroupId":1,"groupName":"Default Organization","gates":[${sales},${support},${empty}]}]`,
    )
    assert.equal(await ofAccount('gateGroups/1/gates'), `[${sales},${support},${empty}]`)
    const said = JSON.parse(await ofAccount('gateGroups/1/gates/30/dispositions'))
    assert.equal(
      JSON.stringify(said[0]),
      '{"gateDispositionId":1,"disposition":"Sale","isDefault":false,"isDisabled":false,"isSuccess":false,"isComplete":true,"requireNote":false,"rank":1}',
    )
    assert.deepEqual(
      said.map((one: { disposition: string }) => one.disposition),
      ['Sale', 'No sale', 'Call back'],
    )
  })

  test('states', async () => {
    const states = JSON.parse(await ofAccount('auxStates?activeOnly=true'))
    assert.deepEqual(states[0], {
      stateId: 1,
      agentAuxState: 'AVAILABLE',
      baseAgentState: { colKey: 'AVAILABLE', colLabel: 'AVAILABLE' },
      isActive: true,
    })
    assert.equal(states.length, 8)
  })

  test('what there is not, and what is of another account, answered alike', async () => {
    assert.equal(await errorOf('agentGroups/2/agents'), '404 agent.group.not.found')
    assert.equal(await errorOf('gateGroups/2/gates'), '404 gate.group.not.found')
    assert.equal(await errorOf('gateGroups/1/gates/99/dispositions'), '404 gate.not.found')
    for (const agent of ['7777', '9999', 'x']) {
      const { status, text } = await get(`${root}/agentGroups/1/agents/${agent}`)
      const uri = `/api/v1/admin/accounts/12440011/agentGroups/1/agents/${agent} - GET`
      const body = `{"errorCode":"agent.not.found","generalMessage":"The requested resource was not found","details":"","requestUri":"${uri}","timestamp":0}`
      assert.equal(text.replace(/"timestamp":\d+/, '"timestamp":0'), body)
      assert.equal(status, 404)
    }
    for (const account of ['12440022', '1'])
      assert.equal(await errorOf(`/voice/api/v1/admin/accounts/${account}/agentGroups`), '403 access.denied.exception')
  })
})

describe('what is going on', () => {
  test('agents and queues, before, during and after a call', async () => {
    const login = async (agent: string) => JSON.parse(await ofAccount(`agentGroups/1/agents/${agent}/login`))
    const gate = async () => JSON.parse(await ofAccount('realTimeData/inbound'))[0]
    assert.equal(await login('1234'), null)
    assert.equal(await ofAccount('realTimeData/agent'), '[]')

    exchange.register(['210'])
    exchange.advance(5_000)
    assert.equal(
      JSON.stringify(await login('1234')),
      '{"agentLoginId":1234,"agentState":"AVAILABLE","agentAuxState":"Available","agentPhone":"5554150210","loginDts":"2026-11-20T12:00:00.250+0000","stateDts":"2026-11-20T12:00:00.250+0000","pendingDisposition":false,"agentLoginType":"BLENDED"}',
    )

    const call = exchange.callsIn('+18661234567', { number: '6501234567' })
    assert.equal((await login('1234')).agentState, 'TRANSITION')
    assert.deepEqual([(await gate()).routing, (await gate()).inQueue, (await gate()).active], [1, 0, 1])
    const waiting = exchange.callsIn('+18661234567', { number: '6501234568' })
    exchange.advance(3_000)
    exchange.answers('210')
    exchange.advance(4_000)
    const uii = uiiOf(exchange, call)
    assert.equal(
      await ofAccount('realTimeData/agent'),
      `[{"agentId":1234,"username":"paco.vu@example.com","firstName":"Paco","lastName":"Vu","agentType":"AGENT","agentState":"ENGAGED","stateTime":4,"loginTime":12,"agentPhone":"5554150210","pendingDisposition":0,"isOffhook":1,"callUii":"${uii}","callAni":"6501234567","callDnis":"8661234567","gateId":30,"campaignId":null,"callsHandled":1,"rna":0,"totalTalkTime":0,"lastUpdate":"2026-11-20T12:00:12.250+0000"}]`,
    )
    assert.equal(
      JSON.stringify(await gate()),
      '{"gateId":30,"gateName":"Sales","gateGroupId":1,"active":2,"inQueue":1,"routing":0,"longestInQueue":7,"staffed":1,"available":0,"presented":2,"accepted":1,"abandoned":0,"slaPass":1,"slaFail":0}',
    )

    exchange.hangsUp(waiting.ani)
    exchange.hangsUp('210')
    exchange.advance(1_000)
    assert.equal((await login('1234')).agentState, 'WORKING')
    const [after] = JSON.parse(await ofAccount('realTimeData/agent'))
    assert.deepEqual([after.callUii, after.isOffhook, after.totalTalkTime], [null, 0, 4])
    assert.equal((await gate()).abandoned, 1)
  })

  test('an agent who is away says why', async () => {
    const states = []
    for (const reason of ['lunch', 'On-Break', 'Meeting', undefined]) {
      const why = reason === undefined ? {} : { reason }
      await exchange.desk.request({ account: accountA, role: 'admin' }, { kind: 'set-agent-state', agent: '4567', state: 'away', ...why })
      const { agentState, agentAuxState } = JSON.parse(await ofAccount('agentGroups/1/agents/4567/login'))
      states.push([agentState, agentAuxState])
    }
    assert.deepEqual(states, [
      ['LUNCH', 'lunch'],
      ['ON BREAK', 'On-Break'],
      ['AWAY', 'Meeting'],
      ['AWAY', ''],
    ])
  })

  test('the history of a call that is over', async () => {
    exchange.advance(10_000)
    const call = exchange.callsIn('+18661234567', { number: '6501234567' })
    exchange.answers('210')
    const uii = uiiOf(exchange, call)
    assert.equal(await errorOf(`callHistory/${uii}`), '404 active.calls.call.not.found')
    const line = `POST ${root}/activeCalls/${uii}/dispositionCall?disposition=Sale&notes=Call%20again`
    assert.equal((await exchange.ask(line, { headers: { 'X-Auth-Token': 'rcx-api-token-a' } })).text, 'true')
    exchange.hangsUp('210')
    const { activeCallSessionHistories: sessions, ...rest } = JSON.parse(await ofAccount(`callHistory/${uii}`))
    assert.deepEqual(rest, { accountId: '12440011', uii, agentDisposition: 'Sale' })
    assert.deepEqual(
      sessions.map((one: { agentNotes: string }) => one.agentNotes),
      [null, 'Call again'],
    )
    assert.equal(sessions[1].sessionId, '1')
  })
})

describe('paths', () => {
  const paths = [
    `${root}/agentGroups`,
    '/api/v1/admin/accounts/12440011/agentGroups',
    '/voice/api/accounts/12440011/agentGroups',
    '/voice/api/v1/admin/accounts/~/agentGroups',
    `/ringcx${root}/agentGroups`,
    '/ringcx/api/v1/admin/accounts/12440011/agentGroups/',
    `//voice//api/v1/admin/accounts/%312440011/agentGroups/?&x=`,
  ]
  for (const path of paths) test(path, async () => assert.equal((await get(path)).json[0].agentGroupId, 1))

  test('the host name, and what is nowhere under it', async () => {
    const host = { Host: 'RingCX.ringcentral.com:443' }
    assert.equal((await get(`${root}/agentGroups`, host)).status, 200)
    assert.equal((await get('/nothing', host)).json.errorCode, 'resource.not.found')
  })

  test('an error names the path as it was sent, without /voice, prefix and query', async () => {
    const uri = async (path: string) => (await get(path)).json.requestUri
    assert.equal(await uri('/ringcx/voice/api/v1/admin/accounts/~/none?x=1'), '/api/v1/admin/accounts/~/none - GET')
    assert.equal(await uri('/voice/api/accounts/12440011//none/'), '/api/accounts/12440011/none - GET')
  })

  test('the older Yeastar paths are not of this dialect', async () => {
    const { headers } = await get('/api/v1.1.0/nothing')
    assert.notEqual(headers['content-type'], 'application/json')
  })
})
