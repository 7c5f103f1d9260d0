/** Whom and what the words of a request mean in the caller's account (contract smartflo, sections 4 and 6). */
import { type Call, isEnded } from '../../call/call.ts'
import { type Refusal, refusal } from '../../call/refusal.ts'
import type { DeskCommand, DestinationSelector, Done } from '../../control/command.ts'
import type { Agent, Extension } from '../../directory/people.ts'
import { Refused, refuse } from '../../http/refused.ts'
import type { AccountId } from '../../kernel/ids.ts'
import { fail, type Outcome, ok } from '../../kernel/outcome.ts'
import { callByDottedId, callByHexId } from '../call-ids.ts'
import { partyOfExtension } from '../call-words.ts'
import type { House } from '../dialect.ts'
import type { Holder } from '../holder.ts'
import { callerOfHolder } from '../ordering.ts'
import { digits, isNumber } from '../phone-number.ts'
import { didOf } from './answer-facts.ts'
import { missing } from './request.ts'

/** Clients put the name of a server in front: `h11.08-1776875353.216650`. */
export const callByAnyId = (house: House, account: AccountId, text: string): Call | undefined =>
  callByDottedId(house.desk, account, text) ?? callByDottedId(house.desk, account, text.slice(text.lastIndexOf('-') + 1))

export const liveCall = (house: House, account: AccountId, callId: string): Call => demandLive(callByAnyId(house, account, callId))

/** By the `ref_id` of a click to call. */
export const liveCallByRef = (house: House, account: AccountId, refId: string): Call =>
  demandLive(callByHexId(house.desk, account, refId.toLowerCase()))

function demandLive(call: Call | undefined): Call {
  if (call === undefined) throw refuse('call-unknown')
  if (isEnded(call)) throw refuse('call-ended')
  return call
}

/** The supervisor: who is named, else whose token it is. */
export function supervisorId({ agent: bound }: Holder, named: string | undefined): string {
  const id = named ?? bound
  if (id === undefined) throw missing('agent_id')
  return id
}

export function agentById({ directory }: House, account: AccountId, id: string): Agent {
  const agent = directory.agent(account, id)
  if (agent === undefined) throw refuse('endpoint-unknown', { name: 'agent_id' })
  return agent
}

/** An agent's extension by any name: agent id, intercom, extension username or public number. */
export function extensionByAnyName({ directory }: House, account: AccountId, text: string): Extension | undefined {
  const agent = directory.agent(account, text)
  const inside = agent === undefined ? extensionByNumber({ directory }, account, text) : directory.extension(account, agent.extension)
  return inside ?? directory.extensionByDirectNumber(account, text)
}

/** An extension by its intercom or its username. */
export const extensionByNumber = ({ directory }: Pick<House, 'directory'>, account: AccountId, text: string): Extension | undefined =>
  directory.extension(account, text) ?? extensionByUsername(directory, account, text)

/** `0003*211`, with the account's own code (W16). */
function extensionByUsername(directory: House['directory'], account: AccountId, text: string): Extension | undefined {
  const [, code, number] = /^(\d+)\*(\d+)$/.exec(text) ?? []
  const isOwn = code !== undefined && code === directory.account(account)?.code
  return isOwn && number !== undefined ? directory.extension(account, number) : undefined
}

/** The first that leads somewhere; when none does, why the first did not. */
export function destinationOf(house: House, account: AccountId, intercoms: readonly string[]): DestinationSelector {
  let why: Refusal | undefined
  for (const intercom of intercoms) {
    const found = intercomOf(house, account, intercom)
    if (found.ok) return found.value
    why ??= found.error
  }
  throw why === undefined ? missing('intercom') : new Refused(why)
}

/** Department, extension or its username, agent, number outside: in this order. */
function intercomOf(house: House, account: AccountId, text: string): Outcome<DestinationSelector, Refusal> {
  const { directory } = house
  const group = directory.groupByExtension(account, text)
  if (group !== undefined) return ok({ group: group.id })
  const extension = extensionByNumber(house, account, text)
  if (extension !== undefined) return ok({ extension: extension.number })
  const agent = directory.agent(account, text)
  if (agent !== undefined) return ok({ agent: agent.id })
  if (!isMobile(text)) return fail(refusal('endpoint-unknown', { name: 'intercom' }))
  return dialable(house, account, { text, name: 'intercom' })
}

