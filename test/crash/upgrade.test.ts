/**
 * A newer version, from a folder of its own, takes over from the one that is running, under calls with tones of which one is supervised and
 * one recorded. Nobody loses his call, nobody hears whom he may not, and the older one leaves nothing behind.
 */
import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Centre, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import type { Phone } from '../../testkit/phone.ts'
import type { Line } from '../../testkit/phone-line.ts'
import { eventually, pause } from '../../testkit/phone-wait.ts'
import { type Config, reference } from '../../testkit/sotto.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const agents = ['7001', '7002', '7003', '7004']
const supervisor = '7901'
const newerVersion = '99.0.0'
/** Half of the listeners miss no more than that, and the API is away no longer, where nothing else runs; a busy machine is given more time. */
const usuallyMissingMs = 60
const silentAtMostMs = 2_000
/** Far below a beginning from nothing. */
const missingAtMostMs = 400
const busy = (): number => Math.max(1, loadavg()[0] ?? 1)

interface Conversation {
  readonly id: string
  readonly customer: Line
  readonly agent: Phone
  readonly agentLine: Line
}

let centre: Centre
let coach: Phone
const conversations: Conversation[] = []
const checkout = mkdtempSync(join(tmpdir(), 'sotto-newer-'))

before(async () => {
  copyTo(checkout, newerVersion)
  centre = await Centre.open({ change: enlarge })
  for (const extension of agents) conversations.push(await converse(extension, await centre.phone(extension)))
  coach = await centre.phone(supervisor)
  const { id } = await centre.api.supervise(supervised().id, { supervisor: { extension: supervisor }, mode: 'whisper' })
  await eventually('he is there', async () => (await centre.api.supervision(id)).state === 'active')
  await centre.api.record(recorded().id, 'on')
})

after(async () => {
  await centre.close()
  rmSync(checkout, { recursive: true, force: true })
})

test('a second one on the same data is refused, and says what to do', async () => {
  await eventually('the standby', () => centre.sotto.mediaPair(), 10_000)
  const { code, said } = await centre.sotto.second()
  assert.equal(code, 1)
  assert.match(said, /^sotto: data: Sotto \S+ \(process \d+\) works on \S+ already: start with --take-over/m)
  for (const conversation of conversations) await hearing(conversation)
})

test('one that cannot serve leaves everything to the older one', { timeout: 90_000 }, async () => {
  const broken = mkdtempSync(join(tmpdir(), 'sotto-broken-'))
  copyTo(broken, '98.0.0')
  writeFileSync(join(broken, 'src/control.ts'), 'process.exit(7)\n')
  await pause(2_500)
  await assert.rejects(centre.sotto.upgrade(broken), /control could not start/)
  rmSync(broken, { recursive: true, force: true })
  await centre.sotto.ready()
  await allWell(performance.now())
  assert.notEqual(await version(), '98.0.0')
})

test('an upgrade loses no call, and hardly a word', { timeout: 120_000 }, async () => {
  await eventually('the standby', () => centre.sotto.mediaPair(), 10_000)
  await pause(2_500)
  const older = [...centre.sotto.pids('control'), ...centre.sotto.pids('media')]
  const before = await centre.api.calls()
  const begun = performance.now()
  const watching = watch()
  assert.equal(await centre.sotto.upgrade(checkout), 0)
  const silentMs = await watching.stop()
  assert.ok(silentMs < silentAtMostMs * busy(), `the API was silent for ${silentMs} ms`)
  assert.equal(await version(), newerVersion)
  for (const pid of older) assert.ok(!existsSync(`/proc/${pid}`), `process ${pid} is still there`)
  await allWell(begun)
  const now = await centre.api.calls()
  assert.deepEqual(
    now.map(({ id, state, supervisions }) => [id, state, supervisions.map((s) => s.state)]),
    before.map(({ id, state, supervisions }) => [id, state, supervisions.map((s) => s.state)]),
  )
})

test('the newer one has a standby of its own, and a call can be commanded as before', async () => {
  const pair = await eventually('a standby', () => centre.sotto.mediaPair(), 10_000)
  const commands = pair.map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
  assert.ok(
    commands.every((command) => command.includes(checkout)),
    String(commands),
  )
  const [supervision] = (await centre.api.call(supervised().id)).supervisions
  await centre.api.change(supervision?.id ?? '', { mode: 'barge' })
  await hear({ line: supervised().customer, hears: [toneOf(supervised().agent), toneOf(coach)] })
  await centre.api.change(supervision?.id ?? '', { mode: 'whisper' })
  await hearing(supervised())
})

