/** Builds the wallboard: in a folder of its own, compressed, and put in place when it is whole. One process at a time. */
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { builderAt, hasSources, isStale, type WallboardPlace } from './wallboard-place.ts'

/** Below it compression gains nothing. */
const smallest = 512
const lookAgainMs = 100

export type Build = (sources: string, into: string) => Promise<unknown>

/** Whether it was built. Where another process builds, that is waited for. */
export async function buildWallboard(place: WallboardPlace, build: Build = withVite, isNeeded = isStale): Promise<boolean> {
  if (!hasSources(place)) throw new Error(`${place.sources} has no wallboard`)
  await locked(place)
  try {
    if (!isNeeded(place)) return false
    await buildInto(place, build)
    return true
  } finally {
    rmSync(place.lock, { force: true })
  }
}

async function locked(place: WallboardPlace): Promise<void> {
  for (;;) {
    if (isLockedNow(place.lock)) return
    if (builderAt(place) === undefined) rmSync(place.lock, { force: true })
    await pause(lookAgainMs)
  }
}

/** Linked and not written, so that nobody finds it empty. */
function isLockedNow(lock: string): boolean {
  const own = `${lock}-${process.pid}`
  writeFileSync(own, String(process.pid))
  try {
    linkSync(own, lock)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  } finally {
    rmSync(own, { force: true })
  }
}

async function buildInto({ sources, built, stamp }: WallboardPlace, build: Build): Promise<void> {
  // What a builder left that was killed.
  for (const name of readdirSync(sources)) if (name.startsWith('dist.')) rmSync(join(sources, name), { recursive: true, force: true })
  const [fresh, old] = [join(sources, 'dist.new'), join(sources, 'dist.old')]
  const begun = new Date()
  await build(sources, fresh)
  compressAll(fresh)
  mkdirSync(built, { recursive: true })
  renameSync(built, old)
  renameSync(fresh, built)
  writeFileSync(stamp, '')
  utimesSync(stamp, begun, begun)
  rmSync(old, { recursive: true, force: true })
}

function compressAll(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isFile() || !/\.(?:html|js|css|svg|json|wasm)$/.test(entry.name)) continue
    const bytes = readFileSync(path)
    if (bytes.length < smallest) continue
    writeFileSync(`${path}.br`, brotliCompressSync(bytes))
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
  }
}

/** It is loaded where something is built only: it is large. */
async function withVite(root: string, into: string): Promise<void> {
  const { build } = await import('vite')
  await build({
    root,
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: into, emptyOutDir: true, reportCompressedSize: false },
  })
}