const isMobile = (text: string): boolean => isNumber(text) && digits(text).length >= 10 && digits(text).length <= 15

/** A number outside, in the form in which it can be dialled. */
export function numberToDial(house: House, account: AccountId, written: Written): string {
  const found = dialable(house, account, written)
  if (!found.ok) throw new Refused(found.error)
  return found.value.number
}

interface Written {
  readonly text: string
  /** The field, which the refusal names. */
  readonly name: string
}

function dialable({ directory }: House, account: AccountId, { text, name }: Written): Outcome<{ readonly number: string }, Refusal> {
  let why: Refusal | undefined
  for (const number of spellings(text)) {
    const dialled = directory.dial(account, number)
    if (dialled.ok) return ok({ number })
    // That a number may not be dialled says more than that another spelling is none.
    if (why === undefined || dialled.error.code === 'destination-not-allowed') why = dialled.error
  }
  return fail({ ...(why ?? refusal('number-invalid')), name })
}

/** As it is written, then as a number of the vendor's country: ten digits with +91, 91, 0 or nothing in front. */
function spellings(text: string): readonly string[] {
  const bare = digits(text)
  if (text.startsWith('+')) return [text]
  if (/^\d{10}$/.test(bare)) return [text, `+91${bare}`]
  if (/^0\d{10}$/.test(bare)) return [text, `+91${bare.slice(1)}`]
  return /^[1-9]\d{10,14}$/.test(bare) ? [text, `+${bare}`] : [text]
}

/** A number that outbound calls may show, as it was written or with its `+`. */
export function presentable({ directory }: House, account: AccountId, callerId: string | undefined): string | undefined {
  if (callerId === undefined) return undefined
  const shown = [callerId, `+${digits(callerId)}`].find((number) => isNumber(number) && directory.mayPresent(account, number))
  if (shown === undefined) throw refuse('number-invalid', { name: 'caller_id' })
  return shown
}

export const hasDid =
  (house: House, wanted: string) =>
  (call: Call): boolean =>
    isSameNumber(house, call, { number: didOf(call), wanted })

/** Two spellings of a number end alike; only then is it worth asking the numbering plan, which takes its time. */
export function isSameNumber({ directory }: House, { account }: Call, { number, wanted }: Compared): boolean {
  return number !== null && digits(number).slice(-6) === digits(wanted).slice(-6) && directory.sameNumber(account, number, wanted)
}

interface Compared {
  readonly number: string | null
  readonly wanted: string
}

/** Whoever may only read changes nothing; an agent changes what is his own. */
export function demandWriter({ role }: Holder): void {
  if (role === 'observer') throw refuse('forbidden')
}

export function demandOwnCall(house: House, holder: Holder, call: Call): void {
  if (holder.role !== 'agent') return
  const own = ownExtension(house, holder)
  if (own === undefined || partyOfExtension(call, own) === undefined) throw refuse('forbidden')
}

export function demandOwnExtension(house: House, holder: Holder, extension: Extension): void {
  if (holder.role === 'agent' && ownExtension(house, holder) !== extension.number) throw refuse('forbidden')
}

const ownExtension = ({ directory }: House, { account, agent }: Holder): string | undefined =>
  agent === undefined ? undefined : directory.agent(account, agent)?.extension

/** The desk's words for the fields of an order, in the vendor's. */
export interface FieldNames {
  /** Who or what is to be reached. */
  readonly whom: string
  readonly to?: string
}

/** Carries the order out; a refusal names the field that the client knows. */
export async function carryOut(house: House, holder: Holder, command: DeskCommand, names: FieldNames): Promise<Done> {
  const outcome = await house.desk.request(callerOfHolder(holder), command)
  if (outcome.ok) return outcome.value
  throw new Refused(inFields(outcome.error, names))
}

const fields: Readonly<Record<string, string>> = {
  presentedNumber: 'caller_id',
  labels: 'custom_identifier',
  maxDurationMs: 'call_timeout',
  ringTimeoutMs: 'customer_ring_timeout',
}

export function inFields(refused: Refusal, { whom, to = whom }: FieldNames): Refusal {
  const name = refused.name === undefined ? whom : refused.name === 'to' ? to : (fields[refused.name] ?? refused.name)
  return { ...refused, name }
}
