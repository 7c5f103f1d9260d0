import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { masked } from './mask.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const outside = new Set(['node_modules', '.git', 'data', '.sotto'])

/** Paths from the root, without what is not ours. */
export const files = (pattern: string): readonly string[] => globSync(pattern, { cwd: root, exclude: (path) => outside.has(path) }).sort()

const statement = /^(?:import|export)\b[^'";]*?\bfrom\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm

export interface Source {
  readonly path: string
  readonly text: string
  readonly code: string
  /** Files from the root, packages and `node:` modules by name. */
  readonly imports: readonly string[]
  readonly isTest: boolean
}

export const sources: readonly Source[] = files('{src,web,test,testkit,bench,examples,cli}/**/*.ts').map((path) => {
  const text = read(path)
  return { path, text, code: masked(text), imports: importsOf(path, text), isTest: path.endsWith('.test.ts') }
})

function importsOf(path: string, text: string): readonly string[] {
  const named = [...text.matchAll(statement)].map((m) => m[1] ?? m[2] ?? m[3] ?? '')
  return named.map((name) => (name.startsWith('.') ? normalize(join(dirname(path), name)) : name))
}

/** The cycles among imports, types included: A to B to A. One for each strongly connected group is enough to mend. */
export function cyclesIn(all: readonly Source[]): readonly string[] {
  const imports = new Map(all.map((s) => [s.path, s.imports]))
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const again = trail.indexOf(path)
    if (again >= 0) cycles.push([...trail.slice(again), path].join(' → '))
    if (again >= 0 || done.has(path)) return
    for (const next of imports.get(path) ?? []) if (imports.has(next)) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of imports.keys()) visit(path, [])
  return cycles
}
