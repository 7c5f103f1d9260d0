import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { abroad } from '../../testkit/people.ts'
import { World } from '../../testkit/world.ts'
import { callCentre, ringingAll } from '../../testkit/world-call-centre.ts'
import { lawsOfState } from '../property/laws.ts'
import { changeHabits, doSomething } from './deeds.ts'
import { atRest, atTheEnd, whileWorking } from './invariants.ts'
import { answer } from './seen.ts'

const days = 120
const deedsADay = 150
const firstSeed = Number(process.env.SOTTO_SEED ?? Date.now() % 2 ** 30)
const centres = [callCentre(), ringingAll(), wrappingUp()]

test(`${days} busy days in a whole call centre (first seed ${firstSeed})`, () => {
  const seen = new Set<string>()
  for (let seed = firstSeed; seed < firstSeed + days; seed += 1) {
    const world = day(seed)
    for (const event of world.events) if ('event' in event) seen.add(event.event.type)
    for (const request of world.requests) seen.add(`${request.command.kind} ${answer(request)}`)
  }
  assert.deepEqual(
    expected.filter((what) => !seen.has(what)),
    [],
    'the days are busy enough to show everything that a call centre sees',
  )
})

const expected = [
  ...['call.queued', 'call.held', 'call.resumed', 'call.transferred', 'call.transfer-failed', 'party.role'],
  ...['supervision.active', 'supervision.refused', 'supervision.mode-changed', 'supervision.ended'],
  ...['supervise done', 'supervise mode-not-allowed', 'supervise supervision-not-allowed', 'supervise already-supervised-by-you'],
  ...['change-supervision done', 'take-over done', 'take-over mode-not-allowed', 'transfer done', 'transfer wrong-state', 'originate done'],
  ...['originate endpoint-unavailable', 'hold done', 'mute done', 'remove-party done', 'end-call done', 'set-agent-state done'],
]

function day(seed: number): World {
  const world = new World(seed, centres[seed % centres.length] ?? callCentre(), { afterEachInput: watched })
  try {
    changeHabits(world)
    for (let deed = 0; deed < deedsADay; deed += 1) {
      if (deed === deedsADay - 10 && seed % 4 === 0) world.drain()
      if (deed % 20 === 0) changeHabits(world)
      doSomething(world)
      world.run(world.random.chance(0.7) ? world.delay(30) : world.delay(2_000))
    }
    world.calm()
    atRest(world)
    strangersKnowNothing(world)
    evening(world)
    return world
  } catch (error) {
    const last = world.worked.slice(-40).map((w) => `${w.at} ${w.label}`)
    throw new Error(`SOTTO_SEED=${seed}: ${error instanceof Error ? error.message : error}\n  ${last.join('\n  ')}`, { cause: error })
  }
}

/** Callers who wait are offered on until nobody is left. */
function evening(world: World): void {
  for (let round = 0; round < 20 && world.engine.alive().length > 0; round += 1) {
    world.everybodyHangsUp()
    world.calm()
  }
  world.rest()
  atTheEnd(world)
}

function watched(world: World): void {
  whileWorking(world)
  for (const account of ['12440011', '12440022'] as const) {
    for (const call of world.desk.table.live(account as typeof abroad)) {
      for (const [name, law] of Object.entries(lawsOfState)) {
        const broken = law({ call, engine: world.engine, at: world.clock.now })
        if (broken !== undefined && !name.startsWith('at rest')) throw new Error(`${name}: ${broken}`)
      }
    }
  }
}

function strangersKnowNothing(world: World): void {
  for (const call of world.calls()) {
    const accounts = new Set(call.parties.map((p) => p.endpoint.account))
    assert.deepEqual([...accounts], [call.account])
  }
}

function wrappingUp() {
  return callCentre(({ accounts }) => {
    for (const group of accounts.flatMap((a) => a.groups)) group.wrapUpMs = 2_000
  })
}
