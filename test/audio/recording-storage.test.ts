/** Recordings in storage that speaks S3, with the whole server: what was said comes back from there, and nobody waits for it. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import type { Phone } from '../../testkit/phone.ts'
import { eventually, pause } from '../../testkit/phone-wait.ts'
import { S3Server } from '../../testkit/s3-server.ts'
import { type Config, reference } from '../../testkit/sotto.ts'
import { storedCall } from '../../testkit/stored-call.ts'

const storage = await S3Server.start()
const centre = centreFor({
  change: (config: Config) => {
    config.recordings = { s3: storage.settings, keepLocalDays: 0 }
    Object.assign(config.accounts[0] ?? {}, { recording: { format: 'flac' } })
  },
})
let paco: Phone

before(async () => {
  await centre.open()
  paco = await centre.now.phone('210')
})
after(async () => {
  await centre.close()
  await storage.close()
})
afterEach(() => centre.now.quiet())

const ask = (path: string, more: RequestInit = {}): Promise<Response> =>
  fetch(`${centre.now.sotto.http}${path}`, { ...more, headers: { Authorization: `Bearer ${reference.adminKey}`, ...more.headers } })

const degraded = async (): Promise<readonly string[]> => ((await (await ask('/health')).json()) as { degraded: string[] }).degraded

const keys = (call: string): readonly string[] => [...storage.objects.keys()].filter((key) => key.includes(call)).sort()

const here = (call: string): readonly string[] =>
  readdirSync(join(centre.now.sotto.data, 'recordings'), { recursive: true, encoding: 'utf8' }).filter((path) => path.includes(call))

async function recorded(): Promise<string> {
  const { line, call } = await centre.now.customer('+18661234567')
  await eventually('recording has begun', async () => (await centre.now.api.call(call.id)).recording.state === 'on')
  await hear({ line, hears: [toneOf(paco)] }, { line: paco.line, hears: [outsideTone] })
  await pause(1_000)
  await line.hangUp()
  return call.id
}

test('a recording goes to the storage, and is heard from there: whole, in part, and by a link', async () => {
  const call = await recorded()
  await eventually('only the note is here', () => keys(call).length === 4 && here(call).length === 1, 10_000)
  const { mix, view } = await storedCall(centre.now.sotto, call)
  assert.equal(mix.type, 'audio/flac')
  assert.deepEqual(mix.mostly([outsideTone, toneOf(paco)]), [outsideTone, toneOf(paco)])
  const whole = storage.objects.get(keys(call).find((key) => key.endsWith('-mix.flac')) ?? '')?.body
  const part = await ask(`/sotto/v1/recordings/${view.id}/audio`, { headers: { Range: 'bytes=100-299' } })
  assert.deepEqual([part.status, part.headers.get('content-range')], [206, `bytes 100-299/${whole?.length}`])
  assert.deepEqual(Buffer.from(await part.arrayBuffer()), whole?.subarray(100, 300))
  const link = await ask(`/sotto/v1/recordings/${view.id}/links`, {
    method: 'POST',
    body: '{}',
    headers: { 'Content-Type': 'application/json' },
  })
  const { url } = (await link.json()) as { url: string }
  const linked = await fetch(centre.now.sotto.http + new URL(url).pathname + new URL(url).search, { redirect: 'error' })
  assert.deepEqual([linked.status, Buffer.from(await linked.arrayBuffer())], [200, whole])
})

test('while the storage is away calls are recorded and heard, and health says so; then it gets them', async () => {
  storage.fault = 'away'
  const call = await recorded()
  await eventually('it is told', async () => (await degraded()).includes('recordings'), 20_000)
  const { mix } = await storedCall(centre.now.sotto, call)
  assert.deepEqual(mix.mostly([outsideTone, toneOf(paco)]), [outsideTone, toneOf(paco)])
  storage.fault = undefined
  await eventually('it is there', () => keys(call).length === 4 && here(call).length === 1, 30_000)
  await eventually('it is told', async () => !(await degraded()).includes('recordings'))
})

test('what is deleted is deleted in the storage; under legal hold it is in neither', async () => {
  const call = await recorded()
  await eventually('it is there', () => keys(call).length === 4, 10_000)
  const { view } = await storedCall(centre.now.sotto, call)
  const hold = (legalHold: boolean) =>
    ask(`/sotto/v1/recordings/${view.id}/legal-hold`, {
      method: 'PUT',
      body: JSON.stringify({ legalHold }),
      headers: { 'Content-Type': 'application/json' },
    })
  await hold(true)
  assert.equal((await ask(`/sotto/v1/recordings/${view.id}`, { method: 'DELETE' })).status, 409)
  assert.equal(keys(call).length, 4)
  await hold(false)
  assert.equal((await ask(`/sotto/v1/recordings/${view.id}`, { method: 'DELETE' })).status, 200)
  await eventually('nothing is left', () => keys(call).length === 0 && here(call).length === 0)
})

test('control that is killed on the way brings it there when it is back', async () => {
  storage.delayMs = 150
  const call = await recorded()
  await eventually('it is on its way', () => keys(call).length > 0, 10_000)
  centre.now.sotto.kill('control')
  storage.delayMs = 0
  await centre.now.sotto.ready()
  await eventually('it is there', () => keys(call).length === 4 && here(call).length === 1, 15_000)
  const { mix } = await storedCall(centre.now.sotto, call)
  assert.deepEqual(mix.mostly([outsideTone, toneOf(paco)]), [outsideTone, toneOf(paco)])
})
