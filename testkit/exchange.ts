/** All dialects and Sotto's own API on a real socket, in front of the real desk; only the phones are scripted, and time is the test's. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import { api } from '../src/api/api.ts'
import type { Call } from '../src/call/call.ts'
import { Desk } from '../src/control/desk.ts'
import { OpenDesk } from '../src/control/front-desk.ts'
import { Rights } from '../src/control/rights.ts'
import type { CallOut, Courier } from '../src/dialects/courier.ts'
import { openDialects } from '../src/dialects/dialects.ts'
import { buildDirectory, type Directory } from '../src/directory/directory.ts'
import { AuditBook } from '../src/edge/audit-book.ts'
import { auditKey } from '../src/edge/audit-key.ts'
import { parseSettings } from '../src/edge/config.ts'
import { systemHash } from '../src/edge/hash.ts'
import { type HttpServer, serveHttp } from '../src/edge/http.ts'
import { createMetrics } from '../src/edge/metrics.ts'
import { numberPlan } from '../src/edge/numbers.ts'
import { openOutbox } from '../src/edge/outbox.ts'
import { PasswordChecker } from '../src/edge/passwords.ts'
import { PermittedTargets } from '../src/edge/permitted-targets.ts'
import type { Settings } from '../src/edge/settings.ts'
import { softphonePasses } from '../src/edge/softphone-passes.ts'
import type { EngineOrder } from '../src/engine/port.ts'
import { type AccountId, type LegId, legId } from '../src/kernel/ids.ts'
import { type Log, silent } from '../src/kernel/log.ts'
import { ok } from '../src/kernel/outcome.ts'
import { addMs, type Instant, instant } from '../src/kernel/time.ts'
import { accountA, noon } from './desk.ts'
import { InMemoryArchive } from './in-memory-archive.ts'
import { SeededRandom } from './random.ts'
import { shelfOf } from './recording-shelf.ts'
import { ScriptedEngine, type ScriptedLeg } from './scripted-engine.ts'

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: a test reads members of JSON that it knows; a wrong one fails its assertion.
  readonly json: any
}

export interface Asking {
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as it is. */
  readonly body?: string | Buffer
}

export interface ExchangeOptions {
  /** Changes the reference configuration (as JSON) before it is checked. */
  // biome-ignore lint/suspicious/noExplicitAny: a test writes members of JSON that it knows; a wrong one is refused.
  readonly change?: (configuration: any) => void
  readonly log?: Log
  /** The folder for recordings. */
  readonly recordings?: string
}

/** Phones and mixer that do at once what they are told: called phones ring, a rewire is applied. Picking up is the test's business. */
class WillingEngine extends ScriptedEngine {
  /** Addresses that do not answer an INVITE at all. */
  readonly deaf = new Set<string>()
  #now: () => Instant

  constructor(now: () => Instant) {
    super()
    this.#now = now
  }

  override order(order: EngineOrder): void {
    super.order(order)
    const { effect } = order
    if (effect.kind === 'invite') this.#ring(this.legs.get(effect.leg))
    else if (effect.kind === 'answer') this.answer(this.#known(effect.leg))
    else if (effect.kind === 'rewire' && this.apply(order.call)) this.confirm(order.call, this.#now())
  }

  #ring(leg: ScriptedLeg | undefined): void {
    if (leg === undefined || this.deaf.has(leg.address)) return
    this.accept(leg)
    this.ring(leg)
  }

  #known(id: LegId): ScriptedLeg {
    const leg = this.legs.get(id)
    assert.ok(leg !== undefined, `leg ${id}`)
    return leg
  }
}

export class Exchange {
  readonly engine: WillingEngine
  readonly desk: OpenDesk
  readonly audit: AuditBook
  readonly directory: Directory
  readonly settings: Settings
  /** What the dialects sent out, in order. */
  readonly sent: CallOut[] = []
  readonly random = new SeededRandom(1)
  #now: Instant = noon
  #alarm: { at: Instant; ring: () => void } | undefined
  #server: HttpServer | undefined
  #stop: () => void = () => {}
  #legs = 0
  readonly #recordings: string | undefined

