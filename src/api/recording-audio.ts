/** Recordings to listen to: with a key, or by a link that is a key for an hour at most. */
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import type { LinkedAudio } from '../control/recordings.ts'
import { type Answer, jsonAnswer } from '../http/answer.ts'
import { rangedAnswer } from '../http/ranged.ts'
import { limits } from '../kernel/limits.ts'
import { addMs, rfc3339 } from '../kernel/time.ts'
import { base } from './answers.ts'
import { send } from './mount.ts'
import type { Office } from './office.ts'
import { plain, problemsOf } from './operation.ts'
import { demandSight, recordingsUrl, tag, unknownRecording } from './recordings.ts'
import { type Ask, pathOf, type Route, route } from './route.ts'
import { optional, ref, text } from './schemas.ts'

export const linkedRecordingUrl = `${base}/linked-recording`

const track = optional(text(255, { description: 'One of its tracks; the mix where absent, or the only file.' }))
const usualSeconds = 300

const either = { 'audio/wav': { schema: plain(ref('Audio')) }, 'audio/flac': { schema: plain(ref('Audio')) } }
const parts = {
  206: { description: 'The part that was asked for', content: either },
  304: { description: 'As the client has it' },
  416: {
    description: '`parameter-invalid`: nothing lies in this range',
    content: { 'application/problem+json': { schema: plain(ref('Problem')) } },
  },
}

export const recordingAudioRoutes = (office: Office): readonly Route[] => [getAudio(office), makeLink(office)]

function getAudio(office: Office): Route {
  return route({
    ...{ id: 'getRecordingAudio', tag, summary: 'A file of a recording, wholly or in part (RFC 9110 §14)', method: 'GET', need: 'listen' },
    url: `${recordingsUrl}/:recording/audio`,
    query: Type.Object({ track }),
    success: { status: 200, schema: 'Audio', type: 'audio/wav' },
    responses: parts,
    refusals: ['recording-not-permitted', 'resource-unknown'],
    async handle(ask) {
      await demandSight(office, ask)
      return await audioAnswer(office, { account: ask.caller.account, recording: pathOf(ask, 'recording'), ...ask.query }, ask)
    },
  })
}

type Heard = LinkedAudio | { readonly account: LinkedAudio['account']; readonly recording: string; readonly track?: string | undefined }

async function audioAnswer({ shelf }: Office, { account, recording, track }: Heard, ask: Pick<Ask, 'method' | 'headers'>): Promise<Answer> {
  const audio = await shelf.recordings.audio(account, recording, track)
  if (audio === undefined) throw unknownRecording()
  return rangedAnswer(audio, audio.type, ask)
}

function makeLink(office: Office): Route {
  const { shelf, clock } = office
  return route({
    ...{ id: 'linkRecording', tag, summary: 'A link by which a file is heard without a credential', method: 'POST', need: 'listen' },
    url: `${recordingsUrl}/:recording/links`,
    body: Type.Object({
      track,
      expiresInSeconds: optional(
        Type.Integer({ minimum: 1, maximum: limits.recordingLinkMs / 1000, default: usualSeconds, description: 'How long it works.' }),
      ),
    }),
    example: { expiresInSeconds: usualSeconds },
    success: { status: 201, schema: 'RecordingLink' },
    refusals: ['recording-not-permitted', 'resource-unknown'],
    async handle(ask) {
      const { track, expiresInSeconds = usualSeconds } = ask.body
      await demandSight(office, ask)
      const heard = { account: ask.caller.account, recording: pathOf(ask, 'recording'), ...(track === undefined ? {} : { track }) }
      if ((await shelf.recordings.audio(heard.account, heard.recording, track)) === undefined) throw unknownRecording()
      const expiresAt = addMs(clock(), expiresInSeconds * 1000)
      const url = shelf.links.link(heard, expiresAt)
      return jsonAnswer(201, JSON.stringify({ url, expiresAt: rfc3339(expiresAt) }), { Location: url, 'Cache-Control': 'no-store' })
    },
  })
}

/** Outside of the guard: the token is the credential. What is wrong with it is told to nobody. */
export function mountLinkedRecording(app: FastifyInstance, office: Office): void {
  app.get(linkedRecordingUrl, { schema: linkedOperation }, async (request, reply) => {
    const { token = '' } = request.query as { readonly token?: string }
    const heard = office.shelf.links.linked(office.clock(), token)
    if (heard === undefined) throw unknownRecording()
    const { method, headers } = request
    return send(reply, await audioAnswer(office, heard, { method, headers: headers as Ask['headers'] }))
  })
}

const linkedOperation = {
  operationId: 'hearLinkedRecording',
  tags: [tag],
  summary: 'The file that a link leads to',
  security: [],
  querystring: plain(Type.Object({ token: Type.String({ description: 'As the link has it.' }) })),
  response: {
    200: { description: 'The file', content: either },
    ...parts,
    ...problemsOf(['resource-unknown']),
  },
} as const
