/** Extensions: presence, and the agents of queues (contract voipnow, section 9). */
import type { Call } from '../../call/call.ts'
import { isLive } from '../../call/party.ts'
import type { AgentSetting, AgentState, AgentView, ExtensionView } from '../../control/command.ts'
import type { Agent, Extension, Group } from '../../directory/people.ts'
import type { Answer } from '../../http/answer.ts'
import { refuse } from '../../http/refused.ts'
import { isParty } from '../call-words.ts'
import type { Ask, DialectRoute, House } from '../dialect.ts'
import { order } from '../ordering.ts'
import { extended, jsonOf, linked, numeral, pathOf, type Voice, voiceOf } from './answer.ts'
import { collection, listText, pageOf, selected } from './answer-listing.ts'
import { accountOf, demandOwn, placeOf, selfOf, userOf } from './request.ts'
import { bodyOf, sayingSo } from './request-body.ts'
import { invalid, needed, ownNumber } from './request-fields.ts'
import { listingOf, matches } from './request-listing.ts'
import { agentBody, listQuery } from './request-shapes.ts'

const queue = '/uapi/extensions/:user/:extension/queue/agents'
const lookups = ['unauthenticated', 'token-expired', 'endpoint-unknown', 'forbidden', 'parameter-invalid'] as const

export function extensionRoutes(house: House): readonly DialectRoute[] {
  const listed = { tier: 'should', method: 'GET', query: listQuery, refusals: lookups } as const
  const set = { tier: 'should', method: 'PUT', body: agentBody, refusals: [...lookups, 'parameter-missing', 'body-malformed'] } as const
  return [
    {
      ...{ id: 'listPresence', method: 'GET', tier: 'must', path: '/uapi/extensions/:user/:extension/presence', query: listQuery },
      summary: 'Extensions and their registrations',
      answers: { status: 200, description: 'A page of extensions' },
      refusals: lookups,
      handle: (ask) => presence(house, ask),
    },
    ...[queue, `${queue}/:agent`].flatMap((path, i): readonly DialectRoute[] => [
      {
        ...{ ...listed, id: ['listQueueAgents', 'showQueueAgent'][i] ?? '', path, summary: 'Agents of a queue' },
        answers: { status: 200, description: 'A page of agents' },
        handle: (ask) => listAgents(house, ask),
      },
      {
        ...{ ...set, id: ['setQueueAgents', 'setQueueAgent'][i] ?? '', path, summary: 'Logs agents in, out, or pauses them' },
        answers: { status: 200, description: 'The agents as they are now' },
        handle: (ask) => setAgents(house, ask),
      },
    ]),
  ]
}

const unknown = 0
const online = 1
const ringing = 2
const busy = 3

function presence(house: House, ask: Ask): Answer {
  const place = placeOf(house, ask)
  demandOwn(house, ask, place)
  const listing = listingOf(ask, place.account, { fields: ['extension', 'status', 'registration'], filters: ['extension'] })
  const voice = voiceOf(house, ask, place.account)
  const views = new Map(house.desk.extensions(place.account.id).map((view) => [view.number, view]))
  const all = place.extensions
    .toSorted((a, b) => (a.number < b.number ? -1 : 1))
    .map((extension) => ({ extension, number: extended(place.account, extension.number) }))
    .filter(({ number }) => matches(listing.filter, () => ({ text: number })))
  const { items, total } = pageOf(all, listing)
  const texts = items.map(({ extension, number }) => {
    const view = views.get(extension.number)
    return selected({ extension: number, ...presenceOf(house, voice, { extension, view }) }, listing.fields)
  })
  return collection(ask, { entry: listText(texts), total }, listing)
}

function presenceOf(
  house: House,
  voice: Voice,
  { extension, view }: { readonly extension: Extension; readonly view: ExtensionView | undefined },
) {
  const calls = (view?.calls ?? []).map((id) => house.desk.call(extension.account, id)).filter((call) => call !== undefined)
  const status = statusOf(extension, calls, view?.registered ?? false)
  const registration = { registration: numeral(voice, registrationOf(extension, view)), status: numeral(voice, status) }
  return { status: registration.status, registration: Array.from({ length: Math.max(1, view?.contacts ?? 0) }, () => registration) }
}

/** 1 registered, 2 none needed (a fixed address), -1 not registered. */
function registrationOf(extension: Extension, view: ExtensionView | undefined): number {
  if (extension.contact !== undefined) return 2
  return view?.registered === true ? 1 : -1
}

