/** `GET /sotto/v1/levels`: who speaks in the calls that a page shows, as Server-Sent Events. */
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { isEnded } from '../call/call.ts'
import { isConnected } from '../call/party.ts'
import type { JsonObject } from '../http/body.ts'
import { refuse } from '../http/refused.ts'
import { callId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { base } from './answers.ts'
import { streamHeaders } from './event-streams.ts'
import { reader, spoken } from './fields.ts'
import { type Identity, identityOf, isLapsed } from './identity.ts'
import type { LevelMeter, LevelReader } from './level-meter.ts'
import type { Office } from './office.ts'
import { plain, problemsOf } from './operation.ts'
import { text } from './schemas.ts'
import { isUntold, untoldOffice } from './untold.ts'

const LevelQuery = Type.Object({
  calls: text(4_096, { description: `Ids of at most ${limits.levelCallsPerStream} calls, comma-separated.` }),
  access_token: Type.Optional(text(512, { description: 'For browsers, which cannot set headers here.' })),
})

const readQuery = reader(LevelQuery)

export const levelsUrl = `${base}/levels`

export function mountLevels(app: FastifyInstance, office: Office, meter: LevelMeter): void {
  const untold = untoldOffice(office)
  app.route({
    method: 'GET',
    url: levelsUrl,
    schema: operation,
    handler: (request, reply) => {
      const identity = identityOf(request)
      const own = isUntold(identity.caller) ? untold : office
      const { sight, calls } = demandGoodStart(own, meter, request)
      reply.headers(streamHeaders)
      if (request.method === 'HEAD') return reply.send('')
      return stream(reply, meter, { office: own, identity, sight, calls })
    },
  })
}

function demandGoodStart({ rights }: Office, meter: LevelMeter, request: FastifyRequest) {
  const { calls: named } = readQuery(spoken(request.query as JsonObject))
  const sight = rights.of(identityOf(request).caller)
  if (!sight.may('see')) throw refuse('forbidden')
  const calls = [...new Set(named.split(',').map((id) => id.trim()))].filter((id) => id !== '').map(callId)
  if (calls.length === 0 || calls.length > limits.levelCallsPerStream)
    throw refuse('parameter-invalid', { name: 'calls', why: `Parameter "calls" names 1 to ${limits.levelCallsPerStream} calls.` })
  if (meter.count >= limits.levelSubscribers) throw refuse('capacity-exceeded', { why: 'Too many streams of levels are open.' })
  return { sight, calls }
}

interface Looking {
  readonly office: Office
  readonly identity: Identity
  readonly sight: ReturnType<Office['rights']['of']>
  readonly calls: LevelReader['calls']
}

function stream(reply: FastifyReply, meter: LevelMeter, looking: Looking): FastifyReply {
  let isWanted = false
  const readable = new Readable({
    read: () => {
      isWanted = true
    },
  })
  // A reader who is slow misses some: only the last ones tell anything.
  const take = (frame: string): void => {
    if (isWanted) isWanted = readable.push(frame)
  }
  const leave = (): void => {
    stop()
    readable.push(null)
  }
  const stop = meter.join({ ...readerOf(looking), take, leave })
  readable.on('close', stop)
  readable.push('retry: 2000\n: sotto\n\n')
  return reply.send(readable)
}

function readerOf({ office: { desk }, identity, sight, calls }: Looking): Omit<LevelReader, 'take' | 'leave'> {
  const { account } = identity.caller
  return {
    account,
    calls,
    isWelcome: (at) => !isLapsed(at, identity),
    partiesOf(id) {
      const call = desk.call(account, id)
      if (call === undefined || isEnded(call) || !sight.call(call)) return undefined
      return new Set(call.parties.filter(isConnected).map((party) => party.id))
    },
  }
}

const operation = {
  operationId: 'streamLevels',
  tags: ['Events'],
  summary: 'How loud each party of some calls is, four times a second, as Server-Sent Events of type `levels`',
  description:
    'Each is `{ "at": …, "calls": { "<call>": { "<party>": dBov or null } } }`. A call that is over, unknown or not yours to see is left out.',
  'x-sotto-verbs': ['see'],
  security: [{ apiKey: [] }, { oauth: [] }, { session: [] }],
  querystring: plain(LevelQuery),
  response: {
    200: { description: 'The stream', content: { 'text/event-stream': { schema: { type: 'string' } } } },
    ...problemsOf([
      ...(['unauthenticated', 'token-expired', 'forbidden', 'parameter-missing', 'parameter-invalid'] as const),
      ...(['capacity-exceeded', 'body-malformed', 'internal-error'] as const),
    ]),
  },
}
