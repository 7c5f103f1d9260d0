/** What lies behind, on a real server: told again after a long time, and without a person where he wants that. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { verifyFile } from '../../cli/verify-file.ts'
import { Centre } from '../../testkit/centre.ts'
import { EventReader } from '../../testkit/event-reader.ts'
import { eventually, pause, soon } from '../../testkit/phone-wait.ts'
import { reference } from '../../testkit/sotto.ts'

const cleanUp: (() => unknown)[] = []
after(async () => {
  for (const clean of cleanUp.reverse()) await clean()
})

const customer = '+447700900123'
const number = encodeURIComponent(customer)

async function open(data: string) {
  const centre = await Centre.open({ env: { SOTTO_DATA: data } })
  cleanUp.push(() => centre.close())
  const send = (method: string, path: string) =>
    fetch(`${centre.sotto.http}${path}`, { method, headers: { Authorization: `Bearer ${reference.adminKey}` } })
  const read = async (path: string) => await (await send('GET', `/sotto/v1/${path}`)).text()
  const json = async (path: string) => JSON.parse(await read(path)) as Readonly<Record<string, unknown>>
  return { centre, send, read, json }
}

type Open = Awaited<ReturnType<typeof open>>

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sotto-past-'))
  cleanUp.push(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A customer speaks with the agent, is recorded, and a supervisor listens. */
async function supervisedCall({ centre, json }: Open, from = customer): Promise<string> {
  for (const extension of ['106', '101']) await centre.phone(extension)
  const { line, call } = await centre.customer('+18661234568', from)
  const recording = await fetch(`${centre.sotto.http}/sotto/v1/calls/${call.id}/recording`, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${reference.adminKey}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ state: 'on' }),
  })
  assert.equal(recording.status, 200, await recording.text())
  await centre.api.supervise(call.id, { supervisor: { extension: '101' }, mode: 'monitor' })
  await eventually('he is there', async () => (await centre.api.call(call.id)).supervisions.some(({ state }) => state === 'active'))
  await pause(500)
  await line.hangUp()
  await centre.callIn(call.id, 'ended')
  await soon(line.ended, 'the call')
  await eventually('the audit has it', async () => JSON.stringify(await json(`audit?call=${call.id}`)).includes('"hearing"'))
  return call.id
}

const reading = ({ centre }: Open, cursor?: string) =>
  EventReader.sse({ http: centre.sotto.http, key: reference.adminKey, ...(cursor === undefined ? {} : { after: cursor }) })

test('who comes back after the memory has forgotten is told everything from the history, and goes on live', {
  timeout: 120_000,
}, async () => {
  const data = folder()
  const first = await open(data)
  const live = await reading(first)
  const call = await supervisedCall(first)
  await live.until('the end', ({ type, callId }) => type === 'call.ended' && callId === call)
  await pause(300)
  const told = live.events
  live.close()
  await first.centre.close()
  // Without the log the next process knows nothing of before: it has to come from the history.
  rmSync(join(data, 'log'), { recursive: true })

  const second = await open(data)
  const again = await eventually('the history is there', async () => await reading(second, told[0]?.id).catch(() => undefined))
  const next = await supervisedCall(second)
  await again.until('the end of the next call', ({ type, callId }) => type === 'call.ended' && callId === next)
  const replayed = again.events.slice(0, told.length - 1)
  assert.deepEqual(
    replayed.map(({ id, seq, type, data: what }) => ({ id, seq, type, data: what })),
    told.slice(1).map(({ id, seq, type, data: what }) => ({ id, seq, type, data: what })),
  )
  assert.ok(replayed.every((event) => event.call === undefined))
  const ids = again.events.map(({ id }) => Number(id))
  assert.deepEqual(
    ids,
    [...new Set(ids)].toSorted((a, b) => a - b),
    'in order, and none twice',
  )
  assert.deepEqual(
    again.of(next).map(({ seq }) => seq),
    again.of(next).map((_, i) => i + 1),
    'and none is missing after it',
  )
  again.close()
  const old = await second.send('GET', '/sotto/v1/events?cursor=1')
  assert.deepEqual([old.status, ((await old.json()) as { code: string }).code], [410, 'resource-unknown'])
})

