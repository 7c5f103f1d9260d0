/** A recording whose process is killed and whose standby goes on with it: real files, virtual time. */
import assert from 'node:assert/strict'
import { readdirSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { StagePhone } from '../../testkit/media-stage.ts'
import { type Recorded, RecordingRoom } from '../../testkit/recording-room.ts'
import type { RecordingGap } from '../media/protocol.ts'

const rooms: RecordingRoom[] = []
after(() => {
  for (const room of rooms) room.close()
})

function roomOf(shape: ConstructorParameters<typeof RecordingRoom>[0] = {}): RecordingRoom {
  const room = new RecordingRoom(shape)
  rooms.push(room)
  room.talk()
  return room
}

const begin = (room: RecordingRoom): void => room.record({ tracks: [room.customer, room.agent].map((phone) => room.voice(phone)) })

/** Distinct sets of tones in a stretch. */
const heard = (recorded: Recorded, name: string, room: RecordingRoom, from: number, to: number): readonly string[] => [
  ...new Set(recorded.tones(name, room.stage.tones, { from, to }).map(String)),
]

const of = (...phones: readonly StagePhone[]): readonly string[] => [
  phones
    .map(({ hertz }) => hertz)
    .toSorted((a, b) => a - b)
    .join(','),
]

const inMs = ({ from, to, why }: RecordingGap) => ({ from: from / 8, to: to / 8, why })

describe('a recording over the death of its process', () => {
  test('is one recording, in the same files, whose note marks the hole; nothing is left open', async () => {
    const room = roomOf()
    begin(room)
    const startedAt = room.stage.at
    room.advance(3_000)
    room.succeed(30)
    room.advance(2_000)
    const recorded = await room.end()
    const { report } = recorded
    assert.deepEqual([report.complete, report.why, report.startedAt], [true, undefined, startedAt])
    assert.deepEqual(
      report.files.map(({ path }) => path).toSorted(),
      ['a', 'c', 'mix'].map((name) => `acme/day/r1-${name}.wav`),
    )
    assert.deepEqual(new Set(report.files.map(({ samples }) => samples)), new Set([5_040 * 8]))
    // The writer of then was 200 ms behind, and the room's last round was at the very end.
    assert.deepEqual(report.gaps.map(inMs), [{ from: 2_800, to: 3_040, why: 'hole' }])
    for (const [name, ...voices] of [
      ['c', room.customer],
      ['a', room.agent],
      ['mix', room.customer, room.agent],
    ] as const) {
      assert.deepEqual(heard(recorded, name, room, 40, 2_800), of(...voices), name)
      assert.deepEqual(heard(recorded, name, room, 2_820, 3_020), [''], name)
      assert.deepEqual(heard(recorded, name, room, 3_080, 5_000), of(...voices), name)
    }
    assert.equal(room.stage.events.filter(({ kind }) => kind === 'recorded').length, 1)
    assert.deepEqual(readdirSync(join(room.root, '.open')), [])
    assert.deepEqual(readdirSync(join(room.root, 'acme/day')).toSorted(), ['r1-a.wav', 'r1-c.wav', 'r1-mix.wav', 'r1.json'])
  })

  test('tracks stay where the clock puts them: what both say at one moment lies at one place, to a frame', async () => {
    const room = roomOf()
    begin(room)
    const startedAt = room.stage.at
    room.advance(1_500)
    for (const phone of [room.customer, room.agent]) phone.speaking = false
    room.advance(500)
    room.succeed(47)
    room.advance(400)
    const spokeAt = room.stage.at
    for (const phone of [room.customer, room.agent]) phone.speaking = true
    room.advance(1_000)
    const recorded = await room.end()
    const onsets = ['c', 'a'].map((name) => recorded.samples(name).findIndex((sample, n) => n > 2_000 * 8 && Math.abs(sample) > 200) / 8)
    for (const onset of onsets) assert.ok(Math.abs(onset - (spokeAt - startedAt)) <= 20, `${onset} of ${spokeAt - startedAt}`)
    assert.ok(Math.abs((onsets[0] ?? 0) - (onsets[1] ?? 0)) <= 20, String(onsets))
  })

  test('twice in a row: two holes', async () => {
    const room = roomOf()
    begin(room)
    room.advance(1_000)
    room.succeed(25)
    room.advance(1_000)
    room.succeed(25)
    room.advance(1_000)
    const { report } = await room.end()
    assert.deepEqual(
      report.gaps.map(({ why }) => why),
      ['hole', 'hole'],
    )
    assert.deepEqual([report.complete, report.files.length], [true, 3])
    assert.equal(report.files[0]?.samples, 3_060 * 8)
  })

  test('a pause that goes on over it stays one pause: nothing was to be lost', async () => {
    const room = roomOf()
    begin(room)
    room.advance(1_000)
    room.record({ state: 'paused' })
    room.advance(1_000)
    room.succeed(30)
    room.advance(1_000)
    room.record({ state: 'on' })
    room.advance(1_000)
    const recorded = await room.end()
    assert.deepEqual(recorded.report.gaps.map(inMs), [{ from: 1_000, to: 3_040, why: 'paused' }])
    assert.deepEqual(heard(recorded, 'c', room, 1_000, 3_040), [''])
    assert.deepEqual(heard(recorded, 'c', room, 3_080, 4_000), of(room.customer))
  })

  test('a pause that the writer had not read of holds: not a frame of it is in a file', async () => {
    const room = roomOf()
    begin(room)
    room.advance(1_000)
    room.writes = false
    room.record({ state: 'paused' })
    room.stage.advance(100)
    room.succeed(30)
    room.writes = true
    room.advance(1_000)
    const recorded = await room.end()
    assert.deepEqual(recorded.report.gaps.map(inMs), [
      { from: 800, to: 1_140, why: 'hole' },
      { from: 1_140, to: 2_140, why: 'paused' },
    ])
    assert.deepEqual(heard(recorded, 'mix', room, 820, 2_120), [''])
  })

  test('a pause that ended unread ends with the hole', async () => {
    const room = roomOf()
    begin(room)
    room.advance(1_000)
    room.record({ state: 'paused' })
    room.advance(1_000)
    room.writes = false
    room.record({ state: 'on' })
    room.stage.advance(40)
    room.succeed(20)
    room.writes = true
    room.advance(1_000)
    const recorded = await room.end()
    assert.deepEqual(recorded.report.gaps.map(inMs), [
      { from: 1_000, to: 1_800, why: 'paused' },
      { from: 1_800, to: 2_060, why: 'hole' },
    ])
    assert.deepEqual(heard(recorded, 'a', room, 2_100, 3_040), of(room.agent))
  })

  test('files that were cut off within a frame or between each other go on from where the shortest ends', async () => {
    const room = roomOf({ format: 'wav-pcm16' })
    begin(room)
    room.advance(2_000)
    const path = join(room.root, 'acme/day/r1-mix.wav.part')
    truncateSync(path, statSync(path).size - 16 * 100 * 2 - 1)
    room.succeed(30)
    room.advance(1_000)
    const recorded = await room.end()
    // 200 ms of pcm16 are missing, and half a sample more.
    assert.deepEqual(recorded.report.gaps.map(inMs), [{ from: 1_580, to: 2_040, why: 'hole' }])
    assert.equal(new Set(recorded.report.files.map(({ samples }) => samples)).size, 1)
    assert.deepEqual(heard(recorded, 'mix', room, 2_080, 3_000), of(room.customer, room.agent))
  })

  test('killed before anything was written: the recording begins with the hole, at its own time', async () => {
    const room = roomOf()
    begin(room)
    const startedAt = room.stage.at
    room.stage.advance(100)
    room.succeed(30)
    room.advance(1_000)
    const { report } = await room.end()
    assert.deepEqual([report.startedAt, report.gaps.map(inMs)], [startedAt, [{ from: 0, to: 140, why: 'hole' }]])
    assert.equal(report.files[0]?.samples, 1_140 * 8)
  })
})
