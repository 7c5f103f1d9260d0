/** Control is killed at random moments under calls with tones, some of them supervised: nothing is lost, and everything works on. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { CallView, SupervisionView } from '../../testkit/call-control.ts'
import { Centre, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import { EventReader, type EventView } from '../../testkit/event-reader.ts'
import type { Phone } from '../../testkit/phone.ts'
import type { Line } from '../../testkit/phone-line.ts'
import { eventually, pause, soon } from '../../testkit/phone-wait.ts'
import { SeededRandom } from '../../testkit/random.ts'
import { type Config, reference } from '../../testkit/sotto.ts'
import { partyTones } from '../../testkit/voice.ts'

const rounds = Number(process.env.SOTTO_CRASH_ROUNDS ?? 10)
const seed = Number(process.env.SOTTO_SEED ?? Date.now() % 2 ** 30)
const random = new SeededRandom(seed)

const callCount = Math.max(8, Number(process.env.SOTTO_CRASH_CALLS ?? 8))
const agents = Array.from({ length: callCount }, (_, i) => String(7_001 + i))
/** Nobody calls him but in the middle of a crash. */
const spare = '7900'
const modes = ['monitor', 'whisper', 'barge'] as const
type Mode = (typeof modes)[number]
/** A third of the calls, and never fewer than one in each mode. */
const supervisors = agents.slice(0, Math.max(3, Math.ceil(callCount / 3))).map((_, i) => String(7_501 + i))

interface Conversation {
  readonly id: string
  readonly customer: Line
  readonly agent: Phone
  readonly agentLine: Line
  readonly supervisor?: { readonly phone: Phone; readonly supervision: string; mode: Mode }
}

/** Of 1 to 12: the one outside has 0. */
const toneOfSpeaker = (i: number): number => partyTones[1 + (i % 12)] ?? 0

let centre: Centre
let reader: EventReader
const phones = new Map<string, Phone>()
const events: EventView[] = []
let killedAt = 0

before(async () => {
  // Ports that were freed rest for a while: many calls in each round need more than the usual range.
  centre = await Centre.open({ change: enlarge, ...(callCount > 8 && { env: { SOTTO_MEDIA_PORTS: '20000-29999' } }) })
  // An agent and his supervisor differ.
  for (const [i, extension] of agents.entries())
    phones.set(extension, await centre.phone(extension, { autoAnswer: true, tone: toneOfSpeaker(i) }))
  for (const [i, extension] of supervisors.entries())
    phones.set(extension, await centre.phone(extension, { autoAnswer: true, tone: toneOfSpeaker(i + 6) }))
  phones.set(spare, await centre.phone(spare, { behaviour: { answerAfterMs: 120 }, tone: partyTones[13] }))
  reader = await readEvents()
})

after(async () => {
  reader.close()
  await centre.close()
})

test(`control is killed ${rounds} times under ${agents.length} calls (SOTTO_SEED=${seed})`, {
  timeout: 60_000 + rounds * 60_000,
}, async () => {
  for (let round = 0; round < rounds; round += 1) {
    const conversations = await talkAll()
    const before = await centre.api.calls()
    const under = inFlight[random.integer(inFlight.length)] ?? nothing
    await under.run(conversations, async () => {
      await pause(random.integer(150))
      killedAt = performance.now()
      centre.sotto.kill('control')
    })
    await pause(random.integer(300))
    await centre.sotto.ready()
    await resumeReading()
    try {
      await goesOn(conversations, before, under.touches(conversations))
      await worksOn(conversations)
      await tidiedUp()
    } catch (error) {
      throw new Error(`round ${round}, ${under.name}: ${error instanceof Error ? error.message : error}`, { cause: error })
    }
  }
  await contiguous()
})

/** Every agent talks to a customer, and three of them are supervised, each in another way. */
async function talkAll(): Promise<readonly Conversation[]> {
  const conversations: Conversation[] = []
  for (const [i, extension] of agents.entries()) {
    const { line, call } = await centre.customer(`+1866555${extension}`, `+44207000${extension}`)
    const agent = phone(extension)
    const by = supervisors[i]
    const supervisor = by === undefined ? {} : { supervisor: await supervised(call.id, by, modeOf(i)) }
    conversations.push({ id: call.id, customer: line, agent, agentLine: agent.line, ...supervisor })
  }
  for (const conversation of conversations) await hearing(conversation)
  return conversations
}

const modeOf = (i: number): Mode => modes[i % modes.length] ?? 'monitor'

async function supervised(call: string, extension: string, mode: Mode) {
  const { id } = await centre.api.supervise(call, { supervisor: { extension }, mode })
  await eventually('he is there', async () => (await centre.api.supervision(id)).state === 'active')
  return { phone: phone(extension), supervision: id, mode }
}

const phone = (extension: string): Phone => {
  const found = phones.get(extension)
  assert.ok(found !== undefined)
  return found
}

