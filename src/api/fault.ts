/** Whatever went wrong on the way, as a problem: ours, the framework's, and bugs, of which nothing is told. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RefusalCode } from '../call/refusal.ts'
import { Refused, refuse } from '../http/refused.ts'
import { send } from './mount.ts'
import type { Office } from './office.ts'
import { refusedAnswer } from './problem.ts'

export function answerFault({ log }: Office, request: FastifyRequest, reply: FastifyReply, cause: unknown): FastifyReply {
  const refused = cause instanceof Refused ? cause : refuse(codeOf(cause))
  if (refused.refusal.code === 'internal-error')
    log.error({ err: cause, requestId: request.id, route: request.routeOptions.url }, 'request failed')
  return send(reply, refusedAnswer(refused, request.id))
}

/** Fastify's own errors carry a status; anything else is a bug. */
function codeOf(cause: unknown): RefusalCode {
  const status = typeof cause === 'object' && cause !== null && 'statusCode' in cause ? cause.statusCode : undefined
  if (status === 413) return 'body-too-large'
  if (status === 415) return 'media-type-unsupported'
  return typeof status === 'number' && status >= 400 && status < 500 ? 'body-malformed' : 'internal-error'
}
