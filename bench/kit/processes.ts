/** Processes that a program of ours started, and what they use. */
import { readdirSync, readFileSync } from 'node:fs'
import { cpuMs } from './machine.ts'

export function descendants(pid = process.pid): readonly number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
  return children.flatMap((child) => [child, ...descendants(child)])
}

/** Of Chromium under us; what each is, as its command line says. */
export function browserProcesses(): readonly { readonly pid: number; readonly kind: string }[] {
  const all = descendants().map((pid) => ({ pid, command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ') }))
  return all.flatMap(({ pid, command }) => (/chrom/.test(command) ? { pid, kind: kindOf(command) } : []))
}

const kindOf = (command: string): string =>
  /--utility-sub-type=(\S+)/.exec(command)?.[1]?.split('.')[0] ?? /--type=(\S+)/.exec(command)?.[1] ?? 'browser'

/** Processor time so far by kind; whoever is gone since used what he used until then and is left out. */
export function browserCpuMs(): ReadonlyMap<string, number> {
  const byKind = new Map<string, number>()
  for (const { pid, kind } of browserProcesses()) {
    if (!isThere(pid)) continue
    byKind.set(kind, (byKind.get(kind) ?? 0) + cpuMs(pid))
  }
  return byKind
}

const isThere = (pid: number): boolean => read(`/proc/${pid}/stat`) !== '' && readdirSync(`/proc/${pid}`).length > 0

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
