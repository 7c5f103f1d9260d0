/** Recordings: what there is, what is held and what is deleted (contract `native.md`, "Directory and history"). */
import Type from 'typebox'
import type { StoredRecording, StoredTrack } from '../control/recordings.ts'
import { type Answer, jsonAnswer } from '../http/answer.ts'
import { type Refused, refuse } from '../http/refused.ts'
import { rfc3339 } from '../kernel/time.ts'
import { base } from './answers.ts'
import { listQuery } from './calls.ts'
import { badCursor, spanOf, time } from './history.ts'
import type { Office } from './office.ts'
import { pathOf, type Route, route } from './route.ts'
import { optional, text } from './schemas.ts'

export const tag = 'Recordings'
export const recordingsUrl = `${base}/recordings`
const usualLimit = 50

const RecordingFilter = Type.Object({
  call: optional(text(128, { description: 'A call id.' })),
  from: time('Recordings that began then or later.'),
  to: time('Recordings that began before.'),
  ...listQuery,
})

export const recordingRoutes = (office: Office): readonly Route[] => [list(office), readOne(office), hold(office), remove(office)]

function list({ shelf: { recordings } }: Office): Route {
  return route({
    ...{ id: 'listRecordings', tag, summary: 'Recordings, the newest first', method: 'GET', url: recordingsUrl, need: 'read' },
    query: RecordingFilter,
    success: { status: 200, schema: 'Recording', list: true },
    refusals: [],
    async handle({ caller, query: { from, to, limit = usualLimit, ...rest } }) {
      const page = await recordings.list({ account: caller.account, limit, ...rest, ...spanOf({ from, to }) })
      if (page === 'bad-cursor') throw badCursor()
      return jsonAnswer(200, JSON.stringify({ items: page.items.map(recordingView), next: page.next ?? null }))
    },
  })
}

const one = { tag, url: `${recordingsUrl}/:recording`, success: { status: 200, schema: 'Recording' } } as const

function readOne({ shelf: { recordings } }: Office): Route {
  return route({
    ...one,
    ...{ id: 'getRecording', summary: 'One recording, with the checksums of its files', method: 'GET', need: 'read' },
    refusals: ['resource-unknown'],
    handle: async (ask) => recordingAnswer(await recordings.one(ask.caller.account, pathOf(ask, 'recording'))),
  })
}

function hold({ shelf: { recordings } }: Office): Route {
  return route({
    ...one,
    ...{ id: 'setLegalHold', summary: 'Keep a recording from being deleted, or no longer', method: 'PUT', need: 'administer' },
    url: `${one.url}/legal-hold`,
    body: Type.Object({ legalHold: Type.Boolean() }),
    example: { legalHold: true },
    refusals: ['resource-unknown'],
    async handle(ask) {
      return recordingAnswer(await recordings.hold(ask.caller.account, pathOf(ask, 'recording'), ask.body.legalHold))
    },
  })
}

function remove({ shelf: { recordings } }: Office): Route {
  return route({
    ...one,
    ...{ id: 'deleteRecording', summary: 'Delete all files of a recording, for good', method: 'DELETE', need: 'administer' },
    refusals: ['resource-unknown', 'wrong-state'],
    async handle(ask) {
      const removed = await recordings.remove(ask.caller.account, pathOf(ask, 'recording'))
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
