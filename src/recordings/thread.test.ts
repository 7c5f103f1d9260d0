/** The thread and its storage as they are: a thread of this process, and a server that checks every signature. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { wavOf } from '../../testkit/recording-shelf.ts'
import { S3Server } from '../../testkit/s3-server.ts'
import { RecordingThread, ThreadFailure } from './thread.ts'

const folder = mkdtempSync(join(tmpdir(), 'sotto-thread-'))
let storage: S3Server
let thread: RecordingThread

before(async () => {
  storage = await S3Server.start()
})
after(async () => {
  await storage.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => {
  thread = new RecordingThread({ s3: storage.settings })
})
afterEach(async () => {
  await thread.close()
  Object.assign(storage, { fault: undefined, damages: false, keepsChecksums: true, delayMs: 0 })
})

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

function file(name: string, bytes: Uint8Array) {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return { kind: 'store', path, key: `sotto/${name}`, type: 'audio/wav', sha256: sha256(bytes) } as const
}

async function read(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

/** Large enough for three parts. */
const large = Buffer.from(Uint8Array.from({ length: 20_000_000 }, (_, n) => (n * 31 + (n >> 9)) & 255))

describe('the thread', () => {
  test('encodes, sums up and reads samples, whatever the format', async () => {
    const wav = wavOf(20, 3)
    const { path } = file('a.wav', wav)
    assert.deepEqual(await thread.do({ kind: 'sum', path }), { bytes: wav.length, sha256: sha256(wav) })
    const to = join(folder, 'a.flac')
    const { samples, sha256: sum } = await thread.do({ kind: 'encode', from: path, to })
    assert.deepEqual([samples, sum], [160_000, sha256(readFileSync(to))])
    const [before, after] = await Promise.all([path, to].map((one) => read(thread.open({ kind: 'samples', path: one }))))
    assert.ok(before?.length === 320_000 && after !== undefined && before.equals(after))
  })

  test('has the lowest priority, and the others of the process have theirs', async () => {
    await thread.do({ kind: 'sum', path: file('n.wav', wavOf(1, 1)).path })
    const tasks = readdirSync('/proc/self/task').map((id) => readFileSync(`/proc/self/task/${id}/stat`, 'utf8'))
    const nice = tasks.map((stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]))
    assert.ok(nice.includes(19) && nice.filter((value) => value === 19).length === 1 && nice.includes(0), String(nice))
  })

  test('says whose fault it is: the disk’s, the file’s, the storage’s', async () => {
    writeFileSync(join(folder, 'no.wav'), 'RIFF')
    const faultOf = (job: Parameters<RecordingThread['do']>[0]) =>
      thread.do(job).then(
        () => undefined,
        (error: unknown) => (error instanceof ThreadFailure ? error.of : error),
      )
    assert.equal(await faultOf({ kind: 'sum', path: join(folder, 'nowhere') }), 'disk')
    assert.equal(await faultOf({ kind: 'encode', from: join(folder, 'no.wav'), to: join(folder, 'no.flac') }), 'file')
    assert.equal(await faultOf({ ...file('b.wav', wavOf(1, 1)), sha256: sha256(Buffer.of(1)) }), 'file')
    assert.equal(await faultOf({ ...file('b.wav', wavOf(1, 1)), path: join(folder, 'nowhere') }), 'disk')
    storage.fault = 'away'
    assert.equal(await faultOf(file('b.wav', wavOf(1, 1))), 'storage')
    storage.fault = 503
    assert.equal(await faultOf(file('b.wav', wavOf(1, 1))), 'storage')
  })

  test('that dies fails what it had to do, and the next job has a new one', async () => {
    await thread.close()
    await assert.rejects(thread.do({ kind: 'sum', path: folder }), /ends/)
  })

  test('a flow that nobody reads to its end is ended', async () => {
    const { path } = file('l.wav', wavOf(600, 1))
    const flow = thread.open({ kind: 'samples', path })
    for await (const _ of flow) break
    assert.equal(flow.destroyed, true)
    assert.equal((await read(thread.open({ kind: 'samples', path }))).length, 600 * 16_000)
  })
})

