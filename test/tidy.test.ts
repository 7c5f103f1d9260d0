/** What a reader would otherwise have to trust: the drawing of docs/ARCHITECTURE.md, sizes, catalogues, links. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { refusals } from '../src/api/refusals.ts'
import { refusalCodes } from '../src/call/refusal.ts'
import { packageOf } from '../testkit/programs.ts'
import { functionsOf } from './tidy/functions.ts'
import { masked } from './tidy/mask.ts'
import {
  forbidden,
  impure,
  layers,
  longestFile,
  longestFunction,
  longFiles,
  longFunctions,
  pure,
  vendorFiles,
  vendors,
} from './tidy/rules.ts'
import { cyclesIn, files, read, root, type Source, sources } from './tidy/sources.ts'

const none = (found: readonly string[]): void => assert.deepEqual(found, [])

const own = sources.filter((s) => s.path.startsWith('src/') && !s.isTest)
const product = sources.filter((s) => /^(src|cli)\//.test(s.path) && !s.isTest)
const within = (path: string, places: readonly string[]): boolean => places.some((place) => path.startsWith(place))

describe('layers', () => {
  test('every file imports only what its layer may', () => {
    none(
      product.flatMap((source) =>
        source.imports.filter((i) => /^(src|cli|test|testkit|bench)\//.test(i)).flatMap((i) => strayed(source, i)),
      ),
    )
  })

  test('pure folders import no module of Node and no package', () => {
    const imports = own.filter((s) => within(s.path, pure)).flatMap((s) => s.imports.map((i) => ({ path: s.path, i })))
    none(imports.filter(({ i }) => !i.endsWith('.ts')).map(({ path, i }) => `${path} imports ${i}`))
  })

  test('pure folders name no clock, timer, process, randomness or promise', () => {
    none(own.filter((s) => within(s.path, pure)).flatMap((s) => named(s, impure)))
  })

  test('no import goes in a circle, types included', () => none(cyclesIn(sources)))

  test('every import leads to a file', () => {
    const lost = sources.flatMap((s) =>
      s.imports.filter((i) => i.endsWith('.ts') && !existsSync(join(root, i))).map((i) => `${s.path} imports ${i}`),
    )
    none(lost)
  })
})

function strayed({ path }: Source, imported: string): readonly string[] {
  const layer = Object.keys(layers)
    .filter((prefix) => path.startsWith(prefix))
    .sort((a, b) => b.length - a.length)[0]
  if (layer === undefined) return [`${path} belongs to no layer`]
  const allowed = [...(layers[layer] ?? []), ...(layer.endsWith('/') ? [layer] : [])]
  return within(imported, allowed) ? [] : [`${path} imports ${imported}`]
}

/** A line that biome is told to pass has its reason beside it. */
function named({ path, code, text }: Source, words: Readonly<Record<string, RegExp>>): readonly string[] {
  const excused = text.split('\n').map((line) => line.includes('biome-ignore'))
  const lines = code.split('\n').map((line, i) => (excused[i - 1] ? '' : line))
  return Object.entries(words).flatMap(([word, pattern]) =>
    lines.flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1} ${word}`] : [])),
  )
}

describe('dialects', () => {
  for (const vendor of vendors) {
    const place = `src/dialects/${vendor}/`
    const names = own.filter((s) => s.path.startsWith(place)).map((s) => s.path.slice(place.length, -'.ts'.length))

    test(`${vendor} has the same inside as its siblings`, () => {
      none(vendorFiles.filter((name) => !names.includes(name)).map((name) => `${place}${name}.ts is missing`))
      none(names.filter((name) => !vendorFiles.some((known) => name === known || name.startsWith(`${known}-`))))
    })
  }
})

describe('style', () => {
  test('no any, no non-null assertion, no enum', () => none(sources.flatMap((s) => named(s, forbidden))))

  test(`a function is at most ${longestFunction} lines long`, () => {
    const long = sources.filter((s) => !s.isTest).flatMap(longOnes)
    ratchet(long, { allowed: longFunctions, limit: longestFunction })
  })

  test(`a file of src/ or cli/ is at most ${longestFile} lines long`, () => {
    ratchet(
      product.map((s) => [s.path, s.text.trimEnd().split('\n').length] as const).filter(([, lines]) => lines > longestFile),
      { allowed: longFiles, limit: longestFile },
    )
  })

  test('the scanner loses no brace in any file', () => {
    none(sources.filter(({ code }) => code.split('{').length !== code.split('}').length).map((s) => s.path))
  })

  test('the scanner sees functions of every form, and no other braces', () => {
    const code = masked(readFixture)
    const seen = functionsOf(code).map((f) => `${f.name} ${f.lines}`)
    assert.deepEqual(seen.sort(), ['#method 3', 'arrow 3', 'declared 7', 'generic 2', 'one 3', 'typed 2'].sort())
  })
})

function longOnes({ path, code }: Source): readonly (readonly [name: string, lines: number])[] {
  return functionsOf(code)
    .filter((f) => f.lines > longestFunction)
    .map((f) => [`${path} ${f.name}`, f.lines] as const)
}

/** What is too long must be in the list with just its length: growing fails, and so does having shrunk without saying so. */
function ratchet(
  long: readonly (readonly [string, number])[],
  { allowed, limit }: { readonly allowed: Readonly<Record<string, number>>; readonly limit: number },
): void {
  assert.deepEqual(Object.fromEntries(long), allowed, `more than ${limit} lines; the list in test/tidy/rules.ts may only shrink`)
}

const readFixture = `
function declared(a: { b: string }, c = '}{'): { ok: true } {
  if (a) {
    // }
  }
  const re = /[}{/]/
  return \`\${a.b.replace(/}/g, '{')} }\`
}
const arrow = (a: string): void => {
  for (const x of [1]) { x }
}
const one = async x => {
  switch (x) { default: { } }
}
class C { #method(a: number): a is 3 {
  try { } catch (e) { }
} }
function generic<T extends { a: 1 }>(t: T): asserts t is T {
}
const typed = <T,>(t: T): Map<string, T> => {
}
`

describe('documents', () => {
  const documented = [...read('docs/refusals.md').matchAll(/^\| `([a-z-]+)` \| (\d{3}) \| .+ \|$/gm)]

  test('docs/refusals.md lists the catalogue in its order, with the statuses of the API', () => {
    assert.deepEqual(
      documented.map((m) => `${m[1]} ${m[2]}`),
      refusalCodes.map((code) => `${code} ${refusals[code].status}`),
    )
  })

  test('every dependency has its reason in docs/ARCHITECTURE.md', () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json'))
    const page = read('docs/ARCHITECTURE.md')
    none(Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).filter((name) => !page.includes(`\`${name}\``)))
  })

  test('every relative link leads to a file', () => {
    const pages = files('{*.md,docs/**/*.md,examples/**/*.md}')
    assert.ok(pages.includes('README.md'))
    const links = pages.flatMap((page) => [...read(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map((m) => ({ page, to: m[1] ?? '' })))
    none(
      links
        .filter(({ page, to }) => !/^[a-z]+:/.test(to) && !existsSync(join(root, dirname(page), to)))
        .map(({ page, to }) => `${page} → ${to}`),
    )
  })

  test('.ci/run installs what tests need', () => {
    const packages = /^packages=\((.*)\)$/m.exec(read('.ci/run'))?.[1]?.split(' ')
    assert.deepEqual(packages?.sort(), Object.values(packageOf).sort())
  })
})

/** Folders that a clone may well stand in and that a text may well name. */
const everywhere = new Set([
  '/',
  '//',
  '/tmp/',
  '/home/',
  '/root/',
  '/app/',
  '/src/',
  '/opt/',
  '/srv/',
  '/usr/src/',
  '/builds/',
  '/workspace/',
])

test('no file names a place of the machine it was written on', () => {
  const parent = `${dirname(root.replace(/\/$/, ''))}/`
  const besides = new RegExp(`\\.\\./${'shared'}\\b`)
  const all = [
    ...files('*.{md,json}'),
    ...files('{src,web,test,testkit,bench,examples,cli,docs,fixtures}/**/*.{ts,tsx,css,html,md,json,txt,yml}'),
    '.ci/run',
    '.npmrc',
  ]
  const names = (text: string) => besides.test(text) || (!everywhere.has(parent) && standsIn(text, parent))
  none(all.filter((path) => names(read(path))))
  assert.doesNotMatch(read('package-lock.json'), /"resolved"/, 'the lockfile names a registry')
})

/** Whether the text has this absolute path, and not merely a longer one that contains it. */
function standsIn(text: string, place: string): boolean {
  for (let at = text.indexOf(place); at >= 0; at = text.indexOf(place, at + 1)) if (!/[\w./-]/.test(text[at - 1] ?? '')) return true
  return false
}
