/** A person who wants to be forgotten, on a real server with storage, a legal hold and letters that nobody took. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Centre } from '../../testkit/centre.ts'
import { eventually, pause, soon } from '../../testkit/phone-wait.ts'
import { S3Server } from '../../testkit/s3-server.ts'
import { type Config, reference } from '../../testkit/sotto.ts'

type Json = Readonly<Record<string, unknown>>

const him = '+447700900123'
const storage = await S3Server.start()
/** Wants nothing any more, so that what it is sent becomes a dead letter at once. */
const receiver = createServer((request, response) => void request.resume().on('end', () => response.writeHead(410).end()))
let centre: Centre

before(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  centre = await Centre.open({ change: (config: Config) => Object.assign(config, { recordings: { s3: storage.settings } }) })
  for (const extension of ['106', '210']) await centre.phone(extension)
})
after(async () => {
  await centre.close()
  receiver.closeAllConnections()
  receiver.close()
  await storage.close()
})

async function ask(method: string, path: string, body?: object) {
  const headers = { Authorization: `Bearer ${reference.adminKey}`, 'Content-Type': 'application/json' }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const answer = await fetch(`${centre.sotto.http}/sotto/v1/${path}`, { method, headers, ...sent })
  return { status: answer.status, json: (await answer.json()) as Json }
}

async function recorded(): Promise<string> {
  const { line, call } = await centre.customer('+18661234568', him)
  assert.equal((await ask('PUT', `calls/${call.id}/recording`, { state: 'on' })).status, 200)
  await pause(600)
  await line.hangUp()
  await soon(line.ended, 'the call')
  await eventually('it is in the storage', () => inStorage(call.id).length > 1, 10_000)
  return call.id
}

const inStorage = (call: string) => [...storage.objects.keys()].filter((key) => key.includes(call))
const here = (call: string) =>
  readdirSync(join(centre.sotto.data, 'recordings'), { recursive: true, encoding: 'utf8' }).filter((path) => path.includes(call))
const recordingOf = async (call: string) => ((await ask('GET', `recordings?call=${call}`)).json.items as { id: string }[])[0]?.id ?? ''
const erase = async (query: string) => await ask('DELETE', `people?${query}`)
const byNumber = `number=${encodeURIComponent(him)}`

test('his recordings go from the folder and the storage, the held one when its hold ends, and dead letters that name him', {
  timeout: 90_000,
}, async () => {
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
  const { id: webhook } = (await ask('POST', 'webhooks', { url, types: ['call.*'] })).json
  const [free, held] = [await recorded(), await recorded()]
  const id = await recordingOf(held)
  assert.equal((await ask('PUT', `recordings/${id}/legal-hold`, { legalHold: true })).status, 200)
  const dead = async () => JSON.stringify((await ask('GET', `webhooks/${webhook}/dead-letters`)).json)
  assert.match(await dead(), /447700900123/)

  const done = await erase(byNumber)
  assert.equal(done.status, 200, JSON.stringify(done.json))
  assert.deepEqual([done.json.recordings, done.json.held], [1, [id]])
  assert.ok(Number(done.json.deadLetters) > 0)
  assert.doesNotMatch(await dead(), /447700900123/)
  await eventually('the free one is gone', () => inStorage(free).length === 0 && here(free).length === 0)
  assert.ok(inStorage(held).length > 1 && here(held).length > 1)
  assert.equal((await ask('DELETE', `recordings/${id}`)).status, 409)

  await centre.sotto.killed('control')
  await centre.sotto.ready()
  assert.equal((await ask('PUT', `recordings/${id}/legal-hold`, { legalHold: false })).status, 200)
  await eventually('the held one is gone, too', () => inStorage(held).length === 0 && here(held).length === 0)
})

test('he is named by a call’s reference, too', { timeout: 60_000 }, async () => {
  const made = await ask('POST', 'calls', { from: { extension: '210' }, to: { number: him }, reference: 'case 7' })
  assert.equal(made.status, 201, JSON.stringify(made.json))
  const call = String(made.json.id)
  await eventually('they speak', async () => (await centre.api.call(call)).parties.filter(({ state }) => state === 'talking').length === 2)
  assert.equal((await erase('reference=case%207')).status, 409, 'he is in a call now')
  await ask('DELETE', `calls/${call}`)
  await centre.callIn(call, 'ended')
  const done = await erase('reference=case%207')
  assert.equal(done.status, 200, JSON.stringify(done.json))
  assert.ok(Number(done.json.calls) >= 1 && Number(done.json.callRecords) >= 1)
  for (const path of [`calls/${call}`, 'cdrs', 'audit/export'])
    assert.doesNotMatch(JSON.stringify(await ask('GET', path).catch(() => '')), /447700900123/)
  assert.equal((await erase('reference=case%207')).status, 404, 'nobody is named by it any more')
})
