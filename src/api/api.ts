/** Sotto's own API: the door of this folder. */
import websocket from '@fastify/websocket'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { refusal } from '../call/refusal.ts'
import { Idempotency } from '../http/idempotency.ts'
import { forgetful } from '../http/memory.ts'
import { Refused } from '../http/refused.ts'
import { limits } from '../kernel/limits.ts'
import { Access } from './access.ts'
import { base } from './answers.ts'
import { callActRoutes } from './call-acts.ts'
import { callRoutes } from './calls.ts'
import { directoryRoutes } from './directory.ts'
import { mountEvents, Subscribers } from './events.ts'
import { answerFault } from './fault.ts'
import { admit, guard } from './guard.ts'
import { historyRoutes } from './history.ts'
import { mount } from './mount.ts'
import { mountOAuth } from './oauth.ts'
import type { Office } from './office.ts'
import { describe } from './openapi.ts'
import { partyRoutes } from './parties.ts'
import { mountLinkedRecording, recordingAudioRoutes } from './recording-audio.ts'
import { recordingRoutes } from './recordings.ts'
import { mountService } from './service.ts'
import { supervisionRoutes } from './supervisions.ts'
import { TokenStore } from './tokens.ts'
import { webhookActRoutes } from './webhook-acts.ts'
import { webhookRoutes } from './webhooks.ts'

/** Why a request reached no route. `allow` is what the path does take. */
export interface Unrouted {
  readonly code: 'route-unknown' | 'method-not-allowed' | 'body-malformed'
  readonly allow: readonly string[]
}

export interface Api {
  readonly name: string
  /** Everything that no other surface owns; mount it last. */
  owns(path: string): boolean
  register(app: FastifyInstance): Promise<void>
  unrouted(fault: Unrouted, request: FastifyRequest, reply: FastifyReply): FastifyReply
}

export function api(office: Office): Api {
  const { memory = forgetful } = office
  const tokens = new TokenStore({ lifeMs: limits.tokenMs, most: limits.tokens }, office.random, memory('api-tokens'))
  const access = new Access(office.keys, tokens)
  return {
    name: 'sotto',
    owns: () => true,
    register: (app) => register(app, office, { access, tokens }),
    unrouted: (fault, request, reply) =>
      answerFault(
        office,
        request,
        reply,
        unroutedCause(fault, request, () => admit(office, access, request)),
      ),
  }
}

async function register(
  app: FastifyInstance,
  office: Office,
  login: { readonly access: Access; readonly tokens: TokenStore },
): Promise<void> {
  const subscribers = new Subscribers(office)
  // Before the websocket plugin's own hook, which would close without a reason.
  app.addHook('preClose', async () => subscribers.closeAll())
  app.setErrorHandler((cause, request, reply) => answerFault(office, request, reply, cause))
  takeBodiesAsTheyAre(app)
  // Nobody has anything to say on these sockets but pongs.
  await app.register(websocket, { options: { maxPayload: 4096, perMessageDeflate: false } })
  await describe(app, office.version)
  mountService(app, office)
  mountOAuth(app, office, login)
  mountLinkedRecording(app, office)
  await app.register(async (guarded) => mountGuarded(guarded, office, { access: login.access, subscribers }))
}

/** The routes read bodies themselves, after the credential was checked; the schemas are for the document. */
function takeBodiesAsTheyAre(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: limits.httpBodyBytes }, (_request, body, done) => done(null, body))
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => (value) => JSON.stringify(value))
}

function mountGuarded(
  app: FastifyInstance,
  office: Office,
  { access, subscribers }: { readonly access: Access; readonly subscribers: Subscribers },
): void {
  guard(app, office, access)
  mountEvents(app, office, subscribers)
  const { memory = forgetful } = office
  const idempotency = new Idempotency({ keepMs: limits.idempotencyMs, most: limits.idempotencyKeys }, memory('api-idempotency'))
  for (const route of allRoutes(office)) mount(app, { office, idempotency }, route)
}

const allRoutes = (office: Office) => [
  ...callRoutes(office),
  ...callActRoutes(office),
  ...partyRoutes(office),
  ...supervisionRoutes(office),
  ...directoryRoutes(office),
  ...historyRoutes(office),
  ...webhookRoutes(office),
  ...webhookActRoutes(office),
  ...recordingRoutes(office),
  ...recordingAudioRoutes(office),
]

/** Under the base path the credential comes first, also where there is no route (W15). */
function unroutedCause({ code, allow }: Unrouted, request: FastifyRequest, demandCredential: () => void): unknown {
  const open = !request.url.startsWith(`${base}/`) || request.url.startsWith(`${base}/oauth/`)
  try {
    if (!open) demandCredential()
    return new Refused(refusal(code), code === 'method-not-allowed' ? { headers: { Allow: allow.join(', ') } } : {})
  } catch (cause) {
    return cause
  }
}
