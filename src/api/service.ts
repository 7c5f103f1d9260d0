/** What operators and tools ask of the server itself, outside the base path and without a credential. */
import type { FastifyInstance } from 'fastify'
import { refusal } from '../call/refusal.ts'
import { answer, jsonAnswer } from '../http/answer.ts'
import { send } from './mount.ts'
import type { Office } from './office.ts'
import { plain } from './operation.ts'
import { problemAnswer } from './problem.ts'
import { ref } from './schemas.ts'
import type { Health } from './status-page.ts'
import { mountWallboard } from './wallboard.ts'

const fresh = { 'Cache-Control': 'no-store' }

export function mountService(app: FastifyInstance, office: Office): void {
  app.get('/health', { schema: healthOperation }, (_request, reply) => send(reply, jsonAnswer(200, JSON.stringify(health(office)), fresh)))
  app.get('/ready', { schema: readyOperation }, (request, reply) => {
    const why = reasonsNotToCall(office)
    if (why.length > 0)
      return send(reply, problemAnswer(refusal('capacity-exceeded', { why: `Not ready: ${why.join(', ')}.` }), request.id))
    return send(reply, jsonAnswer(200, JSON.stringify(health(office)), fresh))
  })
  app.get('/metrics', { schema: metricsOperation }, async (_request, reply) =>
    send(reply, answer(200, await office.metrics.text(), { ...fresh, 'Content-Type': office.metrics.contentType })),
  )
  mountWallboard(app, { wallboard: office.wallboard, health: () => health(office) })
}

function health({ desk, outlet, history, shelf, version }: Office): Health {
  const store = [...(history.archive.isDegraded ? ['store'] : []), ...(history.archive.hasLost === true ? ['history'] : [])]
  const recordings = shelf.fault === undefined ? [] : ['recordings']
  const degraded = [...desk.degraded(), ...(outlet.fault === undefined ? [] : ['outbox']), ...store, ...recordings]
  return { status: degraded.length === 0 ? 'ok' : 'degraded', version, degraded }
}

/** Health is about the process, readiness about whether it should be sent new calls. */
function reasonsNotToCall({ desk, ready }: Office): readonly string[] {
  const reasons: string[] = desk.degraded().filter((what) => what === 'media')
  if (desk.draining) reasons.push('draining')
  if (ready?.() === false) reasons.push('starting')
  return reasons
}

const healthAnswer = (description: string) => ({ description, content: { 'application/json': { schema: plain(ref('Health')) } } })
const service = { tags: ['Service'], security: [] }

const healthOperation = {
  ...service,
  operationId: 'getHealth',
  summary: 'Whether the server works',
  response: { 200: healthAnswer('It answers') },
}

const readyOperation = {
  ...service,
  operationId: 'getReadiness',
  summary: 'Whether new calls should be sent here',
  response: {
    200: healthAnswer('Yes'),
    503: {
      description: '`capacity-exceeded`: starting, draining, or without media',
      content: { 'application/problem+json': { schema: plain(ref('Problem')) } },
    },
  },
}

const metricsOperation = {
  ...service,
  operationId: 'getMetrics',
  summary: 'Measurements, in the text format of Prometheus',
  response: { 200: { description: 'The scrape', content: { 'text/plain': { schema: { type: 'string' } } } } },
}
