/** Who comes back after a long time is told everything from the history and then from the desk: each event once, in order. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { AgentView, OutEvent, PastEvent } from '../control/command.ts'
import { EventLog } from '../control/event-log.ts'
import type { PastEvents } from '../control/past-events.ts'
import { accountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { instant } from '../kernel/time.ts'
import { EventFeed } from './event-feed.ts'

const [acme, other] = [accountId('acme'), accountId('other')]
const noon = instant(1_800_000_000_000)
const usual = limits.eventsKept
const agent: AgentView = {
  ...{ id: '1234', username: 'ada', name: 'Ada', extension: '210', role: 'agent', groups: [], state: 'away', since: noon },
  tally: { handled: 0, missed: 0, talkMs: 0 },
}

/** A desk that forgets soon, and a history that has all and gives it in pages. */
class Past implements PastEvents {
  readonly log = new EventLog(noon)
  readonly stored: OutEvent[] = []
  readonly #listeners = new Set<(event: OutEvent) => void>()
  /** Pages that are asked for and not yet given. */
  readonly waiting: (() => void)[] = []
  isAway = false
  readonly #page: number

  constructor(page: number) {
    this.#page = page
  }

  get firstEvent(): number {
    return this.log.first
  }

  happen(account: typeof acme): void {
    const event = this.log.appendAgent({ account, agent, at: noon })
    this.stored.push(event)
    for (const listener of this.#listeners) if (account === acme) listener(event)
  }

  after = async (account: typeof acme, cursor: number) => {
    const inMemoryFrom = this.firstEvent
    const found = this.stored.filter((event) => event.account === account && Number(event.id) > cursor)
    await new Promise<void>((resolve) => this.waiting.push(resolve))
    if (this.isAway) throw new Error('away')
    const events = found.slice(0, this.#page) as PastEvent[]
    const last = Number(events.at(-1)?.id ?? cursor)
    return { events, upTo: found.length < this.#page ? Math.max(last, inMemoryFrom - 1) : last }
  }

  eventsAfter = (account: typeof acme, cursor: string) => this.log.after(account, cursor)
  subscribe = (_: unknown, listener: (event: OutEvent) => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('whatever happens while the past is read, every event comes once and in order', async () => {
  const deeds = fc.array(fc.constantFrom('event', 'event', 'elsewhere', 'read', 'page', 'burst'), { minLength: 20, maxLength: 120 })
  try {
    await fc.assert(
      fc.asyncProperty(
        deeds,
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 0, max: 60 }),
        async (todo, page, kept, before) => {
          Object.assign(limits, { eventsKept: kept })
          const past = new Past(page)
          for (let n = 0; n < 40 + before; n += 1) past.happen(n % 3 === 0 ? other : acme)
          const start = past.log.first > noon * 1000 ? { past, after: noon * 1000 } : past.log.after(acme, String(noon * 1000))
          assert.ok(start !== undefined)
          const seen: string[] = []
          const feed = new EventFeed(
            past,
            start,
            { account: acme, wants: () => true, backlog: 1_000 },
            { ready: () => {}, tooSlow: () => assert.fail() },
          )
          const readAll = () => {
            for (let event = feed.next(); event !== undefined; event = feed.next()) seen.push(event.id)
          }
          for (const deed of todo) {
            if (deed === 'event') past.happen(acme)
            if (deed === 'elsewhere') past.happen(other)
            if (deed === 'burst') for (let n = 0; n < 30; n += 1) past.happen(acme)
            if (deed === 'read') readAll()
            if (deed === 'page') past.waiting.shift()?.()
            await settled()
          }
          for (let idle = 0; idle < 3; ) {
            const before = seen.length
            readAll()
            past.waiting.shift()?.()
            await settled()
            idle = seen.length === before ? idle + 1 : 0
          }
          feed.close()
          const expected = past.stored.filter((event) => event.account === acme && Number(event.id) > noon * 1000).map(({ id }) => id)
          assert.deepEqual(seen, expected)
        },
      ),
      { numRuns: 60 },
    )
  } finally {
    Object.assign(limits, { eventsKept: usual })
  }
})

test('where the history goes away meanwhile the reader is sent away, to come again', async () => {
  Object.assign(limits, { eventsKept: 5 })
  const past = new Past(5)
  for (let n = 0; n < 60; n += 1) past.happen(acme)
  Object.assign(limits, { eventsKept: usual })
  let isCut = false
  const reader = { ready: () => {}, tooSlow: () => (isCut = true) }
  const feed = new EventFeed(
    past,
    { past, after: noon * 1000 },
    { account: acme, wants: () => true, backlog: 10 },
    { ...reader, tooSlow: () => void reader.tooSlow() },
  )
  assert.equal(feed.next(), undefined)
  past.isAway = true
  past.waiting.shift()?.()
  await settled()
  assert.equal(isCut, true)
  feed.close()
})
