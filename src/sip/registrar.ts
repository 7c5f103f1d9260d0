import type { Alarm } from '../kernel/deadlines.ts'
import { Deadlines } from '../kernel/deadlines.ts'
import type { AccountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import { addMs, instant } from '../kernel/time.ts'
import { copied } from './compose.ts'
import type { ContactView, Flow, SipEvent } from './door.ts'
import { parseContacts, parseSeconds } from './headers.ts'
import { extensionKey } from './identities.ts'
import { type ContactMemory, type ContactsMemory, contactsKey, memoryVersion } from './memory.ts'
import type { Header, NameAddr, Request, SipUri } from './message.ts'
import { header, headers } from './message.ts'
import { formatNameAddr, parseNameAddrs } from './name-addr.ts'
import { flowMemory } from './once.ts'
import type { Outbox } from './outbox.ts'
import { recalledAddresses, recalledFlow, recalledUri } from './recall.ts'
import { samePhone, sameUri } from './same-uri.ts'
import { isLost, isStream } from './transport.ts'
import { formatUri } from './uri.ts'

/** One contact of an extension, and how it is reached. */
export interface Binding {
  readonly uri: SipUri
  /** Where the REGISTER came from: the only way to a phone behind a NAT or on a connection. */
  readonly flow: Flow
  /** Absent: the Contact itself is followed. */
  readonly reachedBy?: Flow
  /** RFC 3327. */
  readonly path: readonly NameAddr[]
  readonly callId: string
  readonly sequence: number
  readonly expiresAt: Instant
  readonly userAgent?: string
  /** RFC 5626 §4.1: the phone itself, whatever its address is today. */
  readonly instance?: string
}

interface Place {
  readonly account: AccountId
  readonly number: string
  bindings: readonly Binding[]
  alarm?: Alarm<Place>
}

export interface Answer {
  readonly status: number
  readonly headers: readonly Header[]
}

interface Wish {
  readonly uri: SipUri
  readonly seconds: number
  readonly instance?: string
}

type Gone = Extract<SipEvent, { kind: 'unregistered' }>['why']

/** RFC 3261 §10.3: where every extension's phones are. A request is carried out whole or not at all. */
export class Registrar {
  readonly #outbox: Outbox
  readonly #places = new Map<string, Place>()
  readonly #deadlines = new Deadlines<Place>()
  /** Places with a contact on a connection, for the moment that it closes. */
  readonly #byFlow = new Map<string, Set<Place>>()
  readonly #touched = new Map<string, Place>()

  constructor(outbox: Outbox) {
    this.#outbox = outbox
  }

  deadline(): Instant | undefined {
    return this.#deadlines.next()
  }

  wake(at: Instant): void {
    for (let alarm = this.#deadlines.take(at); alarm !== undefined; alarm = this.#deadlines.take(at)) {
      const place = alarm.reason
      this.#replace(place, { bindings: place.bindings.filter((b) => b.expiresAt > at), why: 'expired' })
    }
  }

  contacts(account: AccountId, number: string): readonly Binding[] {
    return this.#places.get(extensionKey({ account, number }))?.bindings ?? []
  }

  register(
    at: Instant,
    extension: { readonly account: AccountId; readonly number: string },
    received: { request: Request; flow: Flow },
  ): Answer {
    const { request } = received
    const wishes = wishesOf(request)
    if ('status' in wishes) return wishes
    const place = this.#places.get(extensionKey(extension)) ?? { ...extension, bindings: [] }
    const removesAll = wishes.some((wish) => wish === '*')
    const after = removesAll ? removal(place, request) : merged(at, place, { wishes: wishes.filter((w) => w !== '*'), received })
    if (after === undefined) return { status: 500, headers: [] }
    if (wishes.length > 0) this.#replace(place, { bindings: after, why: 'removed' })
    return { status: 200, headers: [...after.map((b) => contactHeader(at, b)), ...copied(request, 'Path')] }
  }

  /**
   * Contacts of an earlier process. Those on connections are kept for a while although they cannot be reached: phones notice that theirs
   * broke, and register anew.
   */
  restore(at: Instant, { account, number, contacts }: ContactsMemory): void {
    const bindings = contacts.flatMap((contact) => recalledBinding(at, contact) ?? [])
    this.#replace({ account, number, bindings: [] }, { bindings, why: 'removed' })
  }

  /** Whose contacts may have changed since the last time, and what is to be remembered of them. */
  takeTouched(): readonly (readonly [key: string, memory: ContactsMemory | undefined])[] {
    const touched = [...this.#touched].map(([key, place]) => [key, contactsMemory(place)] as const)
    this.#touched.clear()
    return touched
  }

  /** The contacts of a connection die with it (RFC 5626 §4.2.1: the flow is the binding). */
  flowClosed(flow: Flow): void {
    for (const place of [...(this.#byFlow.get(flow.id) ?? [])])
      this.#replace(place, { bindings: place.bindings.filter((b) => b.flow.id !== flow.id), why: 'flow-closed' })
  }

  /** Drops everybody whom the new settings do not know. */
  retain(isKnown: (account: AccountId, number: string) => boolean): void {
    for (const place of [...this.#places.values()])
      if (!isKnown(place.account, place.number)) this.#replace(place, { bindings: [], why: 'configuration' })
  }

  #replace(place: Place, { bindings, why }: { readonly bindings: readonly Binding[]; readonly why: Gone }): void {
    const before = place.bindings
    this.#indexFlows(place, bindings)
    place.bindings = bindings
    this.#deadlines.clear(place.alarm)
    const key = extensionKey(place)
    this.#touched.set(contactsKey(place), place)
    const { account, number: extension } = place
    if (bindings.length === 0) {
      this.#places.delete(key)
      if (before.length > 0) this.#outbox.event({ kind: 'unregistered', account, extension, why })
      return
    }
    this.#places.set(key, place)
    place.alarm = this.#deadlines.set(instant(Math.min(...bindings.map((b) => b.expiresAt))), place)
    if (!sameContacts(before, bindings)) this.#outbox.event({ kind: 'registered', account, extension, contacts: bindings.map(viewOf) })
  }

  #indexFlows(place: Place, after: readonly Binding[]): void {
    for (const { flow } of place.bindings) {
      const places = this.#byFlow.get(flow.id)
      places?.delete(place)
      if (places?.size === 0) this.#byFlow.delete(flow.id)
    }
    for (const { flow } of after) {
      if (!isStream(flow.transport)) continue
      const places = this.#byFlow.get(flow.id)
      if (places === undefined) this.#byFlow.set(flow.id, new Set([place]))
      else places.add(place)
    }
  }
}

/** What the Contact lines ask for; `*` stands alone, with `Expires: 0` (RFC 3261 §10.3 step 6). */
function wishesOf(request: Request): readonly (Wish | '*')[] | Answer {
  const wishes: (Wish | '*')[] = []
  const standard = secondsOf(header(request, 'Expires'), limits.sipRegistrationMaxS)
  for (const value of headers(request, 'Contact')) {
    const parsed = parseContacts(value)
    if (!parsed.ok) return { status: 400, headers: [] }
    if (parsed.value === '*') {
      if (standard !== 0 || headers(request, 'Contact').length > 1) return { status: 400, headers: [] }
      wishes.push('*')
      continue
    }
    for (const contact of parsed.value) {
      const wish = wishOf(contact, standard)
      if (!('uri' in wish)) return wish
      wishes.push(wish)
    }
  }
  return wishes.length <= limits.sipContactsPerExtension ? wishes : { status: 403, headers: [] }
}

function wishOf({ uri, params }: NameAddr, standard: number): Wish | Answer {
  if (uri.scheme === 'tel' || uri.scheme === 'other') return { status: 400, headers: [] }
  const seconds = Math.min(secondsOf(params.get('expires'), standard), limits.sipRegistrationMaxS)
  if (seconds > 0 && seconds < limits.sipRegistrationMinS)
    return { status: 423, headers: [{ name: 'Min-Expires', value: String(limits.sipRegistrationMinS) }] }
  const instance = params.get('+sip.instance')
  return { uri, seconds, ...(instance !== undefined && { instance }) }
}

/** RFC 3261 §10.2.1.1: a malformed value counts as the default. */
function secondsOf(text: string | undefined, otherwise: number): number {
  const parsed = parseSeconds(text ?? '')
  return parsed.ok ? parsed.value : otherwise
}

function removal(place: Place, request: Request): readonly Binding[] | undefined {
  return place.bindings.every((b) => isNewer(b, request)) ? [] : undefined
}

/** RFC 3261 §10.3 step 7: within one Call-ID the CSeq must grow; another Call-ID is a phone that has started anew. */
const isNewer = (binding: Binding, request: Request): boolean => binding.callId !== request.callId || request.cseq.number > binding.sequence

interface Asked {
  readonly wishes: readonly Wish[]
  readonly received: { readonly request: Request; readonly flow: Flow }
}

/** `undefined`: the request is older than what is bound. */
function merged(at: Instant, place: Place, { wishes, received }: Asked): readonly Binding[] | undefined {
  let bindings = place.bindings.filter((b) => b.expiresAt > at)
  for (const wish of wishes) {
    const before = bindings.filter((b) => isSame(b, wish))
    if (!before.every((b) => isNewer(b, received.request))) return undefined
    bindings = bindings.filter((b) => !before.includes(b) && !(isLost(b.flow) && samePhone(b.uri, wish.uri)))
    if (wish.seconds > 0) bindings.push(bindingOf(at, wish, received))
  }
  return withinBound(bindings)
}

const isSame = (binding: Binding, wish: Wish): boolean =>
  sameUri(binding.uri, wish.uri) || (wish.instance !== undefined && binding.instance === wish.instance)

function bindingOf(at: Instant, { uri, seconds, instance }: Wish, { request, flow }: Asked['received']): Binding {
  const userAgent = header(request, 'User-Agent')?.slice(0, 200)
  return {
    uri,
    flow,
    ...(isReachedByFlow(uri, request, flow) && { reachedBy: flow }),
    path: headers(request, 'Path').flatMap((value) => {
      const parsed = parseNameAddrs(value)
      return parsed.ok ? parsed.value : []
    }),
    callId: request.callId,
    sequence: request.cseq.number,
    expiresAt: addMs(at, seconds * 1000),
    ...(userAgent !== undefined && { userAgent }),
    ...(instance !== undefined && { instance }),
  }
}

/**
 * A connection is the only way to a phone that opened it. A datagram's source is, when the Contact names another host than it came from
 * (a NAT is between us) or the phone asked for symmetric responses (RFC 3581).
 */
function isReachedByFlow(uri: SipUri, request: Request, flow: Flow): boolean {
  return isStream(flow.transport) || uri.host !== flow.remote.address || (request.via[0]?.params.has('rport') ?? false)
}

/** A phone that comes back from ever new addresses pushes its own oldest contacts out. */
function withinBound(bindings: readonly Binding[]): readonly Binding[] {
  if (bindings.length <= limits.sipContactsPerExtension) return bindings
  return bindings.slice(bindings.length - limits.sipContactsPerExtension)
}

function sameContacts(before: readonly Binding[], after: readonly Binding[]): boolean {
  if (before.length !== after.length) return false
  return after.every((b) => before.some((a) => a.flow.id === b.flow.id && sameUri(a.uri, b.uri)))
}

export function viewOf({ uri, flow, expiresAt, userAgent }: Binding): ContactView {
  const { transport, remote } = flow
  return { uri: formatUri(uri), transport, remote, expiresAt, ...(userAgent !== undefined && { userAgent }) }
}

function contactHeader(at: Instant, { uri, expiresAt }: Binding): Header {
  const seconds = Math.ceil((expiresAt - at) / 1000)
  return { name: 'Contact', value: formatNameAddr({ uri, params: new Map([['expires', String(seconds)]]) }) }
}

function contactsMemory({ account, number, bindings }: Place): ContactsMemory | undefined {
  if (bindings.length === 0) return undefined
  return { kind: 'sip-contacts', version: memoryVersion, account, number, contacts: bindings.map(contactMemory) }
}

function contactMemory({ uri, flow, reachedBy, path, ...binding }: Binding): ContactMemory {
  return { ...binding, uri: formatUri(uri), flow: flowMemory(flow), byFlow: reachedBy !== undefined, path: path.map(formatNameAddr) }
}

function recalledBinding(at: Instant, memory: ContactMemory): Binding | undefined {
  const { byFlow, flow: before, uri: text, path: texts, ...binding } = memory
  const uri = recalledUri(text)
  const path = recalledAddresses(texts)
  if (path === undefined || (uri?.scheme !== 'sip' && uri?.scheme !== 'sips')) return undefined
  const flow = recalledFlow(before)
  const last = isLost(flow) ? addMs(at, limits.sipContactReturnMs) : memory.expiresAt
  return { ...binding, uri, path, flow, expiresAt: instant(Math.min(memory.expiresAt, last)), ...(byFlow && { reachedBy: flow }) }
}
