/** Each dialect's words for recording, from its request to what is in the file, and the ways by which its clients get it. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import type { CallView } from '../../testkit/call-control.ts'
import { centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import { type DialectClient, dialectClients, type Reply, type Request } from '../../testkit/dialect-clients.ts'
import { sendTo } from '../../testkit/dialect-wire.ts'
import type { Phone } from '../../testkit/phone.ts'
import type { Line } from '../../testkit/phone-line.ts'
import { eventually, pause } from '../../testkit/phone-wait.ts'
import type { Config } from '../../testkit/sotto.ts'
import { decoded, StoredFile, storedCall, storedCalls } from '../../testkit/stored-call.ts'

const from = '6501234567'
const centre = centreFor({ change: (config: Config) => Object.assign(config.accounts[0] ?? {}, { recording: { format: 'flac' } }) })
let paco: Phone

before(async () => {
  await centre.open()
  paco = await centre.now.phone('210')
})
after(centre.close)
afterEach(() => centre.now.quiet())

const send = (request: Request): Promise<Reply> => sendTo(centre.now.sotto.http, request)
const json = { 'Content-Type': 'application/json' }

function clientOf(name: DialectClient['name']): DialectClient {
  const client = dialectClients.find((one) => one.name === name)
  assert.ok(client)
  return client
}

interface Stage {
  readonly client: DialectClient
  readonly token: string
  /** In the vendor's shape. */
  readonly id: string
  readonly line: Line
  readonly call: CallView
}

/** A customer who calls Paco himself: nothing is recorded unless somebody asks. */
async function stage(name: DialectClient['name'], number = '+15554150210'): Promise<Stage> {
  const client = clientOf(name)
  const token = await client.login(send)
  const { line, call } = await centre.now.customer(number, from)
  await hear({ line, hears: [toneOf(paco)] }, { line: paco.line, hears: [outsideTone] })
  const id = client.find(await send(client.list(token)), from) ?? ''
  return { client, token, id, line, call }
}

const state = async ({ call }: Stage): Promise<string> => (await centre.now.api.call(call.id)).recording.state

const both = (): readonly number[] => [outsideTone, toneOf(paco)]

test('VoipNow starts and stops it', async () => {
  const on = await stage('voipnow')
  const act = (action: string) =>
    send(
      on.client.with(on.token, {
        line: `PUT /uapi/phoneCalls/@me/0003*210/${on.id}/`,
        headers: json,
        body: JSON.stringify({ action, phoneCallViewId: '01' }),
      }),
    )
  const started = await act('StartRecording')
  assert.deepEqual([started.status, await state(on)], [202, 'on'], started.text)
  await pause(900)
  const stopped = await act('StopRecording')
  assert.deepEqual([stopped.status, await state(on)], [202, 'off'], stopped.text)
  const stoppedAt = Date.now()
  await pause(600)
  await on.line.hangUp()
  const { mix, view } = await storedCall(centre.now.sotto, on.call.id)
  assert.deepEqual(mix.mostly(both()), both())
  assert.ok(Date.parse(view.startedAt) + view.durationMs <= stoppedAt + 40, 'nothing after it was stopped')
})

test('RingCX toggles it, each time into a file of its own', async () => {
  const on = await stage('ringcx')
  const toggle = (record: boolean) =>
    send(
      on.client.with(on.token, {
        line: `POST /voice/api/v1/admin/accounts/12440011/activeCalls/${on.id}/toggleCallRecording?record=${record}`,
        headers: json,
      }),
    )
  for (const record of [true, false, true]) {
    const reply = await toggle(record)
    assert.deepEqual([reply.status, reply.text, await state(on)], [200, 'true', record ? 'on' : 'off'])
    await pause(700)
  }
  await on.line.hangUp()
  const stored = await storedCalls(centre.now.sotto, on.call.id, 2)
  for (const { mix } of stored) assert.deepEqual(mix.mostly(both()), both())
})

