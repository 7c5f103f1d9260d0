/** One race, played under many schedules: the same deeds, every time in another order, and the outcome that this order decides. */
import { test } from 'node:test'
import type { Directory } from '../../src/directory/directory.ts'
import { World } from '../../testkit/world.ts'
import { callCentre } from '../../testkit/world-call-centre.ts'
import { atRest, atTheEnd, whileWorking } from './invariants.ts'

export const schedules = 1_000
const firstSeed = Number(process.env.SOTTO_SEED ?? Date.now() % 2 ** 30)
const centre = callCentre()

export interface Race {
  /** Until the starting shot; what it returns is told to the others. */
  readonly directory?: Directory
  readonly before?: (world: World) => void
  /** Deeds with delays of their own. */
  readonly deeds: (world: World) => void
  /** Checks what became of it, by the order in which the desk worked its inputs. */
  readonly outcome: (world: World) => void
}

export function race(name: string, { directory, before, deeds, outcome }: Race): void {
  test(name, () => {
    for (let seed = firstSeed; seed < firstSeed + schedules; seed += 1) {
      const world = new World(seed, directory ?? centre, { afterEachInput: whileWorking })
      told(world, seed, () => {
        before?.(world)
        deeds(world)
        world.run(10_000)
        atRest(world)
        outcome(world)
        world.everybodyHangsUp()
        world.rest()
        atTheEnd(world)
      })
    }
  })
}

/** A failure says which schedule it was, and what the desk was told in which order. */
function told(world: World, seed: number, play: () => void): void {
  try {
    play()
  } catch (error) {
    const start = world.worked.findIndex((w) => !w.label.startsWith('registration') && w.label !== 'media')
    const story = world.worked.slice(start).map((w) => `${w.at - (world.worked[start]?.at ?? w.at)} ms ${w.label}`)
    throw new Error(`SOTTO_SEED=${seed}: ${error instanceof Error ? error.message : error}\n  ${story.join('\n  ')}`, { cause: error })
  }
}

/** The customer talks to the agent at 210. */
export function conversation(world: World): void {
  world.habit('210', { acceptsAfterMs: 1, ringsAfterMs: 2, answersAfterMs: 50 })
  world.customerCalls('+15554150210')
  world.run(500)
}

/** … and 101 supervises. */
export function supervisedConversation(mode: 'monitor' | 'whisper' | 'barge', extension = '101') {
  return (world: World): void => {
    conversation(world)
    world.habit(extension, { acceptsAfterMs: 1, ringsAfterMs: 2, answersAfterMs: 30 })
    world.ask({ kind: 'supervise', call: world.theCall().id, supervisor: { extension }, mode })
    world.run(500)
  }
}
