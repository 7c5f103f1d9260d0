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

/** Resident memory in MB, as the system counts it. */
export function rssMb(pid: number): number {
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kb) / 1024
}

/** Processor time that processes, and this one, used since `start`. */
export class Meter {
  readonly #pids: readonly number[]
  #startedAt = 0
  #before: readonly number[] = []
  #ownBefore = process.cpuUsage()

  constructor(pids: readonly number[]) {
    this.#pids = pids
    this.start()
  }

  start(): void {
    this.#startedAt = performance.now()
    this.#before = this.#pids.map(cpuMs)
    this.#ownBefore = process.cpuUsage()
  }

  read(): { readonly wallMs: number; readonly cpuMs: readonly number[]; readonly ownMs: number } {
    const own = process.cpuUsage(this.#ownBefore)
    return {
      wallMs: performance.now() - this.#startedAt,
      cpuMs: this.#pids.map((pid, i) => cpuMs(pid) - (this.#before[i] ?? 0)),
      ownMs: (own.user + own.system) / 1000,
    }
  }
}
