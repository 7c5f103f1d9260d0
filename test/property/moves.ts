/** Which moves the world of one call allows now. Each number of a script picks one of them, so that no number is wasted on what cannot happen. */
import { isEnded, partyOfLeg } from '../../src/call/call.ts'
import type { Endpoint } from '../../src/call/endpoint.ts'
import type { Command } from '../../src/call/input.ts'
import { isConnected, isCore, isLive, type Party } from '../../src/call/party.ts'
import type { EndReason } from '../../src/call/reason.ts'
import { isOpen, modes } from '../../src/call/supervision.ts'
import { supervisionId } from '../../src/kernel/ids.ts'
import { agents, byLine, foreigner, home, supervisors } from '../../testkit/people.ts'
import type { ScriptedLeg } from '../../testkit/scripted-engine.ts'
import type { CallWorld } from '../../testkit/world-call.ts'
import { asking, calling, type Kind, lateKinds, type Move, newcomers, serviceKinds } from './moves-service.ts'

/** The move that `number` stands for in this world. */
export function pick(world: CallWorld, number: number): Move {
  const kinds = kindsOf(world).filter((kind) => kind.moves.length > 0)
  const total = kinds.reduce((sum, kind) => sum + kind.weight, 0)
  let rest = number % total
  for (const { weight, moves } of kinds) {
    const move = moves[Math.floor(number / total) % moves.length]
    if (rest < weight && move !== undefined) return move
    rest -= weight
  }
  return { name: 'nothing', make: () => {} }
}

function kindsOf(world: CallWorld): readonly Kind[] {
  const { engine, call } = world
  const bridge = engine.bridge(call.id)
  const one = (weight: number, name: string, make: () => void, possible = true): Kind => ({
    weight,
    moves: possible ? [{ name, make }] : [],
  })
  return [
    ...legKinds(world),
    one(8, 'the mixer applies', () => engine.apply(call.id), bridge.waiting.length > 0),
    one(8, 'the mixer confirms', () => engine.confirm(call.id, world.at), bridge.untold.length > 0),
    { weight: 4, moves: [10, 50, 700, 3000].map((ms) => ({ name: `${ms} ms pass`, make: () => world.pass(ms) })) },
    one(1, 'the next deadline comes', () => world.pass((world.deadline() ?? world.at) - world.at), world.deadline() !== undefined),
    ...(isEnded(call) ? lateKinds(world) : [...commandKinds(world), ...serviceKinds(world)]),
  ]
}

function legKinds(world: CallWorld): readonly Kind[] {
  const { engine } = world
  const legs = engine.alive()
  const each = (weight: number, name: string, which: readonly ScriptedLeg[], act: (leg: ScriptedLeg) => void): Kind => ({
    weight,
    moves: which.map((leg) => ({ name: `${leg.id} (${leg.address}) ${name}`, make: () => act(leg) })),
  })
  const of = (...phases: readonly ScriptedLeg['phase'][]) => legs.filter((leg) => phases.includes(leg.phase))
  const failures: readonly EndReason[] = ['busy', 'declined', 'unavailable', 'failed']
  return [
    each(12, 'answers', of('inviting', 'ringing', 'answering'), (leg) => engine.answer(leg)),
    each(3, 'rings', of('inviting'), (leg) => engine.ring(leg)),
    each(
      2,
      'accepts',
      of('inviting').filter((leg) => !leg.accepted),
      (leg) => engine.accept(leg),
    ),
    ...failures.slice(0, 2).map((reason) => each(1, `is ${reason}`, of('inviting', 'ringing'), (leg) => engine.end(leg, reason))),
    each(1, 'hangs up', of('up', 'offered', 'answering'), (leg) => engine.end(leg, 'hangup')),
    each(3, 'holds or resumes', of('up'), (leg) => engine.hold(leg, !leg.holds)),
    each(
      1,
      'says something late',
      [...engine.legs.values()].filter((leg) => leg.dismissed),
      (leg) => speakLate(world, leg),
    ),
  ]
}

/** An event that crossed the end of its leg. */
function speakLate(world: CallWorld, leg: ScriptedLeg): void {
  const before = world.call
  world.engine.emit({ kind: 'leg-answered', leg: leg.id })
  if (world.call !== before) world.disturbances.push(`${leg.id} was answered after its end`)
}

function supervisionKinds(world: CallWorld, core: readonly Party[]): readonly Kind[] {
  const commands = asking(world)
  const open = world.call.supervisions.filter(isOpen)
  const changed = open.flatMap((s) =>
    changes(core).map((change) => ({ ...change, kind: 'change-supervision', supervision: s.id }) as const),
  )
  const ended = open.map((s) => ({ kind: 'end-supervision', supervision: s.id }) as const)
  const taken = open.filter((s) => s.state === 'active').map((s) => ({ kind: 'take-over', supervision: s.id }) as const)
  return [commands(10, changed), commands(1, ended), commands(2, taken)]
}

