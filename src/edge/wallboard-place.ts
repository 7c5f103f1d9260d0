/** Where the wallboard lies: its sources, what is built of them, and who is building now. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface WallboardPlace {
  readonly sources: string
  readonly built: string
  /** Written at the end of a build, and as old as its beginning. */
  readonly stamp: string
  /** Holds the process id of whoever builds. */
  readonly lock: string
  /** What the sources import may change with this. */
  readonly dependencies: string
}

/** Below a folder that has `web` in it; this project's own where none is given. */
export function wallboardPlace(root = fileURLToPath(new URL('../../', import.meta.url))): WallboardPlace {
  const sources = join(root, 'web')
  const built = join(sources, 'dist')
  const dependencies = join(root, 'package-lock.json')
  return { sources, built, stamp: join(built, '.built'), lock: join(sources, '.building'), dependencies }
}

export const hasSources = ({ sources }: WallboardPlace): boolean => modifiedAt(join(sources, 'index.html')) !== undefined

/** Never built, or something was written since. A file that was deleted changes its folder. */
export function isStale(place: WallboardPlace): boolean {
  const builtAt = modifiedAt(place.stamp)
  if (builtAt === undefined) return true
  const newest = Math.max(modifiedAt(place.dependencies) ?? 0, ...sourcesIn(place.sources).map((path) => modifiedAt(path) ?? 0))
  return newest > builtAt
}

/** The folder itself changes with every build: what counts are the names in it. */
function sourcesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !/^(\..*|dist.*|node_modules)$/.test(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? [path, ...sourcesIn(path)] : [path]
    })
}

/** Undefined where nobody builds; a builder that died holds nothing. */
export function builderAt({ lock }: WallboardPlace): number | undefined {
  const pid = Number.parseInt(textOf(lock) ?? '', 10)
  return Number.isNaN(pid) || !isAlive(pid) ? undefined : pid
}

export function modifiedAt(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
