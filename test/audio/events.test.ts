/** The event stream during whole calls: every type, in order, numbered without gaps, the same over SSE and WebSocket, and replayed without gap or double. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import type { CallView } from '../../testkit/call-control.ts'
import { centreFor } from '../../testkit/centre.ts'
import { EventReader, type EventView } from '../../testkit/event-reader.ts'
import type { Phone } from '../../testkit/phone.ts'
import type { Line } from '../../testkit/phone-line.ts'
import { eventually, soon } from '../../testkit/phone-wait.ts'
import { reference } from '../../testkit/sotto.ts'

const centre = centreFor()
const readers: EventReader[] = []
let paco: Phone
let supervisor: Phone

before(async () => {
  await centre.open()
  paco = await centre.now.phone('210')
  supervisor = await centre.now.phone('101')
  await centre.now.phone('106')
})
after(centre.close)
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.close()
  await centre.now.quiet()
})

async function read(how: 'sse' | 'webSocket', more: { readonly after?: string; readonly types?: string } = {}): Promise<EventReader> {
  const reader = await EventReader[how]({ http: centre.now.sotto.http, key: reference.adminKey, ...more })
  readers.push(reader)
  return reader
}

/** A customer of the queue; a supervisor comes, changes his mode, and goes; hold, mute, keys; a transfer to 106; the end. */
async function eventfulCall(): Promise<CallView> {
  const { api, trunk } = centre.now
  await api.setAgentState('4567', 'away')
  const customer = await trunk.call('+18661234567', { from: '+442071838750' })
  await soon(customer.answered, 'the agent answers')
  const [call] = await api.calls()
  assert.ok(call !== undefined)
  await centre.now.callIn(call.id, 'active')
  await superviseAndLeave(call.id)
  await handle(call.id, customer)
  await api.transfer(call.id, { to: { extension: '106' }, type: 'blind' })
  await eventually('106 has the call', async () =>
    (await api.call(call.id)).parties.some((p) => p.extension === '106' && p.state === 'talking'),
  )
  await customer.hangUp()
  return centre.now.callIn(call.id, 'ended')
}

async function superviseAndLeave(call: string): Promise<void> {
  const { api } = centre.now
  const { id } = await api.supervise(call, { supervisor: { extension: '101' }, mode: 'monitor' })
  await eventually('he listens', async () => (await api.supervision(id)).state === 'active')
  await api.change(id, { mode: 'whisper' })
  await supervisor.hangUp()
  await eventually('he has gone', async () => (await api.supervision(id)).state === 'ended')
}

async function handle(call: string, customer: Line): Promise<void> {
  const { api } = centre.now
  const party = (await api.call(call)).parties.find(({ role }) => role === 'customer')?.id ?? ''
  for (const act of ['hold', 'unhold', 'mute', 'unmute'] as const) await api.party(call, party, act)
  customer.sendDtmf('7')
  await eventually('the agent gets the key', () => paco.line.heard.digits.endsWith('7'))
}

const story = [
  // The group Sales is recorded.
  ...['call.created', 'call.queued', 'call.ringing', 'party.joined', 'party.joined', 'call.answered', 'recording.started'],
  ...['supervision.requested', 'party.joined', 'supervision.active', 'supervision.mode-changed', 'party.left', 'supervision.ended'],
  ...['call.held', 'call.resumed', 'party.muted', 'party.unmuted', 'party.dtmf'],
  ...['call.ringing', 'party.left', 'party.joined', 'call.transferred', 'party.left', 'party.left'],
  ...['recording.stopped', 'call.ended'],
]

const isApplied = (event: EventView): boolean => event.type === 'hearing.applied'

test('a whole call: its story in order, numbered from 1 without gaps, the call beside each event as it was then', async () => {
  const [sse, socket] = [await read('sse'), await read('webSocket')]
  const call = await eventfulCall()
  for (const reader of [sse, socket]) await reader.until('that the call has ended', (event) => event.type === 'call.ended')
  const events = sse.of(call.id)
  assert.deepEqual(
    events.filter((event) => !isApplied(event)).map((event) => event.type),
    story,
  )
  assert.deepEqual(
    events.map((event) => event.seq),
    events.map((_, n) => n + 1),
  )
  // What an agent did before may still have been on its way to the disk when the first of the two began to read.
  assert.deepEqual(socket.of(call.id), events)
  for (const [n, event] of events.entries()) {
    assert.equal(event.call?.id, call.id)
    assert.ok((event.call?.revision ?? 0) >= (events[n - 1]?.call?.revision ?? 0), 'revisions only grow')
    assert.ok(Date.parse(event.at) >= Date.parse(events[n - 1]?.at ?? event.at), 'time only grows')
  }
  assert.deepEqual([events[0]?.call?.state, events.at(-1)?.call?.state], ['ringing', 'ended'])
  const ids = sse.events.map((event) => Number(event.id))
  assert.deepEqual(
    ids,
    [...new Set(ids)].toSorted((a, b) => a - b),
  )
})

