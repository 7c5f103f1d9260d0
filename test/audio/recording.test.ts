/** What is recorded, from the order by a program to the files: every voice in its own, pauses in none. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { wavSamples } from '../../src/media/wav.ts'
import { centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import type { Phone } from '../../testkit/phone.ts'
import { eventually, pause } from '../../testkit/phone-wait.ts'
import { dataOf, tonesOf } from '../../testkit/recording-room.ts'
import { reference } from '../../testkit/sotto.ts'

const centre = centreFor()
let paco: Phone

before(async () => {
  await centre.open()
  paco = await centre.now.phone('210')
})
after(centre.close)
afterEach(() => centre.now.quiet())

interface Note {
  readonly complete: boolean
  readonly files: readonly { readonly kind: string; readonly path: string }[]
  readonly gaps: readonly { readonly from: number; readonly to: number }[]
}

interface Listed {
  readonly id: string
}

function ask(
  path: string,
  { headers = {}, ...more }: { headers?: Record<string, string>; method?: string; body?: string } = {},
): Promise<Response> {
  const type: Record<string, string> = more.body === undefined ? {} : { 'Content-Type': 'application/json' }
  const all = { Authorization: `Bearer ${reference.adminKey}`, ...type, ...headers }
  return fetch(`${centre.now.sotto.http}/sotto/v1/recordings${path}`, { ...more, headers: all })
}

const root = (): string => join(centre.now.sotto.data, 'recordings')

/** Notes of this call's recordings, oldest first. */
function notes(call: string): readonly Note[] {
  const paths = readdirSync(root(), { recursive: true, encoding: 'utf8' })
  const own = paths.filter((path) => path.includes(`${call}-`) && path.endsWith('.json') && !path.startsWith('.open')).sort()
  return own.map((path) => JSON.parse(readFileSync(join(root(), path), 'utf8')))
}

/** The tones that are in most of a file outside its gaps, and those that are in any of them. */
function heardIn({ gaps }: Note, path: string): { readonly mostly: readonly number[]; readonly inGaps: readonly number[] } {
  const samples = wavSamples(dataOf(readFileSync(join(root(), path))))
  const tones = [outsideTone, toneOf(paco)]
  const isGap = (n: number): boolean => gaps.some(({ from, to }) => n >= from && n < to)
  const starts = Array.from({ length: Math.floor(samples.length / 160) }, (_, n) => n * 160)
  const open = starts.filter((start) => !isGap(start))
  const has = (start: number, tone: number): boolean => tonesOf(samples.subarray(start, start + 160), [tone]).length > 0
  return {
    mostly: tones.filter((tone) => open.filter((start) => has(start, tone)).length > open.length / 2),
    inGaps: tones.filter((tone) => starts.some((start) => isGap(start) && has(start, tone))),
  }
}

test('a call is recorded as ordered, one file of each party and one of both; a pause is in none', async () => {
  const { line, call } = await centre.now.customer('+18661234567')
  await eventually('recording has begun', async () => (await centre.now.api.call(call.id)).recording.state === 'on')
  await hear({ line, hears: [toneOf(paco)] }, { line: paco.line, hears: [outsideTone] })
  await pause(1_000)
  await centre.now.api.record(call.id, 'paused')
  await pause(600)
  await centre.now.api.record(call.id, 'on')
  await pause(1_000)
  await centre.now.api.record(call.id, 'off')
  const [note] = await eventually('the files', async () => (notes(call.id).length > 0 ? notes(call.id) : undefined))
  assert.ok(note)
  assert.deepEqual([note.complete, note.files.length, note.gaps.length], [true, 3, 1])
  const heard = note.files.map(({ kind, path }) => ({ kind, ...heardIn(note, path) }))
  assert.deepEqual(
    heard.flatMap(({ inGaps }) => inGaps),
    [],
  )
  const tracks = heard.filter(({ kind }) => kind === 'track').map(({ mostly }) => mostly.join())
  assert.deepEqual(tracks.toSorted(), [String(outsideTone), String(toneOf(paco))].toSorted())
  assert.deepEqual(heard.find(({ kind }) => kind === 'mix')?.mostly, [outsideTone, toneOf(paco)])
})

test('the end of a call ends its recording; the next one has files of its own', async () => {
  const { line, call } = await centre.now.customer('+18661234567')
  await eventually('recording has begun', async () => (await centre.now.api.call(call.id)).recording.state === 'on')
  for (const state of ['off', 'on'] as const) {
    await pause(400)
    await centre.now.api.record(call.id, state)
  }
  await pause(400)
  await line.hangUp()
  const all = await eventually('both', async () => (notes(call.id).length === 2 ? notes(call.id) : undefined))
  assert.deepEqual(
    all.map(({ complete, files }) => [complete, files.length]),
    [
      [true, 3],
      [true, 3],
    ],
  )
  assert.equal(new Set(all.flatMap(({ files }) => files.map(({ path }) => path))).size, 6)
})

test('what was recorded is found and heard by the API; deleted, it is gone; under legal hold it is not deleted', async () => {
  const { line, call } = await centre.now.customer('+18661234567')
  await eventually('recording has begun', async () => (await centre.now.api.call(call.id)).recording.state === 'on')
  await hear({ line, hears: [toneOf(paco)] }, { line: paco.line, hears: [outsideTone] })
  await pause(1_000)
  await line.hangUp()
  const found = await eventually('it is listed', async () => {
    const { items } = (await (await ask(`?call=${call.id}`)).json()) as { readonly items: readonly Listed[] }
    return items[0]
  })
  const audio = await ask(`/${found.id}/audio`)
  const bytes = Buffer.from(await audio.arrayBuffer())
  const samples = wavSamples(dataOf(bytes))
  const middle = Math.floor(samples.length / 320) * 160
  assert.deepEqual(tonesOf(samples.subarray(middle, middle + 160), [outsideTone, toneOf(paco)]), [outsideTone, toneOf(paco)])
  const part = await ask(`/${found.id}/audio`, { headers: { Range: 'bytes=44-203' } })
  assert.deepEqual([part.status, Buffer.from(await part.arrayBuffer())], [206, bytes.subarray(44, 204)])
  const hold = (legalHold: boolean) => ask(`/${found.id}/legal-hold`, { method: 'PUT', body: JSON.stringify({ legalHold }) })
  assert.equal((await hold(true)).status, 200)
  assert.equal((await ask(`/${found.id}`, { method: 'DELETE' })).status, 409)
  assert.equal((await hold(false)).status, 200)
  assert.equal((await ask(`/${found.id}`, { method: 'DELETE' })).status, 200)
  assert.deepEqual([(await ask(`/${found.id}/audio`)).status, notes(call.id).length], [404, 0])
})

test('files lie by account, and nothing is open when nothing is recorded', () => {
  const accounts = readdirSync(root()).filter((name) => name !== '.open')
  assert.deepEqual(accounts, ['12440011'])
  assert.deepEqual(readdirSync(join(root(), '.open')), [])
})
