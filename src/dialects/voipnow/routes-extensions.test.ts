/** Presence and queue agents (contract voipnow, section 9), on the wire. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { accountA } from '../../../testkit/desk.ts'
import { VoipnowOffice } from '../../../testkit/voipnow-office.ts'

let office: VoipnowOffice
before(async () => {
  office = await VoipnowOffice.open({ change: (c) => (c.accounts[0].extensions[0].contact = 'sip:101@127.0.0.1:5999') })
})
after(() => office.close())
afterEach(() => office.clear())

const ask = async (path: string, app = 'app-12') => (await office.ask(`GET /uapi/extensions/${path}`, undefined, { app })).json
const states = async (path: string) =>
  Object.fromEntries((await ask(path)).entry.map((e: { extension: string; status: string }) => [e.extension, e.status]))

test('presence: registration and what the phone does', async () => {
  const { entry, ...paging } = await ask('@me/@self/presence')
  assert.deepEqual(entry, [
    { extension: '0003*106', status: '1', registration: [{ registration: '1', status: '1' }] },
    { extension: '0003*210', status: '1', registration: [{ registration: '1', status: '1' }] },
  ])
  assert.deepEqual(paging, { startIndex: 0, itemsPerPage: 20, totalResults: 2 })
  office.rings('210')
  assert.deepEqual(await states('@me/@self/presence'), { '0003*106': '1', '0003*210': '2' })
  office.exchange.answers('210')
  assert.deepEqual(await states('@me/0003*210/presence'), { '0003*210': '3' })
  assert.deepEqual((await ask('@owner/0003*213/presence')).entry, [
    { extension: '0003*213', status: '0', registration: [{ registration: '-1', status: '0' }] },
  ])
  assert.equal((await ask('13/0003*101/presence')).entry[0].registration[0].registration, '2')
  assert.deepEqual((await ask('@me/@self/presence?filterBy=extension&filterValue=0003*210&fields=extension')).entry, [
    { extension: '0003*210' },
  ])
})

test('two phones of one extension are two registrations', async () => {
  office.exchange.register(['106'], accountA, 2)
  assert.equal((await ask('@me/0003*106/presence')).entry[0].registration.length, 2)
  office.exchange.register(['106'])
})

for (const path of [
  '@me/0003*999/presence',
  '@me/0003*830/presence',
  '@me/0003*024/presence',
  '@me/@self/queue/agents',
  '@me/0003*210/queue/agents',
  '@me/0003*830/queue/agents/0003*106',
])
  test(`no such extension: ${path}`, async () => assert.equal((await ask(path)).error.code, 'extension_invalid'))

const record = (extension: string, id: string, status: string) => {
  const link = { self: `https://sotto.test/uapi/extensions/@me/0003*830/queue/agents/0003*${extension}` }
  return { agentNumber: `0003*${extension}`, identifier: id, queue: '0003*830', status, link, links: link }
}

test('queue agents: listed, filtered, paused, logged out and in again', async () => {
  const queue = '@me/0003*830/queue/agents'
  assert.deepEqual((await ask(queue)).entry, [record('210', '1234', '1'), record('211', '4567', '1')])
  const put = (path: string, status: unknown, app = 'app-12') => office.ask(`PUT /uapi/extensions/${path}`, { status }, { app })
  assert.deepEqual((await put(`${queue}/0003*211`, '2')).json, [record('211', '4567', '2')])
  assert.deepEqual((await ask(`${queue}?filterBy=status&filterValue=2`)).entry, [record('211', '4567', '2')])
  assert.deepEqual((await ask(`${queue}/4567?fields=status`)).entry, [{ status: '2' }])
  assert.deepEqual((await put('@me/0003*830/queueAgent/211', 0)).json, [record('211', '4567', '0')])
  assert.deepEqual((await put(queue, 1)).json, [record('210', '1234', '1'), record('211', '4567', '1')])
  for (const status of [3, '', undefined, true, '__proto__'])
    assert.equal((await put(`${queue}/211`, status)).json.error.code, 'status_invalid')
})

test('an agent’s app sees and sets himself', async () => {
  const queue = '@me/0003*830/queue/agents'
  assert.deepEqual((await ask(queue, 'app-14')).entry, [record('211', '4567', '1')])
  const put = (path: string) => office.ask(`PUT /uapi/extensions/${path}`, { status: 1 }, { app: 'app-14' })
  assert.equal((await put(`${queue}/211`)).status, 200)
  assert.equal((await put(`${queue}/210`)).status, 403)
  assert.equal((await put(queue)).status, 403)
})
