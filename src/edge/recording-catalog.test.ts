import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { accountA, accountB, noon } from '../../testkit/desk.ts'
import { RecordingFolder, wavOf } from '../../testkit/recording-shelf.ts'
import { accountId } from '../kernel/ids.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import { RecordingCatalog } from './recording-catalog.ts'
import { openLinkKey, recordingLinks } from './recording-links.ts'

const dayMs = 86_400_000
let folder: RecordingFolder
let catalog: RecordingCatalog

beforeEach(() => {
  folder = new RecordingFolder()
  catalog = new RecordingCatalog(folder.root)
})
afterEach(() => folder.close())

const idsOf = async (search: object = {}) => {
  const page = await catalog.list({ account: accountA, limit: 50, ...search })
  assert.ok(page !== 'bad-cursor')
  return page.items.map(({ id }) => id)
}

const file = (id: string, startedAt: Instant = noon, account = accountA) =>
  folder.file(account, {
    id,
    call: id
      .split('-')
      .join('-')
      .replace(/-\d+(-\d+)?$/, ''),
    startedAt,
  })

async function bytesOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe('what there is', () => {
  test('is what lies in the folder: nothing, then what comes, without what goes', async () => {
    assert.deepEqual(await idsOf(), [])
    file('c1-1')
    assert.deepEqual(await idsOf(), ['c1-1'])
    file('c2-1', addMs(noon, 1))
    assert.deepEqual(await idsOf(), ['c2-1', 'c1-1'])
    rmSync(join(folder.root, accountA, '2026-11-20', 'c1-1.json'))
    assert.deepEqual(await idsOf(), ['c2-1'])
  })

  test('of other accounts is not there, be they asked for by id', async () => {
    file('c1-1', noon, accountB)
    assert.deepEqual(await idsOf(), [])
    for (const id of ['c1-1', `../${accountB}/2026-11-20/c1-1`, '..', ''])
      assert.deepEqual(
        [await catalog.one(accountA, id), await catalog.audio(accountA, id), await catalog.remove(accountA, id)],
        [undefined, undefined, undefined],
        id,
      )
    assert.equal((await catalog.one(accountB, 'c1-1'))?.call, 'c1')
  })

  test('a note that is damaged hides no other', async () => {
    file('c1-1')
    for (const [name, text] of [
      ['c2-1.json', '{"stem":'],
      ['c3-1.json', 'null'],
      ['c4-1.json', '{"stem":"c4-1"}'],
    ] as const)
      writeFileSync(join(folder.root, accountA, '2026-11-20', name), text)
    assert.deepEqual(await idsOf(), ['c1-1'])
    assert.equal(await catalog.one(accountA, 'c2-1'), undefined)
  })

  test('tells all of a recording, in milliseconds, with the checksums of its files, which the note keeps', async () => {
    folder.file(accountA, { id: 'c1-1', call: 'c1', startedAt: noon, seconds: 2, complete: false })
    const recording = await catalog.one(accountA, 'c1-1')
    const sha256 = (number: number) => createHash('sha256').update(wavOf(2, number)).digest('hex')
    const track = (name: string, number: number) => ({ track: name, bytes: wavOf(2, 0).length, durationMs: 2_000, sha256: sha256(number) })
    assert.deepEqual(recording, {
      ...{ id: 'c1-1', account: accountA, call: 'c1', startedAt: noon, format: 'wav-g711', durationMs: 2_000, legalHold: false },
      tracks: [
        { kind: 'track', party: 'p-c', ...track('p-c', 0) },
        { kind: 'track', party: 'p-a', ...track('p-a', 1) },
        { kind: 'mix', ...track('mix', 2) },
      ],
      gaps: [{ fromMs: 100, toMs: 200, why: 'paused' }],
      ...{ complete: false, why: 'disk-full' },
    })
    const note = JSON.parse(readFileSync(join(folder.root, accountA, '2026-11-20', 'c1-1.json'), 'utf8'))
    assert.deepEqual([note.files.map((f: { sha256?: string }) => f.sha256), note.files[0].law], [[0, 1, 2].map(sha256), 'PCMA'])
  })
})

describe('a list', () => {
  const many = 25
  beforeEach(() => {
    for (let i = 0; i < many; i++) file(`c${i % 5}-${i + 1}`, addMs(noon, -Math.floor(i / 4) * dayMs + (i % 2)))
  })

  test('goes back through the days, each recording once, whatever the page', async () => {
    const all = await idsOf()
    assert.equal(new Set(all).size, many)
    for (const limit of [1, 3, 24, 25]) {
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await catalog.list({ account: accountA, limit, ...(cursor === undefined ? {} : { cursor }) })
        assert.ok(page !== 'bad-cursor')
        seen.push(...page.items.map(({ id }) => id))
        cursor = page.next
        assert.ok(seen.length <= many)
      } while (cursor !== undefined)
      assert.deepEqual(seen, all, String(limit))
    }
  })

  test('by call, and by time', async () => {
    assert.deepEqual(new Set(await idsOf({ call: 'c3' })), new Set(['c3-4', 'c3-9', 'c3-14', 'c3-19', 'c3-24']))
    assert.deepEqual(await idsOf({ call: 'c' }), [])
    assert.deepEqual(await idsOf({ call: 'c3', from: noon }), ['c3-4'])
    assert.equal((await idsOf({ from: noon })).length, 4)
    assert.equal((await idsOf({ from: addMs(noon, -dayMs), to: noon })).length, 4)
    assert.deepEqual(await idsOf({ from: addMs(noon, 1), to: addMs(noon, 2) }), ['c3-4', 'c1-2'])
  })

  test('a cursor of somebody’s own making is refused', async () => {
    assert.equal(await catalog.list({ account: accountA, limit: 1, cursor: 'x' }), 'bad-cursor')
  })
})

