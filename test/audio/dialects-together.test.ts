/**
 * 64 clients speak all dialects about the same calls for a minute. At the end every phone hears what the matrix says, and every listing tells of
 * the same calls.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import {
  type DialectClient,
  dialectClients,
  type Mode,
  type Reply,
  type Request,
  type Supervisor,
  sara,
  wanda,
} from '../../testkit/dialect-clients.ts'
import { sendTo } from '../../testkit/dialect-wire.ts'
import type { Phone } from '../../testkit/phone.ts'
import type { Line } from '../../testkit/phone-line.ts'
import { eventually } from '../../testkit/phone-wait.ts'
import { SeededRandom } from '../../testkit/random.ts'

const seconds = Number(process.env.SOTTO_TOGETHER_SECONDS ?? 60)
const seed = Number(process.env.SOTTO_SEED ?? Date.now() % 1_000_000)
const clients = 64

// A freed port rests for five seconds, and supervisors come and go faster here than in any call centre.
const centre = centreFor({ env: { SOTTO_MEDIA_PORTS: '2000-9999' } })
const phones = new Map<string, Phone>()
before(async () => {
  await centre.open()
  for (const extension of ['210', '106', '101', '024']) phones.set(extension, await centre.now.phone(extension))
})
after(centre.close)

const send = (request: Request): Promise<Reply> => sendTo(centre.now.sotto.http, request)

interface Scene {
  readonly from: string
  readonly target: string
  readonly line: Line
}

test(`${clients} clients, ${seconds} s, seed ${seed}`, { timeout: (seconds + 60) * 1_000 }, async () => {
  const scenes = [await scene('6501230001', '+15554150210', '210'), await scene('6501230002', '+15554150106', '106')]
  const tokens = new Map<DialectClient, string>()
  for (const client of dialectClients) tokens.set(client, await client.login(send))
  const until = performance.now() + seconds * 1_000
  const work = Array.from({ length: clients }, async (_, i) => {
    const random = new SeededRandom(seed + i)
    const client = dialectClients[i % dialectClients.length] as DialectClient
    while (performance.now() < until) await act({ client, token: tokens.get(client) ?? '', random, scenes })
    return random
  })
  await Promise.all(work)
  await agree(scenes, tokens)
})

async function scene(from: string, number: string, target: string): Promise<Scene> {
  const { line } = await centre.now.customer(number, from)
  return { from, target, line }
}

interface Actor {
  readonly client: DialectClient
  readonly token: string
  readonly random: SeededRandom
  readonly scenes: readonly Scene[]
}

/** Looks at the calls, supervises one of them, or sends a supervisor away. */
async function act({ client, token, random, scenes }: Actor): Promise<void> {
  const list = await send(client.list(token))
  assert.equal(list.status, 200, list.text)
  const on = scenes[random.integer(scenes.length)] as Scene
  const id = client.find(list, on.from)
  if (client.name === 'newvoicemedia' || id === undefined) return
  const by: Supervisor = random.chance(0.5) ? sara : wanda
  if (random.chance(0.2)) return sendAway(by, random)
  const mode = (['monitor', 'whisper', 'barge'] as const)[random.integer(3)] as Mode
  const asked = client.supervise(token, { id, target: on.target, by, mode, view: '01' })
  if (asked === undefined) return
  const reply = await send(asked)
  const status = `${asked.line} ${asked.body} → ${reply.status} ${reply.text}`
  assert.ok(reply.status < 500, `${status}\n${centre.now.sotto.output.slice(-2_000)}`)
}

/** By his own phone or by the API. */
async function sendAway(by: Supervisor, random: SeededRandom): Promise<void> {
  const phone = phones.get(by.extension)
  const line = phone?.lines[0]
  if (random.chance(0.5)) return line?.hangUp().catch(() => {})
  const [supervision] = await centre.now.api.supervisions()
  if (supervision !== undefined) await centre.now.api.endSupervision(supervision.id).catch(() => {})
}

async function agree(scenes: readonly Scene[], tokens: ReadonlyMap<DialectClient, string>): Promise<void> {
  await eventually('no supervisor rings any more', async () =>
    (await centre.now.api.supervisions()).every(({ state }) => state === 'active'),
  )
  for (const { from, target, line } of scenes) {
    const call = (await centre.now.api.calls()).find(({ ani }) => ani === from)
    assert.ok(call !== undefined && call.state === 'active', `the call of ${from} lives`)
    const { pairs, revision, appliedRevision } = await centre.now.api.hearing(call.id)
    assert.equal(appliedRevision, revision)
    const addresses = new Map(call.parties.filter(({ state }) => state !== 'ended').map((p) => [p.id, p.extension ?? 'outside']))
    const hears = (who: string) =>
      pairs.filter(({ listener }) => addresses.get(listener) === who).map(({ talker }) => toneAt(addresses.get(talker)))
    const agent = phones.get(target)?.lines.find((l) => l.state === 'connected')
    assert.ok(agent !== undefined)
    await hear({ line, hears: hears('outside') }, { line: agent, hears: hears(target) })
    for (const [client, token] of tokens) {
      if (client.name === 'newvoicemedia') continue
      const list = await send(client.list(token))
      assert.ok(client.find(list, from) !== undefined, `${client.name} lists the call of ${from}: ${list.text}`)
    }
  }
}

const toneAt = (address: string | undefined): number => {
  const phone = phones.get(address ?? '')
  return phone === undefined ? outsideTone : toneOf(phone)
}