function commandKinds(world: CallWorld): readonly Kind[] {
  const { call } = world
  const commands = asking(world)
  const live = call.parties.filter(isLive)
  const connected = live.filter(isConnected)
  const core = connected.filter(isCore)
  return [
    commands(core.length > 1 ? 14 : 1, supervising(world, core)),
    ...supervisionKinds(world, core),
    commands(
      6,
      core.map((p) => ({ kind: 'hold', party: p.id, on: !p.held })),
    ),
    commands(
      4,
      connected.map((p) => ({ kind: 'mute', party: p.id, on: !p.muted })),
    ),
    commands(
      1,
      live.map((p) => ({ kind: 'remove-party', party: p.id })),
    ),
    commands(
      3,
      newcomers(world).map((to) => ({ ...calling(world, to), kind: 'add-party', role: to.kind === 'extension' ? 'agent' : 'participant' })),
    ),
    commands(5, call.transfer === undefined && core.length > 1 ? transfers(world, core) : []),
    ...adoptions(world, live.filter(isCore)),
    ...queueKinds(world),
    commands(1, call.supervisions.some(isOpen) ? [{ kind: 'end', reason: 'ended-by-request' }] : []),
  ]
}

function supervising(world: CallWorld, core: readonly Party[]): readonly Command[] {
  const found: Command[] = []
  for (const supervisor of [...supervisors, byLine, foreigner]) {
    for (const mode of modes) {
      for (const target of ['agent', 'customer', ...core.map((p) => p.id)] as const) {
        const n = found.length
        const common = { kind: 'supervise', supervisor, mode, target, autoAnswer: false, ringTimeoutMs: 30_000 } as const
        const options = {
          private: mode === 'whisper' && n % 3 === 0,
          follow: n % 4 === 0 ? 'target' : 'call',
          hearPeers: n % 2 === 0,
        } as const
        found.push({ ...common, ...options, id: supervisionId(`s${world.nextId()}`), as: world.newParty() })
      }
    }
  }
  return found
}

function changes(core: readonly Party[]) {
  return modes.flatMap((mode) =>
    [undefined, 'agent' as const, 'customer' as const, ...core.map((p) => p.id)].flatMap((target) =>
      [false, ...(mode === 'whisper' ? [true] : [])].map((isPrivate) => ({
        ...{ mode, private: isPrivate },
        ...(target === undefined ? {} : { target }),
      })),
    ),
  )
}

function transfers(world: CallWorld, core: readonly Party[]): readonly Command[] {
  return newcomers(world).flatMap((to) =>
    (['blind', 'attended', 'hand-over'] as const).flatMap((how) =>
      core
        .filter((p) => p.role === 'agent')
        .map((p) => ({ ...calling(world, to), kind: 'transfer', how, party: p.id, requested: { leg: p.leg, transfer: 't' } }) as const),
    ),
  )
}

/** A phone takes another's place, by a leg that calls us or by one that another call has let go. */
function adoptions(world: CallWorld, core: readonly Party[]): readonly Kind[] {
  const adopt = (state: 'offered' | 'connected') => (replaced: Party, endpoint: Endpoint) => ({
    name: `${replaced.id} is replaced by a leg that is ${state}`,
    make: () => {
      const as = world.newParty()
      world.engine.offer({ id: as.leg, account: home, address: 'x' })
      const leg = world.engine.legs.get(as.leg)
      if (leg !== undefined && state === 'connected') leg.phase = 'up'
      const asked = world.ask({ kind: 'adopt', as, endpoint, replaces: replaced.id, state, phoneHeld: false })
      if (asked.answer !== 'done' || partyOfLeg(world.call, as.leg) === undefined) world.engine.legs.delete(as.leg)
    },
  })
  const endpoints = newcomers(world)
  return [
    { weight: 1, moves: core.flatMap((p) => endpoints.map((e) => adopt('offered')(p, e))) },
    { weight: 1, moves: core.flatMap((p) => endpoints.map((e) => adopt('connected')(p, e))) },
  ]
}

/** The desk's part in a queue: it rings members, or says that nobody is free. */
function queueKinds(world: CallWorld): readonly Kind[] {
  if (!world.seeking) return []
  const offer = (endpoints: readonly Endpoint[]) => () => {
    world.seeking = false
    world.ask({ kind: 'offer', to: endpoints.map((endpoint) => ({ as: world.newParty(), endpoint })), ringTimeoutMs: 20_000 })
  }
  return [
    { weight: 3, moves: [{ name: 'nobody is free', make: () => void world.ask({ kind: 'wait' }) }] },
    {
      weight: 12,
      moves: [
        { name: 'one agent is rung', make: offer(agents.slice(0, 1)) },
        { name: 'three agents are rung', make: offer(agents.slice(0, 3)) },
      ],
    },
  ]
}
