/** Routes to operations of the OpenAPI document. */
import type { FastifySchema } from 'fastify'
import Type, { type TObject, type TSchema } from 'typebox'
import { type RefusalCode, refusal, refusalCodes } from '../call/refusal.ts'
import { problemOf } from './problem.ts'
import { refusals } from './refusals.ts'
import { rolesFor, verbsFor } from './roles.ts'
import type { Route } from './route.ts'
import { listOf, ref } from './schemas.ts'

const everywhere: readonly RefusalCode[] = [
  'unauthenticated',
  'token-expired',
  'forbidden',
  'rate-limited',
  'body-malformed',
  'internal-error',
]
const withBody: readonly RefusalCode[] = ['body-too-large', 'media-type-unsupported']

export function operationOf(spec: Route): FastifySchema {
  return {
    operationId: spec.id,
    tags: [spec.tag],
    summary: spec.summary,
    description: rolesOf(spec),
    'x-sotto-verbs': verbsFor(spec.need),
    ...(spec.owns === undefined ? {} : { 'x-sotto-own': true }),
    security: [{ apiKey: [] }, { oauth: [] }, { session: [] }],
    ...headersOf(spec),
    ...(spec.query && { querystring: plain(spec.query) }),
    ...(spec.body && { body: bodyOf(spec.body, spec.example) }),
    ...(/:/.test(spec.url) && { params: paramsOf(spec.url) }),
    response: {
      ...successOf(spec),
      ...spec.responses,
      ...problemsOf(refusalsOf(spec)),
      ...(changesOne(spec) && { 412: problemResponse(['wrong-state']) }),
    },
  } as FastifySchema
}

function rolesOf(spec: Route): string {
  const own = spec.owns === undefined ? '' : '; an agent for his own calls and his own state only'
  return `For roles ${rolesFor(spec.need).join(', ')}${own}.`
}

function refusalsOf(spec: Route): readonly RefusalCode[] {
  const parameters: readonly RefusalCode[] = spec.body || spec.query ? ['parameter-missing', 'parameter-invalid'] : []
  const keyed: readonly RefusalCode[] = spec.method === 'POST' ? ['parameter-invalid'] : []
  // The desk takes a limited number of orders at a time.
  const ordered: readonly RefusalCode[] = spec.method !== 'GET' && spec.success !== undefined ? ['capacity-exceeded'] : []
  return [...new Set([...everywhere, ...parameters, ...keyed, ...(spec.body ? withBody : []), ...spec.refusals, ...ordered])]
}

function headersOf(spec: Route): { readonly headers?: TSchema } {
  const named: Record<string, TSchema> = {}
  if (spec.method === 'POST')
    named['Idempotency-Key'] = Type.Optional(
      Type.String({ maxLength: 255, description: 'Carries the order out once, however often it is sent within 24 h.' }),
    )
  if (changesOne(spec)) named['If-Match'] = Type.Optional(Type.String({ description: 'A revision in quotes; 412 when it has moved on.' }))
  return Object.keys(named).length === 0 ? {} : { headers: plain(Type.Object(named)) }
}

/** A call or a supervision that exists. */
const changesOne = (spec: Route): boolean => spec.method !== 'GET' && /\/(?:calls|supervisions)\/:/.test(spec.url)

function bodyOf(body: TObject, example: object | undefined): object {
  return { content: { 'application/json': { schema: { ...plain(body), ...(example && { examples: [example] }) } } } }
}

function paramsOf(url: string): TSchema {
  const names = [...url.matchAll(/:(\w+)/g)].flatMap(([, name]) => name ?? [])
  return plain(Type.Object(Object.fromEntries(names.map((name) => [name, Type.String()]))))
}

function successOf({ success, summary }: Route): object {
  if (success === undefined) return {}
  const schema = success.list ? listOf(success.schema) : ref(success.schema)
  return {
    [success.status]: {
      description: summary,
      ...answerHeaders(success),
      content: { [success.type ?? 'application/json']: { schema: plain(schema) } },
    },
  }
}

function answerHeaders({ status, schema, list }: NonNullable<Route['success']>): object {
  const revised = !list && (schema === 'Call' || schema === 'Supervision')
  return {
    headers: {
      'X-Request-Id': { type: 'string', description: 'Of this request, also in the log.' },
      ...(revised && { ETag: { type: 'string', description: 'The revision in quotes, for If-Match.' } }),
      ...(status === 201 && { Location: { type: 'string', description: 'Where it is.' } }),
    },
  }
}

/** By status; the description and the examples name the codes. */
export function problemsOf(codes: readonly RefusalCode[]): object {
  const byStatus = Map.groupBy(codes, (code) => refusals[code].status)
  return Object.fromEntries([...byStatus].map(([status, group]) => [status, problemResponse(group)]))
}

function problemResponse(codes: readonly RefusalCode[]): object {
  const examples = Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]))
  return {
    description: codes.map((code) => `\`${code}\``).join(', '),
    content: { 'application/problem+json': { schema: plain(ref('Problem')), examples } },
  }
}

/** One example for each refusal that can be seen. */
export const problemExamples = (): object =>
  Object.fromEntries(visible.map((code) => [code, { value: problemOf(refusal(code), 'req_000000000000000003f0') }]))

const visible = refusalCodes.filter((code) => refusals[code].shownAs === undefined)

/** The document is JSON: what typebox keeps beside the schema stays out of it. */
export const plain = <S extends TSchema>(schema: S): S => JSON.parse(JSON.stringify(schema))
