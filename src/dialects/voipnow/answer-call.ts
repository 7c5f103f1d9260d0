/** Calls as PhoneCalls with their views (contract voipnow, section 3). */
import { type Call, partyOf } from '../../call/call.ts'
import type { Endpoint } from '../../call/endpoint.ts'
import { isConnected, isCore, isLive, isOnHold, isPending, type Party } from '../../call/party.ts'
import type { Supervision } from '../../call/supervision.ts'
import type { Directory } from '../../directory/directory.ts'
import { unreachable } from '../../kernel/assert.ts'
import type { Instant } from '../../kernel/time.ts'
import { hexId } from '../call-ids.ts'
import { addressIn, callerIdText, dateIn, extended, linked, numeral, pathOf, type Voice } from './answer.ts'
import { selected } from './answer-listing.ts'
import { callerIdLabel, nonceLabel, type Part } from './request.ts'

/** A phone's part in the call: the extension's own, or a supervisor's in it. */
export interface View {
  readonly id: string
  /** Whose perspective it is: the extension's own party, or the supervised one. */
  readonly party: Party
  readonly supervision: Supervision | undefined
  readonly status: ViewStatus
}

/** 2 trying, 3 ringing, 4 the other side rings, 5 on call. */
type ViewStatus = 2 | 3 | 4 | 5

/** In the order in which phones joined. A supervisor's view appears when he has picked up, and not before. */
export function viewsOf(call: Call): readonly View[] {
  return call.parties.flatMap((party) => {
    const view = viewOf(call, party)
    return view === undefined ? [] : [view]
  })
}

export const viewNamed = (call: Call, id: string): View | undefined => viewsOf(call).find((view) => view.id === id)

function viewOf(call: Call, party: Party): View | undefined {
  const id = String(party.ordinal).padStart(2, '0')
  if (!isCore(party)) return supervisorView(call, party, id)
  const isPresent = isLive(party) || call.parked?.by === party.id
  if (party.endpoint.kind !== 'extension' || !isPresent) return undefined
  return { id, party, supervision: undefined, status: statusOf(call, party) }
}

function supervisorView(call: Call, { id: phone }: Party, id: string): View | undefined {
  const supervision = call.supervisions.find((s) => s.party === phone && s.state === 'active')
  const party = supervision === undefined ? undefined : partyOf(call, supervision.target)
  return supervision === undefined || party === undefined ? undefined : { id, party, supervision, status: 5 }
}

function statusOf(call: Call, party: Party): ViewStatus {
  switch (party.state) {
    case 'inviting':
      return 2
    case 'ringing':
      return 3
    case 'offered':
    case 'answering':
      return waiting(call, party)
    case 'connected':
      return isAlone(call, party) ? waiting(call, party) : 5
    // Whoever parked the call: it is his until somebody fetches it.
    case 'ended':
      return 5
    default:
      return unreachable(party.state)
  }
}

const waiting = (call: Call, party: Party): 2 | 4 => (othersOf(call, party).some((p) => p.state === 'ringing') ? 4 : 2)

/** He called, and nobody has answered yet. */
const isAlone = (call: Call, party: Party): boolean =>
  !othersOf(call, party).some(isConnected) &&
  (call.next !== undefined || othersOf(call, party).some(isPending)) &&
  call.room === undefined &&
  call.queue === undefined

const othersOf = (call: Call, party: Party): readonly Party[] => call.parties.filter((p) => isCore(p) && isLive(p) && p.id !== party.id)

/** What the texts of calls need to know. */
export interface Teller {
  readonly voice: Voice
  readonly directory: Directory
}

const texts = new WeakMap<Call, Map<string, string>>()

/** A call is immutable, so its text is made once per revision and way of telling it. */
export function callText(teller: Teller, part: Part, fields?: readonly string[]): string {
  if (fields !== undefined) return selected(phoneCall(teller, part), fields)
  const { base, offset, numberStyle } = teller.voice
  const key = `${part.extension.number} ${offset} ${numberStyle} ${base}`
  const known = texts.get(part.call) ?? new Map<string, string>()
  const text = known.get(key) ?? JSON.stringify(phoneCall(teller, part))
  texts.set(part.call, known.set(key, text))
  return text
}

export const phoneCallFields: readonly string[] = [
  ...['id', 'extension', 'ownerId', 'ownerName', 'answered', 'published', 'nonce', 'phoneCallView', 'link', 'links'],
]

function phoneCall(teller: Teller, { call, extension }: Part): object {
  const { voice } = teller
  const { account } = voice
  return {
    id: hexId(call),
    extension: extended(account, extension.number),
    ownerId: account.owner ?? account.id,
    ownerName: account.name,
    answered: date(voice, call.answeredAt),
    published: dateIn(voice, call.startedAt),
    nonce: call.labels[nonceLabel],
    phoneCallView: viewsOf(call).map((view) => viewJson(teller, call, view)),
    ...linked(selfLink(teller, { call, extension })),
  }
}

/** The answer to whoever changed a call. */
export function changedCall(teller: Teller, part: Part): object {
  const { call, extension } = part
  return { id: hexId(call), extension: extended(teller.voice.account, extension.number), ...linked(selfLink(teller, part)) }
}

function selfLink({ voice: { account, base }, directory }: Teller, { call, extension }: Part): string {
  const owner = directory.userOfExtension(account.id, extension.number)?.id ?? '@owner'
  return base + pathOf(['uapi', 'phoneCalls', owner, extended(account, extension.number), hexId(call)])
}

