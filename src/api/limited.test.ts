/** The API as somebody sees it whom groups limit: streams, history that is older than the desk remembers, and attempts in the audit. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { aCall, aCustomer, accountA, anAgent, anAgentView, noon } from '../../testkit/desk.ts'
import { RecordingFolder } from '../../testkit/recording-shelf.ts'
import { callCentre } from '../../testkit/world-call-centre.ts'
import type { Call } from '../call/call.ts'
import { type Cdr, emptyCdr } from '../call/cdr.ts'
import { callId } from '../kernel/ids.ts'

/** Behind the supervisor's key: group Support (200), whose agent is 106. His own phones are 024 and 102. */
const directory = callCentre(({ accounts }) => {
  const [account] = accounts as unknown as { users: { id: string; extensions: string[]; permissions?: object }[] }[]
  const wanda = account?.users.find(({ id }) => id === '13')
  Object.assign(wanda ?? {}, { extensions: ['024', '102'], permissions: { groups: ['200'] } })
})

let server: TestServer
let folder: RecordingFolder
before(async () => {
  folder = new RecordingFolder()
  server = await startApi({ directory, recordings: folder.root })
})
after(async () => {
  await server.close()
  folder.close()
})
beforeEach(() => server.desk.clear())

const phoneOf = (id: string, extension: string) => {
  const party = anAgent(id, extension)
  return { ...party, endpoint: { ...party.endpoint, agent: extension === '210' ? '1234' : extension } } as typeof party
}
const inSales = (id: string): Call => aCall(id, { group: '030', parties: [aCustomer('p-c'), phoneOf('p-a', '210')] })
const inSupport = (id: string): Call => aCall(id, { group: '200', parties: [aCustomer('p-c'), phoneOf('p-a', '106')] })

async function streamed(tell: () => void): Promise<string> {
  const stream = await fetch(`${server.url}/sotto/v1/events`, { headers: { Authorization: `Bearer ${keys.supervisor}` } })
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
  assert.ok(reader)
  tell()
  let text = ''
  while (!text.includes('"last"')) text += (await reader.read()).value ?? ''
  await reader.cancel()
  return text
}

test('an event stream tells of his groups’ calls and agents', async () => {
  const text = await streamed(() => {
    const answered = { type: 'call.answered', data: { party: 'p-a' } } as const
    server.desk.happened(inSales('sales-1'), answered as never)
    server.desk.happened(inSupport('support-1'), answered as never)
    server.desk.agentChanged(accountA, anAgentView('1234', { name: 'Sales agent' }))
    server.desk.agentChanged(accountA, anAgentView('106', { name: 'last', extension: '106' }))
  })
  assert.ok(text.includes('support-1') && !text.includes('sales-1') && !text.includes('Sales agent'))
})

test('a call of others in the filter of a stream is unknown', async () => {
  server.desk.put(inSales('c1'))
  assert.equal((await server.ask('GET /events?callId=c1', { key: keys.supervisor })).status, 404)
})

