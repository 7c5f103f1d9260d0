import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { OutboxWorld } from '../../testkit/outbox-world.ts'
import { SeededRandom } from '../../testkit/random.ts'
import { type Instant, instant } from '../kernel/time.ts'
import { Outbox } from './outbox.ts'
import { pauseMs, usualPlans } from './plan.ts'
import type { OutboxOutput, Parcel } from './words.ts'

const second = 1_000
const hour = 3_600 * second

const parcel = (id: string, more: Partial<Parcel<string>> = {}): Parcel<string> => ({
  ...{ id, receiver: 'r', lane: 'c1', plan: 'webhook', content: id, bytes: 100 },
  ...more,
})

const sent = (outputs: readonly OutboxOutput<string>[]) => outputs.flatMap((o) => (o.kind === 'send' ? [o.parcel.id] : []))

function machine(settings: Partial<ConstructorParameters<typeof Outbox>[0]> = {}) {
  const outbox = new Outbox<string>({ random: new SeededRandom(1), ...settings })
  const at = (ms: number): Instant => instant(1_800_000_000_000 + ms)
  return {
    outbox,
    put: (ms: number, ...parcels: readonly Parcel<string>[]) => outbox.handle(at(ms), { kind: 'put', parcels }),
    tried: (ms: number, id: string, verdict: 'taken' | 'failed' | 'gone', why = 'status 500') =>
      outbox.handle(at(ms), { kind: 'tried', id, verdict, why }),
    wake: (ms: number) => outbox.handle(at(ms), { kind: 'wake' }),
    inMs: () => (outbox.deadline() ?? at(Number.POSITIVE_INFINITY)) - at(0),
    at,
  }
}

