/** Webhooks of a real server whose control process is killed: what its receiver has not taken comes from the next one. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { usualPlans } from '../../src/outbox/plan.ts'
import { eventually, pause } from '../../testkit/phone-wait.ts'
import { reference, startSotto } from '../../testkit/sotto.ts'

interface Got {
  readonly id: string
  readonly taken: boolean
  readonly event: { readonly id: string; readonly type: string; readonly data: { readonly state: string; readonly reason?: string } }
}

/** The first try after the receiver is back may be the third, where a start takes long: both pauses before it, as long as they can be, and some. */
const { pausesMs, jitter } = usualPlans.webhook
const untilThirdTryMs = (1 + jitter) * ((pausesMs[0] ?? 0) + (pausesMs[1] ?? 0)) + 10_000

const closing: (() => unknown)[] = []
after(async () => {
  for (const close of closing.reverse()) await close()
})

test('kill -9 of control loses no event for a webhook, and none comes under two ids', { timeout: 180_000 }, async () => {
  let isUp = true
  const got: Got[] = []
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      got.push({ id: String(request.headers['webhook-id']), taken: isUp, event: JSON.parse(Buffer.concat(chunks).toString()) })
      response.writeHead(isUp ? 200 : 503).end()
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    receiver.closeAllConnections()
    receiver.close()
  })
  const sotto = await startSotto()
  closing.push(() => sotto.stop())
  const ask = async (method: string, path: string, body?: object) => {
    const headers = { Authorization: `Bearer ${reference.adminKey}`, 'Content-Type': 'application/json' }
    const answer = await fetch(`${sotto.http}/sotto/v1${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status}`)
    return (await answer.json()) as { readonly id: string; readonly waiting: number }
  }
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
  const { id } = await ask('POST', '/webhooks', { url, types: ['agent.state'] })
  const said: string[] = []
  const say = async (reason: string) => {
    await ask('PUT', '/agents/1234/state', { state: 'away', reason })
    said.push(reason)
  }
  for (let round = 0; round < 2; round += 1) {
    isUp = false
    for (let i = 0; i < 5; i += 1) await say(`${round}.${i}`)
    sotto.kill('control')
    await pause(200)
    await sotto.ready()
    isUp = true
    await say(`${round} after`)
    await eventually('all of the round', () => got.some((one) => one.taken && one.event.data.reason === `${round} after`), untilThirdTryMs)
  }
  const taken = got.filter((one) => one.taken)
  const reasons = taken.map((one) => one.event.data.reason ?? '')
  assert.deepEqual(
    reasons.filter((reason, i) => said.includes(reason) && reason !== reasons[i - 1]),
    said,
    'all of them, in order',
  )
  for (const one of got) assert.equal(one.id, `${id}_${one.event.id}`)
  assert.equal((await ask('GET', `/webhooks/${id}`)).waiting, 0)
})
