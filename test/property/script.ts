/** Plays a script of numbers: the first chooses how the call begins, each further one a move that the world allows. */
import fc from 'fast-check'
import { type CallCore, CallWorld } from '../../testkit/world-call.ts'
import { births } from './births.ts'
import { type LawName, uphold } from './laws.ts'
import { pick } from './moves.ts'

export const runs = 2_000
export const scripts = fc.array(fc.nat(), { minLength: 1, maxLength: 50, size: 'max' })
/** SOTTO_SEED plays a failed run again; a failure prints it. */
export const seed = Number(process.env.SOTTO_SEED ?? Date.now() % 2 ** 31)

export interface Play {
  readonly core?: CallCore
  readonly laws?: readonly LawName[]
  readonly tell?: (line: string) => void
}

export function play(script: readonly number[], { core, laws, tell }: Play = {}): CallWorld {
  const birth = births[(script[0] ?? 0) % births.length]
  if (birth === undefined) throw new Error('no such birth')
  tell?.(birth.name)
  const world = new CallWorld(birth.birth, core)
  uphold(world, laws)
  for (const number of script.slice(1)) {
    const move = pick(world, number)
    tell?.(move.name)
    move.make()
    uphold(world, laws)
  }
  bringToRest(world)
  uphold(world, laws)
  return world
}

/** Late events arrive, the mixer catches up, and whatever waits comes to its deadline; the call may go on. */
function bringToRest(world: CallWorld): void {
  world.settle()
  for (let due = world.deadline(); due !== undefined; due = world.deadline()) {
    world.pass(Math.max(0, due - world.at))
    world.settle()
    // Whatever is not done in its time is seen a moment later.
    if (world.deadline() === due) return world.pass(1)
  }
}
