/**
 * The active media process is killed, or frozen, under calls with tones, some of them supervised, some encrypted and one of them recorded: its
 * standby goes on with every stream, and nobody hears whom he may not.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Centre, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import type { Phone } from '../../testkit/phone.ts'
import type { Line } from '../../testkit/phone-line.ts'
import { eventually, pause } from '../../testkit/phone-wait.ts'
import { SeededRandom } from '../../testkit/random.ts'
import { type Config, reference } from '../../testkit/sotto.ts'

const rounds = Number(process.env.SOTTO_CRASH_ROUNDS ?? 6)
const callCount = Number(process.env.SOTTO_CRASH_CALLS ?? 8)
const seed = Number(process.env.SOTTO_SEED ?? Date.now() % 2 ** 30)
const random = new SeededRandom(seed)
/** Half a second would be a standby that has to begin; what a busy machine adds to the usual one or two frames is far below. */
const missingAtMostMs = 400

const agents = Array.from({ length: callCount }, (_, i) => String(7_001 + i))
const modes = ['monitor', 'whisper', 'barge'] as const
type Mode = (typeof modes)[number]

interface Conversation {
  readonly id: string
  readonly customer: Line
  readonly agent: Phone
  readonly agentLine: Line
  readonly supervisor?: { readonly phone: Phone; readonly mode: Mode }
}

/** His phone and his supervisor's are on TLS, and their audio is SRTP. */
const secure = new Set([agents[1], agents[3], supervisorOf('whisper')])

let centre: Centre
const phones = new Map<string, Phone>()
const conversations: Conversation[] = []

before(async () => {
  centre = await Centre.open({ change: enlarge, also: ['tls'] })
  for (const extension of [...agents, ...modes.map(supervisorOf)]) phones.set(extension, await phoneOf(extension))
  for (const [i, extension] of agents.entries()) conversations.push(await converse(extension, modes[i]))
  for (const extension of secure) assert.ok(phone(extension ?? '').line.media.stream.isSecure, `${extension} speaks SRTP`)
  await centre.api.record(recorded().id, 'on')
})

function phoneOf(extension: string): Promise<Phone> {
  const { tls } = centre.sotto.listeners
  if (!secure.has(extension) || tls === undefined) return centre.phone(extension)
  return centre.phone(extension, { server: tls, transport: 'TLS', srtp: true })
}

const recorded = (): Conversation => conversations[2] as Conversation

after(() => centre.close())

test(`media is killed ${rounds} times under ${callCount} calls (SOTTO_SEED=${seed})`, { timeout: 60_000 + rounds * 20_000 }, async () => {
  for (let round = 0; round < rounds; round++) await roundOf(round, 'SIGKILL')
})

test('media that is frozen is ended by its standby, and sends nothing when it is woken', async () => {
  const frozen = await roundOf(rounds, 'SIGSTOP')
  assert.throws(() => process.kill(frozen, 'SIGCONT'), /ESRCH/)
  for (const line of listeners()) assert.equal(line.heard.ssrcChanges, 0)
})

test('its recording is one, and every death is marked in it', async () => {
  await centre.api.record(recorded().id, 'off')
  const list = () => recordingsOf(recorded().id)
  const [recording, ...others] = await eventually('it is stored', async () => ((await list()).length > 0 ? list() : undefined), 5_000)
  assert.deepEqual([recording?.complete, others.length], [true, 0], JSON.stringify(others))
  const holes = recording?.gaps ?? []
  assert.deepEqual(
    holes.map(({ why }) => why),
    Array(rounds + 1).fill('hole'),
  )
  for (const { fromMs, toMs } of holes) assert.ok(toMs - fromMs < 4_000, `${fromMs} to ${toMs}`)
})

interface StoredRecording {
  readonly complete: boolean
  readonly gaps: readonly { readonly fromMs: number; readonly toMs: number; readonly why: string }[]
}

async function recordingsOf(call: string): Promise<readonly StoredRecording[]> {
  const answer = await fetch(`${centre.sotto.http}/sotto/v1/recordings?call=${call}`, {
    headers: { authorization: `Bearer ${reference.adminKey}` },
  })
  return ((await answer.json()) as { readonly items: readonly StoredRecording[] }).items
}