describe('NewVoiceMedia', () => {
  const client = clientOf('newvoicemedia')

  async function called(consent: string) {
    const token = await client.login(send)
    const body = JSON.stringify({ from: { agentId: '1234', consent }, to: { telephoneNumber: '02072068888', consent } })
    const created = await send(client.with(token, { line: 'POST /v0/a1b2c3d4e5/calls', headers: json, body }))
    assert.equal(created.status, 201, created.text)
    const guid: string = JSON.parse(created.text).id
    const path = `/v0/a1b2c3d4e5/calls/${guid}`
    const call = await eventually('both talk', async () => (await centre.now.api.calls()).find((one) => one.state === 'active'))
    const [line] = centre.now.trunk.lines
    assert.ok(line)
    await hear({ line, hears: [toneOf(paco)] }, { line: paco.line, hears: [outsideTone] })
    const status = async (): Promise<unknown> => JSON.parse((await send(client.with(token, { line: `GET ${path}` }))).text).recordingStatus
    const set = (recordingStatus: string) =>
      send(client.with(token, { line: `POST ${path}`, headers: json, body: JSON.stringify({ recordingStatus }) }))
    return { call, status, set }
  }

  test('records by consent, pauses and goes on; the pause is in no file', async () => {
    const { call, status, set } = await called('OneParty')
    assert.equal(await status(), 'Started')
    await pause(600)
    assert.equal((await set('Paused')).status, 202)
    assert.equal(await status(), 'Paused')
    await pause(600)
    assert.equal((await set('Started')).status, 202)
    await pause(600)
    await centre.now.api.end(call.id)
    const { files, mix, view } = await storedCall(centre.now.sotto, call.id)
    assert.equal(view.gaps.length, 1)
    for (const gap of view.gaps) for (const [name, file] of files) assert.ok(file.isSilent(gap), name)
    assert.deepEqual(mix.mostly(both(), { to: view.gaps[0]?.fromMs ?? 0 }), both())
    assert.deepEqual(mix.mostly(both(), { from: view.gaps[0]?.toMs ?? 0 }), both())
  })

  test('without consent has no recording, and may not start one', async () => {
    const { call, status, set } = await called('TwoParty')
    assert.equal(await status(), null)
    assert.equal((await set('Started')).status, 403)
    await centre.now.api.end(call.id)
  })
})

describe('Yeastar', () => {
  test('downloads by a ticket that is good once, as WAV whatever it is kept as', async () => {
    const on = await stage('yeastar', '+18661234567')
    await pause(900)
    await on.line.hangUp()
    const stored = await storedCall(centre.now.sotto, on.call.id)
    assert.equal(stored.mix.type, 'audio/flac')
    const recording = stored.view.id
    const ticket = await send(
      on.client.with(on.token, { line: 'POST /api/v1.1.0/recording/get_random', headers: json, body: JSON.stringify({ recording }) }),
    )
    const { status, random } = JSON.parse(ticket.text)
    assert.deepEqual([status, typeof random], ['Success', 'string'], ticket.text)
    const path = `/api/v1.1.0/recording/download?recording=${recording}&random=${random}&token=${on.token}`
    const answer = await fetch(`${centre.now.sotto.http}${path}`)
    const body = Buffer.from(await answer.arrayBuffer())
    assert.deepEqual([answer.status, answer.headers.get('content-type'), body.toString('latin1', 0, 4)], [200, 'audio/wav', 'RIFF'])
    const samples = await decoded(body)
    assert.deepEqual(samples, stored.mix.samples)
    assert.deepEqual(new StoredFile(samples, 'audio/wav').mostly(both()), both())
    const again = await fetch(`${centre.now.sotto.http}${path}`)
    assert.match(await again.text(), /20012/)
  })
})

test('Smartflo tells a link in its records, which works without a credential', async () => {
  const on = await stage('smartflo', '+18661234567')
  await pause(900)
  await on.line.hangUp()
  const stored = await storedCall(centre.now.sotto, on.call.id)
  const listed = await send(on.client.with(on.token, { line: 'GET /v1/call/records' }))
  const { results } = JSON.parse(listed.text) as { results: readonly { recording_url: string | null }[] }
  const url = results.map(({ recording_url }) => recording_url).find((one) => one !== null && one !== '')
  assert.ok(typeof url === 'string', listed.text.slice(0, 600))
  const answer = await fetch(centre.now.sotto.http + new URL(url).pathname + new URL(url).search)
  assert.equal(answer.status, 200)
  assert.deepEqual(await decoded(Buffer.from(await answer.arrayBuffer())), stored.mix.samples)
})
