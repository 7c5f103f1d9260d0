/** What reports of all versions have in common. */

import type { Call } from '../../call/call.ts'
import { extensionOf } from '../../call/endpoint.ts'
import type { CallEvent } from '../../call/event.ts'
import { isConnected, isCore, type Party } from '../../call/party.ts'
import type { EndReason } from '../../call/reason.ts'
import { recordingOf } from '../../call/recording.ts'
import type { OutEvent } from '../../control/command.ts'
import { unreachable } from '../../kernel/assert.ts'
import type { AccountId, PartyId } from '../../kernel/ids.ts'
import type { House } from '../dialect.ts'
import { dateAndTime } from '../wall-time.ts'
import type { Value } from './answer.ts'
import { outsideOf } from './answer-call.ts'
import type { Flavour } from './request-flavour.ts'

/** Pairs and no object: one version says the same name twice. */
export interface Report {
  readonly name: 'action' | 'event'
  readonly what: string
  readonly rest: readonly (readonly [name: string, value: Value])[]
}

export interface Happening {
  readonly event: OutEvent
  /** Of the account's clocks. */
  readonly zone: string
}

/** Of everything else no version has a report, and nobody is looked for who might want it. */
const told: readonly CallEvent['type'][] = [
  ...(['call.created', 'call.ringing', 'call.answered', 'call.held', 'call.resumed', 'call.transferred', 'call.ended'] as const),
  ...(['party.joined', 'party.left', 'party.dtmf', 'supervision.requested'] as const),
]

export const isToldOf = (out: OutEvent): boolean => 'agent' in out || ('event' in out && told.includes(out.event.type))

/** `sn` comes last in every report. */
export function writtenReport({ name, what, rest }: Report, sn: AccountId): string {
  const pairs = [[name, what], ...rest, ['sn', sn]].map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
  return `{${pairs.join(',')}}`
}

/** Whoever began the call; he stands first in it for ever. */
export const callerOf = (call: Call): Party | undefined => call.parties.find(isCore)

export const coreParty = (call: Call, id: PartyId): Party | undefined => call.parties.find((p) => p.id === id && isCore(p))

/** As `recording/get_random` takes it; empty where the call was not recorded. Its file is there a moment after the call. */
export function recordingName(call: Call): string {
  const id = recordingOf(call)
  return id === undefined ? '' : `${id}.wav`
}

/** Who talks to the party. */
export const otherThan = (call: Call, id: PartyId): Party | undefined =>
  call.parties.find((p) => p.id !== id && isCore(p) && isConnected(p))

type Status = 'Ringing' | 'InCall' | 'Idle' | 'Registered' | 'Unregistered'

/** What an extension's phone does now, if the event changed it; supervisors' phones, too. */
export function statusesIn(house: House, account: AccountId, out: OutEvent): (name: Report['name'], flavour: Flavour) => readonly Report[] {
  const found = statusIn(house, account, out)
  return (name, flavour) => {
    if (found === undefined) return []
    const status = found.status === 'InCall' ? (flavour === 'openvox' ? 'InUse' : 'Busy') : found.status
    return [{ name, what: 'ExtensionStatus', rest: Object.entries({ extension: found.extension, status }) }]
  }
}

interface Found {
  readonly extension: string
  readonly status: Status
}

function statusIn(house: House, account: AccountId, out: OutEvent): Found | undefined {
  if ('agent' in out) return registrationIn(house, account, out)
  if (!('event' in out)) return undefined
  const { event, call } = out
  switch (event.type) {
    case 'call.created': {
      const caller = callerOf(call)
      return hasCalled(call, caller) ? at(caller, 'InCall') : undefined
    }
    case 'call.ringing':
    case 'supervision.requested':
      return at(partyIn(call, event.data.party), 'Ringing')
    case 'party.joined': {
      const joined = partyIn(call, event.data.party)
      return hasCalled(call, joined) ? undefined : at(joined, 'InCall')
    }
    case 'party.left': {
      const left = at(partyIn(call, event.data.party), 'Idle')
      return left !== undefined && house.desk.extension(account, left.extension)?.calls.length === 0 ? left : undefined
    }
    default:
      return undefined
  }
}

/** Its phone began the call, and is in it from then on: it was shown nothing. */
const hasCalled = (call: Call, party: Party | undefined): boolean => party?.id === callerOf(call)?.id && party?.shown === undefined

const partyIn = (call: Call, id: PartyId): Party | undefined => call.parties.find((p) => p.id === id)

function at(party: Party | undefined, status: Status): Found | undefined {
  const extension = party && extensionOf(party.endpoint)
  return extension === undefined ? undefined : { extension, status }
}

/** Registrations are told of agents only, since agents are what the desk tells of. */
function registrationIn(
  house: House,
  account: AccountId,
  { agent, at: now, about }: Extract<OutEvent, { readonly agent: unknown }>,
): Found | undefined {
  if (about !== undefined || agent.since !== now || agent.call !== undefined) return undefined
  const { extension } = agent
  if (agent.loggedInAt === now) return { extension, status: 'Registered' }
  const isRegistered = house.desk.extension(account, extension)?.registered === true
  return agent.state === 'offline' && !isRegistered ? { extension, status: 'Unregistered' } : undefined
}

export interface CallFacts {
  readonly timestart: string
  readonly seconds: string
  readonly talkSeconds: string
  readonly status: string
  readonly type: string
  readonly trunk: string
}

/** What a call detail record says. */
export function factsOf(call: Call, zone: string): CallFacts {
  const end = call.endedAt ?? call.startedAt
  return {
    timestart: dateAndTime(call.startedAt, zone),
    seconds: String(Math.floor((end - call.startedAt) / 1_000)),
    talkSeconds: String(call.answeredAt === undefined ? 0 : Math.floor((end - call.answeredAt) / 1_000)),
    status: call.answeredAt === undefined ? outcomeOf(call.endReason) : 'ANSWERED',
    type: typeOf(call),
    trunk: outsideOf(call)?.endpoint.trunk ?? '',
  }
}

function typeOf(call: Call): string {
  switch (call.direction) {
    case 'inbound':
      return 'Inbound'
    case 'internal':
      return 'Internal'
    case 'outbound':
      return callerOf(call)?.endpoint.kind === 'number' ? 'Callback' : 'Outbound'
    default:
      return unreachable(call.direction)
  }
}

function outcomeOf(reason: EndReason | undefined): string {
  if (reason === 'busy' || reason === 'declined') return 'BUSY'
  return reason !== undefined && faults.includes(reason) ? 'FAILED' : 'NO ANSWER'
}

/** Why no conversation came to be, where nobody chose it so. */
const faults: readonly EndReason[] = ['unavailable', 'unknown-number', 'failed', 'media-lost', 'not-allowed', 'shutdown']

/** For CallFailed; undefined where the caller gave up. */
export function failureOf(reason: EndReason | undefined): string | undefined {
  if (reason === 'busy' || reason === 'declined') return 'User busy'
  if (reason === 'no-answer' || reason === 'queue-timeout') return 'No answer'
  return reason !== undefined && faults.includes(reason) ? 'Line unreachable' : undefined
}