/** What is on its way when the process dies. */
interface InFlight {
  readonly name: string
  run(conversations: readonly Conversation[], kill: () => Promise<void>): Promise<void>
  /** Calls that may look otherwise afterwards. */
  touches(conversations: readonly Conversation[]): readonly string[]
}

const nothing: InFlight = { name: 'nothing', run: (_, kill) => kill(), touches: () => [] }

const setUp: InFlight = {
  name: 'a call is being set up',
  run: async (_, kill) => {
    const line = await centre.trunk.call(`+1866555${spare}`, { from: `+44207000${spare}` })
    line.answered.catch(() => undefined)
    await kill()
  },
  touches: () => [],
}

const modeChange: InFlight = {
  name: 'a supervisor changes his mode',
  run: async (conversations, kill) => {
    const id = conversations[1]?.supervisor?.supervision ?? ''
    centre.api.change(id, { mode: 'barge' }).catch(() => undefined)
    await kill()
  },
  touches: (conversations) => conversations.slice(1, 2).map(({ id }) => id),
}

const transfer: InFlight = {
  name: 'a call is being transferred',
  run: async (conversations, kill) => {
    centre.api.transfer(conversations.at(-1)?.id ?? '', { to: { extension: spare }, type: 'blind' }).catch(() => undefined)
    await kill()
  },
  touches: (conversations) => conversations.slice(-1).map(({ id }) => id),
}

const supervise: InFlight = {
  name: 'a supervisor is being called',
  run: async (conversations, kill) => {
    const how = { supervisor: { extension: spare }, mode: 'whisper' } as const
    centre.api.supervise(conversations.at(-2)?.id ?? '', how).catch(() => undefined)
    await kill()
  },
  touches: (conversations) => conversations.slice(-2, -1).map(({ id }) => id),
}

const inFlight: readonly InFlight[] = [nothing, setUp, modeChange, transfer, supervise]

/** Nobody missed a packet, the calls are the same, and everybody hears whom he heard. */
async function goesOn(conversations: readonly Conversation[], before: readonly CallView[], touched: readonly string[]): Promise<void> {
  await settled()
  const now = await centre.api.calls()
  for (const { id } of conversations) {
    const seen = now.find((call) => call.id === id)
    assert.ok(seen !== undefined, `call ${id} is lost: ${story(id)}`)
    if (!touched.includes(id)) assert.deepEqual(withoutRevision(seen), withoutRevision(before.find((call) => call.id === id)))
  }
  for (const conversation of conversations) if (!touched.includes(conversation.id)) await hearing(conversation)
  for (const id of touched) await agrees(id)
  unbroken(conversations.filter(({ id }) => !touched.includes(id)))
}

const story = (id: string): string =>
  reader
    .of(id)
    .map(({ seq, type, data }) => `${seq} ${type} ${JSON.stringify(data)}`)
    .join('\n')

const withoutRevision = (call: CallView | undefined) => ({ ...call, revision: 0 })

/**
 * RFC 3550 sequence and time of everything that came: no packet is missing, the stream is the same, and nothing is displaced but by what a busy
 * machine does to everybody.
 */
function unbroken(conversations: readonly Conversation[]): void {
  for (const { heard, number } of conversations.flatMap(({ customer, agentLine }) => [customer, agentLine])) {
    const arrivals = heard.kept.filter(({ at }) => at >= killedAt - 100)
    const [first] = arrivals
    const last = arrivals.at(-1)
    assert.ok(first !== undefined && last !== undefined && last.at - killedAt > 200, `audio to ${number} has stopped`)
    const packets = (last.sequence - first.sequence) & 0xffff
    assert.deepEqual([packets + 1, last.ssrc], [arrivals.length, first.ssrc], `packets to ${number}`)
    const displacedMs = Math.abs(((last.timestamp - first.timestamp) | 0) - packets * 160) / 8
    assert.ok(displacedMs <= busyMs, `audio to ${number} is displaced by ${displacedMs} ms`)
  }
}

/** Three frames: as much as a media process that is starved of processor time for a moment makes up for at once. */
const busyMs = 60

/** A call that was being changed stands as it did before or as it should: its parties are the phones that are in it, and they hear what its mode says. */
async function agrees(id: string): Promise<void> {
  const call = await centre.api.call(id)
  for (const party of call.parties.filter(({ state }) => state !== 'ended')) {
    if (party.extension !== undefined) assert.equal(phone(party.extension).lines.length, 1, `${party.extension} is ${party.state}`)
  }
  const there = call.parties.filter(({ state }) => state === 'talking')
  const agent = there.find(({ role }) => role === 'agent')?.extension ?? ''
  const supervision = call.supervisions.find(({ state }) => state === 'active')
  const by = there.find((party) => party.id === supervision?.partyId)?.extension
  const coach = supervision?.mode === 'monitor' || by === undefined ? [] : [toneOf(phone(by))]
  await hear({ line: phone(agent).line, hears: [outsideTone, ...coach] })
}

