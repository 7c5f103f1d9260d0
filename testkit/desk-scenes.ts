/** The desk of the reference call centre at work: calls under way, and how commands to it were answered. */

import assert from 'node:assert/strict'
import type { Call } from '../src/call/call.ts'
import { addressOf } from '../src/call/endpoint.ts'
import type { DeskCommand } from '../src/control/command.ts'
import { atTheEnd } from '../test/simulation/invariants.ts'
import { home } from './people.ts'
import { World } from './world.ts'
import { callCentre } from './world-call-centre.ts'

export const sales = '+18661234567'
export const cleo = '+15550001111'

/** What a test changes in the configuration of the first account. */
export interface Changed {
  readonly account?: object
  readonly sales?: object
}

export function open(changed: Changed = {}): World {
  return new World(
    1,
    callCentre(({ accounts }) => {
      Object.assign(accounts[0] ?? {}, changed.account)
      Object.assign(accounts[0]?.groups[0] ?? {}, changed.sales)
    }),
  )
}

/** A customer calls 210 directly, and talks to it. */
export function talking(world = open(), extension = '210'): World {
  world.customerCalls(`+15554150${extension}`)
  return taken(world, extension)
}

/** A customer calls Sales, and talks to 210, the only agent who is not away. */
export function inSales(changed: Changed = {}): World {
  const world = open(changed)
  ask(world, { kind: 'set-agent-state', agent: '4567', state: 'away' })
  world.customerCalls(sales)
  return taken(world, '210')
}

export function taken(world: World, extension: string): World {
  world.run(100)
  world.answers(extension)
  world.run(100)
  assert.ok(world.theCall().answeredAt !== undefined)
  return world
}

/** `done`, or the code of the refusal and what it names. */
export function ask(
  world: World,
  command: DeskCommand,
  ...more: Parameters<World['ask']> extends [unknown, ...infer R] ? R : never
): string {
  const request = world.ask(command, ...more)
  world.run(100)
  const [outcome] = request.outcomes
  if (outcome === undefined) return 'no answer'
  if (outcome.ok) return 'done'
  const { code, name } = outcome.error
  return name === undefined ? code : `${code} ${name}`
}

export const happened = (world: World): readonly string[] => world.events.flatMap((e) => ('event' in e ? [e.event.type] : []))

/** States of an agent, one after the other. */
export const states = (world: World, agent: string): readonly string[] =>
  world.events.flatMap((e) => ('agent' in e && e.account === home && e.agent.id === agent ? [e.agent.state] : []))

/** Phones that ring. */
export const ringing = (world: World): readonly string[] =>
  world.engine
    .alive()
    .filter((leg) => leg.phase === 'ringing')
    .map((leg) => leg.address)
    .toSorted()

/** Who is connected in a call. */
export const together = (call: Call): readonly string[] =>
  call.parties
    .filter((p) => p.state === 'connected')
    .map(({ endpoint }) => addressOf(endpoint))
    .toSorted()

/** Everybody goes home, and nothing is left that should not be. */
export function closing(world: World): void {
  world.everybodyHangsUp()
  world.rest()
  atTheEnd(world)
}
