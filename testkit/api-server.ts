/** Sotto's own API on a real socket, in front of a scripted desk. Every answer is checked against the OpenAPI document that the server itself gives out. */
import assert from 'node:assert/strict'
import Schema from 'typebox/schema'
import type { NativeKey } from '../src/api/access.ts'
import { api } from '../src/api/api.ts'
import { deskSamples } from '../src/api/metrics.ts'
import type { Office } from '../src/api/office.ts'
import type { IdentityProvider, SignInSettings } from '../src/api/sign-in-words.ts'
import type { Wallboard } from '../src/api/wallboard-words.ts'
import { startWebhooks } from '../src/api/webhook-feed.ts'
import { Rights } from '../src/control/rights.ts'
import type { Directory } from '../src/directory/directory.ts'
import { AuditBook } from '../src/edge/audit-book.ts'
import { auditKey } from '../src/edge/audit-key.ts'
import { type HttpServer, serveHttp } from '../src/edge/http.ts'
import { createMetrics } from '../src/edge/metrics.ts'
import { openOutbox } from '../src/edge/outbox.ts'
import { PasswordChecker } from '../src/edge/passwords.ts'
import { PermittedTargets } from '../src/edge/permitted-targets.ts'
import { poster } from '../src/edge/poster.ts'
import { softphonePasses } from '../src/edge/softphone-passes.ts'
import type { Memories } from '../src/http/memory.ts'
import { type Log, silent } from '../src/kernel/log.ts'
import { addMs, type Instant } from '../src/kernel/time.ts'
import { accountA, accountB, noon, ScriptedDesk } from './desk.ts'
import { InMemoryArchive } from './in-memory-archive.ts'
import { shelfOf } from './recording-shelf.ts'
import { callCentre } from './world-call-centre.ts'

export const keys = {
  admin: 'sk_test_admin_a',
  supervisor: 'sk_test_supervisor_a',
  agent: 'sk_test_agent_a',
  observer: 'sk_test_observer_a',
  other: 'sk_test_admin_b',
} as const

const nativeKeys: readonly NativeKey[] = [
  { account: accountA, key: keys.admin, role: 'admin' },
  { account: accountA, key: keys.supervisor, role: 'supervisor', user: '13' },
  { account: accountA, key: keys.agent, role: 'agent', user: '12' },
  { account: accountA, key: keys.observer, role: 'observer' },
  { account: accountB, key: keys.other, role: 'admin' },
]

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: a test reads members of JSON that it knows; a wrong one fails its assertion.
  readonly json: any
}

export interface Asking {
  readonly key?: string | undefined
  readonly body?: unknown
  /** Sent as it is, instead of `body`. */
  readonly raw?: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  /** The desk is scripted to answer what no desk would: the document need not know it. */
  readonly unheardOf?: true
}

export interface TestServer {
  readonly history: AuditBook
  /** That signs the audit, PEM. */
  readonly publicKey: string
  readonly desk: ScriptedDesk
  readonly url: string
  /** `GET /calls` is under the base path, `GET //health` outside of it. */
  ask(line: string, asking?: Asking): Promise<Reply>
  advance(ms: number): void
  close(): Promise<void>
}

export interface TestServerSettings {
  readonly log?: Log
  readonly heartbeatMs?: number
  readonly ready?: () => boolean
  /** Webhooks are told what happens, and kept there; without it nobody is told. */
  readonly outboxFolder?: string
  /** The folder for recordings. */
  readonly recordings?: string
  readonly wallboard?: Wallboard
  /** What the process before had begun. */
  readonly earlierOrder?: Office['earlierOrder']
  /** Agents are told who supervises. */
  readonly tellsAgents?: true
  /** The reference call centre where absent. */
  readonly directory?: Directory
  /** What is kept over a restart. */
  readonly memory?: Memories
  /** How browsers reach it; where it listens where absent. */
  readonly publicUrl?: string
  readonly providers?: readonly IdentityProvider[]
}

export async function startApi(settings: TestServerSettings = {}): Promise<TestServer> {
  const desk = new ScriptedDesk()
  const random = countingRandom()
  const directory = settings.directory ?? callCentre()
  const log = settings.log ?? silent
  let now: Instant = noon
  const metrics = createMetrics({ sources: [() => deskSamples(desk, [accountA, accountB])], ofProcess: false })
  const { outlet, closeOutbox } = outboxFor(settings, { desk, random, log })
  const archive = new InMemoryArchive()
  const key = auditKey()
  const history = new AuditBook({ archive, key, clock: () => now, log })
  const office: Office = {
    history,
    desk,
    clock: () => now,
    random,
    log,
    keys: nativeKeys,
    rights: new Rights(directory),
    signIn: signInFor(settings, directory, () => server.url),
    extensionsOf: ({ user }) => (user === '12' ? ['210', '106'] : []),
    ...givenParts(settings),
    passFor: softphonePasses({ secret: 'secret of the test', realm: 'sotto.test', random, codeOf: () => '0003' }),
    tellsAgents: () => settings.tellsAgents === true,
    dispositionsOf: (account) => (account === accountA ? ['Sale', 'No sale', 'Äußerst zufrieden'] : []),
    version: '0.0.0-test',
    metrics,
    outlet,
    shelf: shelfOf(settings.recordings),
    ...(settings.memory && { memory: settings.memory }),
    ...(settings.ready && { ready: settings.ready }),
    ...(settings.heartbeatMs !== undefined && { heartbeatMs: settings.heartbeatMs }),
  }
  const listening = { host: '127.0.0.1', port: 0, onExchange: metrics.exchange, closeMs: 500 }
  const server = await serveHttp({ ...listening, surfaces: [api(office)], log, random })
  const advance = (ms: number) => {
    now = addMs(now, ms)
  }
  return { ...asker(server), history, publicKey: key.publicKey, desk, advance, close: () => server.close().then(closeOutbox) }
}

