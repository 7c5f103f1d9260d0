/** The control process dies at any moment of a busy day and comes back from what it has written down. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Desk } from '../../src/control/desk.ts'
import type { DeskRecord } from '../../src/control/journal.ts'
import { systemHash } from '../../src/edge/hash.ts'
import { instant } from '../../src/kernel/time.ts'
import { SeededRandom } from '../../testkit/random.ts'
import { World } from '../../testkit/world.ts'
import { callCentre, ringingAll } from '../../testkit/world-call-centre.ts'
import { changeHabits, doSomething } from './deeds.ts'
import { atRest, atTheEnd, whileWorking } from './invariants.ts'

const days = 40
const deedsADay = 120
const firstSeed = Number(process.env.SOTTO_SEED ?? Date.now() % 2 ** 30)
const centres = [() => callCentre(), () => ringingAll(), wrappingUp]

test(`the journal of ${days} busy days gives the same calls, agents, counts and events again (first seed ${firstSeed})`, () => {
  for (let seed = firstSeed; seed < firstSeed + days; seed += 1) {
    const centre = centres[seed % centres.length] ?? callCentre
    const world = new World(seed, centre())
    told(seed, world, () => {
      for (let deed = 0; deed < deedsADay; deed += 1) {
        live(world, deed)
        if (world.random.chance(0.02)) world.checkpoint()
        if (deed % 10 === 9) same(world, replayed(world, centre))
      }
      assert.ok(world.desk.table.liveCount > 0 || world.calls().length > 0)
    })
  }
})

test('a line of the journal that is missing is noticed', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const world = new World(seed, callCentre())
    for (let deed = 0; deed < 40; deed += 1) live(world, deed)
    const lines = world.journal.findLastIndex((line, i) => i > world.journal.length / 2 && line.includes('"kind":"input"'))
    world.journal.splice(lines, 1)
    assert.throws(() => same(world, replayed(world, callCentre)), `seed ${seed}`)
  }
})

test(`${days} busy days on which the control process is killed again and again (first seed ${firstSeed})`, () => {
  let lives = 0
  for (let seed = firstSeed; seed < firstSeed + days; seed += 1) {
    const world = new World(seed, (centres[seed % centres.length] ?? callCentre)(), { afterEachInput: whileWorking })
    told(seed, world, () => {
      for (let deed = 0; deed < deedsADay; deed += 1) {
        live(world, deed)
        if (world.random.chance(0.02)) world.checkpoint()
        if (world.random.chance(0.08)) world.dieAfter(world.random.integer(6))
      }
      lives += world.lives
      evening(world)
    })
  }
  assert.ok(lives > days * 3, `only ${lives} deaths`)
})

function live(world: World, deed: number): void {
  if (deed % 20 === 0) changeHabits(world)
  doSomething(world)
  world.run(world.random.chance(0.7) ? world.delay(30) : world.delay(2_000))
}

function evening(world: World): void {
  world.dieAfter(Number.POSITIVE_INFINITY)
  world.calm()
  atRest(world)
  for (let round = 0; round < 20 && world.engine.alive().length > 0; round += 1) {
    world.everybodyHangsUp()
    world.calm()
  }
  world.rest()
  atTheEnd(world)
}

/** A desk of a new process, with the directory as the configuration has it. */
function replayed(world: World, centre: () => ReturnType<typeof callCentre>): Desk {
  const desk = new Desk({ directory: centre(), random: new SeededRandom(1), sha256: systemHash.sha256, at: instant(1_800_000_000_000) })
  assert.deepEqual(desk.restore(world.journal.flatMap((turn) => JSON.parse(turn) as DeskRecord[])), [])
  return desk
}

function same(world: World, again: Desk): void {
  const at = world.clock.now
  const { desk, directory } = world
  assert.deepEqual(stateOf(again), stateOf(desk))
  assert.equal(again.table.liveCount, desk.table.liveCount)
  assert.equal(again.table.deadline(), desk.table.deadline())
  const agents = directory.accounts.flatMap((account) => directory.agents(account.id))
  for (const agent of agents) {
    assert.deepEqual(plain(again.presence.view(at, agent)), plain(desk.presence.view(at, agent)))
    const callsOf = ({ table }: Desk) => table.ofExtension(agent.account, agent.extension).toSorted()
    assert.deepEqual(callsOf(again), callsOf(desk))
  }
  for (const group of directory.accounts.flatMap((account) => directory.groups(account.id))) {
    assert.deepEqual(again.presence.candidates(at, group), desk.presence.candidates(at, group))
    assert.deepEqual(plain(again.presence.groupView(at, group)), plain(desk.presence.groupView(at, group)))
  }
  const first = world.events.find((event) => again.events.after(event.account, event.id) !== undefined)
  for (const { id } of directory.accounts) {
    if (first !== undefined) assert.deepEqual(plain(again.events.after(id, first.id)), plain(desk.events.after(id, first.id)))
  }
}

/** Agents are compared by their views: who has never done anything has no record. */
function stateOf(desk: Desk): unknown {
  const records = desk.state().filter((record) => record.kind !== 'agent')
  return plain(records.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b))))
}

function nameOf(record: ReturnType<Desk['state']>[number]): string {
  if (record.kind === 'call') return record.call.id
  return 'extension' in record ? `${record.kind} ${record.account} ${record.extension}` : record.kind
}

/** As it is after a walk through a file. */
const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)))

function told(seed: number, world: World, day: () => void): void {
  try {
    day()
  } catch (error) {
    const last = world.worked.slice(-40).map((w) => `${w.at} ${w.label}`)
    throw new Error(`SOTTO_SEED=${seed}: ${error instanceof Error ? error.message : error}\n  ${last.join('\n  ')}`, { cause: error })
  }
}

function wrappingUp() {
  return callCentre(({ accounts }) => {
    for (const group of accounts.flatMap((a) => a.groups)) group.wrapUpMs = 2_000
  })
}
