import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { abroad, home } from '../../testkit/people.ts'
import { SeededRandom } from '../../testkit/random.ts'
import { ScriptedEngine } from '../../testkit/scripted-engine.ts'
import { callCentre } from '../../testkit/world-call-centre.ts'
import { systemHash } from '../edge/hash.ts'
import { legId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import { silent } from '../kernel/log.ts'
import { addMs, type Instant, instant } from '../kernel/time.ts'
import type { Caller, OutEvent } from './command.ts'
import { Desk } from './desk.ts'
import { type Clock, OpenDesk } from './front-desk.ts'

const caller: Caller = { account: home, role: 'admin' }
const directory = callCentre()

describe('the open desk', () => {
  test('answers when the engine has accepted, also if it says so while it is being ordered', async () => {
    const { open, engine } = opened({ atOnce: true })
    const outcome = await open.request(caller, { kind: 'originate', from: { extension: '210' }, to: { number: '+15550001111' } })
    assert.ok(outcome.ok)
    assert.equal(open.calls(home)[0]?.id, outcome.value.call?.id)
    assert.equal(engine.faults.length, 0)
  })

  test('rings its one alarm at the desk’s deadline', async () => {
    const { open, clock } = opened()
    const answered = open.request(caller, { kind: 'originate', from: { extension: '210' }, to: { number: '+15550001111' } })
    assert.equal(clock.alarmAt, addMs(clock.now(), 5_000))
    clock.ring()
    assert.deepEqual(await answered, { ok: false, error: { code: 'timeout' } })
    assert.equal(clock.alarmAt, clock.soonest, 'only the rest of an agent whose phone did not answer is left')
  })

  test('shows an account its own calls and events, and nothing of another’s', async () => {
    const { open } = opened({ atOnce: true })
    const seen: OutEvent[] = []
    const stop = open.subscribe(home, (event) => seen.push(event))
    open.subscribe(abroad, () => assert.fail('not his event'))
    await open.request(caller, { kind: 'originate', from: { extension: '210' }, to: { number: '+15550001111' } })
    const [call] = open.calls(home)
    assert.ok(call)
    assert.equal(open.call(abroad, call.id), undefined)
    assert.deepEqual(open.calls(abroad), [])
    assert.ok(seen.length > 0)
    assert.deepEqual(open.eventsAfter(home, seen[0]?.id ?? ''), seen.slice(1))
    stop()
    const before = seen.length
    await open.request(caller, { kind: 'end-call', call: call.id })
    assert.equal(seen.length, before)
  })

  test('a listener that throws harms nobody', async () => {
    const errors: string[] = []
    const { open } = opened({ atOnce: true, log: { ...silent, error: (_, message) => errors.push(message) } })
    const seen: OutEvent[] = []
    open.subscribe(home, () => {
      throw new Error('listener')
    })
    open.subscribe(home, (event) => seen.push(event))
    const outcome = await open.request(caller, { kind: 'originate', from: { extension: '210' }, to: { number: '+15550001111' } })
    assert.ok(outcome.ok)
    assert.ok(seen.length > 0 && errors.length === seen.length)
  })

  test('an engine that throws harms nobody: the request is answered by its time-out', async () => {
    const { open, engine, clock } = opened()
    engine.order = () => {
      throw new Error('engine')
    }
    const answered = open.request(caller, { kind: 'originate', from: { extension: '210' }, to: { number: '+15550001111' } })
    clock.ring()
    assert.deepEqual(await answered, { ok: false, error: { code: 'timeout' } })
  })

  test('asks the mixer for levels, by party', async () => {
    const { open, engine } = opened()
    engine.offer({ id: legId('in'), account: home, address: 'in' })
    const source = { kind: 'trunk', account: home, trunk: 'pstn' } as const
    engine.emit({ kind: 'leg-offered', leg: legId('in'), source, from: { number: '+15550001111' }, dialled: '+15554150210' })
    for (const leg of [...engine.alive()]) if (leg.phase === 'inviting') engine.answer(leg)
    engine.answer(engine.legs.get(legId('in')) ?? assert.fail())
    const [call] = open.calls(home)
    assert.ok(call)
    const levels = await open.levels(home, call.id)
    assert.deepEqual(levels.map((l) => l.party).toSorted(), call.parties.map((p) => p.id).toSorted())
    assert.deepEqual(await open.levels(abroad, call.id), [])
  })

  test('says what is wrong with the node', () => {
    const { open, engine } = opened()
    assert.deepEqual(open.degraded(), [])
    engine.emit({ kind: 'media', up: false })
    open.drain()
    assert.deepEqual(open.degraded(), ['media', 'draining'])
    assert.equal(open.draining, true)
  })

  test('shows extensions, agents and groups as they are now', () => {
    const { open, engine } = opened()
    engine.emit({ kind: 'registration', account: home, extension: '210', contacts: 0 })
    assert.equal(open.extensions(home).find((e) => e.number === '210')?.registered, false)
    assert.equal(open.agents(home).find((a) => a.extension === '210')?.state, 'offline')
    assert.equal(open.agents(home).find((a) => a.extension === '211')?.state, 'available')
    assert.deepEqual(
      open.groups(home).map((g) => [g.id, g.waiting]),
      [
        ['030', 0],
        ['200', 0],
        ['400', 0],
      ],
    )
  })
})

test('calls are found by their serial, and kept after their end, each account its own', async () => {
  const { open, engine } = opened()
  const outcome = await ordered(open, engine)
  const serial = outcome?.serial ?? 0
  assert.equal(open.callBySerial(home, serial)?.id, outcome?.id)
  assert.equal(open.callBySerial(abroad, serial), undefined)
  assert.deepEqual(open.endedCalls(home), [])
  for (const leg of [...engine.alive()]) engine.end(leg, 'hangup')
  assert.deepEqual(
    open.endedCalls(home).map((call) => call.serial),
    [serial],
  )
  assert.deepEqual([open.endedCalls(abroad), open.calls(home)], [[], []])
  assert.equal(open.callBySerial(home, serial)?.endedAt !== undefined, true)
})

async function ordered(open: OpenDesk, engine: ScriptedEngine) {
  const answered = open.request(caller, { kind: 'originate', from: { extension: '210' }, to: { number: '+15550001111' } })
  for (const leg of [...engine.alive()]) engine.accept(leg)
  const outcome = await answered
  return outcome.ok ? outcome.value.call : undefined
}

class StillClock implements Clock {
  #now: Instant = instant(1_800_000_000_000)
  #ring: () => void = () => {}
  alarmAt: Instant | undefined

  now(): Instant {
    return this.#now
  }

  get soonest(): Instant {
    return addMs(this.#now, 10_000)
  }

  alarm(at: Instant | undefined, ring: () => void): void {
    this.alarmAt = at
    this.#ring = ring
  }

  ring(): void {
    if (this.alarmAt !== undefined) this.#now = this.alarmAt
    this.#ring()
  }
}

function opened({ atOnce = false, log = silent }: { readonly atOnce?: boolean; readonly log?: Log } = {}) {
  const clock = new StillClock()
  const engine = atOnce ? new HastyEngine() : new ScriptedEngine()
  const desk = new Desk({ directory, random: new SeededRandom(1), sha256: systemHash.sha256, at: clock.now() })
  const open = new OpenDesk({ desk, engine, directory, clock, log })
  engine.emit({ kind: 'media', up: true })
  for (const extension of ['210', '211', '101']) engine.emit({ kind: 'registration', account: home, extension, contacts: 1 })
  return { open, engine, clock }
}

/** Accepts legs before the order has returned. */
class HastyEngine extends ScriptedEngine {
  override order(...[order]: Parameters<ScriptedEngine['order']>): void {
    super.order(order)
    const leg = order.effect.kind === 'invite' ? this.legs.get(order.effect.leg) : undefined
    if (leg !== undefined) this.accept(leg)
  }
}
