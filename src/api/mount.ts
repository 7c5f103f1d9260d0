/** Routes on the server: the order of checks, which is the same for all of them. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Static, TObject } from 'typebox'
import type { Caller } from '../control/command.ts'
import type { Answer } from '../http/answer.ts'
import { type JsonObject, type RawBody, readJson } from '../http/body.ts'
import type { Idempotency } from '../http/idempotency.ts'
import { refuse } from '../http/refused.ts'
import { type Reader, reader, spoken } from './fields.ts'
import { identityOf } from './identity.ts'
import type { Office } from './office.ts'
import { operationOf } from './operation.ts'
import { mayDo, onlyOwn } from './roles.ts'
import type { Ask, Route } from './route.ts'

export interface Context {
  readonly office: Office
  readonly idempotency: Idempotency
}

export function mount(app: FastifyInstance, context: Context, spec: Route): void {
  const serve = server(context, spec)
  app.route({
    method: spec.method,
    url: spec.url,
    schema: operationOf(spec),
    handler: async (request, reply) => send(reply, await serve(request)),
  })
}

/** In the order of W15; the credential was checked before the body was read. */
function server({ office, idempotency }: Context, spec: Route): (request: FastifyRequest) => Promise<Answer> {
  const readers = { body: spec.body && reader(spec.body), query: spec.query && reader(spec.query) }
  return async (request) => {
    const given = spec.method === 'GET' ? {} : readJson(rawBody(request))
    const carryOut = async () => await spec.handle(askOf(spec, readers, request, given))
    const key = request.headers['idempotency-key']
    if (spec.method !== 'POST' || key === undefined) return await carryOut()
    return await idempotency.once(office.clock(), orderOf(request, String(key)), carryOut)
  }
}

export const rawBody = (request: FastifyRequest): RawBody => ({
  bytes: Buffer.isBuffer(request.body) ? request.body : undefined,
  contentType: request.headers['content-type'],
  contentEncoding: request.headers['content-encoding'],
})

const orderOf = (request: FastifyRequest, key: string) => ({
  credential: identityOf(request).credential,
  key,
  method: request.method,
  path: request.url,
  body: rawBody(request).bytes,
})

interface Readers {
  readonly body: Reader<TObject> | undefined
  readonly query: Reader<TObject> | undefined
}

function askOf(spec: Route, readers: Readers, request: FastifyRequest, given: JsonObject): Ask<Static<TObject>, Static<TObject>> {
  const { caller } = identityOf(request)
  const path = request.params as Readonly<Record<string, string>>
  demandRole(spec, caller, path)
  const query = request.query as JsonObject
  return {
    caller,
    requestId: request.id,
    path,
    query: readers.query?.(spoken(query)) ?? {},
    body: readers.body?.(given) ?? {},
    ifMatch: request.headers['if-match'],
    method: request.method,
    headers: request.headers as Ask['headers'],
  }
}

function demandRole(spec: Route, caller: Caller, path: Readonly<Record<string, string>>): void {
  if (!mayDo(caller.role, spec.need)) throw refuse(spec.need === 'listen' ? 'recording-not-permitted' : 'forbidden')
  if (spec.need === 'read' || !onlyOwn(caller) || spec.owns === undefined) return
  if (!spec.owns({ caller, path })) throw refuse('forbidden', { why: 'An agent may do this with his own calls and his own state only.' })
}

/** As bytes: to a text the framework would add a charset, which `application/problem+json` does not have (RFC 9457 §6.1). */
export function send(reply: FastifyReply, { status, headers, body, stream }: Answer): FastifyReply {
  return reply
    .code(status)
    .headers(headers)
    .send(stream !== undefined ? stream() : Buffer.isBuffer(body) ? body : Buffer.from(body))
}
