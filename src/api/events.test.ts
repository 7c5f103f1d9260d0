import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, beforeEach, describe, type TestContext, test } from 'node:test'
import { WebSocket } from 'ws'
import { keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { aCall, accountA, accountB, anAgentView, aSupervision, ScriptedDesk, supervised } from '../../testkit/desk.ts'
import type { Call } from '../call/call.ts'
import type { Endpoint } from '../call/endpoint.ts'
import { adjustLimits } from '../edge/adjustable-limits.ts'
import { callId, partyId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { EventFeed } from './event-feed.ts'
import { SseStream } from './event-streams.ts'

let server: TestServer
before(async () => {
  server = await startApi()
})
after(() => server.close())
beforeEach(() => server.desk.clear())

interface Event {
  readonly id: string
  readonly seq: number
  readonly type: string
  readonly at: string
  readonly callId?: string
  readonly call?: { readonly id: string; readonly revision: number }
  readonly data: Readonly<Record<string, unknown>>
}

interface Reader {
  readonly events: Event[]
  readonly status: number
  /** What was sent beside events. */
  text(): string
  until(count: number): Promise<readonly Event[]>
  readonly closed: Promise<number>
}

/** A reader of server-sent events that goes away with its test. */
async function sse(t: TestContext, target: string, headers: Record<string, string> = {}, at: TestServer = server): Promise<Reader> {
  const abort = new AbortController()
  t.after(() => abort.abort())
  const response = await fetch(`${at.url}/sotto/v1/events${target}`, {
    headers: { Authorization: `Bearer ${keys.observer}`, ...headers },
    signal: abort.signal,
  })
  const events: Event[] = []
  let text = ''
  const reading = async () => {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk
      const frames = text.split('\n\n').slice(0, -1)
      const seen = frames.flatMap((frame) => (/^data: (.*)$/m.exec(frame)?.[1] ?? '') || [])
      for (const data of seen.slice(events.length)) events.push(JSON.parse(data) as Event)
    }
    return 0
  }
  const closed = reading().catch(() => 1)
  return { events, status: response.status, text: () => text, until: (count) => until(events, count), closed }
}

async function webSocket(
  t: TestContext,
  target: string,
  headers: Record<string, string> = { Authorization: `Bearer ${keys.observer}` },
  at: TestServer = server,
): Promise<Reader> {
  const socket = new WebSocket(`${at.url.replace('http', 'ws')}/sotto/v1/events${target}`, { headers })
  t.after(() => socket.terminate())
  const events: Event[] = []
  socket.on('message', (data) => events.push(JSON.parse(String(data)) as Event))
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  const status = await new Promise<number>((resolve, reject) => {
    socket.on('open', () => resolve(101))
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    socket.on('error', reject)
  })
  return { events, status, text: () => '', until: (count) => until(events, count), closed }
}

async function until(events: readonly Event[], count: number): Promise<readonly Event[]> {
  const patience = Date.now() + 5000
  while (events.length < count && Date.now() < patience) await new Promise((resolve) => setTimeout(resolve, 2))
  return events
}

async function eventually(condition: () => boolean): Promise<void> {
  const patience = Date.now() + 5000
  while (!condition() && Date.now() < patience) await new Promise((resolve) => setTimeout(resolve, 2))
  assert.ok(condition())
}

const ringing = (call: Call) =>
  server.desk.happened({ ...call, seq: call.seq + 1 }, { type: 'call.ringing', data: { party: partyId('p-a') } })
const muted = (call: Call) => server.desk.happened(call, { type: 'party.muted', data: { party: partyId('p-a') } })
const ids = (events: readonly Event[]) => events.map(({ id }) => id)

for (const [name, open] of [
  ['server-sent events', sse],
  ['WebSocket', webSocket],
] as const) {
  describe(name, () => {
    test('an event tells what happened, and the call as it is then', async (t) => {
      const reader = await open(t, '')
      const out = ringing(aCall('c1'))
      const [event] = await reader.until(1)
      assert.deepEqual(
        { ...event, call: event?.call?.id },
        { id: out.id, seq: 6, type: 'call.ringing', at: '2026-11-20T12:00:00.250Z', callId: 'c1', call: 'c1', data: { party: 'p-a' } },
      )
      const { json } = await server.ask('GET /calls/c1', { key: keys.observer })
      assert.deepEqual(event?.call, json)
    })

    test('the state of an agent is an event of its own', async (t) => {
      const reader = await open(t, '')
      const out = server.desk.agentChanged(accountA, anAgentView('1234', { state: 'on-call', call: callId('c1') }))
      const [event] = await reader.until(1)
      const data = {
        id: '1234',
        username: '1234@example.com',
        name: 'Paco Vu',
        extension: '210',
        role: 'agent',
        groups: ['030'],
        state: 'on-call',
        since: '2026-11-20T12:00:00.250Z',
        callId: 'c1',
        tally: { handled: 0, missed: 0, talkMs: 0 },
      }
      assert.deepEqual(event, { id: out.id, seq: 0, type: 'agent.state', at: '2026-11-20T12:00:00.250Z', data })
    })

    test('who joined is shown without what is nobody’s business', async (t) => {
      const reader = await open(t, '')
      const endpoint: Endpoint = { kind: 'number', account: accountA, trunk: 'secret-trunk', number: '+1555', name: 'Cleo' }
      server.desk.happened(aCall('c1'), { type: 'party.joined', data: { party: partyId('p-c'), role: 'customer', endpoint } })
      const [event] = await reader.until(1)
      assert.deepEqual(event?.data, { party: 'p-c', role: 'customer', number: '+1555', name: 'Cleo' })
    })

    test('a cursor replays what came after it, then goes on live, without gap or double', async (t) => {
      const made = [1, 2, 3, 4].map(() => ringing(aCall('c1')))
      const reader = await open(t, `?cursor=${made[1]?.id}`)
      const live = [1, 2, 3].map(() => ringing(aCall('c1')))
      assert.deepEqual(ids(await reader.until(5)), ids([...made.slice(2), ...live] as unknown as Event[]))
    })

    test('filters by type, by kind of type and by call', async (t) => {
      server.desk.put(aCall('c1'), aCall('c2'))
      const readers = [await open(t, '?types=party.muted'), await open(t, '?types=agent.state,call.*'), await open(t, '?callId=c2')]
      muted(aCall('c1'))
      ringing(aCall('c2'))
      server.desk.agentChanged(accountA, anAgentView('1', { call: callId('c2') }))
      server.desk.agentChanged(accountA, anAgentView('2'))
      await readers[1]?.until(3)
      const types = readers.map(({ events }) => events.map(({ type }) => type))
      assert.deepEqual(types, [['party.muted'], ['call.ringing', 'agent.state', 'agent.state'], ['call.ringing']])
    })

    test('what is asked for with nothing behind it is not asked for', async (t) => {
      const reader = await open(t, '?cursor=&types=&callId=')
      ringing(aCall('c1'))
      assert.equal((await reader.until(1)).length, 1)
    })

    test('nothing of another account is ever seen', async (t) => {
      const reader = await open(t, '')
      ringing(aCall('theirs', { account: accountB }))
      server.desk.agentChanged(accountB, anAgentView('theirs'))
      ringing(aCall('ours'))
      assert.deepEqual(
        (await reader.until(1)).map(({ callId: id }) => id),
        ['ours'],
      )
    })

    test('who has gone is forgotten', async (t) => {
      await eventually(() => server.desk.subscribers === 0)
      await t.test('for a moment', async (inner) => {
        await open(inner, '')
        assert.equal(server.desk.subscribers, 1)
      })
      await eventually(() => server.desk.subscribers === 0)
    })

    test('a replay longer than the backlog arrives whole', async (t) => {
      const first = ringing(aCall('c1'))
      const made = Array.from({ length: limits.eventBacklogPerSubscriber * 3 }, () => ringing(aCall('c1')))
      const reader = await open(t, `?cursor=${first.id}`)
      assert.deepEqual(ids(await reader.until(made.length)), ids(made as unknown as Event[]))
    })

    test('browsers may give the credential in the address', async (t) => {
      const reader = await open(t, `?access_token=${keys.observer}`, {})
      assert.ok(reader.status < 300)
    })

    for (const [what, target, status] of [
      ['a cursor that is not kept', '?cursor=e999999', 410],
      ['a type that does not exist', '?types=call.rang', 422],
      ['a call that does not exist', '?callId=nope', 404],
    ] as const) {
      test(`${what} is refused before the stream begins`, async (t) => {
        assert.equal((await open(t, target)).status, status)
      })
    }

    test('a reader who does not read is cut off, and nobody else', async (t) => {
      await eventually(() => server.desk.subscribers === 0)
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
      t.after(() => socket.destroy())
      const upgrade =
        name === 'WebSocket'
          ? 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'
          : ''
      socket.write(`GET /sotto/v1/events HTTP/1.1\r\nHost: x\r\n${upgrade}Authorization: Bearer ${keys.observer}\r\n\r\n`)
      socket.pause()
      const good = await open(t, '?types=call.ended')
      await eventually(() => server.desk.subscribers === 2)
      const big = aCall('c1', { reference: 'x'.repeat(20_000) })
      for (let i = 0; i < 2000 && server.desk.subscribers === 2; i += 1) {
        ringing(big)
        if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      await eventually(() => server.desk.subscribers === 1)
      server.desk.happened(aCall('c1'), { type: 'call.ended', data: { reason: 'hangup' } })
      assert.equal((await good.until(1)).length, 1)
    })
  })
}

test('the header Last-Event-ID wins over the cursor of the address, which an EventSource repeats for ever', async (t) => {
  const made = [1, 2, 3].map(() => ringing(aCall('c1')))
  const reader = await sse(t, `?cursor=${made[0]?.id}`, { 'Last-Event-ID': made[1]?.id ?? '' })
  assert.deepEqual(ids(await reader.until(1)), [made[2]?.id])
})

test('a supervision’s events name it, its party, mode and target', async (t) => {
  const reader = await sse(t, '')
  const facts = {
    supervision: aSupervision('s1').id,
    party: partyId('p-s'),
    mode: 'whisper',
    target: partyId('p-a'),
    private: false,
  } as const
  server.desk.happened(supervised(aCall('c1'), aSupervision('s1')), { type: 'supervision.mode-changed', data: facts })
  assert.deepEqual((await reader.until(1))[0]?.data, facts)
})

test('HEAD answers with the headers and without a stream', async () => {
  const { status, headers } = await server.ask('HEAD /events', { key: keys.observer })
  assert.deepEqual([status, headers.get('content-type')], [200, 'text/event-stream; charset=utf-8'])
})

test('what happens while a stream is being ended is no error', async () => {
  const desk = new ScriptedDesk()
  const stream = new SseStream()
  const errors: unknown[] = []
  stream.readable.on('error', (error) => errors.push(error))
  stream.start(new EventFeed(desk, [], { account: accountA, wants: () => true, backlog: 10 }, stream))
  stream.readable.resume()
  await new Promise((resolve) => setImmediate(resolve))
  stream.end()
  desk.happened(aCall('c1'), { type: 'call.ended', data: { reason: 'hangup' } })
  stream.heartbeat()
  stream.end()
  await new Promise((resolve) => stream.readable.on('close', resolve))
  assert.deepEqual(errors, [])
})

describe('a server of its own', () => {
  test('silence is filled with comments and pings; a lapsed token ends the stream', async (t) => {
    const own = await startApi({ heartbeatMs: 20 })
    t.after(() => own.close())
    const { json } = await own.ask('POST /oauth/token', {
      body: { grant_type: 'client_credentials', client_id: '12440011', client_secret: keys.observer },
    })
    const bearer = { Authorization: `Bearer ${json.access_token}` }
    const readers = [await sse(t, '', bearer, own), await webSocket(t, '', bearer, own)]
    await eventually(() => /(?:: \n\n){2}/.test(readers[0]?.text() ?? ''))
    assert.equal(own.desk.subscribers, 2, 'a WebSocket that answers pings stays')
    own.advance(limits.tokenMs)
    assert.deepEqual(await Promise.all(readers.map(({ closed }) => closed)), [0, 1001])
  })

  test('there is room for a fixed number of streams, and for another as soon as one goes', async (t) => {
    const own = await startApi()
    t.after(() => own.close())
    const { eventSubscribers } = limits
    adjustLimits({ eventSubscribers: 1 })
    t.after(() => adjustLimits({ eventSubscribers }))
    await t.test('full', async (inner) => {
      await sse(inner, '', {}, own)
      const refused = await own.ask('GET /events', { key: keys.observer })
      assert.deepEqual([refused.status, refused.json.code, refused.headers.get('retry-after')], [503, 'capacity-exceeded', '5'])
    })
    await eventually(() => own.desk.subscribers === 0)
    assert.equal((await sse(t, '', {}, own)).status, 200)
  })

  test('a WebSocket that does not answer pings is closed', async (t) => {
    const own = await startApi({ heartbeatMs: 20 })
    t.after(() => own.close())
    const socket = new WebSocket(`${own.url.replace('http', 'ws')}/sotto/v1/events?access_token=${keys.observer}`, { autoPong: false })
    t.after(() => socket.terminate())
    const code = await new Promise((resolve) => socket.on('close', resolve))
    assert.equal(code, 1006)
  })

  test('shutdown ends all streams, and soon', async (t) => {
    const own = await startApi()
    const readers = [await sse(t, '', {}, own), await webSocket(t, '', undefined, own)]
    await own.close()
    assert.deepEqual(await Promise.all(readers.map(({ closed }) => closed)), [0, 1001])
    await eventually(() => own.desk.subscribers === 0)
  })
})