test('a person is taken out of everything, over crashes too, and the audit is whole', { timeout: 150_000 }, async () => {
  const data = folder()
  const server = await open(data)
  const { send, read, json, centre } = server
  const call = await supervisedCall(server)
  const other = await supervisedCall(server, '+447700900999')
  const everything = async () => (await Promise.all(['cdrs', 'audit', 'audit/export', 'calls', `calls/${call}`].map(read))).join('\n')
  assert.ok((await everything()).includes('447700900123'))
  const key = (await read('audit/export')).match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/)?.[0]?.replaceAll('\\n', '\n') ?? ''

  const dry = (await (await send('DELETE', `/sotto/v1/people?number=${number}&dryRun=true`)).json()) as Readonly<Record<string, unknown>>
  assert.deepEqual([dry.dryRun, dry.calls, dry.callRecords, dry.held], [true, 1, 1, []])
  assert.ok((await everything()).includes('447700900123'), 'nothing has changed')
  const done = (await (await send('DELETE', `/sotto/v1/people?number=${number}`)).json()) as Readonly<Record<string, unknown>>
  assert.deepEqual({ ...done, dryRun: true }, { ...dry, events: done.events })
  assert.ok(Number(done.auditEntries) > 0 && Number(done.events) > 0, JSON.stringify(done))

  const gone = async (when: string) => {
    const text = await everything()
    assert.equal(text.includes('447700900123'), false, `${when}: ${text.match(/.{80}447700900123.{40}/)?.[0]}`)
    assert.ok(text.includes('447700900999'), 'the other one is still there')
    const { valid, flaws, erased } = await json('audit/verify')
    assert.deepEqual([valid, flaws, erased], [true, [], done.auditEntries], when)
    const verdict = verifyFile(await read('audit/export'), { key })
    assert.deepEqual([verdict.valid, verdict.flaws, verdict.erased], [true, [], done.auditEntries], when)
  }
  await gone('at once')
  const audit = await read(`audit?call=${call}`)
  assert.ok(audit.includes('"kind":"hearing"') && audit.includes('"erased":true'), 'that he was heard is still said')
  assert.ok((await read('audit')).includes('"kind":"person.erased"'))
  const again = (await (await send('DELETE', `/sotto/v1/people?number=${number}`)).json()) as Readonly<Record<string, unknown>>
  assert.deepEqual([again.calls, again.callRecords, again.events, again.auditEntries], [0, 0, 0, 0])

  for (let round = 0; round < 2; round += 1) {
    await centre.sotto.killed('control')
    await centre.sotto.ready()
    // Until what only the log had is in the history.
    await pause(2_500)
    const { valid, flaws } = await json('audit/verify')
    assert.deepEqual([valid, flaws], [true, []])
    const text = await everything()
    assert.equal(text.includes('447700900123'), false, `after kill ${round}: ${text.match(/.{80}447700900123.{40}/)?.[0]}`)
    assert.ok(text.includes('447700900999'))
  }
  assert.deepEqual((await json(`cdrs?number=${number}`)).items, [])
  assert.ok((await read('cdrs')).includes(other))
  const files = readdirSync(join(data, 'recordings'), { recursive: true }).filter((name) => String(name).includes(call))
  assert.deepEqual(files, [], 'and nothing of his voice')
})

test('a person who is in a call now is not taken out, and who is nobody is refused', { timeout: 60_000 }, async () => {
  const server = await open(folder())
  await server.centre.phone('106')
  const { line, call } = await server.centre.customer('+18661234568', customer)
  const refused = await server.send('DELETE', `/sotto/v1/people?number=${number}`)
  assert.deepEqual([refused.status, ((await refused.json()) as { code: string }).code], [409, 'wrong-state'])
  const dry = (await (await server.send('DELETE', `/sotto/v1/people?number=${number}&dryRun=true`)).json()) as { live: string[] }
  assert.deepEqual(dry.live, [call.id])
  for (const query of ['', '?number=abc', '?number=101', '?reference=unknown'])
    assert.ok([400, 404, 422].includes((await server.send('DELETE', `/sotto/v1/people${query}`)).status), query)
  await line.hangUp()
})
