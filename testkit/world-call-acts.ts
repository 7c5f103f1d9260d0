/** One call in usual situations, and deeds in it by the address of the phone (`in`: the one that called us). */

import assert from 'node:assert/strict'
import type { Endpoint, Presented } from '../src/call/endpoint.ts'
import { addressOf } from '../src/call/endpoint.ts'
import type { Birth } from '../src/call/input.ts'
import type { Party } from '../src/call/party.ts'
import type { RecordingPolicy } from '../src/call/recording.ts'
import { supervisionId } from '../src/kernel/ids.ts'
import { agents, customers, extension, onDemand } from './people.ts'
import { CallWorld } from './world-call.ts'

export type Deed = 'ring' | 'answer' | 'end' | 'hold' | 'resume' | 'dtmf'

export function act(world: CallWorld, address: string, deed: Deed): void {
  const { engine } = world
  const leg = [...engine.legs.values()].findLast((l) => l.address === (address === 'in' ? '+15550001111' : address))
  assert.ok(leg, address)
  if (deed === 'ring') engine.ring(leg)
  else if (deed === 'answer') engine.answer(leg)
  else if (deed === 'end') engine.end(leg, leg.phase === 'up' || leg.phase === 'offered' ? 'hangup' : 'declined')
  else if (deed === 'dtmf') engine.emit({ kind: 'leg-dtmf', leg: leg.id, digit: '5', durationMs: 100 })
  else engine.hold(leg, deed === 'hold')
  world.settle()
}

export function partyOf(world: CallWorld, address: string): Party {
  const party = world.call.parties.findLast((p) => p.leg === legOf(world, address))
  assert.ok(party, address)
  return party
}

export function legOf(world: CallWorld, address: string): Party['leg'] {
  const leg = [...world.engine.legs.values()].findLast((l) => l.address === (address === 'in' ? '+15550001111' : address))
  assert.ok(leg, address)
  return leg.id
}

export function received(recording: RecordingPolicy = onDemand): CallWorld {
  return new CallWorld((world) => ({
    ...{ kind: 'received', ani: '1', dnis: '2', shown: { number: '1' }, ringTimeoutMs: 60_000, recording },
    caller: { ...world.newParty(), endpoint: customers[0] as Endpoint, role: 'customer' },
    to: { party: { ...world.newParty(), endpoint: extension('210', { mayBeMonitored: true }), role: 'agent' } },
  }))
}

export function queued(recording: RecordingPolicy = onDemand): CallWorld {
  return new CallWorld((world) => ({
    ...{ kind: 'received', ani: '1', dnis: '2', shown: { number: '1' }, ringTimeoutMs: 60_000, recording },
    caller: { ...world.newParty(), endpoint: customers[0] as Endpoint, role: 'customer' },
    to: { group: '030', queueMs: 600_000 },
  }))
}

export function originated(ordered: Partial<Ordered> = {}, recording: RecordingPolicy = onDemand): CallWorld {
  return new CallWorld((world) => ({
    ...{ kind: 'originated', ringTimeoutMs: 60_000, recording },
    from: [{ ...world.newParty(), endpoint: agents[0] as Endpoint, role: 'agent' }],
    to: { ...world.newParty(), endpoint: customers[0] as Endpoint, role: 'customer' },
    ...ordered,
  }))
}

type Ordered = Omit<Extract<Birth, { kind: 'originated' }>, 'kind' | 'from' | 'to'>

/** A conference that begins with one phone. */
export function conference(): CallWorld {
  return new CallWorld((world) => ({
    ...{ kind: 'originated', room: '900', ringTimeoutMs: 60_000, recording: onDemand },
    from: [{ ...world.newParty(), endpoint: agents[0] as Endpoint, role: 'participant' }],
  }))
}

export function conversation(recording: RecordingPolicy = onDemand): CallWorld {
  const world = received(recording)
  act(world, '210', 'answer')
  act(world, 'in', 'answer')
  return world
}

export function offerTo(world: CallWorld, endpoints: readonly Endpoint[]) {
  world.seeking = false
  const { answer } = world.ask({
    kind: 'offer',
    to: endpoints.map((endpoint) => ({ as: world.newParty(), endpoint })),
    ringTimeoutMs: 20_000,
  })
  world.settle()
  return answer
}

export function supervise(world: CallWorld, supervisor: Endpoint, shown?: Presented) {
  const id = supervisionId(`s${addressOf(supervisor)}`)
  const how = { mode: 'monitor', target: 'agent', private: false, follow: 'call', hearPeers: false, autoAnswer: false } as const
  const display = shown === undefined ? {} : { shown }
  return world.ask({ kind: 'supervise', id, as: world.newParty(), supervisor, ...how, ...display, ringTimeoutMs: 30_000 }).answer
}
