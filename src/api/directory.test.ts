import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { aCall, anAgentView, noon } from '../../testkit/desk.ts'
import { callId } from '../kernel/ids.ts'
import { ok } from '../kernel/outcome.ts'

const callers = { received: 9, answered: 5, abandoned: 1, inTime: 4, late: 1 }

let server: TestServer
before(async () => {
  server = await startApi()
  server.desk.setAgents([anAgentView('1234', { call: callId('c1') }), anAgentView('4567'), anAgentView('106')])
  server.desk.extensionsNow = [{ number: '210', name: 'Paco Vu', registered: true, contacts: 2, agent: '1234', calls: [callId('c1')] }]
  const sales = { id: '030', name: 'Sales', extension: '830', strategy: 'longest-idle', agents: ['1234'] } as const
  server.desk.groupsNow = [{ ...sales, waiting: 3, waitingSince: noon, tally: callers }]
  server.desk.put(aCall('c1'))
})
after(() => server.close())

test('agents, with the call they are in', async () => {
  const { json } = await server.ask('GET /agents?limit=1', { key: keys.observer })
  assert.deepEqual(json.items, [
    {
      id: '1234',
      username: '1234@example.com',
      name: 'Paco Vu',
      extension: '210',
      role: 'agent',
      groups: ['030'],
      state: 'available',
      since: '2026-11-20T12:00:00.250Z',
      callId: 'c1',
      tally: { handled: 0, missed: 0, talkMs: 0 },
    },
  ])
  const rest = await server.ask(`GET /agents?cursor=${json.next}`, { key: keys.observer })
  assert.deepEqual(
    rest.json.items.map(({ id }: { id: string }) => id),
    ['4567', '106'],
  )
})

test('extensions, with their registration', async () => {
  const { json } = await server.ask('GET /extensions', { key: keys.observer })
  assert.deepEqual(json, {
    items: [{ number: '210', name: 'Paco Vu', registered: true, contacts: 2, agent: '1234', calls: ['c1'] }],
    next: null,
  })
})

test('groups, with those who wait', async () => {
  const { json } = await server.ask('GET /groups', { key: keys.observer })
  assert.deepEqual(json, {
    items: [
      {
        ...{ id: '030', name: 'Sales', extension: '830', strategy: 'longest-idle', agents: ['1234'] },
        ...{ waiting: 3, waitingSince: '2026-11-20T12:00:00.250Z', tally: callers },
      },
    ],
    next: null,
  })
})

test('the words for what may come of a call, in their own order, page by page', async () => {
  const { json } = await server.ask('GET /dispositions?limit=2', { key: keys.observer })
  assert.deepEqual(json.items, [{ name: 'Sale' }, { name: 'No sale' }])
  const rest = await server.ask(`GET /dispositions?cursor=${json.next}`, { key: keys.observer })
  assert.deepEqual(rest.json, { items: [{ name: 'Äußerst zufrieden' }], next: null })
  assert.deepEqual((await server.ask('GET /dispositions', { key: keys.other })).json, { items: [], next: null })
})

test('an agent who is away, and one whose disposition is awaited', async () => {
  const own = startApi()
  const { desk, ask, close } = await own
  desk.setAgents([
    anAgentView('1', { state: 'away', reason: 'Lunch', loggedInAt: noon }),
    anAgentView('2', { state: 'pending-disposition', awaits: callId('c9') }),
  ])
  const { json } = await ask('GET /agents', { key: keys.observer })
  await close()
  const [lunching, noting] = json.items
  assert.deepEqual([lunching.state, lunching.reason, lunching.loggedInAt], ['away', 'Lunch', '2026-11-20T12:00:00.250Z'])
  assert.deepEqual([noting.state, noting.awaitsCallId], ['pending-disposition', 'c9'])
})

test('the state of an agent is set, and answered as it is then', async () => {
  server.desk.answers((_caller, command) => {
    assert.deepEqual(command, { kind: 'set-agent-state', agent: '4567', state: 'away' })
    server.desk.setAgents([anAgentView('4567', { state: 'away' })])
    return ok({})
  })
  const { status, json } = await server.ask('PUT /agents/4567/state', { key: keys.admin, body: { state: 'away' } })
  assert.deepEqual([status, json.id, json.state], [200, '4567', 'away'])
})

test('leading zeros of the agent’s id do not count, and a reason is passed on', async () => {
  server.desk.answers((_caller, command) => {
    assert.deepEqual(command, { kind: 'set-agent-state', agent: '4567', state: 'away', reason: 'Lunch' })
    return ok({})
  })
  const { status, json } = await server.ask('PUT /agents/004567/state', { key: keys.admin, body: { state: 'away', reason: 'Lunch' } })
  assert.deepEqual([status, json.id], [200, '4567'])
})

for (const [line, body, status, code] of [
  ['PUT /agents/nobody/state', { state: 'away' }, 404, 'endpoint-unknown'],
  ['PUT /agents/4567/state', { state: 'on-call' }, 422, 'parameter-invalid'],
  ['PUT /agents/4567/state', {}, 422, 'parameter-missing'],
] as const) {
  test(`${line} ${JSON.stringify(body)} is ${code}`, async () => {
    const answer = await server.ask(line, { key: keys.admin, body })
    assert.deepEqual([answer.status, answer.json.code], [status, code])
  })
}
