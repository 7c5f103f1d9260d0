import Type from 'typebox'
import { type Call, callState } from '../call/call.ts'
import type { ExtensionEndpoint, LineEndpoint } from '../call/endpoint.ts'
import { isLive } from '../call/party.ts'
import { consents } from '../call/recording.ts'
import { agentKey } from '../directory/account-index.ts'
import { etag, jsonAnswer } from '../http/answer.ts'
import { type CallId, partyId } from '../kernel/ids.ts'
import { base, callAnswer, callOf, callToChange, findCall, order } from './answers.ts'
import { callPage } from './call-page.ts'
import type { Office } from './office.ts'
import { queuePlaces } from './queue.ts'
import { takesPart } from './roles.ts'
import { type Ask, type Route, route } from './route.ts'
import { callStates, choice, DestinationSchema, OriginSchema, optional, reference, ringTimeoutMs, SelectorSchema, text } from './schemas.ts'
import { consentOf, destination, origin, selector } from './selectors.ts'

import { callText, hearingView } from './views.ts'

export const listQuery = {
  limit: optional(Type.Integer({ minimum: 1, maximum: 500, default: 50, description: 'Items in the answer.' })),
  cursor: optional(text(512, { description: '`next` of the answer before.' })),
}

const CallFilter = Type.Object({
  agent: optional(text(128, { description: 'An agent who is in the call.' })),
  group: optional(text(128)),
  extension: optional(text(64, { description: 'An extension that is in the call.' })),
  state: optional(choice(callStates)),
  reference,
  ...listQuery,
})

const Originate = Type.Object({
  from: OriginSchema,
  to: SelectorSchema,
  presentedNumber: optional(text(64, { description: 'The number that the called party sees.' })),
  ringTimeoutMs,
  reference,
  application: optional(text(128)),
  consent: optional(
    Type.Object(
      { from: optional(text(32)), to: optional(text(32)) },
      {
        description: `What each side agreed to: ${consents.join(', ')}. It decides what is recorded; only for calls of agents or groups to a number.`,
      },
    ),
  ),
})

const Transfer = Type.Object({
  party: optional(text(128, { description: 'Who is replaced; the agent where absent.' })),
  to: DestinationSchema,
  type: choice(['blind', 'attended', 'hand-over'], { description: '`hand-over`: the agent stays until the new one has answered.' }),
})

/** A call of somebody else, or none at all, is answered later, as unknown. */
export const ownsCall =
  ({ desk, extensionsOf }: Office): NonNullable<Route['owns']> =>
  (ask) => {
    const call = findCall(desk, ask)
    return call === undefined || takesPart(call, extensionsOf(ask.caller))
  }

export const callRoutes = (office: Office): readonly Route[] => [
  listCalls(office),
  originate(office),
  getCall(office),
  endCall(office),
  getHearing(office),
  transfer(office),
]

const call = { tag: 'Calls', success: { status: 200, schema: 'Call' } } as const

function listCalls({ desk }: Office): Route {
  return route({
    ...call,
    id: 'listCalls',
    summary: 'Live calls of the account, oldest first',
    method: 'GET',
    url: `${base}/calls`,
    need: 'read',
    query: CallFilter,
    success: { ...call.success, list: true },
    refusals: [],
    handle({ caller, sight, query }) {
      const { limit, cursor, ...filter } = query
      const wanted = Object.keys(filter).length === 0 ? undefined : matcher(filter)
      const all = desk.calls(caller.account)
      const calls = sight.isWhole ? all : all.filter((call) => sight.call(call))
      return jsonAnswer(200, callPage(wanted === undefined ? calls : calls.filter(wanted), query, queuePlaces(all)))
    },
  })
}

type Filter = Omit<Type.Static<typeof CallFilter>, 'limit' | 'cursor'>

function matcher(filter: Filter): (call: Call) => boolean {
  const { agent, group, extension, state, reference } = filter
  return (call) =>
    (group === undefined || call.group === group) &&
    (reference === undefined || call.reference === reference) &&
    (state === undefined || callState(call) === state) &&
    (agent === undefined || hasPhone(call, (phone) => phone.agent !== undefined && agentKey(phone.agent) === agentKey(agent))) &&
    (extension === undefined || hasPhone(call, (phone) => phone.extension === extension))
}

