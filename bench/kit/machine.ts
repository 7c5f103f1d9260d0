/** What a figure was measured on, and what the processes used for it. */
import { readFileSync } from 'node:fs'
import { cpus, loadavg, release } from 'node:os'

/** Load above the number of cores before anything has begun means that somebody else's work is measured too. */
export function printMachine(title: string): void {
  const model = cpus()[0]?.model.trim() ?? 'unknown'
  const load = loadavg().map((average) => average.toFixed(2))
  console.log(
    `${title}\n${new Date().toISOString()}  ${cpus().length} cores of ${model}  Linux ${release()}  Node ${process.versions.node}`,
  )
  console.log(`load average before: ${load.join(' ')}\n`)
}

/** User and system time of a process so far. Fields 14 and 15 of its stat, in hundredths of a second; its name may hold blanks. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** How long the main thread was ready to run and had no core: other people's work, which no delay measured here may be blamed on the server. */
function waitedMs(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6
}

/** Resident memory in MB, as the system counts it. */
export function rssMb(pid: number): number {
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kb) / 1024
}

export interface Used {
  readonly wallMs: number
  readonly cpuMs: readonly number[]
  readonly ownMs: number
  /** Of the time that passed, for each process and at last for this one. */
  readonly waitedPercent: readonly number[]
}

/** Processor time that processes, and this one, used since `start`, and how long they waited for it. */
export class Meter {
  readonly #pids: readonly number[]
  #startedAt = 0
  #before: readonly number[] = []
  #waitedBefore: readonly number[] = []
  #ownBefore = process.cpuUsage()

  constructor(pids: readonly number[]) {
    this.#pids = pids
    this.start()
  }

  start(): void {
    this.#startedAt = performance.now()
    this.#before = this.#pids.map(cpuMs)
    this.#waitedBefore = [...this.#pids, process.pid].map(waitedMs)
    this.#ownBefore = process.cpuUsage()
  }

  read(): Used {
    const own = process.cpuUsage(this.#ownBefore)
    const wallMs = performance.now() - this.#startedAt
    const waited = [...this.#pids, process.pid].map((pid, i) => waitedMs(pid) - (this.#waitedBefore[i] ?? 0))
    return {
      wallMs,
      waitedPercent: waited.map((ms) => (ms / wallMs) * 100),
      cpuMs: this.#pids.map((pid, i) => cpuMs(pid) - (this.#before[i] ?? 0)),
      ownMs: (own.user + own.system) / 1000,
    }
  }
}
