/** Call control: what each action orders (contract voipnow, section 8). Fields are read in the order of the contract's table. */
import type { Call } from '../../call/call.ts'
import { isConnected, isCore, isLive, type Party } from '../../call/party.ts'
import type { DeskCommand } from '../../control/command.ts'
import type { Account } from '../../directory/people.ts'
import type { JsonObject } from '../../http/body.ts'
import { refuse } from '../../http/refused.ts'
import type { House } from '../dialect.ts'
import { isNumber } from '../phone-number.ts'
import type { View } from './answer-call.ts'
import type { Part } from './request.ts'
import { callerIdOf, invalid, missing, needed, secondsOf, terminalOf, textOf, waitOf } from './request-fields.ts'
import { partyNumbered } from './routes-calls.ts'

export interface Controlling {
  readonly house: House
  readonly account: Account
  readonly part: Part
  readonly fields: JsonObject
  /** The view that the request names; refuses where it is missing or unknown. */
  readonly view: () => View
}

export type Control = (asked: Controlling) => readonly DeskCommand[]

const record =
  (state: 'on' | 'off'): Control =>
  ({ part: { call }, fields, view }) => {
    view()
    if (state === 'on') demandFormat(fields)
    return [{ kind: 'record', call: call.id, state }]
  }

/** By the action's name in lower case. */
export const control: Readonly<Record<string, Control>> = {
  pickup: (asked) => [fetched('pick-up', asked)],
  unpark: (asked) => [fetched('unpark', asked)],
  park: ({ part: { call }, fields, view }) => {
    const { party } = view()
    const timeoutMs = secondsOf(fields, 'maxInParking', { least: 10, most: 3_600 }) ?? 180_000
    return [{ kind: 'park', call: call.id, party: party.id, timeoutMs }]
  },
  onhold: ({ part: { call }, view }) => held(call, view().party, 'hold'),
  offhold: ({ part: { call }, view }) => held(call, view().party, 'unhold'),
  startrecording: record('on'),
  stoprecording: record('off'),
  transfer,
  transfertovoicemail: toVoicemail,
}

function fetched(kind: 'pick-up' | 'unpark', { house, account, part: { call }, fields, view }: Controlling): DeskCommand {
  const terminal = terminalOf(house, account, fields)
  view()
  const shown = callerIdOf(fields)
  const ringTimeoutMs = waitOf(fields)
  return { kind, call: call.id, to: { extension: terminal.number }, ringTimeoutMs, ...(shown === undefined ? {} : { shown }) }
}

/** Whoever puts a call on hold keeps the others waiting: they hear music. */
function held(call: Call, { id }: Party, kind: 'hold' | 'unhold'): readonly DeskCommand[] {
  const others = call.parties.filter((p) => isCore(p) && isConnected(p) && p.id !== id && (kind === 'hold' || p.held))
  if (others.length === 0) throw refuse('wrong-state')
  return others.map((party) => ({ kind, call: call.id, party: party.id }))
}

function demandFormat(fields: JsonObject): void {
  const format = textOf(fields, 'format')?.toLowerCase() ?? 'wav'
  if (format !== 'wav' && format !== 'wav49') throw invalid('format')
}

function transfer(asked: Controlling): readonly DeskCommand[] {
  const { fields, part } = asked
  const number = needed(fields, 'sendCallTo')
  if (!isNumber(number) && !/^\d{1,16}\*\d{1,16}$/.test(number)) throw invalid('sendCallTo')
  const leaving = leavingParty(asked)
  demandStaying(asked, leaving)
  return [{ kind: 'transfer', call: part.call.id, party: leaving.id, to: { number }, how: 'blind' }]
}

/** The vendor has two forms: the number of who hands the call on, or his view. */
function leavingParty(asked: Controlling): Party {
  const { fields, view } = asked
  if (textOf(fields, 'transferFromNumber') !== undefined) return partyIn(asked, 'transferFromNumber')
  if (fields.phoneCallViewId === undefined) throw missing('transferFromNumber')
  return view().party
}

function demandStaying(asked: Controlling, leaving: Party): void {
  if (textOf(asked.fields, 'transferNumber') === undefined) return
  if (partyIn(asked, 'transferNumber').id === leaving.id) throw refuse('party-unknown', { name: 'transferNumber' })
}

function partyIn({ house, part: { call }, fields }: Controlling, name: string): Party {
  const party = partyNumbered(house, call, needed(fields, name))
  if (party === undefined || !isLive(party) || !isCore(party)) throw refuse('party-unknown', { name })
  return party
}

/** Sotto keeps no voice mail; a wrong request is told so first. */
function toVoicemail(asked: Controlling): never {
  terminalOf(asked.house, asked.account, asked.fields)
  partyIn(asked, 'transferNumber')
  if (textOf(asked.fields, 'transferFromNumber') !== undefined) partyIn(asked, 'transferFromNumber')
  throw refuse('unsupported')
}
