/** Calls in the words of RingCX: ids, rows of the list, what stays of a call that is over (contract ringcx, sections 5 and 7). */

import { type Call, isEnded } from '../../call/call.ts'
import { extensionOf } from '../../call/endpoint.ts'
import type { Party } from '../../call/party.ts'
import type { AccountId } from '../../kernel/ids.ts'
import { type Instant, instant } from '../../kernel/time.ts'
import { serialDigits } from '../call-ids.ts'
import { agentOf, customerOf } from '../call-words.ts'
import type { House } from '../dialect.ts'
import { digits } from '../phone-number.ts'
import { wallTime } from '../wall-time.ts'
import { dateOf, dateOrNull, nationalDigits } from './answer.ts'

type Where = Pick<House, 'desk' | 'directory'>

const uiis = new WeakMap<Call, string>()

/** 30 digits: when the call began by the clocks of the account, and its serial. */
export function uiiOf(house: Where, call: Call): string {
  const known = uiis.get(call)
  if (known !== undefined) return known
  const { year, month, day, hour, minute, second } = wallTime(call.startedAt, zoneOf(house, call.account))
  const uii = `${year}${month}${day}${hour}${minute}${second}${serialDigits(call)}`
  uiis.set(call, uii)
  return uii
}

/** The serial leads back to the call; the time must fit it. */
export function callByUii(house: Where, account: AccountId, uii: string): Call | undefined {
  if (!/^\d{30}$/.test(uii)) return undefined
  const call = house.desk.callBySerial(account, Number(uii.slice(14)))
  return call !== undefined && uiiOf(house, call) === uii ? call : undefined
}

export const zoneOf = ({ directory }: Pick<House, 'directory'>, account: AccountId): string => directory.account(account)?.timezone ?? 'UTC'

const rows = new WeakMap<Call, string>()

/** A call is immutable, so its row is made once per revision. */
export function rowText(house: Where, call: Call): string {
  const known = rows.get(call)
  if (known !== undefined) return known
  const text = JSON.stringify(rowOf(house, call))
  rows.set(call, text)
  return text
}

function rowOf(house: Where, call: Call): object {
  const agent = agentNames(house, call)
  return {
    uii: uiiOf(house, call),
    accountId: call.account,
    ani: nationalDigits(call.ani),
    dnis: nationalDigits(call.dnis),
    enqueueTime: dateOf(call.startedAt),
    dequeueTime: dateOrNull(dequeuedAt(call)),
    // Clients look for this word, and every call that can be controlled is meant by it.
    callState: 'ACTIVE',
    archive: isEnded(call),
    agentFirstName: agent?.firstName ?? null,
    agentLastName: agent?.lastName ?? null,
    destinationName: groupName(house, call) ?? null,
    externalId: call.reference ?? null,
    cnam: customerOf(call)?.endpoint.name ?? null,
    dnisE164: e164(house, call),
  }
}

/** When an agent first answered; a caller who waits again has not been taken out of the queue. */
function dequeuedAt(call: Call): Instant | undefined {
  if (call.queue !== undefined) return undefined
  const answers = call.parties.filter((p) => p.role === 'agent').flatMap((p) => p.answeredAt ?? [])
  return answers.length === 0 ? undefined : instant(Math.min(...answers))
}

function agentNames({ directory }: Where, call: Call) {
  const agent = agentOf(call)
  const extension = agent && extensionOf(agent.endpoint)
  return extension === undefined ? undefined : directory.agentOfExtension(call.account, extension)
}

export const groupName = ({ directory }: Pick<House, 'directory'>, { account, group }: Call): string | undefined =>
  group === undefined ? undefined : directory.group(account, group)?.name

/** The dialled number in international form: as it was dialled, or as the number of ours that it led to. */
function e164({ directory }: Where, { account, dnis, direction }: Call): string | null {
  if (dnis.startsWith('+')) return `+${digits(dnis)}`
  if (/^1\d{10}$/.test(dnis)) return `+${dnis}`
  if (direction !== 'inbound') return null
  const direct = directory.extensionByDirectNumber(account, dnis)?.directNumber
  return direct ?? directory.account(account)?.numbers.find(({ number }) => directory.sameNumber(account, number, dnis))?.number ?? null
}

/** Of a phone: the how-manieth of its call it is. Numbers outside have none; theirs is made of the party's own id. */
export function sessionIdOf({ id, ordinal }: Party): string {
  if (ordinal > 0) return String(ordinal)
  const [hex] = /[\da-f]+$/.exec(id) ?? []
  return hex === undefined ? '0' : BigInt(`0x${hex}`).toString()
}

/** What was said of it belongs to the session of whoever handled it last. */
export function historyView(house: Where, call: Call): object {
  const agent = call.parties.findLast((p) => p.role === 'agent' && p.answeredAt !== undefined)
  return {
    accountId: call.account,
    uii: uiiOf(house, call),
    agentDisposition: call.disposition?.name ?? null,
    activeCallSessionHistories: call.parties.map((party) => ({
      sessionId: sessionIdOf(party),
      agentNotes: party === agent ? (call.disposition?.notes ?? null) : null,
    })),
  }
}
