import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { aCall, noon } from '../../testkit/desk.ts'
import { refusal } from '../call/refusal.ts'
import type { DeskCommand } from '../control/command.ts'
import { callId, partyId } from '../kernel/ids.ts'
import { fail, ok } from '../kernel/outcome.ts'
import { addMs, instant } from '../kernel/time.ts'
import { eventText } from './event-view.ts'

let server: TestServer
const call = callId('c1')
before(async () => {
  server = await startApi()
})
after(() => server.close())
beforeEach(() => {
  server.desk.clear()
  server.desk.put(aCall('c1'))
  server.desk.answers(() => ok({ call: aCall('c1', { revision: 4 }) }))
})

const acts = [
  ['PUT /calls/c1/recording', { state: 'on' }, 200, { kind: 'record', call, state: 'on' }],
  ['PUT /calls/c1/recording', { state: 'paused' }, 200, { kind: 'record', call, state: 'paused' }],
  ['PUT /calls/c1/disposition', { disposition: 'Sale' }, 200, { kind: 'dispose', call, disposition: 'Sale' }],
  [
    'PUT /calls/c1/disposition',
    { disposition: 'Call back', notes: 'Line one\nline two', callbackAt: '2026-11-21T11:30:00+02:00' },
    200,
    {
      ...{ kind: 'dispose', call, disposition: 'Call back', notes: 'Line one\nline two' },
      callbackAt: instant(Date.UTC(2026, 10, 21, 9, 30)),
    },
  ],
  ['POST /calls/c1/park', {}, 200, { kind: 'park', call }],
  [
    'POST /calls/c1/park',
    { party: 'p-a', place: '705', timeoutMs: '60000' },
    200,
    { kind: 'park', call, party: partyId('p-a'), place: '705', timeoutMs: 60_000 },
  ],
  ['POST /calls/c1/unpark', { to: { agent: '4567' } }, 202, { kind: 'unpark', call, to: { agent: '4567' } }],
  [
    'POST /calls/c1/pick-up',
    { to: { extension: '211' }, ringTimeoutMs: 5000 },
    202,
    { kind: 'pick-up', call, to: { extension: '211' }, ringTimeoutMs: 5000 },
  ],
  ['POST /calls/c1/requeue', { group: '200' }, 200, { kind: 'requeue', call, group: '200' }],
  [
    'POST /calls/c1/transfer',
    { to: { extension: '211' }, type: 'hand-over' },
    202,
    { kind: 'transfer', call, to: { extension: '211' }, how: 'hand-over' },
  ],
] satisfies readonly (readonly [string, object, number, DeskCommand])[]

for (const [line, body, status, command] of acts) {
  test(`${line} ${JSON.stringify(body)} answers ${status} and the call`, async () => {
    const answer = await server.ask(line, { key: keys.admin, body })
    assert.deepEqual([answer.status, answer.json.id, answer.headers.get('etag')], [status, 'c1', '"4"'])
    assert.deepEqual(server.desk.requests.at(-1)?.command, command)
  })
}

test('park needs no body at all', async () => {
  const { status } = await server.ask('POST /calls/c1/park', { key: keys.admin })
  assert.equal(status, 200)
})

describe('in the order of the checks', () => {
  for (const [line, good, bad, parameter] of [
    ['PUT /calls/c1/recording', { state: 'on' }, { state: 'loud' }, 'state'],
    ['PUT /calls/c1/disposition', { disposition: 'Sale' }, { disposition: 7.5 }, 'disposition'],
    ['PUT /calls/c1/disposition', { disposition: 'Sale' }, { disposition: 'Sale', callbackAt: 'tomorrow' }, 'callbackAt'],
    ['PUT /calls/c1/disposition', { disposition: 'Sale' }, { disposition: 'Sale', callbackAt: '2026-13-45T00:00:00Z' }, 'callbackAt'],
    ['POST /calls/c1/park', {}, { place: 'lot 5' }, 'place'],
    ['POST /calls/c1/park', {}, { timeoutMs: 9999 }, 'timeoutMs'],
    ['POST /calls/c1/unpark', { to: { extension: '211' } }, { to: { extension: '211', number: '1' } }, 'to'],
    ['POST /calls/c1/pick-up', { to: { extension: '211' } }, {}, 'to'],
    ['POST /calls/c1/requeue', { group: '200' }, {}, 'group'],
  ] as const) {
    test(`${line} ${JSON.stringify(bad)}: role, parameters, existence, and then the desk`, async () => {
      const observed = await server.ask(line, { key: keys.observer, body: good })
      const malformed = await server.ask(line, { key: keys.admin, body: bad })
      const unknown = await server.ask(line.replace('c1', 'nope'), { key: keys.admin, body: good })
      assert.deepEqual([observed.status, malformed.status, unknown.status], [403, 422, 404])
      assert.equal(malformed.json.parameter, parameter)
      assert.equal(server.desk.requests.length, 0)
    })
  }
})

for (const [line, body, code, status] of [
  ['PUT /calls/c1/recording', { state: 'on' }, 'recording-not-permitted', 403],
  ['PUT /calls/c1/disposition', { disposition: 'Sail' }, 'disposition-unknown', 422],
  ['PUT /calls/c1/disposition', { disposition: 'Sale' }, 'call-ended', 409],
  ['POST /calls/c1/park', {}, 'wrong-state', 409],
  ['POST /calls/c1/requeue', { group: '999' }, 'resource-unknown', 404],
] as const) {
  test(`${line}: what the desk refuses as ${code} is ${status}`, async () => {
    server.desk.answers(() => fail(refusal(code)))
    const answer = await server.ask(line, { key: keys.admin, body })
    assert.deepEqual([answer.status, answer.json.code], [status, code])
  })
}

test('a call shows its recording, its disposition and where it is parked', async () => {
  server.desk.put(
    aCall('c1', {
      recording: { automatic: true, onDemand: true, announced: false, state: 'paused' },
      disposition: { name: 'Sale', notes: 'secret', at: noon },
      parked: { place: '701', by: partyId('p-a'), since: noon, deadline: addMs(noon, 1000), offering: undefined },
    }),
  )
  const { json } = await server.ask('GET /calls/c1', { key: keys.observer })
  assert.deepEqual(json.recording, { state: 'paused' })
  assert.equal(json.disposition, 'Sale')
  assert.deepEqual(json.parked, { place: '701', partyId: 'p-a', since: '2026-11-20T12:00:00.250Z' })
})

test('the events of recording, disposition and parking are told, times as text', () => {
  const told = [
    { type: 'recording.started', data: { resumed: false } },
    { type: 'recording.paused', data: {} },
    { type: 'recording.stopped', data: {} },
    { type: 'call.parked', data: { party: partyId('p-a'), place: '701' } },
    { type: 'call.unparked', data: { party: partyId('p-b'), place: '701' } },
    { type: 'disposition.set', data: { disposition: 'Call back', callbackAt: noon } },
  ] as const
  const texts = told.map((body) => JSON.parse(eventText(server.desk.happened(aCall('c1'), body))))
  assert.deepEqual(
    texts.map(({ type, data }) => ({ type, data })),
    [...told.slice(0, -1), { type: 'disposition.set', data: { disposition: 'Call back', callbackAt: '2026-11-20T12:00:00.250Z' } }],
  )
})

test('agents of a call are found without leading zeros', async () => {
  const { json } = await server.ask('GET /calls?agent=00agent-210', { key: keys.observer })
  assert.deepEqual(
    json.items.map(({ id }: { id: string }) => id),
    ['c1'],
  )
})
