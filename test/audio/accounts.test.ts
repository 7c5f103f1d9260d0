/** Two accounts on one server: neither sees, hears, dials or touches anything of the other, nor learns that it exists. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CallControl, Refused } from '../../testkit/call-control.ts'
import { centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import { EventReader } from '../../testkit/event-reader.ts'
import { Phone } from '../../testkit/phone.ts'
import { eventually, pause, soon } from '../../testkit/phone-wait.ts'
import { reference } from '../../testkit/sotto.ts'

const centre = centreFor()
let other: CallControl

before(async () => {
  await centre.open()
  other = new CallControl(centre.now.sotto.http, reference.otherKey)
})
after(centre.close)

/** The same call centre twice, at once: a customer of each account, its agent, and its supervisor, who whispers. */
async function bothAtWork() {
  const { now } = centre
  const ours = { agent: await now.phone('210'), supervisor: await now.phone('101') }
  const theirs = {
    agent: await now.phone('210', reference.otherPhone('210')),
    supervisor: await now.phone('101', reference.otherPhone('101')),
  }
  const [{ line, call }, their] = [await now.customer('+18661234567'), await theirCustomer()]
  const whisper = { supervisor: { extension: '101' }, mode: 'whisper' } as const
  const supervisions = { ours: await now.api.supervise(call.id, whisper), theirs: await other.supervise(their.call.id, whisper) }
  await Promise.all([ours, theirs].map(({ supervisor }) => supervisor.next('answered')))
  return {
    ours: { ...ours, line, call, supervision: supervisions.ours },
    theirs: { ...theirs, ...their, supervision: supervisions.theirs },
  }
}

async function theirCustomer() {
  const line = await centre.now.trunk.call('+18669999999', { from: '+15550009999' })
  await soon(line.answered, 'the other account answers')
  const call = await eventually('their call', async () => (await other.calls())[0])
  return { line, call }
}

async function problemOf(asking: Promise<unknown>): Promise<object> {
  const refused = await asking.then(
    () => assert.fail('this was not refused'),
    (error: unknown) => error,
  )
  assert.ok(refused instanceof Refused)
  const { requestId, ...problem } = refused.problem
  assert.ok(requestId)
  return { status: refused.status, ...problem }
}

test('each account sees, hears and is told its own call only; the other one is exactly as if it did not exist', async () => {
  const { now } = centre
  const reading = { http: now.sotto.http }
  const ourEvents = await EventReader.sse({ ...reading, key: reference.adminKey })
  const theirEvents = await EventReader.webSocket({ ...reading, key: reference.otherKey })
  const { ours, theirs } = await bothAtWork()
  for (const side of [ours, theirs]) {
    await hear(
      { line: side.line, hears: [toneOf(side.agent)] },
      { line: side.agent.line, hears: [outsideTone, toneOf(side.supervisor)] },
      { line: side.supervisor.line, hears: [outsideTone, toneOf(side.agent)] },
    )
  }
  for (const [api, mine] of [
    [now.api, ours],
    [other, theirs],
  ] as const) {
    assert.deepEqual(
      (await api.calls()).map((call) => call.id),
      [mine.call.id],
    )
    assert.deepEqual(
      (await api.supervisions()).map((supervision) => supervision.id),
      [mine.supervision.id],
    )
  }
  assert.ok((await now.api.agents()).every((agent) => agent.id !== '7777'))
  assert.deepEqual(
    (await other.agents()).map((agent) => agent.id),
    ['7777'],
  )
  await everythingIsUnknown(now.api, theirs)
  await everythingIsUnknown(other, ours)
  await other.change(theirs.supervision.id, { mode: 'barge' })
  await hear(
    { line: theirs.line, hears: [toneOf(theirs.agent), toneOf(theirs.supervisor)] },
    { line: ours.line, hears: [toneOf(ours.agent)] },
  )
  await now.quiet()
  await ourEvents.until('that our call has ended', (event) => event.type === 'call.ended')
  await theirEvents.until('that their call has ended', (event) => event.type === 'call.ended')
  await pause(100)
  onlyAbout(ourEvents, ours.call.id, ['1234', '4567', '106', '0502842370097'])
  onlyAbout(theirEvents, theirs.call.id, ['7777'])
  const cursor = theirEvents.events.at(-1)?.id ?? ''
  const replayed = await EventReader.sse({ ...reading, key: reference.adminKey, after: String(Number(ourEvents.events[0]?.id) - 1) })
  await eventually('the replay is whole', () => replayed.events.length >= ourEvents.events.length)
  assert.deepEqual(replayed.events, ourEvents.events)
  const withTheirCursor = await EventReader.sse({ ...reading, key: reference.adminKey, after: cursor })
  await pause(100)
  assert.ok(withTheirCursor.events.every((event) => event.callId !== theirs.call.id))
  for (const reader of [ourEvents, theirEvents, replayed, withTheirCursor]) reader.close()
})

function onlyAbout({ events }: EventReader, call: string, agents: readonly string[]): void {
  assert.ok(events.length > 10)
  for (const event of events) {
    if (event.type === 'agent.state') assert.ok(agents.includes(String(event.data.id)), `agent ${event.data.id} is not ours`)
    else assert.equal(event.callId, call)
  }
}

/** Everything of the other account that can be named is answered word for word as something that nobody has. */
async function everythingIsUnknown(
  api: CallControl,
  {
    call,
    supervision,
  }: {
    readonly call: { readonly id: string; readonly parties: readonly { readonly id: string }[] }
    readonly supervision: { readonly id: string }
  },
): Promise<void> {
  const party = call.parties[0]?.id ?? ''
  const asks: readonly ((callId: string, supervisionId: string) => Promise<unknown>)[] = [
    (id) => api.call(id),
    (id) => api.hearing(id),
    (id) => api.end(id),
    (id) => api.supervise(id, { supervisor: { extension: '101' }, mode: 'monitor' }),
    (id) => api.transfer(id, { to: { extension: '101' }, type: 'blind' }),
    (id) => api.party(id, party, 'mute'),
    (id) => api.removeParty(id, party),
    (_, id) => api.supervision(id),
    (_, id) => api.change(id, { mode: 'barge' }),
    (_, id) => api.takeOver(id),
    (_, id) => api.endSupervision(id),
  ]
  for (const ask of asks) {
    const foreign = await problemOf(ask(call.id, supervision.id))
    assert.deepEqual(foreign, await problemOf(ask('c_000000000000', 's_000000000000')))
    assert.equal('status' in foreign && foreign.status, 404)
  }
}

test('a phone of one account cannot reach an extension of the other, nor register under its name or its password', async () => {
  const { now } = centre
  const ours = await now.phone('211')
  await now.phone('210', reference.otherPhone('210'))
  const unknown = await soon((await ours.call('0004*999')).ended, 'the refusal')
  assert.deepEqual(await soon((await ours.call('0004*210')).ended, 'the refusal'), unknown)
  assert.equal(unknown.status, 404)
  for (const wrong of [
    { user: '0004*101', password: 'pw-101' },
    { user: '0003*101', password: 'pw-b101' },
    { user: '101', password: 'pw-101' },
  ]) {
    const phone = await Phone.start({ server: now.sotto.sip, realm: reference.realm, ...wrong })
    await assert.rejects(phone.register(), /not registered: 40[13]/)
    phone.vanish()
  }
  await assert.rejects(other.setAgentState('1234', 'away'), { status: 404 })
  await assert.rejects(other.originate({ from: { extension: '211' }, to: { extension: '210' } }), { status: 404, code: 'endpoint-unknown' })
  await now.quiet()
})
