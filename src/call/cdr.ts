import type { AccountId, CallId, PartyId, SupervisionId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import type { Disposition } from './call.ts'
import type { Endpoint } from './endpoint.ts'
import type { CallEvent, SupervisionFacts } from './event.ts'
import type { Role } from './party.ts'
import type { EndReason } from './reason.ts'
import type { Follow, Mode } from './supervision.ts'

/** The call detail record: what a call's events add up to. Whole after `call.ended`; before that, as far as the last event. */
export interface Cdr {
  readonly id: CallId
  readonly account?: AccountId
  readonly direction: 'inbound' | 'outbound' | 'internal'
  readonly ani: string
  readonly dnis: string
  readonly group?: string
  readonly startedAt?: Instant
  readonly answeredAt?: Instant
  readonly endedAt?: Instant
  readonly endReason?: EndReason
  /** Until the call was answered: ringing and queue. */
  readonly waitingMs: number
  /** Answered, two or more in the conversation, none of them on hold. */
  readonly talkMs: number
  /** Answered, but somebody is on hold, the call is parked, or one waits alone: for a transfer, for a group, for others to join. */
  readonly holdMs: number
  /** Always the sum of the three. */
  readonly totalMs: number
  /** Whoever was connected, in order of joining. */
  readonly parties: readonly CdrParty[]
  readonly transfers: readonly CdrTransfer[]
  readonly supervisions: readonly CdrSupervision[]
  readonly parks: readonly CdrPark[]
  /** When it was recorded; pauses are not. */
  readonly recordings: readonly CdrInterval[]
  readonly disposition?: Disposition
  /** Up to when time has been counted. */
  readonly countedTo?: Instant
}

export interface CdrParty {
  readonly id: PartyId
  /** The last one: who takes a call over is its agent from then on. */
  readonly role: Role
  readonly endpoint: Endpoint
  readonly joinedAt: Instant
  readonly leftAt?: Instant
  readonly reason?: EndReason
  readonly onHold: boolean
}

export interface CdrTransfer {
  readonly at: Instant
  readonly to: PartyId
  readonly result:
    | { readonly done: 'blind' | 'attended' | 'take-over'; readonly from: PartyId }
    /** Whom it was meant for did not take it. */
    | { readonly failed: EndReason }
}

export interface CdrInterval {
  readonly from: Instant
  readonly to?: Instant
}

export interface CdrPark extends CdrInterval {
  readonly place: string
  readonly by: PartyId
  /** Nobody, where the call ended in its place. */
  readonly fetchedBy?: PartyId
}

export interface CdrSupervision {
  readonly id: SupervisionId
  readonly party: PartyId
  readonly follow: Follow
  readonly requestedAt: Instant
  readonly activeAt?: Instant
  readonly endedAt?: Instant
  readonly reason?: EndReason
  /** How he took part, from pick-up to the end without gaps. */
  readonly intervals: readonly ModeInterval[]
}

export interface ModeInterval extends CdrInterval {
  readonly mode: Mode
  readonly target: PartyId
  readonly private: boolean
}

export function emptyCdr(id: CallId, account?: AccountId): Cdr {
  return {
    ...{ id, direction: 'internal', ani: '', dnis: '', waitingMs: 0, talkMs: 0, holdMs: 0, totalMs: 0 },
    ...{ parties: [], transfers: [], supervisions: [], parks: [], recordings: [] },
    ...(account === undefined ? {} : { account }),
  }
}

/** Takes the events of one call in order of `seq`. */
export function fold(cdr: Cdr, event: CallEvent): Cdr {
  const { at } = event
  const counted = count(cdr, at)
  switch (event.type) {
    case 'call.created':
      return { ...counted, ...event.data, startedAt: at, countedTo: at }
    case 'call.queued':
      return { ...counted, group: event.data.group }
    case 'call.answered':
      return { ...counted, answeredAt: at }
    case 'call.held':
    case 'call.resumed':
      return changeParty(counted, event.data.party, { onHold: event.type === 'call.held' })
    case 'call.transferred':
      return transferred(counted, { at, to: event.data.to, result: { done: event.data.how, from: event.data.from } })
    case 'call.transfer-failed':
      return transferred(counted, { at, to: event.data.to, result: { failed: event.data.reason } })
    case 'call.ended':
      return { ...counted, endedAt: at, endReason: event.data.reason }
    case 'party.joined':
      return joined(counted, at, event.data)
    case 'party.left':
      return changeParty(counted, event.data.party, { leftAt: at, reason: event.data.reason, onHold: false })
    case 'party.role':
      return changeParty(counted, event.data.party, { role: event.data.role })
    default:
      return foldService(counted, event)
  }
}

/** What was done to the call beside the conversation: parking, recording, supervision, its disposition. */
function foldService(counted: Cdr, event: CallEvent): Cdr {
  const { at } = event
  switch (event.type) {
    case 'call.parked':
      return { ...counted, parks: [...counted.parks, { place: event.data.place, by: event.data.party, from: at }] }
    case 'call.unparked':
      return { ...counted, parks: counted.parks.map((park) => fetched(park, at, event.data.party)) }
    case 'recording.started':
      return { ...counted, recordings: [...counted.recordings, { from: at }] }
    case 'recording.paused':
    case 'recording.stopped':
      return { ...counted, recordings: closed(counted.recordings, at) }
    case 'disposition.set':
      return disposed(counted, at, event.data)
    case 'supervision.requested':
      return requested(counted, at, event.data)
    case 'supervision.active':
      return changeSupervision(counted, event.data, (s) => ({ ...s, activeAt: at, intervals: [interval(at, event.data)] }))
    case 'supervision.mode-changed':
      return changeSupervision(counted, event.data, (s) => modeChanged(s, at, event.data))
    case 'supervision.refused':
    case 'supervision.ended':
      return changeSupervision(counted, event.data, (s) => ended(s, at, event.data.reason))
    default:
      return counted
  }
}

/** Books the time since the last event. After the end nothing is counted: the mixer's last confirmation comes later. */
function count(cdr: Cdr, at: Instant): Cdr {
  if (cdr.countedTo === undefined || cdr.endedAt !== undefined) return cdr
  const ms = at - cdr.countedTo
  const counted = { ...cdr, countedTo: at, totalMs: cdr.totalMs + ms }
  switch (phase(cdr)) {
    case 'waiting':
      return { ...counted, waitingMs: cdr.waitingMs + ms }
    case 'talking':
      return { ...counted, talkMs: cdr.talkMs + ms }
    case 'on-hold':
      return { ...counted, holdMs: cdr.holdMs + ms }
  }
}

function phase(cdr: Cdr): 'waiting' | 'talking' | 'on-hold' {
  if (cdr.answeredAt === undefined) return 'waiting'
  const present = cdr.parties.filter((p) => p.leftAt === undefined && p.role !== 'supervisor')
  const isParked = cdr.parks.some((park) => park.to === undefined)
  return present.length >= 2 && !isParked && !present.some((p) => p.onHold) ? 'talking' : 'on-hold'
}

function fetched(park: CdrPark, at: Instant, by: PartyId | undefined): CdrPark {
  if (park.to !== undefined) return park
  return { ...park, to: at, ...(by === undefined ? {} : { fetchedBy: by }) }
}

function disposed(cdr: Cdr, at: Instant, { disposition: name, ...more }: Extract<CallEvent, { type: 'disposition.set' }>['data']): Cdr {
  return { ...cdr, disposition: { name, ...more, at } }
}

function joined(cdr: Cdr, at: Instant, data: { readonly party: PartyId; readonly role: Role; readonly endpoint: Endpoint }): Cdr {
  const { party, role, endpoint } = data
  return { ...cdr, parties: [...cdr.parties, { id: party, role, endpoint, joinedAt: at, onHold: false }] }
}

/** Of a party that never joined there is nothing to say. */
function changeParty(cdr: Cdr, id: PartyId, fields: Partial<CdrParty>): Cdr {
  return { ...cdr, parties: cdr.parties.map((p) => (p.id === id ? { ...p, ...fields } : p)) }
}

const transferred = (cdr: Cdr, transfer: CdrTransfer): Cdr => ({ ...cdr, transfers: [...cdr.transfers, transfer] })

function requested(cdr: Cdr, at: Instant, data: SupervisionFacts & { readonly follow: Follow }): Cdr {
  const made: CdrSupervision = { id: data.supervision, party: data.party, follow: data.follow, requestedAt: at, intervals: [] }
  return { ...cdr, supervisions: [...cdr.supervisions, made] }
}

function changeSupervision(cdr: Cdr, { supervision }: SupervisionFacts, change: (s: CdrSupervision) => CdrSupervision): Cdr {
  return { ...cdr, supervisions: cdr.supervisions.map((s) => (s.id === supervision ? change(s) : s)) }
}

const interval = (from: Instant, { mode, target, private: isPrivate }: SupervisionFacts): ModeInterval => {
  return { mode, target, private: isPrivate, from }
}

/** Before he has picked up there is no interval to end. */
function modeChanged(supervision: CdrSupervision, at: Instant, to: SupervisionFacts): CdrSupervision {
  if (supervision.activeAt === undefined) return supervision
  return { ...supervision, intervals: [...closed(supervision.intervals, at), interval(at, to)] }
}

const ended = (supervision: CdrSupervision, at: Instant, reason: EndReason): CdrSupervision => {
  return { ...supervision, endedAt: at, reason, intervals: closed(supervision.intervals, at) }
}

const closed = <T extends CdrInterval>(intervals: readonly T[], at: Instant): readonly T[] =>
  intervals.map((i) => (i.to === undefined ? { ...i, to: at } : i))
