/** Yeastar v2.0.0: calls by their ids and by the channels of those who take part (contract openvox-yeastar, section 6). */
import { isCore, isLive, type Party } from '../../call/party.ts'
import type { DeskCommand } from '../../control/command.ts'
import type { Extension } from '../../directory/people.ts'
import { refuse } from '../../http/refused.ts'
import { dottedId } from '../call-ids.ts'
import type { House } from '../dialect.ts'
import { order } from '../ordering.ts'
import type { Content } from './answer.ts'
import { channelId, membersOf } from './answer-call.ts'
import { extensionItem, listItem } from './answer-extension.ts'
import type { Request } from './request.ts'
import { callCalled, extensionCalled, numberNamed, type Part, partsOfExtension } from './request-call.ts'
import { admit } from './routes-call.ts'
import { hold } from './routes-extension.ts'
import { field, maybe, type Verb } from './routes-verb.ts'

const channel = { channelid: field('A channel, as extension/query_call tells it.') }
const either = { callid: maybe('The call.'), channelid: maybe('Or the channel of one who takes part.') }
const numbers = { number: field('Extensions with commas between them, or `all`.') }

const v2 = (path: string, own: Omit<Verb, 'version' | 'path'>): Verb => ({ version: 'v2', path, ...own })

export const v2Verbs = (house: House): readonly Verb[] => [
  v2('extension/list', {
    ...{ need: 'read', summary: 'All extensions and what they are doing' },
    carryOut: (request) => ({ extlist: allExtensions(house, request).map((extension) => shortItem(house, request, extension)) }),
  }),
  v2('extension/query', {
    ...{ need: 'read', summary: 'Settings of extensions', body: numbers, refusals: ['parameter-missing', 'endpoint-unknown'] },
    carryOut: (request) => ({ extinfos: asked(house, request).map((extension) => settingsItem(house, request, extension)) }),
  }),
  v2('extension/query_call', {
    ...{ need: 'read', summary: 'The calls of extensions', body: numbers, refusals: ['parameter-missing', 'endpoint-unknown'] },
    carryOut: (request) => ({ calllist: asked(house, request).map((extension) => callsItem(house, extension)) }),
  }),
  v2('call/hold', {
    ...{ need: 'control', summary: 'Put whoever a channel talks to on hold', body: channel },
    refusals: ['parameter-missing', 'party-unknown', 'wrong-state'],
    carryOut: (request) => holdChannel(house, request),
  }),
  ...(['accept', 'refuse'] as const).map((kind) =>
    v2(`call/${kind}_inbound`, {
      ...{ need: 'control', summary: `In its first ten seconds, ${kind} an inbound call`, body: channel },
      refusals: ['parameter-missing', 'party-unknown', 'wrong-state'],
      carryOut: (request) => admit(house, request, { kind, call: partNamed(house, request, request.fields.required('channelid')).call }),
    }),
  ),
  ...(['transfer', 'attended_transfer'] as const).map((path) =>
    v2(`call/${path}`, {
      ...{ need: 'control', summary: 'Put a number in the place of an extension' },
      body: { ...either, transferto: field('An extension or number.') },
      refusals: [
        'parameter-missing',
        'call-unknown',
        'party-unknown',
        'endpoint-unknown',
        'endpoint-unavailable',
        'wrong-state',
        'number-invalid',
      ],
      carryOut: (request) => transfer(house, request, path === 'transfer' ? 'blind' : 'attended'),
    }),
  ),
  v2('call/hangup', {
    ...{ need: 'control', summary: 'End a call, or take one out of it', body: either },
    refusals: ['parameter-missing', 'call-unknown', 'call-ended', 'party-unknown'],
    carryOut: (request) => hangUp(house, request),
  }),
]

function allExtensions(house: House, { ask }: Request): readonly Extension[] {
  return house.directory.extensions(ask.holder.account).toSorted((a, b) => (a.number < b.number ? -1 : 1))
}

function asked(house: House, request: Request): readonly Extension[] {
  request.fields.required('number')
  const named = request.fields.list('number') ?? []
  if (named.length === 1 && named[0]?.toLowerCase() === 'all') return allExtensions(house, request)
  return named.map((number) => extensionCalled(house, request, number))
}

function shortItem(house: House, { flavour }: Request, extension: Extension): Content {
  const { account, number, name } = extension
  const view = house.desk.extension(account, number) ?? { number, name, registered: false, contacts: 0, calls: [] }
  const { status = '', type = '', username = '' } = listItem(house, account, view, flavour)
  return { number, status, type, username }
}

/** As in v1, with v2's names, and without the call: that is what query_call is for. */
function settingsItem(house: House, { flavour }: Request, extension: Extension): Content {
  const { extnumber = '', moblie, inbound, outbound, ext, ...rest } = extensionItem(house, extension, flavour)
  const entries = Object.entries({ number: extnumber, ...rest })
  const at = entries.findIndex(([name]) => name === 'email') + 1
  return Object.fromEntries([...entries.slice(0, at), ['mobile', moblie ?? ''], ...entries.slice(at)])
}

function callsItem(house: House, extension: Extension): Content {
  const parts = partsOfExtension(house, extension).filter(({ party }) => isCore(party))
  return { number: extension.number, numbercalls: parts.map(({ call }) => ({ callid: dottedId(call), members: membersOf(call) })) }
}

function partNamed(house: House, { ask }: Request, id: string): Part {
  for (const call of house.desk.calls(ask.holder.account)) {
    const party = call.parties.find((p) => isLive(p) && isCore(p) && channelId(p) === id)
    if (party !== undefined) return { call, party }
  }
  throw refuse('party-unknown')
}

/** The channel of an extension: whoever it talks to waits. That of a number outside: it waits itself. */
async function holdChannel(house: House, request: Request): Promise<Content> {
  const { call, party } = partNamed(house, request, request.fields.required('channelid'))
  const { endpoint } = party
  if (endpoint.kind === 'extension') {
    return hold(house, request, { kind: 'hold', extension: extensionCalled(house, request, endpoint.extension) })
  }
  await order(house, request.ask, { kind: 'hold', call: call.id, party: party.id })
  return {}
}

/** The call, and who of it is meant where a channel was named. */
function meant(house: House, request: Request): { readonly call: Part['call']; readonly party?: Party } {
  const { fields } = request
  const channelid = fields.optional('channelid')
  if (channelid === undefined) return { call: callCalled(house, request, fields.required('callid')) }
  return partNamed(house, request, channelid)
}

async function transfer(house: House, request: Request, how: Extract<DeskCommand, { kind: 'transfer' }>['how']): Promise<Content> {
  const { fields } = request
  if (fields.optional('channelid') === undefined) fields.required('callid')
  const number = numberNamed(request, 'transferto')
  const { call, party } = meant(house, request)
  await order(house, request.ask, { kind: 'transfer', call: call.id, ...(party && { party: party.id }), to: { number }, how })
  return {}
}

async function hangUp(house: House, request: Request): Promise<Content> {
  const { call, party } = meant(house, request)
  if (party === undefined) await order(house, request.ask, { kind: 'end-call', call: call.id })
  else await order(house, request.ask, { kind: 'remove-party', call: call.id, party: party.id })
  return {}
}
