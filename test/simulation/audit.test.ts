/** Busy days, and a process that dies on them: what the audit says is what the mixer confirmed, to the millisecond, and the chain holds. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HearingFact } from '../../src/audit/fact.ts'
import { HeadsDue } from '../../src/audit/head.ts'
import { verify } from '../../src/audit/verify.ts'
import { type Call, isEnded } from '../../src/call/call.ts'
import type { CallEvent, HearingPair } from '../../src/call/event.ts'
import { auditKey } from '../../src/edge/audit-key.ts'
import { systemHash } from '../../src/edge/hash.ts'
import type { PartyId, SupervisionId } from '../../src/kernel/ids.ts'
import type { Instant } from '../../src/kernel/time.ts'
import { World } from '../../testkit/world.ts'
import { callCentre, ringingAll } from '../../testkit/world-call-centre.ts'
import { changeHabits, doSomething } from './deeds.ts'

const days = 40
const firstSeed = Number(process.env.SOTTO_SEED ?? Date.now() % 2 ** 30)

test(`audit intervals equal the confirmed matrix, over deaths of the process (first seed ${firstSeed})`, () => {
  let intervals = 0
  let lives = 0
  for (let seed = firstSeed; seed < firstSeed + days; seed += 1) {
    const world = new World(seed, seed % 2 === 0 ? callCentre() : ringingAll())
    live(world, seed % 4 < 2)
    lives += world.lives
    try {
      intervals += comparedWithMatrix(world)
      chainsHold(world)
      recordsAreThere(world)
    } catch (error) {
      throw new Error(`SOTTO_SEED=${seed}`, { cause: error })
    }
  }
  assert.ok(intervals > days * 3, `only ${intervals} intervals`)
  assert.ok(lives > days, `only ${lives} deaths`)
})

function live(world: World, isDeadly: boolean): void {
  for (let deed = 0; deed < 150; deed += 1) {
    if (deed % 20 === 0) changeHabits(world)
    doSomething(world)
    world.run(world.random.chance(0.7) ? world.delay(30) : world.delay(2_000))
    if (world.random.chance(0.02)) world.checkpoint()
    if (isDeadly && world.random.chance(0.08)) world.dieAfter(world.random.integer(6))
  }
  world.dieAfter(Number.POSITIVE_INFINITY)
  world.calm()
  for (let round = 0; round < 20 && world.engine.alive().length > 0; round += 1) {
    world.everybodyHangsUp()
    world.calm()
  }
  world.rest()
}

interface Matrix {
  readonly at: Instant
  readonly revision: number
  readonly pairs: readonly HearingPair[]
}

function comparedWithMatrix(world: World): number {
  let count = 0
  for (const call of world.calls()) {
    const happened = world.events.flatMap((e) => ('event' in e && e.call.id === call.id ? [e] : []))
    const facts = world.audit.flatMap(({ fact }) => (fact.kind === 'hearing' && fact.call === call.id ? [fact] : []))
    const matrices: Matrix[] = happened.flatMap(({ event, call: then }) =>
      event.type === 'hearing.applied' ? [{ ...event.data, at: then.wiring.appliedAt ?? event.at }] : [],
    )
    for (const [supervision, { party, over, at }] of supervisionsIn(happened)) {
      const own = facts.filter((fact) => fact.supervision === supervision)
      const until = at ?? matrices.find(({ revision }) => revision >= over)?.at ?? call.endedAt
      assert.deepEqual(spansOf(own), expectedSpans(matrices, party, until), `${call.id} ${supervision}`)
      count += own.length
    }
  }
  return count
}

/** With the revision of the matrix that ends each, or the time where no other matrix was needed for that. */
function supervisionsIn(happened: readonly { readonly event: CallEvent; readonly call: Call }[]) {
  const found = new Map<SupervisionId, { party: PartyId; over: number; at?: Instant }>()
  for (const { event, call } of happened) {
    if (event.type === 'supervision.requested')
      found.set(event.data.supervision, { party: event.data.party, over: Number.POSITIVE_INFINITY })
    if (event.type !== 'supervision.ended' && event.type !== 'supervision.refused') continue
    const known = found.get(event.data.supervision)
    if (known === undefined) continue
    known.over = call.wiring.revision
    if (call.wiring.applied >= known.over) known.at = event.at
  }
  return found
}

type Span = readonly [side: string, from: number, to: number]

const spansOf = (facts: readonly HearingFact[]): readonly Span[] =>
  sorted(facts.filter(({ from, to }) => to > from).map(({ could, other, from, to }) => [`${could} ${other.party}`, from, to]))

/** Matrix by matrix, and neighbours of the same side joined. */
function expectedSpans(matrices: readonly Matrix[], party: PartyId, until: Instant | undefined): readonly Span[] {
  const spans: [string, number, number][] = []
  for (const [i, { at, pairs }] of matrices.entries()) {
    const to = Math.min(matrices[i + 1]?.at ?? Number.POSITIVE_INFINITY, until ?? Number.POSITIVE_INFINITY)
    for (const side of pairs.flatMap((pair) => sideOf(pair, party))) {
      const before = spans.find((span) => span[0] === side && span[2] === at)
      if (before !== undefined) before[2] = to
      else if (to > at) spans.push([side, at, to])
    }
  }
  return sorted(spans)
}

function sideOf({ listener, talker }: HearingPair, party: PartyId): readonly string[] {
  if (listener === party) return [`hear ${talker}`]
  return talker === party ? [`be-heard ${listener}`] : []
}

const sorted = (spans: readonly Span[]): readonly Span[] =>
  spans.toSorted((a, b) => (`${a[0]}` < `${b[0]}` ? -1 : a[0] > b[0] ? 1 : a[1] - b[1]))

function chainsHold(world: World): void {
  const key = auditKey()
  const means = { sha256: systemHash.sha256, isSigned: key.isSigned }
  for (const [account, entries] of Map.groupBy(world.audit, (entry) => entry.account)) {
    const due = new HeadsDue(key.sign)
    const heads = [...entries.flatMap((entry) => due.take(entry.at, entry) ?? []), ...[due.sign(world.clock.now, account) ?? []].flat()]
    assert.deepEqual(verify({ entries, heads }, means).flaws, [])
  }
}

/** One for each call that has ended, the same as whoever counted along has it. */
function recordsAreThere(world: World): void {
  for (const call of world.calls().filter(isEnded)) assert.deepEqual(plain(world.finished.get(call.id)), plain(recordOf(world, call)))
}

/** What came after the end counts no time, and changes nothing but the disposition. */
const recordOf = (world: World, { id }: Call) => world.cdrs.get(id)

const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)))