  private constructor(settings: Settings, { log, recordings }: { readonly log: Log; readonly recordings: string | undefined }) {
    this.#recordings = recordings
    this.settings = settings
    this.directory = buildDirectory(settings.accounts, numberPlan)
    this.engine = new WillingEngine(() => this.#now)
    const clock = {
      now: () => this.#now,
      alarm: (at: Instant | undefined, ring: () => void) => {
        this.#alarm = at === undefined ? undefined : { at, ring }
      },
    }
    const desk = new Desk({ directory: this.directory, random: this.random, sha256: systemHash.sha256, at: this.#now })
    this.audit = new AuditBook({ archive: new InMemoryArchive(), key: auditKey(), clock: () => this.#now, log })
    this.desk = new OpenDesk({ desk, engine: this.engine, directory: this.directory, clock, log, archive: this.audit })
    this.engine.emit({ kind: 'media', up: true })
  }

  static async open({ change, log = silent, recordings }: ExchangeOptions = {}): Promise<Exchange> {
    const configuration = JSON.parse(readFileSync(new URL('../fixtures/call-centre.json', import.meta.url), 'utf8'))
    change?.(configuration)
    const settings = parseSettings(configuration)
    assert.ok(settings.ok, JSON.stringify(settings.ok ? '' : settings.error))
    const exchange = new Exchange(settings.value, { log, recordings })
    await exchange.#serve(log)
    return exchange
  }

  async #serve(log: Log): Promise<void> {
    const { desk, directory, random, settings } = this
    const clock = () => this.#now
    const courier: Courier = { send: (callOut) => void this.sent.push(callOut), permits: () => ok(true) }
    const { publicUrl, sip, dialects: switches } = settings
    const shelf = shelfOf(this.#recordings)
    const about = { publicUrl, realm: sip.realm, version: '0.0.0-test', settings: switches }
    const needs = { desk, directory, clock, random, log, courier, shelf, ...about }
    const dialects = openDialects(needs)
    this.#stop = dialects.start()
    const metrics = createMetrics({ sources: [], ofProcess: false })
    const { outlet } = openOutbox({ targets: new PermittedTargets([]), post: async () => ({ failed: 'nobody is there' }), random, log })
    const native = api({
      desk,
      history: this.audit,
      random,
      log,
      clock,
      version: '0.0.0-test',
      metrics,
      keys: directory.nativeKeys,
      rights: new Rights(directory),
      extensionsOf: ({ account, user }) => (user === undefined ? [] : (directory.user(account, user)?.extensions ?? [])),
      passFor: softphonePasses({ secret: 'secret of the test', realm: sip.realm, random, codeOf: (id) => directory.account(id)?.code }),
      dispositionsOf: (account) => directory.account(account)?.dispositions ?? [],
      tellsAgents: (account) => directory.account(account)?.supervision.visibleToAgents === true,
      signIn: { directory, publicUrl, sessions: settings.sessions, passwords: new PasswordChecker(), providers: [] },
      outlet,
      shelf,
    })
    const surfaces = [...dialects.surfaces, native]
    this.#server = await serveHttp({ host: '127.0.0.1', port: 0, surfaces, signpost: dialects.signpost, log, random, closeMs: 300 })
  }

  get url(): string {
    return this.#server?.url ?? ''
  }

  get now(): Instant {
    return this.#now
  }

  async close(): Promise<void> {
    this.#stop()
    await this.#server?.close()
  }

  /** Time passes; whatever is due happens at its time. */
  advance(ms: number): void {
    const until = addMs(this.#now, ms)
    for (let due = this.#alarm; due !== undefined && due.at <= until; due = this.#alarm) {
      this.#alarm = undefined
      this.#now = instant(Math.max(due.at, this.#now))
      due.ring()
    }
    this.#now = until
  }

  /** Phones of the first account, unless another is named. */
  register(extensions: readonly string[], account: AccountId = accountA, contacts = 1): void {
    for (const extension of extensions) this.engine.emit({ kind: 'registration', account, extension, contacts })
  }

  /** Somebody outside calls a number of ours. */
  callsIn(dialled: string, from: { readonly number: string; readonly name?: string; readonly claimed?: string }, trunk = 'pstn'): Call {
    return this.#offer(from.number, dialled, { kind: 'trunk', account: accountA, trunk }, from)
  }

  /** An extension dials. */
  dials(extension: string, dialled: string, account: AccountId = accountA): Call {
    return this.#offer(extension, dialled, { kind: 'extension', account, extension }, { number: extension })
  }

  #offer(
    address: string,
    dialled: string,
    source: Extract<Parameters<ScriptedEngine['emit']>[0], { kind: 'leg-offered' }>['source'],
    from: { readonly number: string; readonly name?: string; readonly claimed?: string },
  ): Call {
    this.#legs += 1
    const leg = legId(`in-${this.#legs}`)
    this.engine.offer({ id: leg, account: source.account, address })
    this.engine.emit({ kind: 'leg-offered', leg, source, from, dialled })
    const call = this.settings.accounts.flatMap(({ id }) => this.desk.calls(id)).find((c) => c.parties.some((p) => p.leg === leg))
    assert.ok(
      call !== undefined,
      `the call of ${address} to ${dialled} came to be; the leg ended with ${this.engine.legs.get(leg)?.goodbye}`,
    )
    return call
  }

  /** The phone's newest leg that is not over. */
  leg(address: string): ScriptedLeg {
    const leg = [...this.engine.legs.values()].findLast((l) => l.address === address && l.phase !== 'over')
    assert.ok(leg !== undefined, `${address} has a leg`)
    return leg
  }

  answers(address: string): void {
    this.engine.answer(this.leg(address))
  }

  hangsUp(address: string): void {
    this.engine.end(this.leg(address), 'hangup')
  }

  declines(address: string): void {
    this.engine.end(this.leg(address), 'declined')
  }

  /** The call as it is now. */
  call(before: Pick<Call, 'id' | 'account'>): Call {
    const call = this.desk.call(before.account, before.id)
    assert.ok(call !== undefined)
    return call
  }

  /** Who hears whom on the call's bridge now, by address: `{ '101': ['210', '6501234567'] }`. Who hears nobody is left out. */
  hearing(call: Pick<Call, 'id'>): Record<string, string[]> {
    const heard: Record<string, string[]> = {}
    const address = (id: LegId) => this.engine.legs.get(id)?.address ?? id
    for (const { listener, talker } of this.engine.heard(call.id)) {
      const listeners = heard[address(listener)] ?? []
      heard[address(listener)] = [...listeners, address(talker)].sort()
    }
    return heard
  }

  /** `line` is method and target, byte for byte as they shall be sent: `PUT //uapi/phoneCalls/…`. */
  ask(line: string, { headers = {}, body }: Asking = {}): Promise<Reply> {
    const [, method, target] = /^(\S+) (.*)$/.exec(line) ?? []
    assert.ok(method !== undefined && target !== undefined && this.#server !== undefined)
    const { hostname, port } = new URL(this.#server.url)
    const { promise, resolve, reject } = Promise.withResolvers<Reply>()
    const length: Record<string, string> = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
    const sent = request({ hostname, port, method, path: target, headers: { Host: 'sotto.test', ...length, ...headers } }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json: parsed(text) })
      })
    })
    sent.on('error', reject)
    sent.end(body)
    return promise
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
