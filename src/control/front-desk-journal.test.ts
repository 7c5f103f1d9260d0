import assert from 'node:assert/strict'
import { test } from 'node:test'
import { home } from '../../testkit/people.ts'
import { SeededRandom } from '../../testkit/random.ts'
import { ScriptedEngine } from '../../testkit/scripted-engine.ts'
import { callCentre } from '../../testkit/world-call-centre.ts'
import { systemHash } from '../edge/hash.ts'
import { silent } from '../kernel/log.ts'
import { instant } from '../kernel/time.ts'
import type { Caller, OutEvent } from './command.ts'
import { Desk } from './desk.ts'
import { OpenDesk } from './front-desk.ts'
import type { DeskRecord, Journal } from './journal.ts'

const caller: Caller = { account: home, role: 'admin' }
const at = instant(1_800_000_000_000)
const originate = { kind: 'originate', from: { extension: '210' }, to: { number: '+15550001111' } } as const

/** What happens outside, in order; the disk is as quick as the test says. */
class Outside {
  readonly seen: string[] = []
  readonly records: DeskRecord[] = []
  fault: string | undefined
  #safe = 0
  #waiting: { readonly place: number; readonly then: () => void }[] = []
  readonly journal: Journal

  constructor() {
    const outside = this
    this.journal = {
      append: (changes) => {
        this.seen.push('written')
        return this.records.push(...(JSON.parse(JSON.stringify(changes)) as DeskRecord[]))
      },
      isSafe: (place) => place <= this.#safe,
      whenSafe: (place, then) => void this.#waiting.push({ place, then }),
      get fault() {
        return outside.fault
      },
    }
  }

  safe(): void {
    this.#safe = this.records.length
    for (const { then } of this.#waiting.splice(0)) then()
  }
}

function opened(outside = new Outside()) {
  const directory = callCentre()
  const engine = new ScriptedEngine()
  const order = engine.order.bind(engine)
  engine.order = (given) => {
    outside.seen.push(given.effect.kind)
    order(given)
  }
  const desk = new Desk({ directory, random: new SeededRandom(1), sha256: systemHash.sha256, at })
  desk.restore(outside.records)
  const alarms: (number | undefined)[] = []
  const clock = { now: () => at, alarm: (due: number | undefined) => void alarms.push(due) }
  const open = new OpenDesk({ desk, engine, directory, clock, log: silent, journal: outside.journal })
  return { outside, open, engine, alarms, desk }
}

function begun(outside?: Outside) {
  const all = opened(outside)
  all.engine.emit({ kind: 'restored', legs: [], bridges: [] })
  all.engine.emit({ kind: 'media', up: true })
  all.engine.emit({ kind: 'registration', account: home, extension: '210', contacts: 1 })
  all.outside.safe()
  return all
}

test('a change is written before its orders leave; its events and its answer wait for the disk', async () => {
  const { outside, open, engine } = begun()
  const events: OutEvent[] = []
  open.subscribe(home, (event) => events.push(event))
  const before = outside.seen.length
  let answered = false
  const cursor = open.eventsAfter(home, String(Number.MAX_SAFE_INTEGER))
  const answer = open.request(caller, originate).then((outcome) => {
    answered = true
    return outcome
  })
  for (const leg of engine.alive()) engine.accept(leg)
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(outside.seen.slice(before), ['written', 'invite', 'written'])
  assert.deepEqual([events.length, answered, cursor], [0, false, undefined])
  outside.safe()
  assert.ok((await answer).ok)
  assert.ok(events.length > 0)
})

test('an event that has not left is not read by a cursor either, and comes once', async () => {
  const { outside, open } = begun()
  open.request(caller, originate)
  outside.safe()
  const seen: OutEvent[] = []
  const [call] = open.calls(home)
  assert.ok(call !== undefined)
  const last = lastEvent(open)
  const past = open.eventsAfter(home, last) ?? []
  open.subscribe(home, (event) => seen.push(event))
  open.request(caller, { kind: 'end-call', call: call.id })
  assert.deepEqual(open.eventsAfter(home, last), past, 'nothing has left')
  outside.safe()
  assert.deepEqual(open.eventsAfter(home, last), [...past, ...seen])
  assert.ok(seen.length > 0)
})

/** The newest event's id, found as a program finds it: by trying what follows. */
function lastEvent(open: OpenDesk): string {
  let id = at * 1_000
  while (open.eventsAfter(home, String(id + 1)) !== undefined) id += 1
  return String(id)
}

test('a refusal waits for no disk', async () => {
  const { open } = begun()
  const outcome = await open.request(caller, { ...originate, from: { extension: '999' } })
  assert.deepEqual(outcome.ok ? '' : outcome.error.code, 'endpoint-unknown')
})

test('the next process has the call, its events by their ids, and its alarm', async () => {
  const first = begun()
  first.open.request(caller, originate)
  first.outside.safe()
  const [call] = first.open.calls(home)
  assert.ok(call !== undefined)
  const cursor = String(at * 1_000)
  const events = first.open.eventsAfter(home, cursor)
  const second = opened(first.outside)
  assert.deepEqual(plain(second.open.calls(home)), plain([call]))
  assert.deepEqual(plain(second.open.eventsAfter(home, cursor)), plain(events))
  assert.equal(second.alarms.at(-1), call.parties[0]?.ringDeadline)
})

test('the next process knows what an order began that is to be carried out once; this one knows it by the answer', async () => {
  const first = begun()
  const order = { name: 'key 1', digest: 'd' }
  const asked = first.open.request({ ...caller, order }, originate)
  const refused = first.open.request({ ...caller, order: { name: 'key 2', digest: 'd' } }, { ...originate, from: { extension: '999' } })
  first.outside.safe()
  await refused
  const [call] = first.open.calls(home)
  assert.equal(first.open.past.earlierOrder('key 1'), undefined)
  const second = opened(first.outside)
  assert.deepEqual(plain(second.open.past.earlierOrder('key 1')), { ...order, at, call: call?.id })
  assert.equal(second.open.past.earlierOrder('key 2'), undefined, 'what was refused began nothing')
  // And the one after that, which begins with how things stood.
  const third = opened()
  third.desk.restore(plain(second.desk.state()) as DeskRecord[])
  assert.deepEqual(plain(third.open.past.earlierOrder('key 1')), { ...order, at, call: call?.id })
  assert.ok(asked instanceof Promise)
})

test('a journal that fails is told', () => {
  const { open, outside } = begun()
  assert.deepEqual(open.degraded(), [])
  outside.fault = 'ENOSPC'
  assert.deepEqual(open.degraded(), ['log'])
})

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
