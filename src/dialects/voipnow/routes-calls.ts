/** Calls that live: told and hung up (contract voipnow, sections 6 and 7). */
import Type from 'typebox'
import type { Call } from '../../call/call.ts'
import { isCore, isLive, type Party } from '../../call/party.ts'
import { isOpen } from '../../call/supervision.ts'
import type { DeskCommand } from '../../control/command.ts'
import { type Answer, answer } from '../../http/answer.ts'
import { refuse } from '../../http/refused.ts'
import { hexId } from '../call-ids.ts'
import { isParty, supervisionOfExtension } from '../call-words.ts'
import type { Ask, DialectRoute, House } from '../dialect.ts'
import { order } from '../ordering.ts'
import { plusRestored } from '../phone-number.ts'
import { dateIn, extended, jsonOf, voiceOf } from './answer.ts'
import { callText, phoneCallFields, type Teller } from './answer-call.ts'
import { alone, collection, listText, pageOf } from './answer-listing.ts'
import { converses, demandOwn, type Part, type Place, partOf, partsOf, placeOf } from './request.ts'
import { ownNumber } from './request-fields.ts'
import { type Columns, listingOf, matches, type Readable } from './request-listing.ts'
import { listQuery } from './request-shapes.ts'

const path = '/uapi/phoneCalls/:user/:extension'
const lookups = ['unauthenticated', 'token-expired', 'endpoint-unknown', 'forbidden', 'parameter-invalid', 'rate-limited'] as const

export function callRoutes(house: House): readonly DialectRoute[] {
  return [
    {
      ...{ id: 'listPhoneCalls', tier: 'must', method: 'GET', path, query: listQuery, refusals: lookups },
      summary: 'Calls of an extension, or of all of a user',
      answers: { status: 200, description: 'A page of calls' },
      handle: (ask) => list(house, ask),
    },
    {
      ...{ id: 'showPhoneCall', tier: 'must', method: 'GET', path: `${path}/:call`, query: listQuery },
      summary: 'One call',
      answers: { status: 200, description: 'The call, and a page that holds nothing else' },
      refusals: [...lookups, 'call-unknown', 'call-ended'],
      handle: (ask) => show(house, ask),
    },
    {
      ...{ id: 'hangUpPhoneCalls', tier: 'must', method: 'DELETE', path, query: hangUpQuery, refusals: lookups },
      summary: 'Hangs up all calls of an extension',
      answers: { status: 200, description: 'What was hung up' },
      handle: (ask) => hangUp(house, ask, (place) => partsOf(house, place)),
    },
    {
      ...{ id: 'hangUpPhoneCall', tier: 'must', method: 'DELETE', path: `${path}/:call`, query: hangUpQuery },
      summary: 'Hangs up a call, one of its parties, or one supervisor',
      answers: { status: 200, description: 'What was hung up' },
      refusals: [...lookups, 'call-unknown', 'call-ended', 'timeout', 'engine-failed'],
      handle: (ask) => hangUp(house, ask, (place) => [partOf(house, place, ask)]),
    },
  ]
}

const hangUpQuery = Type.Object({
  phoneNumber: Type.Optional(Type.String({ description: 'One of the parties, or a supervisor: only he is hung up.' })),
})

const columns: Columns = { fields: phoneCallFields, filters: ['id', 'published'], dates: ['published'] }

function list(house: House, ask: Ask): Answer {
  const place = ownPlace(house, ask)
  const listing = listingOf(ask, place.account, columns)
  const teller = tellerOf(house, ask, place)
  const found = partsOf(house, place).filter((part) => matches(listing.filter, (by) => readCall(teller, part.call, by)))
  const { items, total } = pageOf(found, listing)
  return collection(ask, { entry: listText(items.map((part) => callText(teller, part, listing.fields))), total }, listing)
}

function show(house: House, ask: Ask): Answer {
  const place = ownPlace(house, ask)
  const listing = listingOf(ask, place.account, columns)
  return alone(callText(tellerOf(house, ask, place), partOf(house, place, ask), listing.fields), listing)
}

function ownPlace(house: House, ask: Ask): Place {
  const place = placeOf(house, ask)
  demandOwn(house, ask, place)
  return place
}

export const tellerOf = (house: House, ask: Ask, { account }: Pick<Place, 'account'>): Teller => ({
  voice: voiceOf(house, ask, account),
  directory: house.directory,
})

const readCall = ({ voice }: Teller, call: Call, by: string): Readable =>
  by === 'id' ? { text: hexId(call) } : { text: dateIn(voice, call.startedAt), at: call.startedAt }

async function hangUp(house: House, ask: Ask, find: (place: Place) => readonly Part[]): Promise<Answer> {
  const place = ownPlace(house, ask)
  const number = ask.query.phoneNumber === undefined ? undefined : plusRestored(ask.query.phoneNumber)
  const wanted = find(place).map((part) => ({ part, command: ending(house, part, number) }))
  const found = wanted.filter(({ command }) => command !== undefined)
  if (found.some(({ command }) => command?.kind === 'end-supervision') && ask.holder.role === 'agent') throw refuse('forbidden')
  await Promise.all(found.map(({ command }) => command && order(house, ask, command)))
  return ended(
    house,
    found.map(({ part: { call, extension } }) => ({ id: hexId(call), extension: extended(place.account, extension.number) })),
  )
}

/** Nothing matched: some clients want 204, others break on it. */
export function ended({ settings }: House, ended: readonly object[]): Answer {
  if (ended.length === 0 && settings.voipnow.emptyStatus === 204) return answer(204, '', {})
  return jsonOf(200, ended)
}

/** Undefined where the number is not in the call: then nothing is hung up. */
function ending(house: House, { call, extension }: Part, phoneNumber: string | undefined): DeskCommand | undefined {
  if (phoneNumber !== undefined) return endingOne(house, call, phoneNumber)
  const supervision = converses(call, extension.number) ? undefined : supervisionOfExtension(call, extension.number)
  return supervision === undefined ? { kind: 'end-call', call: call.id } : { kind: 'end-supervision', supervision: supervision.id }
}

function endingOne(house: House, call: Call, phoneNumber: string): DeskCommand | undefined {
  const party = partyNumbered(house, call, phoneNumber)
  if (party === undefined) return undefined
  const supervision = call.supervisions.find((s) => isOpen(s) && s.party === party.id)
  if (supervision !== undefined) return { kind: 'end-supervision', supervision: supervision.id }
  const others = call.parties.filter((p) => isCore(p) && isLive(p) && p.id !== party.id)
  return others.length < 2 && call.room === undefined
    ? { kind: 'end-call', call: call.id }
    : { kind: 'remove-party', call: call.id, party: party.id }
}

/** Who has this number in the call: an extension of ours in any form, or a number outside as it came or as it was claimed (W20). */
export function partyNumbered({ directory }: Pick<House, 'directory'>, call: Call, text: string): Party | undefined {
  const account = directory.account(call.account)
  const own = account && ownNumber(account, text)
  const live = call.parties.filter(isLive)
  const inside = own === undefined ? undefined : live.find((p) => isParty(p, own))
  return inside ?? live.find((p) => numbersOf(p).some((number) => directory.sameNumber(call.account, number, text)))
}

const numbersOf = ({ endpoint }: Party): readonly string[] => {
  if (endpoint.kind !== 'number') return []
  return endpoint.claimed === undefined ? [endpoint.number] : [endpoint.number, endpoint.claimed]
}
