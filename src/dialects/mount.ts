/** A dialect on the server: one order of checks for all, each refusal in the dialect's own form. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { refusal } from '../call/refusal.ts'
import type { Answer } from '../http/answer.ts'
import { codeOfFault } from '../http/fault.ts'
import { queryOf } from '../http/query.ts'
import { Refused, refuse } from '../http/refused.ts'
import { assert } from '../kernel/assert.ts'
import { limits } from '../kernel/limits.ts'
import type { Ask, Dialect, DialectRoute, House, Sent } from './dialect.ts'
import type { Holder } from './holder.ts'
import { room, startsWith } from './signpost.ts'

/** Why a request reached no route. */
export interface Unrouted {
  readonly code: 'route-unknown' | 'method-not-allowed' | 'body-malformed'
  readonly allow: readonly string[]
}

/** As `Surface` of the HTTP server wants it. */
export interface DialectSurface {
  readonly name: string
  owns(path: string): boolean
  register(app: FastifyInstance): void
  unrouted(fault: Unrouted, request: FastifyRequest, reply: FastifyReply): FastifyReply
}

type Mounting = Pick<House, 'clock' | 'log' | 'publicUrl'> & { readonly prefix: readonly string[] }

/** What a request has been found to be, kept from the hook to the handler. */
declare module 'fastify' {
  interface FastifyRequest {
    dialectHolder: Holder | undefined
    /** Its head, read once. */
    dialectSent: Sent | undefined
    /** A content type that is none, as it was sent. */
    oddContentType: string | undefined
  }
}

/** `untold`: the same dialect for those whom their account tells nothing of supervision. */
export function mountDialect(dialect: Dialect, mounting: Mounting, untold: Pick<Dialect, 'routes'> = dialect): DialectSurface {
  const door = new Door(dialect, mounting)
  return {
    name: dialect.name,
    owns: (path) => path === `/${room(dialect)}` || path.startsWith(`/${room(dialect)}/`),
    register: (app) => register(app, { dialect, untold }, door),
    unrouted: (fault, request, reply) => door.unrouted(fault, request, reply),
  }
}

interface Told {
  readonly dialect: Dialect
  readonly untold: Pick<Dialect, 'routes'>
}

function register(app: FastifyInstance, { dialect, untold }: Told, door: Door): void {
  app.decorateRequest('dialectHolder', undefined)
  app.decorateRequest('dialectSent', undefined)
  app.decorateRequest('oddContentType', undefined)
  app.setErrorHandler((cause, request, reply) => door.failed(cause, request, reply))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: limits.httpBodyBytes }, (_request, body, done) => done(null, body))
  for (const [i, route] of dialect.routes.entries()) {
    app.route({
      method: route.method,
      url: `/${room(dialect)}${route.path}`,
      onRequest: async (request) => door.admit(request, route),
      handler: (request, reply) =>
        door.handle(request.dialectHolder?.role === 'agent' ? (untold.routes[i] ?? route) : route, request, reply),
    })
  }
}

class Door {
  readonly #dialect: Dialect
  readonly #mounting: Mounting

  constructor(dialect: Dialect, mounting: Mounting) {
    this.#dialect = dialect
    this.#mounting = mounting
  }

  /** W7: the credential is checked before the body is read. */
  async admit(request: FastifyRequest, route: DialectRoute): Promise<void> {
    hideOddContentType(request)
    const sent = this.#read(request, route)
    request.dialectSent = sent
    if (route.open === true) return
    const holder = this.#dialect.identify(sent)
    if (!holder.ok) throw new Refused(holder.error)
    request.dialectHolder = { ...holder.value, via: this.#dialect.name }
  }

  async handle(route: DialectRoute, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    demandIdentity(request)
    const ask = this.#ask(request)
    if (route.roles !== undefined && !route.roles.includes(ask.holder.role)) throw refuse('forbidden')
    return this.#send(reply, await route.handle(ask))
  }

  unrouted({ code, allow }: Unrouted, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    try {
      return this.#unrouted({ code, allow }, request, reply)
    } catch (cause) {
      return this.failed(cause, request, reply)
    }
  }

  #unrouted({ code, allow }: Unrouted, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const sent = this.#sent(request)
    if (request.method === 'OPTIONS' && this.#dialect.options !== undefined) return this.#send(reply, this.#dialect.options(sent))
    return this.#send(reply, this.#dialect.refuse(this.#whyUnrouted(sent, code, allow), sent))
  }

  #whyUnrouted(sent: Sent, code: Unrouted['code'], allow: readonly string[]): Refused {
    if (this.#dialect.isOpen?.(sent.segments) !== true) {
      const holder = this.#dialect.identify(sent)
      if (!holder.ok) return new Refused(holder.error)
    }
    return new Refused(refusal(code), code === 'method-not-allowed' ? { headers: { Allow: allow.join(', ') } } : {})
  }

