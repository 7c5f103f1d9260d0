/** What each dialect takes and gives, as an OpenAPI 3.1 document at `/openapi/<dialect>.json`. */
import type { FastifyInstance } from 'fastify'
import type { TObject, TSchema } from 'typebox'
import { refusal } from '../call/refusal.ts'
import { Refused } from '../http/refused.ts'
import { instant } from '../kernel/time.ts'
import type { Dialect, DialectRoute, House, Sent } from './dialect.ts'
import type { DialectSurface } from './mount.ts'

export function openapiSurface(dialects: readonly Dialect[], house: Pick<House, 'publicUrl' | 'version' | 'settings'>): DialectSurface {
  return {
    name: 'openapi',
    owns: () => false,
    register: (app) => register(app, dialects, house),
    unrouted: (_fault, _request, reply) => reply,
  }
}

function register(app: FastifyInstance, dialects: readonly Dialect[], house: Parameters<typeof documentOf>[1]): void {
  for (const dialect of dialects) {
    const text = JSON.stringify(documentOf(dialect, house))
    app.get(`/openapi/${dialect.name}.json`, (_request, reply) => reply.type('application/json; charset=utf-8').send(text))
  }
}

export function documentOf(dialect: Dialect, { publicUrl, version, settings }: Pick<House, 'publicUrl' | 'version' | 'settings'>): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of dialect.routes) {
    const path = (dialect.documented?.(route.path) ?? route.path).replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(dialect, route) }
  }
  return {
    openapi: '3.1.0',
    info: { title: `${dialect.title}, as Sotto speaks it`, version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: `${publicUrl}${settings[dialect.name].prefix ?? ''}` }],
    paths,
  }
}

function operationOf(dialect: Dialect, route: DialectRoute): object {
  const { answers } = route
  return {
    operationId: route.id,
    summary: route.summary,
    tags: [route.tier],
    ...(parametersOf(route).length > 0 && { parameters: parametersOf(route) }),
    ...(route.body && { requestBody: { content: contentOf(route.bodyTypes ?? ['application/json'], route.body) } }),
    responses: {
      ...(answers && {
        [answers.status]: {
          description: answers.description,
          content: { [answers.type ?? 'application/json']: { schema: answers.schema ?? {} } },
        },
      }),
      ...refusalsOf(dialect, route),
    },
  }
}

function parametersOf({ path, query }: DialectRoute): readonly object[] {
  const named = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }))
  const { properties = {}, required = [] } = plain(query ?? ({} as TObject)) as {
    properties?: Record<string, TSchema>
    required?: readonly string[]
  }
  return [
    ...named,
    ...Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: required.includes(name), schema })),
  ]
}

const contentOf = (types: readonly string[], body: TObject): object =>
  Object.fromEntries(types.map((type) => [type, { schema: plain(body) }]))

/** By status, with the very bodies that the dialect answers. */
function refusalsOf(dialect: Dialect, route: DialectRoute): object {
  const answered = route.refusals.map((code) => ({ code, answer: dialect.refuse(new Refused(refusal(code)), exampleOf(route)) }))
  const byStatus = Map.groupBy(answered, ({ answer }) => answer.status)
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      status,
      {
        description: group.map(({ code }) => `\`${code}\``).join(', '),
        content: {
          [mediaType(group[0]?.answer.headers)]: {
            examples: Object.fromEntries(group.map(({ code, answer }) => [code, { value: exampleValue(answer.body.toString()) }])),
          },
        },
      },
    ]),
  )
}

const mediaType = (headers: Readonly<Record<string, string>> = {}): string =>
  (headers['Content-Type'] ?? 'application/json').split(';', 1).join('').trim()

function exampleValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const exampleOf = (route: DialectRoute): Sent => ({
  at: instant(0),
  requestId: 'req_000000000000000003f0',
  method: route.method,
  segments: route.path.split('/').filter((part) => part !== ''),
  query: {},
  headers: {},
  source: '127.0.0.1',
  base: 'https://sotto.test',
  route,
})

/** The document is JSON: what typebox keeps beside the schema stays out of it. */
const plain = <T>(schema: T): T => JSON.parse(JSON.stringify(schema))
