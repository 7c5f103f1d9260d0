import { type Call, isEnded, liveCore, partyOfLeg } from '../call/call.ts'
import type { Effect } from '../call/effect.ts'
import type { Endpoint } from '../call/endpoint.ts'
import type { Input } from '../call/input.ts'
import { isConnected, isCore, type Party } from '../call/party.ts'
import type { EngineEvent } from '../engine/port.ts'
import type { LegId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Outcome } from '../kernel/outcome.ts'
import type { Instant } from '../kernel/time.ts'
import type { Admission } from './admission.ts'
import type { CallTable } from './call-table.ts'
import type { Resolver } from './resolve.ts'

interface Parts {
  readonly table: CallTable
  readonly resolver: Resolver
  readonly admission: Admission
  readonly apply: (call: Call, input: Input) => Outcome<unknown, unknown>
  readonly order: (call: Call, effect: Extract<Effect, { kind: 'transfer-progress' }>) => void
}

type Requested = Extract<EngineEvent, { kind: 'transfer-requested' }>

/** Phones that transfer by themselves: REFER to a dialled target, REFER to a phone already spoken to, and INVITE with Replaces. */
export class PhoneTransfers {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  requested(at: Instant, event: Requested): void {
    const call = this.#parts.table.ofLeg(event.leg)
    const party = call === undefined ? undefined : partyOfLeg(call, event.leg)
    if (call === undefined || party === undefined) return
    const begun =
      event.consulted === undefined
        ? this.#blind(at, call, { event, party })
        : this.#attended(call, { event, party, consulted: event.consulted })
    if (!begun) this.#parts.order(call, { kind: 'transfer-progress', leg: event.leg, transfer: event.transfer, progress: 'failed' })
  }

  #blind(at: Instant, call: Call, { event, party }: { readonly event: Requested; readonly party: Party }): boolean {
    const found = this.#parts.resolver.destination(at, call.account, { number: event.dialled })
    const to = found.ok ? found.value.endpoints[0] : undefined
    if (to === undefined) return false
    const requested = { leg: event.leg, transfer: event.transfer }
    const as = this.#parts.admission.newParty()
    return this.#parts.apply(call, {
      kind: 'transfer',
      how: 'blind',
      party: party.id,
      as,
      to,
      ringTimeoutMs: limits.partyRingMs,
      requested,
    }).ok
  }

  /** The far side of the phone's other call comes over into this one; what is left of the other call ends. */
  #attended(call: Call, who: { readonly event: Requested; readonly party: Party; readonly consulted: LegId }): boolean {
    const other = this.#parts.table.ofLeg(who.consulted)
    if (other === undefined || other.id === call.id || other.account !== call.account || isEnded(other)) return false
    const far = liveCore(other).filter((p) => p.leg !== who.consulted)
    const [moving] = far
    if (moving === undefined || far.length !== 1 || call.transfer !== undefined) return false
    if (!isConnected(who.party) || !isCore(who.party)) return false
    if (!isConnected(moving) && moving.state !== 'ringing') return false
    this.#parts.apply(other, { kind: 'release', party: moving.id })
    return this.#parts.apply(call, {
      ...{ kind: 'adopt', as: { party: this.#parts.admission.newParty().party, leg: moving.leg }, endpoint: moving.endpoint },
      ...{ replaces: who.party.id, state: moving.state === 'ringing' ? 'ringing' : 'connected', phoneHeld: moving.phoneHeld },
      requested: { leg: who.event.leg, transfer: who.event.transfer },
    }).ok
  }

  /** A new leg of an authenticated phone takes the place of another phone's (RFC 3891). */
  replace(leg: LegId, by: { readonly replaces: LegId; readonly endpoint: Endpoint }): boolean {
    const call = this.#parts.table.ofLeg(by.replaces)
    const replaced = call === undefined ? undefined : partyOfLeg(call, by.replaces)
    if (call === undefined || replaced === undefined || call.account !== by.endpoint.account || replaced.role === 'supervisor') return false
    const as = { party: this.#parts.admission.newParty().party, leg }
    return this.#parts.apply(call, { kind: 'adopt', as, endpoint: by.endpoint, replaces: replaced.id, state: 'offered', phoneHeld: false })
      .ok
  }
}
