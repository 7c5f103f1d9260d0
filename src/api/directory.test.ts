import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { aCall, anAgentView } from '../../testkit/desk.ts'
import { callId } from '../kernel/ids.ts'
import { ok } from '../kernel/outcome.ts'

let server: TestServer
before(async () => {
  server = await startApi()
  server.desk.setAgents([anAgentView('1234', { call: callId('c1') }), anAgentView('4567'), anAgentView('106')])
  server.desk.extensionsNow = [{ number: '210', name: 'Paco Vu', registered: true, contacts: 2, agent: '1234', calls: [callId('c1')] }]
  server.desk.groupsNow = [{ id: '030', name: 'Sales', extension: '830', strategy: 'longest-idle', agents: ['1234'], waiting: 3 }]
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
    items: [{ id: '030', name: 'Sales', extension: '830', strategy: 'longest-idle', agents: ['1234'], waiting: 3 }],
    next: null,
  })
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

for (const line of [
  'GET /webhooks',
  'POST /webhooks',
  'GET /webhooks/w1',
  'DELETE /webhooks/w1',
  'GET /recordings',
  'GET /recordings/r1/audio',
  'GET /cdrs',
  'GET /audit',
  'GET /audit/verify',
]) {
  test(`${line} says that it is not built`, async () => {
    const { status, json } = await server.ask(line, { key: keys.admin })
    assert.deepEqual([status, json.code], [501, 'unsupported'])
  })
}