describe('audio', () => {
  test('is the mix, or the track that is named, wholly or in part', async () => {
    file('c1-1')
    const read = async (track?: string, range?: { from: number; to: number }) => {
      const audio = await catalog.audio(accountA, 'c1-1', track)
      return audio && (await bytesOf(audio.open(range)))
    }
    assert.deepEqual(await read(), wavOf(1, 2))
    assert.deepEqual(await read('p-a'), wavOf(1, 1))
    assert.deepEqual(await read('p-a', { from: 100, to: 199 }), wavOf(1, 1).subarray(100, 200))
    assert.equal(await read('p-x'), undefined)
    assert.equal(await read('../../x'), undefined)
  })
})

describe('deletion', () => {
  test('leaves nothing, and is refused under legal hold, which a restart does not forget', async () => {
    file('c1-1')
    file('c1-2')
    assert.equal((await catalog.hold(accountA, 'c1-1', true))?.legalHold, true)
    catalog = new RecordingCatalog(folder.root)
    assert.equal(await catalog.remove(accountA, 'c1-1'), 'held')
    assert.equal((await catalog.hold(accountA, 'c1-1', false))?.legalHold, false)
    await catalog.one(accountA, 'c1-1')
    const removed = await catalog.remove(accountA, 'c1-1')
    assert.ok(typeof removed === 'object')
    assert.equal(removed.id, 'c1-1')
    assert.equal(await catalog.remove(accountA, 'c1-1'), undefined)
    assert.equal(await catalog.hold(accountA, 'c1-1', true), undefined)
    const left = readdirSync(join(folder.root, accountA, '2026-11-20'))
    assert.deepEqual(
      left.filter((name) => !name.startsWith('c1-2')),
      [],
    )
    assert.equal(left.length, 4)
  })

  test('by age takes what is older and not held, and folders that are empty then', async () => {
    for (let day = 0; day < 4; day++) file(`c${day}-1`, addMs(noon, -day * dayMs))
    await catalog.hold(accountA, 'c3-1', true)
    assert.equal(await catalog.sweep(accountA, addMs(noon, -dayMs + 1)), 2)
    assert.deepEqual(await idsOf(), ['c0-1', 'c3-1'])
    assert.deepEqual(readdirSync(join(folder.root, accountA)).sort(), ['2026-11-17', '2026-11-20'])
    assert.equal(await catalog.sweep(accountId('nobody'), noon), 0)
  })

  test('a hold and a deletion at the same moment end in one of the two, and never in a held recording that is gone', async () => {
    for (let i = 1; i <= 20; i++) {
      file(`c1-${i}`)
      const [held, removed] = await Promise.all([catalog.hold(accountA, `c1-${i}`, true), catalog.remove(accountA, `c1-${i}`)])
      assert.equal(held !== undefined, removed === 'held')
      assert.equal(existsSync(join(folder.root, accountA, '2026-11-20', `c1-${i}-mix.wav`)), removed === 'held')
    }
  })
})

describe('links', () => {
  const links = recordingLinks(Buffer.alloc(32, 1), 'https://sotto.test/x')
  const heard = { account: accountA, recording: 'c1-1', track: 'mix' }
  const tokenOf = (link: string) => new URL(link).searchParams.get('token') ?? ''

  test('lead to what they were made for until they expire', () => {
    const token = tokenOf(links.link(heard, addMs(noon, 1_000)))
    assert.deepEqual(links.linked(addMs(noon, 999), token), heard)
    assert.equal(links.linked(addMs(noon, 1_000), token), undefined)
    const { track: _, ...whole } = heard
    assert.deepEqual(links.linked(noon, tokenOf(links.link(whole, addMs(noon, 1)))), whole)
  })

  test('altered in any letter, cut, or of another server, lead nowhere', () => {
    const token = tokenOf(links.link(heard, addMs(noon, 1_000)))
    for (let i = 0; i < token.length - 1; i++)
      assert.equal(links.linked(noon, `${token.slice(0, i)}${token[i] === 'A' ? 'B' : 'A'}${token.slice(i + 1)}`), undefined, String(i))
    for (const other of ['', '.', token.slice(0, -5), token.split('.')[0] ?? '']) assert.equal(links.linked(noon, other), undefined, other)
    assert.equal(recordingLinks(Buffer.alloc(32, 2), 'https://x').linked(noon, token), undefined)
  })

  test('the key is made once, is nobody else’s to read, and is not replaced when it was damaged', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'sotto-key-')), 'data', 'links.key')
    const key = openLinkKey(path)
    assert.deepEqual([key.length, openLinkKey(path), statSync(path).mode & 0o777], [32, key, 0o600])
    writeFileSync(path, 'x')
    assert.throws(() => openLinkKey(path), /is not the key that it was/)
  })
})
