import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { aCall, aCustomer, accountB, anAgent, aSupervision, noon, supervised } from '../../testkit/desk.ts'
import { eventually } from '../../testkit/phone-wait.ts'
import type { PartyLevel } from '../control/command.ts'
import { type CallId, callId, partyId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'

let server: TestServer
let measured: CallId[]
const streams: AbortController[] = []

beforeEach(async () => {
  server = await startApi()
  measured = []
  server.desk.put(aCall('c1'), supervised(aCall('c2'), aSupervision('s1')), aCall('theirs', { account: accountB }))
  server.desk.levels = async (_account, call) => {
    measured.push(call)
    return [level('p-c', -20), level('p-s', -30)]
  }
})

afterEach(async () => {
  for (const stream of streams.splice(0)) stream.abort()
  await server.close()
})

const level = (party: string, levelDbov: number): PartyLevel => ({ party: partyId(party), levelDbov, lastAudioAt: noon })

interface Frame {
  readonly at: string
  readonly calls: Readonly<Record<string, Readonly<Record<string, number | null>>>>
}

/** Frames as they come; the stream goes on until the test is over. */
async function listen(query: string, key: string = keys.observer): Promise<Frame[]> {
  const abort = new AbortController()
  streams.push(abort)
  const address = `${server.url}/sotto/v1/levels?calls=${query}`
  const answer = await fetch(address, { headers: { Authorization: `Bearer ${key}` }, signal: abort.signal })
  assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'text/event-stream; charset=utf-8'])
  const frames: Frame[] = []
  const read = async () => {
    let text = ''
    for await (const chunk of answer.body ?? []) {
      text += new TextDecoder().decode(chunk)
      const parts = text.split('\n\n')
      text = parts.pop() ?? ''
      for (const part of parts)
        if (part.startsWith('event: levels\ndata: ')) frames.push(JSON.parse(part.slice('event: levels\ndata: '.length)))
    }
  }
  read().catch(() => undefined)
  return frames
}

const frame = (frames: readonly Frame[], from = 0): Promise<Frame> => eventually('a frame', () => frames[from], 3_000)

describe('levels', () => {
  test('of each connected party of the calls that were asked for; null where nothing was measured', async () => {
    const first = await frame(await listen('c1,c2,c1'))
    assert.deepEqual(first, {
      at: '2026-11-20T12:00:00.250Z',
      calls: { c1: { 'p-c': -20, 'p-a': null }, c2: { 'p-c': -20, 'p-a': null, 'p-s': -30 } },
    })
  })

  test('come four times a second, each call measured once however many look at it', async () => {
    const [one, other] = [await listen('c1'), await listen('c1,c2')]
    await frame(other)
    measured = []
    const [from, begin] = [one.length, performance.now()]
    await frame(one, from + 3)
    const ms = performance.now() - begin
    assert.ok(ms > 2 * limits.levelEveryMs, `4 frames within ${ms} ms`)
    const times = measured.filter((id) => id === 'c1').length
    assert.ok(times >= 3 && times <= 6, `${times} measurements for 4 frames of two readers`)
  })

  test('a call that ends disappears, one that begins appears, and what is not his is not there', async () => {
    const frames = await listen('c1,theirs,c9,nowhere')
    assert.deepEqual(Object.keys((await frame(frames)).calls), ['c1'])
    server.desk.put(aCall('c1', { endedAt: noon }), aCall('c9'))
    await eventually('the other call', () => Object.keys(frames.at(-1)?.calls ?? {}).join() === 'c9', 3_000)
    assert.ok(!measured.includes(callId('theirs')))
    measured = []
    await frame(frames, frames.length + 1)
    assert.ok(!measured.includes(callId('c1')))
  })

  test('nothing is measured when nobody looks any more', async () => {
    await frame(await listen('c1'))
    streams.pop()?.abort()
    await eventually('silence', async () => {
      const before = measured.length
      await new Promise((resolve) => setTimeout(resolve, 2 * limits.levelEveryMs + 50))
      return measured.length === before
    })
  })

  test('agents see no supervisor in them', async () => {
    const seen = await frame(await listen('c2', keys.agent))
    assert.deepEqual(seen.calls, { c2: { 'p-c': -20, 'p-a': null } })
    assert.deepEqual(Object.keys((await frame(await listen('c2', keys.supervisor))).calls.c2 ?? {}), ['p-c', 'p-a', 'p-s'])
  })

  test('a party who only rings, and one who has left, have none', async () => {
    const ringing = { ...anAgent('p-r', '106'), state: 'ringing' as const }
    const gone = { ...anAgent('p-g', '107'), state: 'ended' as const }
    server.desk.put(aCall('c5', { parties: [aCustomer('p-c'), ringing, gone] }))
    assert.deepEqual((await frame(await listen('c5'))).calls, { c5: { 'p-c': -20 } })
  })
})

for (const [line, status, code] of [
  ['GET /levels', 422, 'parameter-missing'],
  ['GET /levels?calls=,', 422, 'parameter-invalid'],
  [`GET /levels?calls=${Array.from({ length: limits.levelCallsPerStream + 1 }, (_, i) => `c${i}`)}`, 422, 'parameter-invalid'],
] as const)
  test(`${line.slice(0, 24)} is ${code}`, async () => {
    const answer = await server.ask(line, { key: keys.observer })
    assert.deepEqual([answer.status, answer.json.code], [status, code])
  })

test('the credential may be in the address, and without one there is nothing', async () => {
  const open = await fetch(`${server.url}/sotto/v1/levels?calls=c1&access_token=${keys.observer}`, { method: 'HEAD' })
  assert.equal(open.status, 200)
  assert.equal((await server.ask('GET /levels?calls=c1')).status, 401)
  assert.equal(
    (await fetch(`${server.url}/sotto/v1/levels?calls=c1`, { method: 'HEAD', headers: { Authorization: `Bearer ${keys.other}` } })).status,
    200,
  )
})
