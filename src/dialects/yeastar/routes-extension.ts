/** Extensions: who there is, what they are set to, and their calls (contract openvox-yeastar, sections 3 and 5). */
import { connectedCore } from '../../call/call.ts'
import type { Extension } from '../../directory/people.ts'
import { refuse } from '../../http/refused.ts'
import type { House } from '../dialect.ts'
import { order } from '../ordering.ts'
import type { Content } from './answer.ts'
import { extensionItem, listItem } from './answer-extension.ts'
import type { Request } from './request.ts'
import { connectedPartOf, extensionCalled, extensionNamed, partsOfExtension } from './request-call.ts'
import { field, maybe, type Verb } from './routes-verb.ts'

const one = { extid: field('The extension.') }

export const extensionVerbs = (house: House): readonly Verb[] => [
  {
    ...{ version: 'v1', path: 'extensionlist/query', tier: 'must', need: 'read', summary: 'All extensions and what they are doing' },
    carryOut: ({ ask, flavour }) => {
      const { account } = ask.holder
      const views = house.desk.extensions(account).toSorted(byNumber)
      return { extlist: views.map((view) => listItem(house, account, view, flavour)) }
    },
  },
  {
    ...{ version: 'v1', path: 'extension/query', tier: 'must', need: 'read', summary: 'Settings of extensions, and the calls they are in' },
    ...{ body: { extid: maybe('Extensions with commas between them; all where absent.') }, refusals: ['endpoint-unknown'] },
    carryOut: (request) => ({ extinfos: asked(house, request).map((extension) => extensionItem(house, extension, request.flavour)) }),
  },
  {
    ...{ version: 'v1', path: 'extension/hangup', tier: 'must', need: 'control', summary: 'Hang up an extension, be it as a supervisor' },
    ...{ body: one, refusals: ['parameter-missing', 'endpoint-unknown', 'call-unknown'] },
    carryOut: (request) => hangUp(house, request),
  },
  ...(['hold', 'unhold'] as const).map(
    (kind): Verb => ({
      ...{ version: 'v1', path: `extension/${kind}`, need: 'control', summary: holds[kind], body: one },
      refusals: ['parameter-missing', 'endpoint-unknown', 'call-unknown', 'wrong-state'],
      carryOut: (request) => hold(house, request, { kind, extension: extensionNamed(house, request, 'extid') }),
    }),
  ),
  ...(['mute', 'unmute'] as const).map(
    (kind): Verb => ({
      ...{ version: 'v1', path: `extension/${kind}`, need: 'control', summary: mutes[kind], body: one },
      refusals: ['parameter-missing', 'endpoint-unknown', 'call-unknown', 'wrong-state'],
      carryOut: (request) => mute(house, request, kind),
    }),
  ),
]

const holds = { hold: 'Put the other side of its call on hold', unhold: 'Take the other side of its call off hold' } as const
const mutes = { mute: 'Let nobody hear an extension', unmute: 'Let an extension be heard again' } as const

const byNumber = (a: { readonly number: string }, b: { readonly number: string }): number => (a.number < b.number ? -1 : 1)

function asked(house: House, request: Request): readonly Extension[] {
  const named = request.fields.list('extid')
  if (named === undefined) return house.directory.extensions(request.ask.holder.account).toSorted(byNumber)
  return named.map((number) => extensionCalled(house, request, number))
}

async function hangUp(house: House, request: Request): Promise<Content> {
  const parts = partsOfExtension(house, extensionNamed(house, request, 'extid'))
  if (parts.length === 0) throw refuse('call-unknown')
  await Promise.all(parts.map(({ call, party }) => order(house, request.ask, { kind: 'remove-party', call: call.id, party: party.id })))
  return {}
}

/** Whoever the extension talks to waits with music. */
export async function hold(
  house: House,
  { ask }: Request,
  { kind, extension }: { readonly kind: 'hold' | 'unhold'; readonly extension: Extension },
): Promise<Content> {
  const { call, party } = connectedPartOf(house, extension)
  const others = connectedCore(call).filter((p) => p.id !== party.id)
  if (others.length === 0) throw refuse('wrong-state')
  await Promise.all(others.map((other) => order(house, ask, { kind, call: call.id, party: other.id })))
  return {}
}

async function mute(house: House, request: Request, kind: 'mute' | 'unmute'): Promise<Content> {
  const { call, party } = connectedPartOf(house, extensionNamed(house, request, 'extid'))
  await order(house, request.ask, { kind, call: call.id, party: party.id })
  return {}
}
