/** The HTTP server: the one place that listens. Surfaces (Sotto's own API, the dialects) share it and keep their own errors and body rules. */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { queryOf } from '../http/query.ts'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import type { Random } from '../kernel/random.ts'
import { answerBrokenRequest } from './broken-request.ts'
import { redactedTarget } from './redact.ts'
import { letIn, type UpgradeGuest } from './upgrades.ts'
import { canonicalTarget, joined, RouteBook, type TargetFault } from './url.ts'

/** Why a request reached no route of a surface. */
export interface Unrouted {
  readonly code: TargetFault | 'method-not-allowed'
  /** The methods that the path takes; `HEAD` wherever `GET` is. */
  readonly allow: readonly string[]
}

export interface Surface {
  readonly name: string
  /** Whether a path that no route matches is answered by this surface. The first that says yes gets it. */
  owns(path: string): boolean
  /** `app` is the surface's own scope: error handler, body parsers and hooks stay inside. */
  register(app: FastifyInstance): Promise<void> | void
  unrouted(fault: Unrouted, request: FastifyRequest, reply: FastifyReply): FastifyReply
}

/** Where a path is looked for instead, or undefined for where it says. Segments are decoded. */
export type Signpost = (host: string | undefined, segments: readonly string[]) => readonly string[] | undefined

export interface HttpExchange {
  readonly method: string
  readonly route: string
  readonly status: number
  readonly seconds: number
}

export interface HttpSettings {
  readonly host: string
  readonly port: number
  readonly surfaces: readonly Surface[]
  readonly signpost?: Signpost
  readonly log: Log
  readonly random: Random
  /** Proxies whose `X-Forwarded-For` is believed; none where absent. */
  readonly trustProxy?: boolean | string | readonly string[]
  /** When what answers rely on is on the disk; each waits for it. */
  readonly kept?: () => Promise<void>
  readonly onExchange?: (exchange: HttpExchange) => void
  readonly closeMs?: number
  /** Takes WebSocket handshakes at a path of its own. */
  readonly guest?: UpgradeGuest
}

export interface HttpServer {
  readonly url: string
  /** Stops listening, ends streams, lets answers under way finish for a while. */
  close(): Promise<void>
}

export async function serveHttp(settings: HttpSettings): Promise<HttpServer> {
  const faults = new WeakMap<IncomingMessage, TargetFault>()
  const routes = new RouteBook()
  const app = createServer(settings, faults, routes)
  app.server.maxConnections = limits.httpConnections
  book(app, routes)
  nameEveryAnswer(app)
  answerTheUnrouted(app, { settings, faults, routes })
  const { kept } = settings
  if (kept !== undefined) app.addHook('onSend', () => kept())
  observe(app, settings)
  for (const surface of settings.surfaces) await app.register(async (scope) => surface.register(scope))
  await app.ready()
  if (settings.guest !== undefined) letIn(settings.guest, app.server, pathOf)
  const url = await app.listen({ host: settings.host, port: settings.port })
  return { url, close: () => closeWithin(app, settings.closeMs ?? limits.httpCloseMs) }
}

function createServer(settings: HttpSettings, faults: WeakMap<IncomingMessage, TargetFault>, routes: RouteBook): FastifyInstance {
  const isTaken = (path: string) => path === settings.guest?.path || routes.takesWebSocket(path)
  return Fastify({
    logger: false,
    bodyLimit: limits.httpBodyBytes,
    requestTimeout: limits.httpRequestMs,
    keepAliveTimeout: limits.httpKeepAliveMs,
    return503OnClosing: false,
    requestIdHeader: false,
    genReqId: (request) => requestIdOf(request, settings.random),
    trustProxy: settings.trustProxy === undefined ? false : trust(settings.trustProxy),
    rewriteUrl: (request) => rewrite(request as IncomingMessage, faults, settings.signpost),
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket as Socket, settings.random),
    // A credential or an id that is too long is refused by its own check, not as an unknown path.
    routerOptions: { maxParamLength: limits.httpHeadBytes, querystringParser: queryOf },
    http: {
      headersTimeout: limits.httpHeadMs,
      maxHeaderSize: limits.httpHeadBytes,
      connectionsCheckingInterval: 2_000,
      // Node would refuse a request without Host with an empty answer; `rewrite` has it refused as a problem.
      requireHostHeader: false,
      // Some clients offer `Upgrade: h2c` on every request; Node would take that for a WebSocket and break the answer.
      shouldUpgradeCallback: (request) => isWebSocket(request) && isTaken(pathOf(request.url)),
    },
  })
}

const trust = (proxies: boolean | string | readonly string[]): boolean | string | string[] =>
  typeof proxies === 'object' ? [...proxies] : proxies