function statusOf({ number }: Extension, calls: readonly Call[], isRegistered: boolean): number {
  const phones = calls.flatMap((call) => call.parties.filter((p) => isLive(p) && isParty(p, number)))
  if (phones.some(({ state }) => state !== 'ringing' && state !== 'inviting')) return busy
  if (phones.length > 0) return ringing
  return isRegistered ? online : unknown
}

/** The queue of the path; its user is the organization's, whoever that is. */
function queueOf(house: House, ask: Ask): Group {
  const account = accountOf(house, ask)
  userOf(house, ask)
  const number = ownNumber(account, ask.params.extension ?? '')
  const group = number === undefined ? undefined : house.directory.groupByExtension(account.id, number)
  if (group === undefined) throw refuse('resource-unknown', { name: 'queue' })
  return group
}

/** Those of the path: all, or the one whose number or id it is. */
function agentsOf(house: House, ask: Ask, group: Group): readonly Agent[] {
  const agents = house.directory.agentsOfGroup(group)
  const { agent: name } = ask.params
  if (name === undefined) return agents
  const number = ownNumber(accountOf(house, ask), name)
  const byId = house.directory.agent(group.account, name)?.id
  const agent = agents.find((one) => one.extension === number) ?? agents.find((one) => one.id === byId)
  if (agent === undefined) throw refuse('endpoint-unknown', { name: 'extension' })
  return [agent]
}

/** An agent's app sees and sets himself only. */
function ownAgents(house: House, ask: Ask, agents: readonly Agent[]): readonly Agent[] {
  if (ask.holder.role !== 'agent') return agents
  const self = selfOf(house, ask)
  return agents.filter(({ extension }) => self.extensions.includes(extension))
}

function listAgents(house: House, ask: Ask): Answer {
  const account = accountOf(house, ask)
  const group = queueOf(house, ask)
  const fields = ['agentNumber', 'identifier', 'queue', 'status', 'link', 'links']
  const listing = listingOf(ask, account, { fields, filters: ['agentNumber', 'queue', 'status'] })
  const records = recordsOf(house, ask, { group, agents: ownAgents(house, ask, agentsOf(house, ask, group)) })
  const found = records.filter((record) => matches(listing.filter, (by) => ({ text: String(record[by as 'queue']) })))
  const { items, total } = pageOf(found, listing)
  return collection(ask, { entry: listText(items.map((record) => selected(record, listing.fields))), total }, listing)
}

function recordsOf(house: House, ask: Ask, { group, agents }: { readonly group: Group; readonly agents: readonly Agent[] }) {
  const account = accountOf(house, ask)
  const voice = voiceOf(house, ask, account)
  const views = new Map<string, AgentView>(house.desk.agents(account.id).map((view) => [view.id, view]))
  const number = extended(account, group.extension)
  return agents.map(({ id, extension }) => {
    const agentNumber = extended(account, extension)
    const status = statuses[views.get(id)?.state ?? 'offline']
    const self = ask.base + pathOf(['uapi', 'extensions', ask.params.user ?? '@me', number, 'queue', 'agents', agentNumber])
    return { agentNumber, identifier: id, queue: number, status: numeral(voice, status), ...linked(self) }
  })
}

/** 0 logged out, 1 online, 2 paused. */
const statuses: Readonly<Record<AgentState, 0 | 1 | 2>> = {
  ...{ available: 1, ringing: 1, 'on-call': 1, 'pending-disposition': 1, 'wrap-up': 1, away: 2, offline: 0 },
}

const settings: Readonly<Record<string, AgentSetting>> = { '0': 'offline', '1': 'available', '2': 'away' }

async function setAgents(house: House, ask: Ask): Promise<Answer> {
  const group = queueOf(house, ask)
  const wanted = agentsOf(house, ask, group)
  const body = bodyOf(house, ask)
  return sayingSo(body, async () => {
    const agents = ownAgents(house, ask, wanted)
    if (agents.length < wanted.length) throw refuse('forbidden')
    const status = needed(body.fields, 'status')
    const state = Object.hasOwn(settings, status) ? settings[status] : undefined
    if (state === undefined) throw invalid('status')
    for (const { id } of agents) await order(house, ask, { kind: 'set-agent-state', agent: id, state })
    return jsonOf(200, recordsOf(house, ask, { group, agents }))
  })
}
