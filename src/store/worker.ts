/** The store's thread: everything that may wait for a disk or a database server. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Kysely } from 'kysely'
import * as history from './answers-history.ts'
import * as service from './answers-service.ts'
import { applyGroup } from './apply.ts'
import { DamagedRow } from './body.ts'
import { blankCdrs, blankEvents, unseal } from './erase.ts'
import { whyOf } from './faults.ts'
import { Keeper } from './keeper.ts'
import type { FromWorker, Group, StorePlace, ToWorker } from './messages.ts'
import { auditCut, cutAudit, prune } from './prune.ts'
import type { Answer, Ask, QuestionName, ReadFailure } from './questions.ts'
import type { Tables } from './schema.ts'
import { NotReadable } from './unreadable.ts'

type Answers = { readonly [Q in QuestionName]: (db: Kysely<Tables>, ask: Ask<Q>) => Promise<Answer<Q>> }

const { cdr, cdrs, eventsAfter, eventsOfCall, eventsThere, eventsFrom, audit, lastAudit, auditHeads } = history
const { claimMessages, deadMessages, pendingMessages, value, values } = service
const answers: Answers = {
  ...{ cdr, cdrs, eventsAfter, eventsOfCall, eventsThere, eventsFrom, audit, lastAudit, auditHeads },
  ...{ claimMessages, deadMessages, pendingMessages, value, values, prune },
  ...{ auditCut, cutAudit, blankEvents, blankCdrs, unseal },
}

const tell = (message: FromWorker): void => parentPort?.postMessage(message)

const keeper = new Keeper({
  place: workerData as StorePlace,
  onCondition: (condition) => tell({ kind: 'condition', condition }),
  remark: (level, fields, message) => tell({ kind: 'remark', level, fields, message }),
})

parentPort?.on('message', (message: ToWorker) => void hear(message))

async function hear(message: ToWorker): Promise<void> {
  switch (message.kind) {
    case 'look':
      return await keeper.look()
    case 'apply':
      return await apply(message.group)
    case 'ask':
      return await answer(message.id, message.name, message.ask)
    case 'close':
      await keeper.close().catch(() => {})
      tell({ kind: 'closed' })
  }
}

async function apply(group: Group): Promise<void> {
  const { number, writer } = group
  try {
    const rejected = await keeper.use(async ({ db }) => await applyGroup(db, group))
    tell({ kind: 'applied', number, writer, rejected })
  } catch {
    tell({ kind: 'not-applied', number, writer })
  }
}

async function answer<Q extends QuestionName>(id: number, name: Q, ask: unknown): Promise<void> {
  try {
    const found = await keeper.use(async ({ db }) => await answers[name](db, ask as Ask<Q>))
    tell({ kind: 'answer', id, answer: found })
  } catch (error) {
    tell({ kind: 'no-answer', id, failure: failureOf(error, name) })
  }
}

function failureOf(error: unknown, question: string): ReadFailure {
  if (error instanceof NotReadable) return error.failure
  if (!(error instanceof DamagedRow)) return 'unavailable'
  tell({ kind: 'remark', level: 'error', fields: { question, why: whyOf(error) }, message: 'a stored row is damaged and is not given out' })
  return 'damaged'
}
