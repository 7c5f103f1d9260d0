/** Agents are told nothing of supervision, unless their account says so: not in calls, lists, events, hearing, records or the audit. */
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { aCall, accountA, anAgent, anAgentView, aSupervision, aSupervisor, noon, supervised } from '../../testkit/desk.ts'
import { eventually } from '../../testkit/phone-wait.ts'
import { RecordingFolder } from '../../testkit/recording-shelf.ts'
import type { Call } from '../call/call.ts'
import { emptyCdr } from '../call/cdr.ts'
import type { CallEventBody } from '../call/event.ts'
import type { HearingRow } from '../call/matrix.ts'
import { digest } from '../http/secrets.ts'
import { callId, partyId, supervisionId } from '../kernel/ids.ts'
import { ok } from '../kernel/outcome.ts'

const [p, s, a, c] = ['p-s', 's1', 'p-a', 'p-c']
const row = (listener: string, ...talkers: string[]): HearingRow => ({ listener: partyId(listener), talkers: talkers.map(partyId) })
const rows = [row(c, a), row(a, c, p), row(p, c, a)]
const plain = aCall('c1')
const watched: Call = {
  ...supervised(plain, aSupervision(s, { mode: 'whisper' })),
  wiring: { revision: 2, applied: 2, appliedAt: noon, confirmed: rows, sent: [{ revision: 3, rows }] },
}

/** Nothing that would be there without a supervisor is named so. */
const hints = /supervis(?!ions":\[\])|p-s|s1\b|Sara|whisper|monitor|"101"/

let server: TestServer
let folder: RecordingFolder

/** The floor as it is while 101 whispers to the agent in c1. */
function fill({ desk, history }: TestServer): void {
  desk.put(watched)
  desk.setAgents([
    anAgentView('1234', { state: 'on-call', call: callId('c1') }),
    anAgentView('77', {
      name: 'S. M.',
      extension: '101',
      role: 'supervisor',
      state: 'on-call',
      call: callId('c1'),
      reason: 'x',
      loggedInAt: noon,
    }),
  ])
  const phone = { registered: true, contacts: 1, calls: [callId('c1')] }
  desk.extensionsNow = [
    { number: '210', name: 'Paco Vu', ...phone },
    { number: '101', name: 'S. M.', ...phone },
  ]
  const parties = watched.parties.map(({ id, role, endpoint }) => ({ id, role, endpoint, joinedAt: noon, onHold: false }))
  const supervisions = [{ id: supervisionId(s), party: partyId(p), follow: 'call' as const, requestedAt: noon, intervals: [] }]
  history.keepCdr({ ...emptyCdr(callId('c1'), accountA), startedAt: noon, parties, supervisions })
}

async function open(settings: Parameters<typeof startApi>[0] = {}): Promise<TestServer> {
  const opened = await startApi({ recordings: folder.root, ...settings })
  fill(opened)
  return opened
}

before(() => {
  folder = new RecordingFolder()
  folder.file(accountA, { id: 'c1-1', call: 'c1', startedAt: noon })
})
after(() => folder.close())
beforeEach(async () => {
  server = await open()
})
afterEach(() => server.close())

const get = async (line: string, key: string = keys.agent) => await server.ask(`GET ${line}`, { key })

/** The texts of events that came of what happened, to somebody with this key. */
async function heard(key: string, ...happenings: readonly (readonly [Call, CallEventBody])[]): Promise<readonly string[]> {
  const abort = new AbortController()
  const answer = await fetch(`${server.url}/sotto/v1/events`, { headers: { Authorization: `Bearer ${key}` }, signal: abort.signal })
  for (const [call, body] of happenings) server.desk.happened(call, body)
  server.desk.happened(aCall('last'), { type: 'call.ended', data: { reason: 'hangup' } })
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk)
    if (text.includes('call.ended')) break
  }
  abort.abort()
  return text.split('\n').filter((line) => line.startsWith('data: '))
}