async function roundOf(round: number, signal: 'SIGKILL' | 'SIGSTOP'): Promise<number> {
  const [active, standby] = await eventually('a standby that is ready', () => centre.sotto.mediaPair(), 10_000)
  // It warms up and is told of everything.
  await pause(2_500 + random.integer(100))
  for (const conversation of conversations) await hearing(conversation)
  const before = await centre.api.calls()
  const killedAt = performance.now()
  process.kill(active, signal)
  await pause(1_500)
  try {
    for (const line of listeners()) unbroken(line, killedAt, signal === 'SIGKILL' ? missingAtMostMs : missingAtMostMs + 500)
    accepted()
    for (const conversation of conversations) await hearing(conversation)
    await eventually('control has its line back', async () => (await health()).degraded.length === 0, 5_000)
    const now = await centre.api.calls()
    assert.deepEqual(
      now.map(({ id, state }) => [id, state]),
      before.map(({ id, state }) => [id, state]),
    )
    for (const conversation of conversations) await hearing(conversation)
  } catch (error) {
    throw new Error(`round ${round}: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
  assert.deepEqual((await eventually('a new standby', () => centre.sotto.mediaPair(), 10_000))[0], standby)
  return active
}

const health = async () => (await (await fetch(`${centre.sotto.http}/health`)).json()) as { readonly degraded: readonly string[] }

const listeners = (): readonly Line[] =>
  conversations.flatMap(({ customer, agentLine, supervisor }) => [customer, agentLine, ...(supervisor ? [supervisor.phone.line] : [])])

/** RFC 3550 sequence and time across the change: the same stream, forwards only, and hardly anything missing. */
function unbroken({ heard, number }: Line, killedAt: number, missingAtMost: number): void {
  const arrivals = heard.kept.filter(({ at }) => at >= killedAt - 200)
  assert.ok((arrivals.at(-1)?.at ?? 0) - killedAt > 1_400, `audio to ${number} has stopped`)
  assert.equal(new Set(arrivals.map(({ ssrc }) => ssrc)).size, 1, `another stream to ${number}`)
  let missing = 0
  for (const [i, now] of arrivals.entries()) {
    const before = arrivals[i - 1]
    if (before === undefined) continue
    const steps = ((now.sequence - before.sequence) << 16) >> 16
    const moved = (now.timestamp - before.timestamp) | 0
    assert.ok(steps > 0 && moved >= 160, `to ${number} sequence moves by ${steps}, time by ${moved}`)
    missing += moved / 8 - 20
  }
  assert.ok(missing <= missingAtMost, `${number} misses ${missing} ms`)
}

function accepted(): void {
  for (const { media, number } of listeners()) assert.equal(media.stream.refused, 0, `SRTP to ${number} is refused`)
}

async function hearing({ customer, agent, agentLine, supervisor }: Conversation): Promise<void> {
  const voice = supervisor === undefined ? undefined : toneOf(supervisor.phone)
  const coached = voice !== undefined && supervisor?.mode !== 'monitor' ? [voice] : []
  const barged = voice !== undefined && supervisor?.mode === 'barge' ? [voice] : []
  await hear({ line: customer, hears: [toneOf(agent), ...barged] }, { line: agentLine, hears: [outsideTone, ...coached] })
  if (supervisor !== undefined) await hear({ line: supervisor.phone.line, hears: [outsideTone, toneOf(agent)] })
}

async function converse(extension: string, mode: Mode | undefined): Promise<Conversation> {
  const { line, call } = await centre.customer(`+1866555${extension}`, `+44207000${extension}`)
  const agent = phone(extension)
  const supervisor = mode === undefined ? {} : { supervisor: { phone: phone(supervisorOf(mode)), mode } }
  if (mode !== undefined) {
    const { id } = await centre.api.supervise(call.id, { supervisor: { extension: supervisorOf(mode) }, mode })
    await eventually('he is there', async () => (await centre.api.supervision(id)).state === 'active')
  }
  return { id: call.id, customer: line, agent, agentLine: agent.line, ...supervisor }
}

function phone(extension: string): Phone {
  const found = phones.get(extension)
  assert.ok(found !== undefined)
  return found
}

function supervisorOf(mode: Mode): string {
  return String(7_901 + modes.indexOf(mode))
}

function enlarge(config: Config): void {
  const [account] = config.accounts
  for (const number of agents) {
    account?.extensions.push({ number, name: `Agent ${number}`, password: `pw-${number}`, mayBeMonitored: true, monitorMode: 'extensive' })
    account?.numbers.push({ number: `+1866555${number}`, routeTo: { extension: number } })
  }
  for (const number of modes.map(supervisorOf)) {
    account?.extensions.push({ number, name: `Supervisor ${number}`, password: `pw-${number}`, monitorMode: 'extensive' })
  }
}
