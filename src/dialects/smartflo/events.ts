/** Webhooks: what happened, to whoever the account wants it told (contract smartflo, section 7). */
import type { Call } from '../../call/call.ts'
import type { CallEvent } from '../../call/event.ts'
import type { Party } from '../../call/party.ts'
import type { OutEvent } from '../../control/command.ts'
import type { smartfloTriggers } from '../../directory/settings.ts'
import type { PartyId } from '../../kernel/ids.ts'
import type { House } from '../dialect.ts'
import type { Subscription } from '../subscriptions.ts'
import { filled } from './events-template.ts'
import { type Moment, variablesOf } from './events-variables.ts'

/**
 * What a receiver can wait for. `answered-on-ivr`, `received-on-auto-attendant` and `session-call-answered` belong to parts of the vendor's
 * system that Sotto has not: they are known, and never happen.
 */
export type Trigger = (typeof smartfloTriggers)[number]

/** What sending takes. */
export type Sender = Pick<House, 'desk' | 'directory' | 'subscriptions' | 'courier' | 'shelf' | 'clock'>

export function startWebhooks(house: Sender): () => void {
  const stops = house.directory.accounts.map(({ id }) => house.desk.subscribe(id, (out) => tell(house, out)))
  return () => {
    for (const stop of stops) stop()
  }
}

function tell(house: Sender, out: OutEvent): void {
  if (!('call' in out)) return
  const happened = triggersOf(out.event, out.call)
  if (happened.length === 0) return
  const receivers = house.subscriptions.list('smartflo', out.account).filter(({ fields }) => happened.some((t) => t === fields.trigger))
  if (receivers.length === 0) return
  const values = variablesOf(house, momentOf(out.event, out.call))
  for (const receiver of receivers) send(house, receiver, values)
}

function momentOf(event: CallEvent, call: Call): Moment {
  const party = 'party' in event.data ? partyIn(call, event.data.party) : undefined
  return { call, party, at: event.at, digit: event.type === 'party.dtmf' ? event.data.digit : '' }
}

const partyIn = (call: Call, id: PartyId | undefined): Party | undefined => call.parties.find((p) => p.id === id)

function triggersOf(event: CallEvent, call: Call): readonly Trigger[] {
  switch (event.type) {
    case 'call.created':
      return call.direction === 'inbound' ? ['received-on-server'] : []
    case 'call.queued':
      return ['received-on-department']
    case 'call.ringing':
      return partyIn(call, event.data.party)?.role === 'agent' ? ['dialed-on-agent'] : []
    case 'party.joined':
      return joined(partyIn(call, event.data.party))
    case 'party.left':
      return left(partyIn(call, event.data.party))
    case 'call.answered':
      return ['connected-to-agent']
    case 'party.dtmf':
      return partyIn(call, event.data.party)?.role === 'supervisor' ? [] : ['dtmf']
    case 'disposition.set':
      return ['disposition-updated']
    case 'call.ended':
      return [call.answeredAt === undefined ? 'hangup-missed' : 'hangup-answered', 'hangup']
    default:
      return []
  }
}

/** Only who was called can answer or miss; who called us was shown nothing. */
const wasCalled = ({ shown }: Party): boolean => shown !== undefined

function joined(party: Party | undefined): readonly Trigger[] {
  if (party === undefined || !wasCalled(party)) return []
  if (party.role === 'agent') return ['answered-by-agent']
  return party.role === 'customer' ? ['answered-by-customer'] : []
}

function left(party: Party | undefined): readonly Trigger[] {
  if (party === undefined || party.answeredAt !== undefined || !wasCalled(party)) return []
  if (party.role === 'agent') return party.endReason === 'answered-elsewhere' ? [] : ['missed-by-agent']
  return party.role === 'customer' ? ['missed-by-customer'] : []
}

const json = { 'Content-Type': 'application/json' } as const
const form = { 'Content-Type': 'application/x-www-form-urlencoded' } as const

/** Whoever has many triggers at one URL is one receiver: what happened to a call reaches him in its order. */
function send({ courier }: Sender, { account, fields }: Subscription, values: ReturnType<typeof variablesOf>): void {
  const url = URL.parse(fields.url ?? '')
  if (url === null) return
  const content = filled(fields.template, values)
  const to = { account, dialect: 'smartflo', receiver: `smartflo ${account} ${url.href}` } as const
  if (fields.method?.toUpperCase() === 'GET') {
    for (const [name, value] of pairsOf(content)) url.searchParams.append(name, value)
    return courier.send({ ...to, method: 'GET', url: url.href, headers: {} })
  }
  const isForm = fields.format === 'form'
  const body = isForm ? new URLSearchParams([...pairsOf(content)]).toString() : JSON.stringify(content)
  courier.send({ ...to, method: 'POST', url: url.href, headers: isForm ? form : json, body })
}

/** Where only texts can be sent, lists and objects go as JSON. */
const pairsOf = (content: object): readonly [string, string][] =>
  Object.entries(content).map(([name, value]) => [name, typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value)])
