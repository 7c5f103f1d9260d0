/** Reads what `--cpu-prof` wrote: where a process spent its time. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { printTable } from './samples.ts'

interface Frame {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
}

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame; readonly children?: readonly number[] }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const shown = 45
const widest = 100

/** The functions of the process with the most time of their own, and the files with the most time below them. */
export function printTopCosts(folder: string, pid: number): void {
  const file = globSync(join(folder, `CPU.*.${pid}.*.cpuprofile`))[0]
  if (file === undefined) throw new Error(`no profile of process ${pid} in ${folder}`)
  const profile = JSON.parse(readFileSync(file, 'utf8')) as Profile
  const own = ownTimes(profile)
  const frames = new Map(profile.nodes.map((node) => [node.id, node.callFrame]))
  const byFunction = new Map<string, number>()
  const byFile = new Map<string, number>()
  for (const [id, us] of own) {
    const frame = frames.get(id)
    if (frame === undefined || frame.functionName === '(idle)') continue
    add(byFunction, `${frame.functionName || '(anonymous)'} ${place(frame)}`, us)
    add(byFile, frame.url === '' ? frame.functionName : placeOf(frame.url), us)
  }
  const busy = [...byFunction.values()].reduce((sum, us) => sum + us, 0)
  print('function (own time)', byFunction, busy)
  print('file (own time)', byFile, busy)
  print('function (with what it calls)', inclusive(profile, own), busy)
}

function ownTimes({ samples, timeDeltas }: Profile): Map<number, number> {
  const own = new Map<number, number>()
  samples.forEach((id, i) => void own.set(id, (own.get(id) ?? 0) + (timeDeltas[i] ?? 0)))
  return own
}

/** A function that is below itself counts once. */
function inclusive({ nodes }: Profile, own: ReadonlyMap<number, number>): Map<string, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const totals = new Map<string, number>()
  const visit = (id: number, above: ReadonlySet<string>): number => {
    const node = byId.get(id)
    if (node === undefined) return 0
    const name = `${node.callFrame.functionName || '(anonymous)'} ${place(node.callFrame)}`
    const within = new Set(above).add(name)
    let time = node.callFrame.functionName === '(idle)' ? 0 : (own.get(id) ?? 0)
    for (const child of node.children ?? []) time += visit(child, within)
    if (!above.has(name)) add(totals, name, time)
    return time
  }
  visit(nodes[0]?.id ?? 0, new Set())
  return totals
}

function print(what: string, times: ReadonlyMap<string, number>, busy: number): void {
  const top = [...times].sort((a, b) => b[1] - a[1]).slice(0, shown)
  printTable(
    ['%', 'ms', what],
    top.map(([name, us]) => [((us / busy) * 100).toFixed(1), (us / 1000).toFixed(0), name.slice(0, widest).padEnd(widest)]),
  )
}

function add(times: Map<string, number>, name: string, us: number): void {
  times.set(name, (times.get(name) ?? 0) + us)
}

const place = ({ url, lineNumber }: Frame): string => (url === '' ? '' : `${placeOf(url)}:${lineNumber + 1}`)

const placeOf = (url: string): string => url.replace(/^.*\/(src|node_modules)\//, '$1/').slice(0, 80)
