/** Moves about who fetches a call, and about what is kept of it: parking, picking up, queueing again, recording, dispositions. */
import { connectedCore, liveCore } from '../../src/call/call.ts'
import type { Endpoint } from '../../src/call/endpoint.ts'
import type { Command } from '../../src/call/input.ts'
import { isLive, isPending } from '../../src/call/party.ts'
import { recordingStates } from '../../src/call/recording.ts'
import { agents, customers } from '../../testkit/people.ts'
import type { CallWorld } from '../../testkit/world-call.ts'

export interface Move {
  readonly name: string
  readonly make: () => void
}

/** How often a kind of move is picked, and the moves of that kind. */
export interface Kind {
  readonly weight: number
  readonly moves: readonly Move[]
}

const [, stranger] = customers as [Endpoint, Endpoint]

export const asking =
  (world: CallWorld) =>
  (weight: number, list: readonly Command[]): Kind => ({
    weight,
    moves: list.map((command) => ({
      get name() {
        return JSON.stringify(command)
      },
      make: () => void world.ask(command),
    })),
  })

export const calling = (world: CallWorld, to: Endpoint) => ({ as: world.newParty(), to, ringTimeoutMs: 60_000 })

export const newcomers = ({ call }: CallWorld): readonly Endpoint[] =>
  [...agents, stranger].filter((e) => !call.parties.some((p) => isLive(p) && JSON.stringify(p.endpoint) === JSON.stringify(e)))

export function serviceKinds(world: CallWorld): readonly Kind[] {
  const { call } = world
  const commands = asking(world)
  const talking = connectedCore(call).length > 1
  const waits = call.queue !== undefined || liveCore(call).some(isPending)
  return [
    commands(2, recordings),
    commands(1, dispositions),
    commands(talking ? 4 : 1, parkings(world)),
    commands(
      call.parked === undefined ? 1 : 8,
      newcomers(world).map((to) => ({ ...calling(world, to), kind: 'unpark' })),
    ),
    commands(
      waits && !talking ? 4 : 1,
      newcomers(world).map((to) => ({ ...calling(world, to), kind: 'pick-up' })),
    ),
    commands(1, [{ kind: 'requeue', group: '030', queueMs: 60_000 }]),
  ]
}

/** What is asked of a call that has ended. */
export function lateKinds(world: CallWorld): readonly Kind[] {
  return [asking(world)(1, [...dispositions, ...recordings, { kind: 'end', reason: 'hangup' }])]
}

const recordings: readonly Command[] = recordingStates.map((state) => ({ kind: 'record', state }))
const dispositions: readonly Command[] = ['Sale', 'No sale'].map((disposition) => ({ kind: 'dispose', disposition }))

const parkings = ({ call }: CallWorld): readonly Command[] =>
  liveCore(call).map(({ id }) => ({ kind: 'park', party: id, place: '701', timeoutMs: 20_000 }))