test('what the mixer applied is told after each change of it: nobody is said to hear before he can', async () => {
  const reader = await read('sse')
  const { id } = await eventfulCall()
  await reader.until('that the call has ended', (event) => event.type === 'call.ended')
  const events = reader.of(id)
  const applied = events.filter(isApplied)
  const revisions = applied.map((event) => Number(event.data.revision))
  assert.deepEqual(
    revisions,
    revisions.toSorted((a, b) => a - b),
  )
  assert.ok(applied.length >= 8, `${applied.length} changes of the mixer`)
  const whispers = events.findIndex((event) => event.type === 'supervision.mode-changed')
  const left = events.findIndex((event, n) => n > whispers && event.type === 'supervision.ended')
  const heardSupervisor = (event: EventView) =>
    isApplied(event) && (event.data.pairs as { talker: string }[]).some((pair) => pair.talker === events[whispers]?.data.party)
  assert.ok(events.slice(whispers, left).some(heardSupervisor), 'the whisper was applied')
  assert.ok(!events.slice(0, whispers).some(heardSupervisor), 'before it he was heard by nobody')
})

test('a reader whose connection breaks again and again reads on where he was: nothing missing, nothing twice', async () => {
  const steady = await read('webSocket')
  const gathered: EventView[] = []
  let last: string | undefined
  const unsteady = (async () => {
    for (let round = 0; !gathered.some((event) => event.type === 'call.ended'); round += 1) {
      const reader = await read(round % 2 === 0 ? 'sse' : 'webSocket', last === undefined ? {} : { after: last })
      await eventually('something new', () => reader.events.length > 0, 3_000)
      reader.close()
      gathered.push(...reader.events)
      last = gathered.at(-1)?.id
    }
  })()
  await eventually('both read', () => readers.length >= 2)
  const call = await eventfulCall()
  await steady.until('that the call has ended', (event) => event.type === 'call.ended')
  await soon(unsteady, 'the unsteady reader is through', 10_000)
  const mine = (events: readonly EventView[]) => events.filter((event) => event.callId === call.id && event.seq > 0)
  assert.deepEqual(mine(gathered), mine(steady.events))
})

test('replay from every place of a call is exactly what came after it, with the filter that is asked for', async () => {
  const live = await read('sse')
  await eventfulCall()
  await live.until('that the call has ended', (event) => event.type === 'call.ended')
  for (const place of [0, 7, 15, live.events.length - 2]) {
    const after = live.events[place]?.id ?? ''
    const expected = live.events.slice(place + 1)
    const replayed = await read(place % 2 === 0 ? 'sse' : 'webSocket', { after })
    await eventually('the replay is whole', () => replayed.events.length >= expected.length)
    assert.deepEqual(replayed.events.slice(0, expected.length), expected)
    const filtered = await read('sse', { after, types: 'supervision.*,call.ended' })
    const wanted = expected.filter((event) => /^supervision\.|^call\.ended$/.test(event.type))
    await eventually('the filtered replay is whole', () => filtered.events.length >= wanted.length)
    assert.deepEqual(filtered.events, wanted)
  }
})

test('a place that is not kept is refused, and so are a type and a call that do not exist', async () => {
  await assert.rejects(read('sse', { after: '1' }), /410/)
  await assert.rejects(read('sse', { after: '9999999999999999' }), /410/)
  await assert.rejects(read('sse', { types: 'call.nonsense' }), /422/)
  await assert.rejects(read('webSocket', { after: '1' }), /410/)
})

test('the events that only a refused supervision, a failed transfer and a take-over bring, numbered like the others', async () => {
  const reader = await read('sse')
  const { api } = centre.now
  const declining = await centre.now.phone('024', { behaviour: 'ring' })
  const { line, call } = await centre.now.customer('+18661234568')
  await api.supervise(call.id, { supervisor: { extension: '024' }, mode: 'monitor' })
  ;(await declining.next('incoming')).reject(603)
  await reader.until('of the refusal', (event) => event.type === 'supervision.refused' && event.data.reason === 'declined')
  await api.transfer(call.id, { to: { extension: '024' }, type: 'blind' })
  ;(await declining.next('incoming').then((first) => (first.state === 'ended' ? declining.next('incoming') : first))).reject(603)
  await reader.until('of the failed transfer', (event) => event.type === 'call.transfer-failed' && event.data.reason === 'declined')
  await eventually('the customer has somebody again', async () => (await api.call(call.id)).state === 'active')
  const { id } = await api.supervise(call.id, { supervisor: { extension: '101' }, mode: 'barge' })
  await eventually('he is on the line', async () => (await api.supervision(id)).state === 'active')
  await api.takeOver(id)
  await reader.until('of the new role', (event) => event.type === 'party.role' && event.data.role === 'agent')
  await reader.until('of the take-over', (event) => event.type === 'call.transferred' && event.data.how === 'take-over')
  await line.hangUp()
  await reader.until('of the end', (event) => event.type === 'call.ended')
  const events = reader.of(call.id)
  assert.deepEqual(
    events.map((event) => event.seq),
    events.map((_, n) => n + 1),
  )
})