describe('history that the desk has forgotten', () => {
  const record = (call: Call): Cdr => ({
    ...emptyCdr(call.id, accountA),
    ...{ startedAt: noon, answeredAt: noon, endedAt: noon, ...(call.group === undefined ? {} : { group: call.group }) },
    parties: call.parties.map(({ id, role, endpoint }) => ({ id, role, endpoint, joinedAt: noon, onHold: false })),
  })
  before(() => {
    for (let i = 0; i < 60; i += 1) server.history.keepCdr(record({ ...inSales(`sold-${i}`) }))
    server.history.keepCdr({ ...record(inSupport('supported-1')), startedAt: (noon - 1_000) as typeof noon })
    folder.file(accountA, { id: 'sold-1-1', call: 'sold-1', startedAt: noon })
    folder.file(accountA, { id: 'supported-1-1', call: 'supported-1', startedAt: noon })
    folder.file(accountA, { id: 'lost-1-1', call: 'lost-1', startedAt: noon })
  })
  const ids = async (line: string, key: string = keys.supervisor) =>
    (await server.ask(line, { key })).json.items.map(({ id }: { id: string }) => id)

  test('of call records he gets his groups’, past a page of others', async () => {
    assert.deepEqual(await ids('GET /cdrs'), ['supported-1'])
    assert.equal((await ids('GET /cdrs', keys.admin)).length, 50)
  })

  test('of recordings, too; one of a call of which nothing is known any more is nobody’s', async () => {
    assert.deepEqual(await ids('GET /recordings'), ['supported-1-1'])
    for (const path of ['', '/audio']) {
      assert.equal((await server.ask(`GET /recordings/sold-1-1${path}`, { key: keys.supervisor })).status, 404, path)
      assert.equal((await server.ask(`GET /recordings/lost-1-1${path}`, { key: keys.supervisor })).status, 404, path)
      assert.equal((await server.ask(`GET /recordings/supported-1-1${path}`, { key: keys.supervisor })).status, 200, path)
    }
    assert.equal((await server.ask('POST /recordings/sold-1-1/links', { key: keys.supervisor, body: {} })).status, 404)
  })

  test('the audit tells him of his groups’ calls', async () => {
    const about = { kind: 'access.denied', act: 'record', code: 'forbidden', by: { role: 'observer' } } as const
    const entry = (seq: number, call: string) => ({
      account: accountA,
      seq,
      hash: `h${seq}`,
      previous: `h${seq - 1}`,
      at: noon,
      fact: { ...about, call: callId(call) },
    })
    for (const [i, call] of ['sold-1', 'supported-1', 'sold-2', 'lost-1'].entries()) server.history.keepEntry(entry(i + 1, call))
    const calls = async (key: string) =>
      (await server.ask('GET /audit', { key })).json.items.map(({ callId }: { callId: string }) => callId)
    assert.deepEqual(await calls(keys.supervisor), ['supported-1'])
    assert.deepEqual(await calls(keys.admin), ['sold-1', 'supported-1', 'sold-2', 'lost-1'])
  })
})

describe('attempts that never come to the desk', () => {
  const attempts = () => server.desk.attempts.map(({ caller, attempt }) => ({ role: caller.role, ...attempt }))

  test('are told for the audit: who, what, and on which call', async () => {
    server.desk.put(inSales('c1'))
    const body = { supervisor: { extension: '101' }, mode: 'barge' }
    assert.equal((await server.ask('POST /calls/c1/supervisions', { key: keys.observer, body })).status, 403)
    assert.equal((await server.ask('PUT /calls/c1/recording', { key: keys.observer, body: { state: 'on' } })).status, 403)
    assert.equal((await server.ask('GET /recordings/sold-1-1/audio', { key: keys.observer })).status, 403)
    assert.equal((await server.ask('POST /calls/c1/parties/p-a/hold', { key: keys.observer })).status, 403)
    assert.deepEqual(attempts(), [
      { role: 'observer', act: 'supervise', code: 'forbidden', call: 'c1', mode: 'barge' },
      { role: 'observer', act: 'setRecording', code: 'forbidden', call: 'c1' },
      { role: 'observer', act: 'getRecordingAudio', code: 'recording-not-permitted', about: 'sold-1-1' },
      { role: 'observer', act: 'holdParty', code: 'forbidden', call: 'c1', about: 'p-a' },
    ])
  })

  test('an agent’s at a call of somebody else, too; what is permitted, and what merely does not exist, is no attempt', async () => {
    server.desk.put(aCall('not-his', { parties: [aCustomer('p-c'), anAgent('p-a', '211')] }))
    assert.equal((await server.ask('DELETE /calls/not-his', { key: keys.agent })).status, 403)
    assert.equal((await server.ask('GET /calls', { key: keys.observer })).status, 200)
    assert.equal((await server.ask('GET /calls/none', { key: keys.admin })).status, 404)
    assert.deepEqual(attempts(), [{ role: 'agent', act: 'endCall', code: 'forbidden', call: 'not-his' }])
  })

  test('what stands in a path is not believed', async () => {
    await server.ask(`DELETE /calls/${'x'.repeat(4_000)}`, { key: keys.observer })
    assert.equal(server.desk.attempts[0]?.attempt.call?.length, 128)
  })
})
