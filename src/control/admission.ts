import { roleOf } from '../call/begin.ts'
import type { Call } from '../call/call.ts'
import { partyOf, supervisionOf } from '../call/call.ts'
import type { Presented } from '../call/effect.ts'
import type { Endpoint } from '../call/endpoint.ts'
import type { Birth, Command, NewParty } from '../call/input.ts'
import { type Refusal, refusal } from '../call/refusal.ts'
import type { Mode } from '../call/supervision.ts'
import type { Directory } from '../directory/directory.ts'
import { type AccountId, legId, partyId, supervisionId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { Random } from '../kernel/random.ts'
import type { Instant } from '../kernel/time.ts'
import type { DeskCommand } from './command.ts'
import type { Resolver } from './resolve.ts'

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
    if (!timeout.ok) return timeout
    const from = this.#resolver.origin(at, account, command.from)
    if (!from.ok) return from
    const to = this.#resolver.one(at, account, command.to)
    if (!to.ok) return to
    const presented = this.#presented(account, from.value.endpoints[0], command.presentedNumber)
    if (!presented.ok) return presented
    const fromRole = from.value.endpoints.every((e) => e.kind === 'number') && to.value.kind === 'extension' ? 'customer' : 'agent'
    return ok({
      ...{ kind: 'originated', ringTimeoutMs: timeout.value },
      from: from.value.endpoints.map((endpoint) => ({ ...this.newParty(), endpoint, role: fromRole })),
      to: { ...this.newParty(), endpoint: to.value, role: roleOf(to.value) },
      ...(presented.value === undefined || to.value.kind === 'extension' ? {} : { presented: presented.value }),
      ...(from.value.group === undefined ? {} : { group: from.value.group }),
      ...(command.reference === undefined ? {} : { reference: command.reference }),
      ...(command.application === undefined ? {} : { application: command.application }),
    })
  }

  #presented(account: AccountId, from: Endpoint | undefined, wanted: string | undefined): Outcome<string | undefined, Refusal> {
    if (wanted !== undefined) {
      const allowed = this.#directory.mayPresent(account, wanted)
      return allowed ? ok(wanted) : fail(refusal('number-invalid', { name: 'presentedNumber', why: `${wanted} may not be presented.` }))
    }
    return ok(from?.kind === 'extension' ? this.outboundNumber(account, from.extension) : this.outboundNumber(account))
  }

  /** What a call of this extension shows outside: its own public number, or the account's first. */
  outboundNumber(account: AccountId, extension?: string): string | undefined {
    const own = extension === undefined ? undefined : this.#directory.extension(account, extension)?.directNumber
    return own ?? this.#directory.account(account)?.presentedNumbers[0]
  }

  /** What a called phone sees. Outside only numbers that may be presented are shown: carriers refuse or spoof-mark others. */
  shownTo(call: Call, invite: { readonly to: Endpoint; readonly from: Presented }): Presented {
    const { to, from } = invite
    if (to.kind === 'extension' || this.#directory.mayPresent(call.account, from.number)) return from
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
    if (!timeout.ok) return timeout
    const supervisor = this.#resolver.one(at, call.account, command.supervisor)
    if (!supervisor.ok) return supervisor
    const refused = this.#mayUse(supervisor.value, command.mode)
    if (refused !== undefined) return fail(refused)
    return ok({
      ...{ kind: 'supervise', id: supervisionId(`s_${this.#random.hex(8)}`), as: this.newParty(), supervisor: supervisor.value },
      ...{ mode: command.mode, target: command.target ?? 'agent', private: command.private ?? false, follow: command.follow ?? 'call' },
      ...{ hearPeers: command.hearPeers ?? false, autoAnswer: command.autoAnswer ?? false, ringTimeoutMs: timeout.value },
    })
  }

  /** A supervisor at a number outside has no settings of his own: the caller's role has decided. */
  #mayUse(supervisor: Endpoint, mode: Mode): Refusal | undefined {
    if (supervisor.kind === 'number') return undefined
    const extension = this.#directory.extension(supervisor.account, supervisor.extension)
    if (extension === undefined) return refusal('endpoint-unknown')
    const permits = this.#directory.mayUseMode(extension, mode)
    return permits.ok ? undefined : permits.error
  }

  #change(call: Call, command: Of<'change-supervision'>): Outcome<Command, Refusal> {
    const refused = command.mode === undefined ? undefined : this.#mayUse(this.#supervisorOf(call, command.supervision), command.mode)
    return refused === undefined ? ok(command) : fail(refused)
  }

  /** Whoever takes a call over speaks to all of it, so he must be allowed to barge. */
  #takeOver(call: Call, command: Of<'take-over'>): Outcome<Command, Refusal> {
    const refused = this.#mayUse(this.#supervisorOf(call, command.supervision), 'barge')
    return refused === undefined ? ok(command) : fail(refused)
  }

  #supervisorOf(call: Call, id: Of<'take-over'>['supervision']): Endpoint {
    const supervision = supervisionOf(call, id)
    const party = supervision === undefined ? undefined : partyOf(call, supervision.party)
    return party?.endpoint ?? { kind: 'number', account: call.account, trunk: '', number: '' }
  }

  #transfer(at: Instant, call: Call, command: Of<'transfer'>): Outcome<Command, Refusal> {
    const timeout = ringTimeout(command.ringTimeoutMs, limits.partyRingMs)
    if (!timeout.ok) return timeout
    const to = this.#resolver.destination(at, call.account, command.to)
    if (!to.ok) return to
    const [endpoint] = to.value.endpoints
    if (endpoint === undefined) return fail(refusal('no-agent-available'))
    const party = command.party === undefined ? {} : { party: command.party }
    return ok({ kind: 'transfer', how: command.how, ...party, as: this.newParty(), to: endpoint, ringTimeoutMs: timeout.value })
  }
}

function ringTimeout(wanted: number | undefined, usual: number): Outcome<number, Refusal> {
  const ms = wanted ?? usual
  if (Number.isFinite(ms) && ms >= 1000 && ms <= limits.ringTimeoutMaxMs) return ok(ms)
  return fail(refusal('parameter-invalid', { name: 'ringTimeoutMs', why: `1000 to ${limits.ringTimeoutMaxMs} milliseconds.` }))
}
