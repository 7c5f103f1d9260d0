import { roleOf } from '../call/begin.ts'
import type { Call } from '../call/call.ts'
import { partyOf, supervisionOf } from '../call/call.ts'
import type { Presented } from '../call/effect.ts'
import { type Endpoint, sameEndpoint } from '../call/endpoint.ts'
import type { Birth, Command, NewParty } from '../call/input.ts'
import { type Refusal, refusal } from '../call/refusal.ts'
import { refusesTarget, supervises } from '../call/step-supervision.ts'
import type { Mode } from '../call/supervision.ts'
import type { Directory } from '../directory/directory.ts'
import type { Extension } from '../directory/people.ts'
import { type AccountId, legId, type PartyId, partyId, supervisionId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { Random } from '../kernel/random.ts'
import type { Instant } from '../kernel/time.ts'
import { firstRefusal } from './check-order.ts'
import type { DeskCommand, Selector } from './command.ts'
import type { Resolved, Resolver } from './resolve.ts'

type Of<Kind extends DeskCommand['kind']> = Extract<DeskCommand, { kind: Kind }>
/** Commands about a call that exists. */
export type CallCommand = Exclude<DeskCommand, { kind: 'originate' | 'set-agent-state' }>

/** Turns what a program asked for into what the core understands: selectors to endpoints, permissions of the directory, fresh ids. */
export class Admission {
  readonly #directory: Directory
  readonly #resolver: Resolver
  readonly #random: Random

  constructor(directory: Directory, resolver: Resolver, random: Random) {
    this.#directory = directory
    this.#resolver = resolver
    this.#random = random
  }

  newParty(): NewParty {
    return { party: partyId(`p_${this.#random.hex(8)}`), leg: legId(`l_${this.#random.hex(8)}`) }
  }

  originate(at: Instant, account: AccountId, command: Of<'originate'>): Outcome<Birth, Refusal> {
    const timeout = ringTimeout(command.ringTimeoutMs, limits.partyRingMs)
    const presentable = this.#presentable(account, command.presentedNumber)
    const from = this.#resolver.origin(at, account, command.from)
    const to = this.#resolver.one(at, account, command.to)
    if (!timeout.ok || !presentable.ok || !from.ok || !to.ok) return refused([timeout, presentable, from, to])
    const rung = from.value.endpoints.filter((endpoint) => !sameEndpoint(endpoint, to.value))
    if (rung.length === 0) return fail(callsHimself(from.value))
    const presented = command.presentedNumber ?? this.#shownBy(account, rung[0])
    const fromRole = rung.every((e) => e.kind === 'number') && to.value.kind === 'extension' ? 'customer' : 'agent'
    return ok({
      ...{ kind: 'originated', ringTimeoutMs: timeout.value },
      from: rung.map((endpoint) => ({ ...this.newParty(), endpoint, role: fromRole })),
      to: { ...this.newParty(), endpoint: to.value, role: roleOf(to.value) },
      ...(presented === undefined || to.value.kind === 'extension' ? {} : { presented }),
      ...(from.value.group === undefined ? {} : { group: from.value.group }),
      ...(command.reference === undefined ? {} : { reference: command.reference }),
      ...(command.application === undefined ? {} : { application: command.application }),
    })
  }

  #presentable(account: AccountId, wanted: string | undefined): Outcome<true, Refusal> {
    if (wanted === undefined || this.#directory.mayPresent(account, wanted)) return ok(true)
    return fail(refusal('number-invalid', { name: 'presentedNumber', why: `${wanted} may not be presented.` }))
  }

  #shownBy(account: AccountId, from: Endpoint | undefined): string | undefined {
    return from?.kind === 'extension' ? this.outboundNumber(account, from.extension) : this.outboundNumber(account)
  }

  /** What a call of this extension shows outside: its own public number, or the account's first. */
  outboundNumber(account: AccountId, extension?: string): string | undefined {
    const own = extension === undefined ? undefined : this.#directory.extension(account, extension)?.directNumber
    return own ?? this.#directory.account(account)?.presentedNumbers[0]
  }

  /**
   * What a called phone sees. Outside only numbers that may be presented are shown, since carriers refuse or spoof-mark others, and nobody's
   * name: who works here is told inside.
   */
  shownTo(call: Call, invite: { readonly to: Endpoint; readonly from: Presented }): Presented {
    const { to, from } = invite
    if (to.kind === 'extension') return from
    if (this.#directory.mayPresent(call.account, from.number)) return { number: from.number }
    return { number: call.presented ?? this.outboundNumber(call.account, from.number) ?? from.number }
  }

  command(at: Instant, call: Call, command: CallCommand): Outcome<Command, Refusal> {
    switch (command.kind) {
      case 'supervise':
        return this.#supervise(at, call, command)
      case 'change-supervision':
        return this.#change(call, command)
      case 'take-over':
        return this.#takeOver(call, command)
      case 'transfer':
        return this.#transfer(at, call, command)
      case 'end-supervision':
        return ok(command)
      case 'end-call':
        return ok({ kind: 'end', reason: 'ended-by-request' })
      case 'remove-party':
        return ok({ kind: 'remove-party', party: command.party })
      case 'hold':
      case 'unhold':
        return ok({ kind: 'hold', party: command.party, on: command.kind === 'hold' })
      case 'mute':
      case 'unmute':
        return ok({ kind: 'mute', party: command.party, on: command.kind === 'mute' })
    }
  }

  #supervise(at: Instant, call: Call, command: Of<'supervise'>): Outcome<Command, Refusal> {
    const timeout = ringTimeout(command.ringTimeoutMs, limits.supervisorRingMs)
    const supervisor = this.#supervisor(at, call, command.supervisor)
    // Whether he may is told before whether he is there (W15). A number may lead to somebody else than it names: a group's intercom to a member.
    const who = supervisor.ok ? this.#extensionAt(supervisor.value) : this.#resolver.extension(call.account, command.supervisor)
    const permitted = this.#mayUse(who, command.mode)
    const target = command.target ?? 'agent'
    if (!timeout.ok || !supervisor.ok || !permitted.ok) return refused([timeout, supervisor, permitted, mayBeTarget(call, target)])
    return ok({
      ...{ kind: 'supervise', id: supervisionId(`s_${this.#random.hex(8)}`), as: this.newParty(), supervisor: supervisor.value },
      ...{ mode: command.mode, target, private: command.private ?? false, follow: command.follow ?? 'call' },
      ...{ hearPeers: command.hearPeers ?? false, autoAnswer: command.autoAnswer ?? false, ringTimeoutMs: timeout.value },
    })
  }

  /** Who is attached already is not called again, so he need not be registered any more. */
  #supervisor(at: Instant, call: Call, selector: Selector): Outcome<Endpoint, Refusal> {
    const named = this.#resolver.extension(call.account, selector)
    const endpoint = named && this.#resolver.endpointOf(named)
    return endpoint !== undefined && supervises(call, endpoint) ? ok(endpoint) : this.#resolver.one(at, call.account, selector)
  }

  /** A supervisor at a number outside has no settings of his own: the caller's role has decided. */
  #mayUse(supervisor: Extension | undefined, mode: Mode): Outcome<true, Refusal> {
    return supervisor === undefined ? ok(true) : this.#directory.mayUseMode(supervisor, mode)
  }

  #change(call: Call, command: Of<'change-supervision'>): Outcome<Command, Refusal> {
    if (command.mode === undefined) return ok(command)
    const permitted = this.#mayUse(this.#supervisorOf(call, command.supervision), command.mode)
    return permitted.ok ? ok(command) : permitted
  }

  /** Whoever takes a call over speaks to all of it, so he must be allowed to barge. */
  #takeOver(call: Call, command: Of<'take-over'>): Outcome<Command, Refusal> {
    const permitted = this.#mayUse(this.#supervisorOf(call, command.supervision), 'barge')
    return permitted.ok ? ok(command) : permitted
  }

  #supervisorOf(call: Call, id: Of<'take-over'>['supervision']): Extension | undefined {
    const supervision = supervisionOf(call, id)
    const endpoint = supervision && partyOf(call, supervision.party)?.endpoint
    return endpoint && this.#extensionAt(endpoint)
  }

  #extensionAt(endpoint: Endpoint): Extension | undefined {
    return endpoint.kind === 'extension' ? this.#directory.extension(endpoint.account, endpoint.extension) : undefined
  }

  #transfer(at: Instant, call: Call, command: Of<'transfer'>): Outcome<Command, Refusal> {
    const timeout = ringTimeout(command.ringTimeoutMs, limits.partyRingMs)
    if (!timeout.ok) return timeout
    const to = this.#resolver.destination(at, call.account, command.to)
    if (!to.ok) return refused([to, isInCall(call, command.party)])
    const [endpoint] = to.value.endpoints
    if (endpoint === undefined) return fail(refusal('no-agent-available'))
    const party = command.party === undefined ? {} : { party: command.party }
    return ok({ kind: 'transfer', how: command.how, ...party, as: this.newParty(), to: endpoint, ringTimeoutMs: timeout.value })
  }
}

