import { type Call, isEnded } from '../call/call.ts'
import type { Endpoint } from '../call/endpoint.ts'
import { isLive } from '../call/party.ts'
import { type Alarm, Deadlines } from '../kernel/deadlines.ts'
import type { AccountId, CallId, LegId, LineId, SupervisionId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import { phoneOf } from './phone-of.ts'

/** All calls of the node, and what finds them. Ended ones stay readable for 24 h, as many as there is room for. */
export class CallTable {
  readonly #calls = new Map<CallId, Call>()
  readonly #live = new Map<AccountId, Map<CallId, Call>>()
  readonly #byLeg = new Map<LegId, CallId>()
  readonly #bySerial = new Map<number, CallId>()
  readonly #bySupervision = new Map<SupervisionId, CallId>()
  /** Phones and lines, by the calls that they take part in. */
  readonly #byPlace = new Map<string, Set<CallId>>()
  /** Ended calls of each account, the oldest end first. */
  readonly #endedOf = new Map<AccountId, Set<CallId>>()
  readonly #ended: { readonly id: CallId; readonly at: Instant }[] = []
  readonly #deadlines = new Deadlines<CallId>()
  readonly #alarms = new Map<CallId, Alarm<CallId>>()
  #liveCount = 0

  get liveCount(): number {
    return this.#liveCount
  }

  get(id: CallId): Call | undefined {
    return this.#calls.get(id)
  }

  ofLeg(leg: LegId): Call | undefined {
    const id = this.#byLeg.get(leg)
    return id === undefined ? undefined : this.#calls.get(id)
  }

  ofSerial(serial: number): Call | undefined {
    const id = this.#bySerial.get(serial)
    return id === undefined ? undefined : this.#calls.get(id)
  }

  ofSupervision(id: SupervisionId): Call | undefined {
    const call = this.#bySupervision.get(id)
    return call === undefined ? undefined : this.#calls.get(call)
  }

  /** Live calls of the account, oldest first. */
  live(account: AccountId): readonly Call[] {
    return [...(this.#live.get(account)?.values() ?? [])]
  }

  /** Ended calls of the account that are kept, the oldest end first. */
  ended(account: AccountId): readonly Call[] {
    return [...(this.#endedOf.get(account) ?? [])].map((id) => this.#calls.get(id)).filter((call) => call !== undefined)
  }

  /** The live call in which a conference meets. */
  ofRoom(account: AccountId, room: string): Call | undefined {
    for (const call of this.#live.get(account)?.values() ?? []) if (call.room === room) return call
    return undefined
  }

  *allLive(): Iterable<Call> {
    for (const calls of this.#live.values()) yield* calls.values()
  }

  /** The calls that ended last, oldest first. */
  lastEnded(most: number): readonly Call[] {
    return this.#ended
      .slice(-most)
      .map(({ id }) => this.#calls.get(id))
      .filter((call) => call !== undefined)
  }

  /** Live calls in which the extension is a party. */
  ofExtension(account: AccountId, extension: string): readonly CallId[] {
    return [...(this.#byPlace.get(key(account, extension)) ?? [])]
  }

  /** The call that a line takes part in. */
  ofLine(account: AccountId, line: LineId): CallId | undefined {
    const [call] = this.#byPlace.get(lineKey(account, line)) ?? []
    return call
  }

  /** A phone of the account takes one call at a time. */
  isBusy(endpoint: Endpoint): boolean {
    return endpoint.kind === 'extension' && this.#byPlace.has(key(endpoint.account, endpoint.extension))
  }

  put(call: Call, wakeAt: Instant | undefined): void {
    const before = this.#calls.get(call.id)
    this.#calls.set(call.id, call)
    this.#bySerial.set(call.serial, call.id)
    this.#dropSupervisions(before, call)
    this.#dropLegs(before, call)
    this.#index(call)
    this.#setAlarm(call.id, wakeAt)
    if (isEnded(call)) {
      if (before === undefined || !isEnded(before)) this.#retire(call)
      return
    }
    if (before === undefined) this.#liveCount += 1
    const live = this.#live.get(call.account) ?? new Map<CallId, Call>()
    live.set(call.id, call)
    this.#live.set(call.account, live)
  }

  /** A long call forgets its first supervisions (call/finish.ts). */
  #dropSupervisions(before: Call | undefined, call: Call): void {
    if (before === undefined || before.supervisions === call.supervisions) return
    const kept = new Set(call.supervisions.map((s) => s.id))
    for (const { id } of before.supervisions) if (!kept.has(id)) this.#bySupervision.delete(id)
  }

  /** A party may be called again by another leg. */
  #dropLegs(before: Call | undefined, call: Call): void {
    if (before === undefined || before.parties === call.parties) return
    const legs = new Set(call.parties.map((p) => p.leg))
    for (const { leg } of before.parties) if (!legs.has(leg) && this.#byLeg.get(leg) === call.id) this.#byLeg.delete(leg)
  }

  #index(call: Call): void {
    for (const party of call.parties) {
      if (isLive(party)) this.#byLeg.set(party.leg, call.id)
      else if (this.#byLeg.get(party.leg) === call.id) this.#byLeg.delete(party.leg)
    }
    for (const supervision of call.supervisions) this.#bySupervision.set(supervision.id, call.id)
    for (const place of placesOf(call, false)) this.#unlink(place, call.id)
    for (const place of placesOf(call, true)) {
      const calls = this.#byPlace.get(place) ?? new Set()
      this.#byPlace.set(place, calls.add(call.id))
    }
  }

  #unlink(place: string, id: CallId): void {
    const calls = this.#byPlace.get(place)
    calls?.delete(id)
    if (calls?.size === 0) this.#byPlace.delete(place)
  }

  #setAlarm(id: CallId, at: Instant | undefined): void {
    const alarm = this.#alarms.get(id)
    if (alarm?.at === at) return
    this.#deadlines.clear(alarm)
    if (at === undefined) this.#alarms.delete(id)
    else this.#alarms.set(id, this.#deadlines.set(at, id))
  }

  #retire(call: Call): void {
    const live = this.#live.get(call.account)
    if (live?.delete(call.id)) this.#liveCount -= 1
    if (live?.size === 0) this.#live.delete(call.account)
    this.#endedOf.set(call.account, (this.#endedOf.get(call.account) ?? new Set()).add(call.id))
    this.#ended.push({ id: call.id, at: call.endedAt ?? call.startedAt })
  }

  /** Forgets what ended longer than 24 h ago, or is too much. */
  prune(at: Instant): void {
    let gone = 0
    while (gone < this.#ended.length) {
      const oldest = this.#ended[gone]
      const old = oldest !== undefined && addMs(oldest.at, limits.endedCallsKeptMs) <= at
      if (oldest === undefined || (!old && this.#ended.length - gone <= limits.endedCallsKept)) break
      this.#forget(oldest.id)
      gone += 1
    }
    if (gone > 0) this.#ended.splice(0, gone)
  }

  #forget(id: CallId): void {
    const call = this.#calls.get(id)
    if (call === undefined) return
    for (const supervision of call.supervisions) this.#bySupervision.delete(supervision.id)
    this.#bySerial.delete(call.serial)
    const ended = this.#endedOf.get(call.account)
    ended?.delete(id)
    if (ended?.size === 0) this.#endedOf.delete(call.account)
    this.#calls.delete(id)
  }

  deadline(): Instant | undefined {
    return this.#deadlines.next()
  }

  /** The next call whose deadline has passed. */
  due(at: Instant): CallId | undefined {
    const alarm = this.#deadlines.take(at)
    if (alarm !== undefined) this.#alarms.delete(alarm.reason)
    return alarm?.reason
  }
}

function placesOf(call: Call, live: boolean): readonly string[] {
  const found: string[] = []
  for (const party of call.parties) {
    if ((party.state !== 'ended') !== live) continue
    const { endpoint } = party
    const phone = phoneOf(party)
    if (phone !== undefined) found.push(key(endpoint.account, phone))
    if (endpoint.kind === 'line') found.push(lineKey(endpoint.account, endpoint.line))
  }
  return found
}

const key = (account: AccountId, extension: string): string => `${account}/${extension}`

/** No extension has a space in it. */
const lineKey = (account: AccountId, line: LineId): string => `${account}/line ${line}`