function hasPhone(call: Call, matches: (phone: ExtensionEndpoint | LineEndpoint) => boolean): boolean {
  return call.parties.some((party) => isLive(party) && party.endpoint.kind !== 'number' && matches(party.endpoint))
}

function originate({ desk }: Office): Route {
  return route({
    ...call,
    id: 'originateCall',
    summary: 'Ring `from`, then `to`',
    method: 'POST',
    url: `${base}/calls`,
    need: 'originate',
    body: Originate,
    example: { from: { agent: '1234' }, to: { number: '+442072068888' }, reference: '0012400000ATTUQ' },
    success: { status: 201, schema: 'Call' },
    refusals: [
      'endpoint-unknown',
      'endpoint-unavailable',
      'endpoint-busy',
      'number-invalid',
      'destination-not-allowed',
      'resource-unknown',
      'no-agent-available',
      'consent-invalid',
      'timeout',
      'capacity-exceeded',
      'engine-failed',
    ],
    handle(ask) {
      const { from, to, consent, ...rest } = ask.body
      const agreed = consent === undefined ? {} : { consent: consentsOf(consent) }
      const created = callAnswer(201, ({ id }) => ({ Location: `${base}/calls/${id}` }))
      return order(desk, ask, { kind: 'originate', from: origin(from), to: selector(to), ...rest, ...agreed }, created)
    },
  })
}

const consentsOf = ({ from, to }: { readonly from?: string; readonly to?: string }) => ({
  ...(from === undefined ? {} : { from: consentOf(from) }),
  ...(to === undefined ? {} : { to: consentOf(to) }),
})

function getCall({ desk }: Office): Route {
  return route({
    ...call,
    id: 'getCall',
    summary: 'A live call, or one that ended within 24 h',
    method: 'GET',
    url: `${base}/calls/:call`,
    need: 'read',
    refusals: ['call-unknown'],
    handle(ask) {
      const found = callOf(desk, ask)
      const places = found.queue === undefined ? undefined : queuePlaces(desk.calls(ask.caller.account))
      return jsonAnswer(200, callText(found, places), etag(found.revision))
    },
  })
}

function endCall(office: Office): Route {
  return route({
    ...call,
    id: 'endCall',
    summary: 'End the call for everybody',
    method: 'DELETE',
    url: `${base}/calls/:call`,
    need: 'control',
    refusals: ['call-unknown', 'call-ended', 'timeout', 'engine-failed'],
    owns: ownsCall(office),
    handle: (ask) => order(office.desk, ask, { kind: 'end-call', call: idToChange(office, ask) }, callAnswer(200)),
  })
}

export const idToChange = ({ desk }: Office, ask: Ask): CallId => callToChange(desk, ask).id

function getHearing({ desk }: Office): Route {
  return route({
    ...call,
    id: 'getHearing',
    summary: 'Who hears whom, as the mixer confirmed it',
    method: 'GET',
    url: `${base}/calls/:call/hearing`,
    need: 'read',
    success: { status: 200, schema: 'Hearing' },
    refusals: ['call-unknown'],
    async handle(ask) {
      const levels = await desk.levels(ask.caller.account, callOf(desk, ask).id)
      // Read again: the matrix may have moved while the mixer measured.
      return jsonAnswer(200, JSON.stringify(hearingView(callOf(desk, ask), levels)), { 'Cache-Control': 'no-store' })
    },
  })
}

function transfer(office: Office): Route {
  return route({
    ...call,
    id: 'transferCall',
    summary: 'Replace the agent, or another party',
    method: 'POST',
    url: `${base}/calls/:call/transfer`,
    need: 'control',
    body: Transfer,
    example: { to: { extension: '211' }, type: 'blind' },
    success: { status: 202, schema: 'Call' },
    refusals: [
      'call-unknown',
      'call-ended',
      'party-unknown',
      'wrong-state',
      'endpoint-unknown',
      'endpoint-unavailable',
      'endpoint-busy',
      'number-invalid',
      'destination-not-allowed',
      'resource-unknown',
      'no-agent-available',
      'timeout',
      'engine-failed',
    ],
    owns: ownsCall(office),
    handle(ask) {
      const { party, to, type } = ask.body
      const call = idToChange(office, ask)
      const command = { kind: 'transfer', call, to: destination(to), how: type, ...(party && { party: partyId(party) }) } as const
      return order(office.desk, ask, command, callAnswer(202))
    },
  })
}