  failed(cause: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const refused = cause instanceof Refused ? cause : refuse(codeOfFault(cause))
    if (refused.refusal.code === 'internal-error')
      this.#mounting.log.error(
        { err: cause, requestId: request.id, dialect: this.#dialect.name, route: request.routeOptions.url },
        'request failed',
      )
    return this.#send(reply, this.#dialect.refuse(refused, this.#sent(request)))
  }

  /** As it was read when it came, and the time that it is now: a body may have been long on its way. */
  #sent(request: FastifyRequest): Sent {
    const read = request.dialectSent
    return read === undefined ? this.#read(request, undefined) : { ...read, at: this.#mounting.clock() }
  }

  #read(request: FastifyRequest, route: DialectRoute | undefined): Sent {
    const { segments, prefix } = asSent(request.originalUrl, this.#mounting.prefix)
    return {
      at: this.#mounting.clock(),
      requestId: request.id,
      method: request.method,
      segments,
      // Fastify's own parser reads the query where no route matches, and makes lists of repeated names.
      query: queryOf(request.url.split('?').slice(1).join('?')),
      headers: headersOf(request),
      source: request.ip,
      base: `${this.#mounting.publicUrl}${prefix}`,
      route,
    }
  }

  #ask(request: FastifyRequest): Ask {
    const body = Buffer.isBuffer(request.body) && request.body.length > 0 ? request.body : undefined
    const ask = { ...this.#sent(request), params: request.params as Readonly<Record<string, string>>, body }
    return Object.defineProperty(ask, 'holder', {
      get: () => {
        assert(request.dialectHolder !== undefined, 'an open route asks for no holder')
        return request.dialectHolder
      },
    }) as Ask
  }

  #send(reply: FastifyReply, { status, headers, body, stream }: Answer): FastifyReply {
    for (const [name, value] of Object.entries(this.#dialect.headers ?? {})) reply.raw.setHeader(name, value)
    return reply
      .code(status)
      .headers(headers)
      .send(stream !== undefined ? stream() : body.length === 0 ? undefined : Buffer.isBuffer(body) ? body : Buffer.from(body))
  }
}

type Headers = Readonly<Record<string, string | undefined>>

const headersOf = ({ headers, oddContentType }: FastifyRequest): Headers =>
  (oddContentType === undefined ? headers : { ...headers, 'content-type': oddContentType }) as Headers

/** RFC 9110 §8.3.1. */
const mediaType = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;|$)/

/** Fastify would refuse a content type that is none; most dialects read the body as what it is, and the others refuse it themselves. */
function hideOddContentType(request: FastifyRequest): void {
  const type = request.headers['content-type']
  if (type === undefined || mediaType.test(type)) return
  request.headers['content-type'] = undefined
  if (type.trim() !== '') request.oddContentType = type
}

/** W7: only identity content coding. */
function demandIdentity(request: FastifyRequest): void {
  const coding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (coding !== 'identity' && coding !== '') throw refuse('media-type-unsupported', { name: coding })
}

function asSent(url: string, prefix: readonly string[]): { readonly segments: readonly string[]; readonly prefix: string } {
  const path = url
    .replace(/^https?:\/\/[^/]*/i, '')
    .split('?', 1)
    .join('')
  const segments = path
    .split('/')
    .filter((part) => part !== '')
    .map(decoded)
  if (prefix.length === 0 || !startsWith(segments, prefix)) return { segments, prefix: '' }
  return { segments: segments.slice(prefix.length), prefix: `/${prefix.join('/')}` }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
