/** What holds of a whole desk: while it works, when it has come to rest, and when everybody has hung up. */
import { isEnded, partyOfLeg } from '../../src/call/call.ts'
import type { World } from '../../testkit/world.ts'
import { lawsOfState } from '../property/laws.ts'

/** After every single input. */
export function whileWorking(world: World): void {
  expect(world.bugs.length === 0, () => `an invariant broke: ${world.bugs[0]?.error}`)
  expect(world.engine.faults.length === 0, () => `the engine was asked for nonsense: ${world.engine.faults[0]}`)
  const late = world.requests.find((r) => r.outcomes.length > 1)
  expect(late === undefined, () => `${late?.command.kind} was answered twice`)
}

export function atRest(world: World): void {
  whileWorking(world)
  const silent = world.requests.find((r) => r.outcomes.length === 0)
  expect(silent === undefined, () => `${silent?.command.kind} was never answered`)
  for (const call of world.calls()) {
    for (const [name, law] of Object.entries(lawsOfState)) {
      const broken = law({ call, engine: world.engine, at: world.clock.now })
      expect(broken === undefined, () => `${name}: ${broken}`)
    }
  }
  noOrphans(world)
  booksAreRight(world)
}

/** Every leg belongs to a party of a live call, and every party has the leg that it says. */
function noOrphans(world: World): void {
  for (const leg of world.engine.alive()) {
    const call = world.desk.table.ofLeg(leg.id)
    const party = call === undefined ? undefined : partyOfLeg(call, leg.id)
    expect(party !== undefined && party.state !== 'ended', () => `nobody knows the leg of ${leg.address}, which is ${leg.phase}`)
    expect((party?.state === 'connected') === (leg.phase === 'up'), () => `${leg.address} is ${leg.phase}, its party ${party?.state}`)
  }
  for (const party of world.calls().flatMap((call) => (isEnded(call) ? [] : call.parties))) {
    const leg = world.engine.legs.get(party.leg)
    expect(party.state === 'ended' || leg?.phase !== 'over', () => `${leg?.address} has gone, its party is ${party.state}`)
  }
}

function booksAreRight(world: World): void {
  for (const call of world.calls()) {
    const events = world.events.flatMap((e) => ('event' in e && e.call.id === call.id ? [e.event] : []))
    expect(
      events.every((event, i) => event.seq === i + 1),
      () => `events of ${call.id} have gaps`,
    )
    const cdr = world.cdrs.get(call.id)
    const { waitingMs = 0, talkMs = 0, holdMs = 0, totalMs = -1 } = cdr ?? {}
    const length = (call.endedAt ?? cdr?.countedTo ?? call.startedAt) - call.startedAt
    const sum = waitingMs + talkMs + holdMs
    expect(near(sum, totalMs) && near(totalMs, length), () => `${waitingMs} + ${talkMs} + ${holdMs} = ${totalMs} of ${length}`)
    expect(near(waitingMs, (call.answeredAt ?? call.startedAt + length) - call.startedAt), () => 'the wait is not that until the answer')
  }
}

/** The virtual clock counts fractions of milliseconds. */
const near = (a: number, b: number): boolean => Math.abs(a - b) < 0.01

/** Everybody has hung up: nothing is left, and nothing will come. */
export function atTheEnd(world: World): void {
  atRest(world)
  expect(world.engine.alive().length === 0, () => `${world.engine.alive()[0]?.address} is still on the line`)
  expect(world.desk.table.liveCount === 0, () => `${world.desk.table.liveCount} calls live on`)
  expect(world.desk.deadline() === undefined, () => `the desk waits for ${world.desk.deadline()}`)
}

export function expect(condition: boolean, why: () => string): asserts condition {
  if (!condition) throw new Error(why())
}
