/** Where stories are played: on the pure core, and on the desk with its directory. */
import type { Call } from '../src/call/call.ts'
import { addressOf } from '../src/call/endpoint.ts'
import type { Command } from '../src/call/input.ts'
import type { RefusalCode } from '../src/call/refusal.ts'
import type { DeskCommand, Selector } from '../src/control/command.ts'
import { partyId, supervisionId } from '../src/kernel/ids.ts'
import { home, onDemand } from './people.ts'
import type { ScriptedEngine } from './scripted-engine.ts'
import {
  colleague,
  everybody,
  legOf,
  type PhoneDeed,
  partyIn,
  type Someone,
  type Stage,
  supervisionIn,
  type Target,
  type Wish,
} from './story.ts'
import { World } from './world.ts'
import { CallWorld } from './world-call.ts'
import { callCentre } from './world-call-centre.ts'

export const stages = { core: () => new CoreStage(), desk: () => new DeskStage() }

class CoreStage implements Stage {
  answer: Stage['answer'] = 'nothing'
  #world: CallWorld | undefined

  get #live(): CallWorld {
    if (this.#world === undefined) throw new Error('no call has begun')
    return this.#world
  }

  get call(): Call {
    return this.#live.call
  }

  get engine(): ScriptedEngine {
    return this.#live.engine
  }

  begin({ from, to }: { readonly from: Someone; readonly to: Someone }): void {
    const role = (who: Someone) => (who.endpoint.kind === 'extension' ? 'agent' : 'customer')
    this.#world = new CallWorld((world) => ({
      ...{ kind: 'received', ani: addressOf(from.endpoint), dnis: addressOf(to.endpoint), ringTimeoutMs: 60_000 },
      recording: onDemand,
      caller: { ...world.newParty(), endpoint: from.endpoint, role: role(from) },
      shown: { number: addressOf(from.endpoint) },
      to: { party: { ...world.newParty(), endpoint: to.endpoint, role: role(to) } },
    }))
  }

  meet({ endpoint }: Someone): void {
    this.#world = new CallWorld((world) => ({
      ...{ kind: 'originated', room: '900', ringTimeoutMs: 60_000, recording: onDemand },
      from: [{ ...world.newParty(), endpoint, role: 'participant' }],
    }))
  }

  wish(wish: Wish): void {
    const world = this.#live
    const asked = world.ask(this.#command(wish))
    for (const leg of world.engine.alive()) world.engine.accept(leg)
    this.#seek()
    this.#settle()
    this.answer = asked.answer === 'waiting' ? 'nothing' : asked.answer === 'done' ? 'done' : asked.answer.code
  }

  phone(who: Someone, deed: PhoneDeed): void {
    doDeed(this, who, deed)
    this.#settle()
  }

  /** The desk's part: somebody of the group is rung. */
  #seek(): void {
    const world = this.#live
    if (!world.seeking) return
    world.seeking = false
    world.ask({ kind: 'offer', to: [{ as: world.newParty(), endpoint: colleague.endpoint }], ringTimeoutMs: 20_000 })
  }

  /** Whoever we answered confirms it; the mixer catches up. */
  #settle(): void {
    for (const leg of this.engine.alive()) if (leg.phase === 'answering') this.engine.answer(leg)
    this.#live.settle()
  }

  #command(wish: Wish): Command {
    switch (wish.kind) {
      case 'supervise':
        return this.#supervise(wish)
      case 'change':
        return {
          kind: 'change-supervision',
          supervision: supervisionOf(this.call, wish.supervisor),
          ...changes(wish, (t) => this.#target(t)),
        }
      case 'end-supervision':
      case 'take-over':
        return { kind: wish.kind, supervision: supervisionOf(this.call, wish.supervisor) }
      case 'hold':
      case 'unhold':
        return { kind: 'hold', party: idOf(this.call, wish.who), on: wish.kind === 'hold' }
      case 'mute':
      case 'unmute':
        return { kind: 'mute', party: idOf(this.call, wish.who), on: wish.kind === 'mute' }
      case 'remove':
        return { kind: 'remove-party', party: idOf(this.call, wish.who) }
      case 'transfer': {
        const party = wish.who === undefined ? {} : { party: idOf(this.call, wish.who) }
        return { kind: 'transfer', how: wish.how, ...party, as: this.#live.newParty(), to: wish.to.endpoint, ringTimeoutMs: 60_000 }
      }
      case 'park':
        return { kind: 'park', party: idOf(this.call, wish.who), place: '701', timeoutMs: 180_000 }
      case 'unpark':
      case 'pick-up':
      case 'invite':
        return this.#ring(wish)
      case 'requeue':
        return { kind: 'requeue', group: '030', queueMs: 600_000 }
      case 'end':
        return { kind: 'end', reason: 'ended-by-request' }
    }
  }

  #supervise(wish: Extract<Wish, { kind: 'supervise' }>): Command {
    const { supervisor, mode, target = 'agent', follow = 'call', hearPeers = false } = wish
    const how = { mode, target: this.#target(target), follow, hearPeers, private: wish.private ?? false, autoAnswer: false }
    const id = supervisionId(`s${this.#live.nextId()}`)
    return { kind: 'supervise', id, as: this.#live.newParty(), supervisor: supervisor.endpoint, ...how, ringTimeoutMs: 30_000 }
  }

  #ring({ kind, who }: { readonly kind: 'unpark' | 'pick-up' | 'invite'; readonly who: Someone }): Command {
    const ring = { as: this.#live.newParty(), to: who.endpoint, ringTimeoutMs: 60_000 }
    return kind === 'invite' ? { kind: 'add-party', role: 'participant', ...ring } : { kind, ...ring }
  }

  #target(target: Target) {
    return typeof target === 'string' ? target : idOf(this.call, target)
  }
}

