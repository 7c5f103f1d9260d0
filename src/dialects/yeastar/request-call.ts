/** Whom and which call a request names. Everything is looked up within the account of the credential (W16). */
import type { Call } from '../../call/call.ts'
import { isConnected, isCore, isLive, type Party } from '../../call/party.ts'
import type { ExtensionView } from '../../control/command.ts'
import type { Extension } from '../../directory/people.ts'
import { refuse } from '../../http/refused.ts'
import type { AccountId } from '../../kernel/ids.ts'
import { callByDottedId } from '../call-ids.ts'
import { isParty } from '../call-words.ts'
import type { House } from '../dialect.ts'
import { failing } from './refusals.ts'
import type { Request } from './request.ts'

/** An extension's part in a live call. */
export interface Part {
  readonly call: Call
  readonly party: Party
}

export function extensionCalled(house: House, { ask }: Request, number: string): Extension {
  const extension = house.directory.extension(ask.holder.account, number)
  if (extension === undefined) throw refuse('endpoint-unknown')
  return extension
}

export const extensionNamed = (house: House, request: Request, field: string): Extension =>
  extensionCalled(house, request, request.fields.required(field))

/** The extension by whose right an outside number is dialled: it must exist where it is named, and decides nothing else. */
export function onBehalfOf(house: House, request: Request, field = 'fromext'): Extension | undefined {
  const number = request.fields.optional(field)
  return number === undefined ? undefined : extensionCalled(house, request, number)
}

/** In the conversation, ringing or supervising. */
export function partsOf(house: House, account: AccountId, { number, calls }: Pick<ExtensionView, 'number' | 'calls'>): readonly Part[] {
  return calls.flatMap((id) => {
    const call = house.desk.call(account, id)
    const party = call?.parties.find((p) => isLive(p) && isParty(p, number))
    return call === undefined || party === undefined ? [] : [{ call, party }]
  })
}

export function partsOfExtension(house: House, { account, number }: Extension): readonly Part[] {
  const view = house.desk.extension(account, number)
  return view === undefined ? [] : partsOf(house, account, view)
}

/** Its part in a conversation; whoever is only rung, or supervises, is in no call. */
export function conversationOf(house: House, extension: Extension): Part {
  const part = partsOfExtension(house, extension).find(({ party }) => isCore(party) && isConnected(party))
  if (part === undefined) throw refuse('call-unknown')
  return part
}

/** As `conversationOf`, where a call that is not connected yet has an answer of its own. */
export function connectedPartOf(house: House, extension: Extension): Part {
  const parts = partsOfExtension(house, extension).filter(({ party }) => isCore(party))
  const part = parts.find(({ party }) => isConnected(party))
  if (part === undefined) throw refuse(parts.length === 0 ? 'call-unknown' : 'wrong-state')
  return part
}

/** A live call by its id, of one direction where the endpoint is for one only. */
export function callCalled(house: House, { ask }: Request, id: string, direction?: Call['direction']): Call {
  const call = callByDottedId(house.desk, ask.holder.account, id)
  if (call === undefined || (direction !== undefined && call.direction !== direction)) throw refuse('call-unknown')
  if (call.endedAt !== undefined) throw refuse('call-ended')
  return call
}

export const callNamed = (house: House, request: Request, field: string, direction?: Call['direction']): Call =>
  callCalled(house, request, request.fields.required(field), direction)

/** A number to dial: left out is another fault than empty. */
export function numberNamed({ fields }: Request, field: string): string {
  if (fields.has(field) && fields.optional(field) === undefined) throw failing('number-invalid', '10028', { name: field })
  return fields.required(field)
}

/** Queues and ring groups are groups; they are called by their id or by the number that reaches them. */
export function groupNamed(house: House, { ask, fields }: Request, kind: 'queue' | 'ringgroup'): string {
  const { account } = ask.holder
  const name = fields.required(`${kind}id`)
  const group = house.directory.group(account, name) ?? house.directory.groupByExtension(account, name)
  if (group === undefined) throw refuse('resource-unknown', { name: kind })
  return group.id
}
