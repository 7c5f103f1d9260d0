/** The outbox of this node: dialects and webhooks put in, this sends, and what has not been taken is there again after a restart. */
import type { Outlet } from '../api/outlet.ts'
import type { Courier } from '../dialects/courier.ts'
import type { Log } from '../kernel/log.ts'
import type { Random } from '../kernel/random.ts'
import { Outbox } from '../outbox/outbox.ts'
import type { Plans } from '../outbox/plan.ts'
import { recall } from '../outbox/recall.ts'
import type { Letter, OutboxLog, OutboxRow, Parcel } from '../outbox/words.ts'
import type { OutboxContent } from './outbox-content.ts'
import { OutboxCourier } from './outbox-courier.ts'
import { OutboxFile } from './outbox-file.ts'
import { readOutbox } from './outbox-read.ts'
import { OutboxRunner } from './outbox-runner.ts'
import { WebhookOutlet } from './outbox-webhooks.ts'
import type { PermittedTargets } from './permitted-targets.ts'
import type { Post } from './poster.ts'

interface Options {
  /** Where it is kept; in memory only where absent. */
  readonly folder?: string
  readonly post: Post
  readonly targets: PermittedTargets
  readonly random: Random
  readonly log: Log
  /** For tests. */
  readonly plans?: Plans
  readonly segmentBytes?: number
}

export interface OpenOutbox {
  readonly courier: Courier
  readonly outlet: Outlet
  close(): Promise<void>
}

type KeptLog = OutboxLog<OutboxContent> & { close(): Promise<void> }

const forgetful: KeptLog = {
  append: () => {},
  whenSafe: (then) => then(true),
  fault: undefined,
  close: async () => {},
}

export function openOutbox({ folder, post, targets, random, log, plans, segmentBytes }: Options): OpenOutbox {
  const read = folder === undefined ? undefined : readOutbox<OutboxContent>(folder)
  for (const damage of read?.damage ?? []) log.error({ folder, damage }, 'the outbox is damaged')
  const recalled = recall(read?.rows ?? [])
  const outbox = new Outbox<OutboxContent>({ random, ...(plans === undefined ? {} : { plans }) })
  outbox.restore(recalled.letters.values())
  const handle: OutboxRunner<OutboxContent>['handle'] = (input, also) => runner.handle(input, also)
  const outlet = new WebhookOutlet(recalled, () => ({ outbox, file, handle, post, targets }))
  const courier = new OutboxCourier({ put: (parcel) => handle({ kind: 'put', parcels: [parcel] }), post, targets, random, log })
  const state = () => rowsOf(outbox, outlet)
  const size = segmentBytes === undefined ? {} : { segmentBytes }
  const file: KeptLog = folder === undefined || read === undefined ? forgetful : new OutboxFile({ folder, state, log, ...size }, read)
  const runner = new OutboxRunner<OutboxContent>({ outbox, file, ...doors(courier, outlet, log), log })
  runner.handle({ kind: 'wake' })
  return {
    courier,
    outlet,
    close: async () => {
      await runner.close()
      await file.close()
    },
  }
}

/** Each as it is when it is asked for: what was taken meanwhile is left out. */
function* rowsOf(outbox: Outbox<OutboxContent>, outlet: WebhookOutlet): Iterable<OutboxRow<OutboxContent>> {
  yield* outlet.rows()
  for (const { parcel } of outbox.letters()) {
    const letter = outbox.letter(parcel.id)
    if (letter !== undefined) yield { kind: 'letter', letter }
  }
}

function doors(courier: OutboxCourier, outlet: WebhookOutlet, log: Log) {
  return {
    send: ({ content, ...parcel }: Parcel<OutboxContent>) =>
      content.kind === 'event' ? outlet.post({ content, ...parcel }, content.body) : courier.post(content.callOut),
    delivered: ({ id, content }: Parcel<OutboxContent>) => {
      if (content.kind === 'call-out') courier.taken(id, content.callOut)
    },
    died: ({ parcel, why }: Letter<OutboxContent>) => {
      log.warn({ letter: parcel.id, receiver: parcel.receiver, why }, 'an event was given up: it is a dead letter now')
    },
    lost: ({ id, receiver, content }: Parcel<OutboxContent>, why: string) => {
      if (content.kind === 'call-out') courier.lost(id, content.callOut, why)
      else log.warn({ letter: id, receiver, why }, 'an event was not delivered')
    },
    gone: (receiver: string) => outlet.gone(receiver),
  }
}
