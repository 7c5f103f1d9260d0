import type { LegId, PartyId } from '../kernel/ids.ts'
import type { Call } from './call.ts'
import type { HearingRow, LegRow, Source } from './matrix.ts'
import { isConnected, isCore, isPending, type Party } from './party.ts'
import type { Supervision } from './supervision.ts'

/**
 * Who hears whom, derived from parties and supervisions and nothing else (docs/hearing.md). Default-deny: whatever no rule below names is silent.
 * Rows without talkers and source are left out.
 */
export function hearing(call: Call): readonly HearingRow[] {
  if (call.endedAt !== undefined) return []
  const rows: HearingRow[] = []
  for (const party of call.parties) {
    if (!isConnected(party) || party.phoneHeld) continue
    const row = isCore(party) ? coreRow(call, party) : supervisorRow(call, party)
    if (row.talkers.length > 0 || row.source !== undefined) rows.push(row)
  }
  return rows
}

function coreRow(call: Call, listener: Party): HearingRow {
  if (listener.held || call.parked !== undefined) return { listener: listener.id, talkers: [], source: 'hold-music' }
  const talkers = [...conversation(call, listener), ...bargers(call, listener), ...coaches(call, listener)]
  const source = talkers.length === 0 ? sourceFor(call, listener) : undefined
  return source === undefined ? { listener: listener.id, talkers } : { listener: listener.id, talkers, source }
}

/** What fills the silence of somebody whom nobody speaks to: music while he waits, ringback while somebody is called for him. */
function sourceFor(call: Call, listener: Party): Source | undefined {
  const others = call.parties.filter((p) => isCore(p) && p.id !== listener.id)
  const present = others.filter((p) => isConnected(p) && !p.held)
  if (present.length === 1 && present.every((p) => p.phoneHeld)) return 'hold-music'
  if (present.length > 0) return undefined
  if (call.room !== undefined && !others.some(isConnected)) return 'hold-music'
  if (others.some(isPending)) return call.queue === undefined ? 'ringback' : 'hold-music'
  return call.queue === undefined ? undefined : 'hold-music'
}

function supervisorRow(call: Call, listener: Party): HearingRow {
  const supervision = activeSupervision(call, listener)
  if (supervision === undefined || listener.held || isPrivate(supervision)) return { listener: listener.id, talkers: [] }
  const peers = supervision.hearPeers ? whisperers(call, listener) : []
  return { listener: listener.id, talkers: [...conversation(call, listener), ...bargers(call, listener), ...peers] }
}

const speaks = (party: Party): boolean => isConnected(party) && !party.muted && !party.held && !party.phoneHeld

/** Who waits in a parked call is on hold: nobody hears him. */
function conversation(call: Call, listener: Party): readonly PartyId[] {
  if (call.parked !== undefined) return []
  return call.parties.filter((p) => isCore(p) && p.id !== listener.id && speaks(p) && sameAccount(p, listener)).map((p) => p.id)
}

function bargers(call: Call, listener: Party): readonly PartyId[] {
  return supervisorsWho(call, listener, (s) => s.mode === 'barge')
}

function coaches(call: Call, listener: Party): readonly PartyId[] {
  return supervisorsWho(call, listener, (s) => s.mode === 'whisper' && s.target === listener.id)
}

function whisperers(call: Call, listener: Party): readonly PartyId[] {
  return supervisorsWho(call, listener, (s) => s.mode === 'whisper')
}

function supervisorsWho(call: Call, listener: Party, matches: (s: Supervision) => boolean): readonly PartyId[] {
  const found: PartyId[] = []
  for (const party of call.parties) {
    if (party.role !== 'supervisor' || party.id === listener.id || !speaks(party) || !sameAccount(party, listener)) continue
    const supervision = activeSupervision(call, party)
    if (supervision !== undefined && matches(supervision)) found.push(party.id)
  }
  return found
}

function activeSupervision(call: Call, party: Party): Supervision | undefined {
  return call.supervisions.find((s) => s.party === party.id && s.state === 'active')
}

const isPrivate = (supervision: Supervision): boolean => supervision.private && supervision.mode === 'whisper'

/** Checked here and again by the media process: no pair ever crosses an account. */
const sameAccount = (a: Party, b: Party): boolean => a.endpoint.account === b.endpoint.account

/** The rows by leg, as the engine wants them. */
export function legRows(call: Call, rows: readonly HearingRow[]): readonly LegRow[] {
  const legs = new Map(call.parties.map((p) => [p.id, p.leg]))
  const leg = (id: PartyId): LegId => legs.get(id) as LegId
  return rows.map((row) => ({ ...row, listener: leg(row.listener), talkers: row.talkers.map(leg) }))
}

export function sameRows(a: readonly HearingRow[], b: readonly HearingRow[]): boolean {
  return a.length === b.length && a.every((row, i) => sameRow(row, b[i]))
}

function sameRow(a: HearingRow, b: HearingRow | undefined): boolean {
  if (b === undefined || a.listener !== b.listener || a.source !== b.source || a.talkers.length !== b.talkers.length) return false
  return a.talkers.every((talker, i) => talker === b.talkers[i])
}

/** Whether `listener` hears `talker` in these rows. */
export function hears(rows: readonly HearingRow[], pair: { readonly listener: PartyId; readonly talker: PartyId }): boolean {
  return rows.some((row) => row.listener === pair.listener && row.talkers.includes(pair.talker))
}
