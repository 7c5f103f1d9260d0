/** What a path says: whose calls, which of his extensions, which call. */
import { type Call, isEnded } from '../../call/call.ts'
import { isCore, isLive } from '../../call/party.ts'
import { isOpen } from '../../call/supervision.ts'
import type { Account, Extension, User } from '../../directory/people.ts'
import { refuse } from '../../http/refused.ts'
import { assert } from '../../kernel/assert.ts'
import { callByHexId } from '../call-ids.ts'
import { isParty } from '../call-words.ts'
import type { Ask, House } from '../dialect.ts'
import { ownExtension } from './request-fields.ts'

export interface Place {
  readonly account: Account
  /** Whom the path names; undefined for `@owner`, who is known by the extension. */
  readonly user: User | undefined
  readonly extensions: readonly Extension[]
}

/** A call as one of its extensions sees it. */
export interface Part {
  readonly call: Call
  readonly extension: Extension
}

export function accountOf({ directory }: House, { holder }: Pick<Ask, 'holder'>): Account {
  const account = directory.account(holder.account)
  assert(account !== undefined, 'credentials belong to accounts that exist')
  return account
}

/** Whose app it is. */
export function selfOf(house: House, { holder }: Pick<Ask, 'holder'>): User {
  const user = holder.user === undefined ? undefined : house.directory.user(holder.account, holder.user)
  if (user === undefined) throw refuse('endpoint-unknown', { name: 'user' })
  return user
}

/** The path's user; undefined for `@owner`. */
export function userOf(house: House, ask: Ask): User | undefined {
  const { user: name = '@me' } = ask.params
  if (name === '@owner') return undefined
  if (name === '@me' || name === '@viewer') return selfOf(house, ask)
  const user = house.directory.user(ask.holder.account, name)
  if (user === undefined) throw refuse('endpoint-unknown', { name: 'user' })
  return user
}

/** The user and his extensions, or the one that is named. Another user's extension is answered like none at all. */
export function placeOf(house: House, ask: Ask): Place {
  const account = accountOf(house, ask)
  const user = userOf(house, ask)
  const { extension: name = '@self' } = ask.params
  if (name === '@self') return { account, user, extensions: extensionsOf(house, user ?? selfOf(house, ask)) }
  return { account, user, extensions: [one(house, account, user, name)] }
}

function extensionsOf({ directory }: House, user: User): readonly Extension[] {
  return user.extensions.map((number) => directory.extension(user.account, number)).filter((found) => found !== undefined)
}

function one(house: House, account: Account, user: User | undefined, name: string): Extension {
  const extension = ownExtension(house, account, name)
  if (extension === undefined || user?.extensions.includes(extension.number) === false)
    throw refuse('endpoint-unknown', { name: 'extension' })
  return extension
}

/** As `placeOf`, for what takes one extension only. */
export function soleExtension(place: Place, ask: Ask): Extension {
  const [extension] = place.extensions
  if (ask.params.extension === '@self' || extension === undefined) throw refuse('endpoint-unknown', { name: 'extension' })
  return extension
}

/** An app of an agent touches his own extensions and nothing else (contract voipnow, section 2). */
export function demandOwn(house: House, ask: Ask, { user, extensions }: Pick<Place, 'user' | 'extensions'>): void {
  if (ask.holder.role !== 'agent') return
  const self = selfOf(house, ask)
  const isHis = extensions.every(({ number }) => self.extensions.includes(number))
  if (!isHis || (user !== undefined && user.id !== self.id)) throw refuse('forbidden')
}

/** Calls of the place's extensions, oldest first; a call in which several of them take part is told once. */
export function partsOf({ desk }: Pick<House, 'desk'>, { account, extensions }: Place): readonly Part[] {
  const parts: Part[] = []
  for (const call of desk.calls(account.id)) {
    const extension = extensions.find(({ number }) => takesPart(call, number))
    if (extension !== undefined) parts.push({ call, extension })
  }
  return parts
}

/** The call of the path. `name` goes into the refusal. */
export function partOf(house: House, { account, extensions }: Place, ask: Ask, name?: string): Part {
  const { call: id = '' } = ask.params
  const call = callByHexId(house.desk, account.id, id)
  const detail = name === undefined ? {} : { name }
  if (call === undefined) throw refuse('call-unknown', detail)
  if (isEnded(call)) throw refuse('call-ended', detail)
  const extension = extensions.find(({ number }) => takesPart(call, number))
  if (extension === undefined) throw refuse('call-unknown', detail)
  return { call, extension }
}

export const takesPart = (call: Call, number: string): boolean => converses(call, number) || supervises(call, number)

/** In the conversation, ringing for it, having parked it, or charged for it. */
export const converses = (call: Call, number: string): boolean =>
  call.parties.some((p) => isParty(p, number) && ((isLive(p) && isCore(p)) || call.parked?.by === p.id)) ||
  call.labels[chargedLabel] === number

const supervises = (call: Call, number: string): boolean =>
  call.supervisions.some((s) => isOpen(s) && call.parties.some((p) => p.id === s.party && isParty(p, number)))

/** Of calls that were ordered here: who is charged, and the program's own mark. */
export const chargedLabel = 'voipnow.extension'
export const nonceLabel = 'voipnow.nonce'
export const callerIdLabel = 'voipnow.callerId'
