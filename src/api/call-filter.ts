/** What of history is about certain people, a group or some words: by the call that it belongs to. */
import Type, { type Static } from 'typebox'
import type { Call } from '../call/call.ts'
import type { Cdr } from '../call/cdr.ts'
import { addressOf, type Endpoint } from '../call/endpoint.ts'
import { agentKey } from '../directory/account-index.ts'
import { callId } from '../kernel/ids.ts'
import type { Office } from './office.ts'
import type { Ask } from './route.ts'
import { optional, text } from './schemas.ts'

export const wordFilter = {
  group: optional(text(128, { description: 'The group that the call was for.' })),
  text: optional(text(128, { description: 'Somewhere in names, numbers, disposition, notes or the id of the call; letter case aside.' })),
}

export const callFilter = {
  agent: optional(text(128, { description: 'An agent who was connected.' })),
  number: optional(text(64, { description: 'Of the caller, as dialled, or of anybody who was connected.' })),
  ...wordFilter,
}

const CallFilter = Type.Object(callFilter)
export type CallWish = Static<typeof CallFilter>

/** What a call and its record have in common. */
type Known = Pick<Call | Cdr, 'id' | 'ani' | 'dnis' | 'group' | 'disposition'> & {
  readonly parties: readonly { readonly endpoint: Endpoint }[]
}

export const isWished = (wish: CallWish): boolean => Object.values(wish).some((value) => value !== undefined)

export function isWanted(known: Known, { agent, number, group, text }: CallWish): boolean {
  const endpoints = known.parties.map(({ endpoint }) => endpoint)
  return (
    (group === undefined || known.group === group) &&
    (agent === undefined || endpoints.some((one) => isAgent(one, agent))) &&
    (number === undefined || [known.ani, known.dnis, ...endpoints.map(addressOf)].includes(number)) &&
    (text === undefined || wordsOf(known, endpoints).some((word) => word.toLowerCase().includes(text.toLowerCase())))
  )
}

const isAgent = (endpoint: Endpoint, agent: string): boolean =>
  endpoint.kind !== 'number' && endpoint.agent !== undefined && agentKey(endpoint.agent) === agentKey(agent)

function wordsOf({ id, ani, dnis, disposition }: Known, endpoints: readonly Endpoint[]): readonly string[] {
  const people = endpoints.flatMap((endpoint) => [addressOf(endpoint), endpoint.name ?? ''])
  return [id, ani, dnis, disposition?.name ?? '', disposition?.notes ?? '', ...people]
}

/** Whether the call with this id is wanted; each is looked up once. */
export function callsWanted(
  { desk, history: { archive } }: Pick<Office, 'desk' | 'history'>,
  { caller: { account } }: Pick<Ask, 'caller'>,
  wish: CallWish,
) {
  const answers = new Map<string, Promise<boolean>>()
  const look = async (id: string): Promise<boolean> => {
    const known = desk.call(account, callId(id)) ?? (await archive.cdr(account, callId(id)))
    return known !== undefined && isWanted(known, wish)
  }
  return async (id: string | undefined): Promise<boolean> => {
    if (!isWished(wish)) return true
    if (id === undefined) return false
    const answer = answers.get(id) ?? look(id)
    answers.set(id, answer)
    return await answer
  }
}
