import type { PhoneEndpoint, Presented } from '../../call/endpoint.ts'
import { assert } from '../../kernel/assert.ts'
import type { AccountId, CallId, LegId, LineId } from '../../kernel/ids.ts'
import { instant } from '../../kernel/time.ts'
import type { LegMedia } from '../../media/protocol.ts'
import { mediaLegOf } from './line.ts'
import type { Negotiation } from './negotiation.ts'

/**
 * Where a leg stands. A leg that we call: `opening` (ports asked for), `inviting`, `ringing`. A leg that calls us: `offered`, `answering`
 * (ports asked for), `unconfirmed` (it sent no offer: ours is in the 2xx, its answer comes with the ACK). One that was called with the wrong
 * kind of audio is `opening` once more.
 */
export type Phase = 'opening' | 'inviting' | 'ringing' | 'offered' | 'answering' | 'unconfirmed' | 'connected' | 'ended'

const transitions: Readonly<Record<Phase, readonly Phase[]>> = {
  opening: ['inviting', 'ended'],
  inviting: ['ringing', 'connected', 'opening', 'ended'],
  ringing: ['connected', 'opening', 'ended'],
  offered: ['answering', 'ended'],
  answering: ['unconfirmed', 'connected', 'ended'],
  unconfirmed: ['connected', 'ended'],
  connected: ['ended'],
  ended: [],
}

/** How we called it: kept because an invitation may have to be repeated without SRTP. */
export interface OutgoingOrigin {
  readonly kind: 'outgoing'
  readonly to: PhoneEndpoint
  readonly from: Presented
  readonly autoAnswer: boolean
}

export interface IncomingOrigin {
  readonly kind: 'incoming'
  readonly by: 'extension' | 'trunk'
  /** Its offer; absent: we offer. */
  readonly offer?: string
  readonly family: 4 | 6
  /** Its offer is a browser's, or ours has to be one. */
  readonly webrtc?: true
}

/** It borrows a line: there is no signalling, and its media leg is the line's. */
export interface LineOrigin {
  readonly kind: 'line'
  readonly line: LineId
}

export type LegOrigin = OutgoingOrigin | IncomingOrigin | LineOrigin

/** What a description was given to the media process for. */
export type Describing =
  /** The phone's answer to our first offer. */
  | { readonly kind: 'answered'; readonly holds: boolean }
  /** Its answer to a later one. */
  | { readonly kind: 'reanswered'; readonly holds: boolean }
  /** A re-offer of the phone, which waits for our answer. */
  | { readonly kind: 'reoffered'; readonly holds: boolean }

interface LegBirth {
  readonly id: LegId
  readonly account: AccountId
  readonly voice: 'core' | 'supervisor'
  /** `opening` or `offered`, unless it goes on from an earlier process or is on the line at once. */
  readonly phase: Phase
  readonly origin: LegOrigin
}

/** The signalling session and the media leg of one party, kept in step. */
export class Leg {
  readonly id: LegId
  /** Of a call that came by a trunk it is the dialled number's, which the desk knows: it may be another than the trunk's. */
  account: AccountId
  readonly origin: LegOrigin
  voice: 'core' | 'supervisor'
  /** The SIP layer's name of it: the leg's own, until an invitation is repeated. */
  session: LegId
  /** The bridge that it was last wired to. */
  call: CallId | undefined
  /** From the moment its ports are bound. */
  negotiation: Negotiation | undefined
  /** What the media process was told last. */
  media: LegMedia | undefined
  /** Its audio is a WebRTC connection of the media process, and the descriptions are the media process's own. */
  isWebRtc = false
  /** It was called a second time, with the other kind of audio. */
  isRetried = false
  /** What the media process said of its end: what a phone is invited with. */
  description: string | undefined
  /** A description of the phone's is with the media process. */
  describing: Describing | undefined
  /** A new connection is being made: by our own wish, at the phone's, or it has been offered to the phone. */
  renewal: 'ours' | 'asked' | 'offered' | undefined
  /** Our last offer asked for SRTP. */
  secure = false
  accepted = false
  rang = false
  held = false
  /** The media process has no such leg at the moment: no matrix may name it. */
  isUnheld = false
  /** Its audio has stopped, and the phone is being asked whether it is still there. */
  probed = false
  /** How its key presses come. A phone may send each of them both ways; what came first counts. */
  digitsBy: 'rtp' | 'info' | undefined
  /** Until when key presses that it is to be told by RTP will keep it busy, at the longest. */
  digitsUntil = instant(0)
  /** Transfers that it asked for and that it has not been told the end of. */
  readonly transfers = new Set<string>()
  #phase: Phase

  constructor(birth: LegBirth) {
    this.id = birth.id
    this.session = birth.id
    this.account = birth.account
    this.origin = birth.origin
    this.voice = birth.voice
    this.#phase = birth.phase
  }

  get phase(): Phase {
    return this.#phase
  }

  move(to: Phase): void {
    assert(transitions[this.#phase].includes(to), `a leg goes from ${this.#phase} to ${to}`)
    this.#phase = to
  }

  get line(): LineId | undefined {
    return this.origin.kind === 'line' ? this.origin.line : undefined
  }

  /** Its name in the media process. */
  get mediaLeg(): LegId {
    return this.origin.kind === 'line' ? mediaLegOf(this.origin.line) : this.id
  }

  /** Whether the media process was asked for ports. */
  get hasMedia(): boolean {
    return this.#phase !== 'offered' && this.#phase !== 'ended'
  }
}

/**
 * All legs that live, by their own name and by the SIP layer's. Whoever gets one from here may change it: what must be remembered of it is
 * looked at again.
 */
export class Legs {
  readonly #byId = new Map<LegId, Leg>()
  readonly #bySession = new Map<LegId, Leg>()
  readonly #touched = new Set<Leg>()

  get size(): number {
    return this.#byId.size
  }

  add(leg: Leg): void {
    assert(!this.#byId.has(leg.id), 'a leg is new')
    this.#byId.set(leg.id, leg)
    this.#bySession.set(leg.session, leg)
    this.#touched.add(leg)
  }

  has(leg: Leg): boolean {
    return this.#byId.get(leg.id) === leg
  }

  get(id: LegId): Leg | undefined {
    return this.#touch(this.#byId.get(id))
  }

  ofSession(session: LegId): Leg | undefined {
    return this.#touch(this.#bySession.get(session))
  }

  rename(leg: Leg, session: LegId): void {
    this.#bySession.delete(leg.session)
    leg.session = session
    this.#bySession.set(session, leg)
  }

  remove(leg: Leg): void {
    this.#byId.delete(leg.id)
    this.#bySession.delete(leg.session)
    this.#touched.add(leg)
  }

  all(): readonly Leg[] {
    return [...this.#byId.values()]
  }

  takeTouched(): readonly Leg[] {
    const touched = [...this.#touched]
    this.#touched.clear()
    return touched
  }

  #touch(leg: Leg | undefined): Leg | undefined {
    if (leg !== undefined) this.#touched.add(leg)
    return leg
  }
}