describe('storage', () => {
  test('has the file under its key, with type and checksum; ranges of it come back', async () => {
    const bytes = wavOf(3, 9)
    await thread.do(file('a b+ü.wav', bytes))
    assert.deepEqual([storage.objects.get('sotto/a b+ü.wav')?.body, storage.objects.get('sotto/a b+ü.wav')?.type], [bytes, 'audio/wav'])
    const part = await read(thread.open({ kind: 'bytes', key: 'sotto/a b+ü.wav', range: { from: 100, to: 299 } }))
    assert.deepEqual(part, bytes.subarray(100, 300))
    assert.deepEqual(await read(thread.open({ kind: 'bytes', key: 'sotto/a b+ü.wav' })), bytes)
    await thread.do({ kind: 'remove', keys: ['sotto/a b+ü.wav', 'sotto/never'] })
    assert.equal(storage.objects.has('sotto/a b+ü.wav'), false)
    await assert.rejects(read(thread.open({ kind: 'bytes', key: 'sotto/a b+ü.wav' })), /NoSuchKey/)
  })

  for (const keepsChecksums of [true, false])
    test(`a large file goes in parts${keepsChecksums ? '' : ', also where no checksums are kept'}`, async () => {
      storage.keepsChecksums = keepsChecksums
      storage.log.length = 0
      await thread.do(file('large.wav', large))
      assert.ok(storage.objects.get('sotto/large.wav')?.body.equals(large))
      assert.equal(storage.log.filter((line) => line.startsWith('PUT')).length, 3)
      assert.equal(storage.log.includes('GET sotto/large.wav'), !keepsChecksums)
      assert.equal(storage.uploads.size, 0)
    })

  for (const [name, bytes] of [
    ['small.wav', wavOf(1, 1)],
    ['large.wav', large],
  ] as const)
    test(`that damages ${name} is found out, whether it keeps checksums or not, and nothing half is left`, async () => {
      storage.damages = true
      for (storage.keepsChecksums of [true, false]) await assert.rejects(thread.do(file(name, bytes)), /other bytes/)
      assert.equal(storage.uploads.size, 0)
    })

  test('refuses another key, and what it says is told', async () => {
    const other = new RecordingThread({ s3: { ...storage.settings, secretAccessKey: 'another' } })
    await assert.rejects(other.do(file('a.wav', wavOf(1, 1))), /SignatureDoesNotMatch/)
    await other.close()
  })

  test('an upload is broken off when nobody wants it any more, and its parts are taken away', async () => {
    storage.delayMs = 100
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 350)
    await assert.rejects(thread.do(file('large.wav', large), abort.signal))
    storage.delayMs = 0
    for (let waited = 0; storage.uploads.size > 0 && waited < 100; waited++) await new Promise((resolve) => setTimeout(resolve, 20))
    assert.equal(storage.uploads.size, 0)
  })

  test('parts that a killed process left a day ago are taken away, younger ones stay', async () => {
    const begun = (key: string, initiated: Date) => storage.uploads.set(key, { key, type: '', initiated, parts: new Map() })
    begun('sotto/old', new Date(Date.now() - 90_000_000))
    begun('sotto/young', new Date())
    begun('other/old', new Date(0))
    await thread.do(file('a.wav', wavOf(1, 1)))
    for (let waited = 0; storage.uploads.has('sotto/old') && waited < 100; waited++) await new Promise((resolve) => setTimeout(resolve, 20))
    assert.deepEqual([...storage.uploads.keys()], ['sotto/young', 'other/old'])
    storage.uploads.clear()
  })

  test('an object comes into a file whole or not at all', async () => {
    await thread.do(file('f.wav', wavOf(2, 2)))
    const path = join(folder, 'fetched')
    await thread.do({ kind: 'fetch', key: 'sotto/f.wav', path })
    assert.deepEqual(readFileSync(path), wavOf(2, 2))
    await assert.rejects(thread.do({ kind: 'fetch', key: 'sotto/none', path: join(folder, 'none') }))
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('none') || name.endsWith('.part')),
      [],
    )
  })
})
