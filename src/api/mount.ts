/** Routes on the server: the order of checks, which is the same for all of them. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Static, TObject } from 'typebox'
import type { Answer } from '../http/answer.ts'
import { type JsonObject, type RawBody, readJson } from '../http/body.ts'
import type { Idempotency, OrderName } from '../http/idempotency.ts'
import { type Refused, refuse } from '../http/refused.ts'
import { attemptOf } from './attempt.ts'
import { earlierOf } from './earlier.ts'
import { type Reader, reader, spoken } from './fields.ts'
import { identityOf } from './identity.ts'
import type { Office } from './office.ts'
import { operationOf } from './operation.ts'
import { mayDo, onlyOwn } from './roles.ts'
import type { Ask, Route } from './route.ts'
import { isUntold } from './untold.ts'

export interface Context {
  readonly office: Office
  readonly untoldOffice: Office
  readonly idempotency: Idempotency
}

export interface Told<T> {
  readonly spec: T
  readonly untold: T
}

/** The route, and the same for callers whom their account tells nothing of supervision. */
export function mount(app: FastifyInstance, context: Context, { spec, untold }: Told<Route>): void {
  const serve = server(context, spec, untold)
  app.route({
    method: spec.method,
    url: spec.url,
    schema: operationOf(spec),
    handler: async (request, reply) => send(reply, await serve(request)),
  })
}

/** In the order of W15; the credential was checked before the body was read. */
function server({ office, untoldOffice, idempotency }: Context, spec: Route, untold: Route): (request: FastifyRequest) => Promise<Answer> {
  const readers = { body: spec.body && reader(spec.body), query: spec.query && reader(spec.query) }
  return async (request) => {
    const given = spec.method === 'GET' ? {} : readJson(rawBody(request))
    const own = isUntold(identityOf(request).caller) ? { office: untoldOffice, handle: untold.handle } : { office, handle: spec.handle }
    const ask = (order?: OrderName) => askOf({ office, spec, readers }, request, given, order)
    const carryOut = async (order?: OrderName) => await own.handle(ask(order))
    const key = request.headers['idempotency-key']
    if (spec.method !== 'POST' || key === undefined || spec.isSecret === true) return await carryOut()
    return await idempotency.once(office.clock(), orderOf(request, String(key)), carryOut, (name) => earlierOf(own.office, spec, name, ask))
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

interface Served {
  readonly office: Office
  readonly spec: Route
  readonly readers: Readers
}

function askOf(
  { office, spec, readers }: Served,
  request: FastifyRequest,
  given: JsonObject,
  order?: OrderName,
): Ask<Static<TObject>, Static<TObject>> {
  const identity = identityOf(request)
  const caller = order === undefined ? identity.caller : { ...identity.caller, order }
  const path = request.params as Readonly<Record<string, string>>
  const sight = office.rights.of(caller)
  demandPermission(office, spec, { caller, sight, path, given })
  const query = request.query as JsonObject
  return {
    ...{ caller, sight, identity },
    requestId: request.id,
    path,
    query: readers.query?.(spoken(query)) ?? {},
    body: readers.body?.(given) ?? {},
    ifMatch: request.headers['if-match'],
    method: request.method,
    headers: request.headers as Ask['headers'],
  }
}

type Wanted = Pick<Ask, 'caller' | 'sight' | 'path'> & { readonly given: JsonObject }

/** What is refused here, the desk never hears of; the audit does. */
function demandPermission({ desk }: Office, spec: Route, wanted: Wanted): void {
  const refused = refusalOf(spec, wanted)
  if (refused === undefined) return
  if (spec.need !== 'read') desk.refused(wanted.caller, attemptOf(spec, { ...wanted, code: refused.refusal.code }))
  throw refused
}

function refusalOf(spec: Route, { caller, sight, path }: Wanted): Refused | undefined {
  if (!mayDo(sight.permissions, spec.need)) return refuse(spec.need === 'listen' ? 'recording-not-permitted' : 'forbidden')
  if (spec.need === 'read' || !onlyOwn(caller) || spec.owns === undefined || spec.owns({ caller, sight, path })) return undefined
  return refuse('forbidden', { why: 'An agent may do this with his own calls and his own state only.' })
}

/** As bytes: to a text the framework would add a charset, which `application/problem+json` does not have (RFC 9457 §6.1). */
export function send(reply: FastifyReply, { status, headers, body, stream }: Answer): FastifyReply {
  return reply
    .code(status)
    .headers(headers)
    .send(stream !== undefined ? stream() : Buffer.isBuffer(body) ? body : Buffer.from(body))
}
