/** What becomes of recordings that are over: by a real thread, real files, and storage that checks every signature. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { accountA, noon } from '../../testkit/desk.ts'
import { eventually } from '../../testkit/phone-wait.ts'
import { RecordingFolder, wavOf } from '../../testkit/recording-shelf.ts'
import { S3Server } from '../../testkit/s3-server.ts'
import { limits } from '../kernel/limits.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import { decode } from '../media/g711.ts'
import { readWav, wavSamples } from '../media/wav.ts'
import { RecordingThread } from '../recordings/thread.ts'
import { RecordingCatalog } from './recording-catalog.ts'
import { RecordingKeeper } from './recording-keeper.ts'

const dayMs = 86_400_000
const day = '2026-11-20'
let folder: RecordingFolder
let at: Instant
let keeper: RecordingKeeper
let catalog: RecordingCatalog
let storage: S3Server | undefined

beforeEach(() => {
  folder = new RecordingFolder()
  at = noon
})
afterEach(async () => {
  await keeper.close()
  await storage?.close()
  storage = undefined
  folder.close()
})

/** As a start does: it looks at everything that lies there. */
function open({ keepLocalDays }: { readonly keepLocalDays?: number } = {}): Promise<void> {
  const s3 = storage?.settings
  keeper = new RecordingKeeper({
    ...{ root: folder.root, thread: new RecordingThread(s3 === undefined ? {} : { s3 }), clock: () => at },
    ...(s3 === undefined ? {} : { storage: { name: `s3://${s3.bucket}/${s3.prefix}`, prefix: s3.prefix } }),
    ...(keepLocalDays === undefined ? {} : { keepLocalDays }),
  })
  catalog = new RecordingCatalog(folder.root, keeper)
  return keeper.look()
}

async function again(settings: { readonly keepLocalDays?: number } = {}): Promise<void> {
  await keeper.close()
  await open(settings)
}

const place = (name = ''): string => join(folder.root, accountA, day, name)
const file = (id: string, more: object = {}): void => folder.file(accountA, { id, call: id.split('-')[0] ?? '', startedAt: noon, ...more })
const noteOf = (id: string) => JSON.parse(readFileSync(place(`${id}.json`), 'utf8'))
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const isSealed = (id: string): boolean => noteOf(id).files.every((one: { sha256?: string }) => one.sha256 !== undefined)
const sealed = (id: string): Promise<unknown> => eventually(`${id} is sealed`, () => isSealed(id))
const stored = (id: string): Promise<unknown> => eventually(`${id} is in the storage`, () => noteOf(id).storage !== undefined)
const objects = (): readonly string[] => [...(storage?.objects.keys() ?? [])].filter((key) => key !== 'sotto/.sotto').sort()

async function bytesOf(stream: AsyncIterable<Buffer> | undefined): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream ?? []) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const spoken = (number: number, seconds = 1): Int16Array => decode('PCMA', wavOf(seconds, number).subarray(44))

async function samplesOf(id: string, track: string): Promise<Int16Array> {
  const pieces: number[] = []
  for await (const piece of (await catalog.samples(accountA, id, track)) ?? []) pieces.push(...piece)
  return Int16Array.from(pieces)
}

/** It is FLAC, whole, said so in the note, and nothing else of it is left. */
async function assertFlac(id: string): Promise<void> {
  // The note comes first, then what it no longer names goes.
  await eventually('no WAV is left', () => !readdirSync(place()).some((name) => name.startsWith(id) && name.endsWith('.wav')))
  assert.deepEqual(
    readdirSync(place()).filter((name) => name.startsWith(`${id}`)),
    [...['mix', 'p-a', 'p-c'].map((track) => `${id}-${track}.flac`), `${id}.json`],
  )
  for (const [number, track] of ['p-c', 'p-a', 'mix'].entries()) {
    const bytes = readFileSync(place(`${id}-${track}.flac`))
    const noted = noteOf(id).files[number]
    assert.deepEqual([noted.path, noted.bytes, noted.sha256], [`${accountA}/${day}/${id}-${track}.flac`, bytes.length, sha256(bytes)])
    assert.deepEqual(await samplesOf(id, track), spoken(number))
  }
}