const isWebSocket = (request: IncomingMessage): boolean => request.headers.upgrade?.toLowerCase() === 'websocket'

function pathOf(url: string | undefined): string {
  const target = canonicalTarget(url ?? '/')
  return target.ok ? target.value.split('?', 1).join('') : '/'
}

/** The caller's own id where it is harmless, so that his log and ours can be laid side by side. */
function requestIdOf(request: { readonly headers: IncomingMessage['headers'] }, random: Random): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given) ? given : `req_${random.hex(10)}`
}

/** A faulty target is given to no route: `answerTheUnrouted` sees it first. Its escapes are escaped, so that the router does not stumble. */
function rewrite(request: IncomingMessage, faults: WeakMap<IncomingMessage, TargetFault>, signpost: Signpost | undefined): string {
  const target = canonicalTarget(request.url ?? '/')
  if (isHostMissing(request)) faults.set(request, 'body-malformed')
  if (!target.ok) faults.set(request, target.error)
  const canonical = target.ok ? target.value : harmless(request.url ?? '/')
  if (!isInside(canonical)) return signpost === undefined ? canonical : signposted(canonical, request.headers.host, signpost)
  faults.set(request, 'route-unknown')
  return '/'
}

/** Of a faulty target enough is kept to know whom it was meant for. */
const harmless = (target: string): string => {
  const [path, query] = target.replaceAll('%', '%25').split('?', 2)
  const kept = canonicalTarget(
    `/${(path ?? '')
      .split('/')
      .filter((part) => part !== '.' && part !== '..')
      .join('/')}`,
  )
  return `${kept.ok ? kept.value : '/'}${query === undefined ? '' : `?${query}`}`
}

/** Rooms that only a signpost leads to have names that no client can say. */
const isInside = (target: string): boolean => target.startsWith('/~')

function signposted(target: string, host: string | undefined, signpost: Signpost): string {
  const at = target.indexOf('?')
  const path = at === -1 ? target : target.slice(0, at)
  const segments = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent)
  const led = signpost(host, segments)
  return led === undefined ? target : `${joined(led)}${at === -1 ? '' : target.slice(at)}`
}

/** RFC 9112 §3.2: such a request is refused with 400. */
const isHostMissing = ({ httpVersion, headers }: IncomingMessage): boolean => httpVersion === '1.1' && headers.host === undefined

function book(app: FastifyInstance, routes: RouteBook): void {
  app.addHook('onRoute', (route) => {
    const webSocket = 'wsHandler' in route && route.wsHandler !== undefined
    routes.add(route.url, { methods: [route.method].flat(), webSocket })
  })
}

function nameEveryAnswer(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers({ 'X-Request-Id': request.id, 'X-Content-Type-Options': 'nosniff' })
    done()
  })
}

interface Unroutable {
  readonly settings: HttpSettings
  readonly faults: WeakMap<IncomingMessage, TargetFault>
  readonly routes: RouteBook
}

/** In a hook and not in a handler, so that the body of such a request is not even read. */
function answerTheUnrouted(app: FastifyInstance, { settings, faults, routes }: Unroutable): void {
  app.addHook('onRequest', (request, reply, done) => {
    const fault = faults.get(request.raw)
    if (fault === undefined && !request.is404) return done()
    const path = request.url.split('?', 1).join('')
    const unrouted = fault === undefined ? missing(routes.methodsOf(path)) : { code: fault, allow: [] }
    const surface = settings.surfaces.find((candidate) => candidate.owns(path))
    if (surface === undefined) return done(new Error('no surface owns this path; mount one last that owns all'))
    surface.unrouted(unrouted, request, reply)
  })
}

const missing = (allow: readonly string[]): Unrouted => ({ code: allow.length === 0 ? 'route-unknown' : 'method-not-allowed', allow })

function observe(app: FastifyInstance, { log, onExchange }: HttpSettings): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { method } = request
    const status = reply.statusCode
    const ms = reply.elapsedTime
    onExchange?.({ method, route: request.routeOptions.url ?? 'unmatched', status, seconds: ms / 1000 })
    const line = {
      requestId: request.id,
      method,
      target: redactedTarget(request.originalUrl),
      status,
      ms: Math.round(ms),
      source: request.ip,
    }
    if (status >= 500) log.warn(line, 'http')
    else if (method === 'GET' && status < 400) log.debug(line, 'http')
    else log.info(line, 'http')
    done()
  })
}

async function closeWithin(app: FastifyInstance, closeMs: number): Promise<void> {
  const patience = setTimeout(() => app.server.closeAllConnections(), closeMs)
  await app.close()
  clearTimeout(patience)
}
