import { roleOf } from '../call/begin.ts'
import { type Endpoint, sameEndpoint } from '../call/endpoint.ts'
import type { Birth, Command } from '../call/input.ts'
import { type Refusal, refusal } from '../call/refusal.ts'
import type { Directory } from '../directory/directory.ts'
import type { AccountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { Instant } from '../kernel/time.ts'
import type { Admission } from './admission.ts'
import { labelled, maxDuration, ringTimeout } from './bounds.ts'
import { refused } from './check-order.ts'
import type { DeskCommand } from './command.ts'
import { consentFits, type Sides } from './consent.ts'
import { recordingPolicy } from './recording-policy.ts'
import type { Resolved, Resolver } from './resolve.ts'

export type Originate = Extract<DeskCommand, { kind: 'originate' }>
export type Invitation = Extract<DeskCommand, { kind: 'invite-to-conference' }>
type Originated = Extract<Birth, { kind: 'originated' }>

/** Calls that a program asks for, checked and put into the core's words. */
export class Origination {
  readonly #directory: Directory
  readonly #resolver: Resolver
  readonly #admission: Admission

  constructor(parts: { readonly directory: Directory; readonly resolver: Resolver; readonly admission: Admission }) {
    this.#directory = parts.directory
    this.#resolver = parts.resolver
    this.#admission = parts.admission
  }

  originate(at: Instant, account: AccountId, command: Originate): Outcome<Originated, Refusal> {
    const from = this.#resolver.origin(at, account, command.from, command.to)
    const to = this.#resolver.one(at, account, command.to)
    const asked = this.#asked(account, command)
    const consent = consentFits(command.consent ?? {}, sidesOf(command, from, to))
    if (!from.ok || !to.ok || !asked.ok || !consent.ok) return refused([asked, consent, from, to])
    const rung = from.value.endpoints.filter((endpoint) => !sameEndpoint(endpoint, to.value))
    if (rung.length === 0) return fail(callsHimself(from.value))
    const presented = command.presentedNumber ?? this.#shownBy(account, rung[0])
    const fromRole = rung.every((e) => e.kind === 'number') && to.value.kind === 'extension' ? 'customer' : 'agent'
    const { group } = from.value
    return ok({
      ...asked.value,
      from: rung.map((endpoint) => ({ ...this.#admission.newParty(), endpoint, role: fromRole })),
      to: { ...this.#admission.newParty(), endpoint: to.value, role: roleOf(to.value) },
      recording: recordingPolicy(this.#directory, { account, group, consent: command.consent }),
      ...(presented === undefined || to.value.kind === 'extension' ? {} : { presented }),
      ...(group === undefined ? {} : { group }),
    })
  }

  /** What the command says for itself, whoever is called. */
  #asked(account: AccountId, command: Originate): Outcome<Omit<Originated, 'from' | 'recording'>, Refusal> {
    const timeout = ringTimeout(command.ringTimeoutMs, limits.partyRingMs)
    const toTimeout = ringTimeout(command.toRingTimeoutMs, limits.partyRingMs, 'toRingTimeoutMs')
    const duration = maxDuration(command.maxDurationMs)
    const checks = [toTimeout, labelled(command.labels), this.#presentable(account, command)]
    if (!timeout.ok || !duration.ok || checks.some((check) => !check.ok)) return refused([timeout, duration, ...checks])
    const { toRingTimeoutMs, presentedName, shown, labels, reference, application, autoAnswer } = command
    return ok({
      ...{ kind: 'originated', ringTimeoutMs: timeout.value },
      ...(toRingTimeoutMs === undefined ? {} : { toRingTimeoutMs }),
      ...(duration.value === undefined ? {} : { maxDurationMs: duration.value }),
      ...(presentedName === undefined ? {} : { presentedName }),
      ...(shown === undefined ? {} : { shown }),
      ...(labels === undefined ? {} : { labels }),
      ...(reference === undefined ? {} : { reference }),
      ...(application === undefined ? {} : { application }),
      ...(autoAnswer === undefined ? {} : { autoAnswer }),
    })
  }

  #presentable(account: AccountId, { presentedNumber: wanted, presentAsSent }: Originate): Outcome<true, Refusal> {
    if (wanted === undefined || presentAsSent === true || this.#directory.mayPresent(account, wanted)) return ok(true)
    return fail(refusal('number-invalid', { name: 'presentedNumber', why: `${wanted} may not be presented.` }))
  }

  #shownBy(account: AccountId, from: Endpoint | undefined): string | undefined {
    return from?.kind === 'extension' ? this.#admission.outboundNumber(account, from.extension) : this.#admission.outboundNumber(account)
  }

  /** Somebody for a conference; the call in which it meets is begun by the first, and later ones are added to it. */
  invite(at: Instant, account: AccountId, command: Invitation): Outcome<Invited, Refusal> {
    const timeout = ringTimeout(command.ringTimeoutMs, limits.partyRingMs)
    const labels = labelled(command.labels)
    const room = this.#room(account, command)
    const to = this.#resolver.one(at, account, command.to)
    if (!timeout.ok || !labels.ok || !room.ok || !to.ok) return refused([timeout, labels, room, to])
    return ok({ endpoint: to.value, ringTimeoutMs: timeout.value })
  }

  /** A wrong PIN is answered like a room that does not exist, so that nobody learns by trying which numbers are rooms. */
  #room(account: AccountId, { room, pin }: Invitation): Outcome<true, Refusal> {
    const conference = this.#directory.conference(account, room)
    if (conference !== undefined && (conference.pin === undefined || conference.pin === pin)) return ok(true)
    return fail(refusal('resource-unknown', { name: 'conference', why: `There is no conference ${room} with this PIN.` }))
  }

  /** For a conference in which others are already. */
  addition({ shown }: Invitation, { endpoint, ringTimeoutMs }: Invited): Command {
    const as = this.#admission.newParty()
    return { kind: 'add-party', as, to: endpoint, role: 'participant', ringTimeoutMs, ...(shown === undefined ? {} : { shown }) }
  }

  conference(account: AccountId, command: Invitation, { endpoint, ringTimeoutMs }: Invited): Originated {
    const { room, shown, labels } = command
    return {
      ...{ kind: 'originated', room, ringTimeoutMs },
      from: [{ ...this.#admission.newParty(), endpoint, role: 'participant' }],
      recording: recordingPolicy(this.#directory, { account }),
      ...(shown === undefined ? {} : { presented: shown.number }),
      ...(shown?.name === undefined ? {} : { presentedName: shown.name }),
      ...(labels === undefined ? {} : { labels }),
    }
  }
}

export interface Invited {
  readonly endpoint: Endpoint
  readonly ringTimeoutMs: number
}

/** What was named decides where who was found cannot: a phone that is not there is a phone all the same. */
function sidesOf(command: Originate, from: Outcome<Resolved, Refusal>, to: Outcome<Endpoint, Refusal>): Sides {
  const isGroup = 'groups' in command.from || (from.ok && from.value.group !== undefined)
  const caller = from.ok ? from.value.endpoints[0]?.kind : kindOf('number' in command.from)
  const called = to.ok ? to.value.kind : kindOf('number' in command.to)
  return { from: isGroup ? 'group' : caller === 'number' ? 'number' : 'phone', to: called === 'number' ? 'number' : 'phone' }
}

const kindOf = (isNumber: boolean): Endpoint['kind'] => (isNumber ? 'number' : 'extension')

/** A phone that is called by itself would be busy with itself. */
function callsHimself({ group }: Resolved): Refusal {
  return group === undefined
    ? refusal('parameter-invalid', { name: 'to', why: 'Nobody calls himself.' })
    : refusal('no-agent-available', { why: 'Nobody but the called one is free in the group.' })
}
