/** What the actions on calls ask for (contract ringcx, section 4). */
import { type Call, isEnded, partyOf } from '../../call/call.ts'
import { type Endpoint, extensionOf } from '../../call/endpoint.ts'
import { isOpen, type Mode, type Supervision } from '../../call/supervision.ts'
import type { DeskCommand } from '../../control/command.ts'
import type { Group } from '../../directory/people.ts'
import { refuse } from '../../http/refused.ts'
import type { AccountId } from '../../kernel/ids.ts'
import { fail } from '../../kernel/outcome.ts'
import type { Instant } from '../../kernel/time.ts'
import type { Ask, House } from '../dialect.ts'
import { callerOf, demand } from '../ordering.ts'
import { digits, isNumber, plusRestored } from '../phone-number.ts'
import { instantOf } from '../wall-time.ts'
import { withoutZeros } from './answer.ts'
import { callByUii, zoneOf } from './answer-calls.ts'
import {
  type Fields,
  integerOf,
  neededDestination,
  neededPhone,
  neededText,
  neededTruth,
  oneOf,
  phoneOf,
  samePhone,
  textOf,
  truthOf,
  wrong,
} from './request.ts'

/** Where a request is read. */
export interface Reading {
  readonly house: House
  readonly account: AccountId
  readonly fields: Fields
}

export const products = [
  'ACCOUNT',
  'ACD',
  'AGENT',
  'CHAT_QUEUE',
  'OUTBOUND',
  'VISUAL_IVR',
  'CLOUD_PROFILE',
  'CLOUD_DESTINATION',
  'TRAC_NUMBER',
  'HTTP_SERVICES',
  'SCRIPTING',
  'TN_MANAGER',
  'SURVEY',
  'DNIS',
  'TEAMS',
  'KNOWLEDGE_BASE',
  'UTILITIES',
] as const

type Product = (typeof products)[number]

/** Which calls are listed. A campaign, a flow or a tracking number is nothing that calls here could belong to. */
export function readFilter(reading: Reading): (call: Call) => boolean {
  const product = oneOf(reading.fields, 'product', { values: products, folds: false }) ?? 'ACCOUNT'
  const isOfProduct = productFilter(reading, product, readProductId(reading, product))
  const externalId = textOf(reading.fields, 'externalId')
  return externalId === undefined ? isOfProduct : (call) => call.reference === externalId && isOfProduct(call)
}

function readProductId({ house, account, fields }: Reading, product: Product): string | undefined {
  const id = textOf(fields, 'productId')
  if (id === undefined) {
    if (product === 'ACCOUNT') return undefined
    throw refuse('parameter-missing', { name: 'productId' })
  }
  const text = plusRestored(id)
  const isGood = product === 'DNIS' ? isNumber(text) : /^\d{1,32}$/.test(text) || gateOf(house, account, text) !== undefined
  if (isGood) return text
  throw wrong('productId', 'must be digits', id)
}

const none = () => false

function productFilter({ house, account }: Reading, product: Product, id: string | undefined): (call: Call) => boolean {
  if (product === 'ACCOUNT') return id === undefined || id === account ? () => true : none
  if (id === undefined) return none
  if (product === 'DNIS') return (call) => samePhone(house, account, call.dnis, id)
  const gate = product === 'ACD' ? gateOf(house, account, id) : undefined
  return gate === undefined ? none : (call) => call.group === gate.id
}

/** Leading zeros of the id do not count. */
export function gateOf({ directory }: House, account: AccountId, id: string): Group | undefined {
  return directory.group(account, id) ?? directory.groups(account).find((group) => withoutZeros(group.id) === withoutZeros(id))
}

export function demandGate(house: House, account: AccountId, id: string): Group {
  const gate = gateOf(house, account, id)
  if (gate === undefined) throw refuse('resource-unknown', { name: 'gate' })
  return gate
}

/** A call of the account, live or over. */
export function demandKnown(house: House, account: AccountId, uii: string): Call {
  const call = callByUii(house, account, uii)
  if (call === undefined) throw refuse('call-unknown')
  return call
}

export function demandLive(house: House, account: AccountId, uii: string): Call {
  const call = demandKnown(house, account, uii)
  if (isEnded(call)) throw refuse('call-ended')
  return call
}

export const sessionTypes = ['MONITOR', 'BARGEIN', 'COACHING'] as const
const modeOf: Readonly<Record<(typeof sessionTypes)[number], Mode>> = { MONITOR: 'monitor', BARGEIN: 'barge', COACHING: 'whisper' }