describe('one receiver', () => {
  test('parcels of one lane go one by one, those of others beside them', () => {
    const { put, tried } = machine()
    assert.deepEqual(sent(put(0, parcel('1'), parcel('2'), parcel('3', { lane: 'c2' }))), ['1', '3'])
    assert.deepEqual(sent(tried(10, '1', 'taken')), ['2'])
    assert.deepEqual(sent(tried(20, '2', 'taken')), [])
  })

  test('not more than so many requests at once', () => {
    const { put, tried } = machine()
    const all = Array.from({ length: 20 }, (_, i) => sent(put(i, parcel(`p${i}`, { lane: `c${i}` }))))
    assert.equal(all.flat().length, usualPlans.webhook.atOnce)
    assert.deepEqual(sent(tried(30, 'p0', 'taken')), [`p${usualPlans.webhook.atOnce}`], 'the oldest that waits')
  })

  test('what failed comes again after the pauses of the plan, each up to a quarter longer, and what stands behind it waits', () => {
    const { put, tried, wake, inMs } = machine()
    put(0, parcel('1'), parcel('2'))
    let now = 0
    for (const pause of [5, 30, 120, 600, 1_800, 3_600, 3_600]) {
      assert.deepEqual(sent(tried(now, '1', 'failed')), [])
      const due = inMs() - now
      assert.ok(due >= pause * second && due <= 1.25 * pause * second, `${due} ms instead of ${pause} s`)
      assert.deepEqual(sent(wake(now + due - 1)), [])
      assert.deepEqual(sent(wake(now + due)), ['1'])
      now += due
    }
    assert.deepEqual(sent(tried(now, '1', 'taken')), ['2'])
  })

  test('pauses are drawn anew each time', () => {
    const random = new SeededRandom(3)
    assert.ok(new Set(Array.from({ length: 20 }, () => pauseMs(usualPlans.webhook, 3, random))).size > 10)
    assert.equal(pauseMs(usualPlans['call-out'], 2, random), 5_000)
  })

  test('is given up after 72 hours, and the next has its turn', () => {
    const { put, tried, wake, inMs, outbox } = machine()
    put(0, parcel('1'), parcel('2'))
    let now = 0
    let tries = 0
    while (outbox.deadLetters('r').length === 0) {
      const outputs = tried(now, '1', 'failed', 'status 503')
      tries += 1
      if (outbox.deadLetters('r').length > 0) {
        assert.equal(outputs.filter((o) => o.kind === 'died').length, 1)
        break
      }
      now = inMs()
      wake(now)
    }
    assert.ok(now > 70 * hour && now <= 72 * hour, `last try after ${now / hour} h`)
    assert.ok(tries > 55, `${tries} tries`)
    assert.equal(outbox.deadLetters('r')[0]?.why, 'status 503')
    assert.ok(outbox.standing('r').waiting === 1)
  })

  test('that is down gets one request at a time; when one is taken, all the others follow at once', () => {
    const { put, tried, wake, inMs } = machine()
    const ids = Array.from({ length: 6 }, (_, i) => `p${i}`)
    put(0, ...ids.map((id) => parcel(id, { lane: id })))
    for (const id of ids) tried(10, id, 'failed')
    const next = sent(wake(inMs()))
    assert.equal(next.length, 1, 'one try')
    assert.equal(sent(put(30_000, parcel('new', { lane: 'new' }))).length, 0, 'also where something new comes')
    const rest = sent(tried(60_000, next[0] ?? '', 'taken'))
    assert.equal(rest.length, 6, 'the other five and the new one, long before their own pauses are over')
  })

  test('that answers 410 is given up, with everything that waits', () => {
    const { put, tried, outbox } = machine()
    put(0, parcel('1'), parcel('2'), parcel('3'))
    const outputs = tried(5, '1', 'gone', 'status 410')
    assert.deepEqual(
      outputs.flatMap((o) => (o.kind === 'gone' ? [o.receiver] : [])),
      ['r'],
    )
    assert.deepEqual(
      outbox.deadLetters('r').map((l) => l.parcel.id),
      ['1', '2', '3'],
    )
    assert.equal(outbox.deadline(), undefined)
  })

  test('with too many waiting: the oldest that is not under way becomes a dead letter, and the oldest of these is lost', () => {
    const plans = { ...usualPlans, webhook: { ...usualPlans.webhook, waiting: 3, dead: 2 } }
    const { put, outbox } = machine({ plans })
    put(0, parcel('1'))
    const outputs = put(1, ...['2', '3', '4', '5', '6'].map((id) => parcel(id)))
    assert.deepEqual(
      outbox.deadLetters('r').map((l) => l.parcel.id),
      ['3', '4'],
    )
    assert.deepEqual(
      outputs.flatMap((o) => (o.kind === 'lost' ? [o.parcel.id] : [])),
      ['2'],
    )
    assert.equal(outbox.standing('r').waiting, 3)
  })

  test('with too many bytes: the receiver that has most gives most', () => {
    const { put, outbox } = machine({ bytes: 1_000 })
    put(0, ...Array.from({ length: 9 }, (_, i) => parcel(`big${i}`, { receiver: 'big' })))
    const outputs = put(1, ...Array.from({ length: 4 }, (_, i) => parcel(`small${i}`, { receiver: 'small' })))
    assert.deepEqual(
      outputs.flatMap((o) => (o.kind === 'lost' ? [o.parcel.id] : [])),
      ['big1', 'big2', 'big3'],
    )
    assert.equal(outbox.standing('small').waiting, 4)
  })

  test('dead letters are tried again in their old order, under their old ids, before what came later', () => {
    const { put, tried, outbox, at } = machine()
    put(0, parcel('1'), parcel('2'), parcel('3'))
    tried(1, '1', 'gone')
    put(2, parcel('4'), parcel('5'))
    outbox.handle(at(3), { kind: 'replay', receiver: 'r', ids: ['2'] })
    assert.deepEqual(sent(tried(4, '4', 'taken')), ['2'], '4 was under way already')
    outbox.handle(at(5), { kind: 'replay', receiver: 'r' })
    assert.deepEqual(sent(tried(6, '2', 'taken')), ['1'])
    assert.deepEqual(sent(tried(7, '1', 'taken')), ['3'])
    assert.deepEqual(sent(tried(8, '3', 'taken')), ['5'])
    tried(9, '5', 'taken')
    assert.deepEqual(outbox.letters(), [])
  })

  test('forgotten: nothing of it is left, also not what is under way', () => {
    const { put, tried, outbox, at } = machine()
    put(0, parcel('1'), parcel('2'))
    const outputs = outbox.handle(at(1), { kind: 'forget', receiver: 'r' })
    assert.deepEqual(
      outputs.flatMap((o) => (o.kind === 'keep' && o.row.kind === 'gone' ? [o.row.id] : [])),
      ['1', '2'],
    )
    assert.deepEqual(tried(2, '1', 'failed'), [])
    assert.deepEqual([outbox.letters().length, outbox.deadline()], [0, undefined])
  })

  test('a parcel that is put in again while it is there is the same one', () => {
    const { put } = machine()
    put(0, parcel('1'))
    assert.deepEqual(put(1, parcel('1')), [])
  })
})

