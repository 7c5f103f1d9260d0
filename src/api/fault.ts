/** Whatever went wrong on the way, as a problem: ours, the framework's, and bugs, of which nothing is told. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { codeOfFault } from '../http/fault.ts'
import { Refused, refuse } from '../http/refused.ts'
import { send } from './mount.ts'
import type { Office } from './office.ts'
import { refusedAnswer } from './problem.ts'

export function answerFault({ log }: Office, request: FastifyRequest, reply: FastifyReply, cause: unknown): FastifyReply {
  const refused = cause instanceof Refused ? cause : refuse(codeOfFault(cause))
  if (refused.refusal.code === 'internal-error')
    log.error({ err: cause, requestId: request.id, route: request.routeOptions.url }, 'request failed')
  return send(reply, refusedAnswer(refused, request.id))
}