const date = (voice: Voice, at: Instant | undefined): string | undefined => (at === undefined ? undefined : dateIn(voice, at))

function viewJson(teller: Teller, call: Call, view: View): object {
  return view.supervision === undefined
    ? ownView(teller, call, view)
    : supervisedView(teller, call, { ...view, supervision: view.supervision })
}

function ownView(teller: Teller, call: Call, { id, party, status }: View): object {
  const { voice } = teller
  const { account } = voice
  const parked = call.parked?.by === party.id ? call.parked : undefined
  const hold = holdOf(call, party)
  return {
    ...{ id, extension: addressIn(account, party.endpoint) },
    answered: date(voice, party.answeredAt),
    ringing: date(voice, party.state === 'ringing' ? party.joinedAt : undefined),
    recording: date(voice, call.recording.state === 'on' ? call.recording.since : undefined),
    parked: date(voice, parked?.since),
    onHold: date(voice, hold?.since),
    ...{ status: numeral(voice, status), flow: numeral(voice, flows[call.direction]) },
    ...sidesOf(teller, call, party),
    parkedPos: parked?.place,
    parkedBy: parked && addressIn(account, party.endpoint),
    holder: hold && addressIn(account, hold.holder),
  }
}

export const flows = { internal: 2, outbound: 4, inbound: 8 } as const

function supervisedView(
  { voice }: Teller,
  call: Call,
  { id, party, supervision, status }: View & { readonly supervision: Supervision },
): object {
  const { account } = voice
  const supervisor = partyOf(call, supervision.party)
  const address = supervisor === undefined ? '' : addressIn(account, supervisor.endpoint)
  const supervised = addressIn(account, party.endpoint)
  return {
    ...{ id, extension: supervised },
    answered: date(voice, supervision.activeAt),
    ...{ status: numeral(voice, status), flow: numeral(voice, flows.internal) },
    callerId: callerIdText(supervisor?.shown?.number ?? address, supervisor?.shown?.name ?? supervisor?.endpoint.name),
    ...{ source: [address], destination: [supervised] },
  }
}

interface Hold {
  readonly since: Instant
  readonly holder: Endpoint
}

/** Whoever keeps another waiting is the holder: his own phone does, or the desk does for him. */
function holdOf(call: Call, party: Party): Hold | undefined {
  const others = othersOf(call, party)
  const waits = others.find((other) => other.held)
  if (party.phoneHeld || waits !== undefined) return { since: (waits ?? party).heldSince ?? call.startedAt, holder: party.endpoint }
  const holder = others.find(isOnHold) ?? others[0]
  if (party.held && holder !== undefined) return { since: party.heldSince ?? call.startedAt, holder: holder.endpoint }
  return holder !== undefined && isOnHold(holder) ? { since: holder.heldSince ?? call.startedAt, holder: holder.endpoint } : undefined
}

interface Sides {
  readonly callerId: string
  readonly source: readonly string[]
  readonly destination: readonly string[]
}

/** Who called whom, as far as they are still there. */
export function sidesOf(teller: Teller, call: Call, party: Party): Sides {
  const { account } = teller.voice
  const others = othersOf(call, party)
  const isCaller = calls(call, party, others)
  const own = [addressIn(account, party.endpoint)]
  const far = others.length > 0 ? others.map((p) => addressIn(account, p.endpoint)) : [absent(teller, call, isCaller)]
  const source = isCaller ? own : far
  const caller = isCaller ? party.endpoint : others[0]?.endpoint
  return { callerId: callerIdOf(teller, call, caller), source, destination: isCaller ? far : own }
}

/** A number outside is on the side on which it came into the call; of two phones inside the first one called. */
function calls(call: Call, party: Party, others: readonly Party[]): boolean {
  const [first] = call.parties
  if (others.some((p) => p.endpoint.kind === 'number')) return first?.endpoint.kind !== 'number'
  const firstOther = call.parties.findIndex((p) => others.includes(p))
  const own = call.parties.indexOf(party)
  return firstOther === -1 ? own === 0 : own < firstOther
}

/** Who is not in the call yet, or any more. */
function absent(teller: Teller, call: Call, isCalled: boolean): string {
  if (call.next !== undefined && isCalled) return addressIn(teller.voice.account, call.next.to)
  return insideOut(teller, isCalled ? call.dnis : call.ani)
}

/** A number of our own in extended form, any other as it is. */
export function insideOut({ voice: { account }, directory }: Teller, number: string): string {
  const isOwn = directory.extension(account.id, number) !== undefined || directory.groupByExtension(account.id, number) !== undefined
  return isOwn || directory.conference(account.id, number) !== undefined ? extended(account, number) : number
}

export function callerIdOf(teller: Teller, call: Call, caller: Endpoint | undefined): string {
  const ordered = call.labels[callerIdLabel]
  if (ordered !== undefined) return ordered
  if (caller === undefined) return callerIdText(insideOut(teller, call.ani), undefined)
  if (caller.kind === 'number') return callerIdText(caller.claimed ?? caller.number, caller.name)
  const number = call.direction === 'outbound' ? call.presented : undefined
  return callerIdText(number ?? addressIn(teller.voice.account, caller), call.presentedName ?? caller.name)
}
