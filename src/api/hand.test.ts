import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { accountA, anAgentView, noon } from '../../testkit/desk.ts'
import type { AgentView } from '../control/command.ts'
import { ok } from '../kernel/outcome.ts'

const raised: AgentView = anAgentView('1234', { hand: { since: noon, note: 'Refund?' } })

let server: TestServer
before(async () => {
  server = await startApi()
  server.desk.setAgents([anAgentView('1234'), anAgentView('4567', { extension: '211' })])
})
after(() => server.close())

const put = (agent: string, key: string, body: object) => server.ask(`PUT /agents/${agent}/hand`, { key, body })

test('an agent raises his own hand, and it is in his view', async () => {
  server.desk.answers((_caller, command) => {
    assert.deepEqual(command, { kind: 'raise-hand', agent: '1234', raised: true, note: 'Refund?' })
    server.desk.setAgents([raised, anAgentView('4567', { extension: '211' })])
    return ok({})
  })
  const { status, json } = await put('1234', keys.agent, { raised: true, note: 'Refund?' })
  assert.deepEqual([status, json.hand], [200, { since: '2026-11-20T12:00:00.250Z', note: 'Refund?' }])
})

test('a supervisor lowers it, and raises nobody’s; an agent touches his own only; an observer none', async () => {
  server.desk.answers(() => ok({}))
  const orders = server.desk.requests.length
  const outcomes = []
  for (const [agent, key, body] of [
    ['1234', keys.supervisor, { raised: false }],
    ['1234', keys.supervisor, { raised: true }],
    ['4567', keys.agent, { raised: false }],
    ['1234', keys.observer, { raised: false }],
    ['999', keys.supervisor, { raised: false }],
    ['1234', keys.agent, {}],
    ['1234', keys.other, { raised: false }],
  ] as const)
    outcomes.push((await put(agent, key, body)).status)
  assert.deepEqual(outcomes, [200, 403, 403, 403, 404, 422, 404])
  assert.deepEqual(
    server.desk.requests.slice(orders).map(({ command }) => command),
    [{ kind: 'raise-hand', agent: '1234', raised: false }],
  )
})

test('the event is of a type of its own, and a filter knows it', async () => {
  const before = server.desk.agentChanged(accountA, raised)
  server.desk.agentChanged(accountA, raised, 'hand')
  const stream = await fetch(`${server.url}/sotto/v1/events?types=agent.hand&cursor=${before.id}`, {
    headers: { Authorization: `Bearer ${keys.observer}` },
  })
  const reader = stream.body?.getReader()
  let text = ''
  while (!/data: .*\n\n/.test(text)) text += new TextDecoder().decode((await reader?.read())?.value)
  await reader?.cancel()
  const event = JSON.parse(/data: (.*)/.exec(text)?.[1] ?? '')
  assert.deepEqual([event.type, event.seq, event.data.id, event.data.hand.note], ['agent.hand', 0, '1234', 'Refund?'])
})
