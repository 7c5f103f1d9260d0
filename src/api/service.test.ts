import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import Schema from 'typebox/schema'
import { keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { aCall, aCustomer, accountB, anAgent, aSupervision, supervised } from '../../testkit/desk.ts'
import { refusalCodes } from '../call/refusal.ts'
import { refusals } from './refusals.ts'

let server: TestServer
let ready = false
before(async () => {
  server = await startApi({ ready: () => ready })
})
after(() => server.close())

test('health is 200 even when degraded, and says what is wrong', async () => {
  assert.deepEqual((await server.ask('GET //health')).json, { status: 'ok', version: '0.0.0-test', degraded: [] })
  server.desk.faults = ['media']
  const { status, json } = await server.ask('GET //health')
  assert.deepEqual([status, json.status, json.degraded], [200, 'degraded', ['media']])
  server.desk.faults = []
})

test('ready is 503 while starting, without media, and while draining', async () => {
  const readiness = async () => {
    const { status, json } = await server.ask('GET //ready')
    return status === 200 ? 'yes' : `${status} ${json.code} ${json.detail}`
  }
  assert.equal(await readiness(), '503 capacity-exceeded Not ready: starting.')
  ready = true
  assert.equal(await readiness(), 'yes')
  server.desk.faults = ['journal']
  assert.equal(await readiness(), 'yes', 'not everything that is wrong keeps calls away')
  server.desk.faults = ['media']
  server.desk.draining = true
  assert.equal(await readiness(), '503 capacity-exceeded Not ready: media, draining.')
  server.desk.faults = []
  server.desk.draining = false
})

test('metrics count calls, supervisions and requests', async () => {
  const ringing = { ...anAgent('p-a', '106'), state: 'ringing' as const }
  server.desk.put(
    supervised(aCall('c1'), aSupervision('s1', { mode: 'whisper' })),
    aCall('c2', { parties: [aCustomer('p-c'), ringing] }),
    aCall('c3', { account: accountB }),
  )
  await server.ask('GET /calls/c1', { key: keys.observer })
  await server.ask('GET /calls/unknown', { key: keys.observer })
  await server.ask('GET /nowhere', { key: keys.observer })
  const { text, headers } = await server.ask('GET //metrics')
  assert.match(headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  for (const line of [
    'sotto_calls{state="active"} 2',
    'sotto_calls{state="ringing"} 1',
    'sotto_calls{state="held"} 0',
    'sotto_supervisions{mode="whisper"} 1',
    'sotto_http_request_duration_seconds_count{method="GET",route="/sotto/v1/calls/:call",status="200"} 1',
    'sotto_http_request_duration_seconds_count{method="GET",route="/sotto/v1/calls/:call",status="404"} 1',
    'sotto_http_request_duration_seconds_count{method="GET",route="unmatched",status="404"} 1',
  ]) {
    assert.ok(text.includes(`${line}\n`), line)
  }
  server.desk.drop(aCall('c1').id)
  assert.match((await server.ask('GET //metrics')).text, /sotto_supervisions\{mode="whisper"\} 0\n/)
})

test('the page says what this is and where to go on', async () => {
  const { status, headers, text } = await server.ask('GET //')
  assert.deepEqual([status, headers.get('content-type')], [200, 'text/html; charset=utf-8'])
  for (const part of ['0.0.0-test', 'All is well', 'href="/openapi.json"', 'href="/health"']) assert.ok(text.includes(part), part)
  server.desk.faults = ['<b>']
  assert.match((await server.ask('GET //')).text, /Degraded: &#60;b&#62;\./)
  server.desk.faults = []
})

test('HEAD is GET without the body', async () => {
  const [get, head] = [await server.ask('GET //health'), await server.ask('HEAD //health')]
  assert.deepEqual([head.status, head.text, head.headers.get('content-length')], [200, '', String(get.text.length)])
})

interface Operation {
  readonly operationId: string
  readonly security: readonly object[]
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly description: string
        readonly content?: Readonly<Record<string, { readonly examples?: Readonly<Record<string, unknown>> }>>
      }
    >
  >
}

describe('the OpenAPI document', () => {
  const read = async () => (await server.ask('GET //openapi.json')).json
  const operations = async (): Promise<readonly (readonly [string, Operation])[]> => {
    const paths: Record<string, Record<string, Operation>> = (await read()).paths
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
    )
  }

  test('is 3.1 and every reference in it leads somewhere', async () => {
    const document = await read()
    assert.equal(document.openapi, '3.1.0')
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, pointer]) => pointer ?? '')
    assert.ok(references.length > 100)
    for (const pointer of new Set(references)) {
      const target = pointer.split('/').reduce((value, name) => value?.[name], document)
      assert.ok(target, pointer)
    }
  })

  test('has every request of the contract, and nothing without a name, an owner or an answer', async () => {
    const all = await operations()
    const names = all.map(([name]) => name)
    for (const request of contract) assert.ok(names.includes(request), request)
    assert.equal(new Set(all.map(([, { operationId }]) => operationId)).size, all.length)
    for (const [name, { responses, security }] of all) {
      assert.ok(
        Object.keys(responses).some((status) => /^[25]/.test(status)),
        name,
      )
      const isOpen = isSignIn(name) || name.includes('/linked-recording')
      assert.equal(security.length > 0, name.includes('/sotto/v1/') && !isOpen, name)
      for (const { description } of Object.values(responses)) assert.notEqual(description, 'Default Response', name)
    }
  })

  test('every example fits its schema', async () => {
    const { components } = await read()
    for (const [name, schema] of Object.entries<{ readonly examples?: readonly unknown[] }>(components.schemas)) {
      for (const example of schema.examples ?? []) {
        const [fits, errors] = Schema.Compile({ ...schema, components }).Errors(example)
        assert.ok(fits, `${name}: ${JSON.stringify(errors)}`)
      }
    }
    const shown = Object.values<{ readonly examples?: unknown }>(components.schemas).filter(({ examples }) => examples !== undefined)
    assert.ok(shown.length >= 9)
  })

  test('every parameter of a path is declared', async () => {
    for (const [name, { parameters = [] }] of await operations()) {
      const inPath = [...name.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter)
      assert.deepEqual(
        parameters.filter((p) => p.in === 'path').map((p) => p.name),
        inPath,
        name,
      )
    }
  })

  test('every refusal is shown with the status that it has', async () => {
    const seen = new Set<string>()
    for (const [name, { responses }] of await operations()) {
      for (const [status, { content }] of Object.entries(responses)) {
        for (const code of Object.keys(content?.['application/problem+json']?.examples ?? {})) {
          seen.add(code)
          assert.ok(
            Number(status) === refusals[code as keyof typeof refusals].status || (status === '412' && code === 'wrong-state'),
            `${name} ${status} ${code}`,
          )
        }
      }
    }
    const edge = ['other-tenant', 'method-not-allowed', 'route-unknown', 'unsupported']
    assert.deepEqual(refusalCodes.filter((code) => !seen.has(code)).sort(), edge.sort(), 'known, and not raised by any route yet')
  })

  test('every order may come to a desk that is full', async () => {
    for (const [name, { responses }] of await operations()) {
      const isOrder = !name.startsWith('get') && !isSignIn(name) && Object.keys(responses).some((status) => status < '300')
      if (!isOrder) continue
      assert.ok(responses['503']?.content?.['application/problem+json']?.examples?.['capacity-exceeded'] !== undefined, name)
    }
  })

  test('Idempotency-Key is on every POST that is built, If-Match on every change of a call or a supervision', async () => {
    for (const [name, { parameters = [] }] of await operations()) {
      const headers = parameters.filter((p) => p.in === 'header').map((p) => p.name)
      assert.equal(headers.includes('Idempotency-Key'), name.startsWith('post') && !isSignIn(name), name)
      assert.equal(headers.includes('If-Match'), !name.startsWith('get') && /\/(?:calls|supervisions)\/\{/.test(name), name)
    }
  })
})

