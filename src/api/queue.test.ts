import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { aCall, accountB, noon } from '../../testkit/desk.ts'
import type { Call } from '../call/call.ts'
import { callId } from '../kernel/ids.ts'
import { addMs } from '../kernel/time.ts'

let server: TestServer
before(async () => {
  server = await startApi()
})
after(() => server.close())

const waiting = (id: string, ms: number, more: Partial<Call> = {}): Call => {
  const since = addMs(noon, ms)
  return aCall(id, { group: '030', queue: { group: '030', since, deadline: addMs(since, 60_000) }, ...more })
}

interface Seen {
  readonly id: string
  readonly queuedAt?: string
  readonly queuePosition?: number
}

async function places(query = ''): Promise<Readonly<Record<string, number | undefined>>> {
  const { json } = await server.ask(`GET /calls${query}`, { key: keys.observer })
  return Object.fromEntries(json.items.map(({ id, queuePosition }: Seen) => [id, queuePosition]))
}

test('who waits has a place in his group’s queue, by how long he has waited, and since when', async () => {
  const other = { group: '031', queue: { group: '031', since: noon, deadline: addMs(noon, 60_000) } }
  server.desk.put(waiting('w1', 2_000), waiting('w2', 1_000), aCall('talking', { group: '030' }), aCall('o1', other))
  server.desk.put(waiting('theirs', 0, { account: accountB }))
  assert.deepEqual(await places(), { w1: 2, w2: 1, talking: undefined, o1: 1 })
  assert.deepEqual(await places('?limit=1&state=queued&group=030'), {}, 'who is connected to an agent is not queued')
  const one = (await server.ask('GET /calls/w1', { key: keys.observer })).json as Seen
  assert.deepEqual([one.queuePosition, one.queuedAt], [2, '2026-11-20T12:00:02.250Z'])
  const spoken = (await server.ask('GET /calls/talking', { key: keys.observer })).json as Seen
  assert.deepEqual([spoken.queuePosition, spoken.queuedAt], [undefined, undefined])
})

test('and moves up when somebody before him is gone, although his own call has not changed', async () => {
  const before = await places('?group=030')
  server.desk.drop(callId('w2'))
  assert.deepEqual([before.w1, (await places('?group=030')).w1], [2, 1])
  assert.equal((await server.ask('GET /calls/w1', { key: keys.observer })).json.queuePosition, 1)
})

test('events tell since when, and no place: that is other calls’ doing', async () => {
  server.desk.put(waiting('w3', 3_000))
  const { text } = await server.ask('GET /calls/w3', { key: keys.observer })
  assert.match(text, /"queuePosition":2/)
  const from = server.desk.happened(waiting('w3', 3_000), { type: 'call.queued', data: { group: '030' } })
  server.desk.happened(waiting('w3', 3_000), { type: 'call.queued', data: { group: '030' } })
  const answer = await fetch(`${server.url}/sotto/v1/events?cursor=${from.id}`, { headers: { Authorization: `Bearer ${keys.observer}` } })
  const reader = answer.body?.getReader()
  let told = ''
  while (!told.includes('call.queued')) told += new TextDecoder().decode((await reader?.read())?.value)
  await reader?.cancel()
  assert.match(told, /"queuedAt":"2026-11-20T12:00:03.250Z"/)
  assert.doesNotMatch(told, /queuePosition/)
})
