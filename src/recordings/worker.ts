/** The thread for recordings that are over: encodes, sums up, brings to the storage and reads from there. It gives way to everybody. */
import { constants, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import type { Flow, FromThread, Job, ToThread } from './words.ts'
import { failureOf, Work } from './work.ts'

// On Linux a priority is a thread's: the others of this process keep theirs.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_LOW)

interface Flowing {
  readonly chunks: AsyncGenerator<Uint8Array>
  readonly abort: AbortController
  /** One chunk after the other, in the order in which they were asked for. */
  last: Promise<void>
}

const work = new Work(workerData)
const jobs = new Map<number, AbortController>()
const flows = new Map<number, Flowing>()

parentPort?.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'job':
      return void run(message.id, message.job)
    case 'flow':
      return open(message.id, message.flow)
    case 'more':
      return more(message.id)
    case 'cancel':
      return cancel(message.id)
  }
})

async function run(id: number, job: Job): Promise<void> {
  const abort = new AbortController()
  jobs.set(id, abort)
  try {
    say({ kind: 'done', id, result: await work.job(job, abort.signal) })
  } catch (error) {
    say({ kind: 'failed', id, failure: failureOf(error) })
  } finally {
    jobs.delete(id)
  }
}

function open(id: number, flow: Flow): void {
  const abort = new AbortController()
  flows.set(id, { chunks: work.flow(flow, abort.signal), abort, last: Promise.resolve() })
}

function more(id: number): void {
  const flowing = flows.get(id)
  if (flowing !== undefined) flowing.last = flowing.last.then(() => next(id, flowing))
}

async function next(id: number, flowing: Flowing): Promise<void> {
  if (flows.get(id) !== flowing) return
  try {
    const { value, done } = await flowing.chunks.next()
    if (done !== true) return say({ kind: 'chunk', id, bytes: value }, value)
    flows.delete(id)
    say({ kind: 'done', id, result: undefined })
  } catch (error) {
    flows.delete(id)
    say({ kind: 'failed', id, failure: failureOf(error) })
  }
}

function cancel(id: number): void {
  jobs.get(id)?.abort()
  const flowing = flows.get(id)
  flows.delete(id)
  flowing?.abort.abort()
  flowing?.chunks.return(undefined).catch(() => {})
}

function say(message: FromThread, handed?: Uint8Array): void {
  parentPort?.postMessage(message, handed === undefined ? [] : [handed.buffer as ArrayBuffer])
}