/** Whoever signs in has no credential yet. */
const isSignIn = (name: string): boolean =>
  name.includes('/oauth/') || name === 'post /sotto/v1/session' || /\/session\/(?:options|oidc\/)/.test(name)

const contract = [
  'get /sotto/v1/calls',
  'post /sotto/v1/calls',
  'get /sotto/v1/calls/{call}',
  'delete /sotto/v1/calls/{call}',
  'get /sotto/v1/calls/{call}/hearing',
  'post /sotto/v1/calls/{call}/transfer',
  'post /sotto/v1/calls/{call}/parties/{party}/hold',
  'post /sotto/v1/calls/{call}/parties/{party}/unhold',
  'post /sotto/v1/calls/{call}/parties/{party}/mute',
  'post /sotto/v1/calls/{call}/parties/{party}/unmute',
  'delete /sotto/v1/calls/{call}/parties/{party}',
  'put /sotto/v1/calls/{call}/recording',
  'put /sotto/v1/calls/{call}/disposition',
  'post /sotto/v1/calls/{call}/supervisions',
  'get /sotto/v1/supervisions',
  'get /sotto/v1/supervisions/{supervision}',
  'patch /sotto/v1/supervisions/{supervision}',
  'post /sotto/v1/supervisions/{supervision}/take-over',
  'delete /sotto/v1/supervisions/{supervision}',
  'get /sotto/v1/events',
  'get /sotto/v1/webhooks',
  'post /sotto/v1/webhooks',
  'delete /sotto/v1/webhooks/{webhook}',
  'get /sotto/v1/agents',
  'put /sotto/v1/agents/{agent}/state',
  'get /sotto/v1/extensions',
  'get /sotto/v1/groups',
  'get /sotto/v1/recordings',
  'get /sotto/v1/recordings/{recording}',
  'get /sotto/v1/recordings/{recording}/audio',
  'get /sotto/v1/cdrs',
  'get /sotto/v1/audit',
  'get /sotto/v1/audit/verify',
  'get /sotto/v1/audit/export',
  'post /sotto/v1/oauth/token',
  'get /health',
  'get /ready',
  'get /metrics',
  'get /openapi.json',
]
