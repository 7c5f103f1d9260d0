/** An order with an Idempotency-Key is carried out once, at whatever moment the process dies under it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { CallView } from '../../testkit/call-control.ts'
import { Centre } from '../../testkit/centre.ts'
import { eventually, pause } from '../../testkit/phone-wait.ts'
import { SeededRandom } from '../../testkit/random.ts'
import { reference } from '../../testkit/sotto.ts'

const rounds = Number(process.env.SOTTO_CRASH_ROUNDS ?? 6)
const seed = Number(process.env.SOTTO_SEED ?? Date.now() % 2 ** 30)
const random = new SeededRandom(seed)

let centre: Centre
before(async () => {
  centre = await Centre.open()
  await centre.phone('106')
  await centre.phone('101')
})
after(() => centre.close())

interface Reply {
  readonly status: number
  readonly replayed: boolean
  readonly body: Readonly<Record<string, unknown>>
}

const headers = { Authorization: `Bearer ${reference.adminKey}`, 'Content-Type': 'application/json' }

async function send(path: string, key: string, body: object): Promise<Reply> {
  const answer = await fetch(`${centre.sotto.http}/sotto/v1/${path}`, {
    ...{ method: 'POST', headers: { ...headers, 'Idempotency-Key': key }, body: JSON.stringify(body) },
  })
  return { status: answer.status, replayed: answer.headers.has('idempotent-replayed'), body: (await answer.json()) as Reply['body'] }
}

async function list<T>(path: string): Promise<readonly T[]> {
  const answer = await fetch(`${centre.sotto.http}/sotto/v1/${path}`, { headers })
  return ((await answer.json()) as { readonly items: readonly T[] }).items
}

/** Sends it, kills the process meanwhile, and sends it again until somebody answers. */
async function underFire(path: string, key: string, body: object): Promise<Reply> {
  const first = send(path, key, body).catch(() => undefined)
  await pause(random.integer(40))
  centre.sotto.kill('control')
  await first
  return await eventually('an answer', () => send(path, key, body).catch(() => undefined), 15_000)
}

test(`a call is made once (SOTTO_SEED=${seed})`, { timeout: 60_000 + rounds * 30_000 }, async () => {
  const seen: Reply[] = []
  for (let round = 0; round < rounds; round += 1) {
    const number = `+44770090${String(1_000 + round)}`
    const key = `call-${seed}-${round}`
    const body = { from: { extension: '106' }, to: { number } }
    const reply = await underFire('calls', key, body)
    seen.push(reply)
    assert.ok([201, 409, 502, 503, 504].includes(reply.status), JSON.stringify(reply))
    const again = await eventually('an answer', () => send('calls', key, body).catch(() => undefined))
    if (reply.status === 201) assert.deepEqual([again.status, again.body.id], [201, reply.body.id])
    const other = await send('calls', key, { ...body, from: { extension: '101' } })
    if (reply.status === 201) assert.deepEqual([other.status, other.body.parameter], [422, 'Idempotency-Key'])
    for (const { id, dnis } of await list<CallView & { dnis: string }>('calls')) if (dnis === number) await centre.api.end(id)
    await eventually('it is over', async () => (await list<{ dnis: string }>('calls')).every(({ dnis }) => dnis !== number))
    const records = await eventually('its record', async () => {
      const found = (await list<{ id: string; dnis: string }>('cdrs?limit=100')).filter(({ dnis }) => dnis === number)
      return found.length > 0 || reply.status !== 201 ? found : undefined
    })
    assert.ok(records.length <= 1, `round ${round}: ${records.length} calls`)
    await centre.sotto.ready()
  }
  assert.ok(
    seen.some(({ status }) => status === 201),
    'some were carried out',
  )
})

test(`a supervision begins once (SOTTO_SEED=${seed})`, { timeout: 60_000 + rounds * 30_000 }, async () => {
  for (let round = 0; round < rounds; round += 1) {
    const { line, call } = await centre.customer('+18661234568')
    const body = { supervisor: { extension: '101' }, mode: 'monitor' }
    const key = `supervision-${seed}-${round}`
    const reply = await underFire(`calls/${call.id}/supervisions`, key, body)
    assert.ok([201, 409, 502, 503, 504].includes(reply.status), JSON.stringify(reply))
    const { supervisions } = await centre.api.call(call.id)
    assert.ok(supervisions.length <= 1, `round ${round}: ${supervisions.length} supervisions`)
    if (reply.status === 201) assert.equal(supervisions[0]?.id, reply.body.id)
    await line.hangUp()
    await centre.callIn(call.id, 'ended')
    await centre.sotto.ready()
  }
})