describe('a recording that is over', () => {
  test('is summed up, and its files are as they were', async () => {
    await open()
    file('c1-1')
    await catalog.noticed(accountA, 'c1-1')
    await sealed('c1-1')
    assert.equal(noteOf('c1-1').files[2].sha256, sha256(wavOf(1, 2)))
    assert.deepEqual(readFileSync(place('c1-1-mix.wav')), wavOf(1, 2))
    assert.equal(keeper.fault, undefined)
  })

  test('becomes FLAC where it was ordered so, heard as such or as WAV', async () => {
    await open()
    file('c1-1', { format: 'flac' })
    const before = await catalog.audio(accountA, 'c1-1')
    assert.equal(before?.type, 'audio/wav')
    await catalog.noticed(accountA, 'c1-1')
    await sealed('c1-1')
    await assertFlac('c1-1')
    const audio = await catalog.audio(accountA, 'c1-1')
    const whole = readFileSync(place('c1-1-mix.flac'))
    assert.deepEqual([audio?.type, audio?.fileName, audio?.bytes], ['audio/flac', 'c1-1-mix.flac', whole.length])
    assert.notEqual(audio?.etag, before?.etag)
    assert.deepEqual(await bytesOf(audio?.open({ from: 10, to: 99 })), whole.subarray(10, 100))
    const wav = await catalog.wav(accountA, 'c1-1')
    const bytes = await bytesOf(wav?.open())
    assert.deepEqual([wav?.type, wav?.fileName, wav?.bytes], ['audio/wav', 'c1-1-mix.wav', bytes.length])
    const read = readWav(bytes)
    assert.deepEqual(read.ok && wavSamples(read.value), spoken(2))
    assert.deepEqual(await bytesOf(wav?.open({ from: 40, to: 1_047 })), bytes.subarray(40, 1_048))
  })

  test('becomes FLAC with the next start, wherever the process was killed', async () => {
    for (const id of ['c1-1', 'c2-1', 'c3-1', 'c4-1']) file(id, { format: 'flac' })
    await open()
    await sealed('c4-1')
    await keeper.close()
    // Half a file; a whole one whose note was not written; a note that was, and the WAV file still there.
    writeFileSync(place('c1-1-mix.flac.part'), 'half')
    file('c2-1', { format: 'flac' })
    copyFileSync(place('c4-1-mix.flac'), place('c2-1-mix.flac'))
    writeFileSync(place('c3-1-mix.wav'), wavOf(1, 2))
    file('c1-1', { format: 'flac' })
    for (const track of ['p-c', 'p-a', 'mix']) rmSync(place(`c1-1-${track}.flac`), { force: true })
    await open()
    for (const id of ['c1-1', 'c2-1']) await sealed(id)
    await eventually('what was left is gone', async () => {
      await keeper.seal({ folder: place().replace(/\/$/, ''), id: 'c3-1' })
      return !existsSync(place('c3-1-mix.wav'))
    })
    for (const id of ['c1-1', 'c2-1', 'c3-1', 'c4-1']) await assertFlac(id)
  })

  test('one whose file cannot be read as WAV stays as it is, and one that is gone hinders nothing', async () => {
    file('c1-1', { format: 'flac' })
    writeFileSync(place('c1-1-mix.wav'), 'no sound at all')
    rmSync(place('c1-1-p-a.wav'))
    await open()
    await eventually('it is done', () => noteOf('c1-1').files.every((one: { sha256?: string; lost?: true }) => one.sha256 ?? one.lost))
    const audio = await catalog.audio(accountA, 'c1-1')
    assert.deepEqual([audio?.type, await bytesOf(audio?.open())], ['audio/wav', Buffer.from('no sound at all')])
    assert.equal(await catalog.audio(accountA, 'c1-1', 'p-a'), undefined)
    assert.deepEqual(await samplesOf('c1-1', 'p-c'), spoken(0))
    assert.equal(keeper.fault, undefined)
  })

  test('on a full disk it stays WAV until there is room, and health says so', async (t) => {
    const kept = folder.root
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', kept], { stdio: 'ignore' })
    } catch {
      await open()
      return t.skip('no right to mount a small disk')
    }
    try {
      file('c1-1', { format: 'flac', seconds: 30 })
      try {
        writeFileSync(join(kept, 'filler'), new Uint8Array(4_000_000))
      } catch {
        // The disk is full to the last byte.
      }
      await open()
      await eventually('it is told', () => keeper.fault?.includes('ENOSPC'))
      assert.deepEqual([isSealed('c1-1'), existsSync(place('c1-1-mix.wav'))], [false, true])
      assert.deepEqual(readFileSync(place('c1-1-mix.wav')), wavOf(30, 2))
      rmSync(join(kept, 'filler'))
      at = addMs(at, limits.recordingRetryMaxMs)
      await keeper.look()
      await sealed('c1-1')
      await eventually('it is over', () => keeper.fault === undefined)
      assert.deepEqual(await samplesOf('c1-1', 'mix'), spoken(2, 30))
    } finally {
      await keeper.close()
      execFileSync('umount', ['-l', kept])
    }
  })
})

