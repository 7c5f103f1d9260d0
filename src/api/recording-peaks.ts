import Type from 'typebox'
import type { StoredRecording, StoredTrack } from '../control/recordings.ts'
import { jsonAnswer } from '../http/answer.ts'
import { callId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { readable } from './history.ts'
import type { Office } from './office.ts'
import { PeakBook, peaksOf } from './peaks.ts'
import { recordingSeen, recordingsUrl, tag, unknownRecording } from './recordings.ts'
import { type Route, route } from './route.ts'
import { optional } from './schemas.ts'
import { addressView } from './views.ts'

const usualPoints = 800

export function peakRoutes(office: Office): readonly Route[] {
  const book = new PeakBook()
  return [
    route({
      ...{ id: 'getRecordingPeaks', tag, summary: 'How loud each voice of a recording is along its length', method: 'GET', need: 'listen' },
      url: `${recordingsUrl}/:recording/peaks`,
      query: Type.Object({
        points: optional(
          Type.Integer({ minimum: 1, maximum: limits.peakPoints, default: usualPoints, description: 'Values for each track.' }),
        ),
      }),
      success: { status: 200, schema: 'RecordingPeaks' },
      refusals: ['recording-not-permitted', 'resource-unknown', 'capacity-exceeded'],
      async handle({ query: { points = usualPoints }, ...ask }) {
        const recording = await recordingSeen(office, ask)
        const people = await peopleOf(office, recording)
        const tracks = []
        for (const track of voicesOf(recording)) {
          const { account, id } = recording
          const work = async () => await trackPeaks(office, recording, { track: track.track, points })
          const peaks = await book.of(JSON.stringify([account, id, track.track, points]), work)
          tracks.push({ track: track.track, kind: track.kind, partyId: track.party, ...people.get(track.party ?? ''), peaks })
        }
        return jsonAnswer(200, JSON.stringify({ durationMs: recording.durationMs, tracks, gaps: recording.gaps }), {
          'Cache-Control': 'private, no-store',
        })
      },
    }),
  ]
}

/** Of everybody a track of his own where there is one, else of all together. */
function voicesOf({ tracks }: StoredRecording): readonly StoredTrack[] {
  const own = tracks.filter(({ kind }) => kind === 'track')
  return own.length > 0 ? own : tracks
}

async function trackPeaks(
  { shelf }: Office,
  { account, id }: StoredRecording,
  { track, points }: { readonly track: string; readonly points: number },
): Promise<readonly number[]> {
  const samples = await shelf.recordings.samples(account, id, track)
  if (samples === undefined) throw unknownRecording()
  return await peaksOf(samples, points)
}

/** By party, as the desk has him while the call is not long over, and its record after that. */
async function peopleOf({ desk, history: { archive } }: Office, { account, call }: StoredRecording): Promise<ReadonlyMap<string, object>> {
  const parties = desk.call(account, callId(call))?.parties ?? (await readable(archive.cdr(account, callId(call))))?.parties ?? []
  return new Map(parties.map(({ id, role, endpoint }) => [id, { role, ...addressView(endpoint) }]))
}
