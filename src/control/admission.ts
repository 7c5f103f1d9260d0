import { type Call, connectedCore, handlingParty, partyOf, supervisionOf } from '../call/call.ts'
import type { Endpoint, Presented } from '../call/endpoint.ts'
import type { Command, NewParty } from '../call/input.ts'
import type { Party } from '../call/party.ts'
import { type Refusal, refusal } from '../call/refusal.ts'
import { refusesTarget, supervises } from '../call/step-supervision.ts'
import type { Mode } from '../call/supervision.ts'
import type { Directory } from '../directory/directory.ts'
import type { Extension } from '../directory/people.ts'
import { unreachable } from '../kernel/assert.ts'
import { type AccountId, type LineId, legId, type PartyId, partyId, type SupervisionId, supervisionId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { Random } from '../kernel/random.ts'
import type { Instant } from '../kernel/time.ts'
import { noted, parkTimeout, ringTimeout } from './bounds.ts'
import type { CallTable } from './call-table.ts'
import { refused } from './check-order.ts'
import type { Caller, DeskCommand, Selector } from './command.ts'
import type { LineWork } from './line-work.ts'
import { maySupervise } from './may-supervise.ts'
import { parkingPlace } from './parking.ts'
import type { Resolver } from './resolve.ts'
import type { StaffCommand } from './staff.ts'

type Of<Kind extends DeskCommand['kind']> = Extract<DeskCommand, { kind: Kind }>
/** Commands about a call that exists. */
export type CallCommand = Exclude<DeskCommand, { kind: 'originate' | 'invite-to-conference' | StaffCommand['kind'] }>

/** Turns what a program asked for into what the core understands: selectors to endpoints, permissions of the directory, fresh ids. */
export class Admission {
  readonly #directory: Directory
  readonly #resolver: Resolver
  readonly #random: Random
  readonly #table: CallTable
  readonly #lines: LineWork

  constructor(parts: {
    readonly directory: Directory
    readonly resolver: Resolver
    readonly random: Random
    readonly table: CallTable
    readonly lines: LineWork
  }) {
    this.#directory = parts.directory
    this.#resolver = parts.resolver
    this.#random = parts.random
    this.#table = parts.table
    this.#lines = parts.lines
  }

  newParty(): NewParty {
    return { party: partyId(`p_${this.#random.hex(8)}`), leg: legId(`l_${this.#random.hex(8)}`) }
  }

  /** What a call of this extension shows outside: its own public number, or the account's first. */
  outboundNumber(account: AccountId, extension?: string): string | undefined {
    const own = extension === undefined ? undefined : this.#directory.extension(account, extension)?.directNumber
    return own ?? this.#directory.account(account)?.presentedNumbers[0]
  }

  /**
   * What a called phone sees. Outside only numbers that may be presented are shown, since carriers refuse or spoof-mark others, and no name
   * but one that was given for it: who works here is told inside.
   */
  shownTo(call: Call, invite: { readonly to: Endpoint; readonly from: Presented }): Presented {
    const { to, from } = invite
    if (to.kind === 'extension') return from
    const name = call.presentedName === undefined ? {} : { name: call.presentedName }
    if (this.#directory.mayPresent(call.account, from.number)) return { number: from.number, ...name }
    // What a conference was told to show is for phones inside: nobody has checked that it may be presented.
    const presented = call.room === undefined ? call.presented : undefined
    return { number: presented ?? this.outboundNumber(call.account, from.number) ?? from.number, ...name }
  }

  command(at: Instant, caller: Caller, call: Call, command: CallCommand): Outcome<Command, Refusal> {
    switch (command.kind) {
      case 'supervise':
        return this.#supervise(at, caller, call, command)
      case 'change-supervision':
        return this.#change(caller, call, command)
      case 'take-over':
        return this.#takeOver(caller, call, command)
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
      case 'record':
        return ok({ kind: 'record', state: command.state })
      case 'dispose':
        return this.#dispose(call, command)
      case 'park':
        return this.#park(call, command)
      case 'unpark':
      case 'pick-up':
        return this.#fetch(at, call, command)
      case 'requeue':
        return this.#requeue(call, command)
      default:
        return unreachable(command)
    }
  }

  #supervise(at: Instant, caller: Caller, call: Call, command: Of<'supervise'>): Outcome<Command, Refusal> {
    const { mode, supervisor: named } = command
    const timeout = ringTimeout(command.ringTimeoutMs, limits.supervisorRingMs)
    const isLine = 'line' in named
    const supervisor = isLine ? this.#line(caller, call, named.line) : this.#supervisor(at, call, named)
    const permitted = isLine ? this.#mayUseLine(caller, supervisor, mode) : this.#mayUsePhone(call, supervisor, { named, mode })
    const target = command.target ?? 'agent'
    const supervisable = this.#mayBeTarget(call, target)
    if (!timeout.ok || !supervisor.ok || !permitted.ok || isForbidden(supervisable))
      return refused([timeout, supervisor, permitted, supervisable])
    return ok({
      ...{ kind: 'supervise', id: supervisionId(`s_${this.#random.hex(8)}`), as: this.newParty(), supervisor: supervisor.value },
      ...{ mode: command.mode, target, private: command.private ?? false, follow: command.follow ?? 'call' },
      ...{ hearPeers: command.hearPeers ?? false, autoAnswer: command.autoAnswer ?? false, ringTimeoutMs: timeout.value },
      ...(command.shown === undefined ? {} : { shown: command.shown }),
    })
  }

  #line(caller: Caller, call: Call, id: LineId): Outcome<Endpoint, Refusal> {
    const endpoint = this.#lines.endpoint(caller, id)
    const twice = endpoint.ok && this.#lines.listensAlready(call, id)
    return twice ? fail(refusal('already-supervised-by-you', { why: 'Another line of yours supervises this call.' })) : endpoint
  }

  #mayUseLine(caller: Caller, line: Outcome<Endpoint, Refusal>, mode: Mode): Outcome<true, Refusal> {
    const role = maySupervise(caller)
    return role.ok && line.ok && line.value.kind === 'line' ? this.#lines.mayUseMode(line.value, mode) : role
  }

  /** Whether he may is told before whether he is there (W15). A number may lead to somebody else than it names: a group's intercom to a member. */
  #mayUsePhone(
    { account }: Call,
    found: Outcome<Endpoint, Refusal>,
    { named, mode }: { readonly named: Selector; readonly mode: Mode },
  ): Outcome<true, Refusal> {
    return this.#mayUse(found.ok ? this.#extensionAt(found.value) : this.#resolver.extension(account, named), mode)
  }

  /** Who is attached already is not called again, so he need not be registered any more. */
  #supervisor(at: Instant, call: Call, selector: Selector): Outcome<Endpoint, Refusal> {
    const named = this.#resolver.extension(call.account, selector)
    const endpoint = named && this.#resolver.endpointOf(named)
    return endpoint !== undefined && supervises(call, endpoint) ? ok(endpoint) : this.#resolver.one(at, call.account, selector)
  }

  /** Both the call and the directory must agree: what was permitted when the call began may have been withdrawn. */
  #mayBeTarget(call: Call, target: PartyId | 'agent' | 'customer'): Outcome<true, Refusal> {
    const refused = refusesTarget(call, target)
    if (refused !== undefined) return fail(refused)
    const handling = handlingParty(call)
    const named = target === 'agent' ? handling : target === 'customer' ? otherParty(call, handling) : partyOf(call, target)
    // A number outside has no say: whoever handles its call has.
    const judged = named !== undefined && named.endpoint.kind !== 'number' ? named : handling
    const extension = judged && this.#extensionAt(judged.endpoint)
    if (extension === undefined || extension.mayBeMonitored) return ok(true)
    return fail(refusal('supervision-not-allowed', { why: `Extension ${extension.number} may not be supervised.` }))
  }

  /** A supervisor at a number outside has no settings of his own: the caller's role has decided. */
  #mayUse(supervisor: Extension | undefined, mode: Mode): Outcome<true, Refusal> {
    return supervisor === undefined ? ok(true) : this.#directory.mayUseMode(supervisor, mode)
  }

  #change(caller: Caller, call: Call, command: Of<'change-supervision'>): Outcome<Command, Refusal> {
    const { mode, target } = command
    const permitted = this.#mayGoOn(caller, call, { supervision: command.supervision, mode })
    if (!permitted.ok) return permitted
    const supervisable = target === undefined ? undefined : this.#mayBeTarget(call, target)
    return supervisable !== undefined && isForbidden(supervisable) ? supervisable : ok(command)
  }

  /** Whoever takes a call over speaks to all of it, so he must be allowed to barge. */
  #takeOver(caller: Caller, call: Call, command: Of<'take-over'>): Outcome<Command, Refusal> {
    const permitted = this.#mayGoOn(caller, call, { supervision: command.supervision, mode: 'barge' })
    return permitted.ok ? ok(command) : permitted
  }

  /** Whether the supervisor may use this mode from now on. A line is its owner's alone: nobody else makes his microphone heard. */
  #mayGoOn(
    caller: Caller,
    call: Call,
    { supervision: id, mode }: { readonly supervision: SupervisionId; readonly mode: Mode | undefined },
  ): Outcome<true, Refusal> {
    const supervision = supervisionOf(call, id)
    const endpoint = supervision && partyOf(call, supervision.party)?.endpoint
    if (endpoint?.kind === 'line') {
      if (!this.#lines.isHis(caller, endpoint.line)) return fail(refusal('forbidden', { why: 'The line belongs to somebody else.' }))
      return mode === undefined ? ok(true) : this.#lines.mayUseMode(endpoint, mode)
    }
    return mode === undefined ? ok(true) : this.#mayUse(endpoint && this.#extensionAt(endpoint), mode)
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

  /** The name as it is configured: exactly as it was said, or else in other letters (contract ringcx, section 5). */
  #dispose(call: Call, command: Of<'dispose'>): Outcome<Command, Refusal> {
    const known = this.#directory.account(call.account)?.dispositions ?? []
    const wanted = command.disposition.toLowerCase()
    const name = known.find((d) => d === command.disposition) ?? known.find((d) => d.toLowerCase() === wanted)
    const named = name === undefined ? fail(refusal('disposition-unknown', { why: 'The account has no such disposition.' })) : ok(name)
    const notes = noted(command.notes)
    if (!named.ok || !notes.ok) return refused([notes, named])
    return ok({
      ...{ kind: 'dispose', disposition: named.value },
      ...(command.notes === undefined ? {} : { notes: command.notes }),
      ...(command.callbackAt === undefined ? {} : { callbackAt: command.callbackAt }),
    })
  }

  #park(call: Call, command: Of<'park'>): Outcome<Command, Refusal> {
    const timeout = parkTimeout(command.timeoutMs)
    const place = parkingPlace(command.place, { calls: this.#table.live(call.account), isDialled: (n) => this.#isDialled(call, n) })
    const named = isInCall(call, command.party)
    if (!timeout.ok || !place.ok || !named.ok) return refused([timeout, place, named])
    const party = command.party ?? handlingParty(call)?.id
    if (party === undefined) return fail(refusal('wrong-state', { why: 'Nobody handles the call.' }))
    return ok({ kind: 'park', party, place: place.value, timeoutMs: timeout.value })
  }

  #isDialled({ account }: Call, number: string): boolean {
    const directory = this.#directory
    return [directory.extension(account, number), directory.groupByExtension(account, number), directory.conference(account, number)].some(
      (found) => found !== undefined,
    )
  }

  #fetch(at: Instant, call: Call, command: Of<'unpark' | 'pick-up'>): Outcome<Command, Refusal> {
    const timeout = ringTimeout(command.ringTimeoutMs, limits.partyRingMs)
    const to = this.#resolver.one(at, call.account, command.to)
    if (!timeout.ok || !to.ok) return refused([timeout, to])
    const shown = command.shown === undefined ? {} : { shown: command.shown }
    return ok({ kind: command.kind, as: this.newParty(), to: to.value, ...shown, ringTimeoutMs: timeout.value })
  }

  /** A group without members can never answer. */
  #requeue(call: Call, command: Of<'requeue'>): Outcome<Command, Refusal> {
    const group = this.#directory.group(call.account, command.group)
    if (group === undefined) return fail(refusal('resource-unknown', { name: 'group', why: `There is no group ${command.group}.` }))
    if (group.agents.length === 0) return fail(refusal('no-agent-available'))
    return ok({ kind: 'requeue', group: group.id, queueMs: group.queueTimeoutMs ?? limits.queueMs })
  }
}

/** Everything else that speaks against a target is the call's to say, in its own order. */
const isForbidden = (supervisable: Outcome<true, Refusal>): supervisable is Extract<typeof supervisable, { ok: false }> =>
  !supervisable.ok && supervisable.error.code === 'supervision-not-allowed'

const otherParty = (call: Call, handling: Party | undefined): Party | undefined =>
  connectedCore(call).find((p) => p.role === 'customer') ?? connectedCore(call).find((p) => p.id !== handling?.id)

const isInCall = (call: Call, party: PartyId | undefined): Outcome<true, Refusal> =>
  party === undefined || partyOf(call, party) !== undefined ? ok(true) : fail(refusal('party-unknown'))
