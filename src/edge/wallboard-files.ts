/** The built wallboard in memory: some hundred kilobytes that are read once for each build. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { limits } from '../kernel/limits.ts'
import { builderAt, modifiedAt, type WallboardPlace } from './wallboard-place.ts'

interface BuiltFile {
  readonly type: string
  readonly etag: string
  readonly identity: Buffer
  readonly br?: Buffer
  readonly gzip?: Buffer
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.wasm': 'application/wasm',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

export class WallboardFiles {
  readonly #place: WallboardPlace
  readonly #now: () => number
  #files: ReadonlyMap<string, BuiltFile> = new Map()
  /** The stamp of what is in memory. */
  #builtAt: number | undefined
  #lookAgainAt = 0

  constructor(place: WallboardPlace, now: () => number = () => performance.now()) {
    this.#place = place
    this.#now = now
  }

  state(): 'built' | 'building' | 'absent' {
    this.#look()
    if (this.#builtAt !== undefined) return 'built'
    return builderAt(this.#place) === undefined ? 'absent' : 'building'
  }

  /** By its path, without a slash at the front: `index.html`, `assets/main-1a2b.js`. */
  file(path: string): BuiltFile | undefined {
    this.#look()
    return this.#files.get(path)
  }

  /** Between the old build and the new one there is none for a moment: the old one goes on. */
  #look(): void {
    if (this.#now() < this.#lookAgainAt) return
    this.#lookAgainAt = this.#now() + limits.wallboardLookMs
    const builtAt = modifiedAt(this.#place.stamp)
    if (builtAt === undefined || builtAt === this.#builtAt) return
    this.#files = filesIn(this.#place.built)
    this.#builtAt = builtAt
  }
}

function filesIn(folder: string): ReadonlyMap<string, BuiltFile> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
  const files = names.filter((name) => types[extname(name)] !== undefined).map((name) => [name, fileAt(folder, name, names)] as const)
  return new Map(files)
}

function fileAt(folder: string, name: string, names: readonly string[]): BuiltFile {
  const identity = readFileSync(join(folder, name))
  const compressed = (end: string): Buffer | undefined => (names.includes(name + end) ? readFileSync(join(folder, name + end)) : undefined)
  const [br, gzip] = [compressed('.br'), compressed('.gz')]
  const etag = createHash('sha256').update(identity).digest('base64url').slice(0, 16)
  return { type: types[extname(name)] ?? '', etag, identity, ...(br && { br }), ...(gzip && { gzip }) }
}