describe('storage beside the folder', () => {
  const keysOf = (id: string, end = 'wav'): readonly string[] =>
    [...['mix', 'p-a', 'p-c'].map((track) => `${id}-${track}.${end}`), `${id}.json`].map((name) => `sotto/${accountA}/${day}/${name}`)

  beforeEach(async () => {
    storage = await S3Server.start()
  })

  test('gets every file and the note; while the folder has them they come from there, then from the storage', async () => {
    await open({ keepLocalDays: 2 })
    file('c1-1', { format: 'flac' })
    await catalog.noticed(accountA, 'c1-1')
    await stored('c1-1')
    assert.deepEqual(objects(), keysOf('c1-1', 'flac'))
    const local = await catalog.audio(accountA, 'c1-1')
    const bytes = await bytesOf(local?.open())
    assert.ok(storage?.objects.get(`sotto/${accountA}/${day}/c1-1-mix.flac`)?.body.equals(bytes))
    assert.deepEqual(JSON.parse(storage?.objects.get(`sotto/${accountA}/${day}/c1-1.json`)?.body.toString() ?? ''), noteOf('c1-1'))
    at = addMs(noon, 2 * dayMs)
    await keeper.look()
    assert.deepEqual(readdirSync(place()), ['c1-1.json'])
    const far = await catalog.audio(accountA, 'c1-1')
    assert.deepEqual([far?.etag, far?.bytes, far?.type], [local?.etag, local?.bytes, 'audio/flac'])
    assert.deepEqual(await bytesOf(far?.open()), bytes)
    assert.deepEqual(await bytesOf(far?.open({ from: 5, to: 304 })), bytes.subarray(5, 305))
    assert.deepEqual(await samplesOf('c1-1', 'p-c'), spoken(0))
    const wav = readWav(await bytesOf((await catalog.wav(accountA, 'c1-1'))?.open()))
    assert.deepEqual(wav.ok && wavSamples(wav.value), spoken(2))
    assert.deepEqual(readdirSync(join(folder.root, '.fetched')), [])
    assert.equal((await catalog.one(accountA, 'c1-1'))?.tracks.length, 3)
    await again({ keepLocalDays: 2 })
    assert.deepEqual([await bytesOf((await catalog.audio(accountA, 'c1-1'))?.open()), isSealed('c1-1')], [bytes, true])
  })

  test('what is under legal hold stays in both, and is deleted from neither', async () => {
    file('c1-1')
    await open({ keepLocalDays: 0 })
    await catalog.hold(accountA, 'c1-1', true)
    await stored('c1-1')
    at = addMs(noon, 400 * dayMs)
    await keeper.look()
    assert.deepEqual([await catalog.remove(accountA, 'c1-1'), await catalog.sweep(accountA, at)], ['held', 0])
    assert.ok(existsSync(place('c1-1-mix.wav')))
    assert.deepEqual(objects(), keysOf('c1-1'))
    await catalog.hold(accountA, 'c1-1', false)
    await keeper.look()
    assert.equal(existsSync(place('c1-1-mix.wav')), false)
    assert.equal(await catalog.sweep(accountA, at), 1)
    await eventually('the storage is empty', () => objects().length === 0)
  })

  test('what is deleted here is deleted there, as soon as the storage is back, even by another process', async () => {
    for (const id of ['c1-1', 'c2-1']) file(id)
    await open()
    for (const id of ['c1-1', 'c2-1']) await stored(id)
    if (storage !== undefined) storage.fault = 'away'
    assert.equal(typeof (await catalog.remove(accountA, 'c1-1')), 'object')
    assert.equal(await catalog.one(accountA, 'c1-1'), undefined)
    await eventually('it is told', () => keeper.fault)
    await keeper.close()
    if (storage !== undefined) storage.fault = undefined
    await open()
    await eventually('it is gone', () => objects().length === 4)
    assert.deepEqual([objects(), readdirSync(join(folder.root, '.deleting'))], [keysOf('c2-1'), []])
  })

  test('is away for days: encoding goes on, one attempt speaks for all, health says so; then everything goes there', async () => {
    if (storage !== undefined) storage.fault = 'away'
    await open()
    const ids = Array.from({ length: 8 }, (_, n) => `c${n}-1`)
    for (const id of ids) {
      file(id, { format: 'flac' })
      await catalog.noticed(accountA, id)
    }
    for (const id of ids) await sealed(id)
    await eventually('it is told', () => keeper.fault)
    if (storage !== undefined) storage.fault = 503
    for (let hour = 0; hour < 48; hour++) {
      at = addMs(at, 3_600_000)
      await keeper.look()
    }
    assert.ok(keeper.fault)
    assert.deepEqual(objects(), [])
    if (storage !== undefined) storage.fault = undefined
    await eventually('everything is there', async () => {
      at = addMs(at, limits.recordingRetryMaxMs)
      await keeper.look()
      return objects().length === 32
    })
    await eventually('it is told', () => keeper.fault === undefined)
  })

  test('that is refused tells why before anything was recorded', async () => {
    if (storage !== undefined) Object.assign(storage.key, { secretAccessKey: 'changed' })
    const right = { ...storage?.settings }
    if (storage !== undefined) Object.assign(storage.key, { secretAccessKey: 'now another' })
    keeper = new RecordingKeeper({
      ...{ root: folder.root, thread: new RecordingThread({ s3: right as NonNullable<typeof storage>['settings'] }), clock: () => at },
      storage: { name: 's3://calls/sotto/', prefix: 'sotto/' },
    })
    await keeper.look()
    await eventually('it is told', () => keeper.fault?.includes('SignatureDoesNotMatch'))
  })

  test('a recording that is deleted on its way there leaves nothing', async () => {
    if (storage !== undefined) storage.delayMs = 50
    await open()
    file('c1-1')
    await catalog.noticed(accountA, 'c1-1')
    await eventually('it is on its way', () => objects().length > 0)
    assert.equal(typeof (await catalog.remove(accountA, 'c1-1')), 'object')
    await eventually('nothing is left', () => objects().length === 0 && readdirSync(join(folder.root, '.deleting')).length === 0)
    await new Promise((resolve) => setTimeout(resolve, 300))
    assert.deepEqual([objects(), readdirSync(place())], [[], []])
  })

  test('a file that was altered since it was recorded does not go there under its name', async () => {
    if (storage !== undefined) storage.fault = 'away'
    await open()
    file('c1-1')
    await catalog.noticed(accountA, 'c1-1')
    await sealed('c1-1')
    const altered = wavOf(1, 2)
    altered[5_000] = (altered[5_000] ?? 0) ^ 1
    writeFileSync(place('c1-1-mix.wav'), altered)
    if (storage !== undefined) storage.fault = undefined
    await again()
    await new Promise((resolve) => setTimeout(resolve, 500))
    assert.deepEqual([noteOf('c1-1').storage, objects().includes(`sotto/${accountA}/${day}/c1-1-mix.wav`)], [undefined, false])
  })

  test('that comes later gets what was recorded before', async () => {
    const later = storage
    storage = undefined
    file('c1-1')
    await open()
    await sealed('c1-1')
    storage = later
    await again()
    await stored('c1-1')
    assert.deepEqual(objects(), keysOf('c1-1'))
  })
})
