/** What the contract knows and Sotto does not do yet. It says so, instead of answering like a path that does not exist. */
import type { HTTPMethods } from 'fastify'
import { base } from './answers.ts'
import { refuse } from './problem.ts'
import type { Need } from './roles.ts'
import { type Route, route } from './route.ts'

export const unbuiltRoutes = (): readonly Route[] => [
  unbuilt({ id: 'listWebhooks', method: 'GET', url: '/webhooks', need: 'administer', what: 'Webhooks' }),
  unbuilt({ id: 'createWebhook', method: 'POST', url: '/webhooks', need: 'administer', what: 'Webhooks' }),
  unbuilt({ id: 'getWebhook', method: 'GET', url: '/webhooks/:webhook', need: 'administer', what: 'Webhooks' }),
  unbuilt({ id: 'deleteWebhook', method: 'DELETE', url: '/webhooks/:webhook', need: 'administer', what: 'Webhooks' }),
  unbuilt({ id: 'listRecordings', method: 'GET', url: '/recordings', need: 'read', what: 'Recordings' }),
  unbuilt({ id: 'getRecordingAudio', method: 'GET', url: '/recordings/:recording/audio', need: 'read', what: 'Recordings' }),
  unbuilt({ id: 'listCdrs', method: 'GET', url: '/cdrs', need: 'read', what: 'Call records' }),
  unbuilt({ id: 'listAudit', method: 'GET', url: '/audit', need: 'read', what: 'The audit' }),
  unbuilt({ id: 'verifyAudit', method: 'GET', url: '/audit/verify', need: 'read', what: 'The audit' }),
]

interface Unbuilt {
  readonly id: string
  readonly method: HTTPMethods
  readonly url: string
  readonly need: Need
  readonly what: string
}

function unbuilt({ id, method, url, need, what }: Unbuilt): Route {
  return route({
    id,
    tag: 'Not built yet',
    summary: `${what}: not built yet`,
    method,
    url: `${base}${url}`,
    need,
    refusals: ['unsupported'],
    handle() {
      throw refuse('unsupported', { why: `${what} cannot be used yet.` })
    },
  })
}
