/** What can be seen of a world from outside, for the outcomes of races. */
import assert from 'node:assert/strict'
import type { Call } from '../../src/call/call.ts'
import { addressOf } from '../../src/call/endpoint.ts'
import type { Party } from '../../src/call/party.ts'
import type { Supervision } from '../../src/call/supervision.ts'
import type { Request, World } from '../../testkit/world.ts'

/** `done`, or the code of the refusal. */
export function answer({ outcomes }: Request): string {
  const [outcome] = outcomes
  return outcome === undefined ? 'nothing' : outcome.ok ? 'done' : outcome.error.code
}

export const theOnly = (world: World): Call => {
  const calls = world.calls()
  assert.equal(calls.length, 1)
  return calls[0] as Call
}

/** Who really hears whom, by extension and number, in the mixer. */
export function heard(world: World, call: Call): Record<string, readonly string[]> {
  const name = (id: string) => world.engine.legs.get(id as Party['leg'])?.address ?? id
  const found: Record<string, string[]> = {}
  for (const { listener, talker } of world.engine.heard(call.id))
    found[name(listener)] = [...(found[name(listener)] ?? []), name(talker)].sort()
  return found
}

export function hears(world: World, expected: Record<string, readonly string[]>): void {
  const sorted = Object.fromEntries(Object.entries(expected).map(([who, whom]) => [who, whom.toSorted()]))
  assert.deepEqual(heard(world, theOnly(world)), sorted)
}

export const party = (call: Call, address: string): Party | undefined => call.parties.findLast((p) => addressOf(p.endpoint) === address)

export function supervisionBy(call: Call, address: string): Supervision | undefined {
  return call.supervisions.findLast((s) => call.parties.some((p) => p.id === s.party && addressOf(p.endpoint) === address))
}

export const eventTypes = (world: World, prefix: string): readonly string[] =>
  world.events.flatMap((e) => ('event' in e && e.event.type.startsWith(prefix) ? [e.event.type] : []))
