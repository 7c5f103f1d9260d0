/** Recordings: what there is, what is held and what is deleted (contract `native.md`, "Directory and history"). */
import Type from 'typebox'
import type { StoredRecording, StoredTrack } from '../control/recordings.ts'
import { type Answer, jsonAnswer } from '../http/answer.ts'
import { type Refused, refuse } from '../http/refused.ts'
import { rfc3339 } from '../kernel/time.ts'
import { base } from './answers.ts'
import { callFilter, callsWanted } from './call-filter.ts'
import { listQuery } from './calls.ts'
import { badCursor, readable, spanOf, time } from './history.ts'
import { callsSeenBy, seenPage } from './history-sight.ts'
import type { Office } from './office.ts'
import { type Ask, pathOf, type Route, route } from './route.ts'
import { optional, text } from './schemas.ts'

export const tag = 'Recordings'
export const recordingsUrl = `${base}/recordings`
const usualLimit = 50

const RecordingFilter = Type.Object({
  call: optional(text(128, { description: 'A call id.' })),
  from: time('Recordings that began then or later.'),
  to: time('Recordings that began before.'),
  ...callFilter,
  ...listQuery,
})

export const recordingRoutes = (office: Office): readonly Route[] => [list(office), readOne(office), hold(office), remove(office)]

function list(office: Office): Route {
  const { recordings } = office.shelf
  return route({
    ...{ id: 'listRecordings', tag, summary: 'Recordings, the newest first', method: 'GET', url: recordingsUrl, need: 'read' },
    query: RecordingFilter,
    success: { status: 200, schema: 'Recording', list: true },
    refusals: ['capacity-exceeded'],
    async handle({ query: { from, to, limit = usualLimit, cursor, call, ...wish }, ...ask }) {
      const search = { account: ask.caller.account, ...(call === undefined ? {} : { call }), ...spanOf({ from, to }) }
      const [isSeen, wants] = [callsSeenBy(office, ask), callsWanted(office, ask, wish)]
      const sees = async (id: string) => (await isSeen(id)) && (await wants(id))
      const read = (limit: number, cursor?: string) => recordings.list({ ...search, limit, ...(cursor === undefined ? {} : { cursor }) })
      const page = await readable(seenPage({ limit, cursor, page: read, sees: ({ call }) => sees(call) }))
      if (page === 'bad-cursor') throw badCursor()
      return jsonAnswer(200, JSON.stringify({ items: page.items.map(recordingView), next: page.next ?? null }))
    },
  })
}

const one = { tag, url: `${recordingsUrl}/:recording`, success: { status: 200, schema: 'Recording' } } as const

function readOne(office: Office): Route {
  return route({
    ...one,
    ...{ id: 'getRecording', summary: 'One recording, with the checksums of its files', method: 'GET', need: 'read' },
    refusals: ['resource-unknown'],
    handle: async (ask) => recordingAnswer(await recordingSeen(office, ask)),
  })
}

/** One of a call that the caller does not see is not there for him. */
export async function recordingSeen(office: Office, ask: Pick<Ask, 'caller' | 'sight' | 'path'>): Promise<StoredRecording> {
  const recording = await office.shelf.recordings.one(ask.caller.account, pathOf(ask, 'recording'))
  if (recording === undefined || !(await readable(callsSeenBy(office, ask)(recording.call)))) throw unknownRecording()
  return recording
}

function hold(office: Office): Route {
  return route({
    ...one,
    ...{ id: 'setLegalHold', summary: 'Keep a recording from being deleted, or no longer', method: 'PUT', need: 'keep' },
    url: `${one.url}/legal-hold`,
    body: Type.Object({ legalHold: Type.Boolean() }),
    example: { legalHold: true },
    refusals: ['resource-unknown'],
    async handle(ask) {
      await demandSight(office, ask)
      return recordingAnswer(await office.shelf.recordings.hold(ask.caller.account, pathOf(ask, 'recording'), ask.body.legalHold))
    },
  })
}

/** Whoever sees everything is spared the checksums. */
export async function demandSight(office: Office, ask: Pick<Ask, 'caller' | 'sight' | 'path'>): Promise<void> {
  if (!ask.sight.isWhole) await recordingSeen(office, ask)
}

function remove(office: Office): Route {
  return route({
    ...one,
    ...{ id: 'deleteRecording', summary: 'Delete all files of a recording, for good', method: 'DELETE', need: 'keep' },
    refusals: ['resource-unknown', 'wrong-state'],
    async handle(ask) {
      await demandSight(office, ask)
      const removed = await office.shelf.recordings.remove(ask.caller.account, pathOf(ask, 'recording'))
      if (removed === 'held') throw refuse('wrong-state', { why: 'The recording is under legal hold.' })
      return recordingAnswer(removed)
    },
  })
}

function recordingAnswer(recording: StoredRecording | undefined): Answer {
  if (recording === undefined) throw unknownRecording()
  return jsonAnswer(200, JSON.stringify(recordingView(recording)))
}

export const unknownRecording = (): Refused => refuse('resource-unknown', { name: 'recording', why: 'No such recording.' })

function recordingView({ account: _, call, startedAt, tracks, ...rest }: StoredRecording): object {
  return { ...rest, callId: call, startedAt: rfc3339(startedAt), tracks: tracks.map(trackView) }
}

const trackView = ({ party, ...track }: StoredTrack): object => ({ ...track, ...(party === undefined ? {} : { partyId: party }) })
