import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { type Build, buildWallboard } from './wallboard-build.ts'
import { WallboardFiles } from './wallboard-files.ts'
import { isStale, type WallboardPlace, wallboardPlace } from './wallboard-place.ts'

let root: string
let place: WallboardPlace
let builds: number

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sotto-wallboard-'))
  place = wallboardPlace(root)
  builds = 0
  mkdirSync(join(root, 'web/src'), { recursive: true })
  writeFileSync(join(root, 'web/index.html'), '<!doctype html>')
  source('main.ts')
  old()
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const source = (name: string) => writeFileSync(join(root, 'web/src', name), 'export {}')

/** As if all of it had lain there for a while. */
function old(): void {
  const past = new Date(Date.now() - 60_000)
  for (const name of ['web', 'web/index.html', 'web/src', ...readdirSync(join(root, 'web/src')).map((one) => `web/src/${one}`)])
    utimesSync(join(root, name), past, past)
}

const script = 'console.log("sotto")\n'.repeat(100)

const build: Build = async (_sources, into) => {
  builds += 1
  mkdirSync(join(into, 'assets'), { recursive: true })
  writeFileSync(join(into, 'index.html'), `<!doctype html><p>${builds}`)
  writeFileSync(join(into, 'assets', `main-${builds}.js`), script)
  writeFileSync(join(into, 'assets', 'main.js.map'), '{}')
}

describe('the wallboard is built', () => {
  test('where it was never built, and then not again before something changes', async () => {
    assert.ok(isStale(place))
    assert.equal(await buildWallboard(place, build), true)
    assert.equal(isStale(place), false)
    assert.equal(await buildWallboard(place, build), false)
    for (const change of [
      () => source('main.ts'),
      () => source('new.ts'),
      () => rmSync(join(root, 'web/src/new.ts')),
      () => writeFileSync(join(root, 'package-lock.json'), '{}'),
    ]) {
      utimesSync(place.stamp, new Date(Date.now() - 1_000), new Date(Date.now() - 1_000))
      change()
      assert.ok(isStale(place))
      assert.equal(await buildWallboard(place, build), true)
    }
    assert.equal(builds, 5)
  })

  test('anew where a source changed while it was being built', async () => {
    const meddling: Build = async (sources, into) => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      source('main.ts')
      await build(sources, into)
    }
    await buildWallboard(place, meddling)
    assert.ok(isStale(place))
  })

  test('by one process at a time; a builder that died is in nobody’s way', async () => {
    const outcomes = await Promise.all([1, 2, 3].map(() => buildWallboard(place, build)))
    assert.deepEqual(outcomes.toSorted(), [false, false, true])
    source('main.ts')
    writeFileSync(place.lock, '4194304')
    assert.equal(await buildWallboard(place, build, () => true), true)
    assert.ok(!existsSync(place.lock))
  })

  test('or the old one stays, and the next attempt may succeed', async () => {
    await buildWallboard(place, build)
    source('main.ts')
    const broken: Build = async (sources, into) => {
      await build(sources, into)
      throw new Error('a source does not compile')
    }
    await assert.rejects(
      buildWallboard(place, broken, () => true),
      /compile/,
    )
    assert.ok(existsSync(join(place.built, 'assets/main-1.js')))
    assert.equal(await buildWallboard(place, build, () => true), true)
    assert.ok(existsSync(join(place.built, 'assets/main-3.js')) && !existsSync(join(place.built, 'assets/main-1.js')))
  })

  test('with each file compressed both ways', async () => {
    await buildWallboard(place, build)
    const files = new WallboardFiles(place)
    const file = files.file('assets/main-1.js')
    assert.ok(file?.br && file.gzip)
    assert.equal(brotliDecompressSync(file.br).toString(), script)
    assert.equal(gunzipSync(file.gzip).toString(), script)
    assert.equal(files.file('index.html')?.br, undefined, 'too small to gain by it')
    assert.equal(files.file('assets/main.js.map'), undefined, 'not for everybody')
    assert.equal(files.file('../index.html'), undefined)
    assert.equal(files.file('assets/main-1.js.br'), undefined)
  })
})

test('what is served follows the builds, and the old one is served until the new one is whole', async () => {
  let now = 0
  const files = new WallboardFiles(place, () => now)
  assert.equal(files.state(), 'absent')
  writeFileSync(place.lock, String(process.pid))
  assert.equal(files.state(), 'building')
  rmSync(place.lock)
  await buildWallboard(place, build)
  now += 10_000
  assert.equal(files.state(), 'built')
  source('main.ts')
  rmSync(place.built, { recursive: true })
  now += 10_000
  assert.ok(files.file('assets/main-1.js'))
  await buildWallboard(place, build)
  now += 10_000
  assert.deepEqual([files.file('assets/main-1.js'), files.file('index.html')?.identity.toString()], [undefined, '<!doctype html><p>2'])
})
