/** Call events on their way to whoever ordered them (contract voipnow, section 9). */

import { type Call, partyOf } from '../../call/call.ts'
import { extensionOf } from '../../call/endpoint.ts'
import { isCore, type Party } from '../../call/party.ts'
import type { OutEvent } from '../../control/command.ts'
import type { Account } from '../../directory/people.ts'
import { hexId } from '../call-ids.ts'
import type { House } from '../dialect.ts'
import type { Subscription } from '../subscriptions.ts'
import { addressIn, extended } from './answer.ts'
import type { EventType } from './routes-events.ts'

export function startEvents(house: House): () => void {
  const stops = house.directory.accounts.map((account) =>
    house.desk.subscribe(account.id, (event) => {
      for (const happening of happeningsOf(event)) tell(house, account, happening)
    }),
  )
  return () => {
    for (const stop of stops) stop()
  }
}

/** Something that happened to one extension. */
interface Happening {
  readonly type: EventType
  readonly call: Call
  readonly party: Party
}

/** Supervisors' phones bring none forth: their calls are nobody's business but theirs. */
export function happeningsOf(out: OutEvent): readonly Happening[] {
  if (!('event' in out)) return []
  const { event, call } = out
  switch (event.type) {
    case 'call.created':
      return of('1', call, callerOf(call))
    case 'call.ringing':
      return of('0', call, calledParty(call, event.data.party))
    case 'party.joined':
      return of('3', call, calledParty(call, event.data.party))
    case 'call.answered':
      return of('4', call, callerOf(call))
    case 'party.left':
      return of('2', call, partyOf(call, event.data.party))
    default:
      return []
  }
}

function of(type: EventType, call: Call, party: Party | undefined): readonly Happening[] {
  return party === undefined || !isCore(party) || party.endpoint.kind !== 'extension' ? [] : [{ type, call, party }]
}

/** Who began the call, where he is one of ours; whoever else rings is being called. Into a conference everybody is called. */
const callerOf = (call: Call): Party | undefined => (call.room === undefined ? call.parties[0] : undefined)

function calledParty(call: Call, id: Party['id']): Party | undefined {
  return callerOf(call)?.id === id ? undefined : partyOf(call, id)
}

function tell(house: House, account: Account, happening: Happening): void {
  const { party, type } = happening
  const number = extensionOf(party.endpoint) ?? ''
  const wanted = house.subscriptions
    .list('voipnow', account.id)
    .filter(({ fields }) => fields.type === type && fields.extension === number && fields.status === '1')
  if (wanted.length === 0) return
  const form = new URLSearchParams(fieldsOf(account, happening)).toString()
  for (const subscription of wanted) send(house, account, { subscription, form })
}

function send(
  { courier }: House,
  { id: account }: Account,
  { subscription, form }: { readonly subscription: Subscription; readonly form: string },
): void {
  const { url = '', method } = subscription.fields
  const to = { account, dialect: 'voipnow', receiver: url } as const
  if (method === '0') return courier.send({ ...to, method: 'GET', url: withQuery(url, form), headers: {} })
  courier.send({ ...to, method: 'POST', url, headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: form })
}

function withQuery(url: string, form: string): string {
  const target = new URL(url)
  target.search = target.search === '' ? form : `${target.search}&${form}`
  return target.href
}

function fieldsOf(account: Account, { type, call, party }: Happening): Record<string, string> {
  const caller = call.parties[0]
  const isCaller = callerOf(call)?.id === party.id
  const called = isCaller ? call.parties.find((p) => isCore(p) && p.id !== party.id) : party
  return present({
    CallID: hexId(call),
    ...callerFields(account, caller),
    CalledDID: call.direction === 'inbound' ? call.dnis : undefined,
    CalledExtension: extensionIn(account, called),
    CallerExtension: extensionIn(account, caller),
    CalledNumber: called === undefined ? call.dnis : addressIn(account, called.endpoint),
    CallFlow: isCaller ? 'OUT' : 'IN',
    CallStatus: statusOf(type, party),
  })
}

function callerFields(account: Account, caller: Party | undefined): Record<string, string | undefined> {
  if (caller === undefined) return {}
  const { endpoint } = caller
  const number = endpoint.kind === 'number' ? (endpoint.claimed ?? endpoint.number) : addressIn(account, endpoint)
  return { CallerIDNum: number, CallerIDName: endpoint.name }
}

function extensionIn(account: Account, party: Party | undefined): string | undefined {
  const extension = party && extensionOf(party.endpoint)
  return extension === undefined ? undefined : extended(account, extension)
}

function statusOf(type: EventType, party: Party): string {
  if (type === '0' || type === '1') return 'CALLING'
  return type === '2' && party.answeredAt === undefined ? 'UNKNOWN' : 'ANSWER'
}

function present(fields: Record<string, string | undefined>): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) kept[name] = value
  return kept
}
