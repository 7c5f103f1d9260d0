/** Calls that a program hands on: whoever served the caller leaves (contract openvox-yeastar, section 3). */
import type { TProperties } from 'typebox'
import type { Call } from '../../call/call.ts'
import { isCore, isLive } from '../../call/party.ts'
import type { DeskCommand } from '../../control/command.ts'
import { refuse } from '../../http/refused.ts'
import { dottedId } from '../call-ids.ts'
import { isParty } from '../call-words.ts'
import type { House } from '../dialect.ts'
import { order } from '../ordering.ts'
import type { Content } from './answer.ts'
import type { Request } from './request.ts'
import { callCalled, extensionCalled, groupNamed, numberNamed, onBehalfOf } from './request-call.ts'
import { field, maybe, type Verb } from './routes-verb.ts'

type Direction = 'inbound' | 'outbound'

/** Where to: a phone, or the waiting room of a group. */
type Where = { readonly to: Extract<DeskCommand, { kind: 'transfer' }>['to'] } | { readonly group: string }

interface Way {
  readonly suffix: string
  readonly of: readonly Direction[]
  readonly summary: string
  /** The field that says where to. */
  readonly to: string
  readonly body?: TProperties
  readonly where: (house: House, request: Request) => Where
}

const both = ['inbound', 'outbound'] as const
const fromext = { fromext: maybe('The extension on whose behalf.') }

const ways: readonly Way[] = [
  {
    ...{ suffix: 'extension', of: both, summary: 'to an extension', to: 'extid' },
    where: (house, request) => ({ to: { extension: extensionCalled(house, request, request.fields.required('extid')).number } }),
  },
  { ...{ suffix: 'outbound', of: both, summary: 'to a number outside', to: 'outto', body: fromext }, where: toNumber('outto') },
  { ...{ suffix: 'number', of: both, summary: 'to any number', to: 'number', body: fromext }, where: toNumber('number') },
  {
    ...{ suffix: 'ivr', of: both, summary: 'to a voice menu, of which there are none', to: 'ivrid' },
    where: () => {
      throw refuse('resource-unknown', { name: 'ivr' })
    },
  },
  ...(['queue', 'ringgroup'] as const).map((kind) => ({
    ...{ suffix: kind, of: ['inbound'] as const, summary: `to a ${kind === 'queue' ? 'queue' : 'ring group'}`, to: `${kind}id` },
    where: (house: House, request: Request) => ({ group: groupNamed(house, request, kind) }),
  })),
]

function toNumber(name: string): Way['where'] {
  return (house, request) => {
    onBehalfOf(house, request)
    return { to: { number: numberNamed(request, name) } }
  }
}

const refusals = [
  ...(['parameter-missing', 'call-unknown', 'call-ended', 'endpoint-unknown', 'endpoint-unavailable'] as const),
  ...(['wrong-state', 'number-invalid', 'destination-not-allowed', 'resource-unknown', 'timeout', 'engine-failed'] as const),
]

export const transferVerbs = (house: House): readonly Verb[] => [
  ...ways.flatMap((way) => way.of.map((direction) => verbOf(house, way, direction))),
  {
    ...{ version: 'v1', path: 'calltransfer', need: 'control', summary: 'Put a number in the place of an extension', refusals },
    body: {
      ...{ callid: field('The call.'), transferor: field('The extension that leaves.') },
      ...{ transferto: field('An extension or number.'), ...fromext },
    },
    carryOut: (request) => callTransfer(house, request),
  },
]

function verbOf(house: House, way: Way, direction: Direction): Verb {
  const id = `${direction}id`
  return {
    ...{ version: 'v1', path: `${direction}/transfer_${way.suffix}`, need: 'control', refusals },
    summary: `Hand an ${direction} call on ${way.summary}`,
    body: { [id]: field('The call.'), [way.to]: field('Where to.'), ...way.body },
    carryOut: async (request) => {
      const { fields } = request
      const named = fields.required(id)
      if (!fields.has(way.to)) throw refuse('parameter-missing', { name: way.to })
      const call = callCalled(house, request, named, direction)
      await handOn(house, request, { call, where: way.where(house, request) })
      return { callid: dottedId(call) }
    },
  }
}

async function handOn(house: House, { ask }: Request, { call, where }: { readonly call: Call; readonly where: Where }): Promise<void> {
  if ('group' in where) await order(house, ask, { kind: 'requeue', call: call.id, group: where.group })
  else await order(house, ask, { kind: 'transfer', call: call.id, to: where.to, how: 'blind' })
}

async function callTransfer(house: House, request: Request): Promise<Content> {
  const { ask, fields } = request
  const [id, leaving, number] = [fields.required('callid'), fields.required('transferor'), numberNamed(request, 'transferto')]
  const call = callCalled(house, request, id)
  const { number: extension } = extensionCalled(house, request, leaving)
  onBehalfOf(house, request)
  const party = call.parties.find((p) => isCore(p) && isLive(p) && isParty(p, extension))
  if (party === undefined) throw refuse('party-unknown')
  await order(house, ask, { kind: 'transfer', call: call.id, party: party.id, to: { number }, how: 'blind' })
  return { callid: dottedId(call) }
}