async function hearing({ customer, agent, agentLine, supervisor }: Conversation): Promise<void> {
  const voice = supervisor === undefined ? undefined : toneOf(supervisor.phone)
  const coached = voice !== undefined && supervisor?.mode !== 'monitor' ? [voice] : []
  const barged = voice !== undefined && supervisor?.mode === 'barge' ? [voice] : []
  await hear({ line: customer, hears: [toneOf(agent), ...barged] }, { line: agentLine, hears: [outsideTone, ...coached] })
  if (supervisor !== undefined) await hear({ line: supervisor.phone.line, hears: [outsideTone, toneOf(agent)] })
}

/** Every line of every phone is a party of a live call, and no phone rings. */
async function settled(): Promise<void> {
  await eventually(
    'phones and calls agree',
    async () => {
      const calls = await centre.api.calls()
      const parties = calls.flatMap((call) => call.parties.filter(({ state }) => state !== 'ended'))
      const lines = [...centre.trunk.lines, ...[...phones.values()].flatMap((p) => p.lines)]
      return parties.length === lines.length && lines.every(({ state }) => state === 'connected') && parties.every(isTalking)
    },
    10_000,
  ).catch(async (error: Error) => {
    const calls = (await centre.api.calls()).map(
      (call) => `${call.id}: ${call.parties.map((p) => `${p.extension ?? p.number} ${p.state}`)}`,
    )
    const lines = [...centre.trunk.lines, ...[...phones.values()].flatMap((p) => p.lines)].map((line) => `${line.number} ${line.state}`)
    throw new Error(`${error.message}\n${calls.join('\n')}\n${lines}`)
  })
}

const isTalking = ({ state }: { readonly state: string }): boolean => state === 'talking'

/** What people and programs do next. */
async function worksOn(conversations: readonly Conversation[]): Promise<void> {
  const [listening, coaching, barging, first, second, third] = conversations
  assert.ok(listening !== undefined && coaching !== undefined && barging !== undefined)
  await changeMode(listening, 'whisper')
  await changeMode(barging, 'monitor')
  assert.ok(first !== undefined && second !== undefined && third !== undefined)
  await first.agentLine.hold()
  await centre.callIn(first.id, 'held')
  await first.agentLine.resume()
  await centre.callIn(first.id, 'active')
  await second.customer.hangUp()
  await soon(second.agentLine.ended, 'the agent is free')
  await third.agentLine.hangUp()
  await soon(third.customer.ended, 'the customer is free')
  assert.equal((await centre.api.call(third.id)).state, 'ended')
}

async function changeMode(conversation: Conversation, mode: Mode): Promise<void> {
  const { supervisor } = conversation
  assert.ok(supervisor !== undefined)
  const changed: SupervisionView = await centre.api.change(supervisor.supervision, { mode })
  assert.equal(changed.mode, mode)
  await hearing({ ...conversation, supervisor: { ...supervisor, mode } })
}

/** Everybody hangs up, and nothing is left over. */
async function tidiedUp(): Promise<void> {
  await centre.quiet()
  await eventually('nobody is on the phone', async () => (await centre.api.agents()).every(({ state }) => state !== 'on-call'))
}

const readEvents = () => {
  const last = events.at(-1)
  return EventReader.sse({ http: centre.sotto.http, key: reference.adminKey, ...(last === undefined ? {} : { after: last.id }) })
}

/** As a wallboard does: from the last event that it has. */
async function resumeReading(): Promise<void> {
  reader.close()
  events.push(...reader.events)
  reader = await readEvents()
}

/** Every event came, once, in order: of each call from the first to the last. */
async function contiguous(): Promise<void> {
  const told = () => [...events, ...reader.events]
  const ended = () => told().filter(({ type }) => type === 'call.ended').length
  await eventually(
    'every end is told',
    () => ended() >= rounds * agents.length && ended() === told().filter(({ type }) => type === 'call.created').length,
  )
  events.push(...reader.events)
  const odd = events.flatMap((event, i) => (i === 0 || Number(event.id) === Number(events[i - 1]?.id) + 1 ? [] : [events[i - 1], event]))
  assert.deepEqual(odd, [], 'ids grow by one')
  const calls = Map.groupBy(
    events.filter(({ seq }) => seq > 0),
    ({ callId }) => callId,
  )
  assert.ok(calls.size >= rounds * agents.length)
  for (const [id, ofCall] of calls) {
    assert.deepEqual(
      ofCall.map(({ seq }) => seq),
      ofCall.map((_, i) => i + 1),
      `events of ${id}`,
    )
    assert.equal(ofCall.filter(({ type }) => type === 'call.ended').length, 1)
  }
}

function enlarge(config: Config): void {
  const [account] = config.accounts
  for (const number of [...agents, spare]) {
    account?.extensions.push({ number, name: `Agent ${number}`, password: `pw-${number}`, mayBeMonitored: true, monitorMode: 'extensive' })
    account?.numbers.push({ number: `+1866555${number}`, routeTo: { extension: number } })
  }
  for (const number of supervisors) {
    account?.extensions.push({ number, name: `Supervisor ${number}`, password: `pw-${number}`, monitorMode: 'extensive' })
  }
}