class DeskStage implements Stage {
  answer: Stage['answer'] = 'nothing'
  readonly #world = new World(1, withConference())

  /** Phones do nothing but what the story says. */
  constructor() {
    for (const { endpoint } of everybody()) this.#world.habit(addressOf(endpoint), { acceptsAfterMs: 1 })
  }

  get call(): Call {
    const call = this.#world.calls().at(-1)
    if (call === undefined) throw new Error('no call has begun')
    return call
  }

  get engine(): ScriptedEngine {
    return this.#world.engine
  }

  begin({ from, to }: { readonly from: Someone; readonly to: Someone }): void {
    if (from.endpoint.kind === 'number') this.#world.customerCalls(`+15554150${addressOf(to.endpoint)}`, from.endpoint.number)
    else this.#world.phoneCalls(addressOf(from.endpoint), addressOf(to.endpoint))
    this.#world.run(200)
  }

  meet(first: Someone): void {
    this.#world.ask({ kind: 'invite-to-conference', room: '900', to: selector(first) })
    this.#world.run(200)
  }

  wish(wish: Wish): void {
    const request = this.#world.ask(this.#command(wish))
    this.#world.run(200)
    const [outcome] = request.outcomes
    this.answer = outcome === undefined ? 'nothing' : outcome.ok ? 'done' : (outcome.error.code satisfies RefusalCode)
  }

  phone(who: Someone, deed: PhoneDeed): void {
    doDeed(this, who, deed)
    this.#world.run(200)
  }

  #command(wish: Wish): DeskCommand {
    const { id } = this.call
    switch (wish.kind) {
      case 'supervise': {
        const { supervisor, target, ...how } = wish
        const named = target === undefined ? {} : { target: this.#target(target) }
        return { ...how, ...named, call: id, supervisor: selector(supervisor) }
      }
      case 'change':
        return {
          kind: 'change-supervision',
          supervision: supervisionOf(this.call, wish.supervisor),
          ...changes(wish, (t) => this.#target(t)),
        }
      case 'end-supervision':
      case 'take-over':
        return { kind: wish.kind, supervision: supervisionOf(this.call, wish.supervisor) }
      case 'hold':
      case 'unhold':
      case 'mute':
      case 'unmute':
      case 'park':
        return { kind: wish.kind, call: id, party: idOf(this.call, wish.who) }
      case 'remove':
        return { kind: 'remove-party', call: id, party: idOf(this.call, wish.who) }
      case 'transfer': {
        const party = wish.who === undefined ? {} : { party: idOf(this.call, wish.who) }
        return { kind: 'transfer', call: id, how: wish.how, ...party, to: selector(wish.to) }
      }
      case 'unpark':
      case 'pick-up':
        return { kind: wish.kind, call: id, to: selector(wish.who) }
      case 'invite':
        return { kind: 'invite-to-conference', room: '900', to: selector(wish.who) }
      case 'requeue':
        return { kind: 'requeue', call: id, group: '030' }
      case 'end':
        return { kind: 'end-call', call: id }
    }
  }

  #target(target: Target) {
    return typeof target === 'string' ? target : idOf(this.call, target)
  }
}

const withConference = () =>
  callCentre(({ accounts }) => {
    Object.assign(accounts[0] ?? {}, { conferences: [{ number: '900' }] })
  })

function doDeed(stage: Stage, who: Someone, deed: PhoneDeed): void {
  const leg = legOf(stage, who)
  if (leg === undefined) return
  const { engine } = stage
  switch (deed) {
    case 'answers':
      return engine.answer(leg)
    case 'rings':
      return engine.ring(leg)
    case 'hangs up':
      return engine.end(leg, 'hangup')
    case 'declines':
      return engine.end(leg, 'declined')
    case 'holds':
    case 'resumes':
      return engine.hold(leg, deed === 'holds')
  }
}

function changes<T>(wish: Extract<Wish, { kind: 'change' }>, target: (who: Target) => T) {
  return {
    ...(wish.mode === undefined ? {} : { mode: wish.mode }),
    ...(wish.target === undefined ? {} : { target: target(wish.target) }),
    ...(wish.private === undefined ? {} : { private: wish.private }),
  }
}

/** Of one who was never there: an id that nobody has. */
const idOf = (call: Call, who: Someone) => partyIn(call, who)?.id ?? partyId('nobody')
const supervisionOf = (call: Call, who: Someone) => supervisionIn(call, who)?.id ?? supervisionId('none')

const selector = ({ endpoint }: Someone): Selector =>
  endpoint.kind === 'extension' && endpoint.account === home ? { extension: endpoint.extension } : { number: addressOf(endpoint) }
