import type { Archive } from '../audit/ports.ts'
import type { OpenInterval } from '../audit/watch.ts'
import type { Call } from '../call/call.ts'
import type { Cdr } from '../call/cdr.ts'
import { type Refusal, refusal } from '../call/refusal.ts'
import type { Directory } from '../directory/directory.ts'
import type { Engine, EngineEvent } from '../engine/port.ts'
import { type AccountId, type CallId, type RequestId, requestId, type SupervisionId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import { fail, type Outcome } from '../kernel/outcome.ts'
import type { Instant } from '../kernel/time.ts'
import type { AgentView, Attempt, Caller, DeskCommand, Done, ExtensionView, FrontDesk, GroupView, OutEvent, PartyLevel } from './command.ts'
import type { Desk } from './desk.ts'
import { DeskPast } from './desk-past.ts'
import type { DeskInput, DeskOutput } from './desk-words.ts'
import { forgetful, type Journal } from './journal.ts'
import type { LineEvent } from './line-work.ts'
import { OpenLines } from './open-lines.ts'
import { Release, type Word } from './release.ts'

/** A timer and a clock, as `edge/` has them. */
export interface Clock {
  now(): Instant
  /** Replaces the one alarm. */
  alarm(at: Instant | undefined, ring: () => void): void
}

interface Parts {
  readonly desk: Desk
  readonly engine: Engine
  readonly directory: Directory
  readonly clock: Clock
  readonly log: Log
  /** Without one nothing is remembered, and answers and events leave at once. */
  readonly journal?: Journal
  /** Where records are kept for longer than the desk remembers. */
  readonly archive?: Pick<Archive, 'keepCdr' | 'keepEntry'>
}

/** Commands that wait for their effect at once; more than this is a program gone wild. */
const requestsInFlight = 10_000
const measureTimeoutMs = 1000

/** The desk with the world around it: promises outside, the single writer inside. */
export class OpenDesk implements FrontDesk {
  readonly lines: OpenLines
  readonly past: DeskPast
  readonly #parts: Parts
  readonly #requests = new Map<RequestId, (outcome: Outcome<Done, Refusal>) => void>()
  readonly #measures = new Map<RequestId, (event: Extract<EngineEvent, { kind: 'measured' }>) => void>()
  readonly #listeners = new Map<AccountId, Set<(event: OutEvent) => void>>()
  readonly #inputs: DeskInput[] = []
  readonly #journal: Journal
  readonly #release: Release
  /** Place in the journal of the last change. */
  #place = 0
  /** Id of the first event that has not left. */
  #unreleased: number
  #working = false
  #lastRequest = 0

  constructor(parts: Parts) {
    this.#parts = parts
    this.past = new DeskPast(parts.desk, (input) => this.#handle(input))
    this.#journal = parts.journal ?? forgetful
    this.#release = new Release(this.#journal, (word) => this.#letGo(word))
    this.#unreleased = parts.desk.events.next
    const nextRequest = () => this.#nextRequest()
    this.lines = new OpenLines({ lines: parts.desk.lines, engine: parts.engine.lines, nextRequest })
    this.#keepRecovered()
    this.#setAlarm()
    parts.engine.onEvent((event) => this.#engineEvent(event))
  }

  /** What the log gave back; the archive may have all of it already. */
  #keepRecovered(): void {
    const { entries, cdrs } = this.#parts.desk.records.recovered()
    for (const entry of entries) this.#parts.archive?.keepEntry(entry)
    for (const cdr of cdrs) this.#parts.archive?.keepCdr(cdr)
  }

  get draining(): boolean {
    return this.#parts.desk.draining
  }

  get liveCalls(): number {
    return this.#parts.desk.table.liveCount
  }

  drain(): void {
    this.#handle({ kind: 'drain' })
  }

  degraded(): readonly string[] {
    const { desk } = this.#parts
    return [
      ...(desk.mediaUp ? [] : ['media']),
      ...(desk.draining ? ['draining'] : []),
      ...(this.#journal.fault === undefined ? [] : ['log']),
    ]
  }

  request(caller: Caller, command: DeskCommand): Promise<Outcome<Done, Refusal>> {
    if (this.#requests.size >= requestsInFlight) return Promise.resolve(fail(refusal('capacity-exceeded')))
    const request = this.#nextRequest()
    return new Promise((resolve) => {
      this.#requests.set(request, resolve)
      this.#handle({ kind: 'command', request, caller, command })
    })
  }

  refused(caller: Caller, attempt: Attempt): void {
    this.#handle({ kind: 'refused', caller, attempt })
  }

  #nextRequest(): RequestId {
    this.#lastRequest += 1
    return requestId(String(this.#lastRequest))
  }

  #engineEvent(event: EngineEvent): void {
    if (event.kind === 'recorded') this.#parts.log[event.complete ? 'info' : 'warn']({ recorded: event }, 'a recording is over')
    if (event.kind !== 'measured') return this.#handle({ kind: 'engine', event })
    this.#measures.get(event.request)?.(event)
    this.#measures.delete(event.request)
  }

  /** One input after the other: an order may bring forth an event at once, and that waits its turn. */
  #handle(input: DeskInput): void {
    this.#inputs.push(input)
    if (this.#working) return
    this.#working = true
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) this.#work(next)
    } finally {
      this.#working = false
      this.#setAlarm()
    }
  }

  #setAlarm(): void {
    this.#parts.clock.alarm(this.#parts.desk.deadline(), () => this.#handle({ kind: 'wake' }))
  }

  #work(input: DeskInput): void {
    for (const output of this.#parts.desk.handle(this.#parts.clock.now(), input)) {
      try {
        this.#carryOut(output)
      } catch (error) {
        this.#parts.log.error({ err: error, output: output.kind }, 'an output of the desk could not be carried out')
      }
    }
    if (input.kind === 'engine' && isOfLine(input.event)) this.lines.told(input.event)
    if (input.kind === 'engine' && input.event.kind === 'restored') this.lines.closeOrphans()
  }

  #carryOut(output: DeskOutput): void {
    switch (output.kind) {
      case 'order':
        return this.#parts.engine.order(output.order)
      case 'answered':
      case 'event':
      case 'audit':
      case 'cdr':
        return this.#release.add(output, this.#place)
      case 'journal':
        this.#place = this.#journal.append(output.changes)
        return
      case 'fault':
        return this.#parts.log.error({ err: output.error, input: output.input }, 'bug: the desk could not work this input')
      case 'bug':
        return this.#parts.log.error({ err: output.error, call: output.call, input: output.input }, 'bug: the call was ended')
    }
  }

  #letGo(word: Word): void {
    switch (word.kind) {
      case 'event':
        return this.#publish(word.event)
      case 'audit':
        return this.#parts.archive?.keepEntry(word.entry)
      case 'cdr':
        return this.#parts.archive?.keepCdr(word.cdr)
      case 'answered':
        this.#requests.get(word.request)?.(word.outcome)
        this.#requests.delete(word.request)
    }
  }

  #publish(event: OutEvent): void {
    this.#unreleased = Number(event.id) + 1
    for (const listener of this.#listeners.get(event.account) ?? []) {
      try {
        listener(event)
      } catch (error) {
        this.#parts.log.error({ err: error, event: event.id }, 'a listener failed')
      }
    }
  }

  calls(account: AccountId): readonly Call[] {
    return this.#parts.desk.table.live(account)
  }

  call(account: AccountId, id: CallId): Call | undefined {
    const call = this.#parts.desk.table.get(id)
    return call?.account === account ? call : undefined
  }

  callBySerial(account: AccountId, serial: number): Call | undefined {
    const call = this.#parts.desk.table.ofSerial(serial)
    return call?.account === account ? call : undefined
  }

  endedCalls(account: AccountId): readonly Call[] {
    return this.#parts.desk.table.ended(account)
  }

  callOfSupervision(account: AccountId, id: SupervisionId): Call | undefined {
    const call = this.#parts.desk.table.ofSupervision(id)
    return call?.account === account ? call : undefined
  }

  cdrs(account: AccountId): readonly Cdr[] {
    return this.#parts.desk.records.cdrs(account)
  }

  openIntervals(account: AccountId): readonly OpenInterval[] {
    return this.#parts.desk.records.openIntervals(account)
  }

  async levels(account: AccountId, id: CallId): Promise<readonly PartyLevel[]> {
    const call = this.call(account, id)
    if (call === undefined || call.endedAt !== undefined || this.#measures.size >= limits.callsPerNode) return []
    const measured = await this.#measure(id)
    const byLeg = new Map(call.parties.map((p) => [p.leg, p.id]))
    return measured.flatMap(({ leg, levelDbov, lastAudioAt }) => {
      const party = byLeg.get(leg)
      return party === undefined ? [] : [{ party, levelDbov, lastAudioAt }]
    })
  }

  #measure(call: CallId): Promise<Extract<EngineEvent, { kind: 'measured' }>['legs']> {
    const request = this.#nextRequest()
    return new Promise((resolve) => {
      const giveUp = setTimeout(() => {
        this.#measures.delete(request)
        resolve([])
      }, measureTimeoutMs)
      this.#measures.set(request, (event) => {
        clearTimeout(giveUp)
        resolve(event.legs)
      })
      this.#parts.engine.measure(call, request)
    })
  }

  agents(account: AccountId): readonly AgentView[] {
    const at = this.#parts.clock.now()
    return this.#parts.directory.agents(account).map((agent) => this.#parts.desk.presence.view(at, agent))
  }

  extensions(account: AccountId): readonly ExtensionView[] {
    return this.#parts.directory.extensions(account).map((extension) => this.#parts.desk.presence.extensionView(extension))
  }

  extension(account: AccountId, number: string): ExtensionView | undefined {
    const extension = this.#parts.directory.extension(account, number)
    return extension && this.#parts.desk.presence.extensionView(extension)
  }

  groups(account: AccountId): readonly GroupView[] {
    const at = this.#parts.clock.now()
    return this.#parts.directory.groups(account).map((group) => this.#parts.desk.presence.groupView(at, group))
  }

  eventsAfter(account: AccountId, cursor: string): readonly OutEvent[] | undefined {
    return this.#parts.desk.events.after(account, cursor, this.#unreleased)
  }

  subscribe(account: AccountId, listener: (event: OutEvent) => void): () => void {
    const listeners = this.#listeners.get(account) ?? new Set()
    this.#listeners.set(account, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(account)
    }
  }
}

const isOfLine = (event: EngineEvent): event is LineEvent =>
  event.kind === 'line-opened' || event.kind === 'line-failed' || event.kind === 'line-state'