function signInFor({ publicUrl, providers = [] }: TestServerSettings, directory: Directory, url: () => string): SignInSettings {
  return {
    directory,
    providers,
    passwords: new PasswordChecker(),
    sessions: { idleMs: 12 * 3_600_000, longestMs: 168 * 3_600_000 },
    get publicUrl() {
      return publicUrl ?? url()
    },
  }
}

function givenParts({ earlierOrder, wallboard }: TestServerSettings): Partial<Office> {
  return { ...(earlierOrder && { earlierOrder }), ...(wallboard && { wallboard }) }
}

function outboxFor({ outboxFolder: folder }: TestServerSettings, parts: Pick<Office, 'desk' | 'random' | 'log'>) {
  const targets = new PermittedTargets(['127.0.0.0/8'])
  const place = folder === undefined ? {} : { folder }
  const outbox = openOutbox({ ...place, targets, post: poster(targets, 2_000), random: parts.random, log: parts.log })
  const accounts = folder === undefined ? [] : [accountA, accountB]
  const stop = startWebhooks({ ...parts, outlet: outbox.outlet, accounts })
  const closeOutbox = async () => {
    stop()
    await outbox.close()
  }
  return { outlet: outbox.outlet, closeOutbox }
}

/** Not random at all, and different each time. */
function countingRandom() {
  let count = 0
  const hex = (bytes: number) => (++count).toString(16).padStart(bytes * 2, '0')
  return { hex, integer: (below: number) => ++count % below }
}

function asker(server: HttpServer): Pick<TestServer, 'url' | 'ask' | 'close'> {
  let document: Promise<OpenApi> | undefined
  const ask = async (line: string, asking: Asking = {}): Promise<Reply> => {
    const [method = 'GET', target = '/'] = line.split(' ')
    const response = await fetch(
      `${server.url}${target.startsWith('//') ? target.slice(1) : `/sotto/v1${target}`}`,
      requestOf(method, asking),
    )
    const text = await response.text()
    const reply = { status: response.status, headers: response.headers, text, json: jsonOf(text) }
    document ??= fetch(`${server.url}/openapi.json`).then(async (answer) => (await answer.json()) as OpenApi)
    if (!asking.unheardOf) checkReply(await document, { method, path: new URL(response.url).pathname }, reply)
    return reply
  }
  return { url: server.url, ask, close: server.close }
}

function requestOf(method: string, { key, body, raw, headers = {} }: Asking): RequestInit {
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  const type: Record<string, string> = body === undefined ? {} : { 'Content-Type': 'application/json' }
  const access: Record<string, string> = key === undefined ? {} : { Authorization: `Bearer ${key}` }
  return { method, headers: { ...type, ...access, ...headers }, redirect: 'manual', ...(sent !== undefined && { body: sent }) }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

interface OpenApi {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          { readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>> }
        >
      >
    >
  >
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

/** The status is documented for the operation, and the body fits its schema. A path without an operation must answer with a problem. */
function checkReply(document: OpenApi, { method, path }: { method: string; path: string }, reply: Reply): void {
  assert.match(reply.headers.get('x-request-id') ?? '', /./, 'every answer has a request id')
  const operation = document.paths[patternOf(document, path) ?? '']?.[method === 'HEAD' ? 'get' : method.toLowerCase()]
  const type = (reply.headers.get('content-type') ?? '').split(';', 1).join('')
  if (reply.status >= 400) assert.equal(type, 'application/problem+json', `${method} ${path} answers ${reply.status} with a problem`)
  if (operation === undefined) return
  const documented = operation.responses[reply.status]
  assert.ok(documented, `${reply.status} of ${method} ${path} is documented; it is ${reply.text}`)
  const schema = documented.content?.[type]?.schema
  if (method === 'HEAD' || !type.endsWith('json')) return
  assert.ok(schema, `${type} of ${method} ${path} is documented`)
  const [fits, errors] = validator(document, schema).Errors(reply.json)
  assert.ok(fits, `${method} ${path}: ${JSON.stringify(errors)} in ${reply.text}`)
}

function patternOf(document: OpenApi, path: string): string | undefined {
  const fits = (pattern: string) => new RegExp(`^${pattern.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path)
  return document.paths[path] === undefined ? Object.keys(document.paths).find(fits) : path
}

const validators = new Map<object, ReturnType<typeof Schema.Compile>>()

function validator(document: OpenApi, schema: object) {
  const known = validators.get(schema)
  if (known !== undefined) return known
  const made = Schema.Compile({ ...schema, components: document.components })
  validators.set(schema, made)
  return made
}
