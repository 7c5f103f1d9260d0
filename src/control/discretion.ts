/** Calls as somebody sees them who is not to know of supervision: as if nobody had ever supervised. */
import type { Call, Wiring } from '../call/call.ts'
import type { Cdr } from '../call/cdr.ts'
import { extensionOf } from '../call/endpoint.ts'
import type { CallEvent } from '../call/event.ts'
import type { HearingRow } from '../call/matrix.ts'
import { isCore, isLive, type Party } from '../call/party.ts'
import { fileName } from '../kernel/file-name.ts'
import type { AccountId, CallId, PartyId } from '../kernel/ids.ts'
import type { AgentView, ExtensionView, OutEvent } from './command.ts'
import type { RecordingShelf, Recordings, StoredRecording } from './recordings.ts'

const calls = new WeakMap<Call, Call>()

/** The same one for the same call, so that whoever keeps a text for it finds it again. Revisions and ordinals stay: orders refer to them. */
export function unsupervised(call: Call): Call {
  const known = calls.get(call)
  if (known !== undefined) return known
  const hidden = idsOf(call.parties)
  const shown = hidden.size === 0 && call.supervisions.length === 0 ? withoutTimes(call) : stripped(call, hidden)
  calls.set(call, shown)
  return shown
}

const idsOf = (parties: readonly Pick<Party, 'id' | 'role'>[]): ReadonlySet<PartyId> =>
  new Set(parties.filter(({ role }) => role === 'supervisor').map(({ id }) => id))

function stripped(call: Call, hidden: ReadonlySet<PartyId>): Call {
  const wiring: Wiring = {
    ...call.wiring,
    confirmed: rowsWithout(call.wiring.confirmed, hidden),
    sent: call.wiring.sent.map(({ revision, rows }) => ({ revision, rows: rowsWithout(rows, hidden) })),
  }
  return withoutTimes({ ...call, parties: call.parties.filter(isCore), supervisions: [], wiring })
}

/** When the mixer applied something last may be when a supervisor came. */
const withoutTimes = ({ wiring: { appliedAt: _, ...wiring }, ...call }: Call): Call => ({ ...call, wiring })

const rowsWithout = (rows: readonly HearingRow[], hidden: ReadonlySet<PartyId>): readonly HearingRow[] =>
  rows
    .filter(({ listener }) => !hidden.has(listener))
    .map((row) => ({ ...row, talkers: row.talkers.filter((talker) => !hidden.has(talker)) }))

export function unsupervisedRecord(cdr: Cdr): Cdr {
  return { ...cdr, parties: cdr.parties.filter(({ role }) => role !== 'supervisor'), supervisions: [] }
}

/** The mix only: that there is a voice of its own tells who spoke. */
export function unsupervisedRecording(recording: StoredRecording): StoredRecording {
  return { ...recording, tracks: recording.tracks.filter(({ kind }) => kind === 'mix') }
}

const events = new WeakMap<OutEvent, OutEvent | 'hidden'>()

/** Undefined: it is about supervision. `callOf` finds a call that an agent is in. */
export function unsupervisedEvent(out: OutEvent, callOf: (id: CallId) => Call | undefined): OutEvent | undefined {
  const known = events.get(out) ?? shownEvent(out, callOf) ?? 'hidden'
  events.set(out, known)
  return known === 'hidden' ? undefined : known
}

function shownEvent(out: OutEvent, callOf: (id: CallId) => Call | undefined): OutEvent | undefined {
  if ('agent' in out) return { ...out, agent: unsupervisedAgent(out.agent, callOf) }
  // A line is a supervisor's.
  if (!('event' in out)) return undefined
  const event = seenEvent(out.event, out.call)
  return event && { ...out, event, call: unsupervised(out.call) }
}

function seenEvent(event: CallEvent, call: Call): CallEvent | undefined {
  switch (event.type) {
    case 'supervision.requested':
    case 'supervision.active':
    case 'supervision.mode-changed':
    case 'supervision.refused':
    case 'supervision.ended':
    // It comes whenever the matrix changes, and what would be left of it says that somebody came or went.
    case 'hearing.applied':
      return undefined
    case 'recording.stored':
      return {
        ...event,
        data: { ...event.data, files: event.data.files.filter(({ kind, track }) => kind === 'mix' || isCoreTrack(call, track)) },
      }
    default:
      return 'party' in event.data && event.data.party !== undefined && isSupervisor(event, call, event.data.party) ? undefined : event
  }
}

const isCoreTrack = (call: Call, track: string): boolean => call.parties.some((party) => isCore(party) && fileName(party.id) === track)

/** Who takes a call over is its agent from then on, and is seen. */
function isSupervisor({ data }: CallEvent, call: Call, id: PartyId): boolean {
  const role = 'role' in data ? data.role : call.parties.find((party) => party.id === id)?.role
  return role === 'supervisor'
}

/** Whoever supervises looks like somebody who has gone away. */
export function unsupervisedAgent(view: AgentView, callOf: (id: CallId) => Call | undefined): AgentView {
  const call = view.call === undefined ? undefined : callOf(view.call)
  if (call === undefined || !onlySupervises(call, view.extension, () => true)) return view
  const { call: _, reason: __, ...rest } = view
  return { ...rest, state: 'away' }
}

export function unsupervisedExtension(view: ExtensionView, callOf: (id: CallId) => Call | undefined): ExtensionView {
  const isSeenIn = (id: CallId): boolean => {
    const call = callOf(id)
    return call === undefined || !onlySupervises(call, view.number, isLive)
  }
  return { ...view, calls: view.calls.filter(isSeenIn) }
}

function onlySupervises(call: Call, extension: string, counts: (party: Party) => boolean): boolean {
  const own = call.parties.filter((party) => extensionOf(party.endpoint) === extension && counts(party))
  return own.length > 0 && !own.some(isCore)
}

/** Recordings as those find them who are not to know of supervision. */
export function discreetShelf(shelf: RecordingShelf, isOpenIn: (account: AccountId) => boolean): RecordingShelf {
  const { recordings } = shelf
  const seen = (recording: StoredRecording): StoredRecording => (isOpenIn(recording.account) ? recording : unsupervisedRecording(recording))
  const isHidden = async (account: AccountId, id: string, track: string | undefined): Promise<boolean> => {
    const found = track === undefined || isOpenIn(account) ? undefined : await recordings.one(account, id)
    return found !== undefined && !seen(found).tracks.some((one) => one.track === track)
  }
  return {
    links: shelf.links,
    get fault() {
      return shelf.fault
    },
    recordings: {
      ...hands(recordings),
      async list(search) {
        const page = await recordings.list(search)
        return page === 'bad-cursor' ? page : { ...page, items: page.items.map(seen) }
      },
      async one(account, id) {
        const found = await recordings.one(account, id)
        return found && seen(found)
      },
      audio: async (...of) => ((await isHidden(...of)) ? undefined : recordings.audio(...of)),
      wav: async (...of) => ((await isHidden(...of)) ? undefined : recordings.wav(...of)),
      samples: async (...of) => ((await isHidden(...of)) ? undefined : recordings.samples(...of)),
    },
  }
}

/** What changes recordings, as it is. */
const hands = (recordings: Recordings): Pick<Recordings, 'hold' | 'remove' | 'expunge'> => ({
  hold: (account, id, isHeld) => recordings.hold(account, id, isHeld),
  remove: (account, id) => recordings.remove(account, id),
  expunge: (account, id) => recordings.expunge(account, id),
})
