/** What the audit says is what the ear heard: the tones that reached each phone begin and end when the intervals do. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { centreFor, outsideTone, toneOf } from '../../testkit/centre.ts'
import type { Phone } from '../../testkit/phone.ts'
import { type Arrival, samplesOf } from '../../testkit/phone-heard.ts'
import type { Line } from '../../testkit/phone-line.ts'
import { levelAt } from '../../testkit/phone-tones.ts'
import { eventually, pause } from '../../testkit/phone-wait.ts'
import { reference } from '../../testkit/sotto.ts'
import { sine } from '../../testkit/voice.ts'

const frameMs = 20
const toleranceMs = 20
const centre = centreFor()
let ben: Phone
let sara: Phone

before(async () => {
  await centre.open()
  ben = await centre.now.phone('106')
  sara = await centre.now.phone('101')
})
after(centre.close)

interface Item {
  readonly seq: number | null
  readonly kind: string
  readonly could?: 'hear' | 'be-heard'
  readonly supervisor?: { readonly extension?: string }
  readonly other?: { readonly extension?: string; readonly number?: string }
  readonly from?: string
  readonly to?: string | null
  readonly reason?: string
  readonly by?: { readonly role: string; readonly via?: string; readonly credential?: string }
  readonly code?: string
}

async function audit(path: string): Promise<{ readonly items: readonly Item[] } & { readonly valid?: boolean; readonly entries?: number }> {
  const response = await fetch(`${centre.now.sotto.http}/sotto/v1${path}`, { headers: { authorization: `Bearer ${reference.adminKey}` } })
  assert.equal(response.status, 200)
  return (await response.json()) as never
}

interface Span {
  readonly from: number
  readonly to: number
}

/**
 * Stretches of wall time in which a tone was heard. A packet holds the 20 ms before it was sent; when it was sent follows from its timestamp
 * and the packet that was under way the shortest, so that a test process that is held up hears no later. Gaps of a frame are none.
 */
function heardSpans(line: Line, hz: number): readonly Span[] {
  const { kept } = line.heard
  const offset = Math.min(...kept.map(({ at, timestamp }) => at - timestamp / 8)) + performance.timeOrigin
  const spans: { from: number; to: number }[] = []
  for (const arrival of kept.filter((a) => isIn(a, hz))) {
    const to = offset + arrival.timestamp / 8
    const last = spans.at(-1)
    if (last !== undefined && to - last.to < 2.5 * frameMs) last.to = to
    else spans.push({ from: to - frameMs, to })
  }
  return spans
}

/** A single frame is short for telling neighbours apart; half the level tells whether the frame is filled. */
const isIn = (arrival: Arrival, hz: number): boolean => levelAt(samplesOf([arrival]), hz) > nominal - 9
const nominal = levelAt(sine(1000, { seconds: 0.02 }), 1000)

const spansOf = (items: readonly Item[], could: Item['could'], who: string): readonly Span[] =>
  items
    .filter((i) => i.kind === 'hearing' && i.could === could && (i.other?.extension ?? i.other?.number) === who)
    .map(({ from, to }) => ({ from: Date.parse(from ?? ''), to: Date.parse(to ?? '') }))

function same(name: string, told: readonly Span[], heard: readonly Span[]): void {
  const text = JSON.stringify({ told, heard })
  assert.equal(heard.length, told.length, `${name}: ${text}`)
  for (const [i, { from, to }] of told.entries()) {
    const off = [offFrame(from, heard[i]?.from ?? 0), offFrame(to, heard[i]?.to ?? 0)]
    assert.ok(Math.max(...off) <= toleranceMs, `${name}: ${off} ms; ${text}`)
  }
}

/** How far a told time is from the first frame that sounds otherwise, which begins then: what the ear notices, it notices by frames. */
const offFrame = (told: number, begins: number): number => Math.max(begins - told, told - begins - frameMs, 0)

test('whisper, changes of mode and the end: intervals are those of the ear, within a frame', async () => {
  const { api } = centre.now
  const { line, call } = await centre.now.customer('+18661234568')
  const { id } = await api.supervise(call.id, { supervisor: { extension: '101' }, mode: 'monitor' })
  await eventually('he listens', () => sara.lines[0]?.heard.tones().length === 2)
  const ear = sara.line
  for (const to of [{ mode: 'whisper' }, { mode: 'monitor' }, { mode: 'barge' }, { mode: 'whisper', target: 'customer' }] as const) {
    await api.change(id, to)
    await pause(400)
  }
  const still = (await audit(`/audit?call=${call.id}`)).items.filter(({ to }) => to === null)
  assert.deepEqual(still.map(({ could, other }) => `${could} ${other?.extension ?? other?.number}`).toSorted(), [
    'be-heard +442071838750',
    'hear +442071838750',
    'hear 106',
  ])
  await api.endSupervision(id)
  await pause(300)
  const agentEar = ben.line
  await line.hangUp()
  await centre.now.callIn(call.id, 'ended')
  const { items } = await audit(`/audit?call=${call.id}`)

  same('agent hears her', spansOf(items, 'be-heard', '106'), heardSpans(agentEar, toneOf(sara)))
  same('customer hears her', spansOf(items, 'be-heard', '+442071838750'), heardSpans(line, toneOf(sara)))
  same('she hears the agent', spansOf(items, 'hear', '106'), heardSpans(ear, toneOf(ben)))
  same('she hears the customer', spansOf(items, 'hear', '+442071838750'), heardSpans(ear, outsideTone))
  const kinds = items.filter((i) => i.kind !== 'hearing').map((i) => i.kind)
  const changes = Array.from({ length: 4 }, () => 'supervision.mode-changed')
  assert.deepEqual(kinds, ['supervision.requested', 'supervision.active', ...changes, 'supervision.ended'])
  assert.deepEqual(items[0]?.by?.via, 'native')
  assert.match(items[0]?.by?.credential ?? '', /^[0-9a-f]{16}$/)
})

test('a refused attempt is in it, and the whole holds over the death of the control process', async () => {
  const { line, call } = await centre.now.customer('+18661234568', '+442071838751')
  await centre.now.phone('102')
  await assert.rejects(centre.now.api.supervise(call.id, { supervisor: { extension: '102' }, mode: 'barge' }), { code: 'mode-not-allowed' })
  await centre.now.api.supervise(call.id, { supervisor: { extension: '101' }, mode: 'barge' })
  await eventually('she listens', () => sara.lines[0]?.heard.tones().length === 2)
  const denied = (await audit(`/audit?call=${call.id}`)).items.find((i) => i.kind === 'supervision.denied')
  assert.equal(denied?.code, 'mode-not-allowed')
  const before = await audit('/audit/verify')
  assert.equal(before.valid, true)
  centre.now.sotto.kill('control')
  await centre.now.sotto.ready()
  await eventually('she still speaks to the customer', () => line.heard.tones().includes(toneOf(sara)))
  await line.hangUp()
  await centre.now.callIn(call.id, 'ended')
  const intervals = async () => (await audit(`/audit?call=${call.id}`)).items.filter((i) => i.kind === 'hearing')
  await eventually('the mixer has said its last word', async () => (await intervals()).length === 4)
  assert.ok((await intervals()).every(({ seq, to }) => seq !== null && to !== null))
  const verdict = await audit('/audit/verify')
  assert.equal(verdict.valid, true)
  assert.ok((verdict.entries ?? 0) > (before.entries ?? 0))
  const cdrs = (await audit('/cdrs?limit=500')).items as unknown as readonly { readonly id: string }[]
  assert.equal(cdrs.filter(({ id }) => id === call.id).length, 1)
})
