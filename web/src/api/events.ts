/**
 * The event stream, kept open. After every (re)connection the lists are read anew while events wait, so that what is shown is right
 * however long the connection was away; until that is done the link is not `live`.
 */
import type { Client } from './client.ts'
import { readSse, type SseMessage } from './sse.ts'
import type { Agent, Call, Group, Problem, ServerEvent, Snapshot } from './types.ts'

export interface EventReader {
  /** Once for each connection, before its events. */
  snapshot(snapshot: Snapshot): void
  events(events: readonly ServerEvent[]): void
  /** Nothing that is shown is known to hold any more. */
  lost(why: Problem | undefined): void
}

/** A comment comes every 15 s; whoever is silent for longer than this is gone. */
const silenceMs = 22_000
const retryMs = { first: 250, longest: 5_000 }

export class EventLink {
  readonly #client: Client
  readonly #reader: EventReader
  #cursor: string | undefined
  #abort = new AbortController()
  #watch = 0
  #closed = false
  #wake: () => void = () => {}

  constructor(client: Client, reader: EventReader) {
    this.#client = client
    this.#reader = reader
    addEventListener('online', this.#retryNow)
    addEventListener('offline', this.#drop)
    void this.#run()
  }

  close(): void {
    this.#closed = true
    removeEventListener('online', this.#retryNow)
    removeEventListener('offline', this.#drop)
    this.#drop()
    this.#wake()
  }

  #retryNow = (): void => this.#wake()
  #drop = (): void => this.#abort.abort()

  async #run(): Promise<void> {
    let patience = retryMs.first
    while (!this.#closed) {
      const held = await this.#once()
      if (this.#closed) return
      patience = held ? retryMs.first : Math.min(patience * 1.25, retryMs.longest)
      await this.#pause(patience * (0.75 + Math.random() / 2))
    }
  }

  /** One connection, to its end; whether it ever was live. */
  async #once(): Promise<boolean> {
    this.#abort = new AbortController()
    const { signal } = this.#abort
    const opened = await this.#client.open('/events', signal, this.#cursor === undefined ? {} : { 'Last-Event-ID': this.#cursor })
    if (!opened.ok) {
      // 410: the cursor is not kept any more, and the lists are read again anyway.
      if (opened.problem.status === 410) this.#cursor = undefined
      this.#reader.lost(opened.problem)
      return false
    }
    const { body } = opened.value
    if (body === null) return false
    const intake = new Intake(this.#reader)
    this.#heard()
    void this.#resync(intake, signal)
    await readSse(body, (messages) => intake.take(this.#read(messages)), this.#heard)
    clearTimeout(this.#watch)
    this.#drop()
    intake.close()
    if (!this.#closed) this.#reader.lost(undefined)
    return intake.live
  }

  #read(messages: readonly SseMessage[]): readonly ServerEvent[] {
    return messages.map((message) => {
      this.#cursor = message.id
      return JSON.parse(message.data)
    })
  }

  async #resync(intake: Intake, signal: AbortSignal): Promise<void> {
    const [calls, agents, groups] = await Promise.all([
      this.#client.all<Call>('/calls'),
      this.#client.all<Agent>('/agents'),
      this.#client.all<Group>('/groups'),
    ])
    if (signal.aborted) return
    if (calls.ok && agents.ok && groups.ok) intake.begin({ calls: calls.value, agents: agents.value, groups: groups.value })
    else this.#drop()
  }

  #heard = (): void => {
    clearTimeout(this.#watch)
    this.#watch = setTimeout(this.#drop, silenceMs)
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/** Events wait here until the lists are there; after that they are handed on once a frame. */
class Intake {
  readonly #reader: EventReader
  #waiting: ServerEvent[] = []
  #planned = false
  #closed = false
  live = false

  constructor(reader: EventReader) {
    this.#reader = reader
  }

  begin(snapshot: Snapshot): void {
    if (this.#closed) return
    this.live = true
    this.#reader.snapshot(snapshot)
    this.#flush()
  }

  take(events: readonly ServerEvent[]): void {
    this.#waiting.push(...events)
    if (!this.live || this.#planned) return
    this.#planned = true
    // Not requestAnimationFrame, which rests in a hidden tab.
    setTimeout(() => this.#flush(), 16)
  }

  close(): void {
    this.#flush()
    this.#closed = true
  }

  #flush(): void {
    this.#planned = false
    if (this.#closed || !this.live || this.#waiting.length === 0) return
    const events = this.#waiting
    this.#waiting = []
    this.#reader.events(events)
  }
}
