import { roleOf } from '../call/begin.ts'
import { presentation } from '../call/effect.ts'
import type { Endpoint, Presented } from '../call/endpoint.ts'
import { addressOf } from '../call/endpoint.ts'
import type { Birth, NewParty } from '../call/input.ts'
import type { EndReason } from '../call/reason.ts'
import type { RefusalCode } from '../call/refusal.ts'
import type { Directory } from '../directory/directory.ts'
import type { Destination, Extension, Group } from '../directory/people.ts'
import type { EngineEvent } from '../engine/port.ts'
import type { AccountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { Admission } from './admission.ts'
import type { Presence } from './presence.ts'
import { recordingPolicy } from './recording-policy.ts'
import { numberEndpoint, type Resolver } from './resolve.ts'

export type Offered = Extract<EngineEvent, { kind: 'leg-offered' }>

/** Where a call that comes in leads, and whose it is: the account of the number that was dialled. */
export interface Route {
  readonly account: AccountId
  readonly birth: Birth
}

/** From a leg that calls us to the birth of a call, or the reason that the caller hears. */
export class Routing {
  readonly #directory: Directory
  readonly #resolver: Resolver
  readonly #presence: Presence
  readonly #admission: Admission

  constructor(parts: {
    readonly directory: Directory
    readonly resolver: Resolver
    readonly presence: Presence
    readonly admission: Admission
  }) {
    this.#directory = parts.directory
    this.#resolver = parts.resolver
    this.#presence = parts.presence
    this.#admission = parts.admission
  }

  route(offered: Offered): Outcome<Route, EndReason> {
    return offered.source.kind === 'trunk' ? this.#fromOutside(offered) : this.#fromInside(offered)
  }

  /** The extension behind an authenticated leg. */
  callerEndpoint(offered: Offered): Endpoint | undefined {
    const { source } = offered
    if (source.kind === 'trunk') return undefined
    const extension = this.#directory.extension(source.account, source.extension)
    return extension === undefined ? undefined : this.#resolver.endpointOf(extension)
  }

  #fromOutside(offered: Offered): Outcome<Route, EndReason> {
    const { source, from, dialled } = offered
    if (source.kind !== 'trunk') return fail('failed')
    const found = this.#directory.inbound(dialled, source.account)
    if (found === undefined) return fail('unknown-number')
    const { claimed, ...shown } = from
    const proven = claimed === undefined ? {} : { claimed }
    const endpoint: Endpoint = { kind: 'number', account: found.account, trunk: source.trunk, ...shown, ...proven }
    return this.#receive(found.account, found.routeTo, { offered, endpoint, shown })
  }

  #fromInside(offered: Offered): Outcome<Route, EndReason> {
    const endpoint = this.callerEndpoint(offered)
    if (endpoint?.kind !== 'extension') return fail('failed')
    const found = this.#resolver.dialled(endpoint.account, offered.dialled)
    if (!found.ok) return fail(reasonOf(found.error.code))
    const shown = presentation(endpoint)
    return this.#receive(endpoint.account, found.value, { offered, endpoint, shown })
  }

  #receive(
    account: AccountId,
    to: Destination,
    caller: { readonly offered: Offered; readonly endpoint: Endpoint; readonly shown: Presented },
  ): Outcome<Route, EndReason> {
    const party = { ...this.#admission.newParty(), leg: caller.offered.leg, endpoint: caller.endpoint, role: roleOf(caller.endpoint) }
    const target = this.#target(to)
    if (!target.ok) return target
    const ani = addressOf(caller.endpoint)
    const ringTimeoutMs = (to.kind === 'extension' ? to.extension.ringTimeoutMs : undefined) ?? limits.partyRingMs
    const birth: Birth = {
      kind: 'received',
      caller: party,
      ani,
      dnis: caller.offered.dialled,
      shown: caller.shown,
      to: target.value,
      ringTimeoutMs,
      recording: recordingPolicy(this.#directory, { account, group: to.kind === 'group' ? to.group.id : undefined }),
    }
    return ok({ account, birth })
  }

  #target(to: Destination): Outcome<Extract<Birth, { kind: 'received' }>['to'], EndReason> {
    switch (to.kind) {
      case 'extension':
        return this.#phone(to.extension)
      case 'group':
        return groupTarget(to.group)
      case 'number':
        return ok({ party: { ...this.#admission.newParty(), endpoint: numberEndpoint(to), role: 'customer' } })
    }
  }

  #phone(extension: Extension): Outcome<{ readonly party: NewParty & { readonly endpoint: Endpoint; readonly role: 'agent' } }, EndReason> {
    if (!this.#presence.isReachable(extension)) return fail('unavailable')
    return ok({ party: { ...this.#admission.newParty(), endpoint: this.#resolver.endpointOf(extension), role: 'agent' } })
  }
}

/** A group without members can never answer; one whose members are away is waited for. */
function groupTarget(group: Group): Outcome<{ readonly group: string; readonly queueMs: number }, EndReason> {
  return group.agents.length === 0 ? fail('unavailable') : ok({ group: group.id, queueMs: group.queueTimeoutMs ?? limits.queueMs })
}

/** What a phone hears when its user dialled something that the directory refuses. */
export function reasonOf(code: RefusalCode): EndReason {
  if (code === 'destination-not-allowed') return 'declined'
  if (code === 'endpoint-unavailable' || code === 'no-agent-available') return 'unavailable'
  return code === 'endpoint-unknown' || code === 'number-invalid' ? 'unknown-number' : 'failed'
}