describe('the plan of W22', () => {
  const callOut = (id: string) => parcel(id, { plan: 'call-out', lane: '' })

  test('one after the other; three more tries after 1, 5 and 25 s; then dropped', () => {
    const { put, tried, wake, inMs, outbox } = machine()
    put(0, callOut('a'), callOut('b'))
    let now = 0
    for (const pause of [1, 5, 25]) {
      assert.deepEqual(sent(tried(now, 'a', 'failed')), [])
      assert.equal(inMs() - now, pause * second)
      now = inMs()
      assert.deepEqual(sent(wake(now)), ['a'])
    }
    const outputs = tried(now, 'a', 'failed')
    assert.deepEqual(sent(outputs), ['b'])
    assert.ok(outputs.some((o) => o.kind === 'lost' && o.parcel.id === 'a'))
    assert.deepEqual(outbox.deadLetters('r'), [])
  })

  test('no more than so many receivers at once', () => {
    const plans = { ...usualPlans, 'call-out': { ...usualPlans['call-out'], receivers: 2 } }
    const { put, tried } = machine({ plans })
    for (const receiver of ['a', 'b']) put(0, { ...callOut(receiver), receiver })
    assert.ok(put(1, { ...callOut('c'), receiver: 'c' }).some((o) => o.kind === 'lost'))
    tried(2, 'a', 'taken')
    assert.deepEqual(sent(put(3, { ...callOut('c'), receiver: 'c' })), ['c'])
  })
})

describe('in an hour', () => {
  for (const [fault, up] of [
    ['down', 'refused'],
    ['slow', 'slow'],
    ['answering 500', '500'],
    ['redirecting', '302'],
    ['closing', 'reset'],
  ] as const) {
    test(`a receiver that is ${fault} gets everything afterwards, in the order of each call, and a good one waits for nothing`, () => {
      const world = new OutboxWorld(11)
      world.receiver('bad', { faultyUntilMs: hour, fault: up })
      world.receiver('good', {})
      for (let i = 0; i < 600; i += 1) {
        world.clock.run(6_000)
        for (const receiver of ['bad', 'good']) world.put(receiver, `call${i % 7}`)
      }
      world.clock.run(100)
      assert.equal(world.waiting('good'), 0)
      assert.ok(world.longestWait('good') <= 100, `${world.longestWait('good')} ms`)
      world.clock.run(2 * hour)
      world.demandAllInOrder()
      assert.equal(world.seen('bad'), 600)
    })
  }

  test('what waited for an hour is there within two minutes after it, however many calls it is of', () => {
    const world = new OutboxWorld(5)
    world.receiver('bad', { faultyUntilMs: hour, fault: 'refused' })
    for (let i = 0; i < 360; i += 1) {
      world.put('bad', `call${i}`)
      world.clock.run(10_000)
    }
    assert.ok(world.tries('bad') < 200, `${world.tries('bad')} tries while it was down`)
    world.clock.run(120_000)
    assert.equal(world.waiting('bad'), 0)
  })
})
