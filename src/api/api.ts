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
import { Browsers } from './browsers.ts'
import { mountEvents, Subscribers } from './events.ts'
import { answerFault } from './fault.ts'
import { admit, guard } from './guard.ts'
import { LevelMeter } from './level-meter.ts'
import { mountLevels } from './levels.ts'
import { mount } from './mount.ts'
import { mountOAuth } from './oauth.ts'
import type { Office } from './office.ts'
import { describe } from './openapi.ts'
import { mountProviderSignIn } from './provider-sign-in.ts'
import { mountLinkedRecording } from './recording-audio.ts'
import { allRoutes } from './routes.ts'
import { mountService } from './service.ts'
import { SessionStore } from './session-store.ts'
import { mountSignIn } from './sign-in.ts'
import { TokenStore } from './tokens.ts'
import { untoldOffice } from './untold.ts'

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
  const login = { access, tokens, browsers: browsersOf(office, access) }
  return {
    name: 'sotto',
    owns: () => true,
    register: (app) => register(app, office, login),
    unrouted: (fault, request, reply) =>
      answerFault(
        office,
        request,
        reply,
        unroutedCause(fault, request, () => admit(office, login, request)),
      ),
  }
}

interface Login {
  readonly access: Access
  readonly tokens: TokenStore
  readonly browsers: Browsers | undefined
}

function browsersOf({ signIn, random, memory = forgetful }: Office, access: Access): Browsers | undefined {
  if (signIn === undefined) return undefined
  return new Browsers({ store: new SessionStore(signIn.sessions, random, memory('api-sessions')), access, settings: signIn })
}

async function register(app: FastifyInstance, office: Office, login: Login): Promise<void> {
  const subscribers = new Subscribers(office, login.browsers)
  const meter = new LevelMeter({ clock: office.clock, levels: (account, call) => office.desk.levels(account, call) })
  // Before the websocket plugin's own hook, which would close without a reason.
  app.addHook('preClose', async () => {
    subscribers.closeAll()
    meter.closeAll()
  })
  app.setErrorHandler((cause, request, reply) => answerFault(office, request, reply, cause))
  takeBodiesAsTheyAre(app)
  // Nobody has anything to say on these sockets but pongs.
  await app.register(websocket, { options: { maxPayload: 4096, perMessageDeflate: false } })
  await describe(app, office.version)
  mountService(app, office)
  mountOAuth(app, office, login)
  mountLinkedRecording(app, office)
  if (login.browsers !== undefined) {
    mountSignIn(app, { office, access: login.access, browsers: login.browsers })
    mountProviderSignIn(app, { office, access: login.access, browsers: login.browsers })
  }
  await app.register(async (guarded) => mountGuarded(guarded, office, { login, subscribers, meter }))
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
  { login, subscribers, meter }: { readonly login: Login; readonly subscribers: Subscribers; readonly meter: LevelMeter },
): void {
  guard(app, office, login)
  mountEvents(app, subscribers)
  mountLevels(app, office, meter)
  const { memory = forgetful } = office
  const idempotency = new Idempotency({ keepMs: limits.idempotencyMs, most: limits.idempotencyKeys }, memory('api-idempotency'))
  const context = { office, untoldOffice: untoldOffice(office), idempotency }
  const untold = allRoutes(context.untoldOffice, login.browsers)
  for (const [i, spec] of allRoutes(office, login.browsers).entries()) mount(app, context, { spec, untold: untold[i] ?? spec })
}

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
