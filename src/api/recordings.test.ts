import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { accountA, accountB, noon } from '../../testkit/desk.ts'
import { RecordingFolder, wavOf } from '../../testkit/recording-shelf.ts'
import { addMs } from '../kernel/time.ts'

let folder: RecordingFolder
let server: TestServer

before(async () => {
  folder = new RecordingFolder()
  server = await startApi({ recordings: folder.root })
})
after(async () => {
  await server.close()
  folder.close()
})

const mix = wavOf(1, 2)
const audio = '/recordings/c1-1/audio'

beforeEach(() => {
  folder.file(accountA, { id: 'c1-1', call: 'c1', startedAt: noon })
  folder.file(accountA, { id: 'c2-1', call: 'c2', startedAt: addMs(noon, 1_000) })
  folder.file(accountB, { id: 'b1-1', call: 'b1', startedAt: noon })
})
afterEach(async () => {
  for (const id of ['c1-1', 'c2-1']) await server.ask(`PUT /recordings/${id}/legal-hold`, { key: keys.admin, body: { legalHold: false } })
})

const hear = (headers: Record<string, string> = {}, { method = 'GET', path = audio, key = keys.supervisor as string | undefined } = {}) =>
  fetch(`${server.url}/sotto/v1${path}`, { method, headers: { ...(key && { Authorization: `Bearer ${key}` }), ...headers } })

describe('recordings', () => {
  test('are listed newest first, a page at a time, those of a call alone, and no other account’s', async () => {
    const ids = async (query: string) => {
      const { json } = await server.ask(`GET /recordings?${query}`, { key: keys.observer })
      return [json.items.map(({ id }: { id: string }) => id), json.next] as const
    }
    assert.deepEqual(await ids(''), [['c2-1', 'c1-1'], null])
    assert.deepEqual(await ids('call=c1'), [['c1-1'], null])
    assert.deepEqual(await ids('to=2026-11-20T12:00:01Z'), [['c1-1'], null])
    const [first, next] = await ids('limit=1')
    assert.deepEqual([first, (await ids(`limit=1&cursor=${next}`))[0]], [['c2-1'], ['c1-1']])
  })

  test('one, with checksums; what is unknown, and what is another account’s, is unknown', async () => {
    const { status, json } = await server.ask('GET /recordings/c1-1', { key: keys.observer })
    assert.deepEqual([status, json.callId, json.startedAt, json.legalHold], [200, 'c1', '2026-11-20T12:00:00.250Z', false])
    for (const { sha256 } of json.tracks) assert.match(sha256, /^[\da-f]{64}$/)
    for (const line of ['GET /recordings/b1-1', 'GET /recordings/b1-1/audio', 'DELETE /recordings/b1-1', 'POST /recordings/b1-1/links']) {
      const { status, json } = await server.ask(line, { key: keys.admin })
      assert.deepEqual([status, json.code], [404, 'resource-unknown'], line)
    }
  })

  test('are heard by supervisors and admins, and by nobody else', async () => {
    for (const key of [keys.agent, keys.observer])
      for (const line of [`GET ${audio}`, 'POST /recordings/c1-1/links']) {
        const { status, json } = await server.ask(line, { key })
        assert.deepEqual([status, json.code], [403, 'recording-not-permitted'], line)
      }
    for (const key of [keys.supervisor, keys.admin]) assert.equal((await server.ask(`GET ${audio}`, { key })).status, 200)
  })

  test('are deleted, but not under legal hold, and by admins only', async () => {
    const put = await server.ask('PUT /recordings/c2-1/legal-hold', { key: keys.admin, body: { legalHold: true } })
    assert.deepEqual([put.status, put.json.legalHold], [200, true])
    const refused = await server.ask('DELETE /recordings/c2-1', { key: keys.admin })
    assert.deepEqual([refused.status, refused.json.code], [409, 'wrong-state'])
    assert.equal((await server.ask('DELETE /recordings/c1-1', { key: keys.supervisor })).status, 403)
    assert.equal((await server.ask('DELETE /recordings/c1-1', { key: keys.admin })).status, 200)
    for (const line of ['GET /recordings/c1-1', `GET ${audio}`]) assert.equal((await server.ask(line, { key: keys.admin })).status, 404)
  })
})

describe('audio', () => {
  for (const [range, status, from, to] of [
    [undefined, 200, 0, undefined],
    ['bytes=0-0', 206, 0, 1],
    ['bytes=100-199', 206, 100, 200],
    ['bytes=8000-', 206, 8_000, undefined],
    ['bytes=-10', 206, mix.length - 10, undefined],
    ['bytes=8000-999999', 206, 8_000, undefined],
    ['bytes=5-1', 200, 0, undefined],
    ['bytes=0-1,5-6', 200, 0, undefined],
    ['lines=1-2', 200, 0, undefined],
  ] as const) {
    test(`Range: ${range} answers ${status}`, async () => {
      const answer = await hear(range === undefined ? {} : { Range: range })
      const bytes = Buffer.from(await answer.arrayBuffer())
      assert.deepEqual([answer.status, answer.headers.get('content-length')], [status, String(bytes.length)])
      assert.ok(bytes.equals(mix.subarray(from, to)))
      const last = (to ?? mix.length) - 1
      assert.equal(answer.headers.get('content-range'), status === 206 ? `bytes ${from}-${last}/${mix.length}` : null)
    })
  }

  test('beyond the end, and of another version', async () => {
    const beyond = await server.ask(`GET ${audio}`, { key: keys.admin, headers: { Range: `bytes=${mix.length}-` } })
    assert.deepEqual([beyond.status, beyond.headers.get('content-range')], [416, `bytes */${mix.length}`])
    const etag = (await hear()).headers.get('etag') ?? ''
    assert.equal((await hear({ 'If-None-Match': etag })).status, 304)
    assert.equal((await hear({ Range: 'bytes=0-1', 'If-Range': etag })).status, 206)
    assert.equal((await hear({ Range: 'bytes=0-1', 'If-Range': '"other"' })).status, 200)
  })

  test('HEAD says how large it is', async () => {
    const answer = await hear({}, { method: 'HEAD' })
    assert.deepEqual(
      [answer.status, answer.headers.get('content-length'), answer.headers.get('accept-ranges'), await answer.text()],
      [200, String(mix.length), 'bytes', ''],
    )
  })

  test('a link needs no key until it expires, and for that file only', async () => {
    const { status, json } = await server.ask('POST /recordings/c1-1/links', {
      key: keys.supervisor,
      body: { track: 'p-a', expiresInSeconds: 60 },
    })
    assert.deepEqual([status, json.expiresAt], [201, '2026-11-20T12:01:00.250Z'])
    const path = new URL(json.url).pathname.replace('/sotto/v1', '') + new URL(json.url).search
    const answer = await hear({ Range: 'bytes=0-99' }, { path, key: undefined })
    assert.deepEqual([answer.status, Buffer.from(await answer.arrayBuffer())], [206, wavOf(1, 1).subarray(0, 100)])
    assert.equal((await hear({}, { path: `${path}x`, key: undefined })).status, 404)
    server.advance(60_000)
    assert.equal((await server.ask(`GET ${path}`)).status, 404)
    server.advance(-60_000)
  })

  test('a link for longer than an hour is refused', async () => {
    const { status, json } = await server.ask('POST /recordings/c1-1/links', { key: keys.admin, body: { expiresInSeconds: 3_601 } })
    assert.deepEqual([status, json.parameter], [422, 'expiresInSeconds'])
  })
})