export function readSession({ house, account, fields }: Reading): { readonly destination: string; readonly mode: Mode } {
  for (const name of ['destination', 'sessionType']) neededText(fields, name)
  const destination = neededDestination(house, account, fields)
  const type = oneOf(fields, 'sessionType', { values: sessionTypes, folds: true })
  return { destination, mode: modeOf[type ?? 'MONITOR'] }
}

export const readPhone = ({ fields }: Reading): string => neededPhone(fields, 'phone')

export const readSessionId = ({ fields }: Reading): string => withoutZeros(neededText(fields, 'sessionId').trim())

export const readRecord = ({ fields }: Reading): boolean => neededTruth(fields, 'record')

export const readGateId = ({ fields }: Reading): string => neededText(fields, 'gateId').trim()

export function readHold({ fields }: Reading): boolean {
  neededText(fields, 'state')
  return oneOf(fields, 'state', { values: ['ON', 'OFF'], folds: true }) === 'ON'
}

export interface Disposing {
  readonly disposition: string
  readonly notes?: string
  readonly callbackAt?: Instant
}

const longestNotes = 4000

export function readDisposition({ house, account, fields }: Reading): Disposing {
  const disposition = neededText(fields, 'disposition')
  const isCallback = truthOf(fields, 'callback') ?? false
  if (isCallback) neededText(fields, 'callBackDTS')
  const at = readTime(textOf(fields, 'callBackDTS'), zoneOf(house, account))
  const notes = textOf(fields, 'notes')
  if (notes !== undefined && notes.length > longestNotes) throw wrong('notes', `must be at most ${longestNotes} characters`, notes)
  return {
    disposition,
    ...(notes !== undefined && { notes }),
    ...(isCallback && at !== undefined && { callbackAt: at }),
  }
}

/** `yyyyMMddHHmmss` by the clocks of the account. */
function readTime(text: string | undefined, zone: string): Instant | undefined {
  if (text === undefined) return undefined
  const [, year = '', month = '', day = '', hour = '', minute = '', second = ''] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text.trim()) ?? []
  const at = year === '' ? undefined : instantOf({ year, month, day, hour, minute, second }, zone)
  if (at === undefined) throw wrong('callBackDTS', 'must be a date and time as yyyyMMddHHmmss', text)
  return at
}

export interface ManualCall {
  readonly username: string
  readonly destination: string
  readonly ringTimeoutMs: number
  readonly callerId: string | undefined
}

const usualRingSeconds = 30

export function readManualCall({ house, account, fields }: Reading): ManualCall {
  for (const name of ['username', 'destination']) neededText(fields, name)
  return {
    username: neededText(fields, 'username'),
    destination: neededDestination(house, account, fields),
    ringTimeoutMs: 1000 * (integerOf(fields, 'ringDuration', { from: 1, to: 300 }) ?? usualRingSeconds),
    callerId: phoneOf(fields, 'callerId'),
  }
}

/** The leg of a supervisor whom this number reaches. */
export function supervisionAt(house: House, call: Call, phone: string): Supervision | undefined {
  return call.supervisions.find((supervision) => {
    const party = partyOf(call, supervision.party)
    return isOpen(supervision) && party !== undefined && reaches(house, call.account, { phone, endpoint: party.endpoint })
  })
}

function reaches(house: House, account: AccountId, { phone, endpoint }: { readonly phone: string; readonly endpoint: Endpoint }): boolean {
  if (endpoint.kind === 'number') return samePhone(house, account, endpoint.number, phone)
  const extension = extensionOf(endpoint)
  if (extension === undefined) return false
  const direct = house.directory.extension(account, extension)?.directNumber
  if (direct !== undefined && samePhone(house, account, direct, phone)) return true
  const dialled = house.directory.dial(account, phone)
  return dialled.ok && dialled.value.kind === 'extension' && dialled.value.extension.number === extension
}

/** A number that may be shown outside, in the form in which the account has it. */
export function presentable({ directory }: House, account: AccountId, callerId: string): string | undefined {
  const forms = [callerId, `+${digits(callerId)}`, `+1${digits(callerId)}`]
  return forms.find((form) => directory.mayPresent(account, form))
}

/** What this API calls the parameters that the desk may find fault with. */
const words: Readonly<Record<string, string>> = {
  to: 'destination',
  from: 'username',
  supervisor: 'destination',
  presentedNumber: 'callerId',
  ringTimeoutMs: 'ringDuration',
  group: 'gate',
}

export async function orderInWords(house: House, ask: Ask, command: DeskCommand): Promise<unknown> {
  const outcome = await house.desk.request(callerOf(ask), command)
  if (outcome.ok) return outcome.value
  const { name, ...rest } = outcome.error
  return demand(fail(name === undefined ? rest : { ...rest, name: words[name] ?? name }))
}
