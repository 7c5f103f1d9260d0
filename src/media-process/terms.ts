/**
 * Who of the media processes on one path may send. Each takes office by making the next of a row of files, which only one can; a process
 * that has done so ends all earlier ones (SIGKILL, whatever state they are in) and waits until the kernel has closed what they had open.
 * So nobody who was frozen and comes to life again sends beside his successor.
 */
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const shortWaitMs = 1
const waitMs = 20
const shortWaits = 100

export interface Holder {
  readonly pid: number
  /** When it started, in ticks since the machine did: a number of a process is given out again. */
  readonly startedAt: string
}

export class Terms {
  readonly #folder: string
  #mine = 0

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }

  /** Takes office if nobody is in it. `by: 'force'`: whoever is there is to be ended. */
  claim(by: 'right' | 'force'): boolean {
    const newest = Math.max(0, ...this.#terms())
    const holder = this.#holder(newest)
    if (by === 'right' && holder !== undefined && !isGone(holder)) return false
    return this.#take(newest + 1)
  }

  /** After a claim: resolves when no earlier holder runs any more. */
  async fence(): Promise<void> {
    for (const term of this.#terms().filter((earlier) => earlier < this.#mine)) {
      const holder = this.#holder(term)
      if (holder !== undefined) await end(holder)
      rmSync(join(this.#folder, String(term)), { force: true })
    }
  }

  #take(term: number): boolean {
    const written = join(this.#folder, `by-${process.pid}`)
    writeFileSync(written, JSON.stringify(ourselves()))
    try {
      linkSync(written, join(this.#folder, String(term)))
      this.#mine = term
      return true
    } catch {
      return false
    } finally {
      rmSync(written, { force: true })
    }
  }

  #terms(): readonly number[] {
    return readdirSync(this.#folder).flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []))
  }

  #holder(term: number): Holder | undefined {
    try {
      return JSON.parse(readFileSync(join(this.#folder, String(term)), 'utf8'))
    } catch {
      return undefined
    }
  }
}

export const ourselves = (): Holder => ({ pid: process.pid, startedAt: look(process.pid)?.startedAt ?? '' })

async function end(holder: Holder): Promise<void> {
  for (let waits = 0; !isGone(holder); waits++) {
    kill(holder.pid)
    await new Promise((resolve) => setTimeout(resolve, waits < shortWaits ? shortWaitMs : waitMs))
  }
}

export function isGone(holder: Holder): boolean {
  const seen = look(holder.pid)
  if (seen === undefined || seen.startedAt !== holder.startedAt) return true
  // A zombie has closed its files once it is alone: the last thread does that.
  return (seen.state === 'Z' || seen.state === 'X') && seen.threads <= 1
}

/** By SIGSTOP, a debugger or whatever else: it sends nothing, and does not know that it does not. */
export const isStopped = ({ pid }: Holder): boolean => ['T', 't'].includes(look(pid)?.state ?? '')

/** proc_pid_stat(5): after the name, which may hold anything, come the state, seventeen fields on the threads, and two more on the start. */
export function look(pid: number): { readonly state: string; readonly threads: number; readonly startedAt: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0] ?? '', threads: Number(fields[17]), startedAt: fields[19] ?? '' }
  } catch {
    return undefined
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}
