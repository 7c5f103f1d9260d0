/** How the call of a script comes into being. */
import type { Endpoint } from '../../src/call/endpoint.ts'
import type { Birth } from '../../src/call/input.ts'
import type { RecordingPolicy } from '../../src/call/recording.ts'
import { agents, customers, onDemand } from '../../testkit/people.ts'
import type { CallWorld } from '../../testkit/world-call.ts'

const [customer] = customers as [Endpoint]
const [agent, colleague] = agents as readonly Endpoint[] as [Endpoint, Endpoint]

const automatic: RecordingPolicy = { automatic: true, onDemand: true, announced: false }
const halfAgreed: RecordingPolicy = { ...onDemand, consent: { from: 'one-party', to: 'unknown' } }
const notAgreed: RecordingPolicy = { ...automatic, consent: { from: 'two-party', to: 'unknown' } }

export const births: readonly { readonly name: string; readonly birth: (world: CallWorld) => Birth }[] = [
  { name: 'a customer calls an agent', birth: (world) => received(world, { from: customer, to: agent }) },
  {
    name: 'a customer calls an agent, recorded',
    birth: (world) => ({ ...received(world, { from: customer, to: agent }), recording: automatic }),
  },
  { name: 'an agent calls a colleague', birth: (world) => received(world, { from: agent, to: colleague }) },
  { name: 'an agent calls a customer', birth: (world) => received(world, { from: agent, to: customer }) },
  { name: 'a customer calls a group', birth: queued },
  { name: 'a program connects an agent and a customer', birth: (world) => originated(world, [agent], { recording: notAgreed }) },
  {
    name: 'a program connects one of two agents and a customer',
    birth: (world) => originated(world, [agent, colleague], { recording: halfAgreed }),
  },
  {
    name: 'a program connects an agent and a customer for two seconds',
    birth: (world) => originated(world, [agent], { maxDurationMs: 2_000 }),
  },
  { name: 'a conference begins', birth: conference },
]

const role = (endpoint: Endpoint) => (endpoint.kind === 'extension' ? 'agent' : 'customer')

function received(world: CallWorld, { from, to }: { readonly from: Endpoint; readonly to: Endpoint }): Birth {
  const caller = { ...world.newParty(), endpoint: from, role: role(from) } as const
  const party = { ...world.newParty(), endpoint: to, role: role(to) } as const
  return { ...asReceived, caller, to: { party } }
}

function queued(world: CallWorld): Birth {
  const caller = { ...world.newParty(), endpoint: customer, role: 'customer' } as const
  return { ...asReceived, caller, to: { group: '030', queueMs: 600_000 } }
}

const asReceived = { kind: 'received', ani: '1', dnis: '2', shown: { number: '1' }, ringTimeoutMs: 60_000, recording: onDemand } as const

type Ordered = Omit<Extract<Birth, { kind: 'originated' }>, 'kind' | 'from' | 'to'>

function originated(world: CallWorld, from: readonly Endpoint[], ordered: Partial<Ordered>): Birth {
  const to = { ...world.newParty(), endpoint: customer, role: 'customer' } as const
  return {
    ...{ kind: 'originated', to, ringTimeoutMs: 60_000, recording: onDemand },
    ...ordered,
    from: from.map((endpoint) => ({ ...world.newParty(), endpoint, role: 'agent' })),
  }
}

function conference(world: CallWorld): Birth {
  const from = [{ ...world.newParty(), endpoint: agent, role: 'participant' } as const]
  return { kind: 'originated', room: '900', from, ringTimeoutMs: 60_000, recording: onDemand }
}