describe('an agent whose account says nothing of it', () => {
  for (const line of ['/calls', '/calls/c1', '/calls/c1/hearing', '/cdrs', '/supervisions'])
    test(`finds no hint in ${line}, where a supervisor finds what there is`, async () => {
      const answer = await get(line)
      assert.equal(answer.status, 200)
      assert.doesNotMatch(answer.text, hints)
      assert.match((await get(line, keys.supervisor)).text, hints)
    })

  test('is told of no track beside the mix: one of them might be a supervisor’s', async () => {
    const tracks = async (key: string) => (await get('/recordings/c1-1', key)).json.tracks.map(({ track }: { track: string }) => track)
    assert.deepEqual([await tracks(keys.agent), await tracks(keys.supervisor)], [['mix'], ['p-c', 'p-a', 'mix']])
    assert.equal((await get('/recordings')).json.items[0].tracks.length, 1)
  })

  test('sees the rest of the call as it is', async () => {
    const { json } = await get('/calls/c1')
    assert.deepEqual(
      [json.state, json.parties.map(({ id }: { id: string }) => id), json.supervisions, json.revision],
      ['active', [c, a], [], watched.revision],
    )
    const hearing = (await get('/calls/c1/hearing')).json
    assert.deepEqual(
      hearing.pairs.map((pair: { listener: string; talker: string }) => [pair.listener, pair.talker]),
      [
        [c, a],
        [a, c],
      ],
    )
    assert.equal(hearing.appliedAt, null, 'the time tells when a supervisor came')
    const untouched = server.desk
    untouched.put(plain)
    assert.equal((await get('/calls/c1/hearing')).json.appliedAt, null, 'nor does its being there')
  })

  test('finds supervisors away, and not in the call', async () => {
    const { json, text } = await get('/agents')
    const [own, sara] = json.items
    assert.deepEqual([own.state, own.callId], ['on-call', 'c1'])
    assert.deepEqual([sara.state, sara.callId, sara.reason, sara.since], ['away', undefined, undefined, '2026-11-20T12:00:00.250Z'])
    assert.ok(!text.includes('"x"'))
    const { items } = (await get('/extensions')).json
    assert.deepEqual(
      items.map((one: { calls: string[] }) => one.calls),
      [['c1'], []],
    )
  })

  test('a supervision does not exist, and the audit is not for him', async () => {
    assert.deepEqual([(await get('/supervisions')).json.items, (await get('/supervisions/s1')).status], [[], 404])
    for (const line of ['/audit', '/audit/verify', '/audit/export']) {
      const { status, json } = await get(line)
      assert.deepEqual([line, status, json.code], [line, 403, 'forbidden'])
      assert.equal((await get(line, keys.supervisor)).status, 200)
    }
  })

  test('a record that is found by its supervisor only is not found', async () => {
    const found = async (query: string) => (await get(`/cdrs?${query}`)).json.items.length
    assert.deepEqual([await found('number=101'), await found('number=210'), await found('number=%2B15550001111')], [0, 1, 1])
    assert.equal((await get('/cdrs?number=101', keys.supervisor)).json.items.length, 1)
  })

  test('what he orders is answered without it, too', async () => {
    server.desk.answers(() => ok({ call: watched }))
    const answer = await server.ask('POST /calls/c1/parties/p-a/mute', { key: keys.agent })
    assert.deepEqual([answer.status, hints.test(answer.text)], [200, false])
  })

  test('nor is what he ordered of a process that died meanwhile', async () => {
    await server.close()
    // The digest of this very order, as the log would have it.
    const order = digest('POST /sotto/v1/calls/c1/park\n{}').toString('base64')
    server = await open({ earlierOrder: (name) => ({ name, digest: order, at: noon, call: callId('c1') }) })
    const asked = { key: keys.agent, body: {}, headers: { 'Idempotency-Key': 'once' } }
    const { status, text } = await server.ask('POST /calls/c1/park', asked)
    assert.equal(status, 200, text)
    assert.doesNotMatch(text, hints)
    assert.match(text, /"id":"c1"/)
  })

  test('events of supervision do not come, and all others come without it', async () => {
    const facts = { supervision: supervisionId(s), party: partyId(p), mode: 'whisper' as const, target: partyId(a), private: false }
    const joined = { party: partyId(p), role: 'supervisor' as const, endpoint: aSupervisor(p, '101').endpoint }
    const files = [p, a, 'mix'].map((track) => ({
      kind: track === 'mix' ? ('mix' as const) : ('track' as const),
      track,
      bytes: 1,
      durationMs: 1,
    }))
    const happenings: readonly (readonly [Call, CallEventBody])[] = [
      [watched, { type: 'supervision.requested', data: { ...facts, follow: 'call' } }],
      [watched, { type: 'party.joined', data: joined }],
      [watched, { type: 'supervision.active', data: facts }],
      [watched, { type: 'hearing.applied', data: { revision: 2, pairs: [] } }],
      [watched, { type: 'supervision.mode-changed', data: facts }],
      [watched, { type: 'party.muted', data: { party: partyId(p) } }],
      [watched, { type: 'party.dtmf', data: { party: partyId(p), digit: '5' } }],
      [watched, { type: 'supervision.ended', data: { ...facts, reason: 'hangup' } }],
      [watched, { type: 'party.left', data: { party: partyId(p), reason: 'hangup' } }],
      [watched, { type: 'call.held', data: { party: partyId(a) } }],
      [watched, { type: 'recording.stored', data: { id: 'c1-1', files, complete: true } }],
    ]
    const agents = await heard(keys.agent, ...happenings)
    assert.deepEqual(
      agents.map((line) => JSON.parse(line.slice(6)).type),
      ['call.held', 'recording.stored', 'call.ended'],
    )
    for (const line of agents) assert.doesNotMatch(line, hints)
    assert.match(agents[1] ?? '', /"track":"p-a"/)
    assert.equal((await heard(keys.supervisor, ...happenings)).length, happenings.length + 1)
  })

  test('events of before are replayed without it', async () => {
    const first = server.desk.happened(plain, { type: 'call.created', data: { direction: 'inbound', ani: '1', dnis: '2' } })
    server.desk.happened(watched, { type: 'hearing.applied', data: { revision: 2, pairs: [] } })
    server.desk.happened(watched, { type: 'call.held', data: { party: partyId(a) } })
    const answer = await fetch(`${server.url}/sotto/v1/events?cursor=${first.id}`, { headers: { Authorization: `Bearer ${keys.agent}` } })
    const reader = answer.body?.getReader()
    let text = ''
    await eventually('the replay', async () => {
      text += new TextDecoder().decode((await reader?.read())?.value)
      return text.includes('call.held')
    })
    await reader?.cancel()
    assert.doesNotMatch(text, hints)
    assert.doesNotMatch(text, /hearing/)
  })

  test('who has taken the call over is its agent, and is seen', async () => {
    const taken = {
      ...watched,
      supervisions: [aSupervision(s, { state: 'ended' })],
      parties: [...plain.parties.slice(0, 1), { ...anAgent(p, '101') }],
    }
    server.desk.put(taken)
    const { json } = await get('/calls/c1')
    assert.deepEqual(
      json.parties.map(({ id, role }: { id: string; role: string }) => [id, role]),
      [
        [c, 'customer'],
        [p, 'agent'],
      ],
    )
    assert.deepEqual(json.supervisions, [])
    const [line] = await heard(keys.agent, [taken, { type: 'party.role', data: { party: partyId(p), role: 'agent' } }])
    assert.match(line ?? '', /party\.role/)
  })
})

test('where the account says so, agents are told all of it', async () => {
  await server.close()
  server = await open({ tellsAgents: true })
  for (const line of ['/calls/c1', '/calls/c1/hearing', '/cdrs', '/supervisions/s1']) assert.match((await get(line)).text, hints)
  assert.equal((await get('/recordings/c1-1')).json.tracks.length, 3)
  assert.equal((await get('/extensions')).json.items[1].calls.length, 1)
  assert.equal((await get('/audit')).status, 200)
})

test('other supervisors see who it is', async () => {
  const { json } = await get('/calls/c1', keys.observer)
  assert.deepEqual(json.supervisions[0].supervisor, { extension: '101', name: 'Sara Monitor' })
})
