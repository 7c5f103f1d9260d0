import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Heard, temporaryFolder } from '../../testkit/stores.ts'
import type { AgentView, OutEvent } from '../control/command.ts'
import { EventLog } from '../control/event-log.ts'
import { accountId } from '../kernel/ids.ts'
import { addMs, instant } from '../kernel/time.ts'
import { storePlaceIn } from '../store/place.ts'
import { openStore, type Store } from '../store/store.ts'
import { keepEvents } from './store-events.ts'
import { StoreWriter } from './store-writer.ts'

const account = accountId('acme')
const noon = instant(1_800_000_000_000)
const folder = temporaryFolder()
after(() => folder.remove())

const agent: AgentView = {
  ...{ id: '1234', username: 'ada', name: 'Ada', extension: '210', role: 'agent', groups: [], state: 'away', since: noon },
  tally: { handled: 0, missed: 0, talkMs: 0 },
}

/** A desk with events only. */
class Teller {
  readonly events = new EventLog(noon)
  readonly #listeners = new Set<(event: OutEvent) => void>()

  happen(ms: number): void {
    const event = this.events.append({ account, agent, at: addMs(noon, ms) })
    for (const listener of this.#listeners) listener(event)
  }

  eventsAfter = (of: typeof account, cursor: string) => this.events.after(of, cursor)
  subscribe = (_: unknown, listener: (event: OutEvent) => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}

async function kept(store: Store, count: number): Promise<readonly number[]> {
  for (let i = 0; i < 500; i += 1) {
    const answer = await store.ask('eventsAfter', { account, cursor: 0, limit: 100 })
    if (answer.ok && answer.value.length >= count) return answer.value.map(({ cursor }) => cursor - noon * 1000)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('the events do not come')
}

test('events are kept as they happen, and those that an earlier process could not keep come first from the log', async () => {
  const teller = new Teller()
  const run = async (whileItRuns: () => void, count: number) => {
    const log = new Heard()
    const store = openStore({ ...storePlaceIn(folder.path, undefined), log, clock: () => noon })
    const stop = keepEvents({ store, writer: new StoreWriter(store, log), desk: teller, accounts: [account], events: teller.events })
    whileItRuns()
    const cursors = await kept(store, count)
    stop()
    await store.close()
    return cursors
  }
  // Before there was a store.
  for (let ms = 0; ms < 3; ms += 1) teller.happen(ms)
  assert.deepEqual(await run(() => teller.happen(3), 4), [0, 1, 2, 3])
  // While it was killed.
  teller.happen(4)
  teller.happen(5)
  const all = await run(() => teller.happen(6), 7)
  assert.deepEqual(all, [0, 1, 2, 3, 4, 5, 6])
})