test('the recording is one, with a hole where the upgrade was', async () => {
  await centre.api.record(recorded().id, 'off')
  const url = `${centre.sotto.http}/sotto/v1/recordings?call=${recorded().id}`
  const list = async () => {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${reference.adminKey}` } })
    const { items } = (await answer.json()) as { readonly items: readonly { complete: boolean; gaps: readonly { why: string }[] }[] }
    return items.length > 0 ? items : undefined
  }
  const items = await eventually('it is stored', list, 5_000)
  assert.deepEqual(
    items.map(({ complete, gaps }) => [complete, gaps.map(({ why }) => why)]),
    [[true, ['hole']]],
  )
})

test('a second upgrade works like the first', { timeout: 90_000 }, async () => {
  await pause(2_500)
  const begun = performance.now()
  assert.equal(await centre.sotto.upgrade(), 0)
  assert.notEqual(await version(), newerVersion)
  await allWell(begun)
})

const supervised = (): Conversation => conversations[0] as Conversation
const recorded = (): Conversation => conversations[1] as Conversation

const version = async (): Promise<string> => ((await (await fetch(`${centre.sotto.http}/health`)).json()) as { version: string }).version

/** Every stream has gone on since then, and everybody hears whom he should. */
async function allWell(since: number): Promise<void> {
  await pause(500)
  const lines = [coach.line, ...conversations.flatMap(({ customer, agentLine }) => [customer, agentLine])]
  const missing = lines.map((line) => missingMs(line, since)).toSorted((a, b) => a - b)
  assert.ok((missing[Math.floor(missing.length / 2)] ?? 0) <= usuallyMissingMs * busy(), `missing ${missing} ms`)
  assert.ok((missing.at(-1) ?? 0) <= missingAtMostMs * busy(), `missing ${missing} ms`)
  for (const conversation of conversations) await hearing(conversation)
}

/** RFC 3550 sequence and time since then: the same stream, forwards only. */
function missingMs({ heard, number }: Line, since: number): number {
  const arrivals = heard.kept.filter(({ at }) => at >= since - 200)
  assert.ok(performance.now() - (arrivals.at(-1)?.at ?? 0) < 300, `audio to ${number} has stopped`)
  assert.equal(new Set(arrivals.map(({ ssrc }) => ssrc)).size, 1, `another stream to ${number}`)
  let missing = 0
  for (const [i, now] of arrivals.entries()) {
    const last = arrivals[i - 1]
    if (last === undefined) continue
    assert.ok(((now.sequence - last.sequence) << 16) >> 16 > 0, `to ${number} ${now.sequence} after ${last.sequence}`)
    missing += ((now.timestamp - last.timestamp) | 0) / 8 - 20
  }
  return missing
}

/** Asks all the time whether the server is ready; `stop` tells the longest time without a yes. */
function watch(): { stop(): Promise<number> } {
  let isOver = false
  let silentMs = 0
  const asking = (async () => {
    let answeredAt = performance.now()
    for (let isLast = false; !isLast; ) {
      isLast = isOver
      const answer = await fetch(`${centre.sotto.http}/ready`, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined)
      silentMs = Math.max(silentMs, performance.now() - answeredAt)
      if (answer?.status === 200) answeredAt = performance.now()
      await pause(20)
    }
  })()
  const stop = async () => {
    isOver = true
    await asking
    return silentMs
  }
  return { stop }
}

async function hearing(conversation: Conversation): Promise<void> {
  const { customer, agent, agentLine } = conversation
  const isCoached = conversation === supervised()
  await hear(
    { line: customer, hears: [toneOf(agent)] },
    { line: agentLine, hears: isCoached ? [outsideTone, toneOf(coach)] : [outsideTone] },
    ...(isCoached ? [{ line: coach.line, hears: [outsideTone, toneOf(agent)] }] : []),
  )
}

async function converse(extension: string, agent: Phone): Promise<Conversation> {
  const { line, call } = await centre.customer(`+1866555${extension}`, `+44207000${extension}`)
  return { id: call.id, customer: line, agent, agentLine: agent.line }
}

function copyTo(folder: string, version: string): void {
  for (const name of ['src', 'fixtures', 'docs']) cpSync(join(root, name), join(folder, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const described = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...described, version }))
}

function enlarge(config: Config): void {
  const [account] = config.accounts
  for (const number of agents) {
    account?.extensions.push({ number, name: `Agent ${number}`, password: `pw-${number}`, mayBeMonitored: true, monitorMode: 'extensive' })
    account?.numbers.push({ number: `+1866555${number}`, routeTo: { extension: number } })
  }
  account?.extensions.push({ number: supervisor, name: 'Supervisor', password: `pw-${supervisor}`, monitorMode: 'extensive' })
}