const refused = (outcomes: readonly Outcome<unknown, Refusal>[]): Outcome<never, Refusal> =>
  fail(firstRefusal(outcomes) ?? refusal('internal-error'))

function mayBeTarget(call: Call, target: PartyId | 'agent' | 'customer'): Outcome<true, Refusal> {
  const refusal = refusesTarget(call, target)
  return refusal === undefined ? ok(true) : fail(refusal)
}

const isInCall = (call: Call, party: PartyId | undefined): Outcome<true, Refusal> =>
  party === undefined || partyOf(call, party) !== undefined ? ok(true) : fail(refusal('party-unknown'))

/** A phone that is called by itself would be busy with itself. */
function callsHimself({ group }: Resolved): Refusal {
  return group === undefined
    ? refusal('parameter-invalid', { name: 'to', why: 'Nobody calls himself.' })
    : refusal('no-agent-available', { why: 'Nobody but the called one is free in the group.' })
}

function ringTimeout(wanted: number | undefined, usual: number): Outcome<number, Refusal> {
  const ms = wanted ?? usual
  if (Number.isFinite(ms) && ms >= 1000 && ms <= limits.ringTimeoutMaxMs) return ok(ms)
  return fail(refusal('parameter-invalid', { name: 'ringTimeoutMs', why: `1000 to ${limits.ringTimeoutMaxMs} milliseconds.` }))
}
