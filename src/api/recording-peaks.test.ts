import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { aCall, accountA, noon } from '../../testkit/desk.ts'
import { RecordingFolder } from '../../testkit/recording-shelf.ts'
import { emptyCdr } from '../call/cdr.ts'
import type { Samples } from '../control/recordings.ts'
import { callId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { encode } from '../media/g711.ts'
import { wavHeader } from '../media/wav.ts'
import { PeakBook, peaksOf } from './peaks.ts'

const samples = (...pieces: readonly (readonly number[])[]): Samples => ({
  length: pieces.reduce((sum, piece) => sum + piece.length, 0),
  async *[Symbol.asyncIterator]() {
    for (const piece of pieces) yield Int16Array.from(piece)
  },
})

describe('peaks', () => {
  test('are the greatest amplitude of each part, however the pieces come', async () => {
    const speech = [0, 100, -32_768, 5, 16_384, -1, 0, 0]
    const expected = [0.003, 1, 0.5, 0]
    for (const cut of [0, 1, 3, 5, 8])
      assert.deepEqual(await peaksOf(samples(speech.slice(0, cut), speech.slice(cut)), 4), expected, `cut at ${cut}`)
  })

  test('of parts that do not divide evenly miss no sample', async () => {
    for (const [length, points] of [
      [10, 3],
      [7, 4],
      [8_001, 800],
      [3, 5],
    ] as const)
      for (let loud = 0; loud < length; loud += Math.ceil(length / 50)) {
        const all = Array.from({ length }, (_, n) => (n === loud ? -16_384 : 0))
        const peaks = await peaksOf(samples(all.slice(0, length >> 1), all.slice(length >> 1)), points)
        assert.equal(peaks.length, points)
        assert.deepEqual(
          peaks.flatMap((peak, n) => (peak > 0 ? [n] : [])),
          [Math.floor((loud * points) / length)],
          `${loud} of ${length} in ${points}`,
        )
      }
  })

  test('of nothing are silence', async () => assert.deepEqual(await peaksOf(samples(), 3), [0, 0, 0]))
})

describe('what was worked out', () => {
  test('is kept, the last asked for longest; a failure is not', async () => {
    const book = new PeakBook()
    let works = 0
    const work = async () => [++works]
    assert.deepEqual([await book.of('a', work), await book.of('a', work), works], [[1], [1], 1])
    await assert.rejects(book.of('b', () => Promise.reject(new Error('gone'))))
    assert.deepEqual(await book.of('b', work), [2])
    for (let n = 0; n < limits.peaksKept - 1; n += 1) await book.of(`n${n}`, work)
    const before = works
    await book.of('a', work)
    assert.equal(works, before + 1, 'a was forgotten')
  })

  test('is worked out by a few at a time, and once for all who wait for it', async () => {
    const book = new PeakBook()
    let [working, most, works] = [0, 0, 0]
    const work = async () => {
      works += 1
      working += 1
      most = Math.max(most, working)
      await new Promise((resolve) => setTimeout(resolve, 5))
      working -= 1
      return []
    }
    await Promise.all([...Array.from({ length: 8 }, (_, n) => book.of(`n${n}`, work)), book.of('n3', work)])
    assert.deepEqual([works, most], [8, limits.peaksAtOnce])
  })
})

describe('GET /recordings/{id}/peaks', () => {
  let server: TestServer
  let folder: RecordingFolder
  before(async () => {
    folder = new RecordingFolder()
    server = await startApi({ recordings: folder.root })
    folder.file(accountA, { id: 'c1-1', call: 'c1', startedAt: noon, seconds: 2 })
    // Half a second of silence, then a tone.
    const tone = Array.from({ length: 16_000 }, (_, n) => (n < 4_000 ? 0 : 16_384 * Math.sin(n / 3)))
    const wav = Buffer.concat([wavHeader({ format: 'PCMA', channels: 1, sampleRate: 8_000 }, 16_000), encode('PCMA', tone)])
    writeFileSync(join(folder.root, accountA, '2026-11-20', 'c1-1-p-c.wav'), wav)
    server.desk.put(aCall('c1'))
  })
  after(async () => {
    await server.close()
    folder.close()
  })

  const get = (query = '', key: string = keys.supervisor) => server.ask(`GET /recordings/c1-1/peaks${query}`, { key })

  test('draws each voice, with whose it is', async () => {
    const { status, json } = await get('?points=8')
    assert.equal(status, 200)
    assert.deepEqual(
      json.tracks.map(({ peaks: _, ...track }: { peaks: number[] }) => track),
      [
        { track: 'p-c', kind: 'track', partyId: 'p-c', role: 'customer', number: '+15550001111', name: 'Cleo Customer' },
        { track: 'p-a', kind: 'track', partyId: 'p-a', role: 'agent', extension: '210', agent: 'agent-210', name: 'Paco Vu' },
      ],
    )
    const [silent, , loud] = [json.tracks[0].peaks[0], 0, json.tracks[0].peaks[4]]
    assert.ok(silent < 0.01 && Math.abs(loud - 0.5) < 0.03, `${json.tracks[0].peaks}`)
    assert.deepEqual([json.durationMs, json.gaps], [2_000, [{ fromMs: 100, toMs: 200, why: 'paused' }]])
    assert.equal((await get()).json.tracks[1].peaks.length, 800)
  })

  test('knows who it was from the record when the call is gone from the desk', async () => {
    server.desk.drop(callId('c1'))
    const { parties } = aCall('c1')
    const people = parties.map(({ id, role, endpoint }) => ({ id, role, endpoint, joinedAt: noon, onHold: false }))
    server.history.keepCdr({ ...emptyCdr(callId('c1'), accountA), startedAt: noon, parties: people })
    assert.equal((await get('?points=3')).json.tracks[0].name, 'Cleo Customer')
  })

  test('is for those who may listen', async () => {
    for (const key of [keys.agent, keys.observer])
      assert.deepEqual([(await get('', key)).status, (await get('', key)).json.code], [403, 'recording-not-permitted'])
    assert.equal((await get('', keys.other)).status, 404)
    assert.equal((await get('?points=0')).status, 422)
  })
})
