import assert from 'node:assert/strict'
import { test } from 'node:test'
import { home } from '../../testkit/people.ts'
import { SeededRandom } from '../../testkit/random.ts'
import { ScriptedEngine } from '../../testkit/scripted-engine.ts'
import { callCentre } from '../../testkit/world-call-centre.ts'
import { systemHash } from '../edge/hash.ts'
import type { LineDoor, LineFailure } from '../engine/port.ts'
import { accountId, lineId, type RequestId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { silent } from '../kernel/log.ts'
import { instant } from '../kernel/time.ts'
import type { Caller } from './command.ts'
import { Desk } from './desk.ts'
import { OpenDesk } from './front-desk.ts'
import { ownerOf } from './line-words.ts'

const wanda: Caller = { account: home, role: 'supervisor', user: '13', credential: 'c1' }
const other: Caller = { account: home, role: 'supervisor', credential: 'c2' }

function opened(engine = new ScriptedEngine()) {
  const directory = callCentre()
  const at = instant(1_800_000_000_000)
  const desk = new Desk({ directory, random: new SeededRandom(1), sha256: systemHash.sha256, at })
  const clock = { now: () => at, alarm: () => undefined }
  return { engine, ...{ desk: new OpenDesk({ desk, engine, directory, clock, log: silent }) } }
}

test('a line is opened, found by its owner, told of, renewed, and closed', async () => {
  const { desk } = opened()
  const told: unknown[] = []
  desk.subscribe(home, (event) => 'line' in event && told.push(event.line.state))
  const made = await desk.lines.open(wanda, { offer: 'o', label: 'Wall' })
  assert.ok(made.ok)
  const { line, answer } = made.value
  assert.deepEqual([line.state, line.label, line.user, answer], ['open', 'Wall', '13', 'v=0'])
  assert.deepEqual(desk.lines.list(wanda), [line])
  assert.deepEqual(desk.lines.list(other), [])
  const renewed = await desk.lines.renew(wanda, line.id, 'o2')
  assert.equal(renewed.ok && renewed.value.line.id, line.id)
  for (const outcome of [await desk.lines.renew(other, line.id, 'o2'), await desk.lines.close(other, line.id)])
    assert.equal(!outcome.ok && outcome.error.code, 'resource-unknown')
  const closed = await desk.lines.close(wanda, line.id)
  assert.equal(closed.ok && closed.value.state, 'closed')
  assert.equal(desk.lines.get(wanda, line.id), undefined)
  assert.deepEqual(told, ['open', 'closed'])
})

test('after a restart the lines of people are closed who are not in the configuration any more, or may not supervise', () => {
  const closed: string[] = []
  class Engine extends ScriptedEngine {
    override readonly lines: LineDoor = { open: () => undefined, renew: () => undefined, close: (line) => closed.push(line) }
  }
  const engine = new Engine()
  opened(engine)
  const line = (id: string, user?: string) => ({
    ...{
      line: lineId(id),
      account: home,
      owner: ownerOf({ ...other, ...(user && { user }) }),
      createdAt: instant(0),
      state: 'open' as const,
    },
    ...(user && { user }),
  })
  const lines = [line('n1', '13'), line('n2', 'gone'), line('n3', '14'), line('n4')]
  engine.emit({ kind: 'restored', legs: [], bridges: [], lines })
  assert.deepEqual(closed, ['n2', 'n3'])
})

test('an owner has so many, and an account', async () => {
  const { desk } = opened()
  for (let i = 0; i < limits.linesPerOwner; i++) assert.ok((await desk.lines.open(wanda, { offer: 'o' })).ok)
  const refused = await desk.lines.open(wanda, { offer: 'o' })
  assert.equal(!refused.ok && refused.error.code, 'capacity-exceeded')
  for (let i = limits.linesPerOwner; i < limits.linesPerAccount; i++)
    assert.ok((await desk.lines.open({ ...other, credential: `k${i}` }, { offer: 'o' })).ok)
  const full = await desk.lines.open(other, { offer: 'o' })
  assert.equal(!full.ok && full.error.code, 'capacity-exceeded')
  assert.ok((await desk.lines.open({ ...other, account: accountId('12440022') }, { offer: 'o' })).ok)
})

test('lines that are being opened count as well', async () => {
  class Slow extends ScriptedEngine {
    override readonly lines: LineDoor = { open: () => undefined, renew: () => undefined, close: () => undefined }
  }
  const { desk } = opened(new Slow())
  for (let i = 0; i < limits.linesPerOwner; i++) void desk.lines.open(wanda, { offer: 'o' })
  const refused = await desk.lines.open(wanda, { offer: 'o' })
  assert.equal(!refused.ok && refused.error.code, 'capacity-exceeded')
})

for (const [because, code] of [
  ['offer', 'parameter-invalid'],
  ['unknown', 'resource-unknown'],
  ['busy', 'wrong-state'],
  ['media', 'engine-failed'],
] as const satisfies readonly (readonly [LineFailure, string])[]) {
  test(`what the engine cannot do (${because}) is refused as ${code}`, async () => {
    class Failing extends ScriptedEngine {
      override readonly lines: LineDoor = {
        open: (request: RequestId, { line }) => this.emit({ kind: 'line-failed', request, line, because }),
        renew: () => undefined,
        close: () => undefined,
      }
    }
    const { desk } = opened(new Failing())
    const refused = await desk.lines.open(wanda, { offer: 'o' })
    assert.equal(!refused.ok && refused.error.code, code)
    assert.equal(desk.lines.get(wanda, lineId('n')), undefined)
  })
}
