/** Which processes have a port, as the kernel of Linux tells. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export type Protocol = 'udp' | 'tcp'

/** Process ids; empty where nobody has it, or it cannot be seen. */
export function holdersOf(protocol: Protocol, port: number): readonly number[] {
  const inodes = new Set([`${protocol}`, `${protocol}6`].flatMap((table) => inodesIn(lines(`/proc/net/${table}`), protocol, port)))
  return inodes.size === 0 ? [] : numbersIn('/proc').filter((pid) => socketsOf(pid).some((inode) => inodes.has(inode)))
}

/** Of a table's lines; those of TCP that listen. */
export function inodesIn(table: readonly string[], protocol: Protocol, port: number): readonly string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return table.slice(1).flatMap((line) => {
    const [, local = '', , state = '', , , , , , inode = ''] = line.trim().split(/\s+/)
    return local.endsWith(wanted) && (protocol === 'udp' || state === '0A') ? [inode] : []
  })
}

/** Whether one is the other, or was started by it, however indirectly. */
export function descendsFrom(pid: number, ancestor: number): boolean {
  for (let at = pid; at > 1; at = parentOf(at)) if (at === ancestor) return true
  return false
}

export const nameOf = (pid: number): string => lines(`/proc/${pid}/comm`)[0]?.trim() || 'process'

/** The name of the program stands in brackets, and may have any character in it. */
const parentOf = (pid: number): number => Number(/\) \S (\d+)/.exec(lines(`/proc/${pid}/stat`).join('\n'))?.[1] ?? 0)

const numbersIn = (folder: string): readonly number[] =>
  list(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

const socketsOf = (pid: number): readonly string[] =>
  list(`/proc/${pid}/fd`).flatMap(
    (name) => /^socket:\[(\d+)\]$/.exec(quietly(() => readlinkSync(`/proc/${pid}/fd/${name}`), ''))?.[1] ?? [],
  )

const list = (folder: string): readonly string[] => quietly(() => readdirSync(folder), [])
const lines = (path: string): readonly string[] => quietly(() => readFileSync(path, 'utf8').trimEnd().split('\n'), [])

/** Processes end while they are looked at, and others' may not be looked at. */
function quietly<T>(look: () => T, otherwise: T): T {
  try {
    return look()
  } catch {
    return otherwise
  }
}
