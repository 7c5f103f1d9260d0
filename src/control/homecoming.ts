import { type Call, connectedCore, isEnded, partyOf } from '../call/call.ts'
import { legRows } from '../call/hearing.ts'
import type { Input } from '../call/input.ts'
import { isConnected, isCore, isLive, isPending, type Party } from '../call/party.ts'
import type { EngineEvent, RestoredLeg } from '../engine/port.ts'
import { accountId, type CallId, type LegId, type PartyId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import type { CallTable } from './call-table.ts'
import type { CallWork } from './call-work.ts'
import type { GroupWork } from './group-work.ts'

interface Parts {
  readonly table: CallTable
  readonly work: CallWork
  readonly groups: GroupWork
  readonly newLeg: () => LegId
}

type Restored = Extract<EngineEvent, { kind: 'restored' }>

/**
 * After a restart calls and legs are compared, once. Whatever was written down and not carried out is ordered again, and what happened to a leg
 * and was not written down is made good, so that each change is there as a whole or not at all.
 */
export class Homecoming {
  readonly #parts: Parts
  /** Until `restored` tells which legs go on, what is said of single ones is no news. */
  #isComparing = false
  /** Phones that were being called. Nobody can be called before there is a media process. */
  #lost: readonly { readonly call: CallId; readonly party: PartyId }[] = []

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get isComparing(): boolean {
    return this.#isComparing
  }

  begin(): void {
    this.#isComparing = true
  }

  compare(at: Instant, { legs, bridges }: Restored): void {
    const { table, work } = this.#parts
    this.#isComparing = false
    for (const { leg } of legs) if (table.ofLeg(leg) === undefined) work.hangUp(accountId(''), leg, 'hangup')
    for (const bridge of bridges) if (!isLiveCall(table.get(bridge))) closeAgain(this.#parts, bridge)
    for (const call of table.lastEnded(limits.endedCallsRemembered)) if (!bridges.includes(call.id)) silent(this.#parts, at, call)
    const known = new Map(legs.map((leg) => [leg.leg, leg]))
    const calls = [...table.allLive()]
    for (const call of calls) wireAgain(this.#parts, call)
    // Who is there comes first: of several that rang, one may have answered, and the others are gone.
    for (const call of calls) for (const party of call.parties) present(this.#parts, call, party, known.get(party.leg))
    this.#lost = calls.flatMap(({ id, parties }) => parties.filter((p) => !known.has(p.leg)).map((p) => ({ call: id, party: p.id })))
    for (const { call, party } of this.#lost) gone(this.#parts, call, party)
  }

  /** There is a media process: whoever was being called is called again, and whoever waits in a queue is looked after. */
  mediaUp(): void {
    const lost = this.#lost
    this.#lost = []
    for (const { call, party } of lost) callAgain(this.#parts, call, party)
    for (const { id, queue } of this.#parts.table.allLive())
      if (queue !== undefined && queue.offering === undefined) this.#parts.groups.seek(id)
  }
}

const isLiveCall = (call: Call | undefined): boolean => call !== undefined && !isEnded(call)

function closeAgain(parts: Parts, bridge: CallId): void {
  const ended = parts.table.get(bridge)
  if (ended !== undefined) wireAgain(parts, ended)
  parts.work.close(bridge)
}

/** The bridge has gone, and whether its last matrix was in force before nobody heard: nobody hears anybody now. */
function silent({ work }: Parts, at: Instant, call: Call): void {
  const { applied, revision } = call.wiring
  if (applied < revision) work.apply(call, { kind: 'wired', revision, at })
}

/** The mixer takes the same revision twice; supervisors, whom nobody vouched for meanwhile, are heard again by it. */
function wireAgain({ work }: Parts, call: Call): void {
  const { wiring } = call
  const rows = wiring.sent.at(-1)?.rows ?? wiring.confirmed
  if (wiring.revision > 0) work.order(call, { kind: 'rewire', revision: wiring.revision, rows: legRows(call, rows) })
}

function present(parts: Parts, { id }: Call, party: Party, leg: RestoredLeg | undefined): void {
  if (leg === undefined || !isLive(party)) return
  if (!isConnected(party) && leg.phase === 'connected') tell(parts, id, { kind: 'leg-answered', leg: leg.leg })
  if (party.phoneHeld !== leg.held) tell(parts, id, { kind: leg.held ? 'leg-held' : 'leg-resumed', leg: leg.leg })
  const call = parts.table.ofLeg(leg.leg)
  if (call === undefined) return
  parts.work.order(call, { kind: 'set-voice', leg: leg.leg, voice: isCore(party) ? 'core' : 'supervisor' })
  for (const transfer of leg.transfers) if (!isUnderWay(call, leg.leg, transfer)) failed(parts, call, { leg: leg.leg, transfer })
}

const isUnderWay = ({ transfer }: Call, leg: LegId, asked: string): boolean =>
  transfer?.requested?.leg === leg && transfer.requested.transfer === asked

/** A phone asked for a transfer, and we were gone before anything came of it: it may ask again. */
function failed({ work }: Parts, call: Call, asked: { readonly leg: LegId; readonly transfer: string }): void {
  work.order(call, { kind: 'transfer-progress', ...asked, progress: 'failed' })
}

/** Of a phone that only was being called nothing is lost yet. */
function gone(parts: Parts, id: CallId, party: PartyId): void {
  const found = partyIn(parts, id, party)
  if (found === undefined || (isPending(found) && isCore(found))) return
  tell(parts, id, { kind: 'leg-ended', leg: found.leg, reason: 'failed' })
}

/** Whoever is being called for somebody who is there is called again. Any other call that was being set up has failed. */
function callAgain(parts: Parts, id: CallId, party: PartyId): void {
  const call = parts.table.get(id)
  const found = partyIn(parts, id, party)
  if (call === undefined || found === undefined) return
  if (connectedCore(call).length > 0) tell(parts, id, { kind: 'call-again', party, leg: parts.newLeg() })
  else tell(parts, id, { kind: 'leg-ended', leg: found.leg, reason: 'failed' })
}

function partyIn({ table }: Parts, id: CallId, party: PartyId): Party | undefined {
  const call = table.get(id)
  const found = call && partyOf(call, party)
  return found !== undefined && isLive(found) ? found : undefined
}

/** To the call as it is by now. */
function tell({ table, work }: Parts, id: CallId, input: Input): void {
  const call = table.get(id)
  if (call !== undefined && !isEnded(call)) work.apply(call, input)
}
