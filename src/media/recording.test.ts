/** What is in the files, and what is not: every party speaks a tone, and each 20 ms of each file are listened to. */
import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { amplitudeOf, toneSamples } from '../../testkit/ear.ts'
import type { StagePhone } from '../../testkit/media-stage.ts'
import { type Recorded, RecordingRoom } from '../../testkit/recording-room.ts'
import { addMs } from '../kernel/time.ts'
import { decode, encode } from './g711.ts'
import { readOrder } from './order-codec.ts'
import type { RecordOrder } from './protocol.ts'

const rooms: RecordingRoom[] = []
afterEach(() => {
  for (const room of rooms.splice(0)) room.close()
})

function roomOf(shape: Partial<RecordOrder> = {}): RecordingRoom {
  const room = new RecordingRoom(shape)
  rooms.push(room)
  room.talk()
  room.advance(200)
  return room
}

/** The distinct sets of tones in a stretch of a file, each as text. */
const heard = (recorded: Recorded, name: string, room: RecordingRoom, from: number, to: number): string[] => [
  ...new Set(recorded.tones(name, room.stage.tones, { from, to }).map(String)),
]

const hertz = (...phones: readonly StagePhone[]): string[] => [
  phones
    .map((phone) => phone.hertz)
    .toSorted((a, b) => a - b)
    .join(','),
]

const nobody = ['']

describe('a recording', () => {
  test('one file of each party with its own voice from the first frame on, and one of all', async () => {
    const room = roomOf()
    const { customer, agent } = room
    room.record({ tracks: [room.voice(customer), room.voice(agent)] })
    room.advance(2_000)
    const recorded = await room.end()
    assert.deepEqual(recorded.report.files.map(({ kind, name, path }) => [kind, name, path]).toSorted(), [
      ['mix', 'mix', 'acme/day/r1-mix.wav'],
      ['track', 'a', 'acme/day/r1-a.wav'],
      ['track', 'c', 'acme/day/r1-c.wav'],
    ])
    assert.deepEqual([recorded.report.complete, recorded.report.gaps, recorded.report.startedAt], [true, [], addMs(room.stage.at, -2_000)])
    assert.deepEqual(new Set(recorded.report.files.map((file) => file.samples)), new Set([16_000]))
    assert.deepEqual(heard(recorded, 'c', room, 40, 1_940), hertz(customer))
    assert.deepEqual(heard(recorded, 'a', room, 40, 1_940), hertz(agent))
    assert.deepEqual(heard(recorded, 'mix', room, 40, 1_940), hertz(customer, agent))
    assert.deepEqual(room.stage.events.at(-1), { kind: 'recorded', ...recorded.report })
  })

  test('G.711 is kept as it came, byte for byte, in either law; linear files hold what it decodes to', async () => {
    for (const format of ['wav-g711', 'wav-pcm16'] as const) {
      const room = roomOf({ format })
      const lawful = room.stage.phone('alaw', { media: { codec: 'PCMA', payloadType: 8 } })
      room.wire([room.customer, lawful], [lawful, room.customer])
      room.record({ tracks: [room.voice(lawful)] })
      const said: number[] = []
      lawful.speaking = false
      for (let n = 0; n < 20; n++) {
        const payload = Uint8Array.from({ length: 160 }, (_, i) => (i * 7 + n * 13) & 0xff)
        room.advance(20)
        room.stage.deliver(lawful, lawful.packet(payload))
        said.push(...payload)
      }
      const recorded = await room.end()
      const bytes = format === 'wav-g711' ? recorded.bytes('alaw') : new Uint8Array(recorded.samples('alaw').buffer)
      const wanted = format === 'wav-g711' ? Uint8Array.from(said) : new Uint8Array(decode('PCMA', said).buffer)
      const at = Buffer.from(bytes).indexOf(Buffer.from(wanted))
      assert.equal(at, 0, format)
    }
  })

  test('a packet that is lost is silence of its length, reordered and doubled ones are in their places', async () => {
    const room = roomOf()
    const { customer } = room
    customer.speaking = false
    room.record({ tracks: [room.voice(customer)] })
    const packets = Array.from({ length: 30 }, (_, n) => {
      const packet = customer.packet(new Uint8Array(160).fill(n + 1))
      customer.sequence++
      customer.timestamp += 160
      return packet
    })
    for (const n of [0, 1, 2, 4, 3, 5, 5, 7, 8, 9, 12, 11, 10, 13, 14, 15]) {
      room.advance(20)
      room.stage.deliver(customer, packets[n] ?? new Uint8Array())
    }
    const bytes = (await room.end()).bytes('c')
    const start = bytes.indexOf(1)
    const frames = Array.from({ length: 16 }, (_, n) => bytes[start + n * 160])
    assert.deepEqual(frames, [1, 2, 3, 4, 5, 6, 0xff, 8, 9, 10, 11, 12, 13, 14, 15, 16])
  })

  test('the same order twice changes nothing; one that has ended is told again and stays ended', async () => {
    const room = roomOf()
    room.record({ tracks: [room.voice(room.customer)] })
    room.advance(500)
    room.record()
    room.advance(500)
    const { report } = await room.end()
    assert.deepEqual([report.files.length, report.files[0]?.samples], [2, 8_000])
    room.record({ state: 'on', tracks: [room.voice(room.customer)] })
    room.advance(100)
    room.record({ state: 'off' })
    assert.deepEqual(
      room.stage.events.filter((event) => event.kind === 'recorded').map((event) => event.files.length),
      [2, 2, 2],
    )
  })

  test('without a folder it fails, and the call goes on', () => {
    const room = roomOf()
    const bare = new RecordingRoom()
    rooms.push(bare)
    room.stage.engine.order(room.stage.at, { kind: 'record', ...orderOf('r2'), bridge: room.stage.bridge })
    room.advance(100)
    assert.equal(room.agent.ear.heard[0], room.customer.hertz)
  })
})

const orderOf = (recording: string): Omit<RecordOrder, 'bridge' | 'kind'> => ({
  ...{ recording, state: 'on', directory: 'd', format: 'wav-g711', mix: true, coach: 'exclude', tracks: [] },
})

describe('who whispers', () => {
  const lay = async (coach: RecordOrder['coach']) => {
    const room = roomOf({ coach })
    const { customer, agent, supervisor } = room
    const both = [room.voice(customer), room.voice(agent)]
    room.whisper()
    room.record({ tracks: coach === 'exclude' ? both : [...both, room.voice(supervisor, 'coach')] })
    room.advance(1_000)
    room.barge()
    room.record({ tracks: [...both, room.voice(supervisor)] })
    room.advance(1_000)
    room.record({ tracks: coach === 'exclude' ? both : [...both, room.voice(supervisor, 'coach')] })
    room.whisper()
    room.advance(1_000)
    return { room, recorded: await room.end(), customer, agent, supervisor }
  }

  test('exclude: is in no file; who barges in is part of the conversation', async () => {
    const { room, recorded, customer, agent, supervisor } = await lay('exclude')
    assert.deepEqual(heard(recorded, 'mix', room, 40, 980), hertz(customer, agent))
    assert.deepEqual(heard(recorded, 'mix', room, 1_040, 1_980), hertz(customer, agent, supervisor))
    assert.deepEqual(heard(recorded, 'mix', room, 2_020, 2_960), hertz(customer, agent))
    assert.deepEqual(heard(recorded, 's', room, 0, 980), nobody)
    assert.deepEqual(heard(recorded, 's', room, 1_040, 1_980), hertz(supervisor))
    assert.ok(recorded.file('s').samples <= 2_060 * 8)
    assert.deepEqual(heard(recorded, 's', room, 2_020, 2_060), nobody)
    for (const name of ['c', 'a']) assert.equal(heard(recorded, name, room, 40, 2_960).length, 1, name)
  })

  test('include: is in a file of his own and in the mix', async () => {
    const { room, recorded, customer, agent, supervisor } = await lay('include')
    assert.deepEqual(heard(recorded, 'mix', room, 40, 2_960), hertz(customer, agent, supervisor))
    assert.deepEqual(heard(recorded, 's', room, 40, 2_960), hertz(supervisor))
  })

  test('separate: is in a file of his own only', async () => {
    const { room, recorded, customer, agent, supervisor } = await lay('separate')
    assert.deepEqual(heard(recorded, 's', room, 40, 2_960), hertz(supervisor))
    assert.deepEqual(heard(recorded, 'mix', room, 40, 980), hertz(customer, agent))
    assert.deepEqual(heard(recorded, 'mix', room, 1_040, 1_980), hertz(customer, agent, supervisor))
    assert.deepEqual(heard(recorded, 'mix', room, 2_020, 2_960), hertz(customer, agent))
  })

  test('even an order that takes him for a coach lets nothing into a file under exclude', async () => {
    const room = roomOf()
    room.whisper()
    room.record({ tracks: [room.voice(room.customer), room.voice(room.supervisor)] })
    room.record({ tracks: [room.voice(room.customer), room.voice(room.supervisor, 'coach')] })
    room.advance(500)
    assert.deepEqual(heard(await room.end(), 's', room, 0, 480), nobody)
  })
})

describe('a pause', () => {
  test('is silence of the same frames in every file, and marked', async () => {
    const room = roomOf({ coach: 'include' })
    const { customer, agent, supervisor } = room
    room.barge()
    const names = ['c', 'a', 's', 'mix']
    room.record({ tracks: [room.voice(customer), room.voice(agent), room.voice(supervisor)] })
    room.advance(1_003)
    room.record({ state: 'paused' })
    room.advance(1_004)
    room.record({ state: 'on' })
    room.advance(993)
    const recorded = await room.end()
    assert.deepEqual(recorded.report.gaps, [{ from: 8_000, to: 16_160, why: 'paused' }])
    for (const name of names) {
      const samples = recorded.samples(name)
      assert.ok(
        samples.subarray(8_000, 16_160).every((sample) => sample === 0),
        name,
      )
      assert.notEqual(heard(recorded, name, room, 960, 1_000)[0], '', `${name} before`)
      assert.notEqual(heard(recorded, name, room, 2_060, 2_080)[0], '', `${name} after`)
      assert.equal(samples.length, 24_000)
    }
  })

  test('a recording may begin and end with one; nothing of it is kept', async () => {
    const room = roomOf()
    room.record({ state: 'paused', tracks: [room.voice(room.customer)] })
    room.advance(500)
    const recorded = await room.end()
    assert.deepEqual(recorded.report.gaps, [{ from: 0, to: 4_000, why: 'paused' }])
    for (const name of ['c', 'mix']) assert.ok(recorded.samples(name).every((sample) => sample === 0))
  })

  test('one that is over before its first frame is, and many in a row, leave no word behind', async () => {
    const room = roomOf()
    room.record({ tracks: [room.voice(room.customer)] })
    for (let n = 0; n < 40; n++) {
      room.advance(7)
      room.record({ state: 'paused' })
      room.advance(6)
      room.record({ state: 'on' })
    }
    const recorded = await room.end()
    for (const { from, to } of recorded.report.gaps)
      assert.ok(
        recorded
          .samples('c')
          .subarray(from, to)
          .every((sample) => sample === 0),
      )
    assert.ok(recorded.report.gaps.every(({ from }, n) => from >= (recorded.report.gaps[n - 1]?.to ?? 0)))
  })
})

describe('what nobody in the conversation may hear', () => {
  test('of a party on hold or muted is not recorded, nor what only a supervisor hears', async () => {
    const room = roomOf()
    const { customer, agent, supervisor } = room
    room.record({ tracks: [room.voice(customer), room.voice(agent)] })
    room.advance(500)
    room.wire([supervisor, agent])
    room.advance(500)
    room.talk()
    room.advance(500)
    const recorded = await room.end()
    for (const phone of [customer, agent]) {
      assert.deepEqual(heard(recorded, phone.leg, room, 40, 460), hertz(phone))
      assert.deepEqual(heard(recorded, phone.leg, room, 500, 960), nobody)
      assert.deepEqual(heard(recorded, phone.leg, room, 1_040, 1_480), hertz(phone))
    }
  })

  test('of a leg that has gone to another bridge belongs there', async () => {
    const room = roomOf()
    const { customer, agent } = room
    room.record({ tracks: [room.voice(customer), room.voice(agent)] })
    room.advance(500)
    const rows = [
      { listener: customer.leg, talkers: [agent.leg] },
      { listener: agent.leg, talkers: [customer.leg] },
    ]
    room.stage.engine.order(room.stage.at, { kind: 'rewire', bridge: 'b2' as never, account: room.stage.account, revision: 1, rows })
    room.advance(500)
    assert.deepEqual(heard(await room.end(), 'mix', room, 500, 980), nobody)
  })
})

describe('tracks come and go', () => {
  test('who joins later has silence before; who comes back goes on in the same file', async () => {
    const room = roomOf()
    const { customer, agent } = room
    room.record({ tracks: [room.voice(customer)] })
    room.advance(1_000)
    for (const tracks of [[room.voice(customer), room.voice(agent)], [room.voice(customer)], [room.voice(customer), room.voice(agent)]]) {
      room.record({ tracks })
      room.advance(1_000)
    }
    const recorded = await room.end()
    assert.equal(recorded.report.files.length, 3)
    for (const [from, to, tones] of [
      [0, 980, nobody],
      [1_040, 1_980, hertz(agent)],
      [2_040, 2_980, nobody],
      [3_040, 3_980, hertz(agent)],
    ] as const)
      assert.deepEqual(heard(recorded, 'a', room, from, to), tones, `from ${from}`)
    assert.deepEqual(heard(recorded, 'c', room, 40, 3_960), hertz(customer))
  })

  test('a leg that is closed takes nothing along; a closed bridge ends its recording', async () => {
    const room = roomOf()
    const { customer, agent, stage } = room
    room.record({ tracks: [room.voice(customer), room.voice(agent)] })
    room.advance(500)
    stage.engine.order(stage.at, { kind: 'close-leg', leg: agent.leg })
    room.advance(500)
    stage.engine.order(stage.at, { kind: 'close-bridge', bridge: stage.bridge })
    const recorded = await room.end()
    assert.deepEqual([recorded.report.complete, recorded.file('c').samples], [true, 8_000])
    assert.deepEqual(heard(recorded, 'a', room, 40, 480), hertz(agent))
    assert.deepEqual(heard(recorded, 'a', room, 500, 980), nobody)
  })
})

describe('one clock', () => {
  /** Everybody hears a clap at the same moments; each phone packs, sends and delays what it hears in its own way. */
  function speakByTheClock(
    room: RecordingRoom,
    phone: StagePhone,
    way: { phase: number; delay: (n: number) => number; ppm?: number },
  ): (ms: number) => void {
    phone.speaking = false
    const queue: { at: number; packet: Uint8Array }[] = []
    let n = 0
    const rate = 1 + (way.ppm ?? 0) / 1e6
    return (ms) => {
      for (; n * 20 + way.phase + 20 <= ms; n++) {
        const samples = Int16Array.from({ length: 160 }, (_, i) => clapAt((n * 20 + way.phase + i / 8) / rate))
        queue.push({ at: (n * 20 + way.phase + 20) / rate + way.delay(n), packet: phone.packet(encode('PCMU', samples)) })
        phone.sequence = (phone.sequence + 1) & 0xffff
        phone.timestamp += 160
      }
      while (queue[0] !== undefined && queue[0].at <= ms) room.stage.deliver(phone, queue.shift()?.packet ?? new Uint8Array())
    }
  }

  /** 5 ms of noise each second. */
  const clapAt = (ms: number): number => (ms > 500 && ms % 1_000 < 5 ? 12_000 : 0)

  const claps = (samples: Int16Array): number[] => {
    const found: number[] = []
    for (const [n, sample] of samples.entries()) if (sample > 6_000 && n - (found.at(-1) ?? -4_000) > 4_000) found.push(n)
    return found
  }

  test('the same clap is within one frame in all tracks: other phases, jitter, clocks that run fast and slow', async () => {
    const room = roomOf()
    const { customer, agent, supervisor } = room
    room.barge()
    const tracks = [customer, agent, supervisor].map((phone) => room.voice(phone))
    const speakers = [
      speakByTheClock(room, customer, { phase: 3, delay: () => 2 }),
      speakByTheClock(room, agent, { phase: 17, delay: (n) => 2 + ((n * 7) % 30), ppm: 300 }),
      speakByTheClock(room, supervisor, { phase: 9, delay: (n) => (n < 5 ? 40 : 2), ppm: -300 }),
    ]
    for (const phone of [customer, agent, supervisor]) phone.speaking = false
    room.record({ tracks })
    for (let ms = 0; ms < 60_000; ms++) {
      room.advance(1)
      for (const speak of speakers) speak(ms)
    }
    const recorded = await room.end()
    const [one = [], ...others] = ['c', 'a', 's'].map((name) => claps(recorded.samples(name)))
    assert.ok(one.length >= 58, `${one.length} claps`)
    for (const other of others) {
      assert.equal(other.length, one.length)
      for (const [n, place] of other.entries()) assert.ok(Math.abs(place - (one[n] ?? 0)) <= 160, `clap ${n}: ${one[n]} and ${place}`)
    }
  })
})

describe('a disk that hangs', () => {
  test('for three seconds costs nothing; for longer it costs a hole that is marked, and afterwards all is in its place', async () => {
    const room = roomOf()
    const { customer, agent } = room
    room.record({ tracks: [room.voice(customer), room.voice(agent)] })
    for (const hangMs of [3_000, 7_000]) {
      room.advance(1_000)
      room.writes = false
      room.advance(hangMs)
      room.writes = true
    }
    room.advance(2_000)
    const recorded = await room.end()
    const [hole, ...more] = recorded.report.gaps
    assert.deepEqual([hole?.why, more], ['hole', []])
    const { from, to } = { from: (hole?.from ?? 0) / 8, to: (hole?.to ?? 0) / 8 }
    assert.ok(from > 8_800 && to < 12_300, `${from} to ${to}`)
    assert.deepEqual(heard(recorded, 'mix', room, 40, Math.floor(from / 20) * 20 - 20), hertz(customer, agent))
    assert.deepEqual(heard(recorded, 'mix', room, Math.ceil(from / 20) * 20 + 20, Math.floor(to / 20) * 20 - 40), nobody)
    assert.deepEqual(heard(recorded, 'mix', room, Math.ceil(to / 20) * 20 + 40, 13_960), hertz(customer, agent))
  })
})

describe('the beep', () => {
  const beep = 1_400
  const beeping = (samples: Int16Array): boolean => amplitudeOf(samples, beep) > 400

  test('is heard by everybody in the conversation and in the mix, at the same time, and by nobody else', async () => {
    const room = roomOf({ beepEveryMs: 1_000 })
    const { customer, agent } = room
    const heardBy = { customer: 0, agent: 0, supervisor: 0 }
    for (const name of ['customer', 'agent', 'supervisor'] as const)
      room[name].onPacket = ({ payload }) => {
        if (payload.length === 160 && beeping(decode('PCMU', payload))) heardBy[name]++
      }
    room.whisper()
    room.record({ tracks: [room.voice(customer), room.voice(agent)] })
    room.advance(3_000)
    room.record({ state: 'paused' })
    room.advance(1_000)
    assert.ok(heardBy.customer >= 27 && heardBy.customer <= 33 && heardBy.agent >= 27 && heardBy.agent <= 33, JSON.stringify(heardBy))
    assert.equal(heardBy.supervisor, 0)
    const recorded = await room.end()
    const mix = recorded.samples('mix')
    const frames = Array.from({ length: 200 }, (_, n) => beeping(mix.subarray(n * 160, n * 160 + 160)))
    assert.deepEqual(
      [0, 50, 100, 150].map((n) => frames.slice(n, n + 50).filter(Boolean).length),
      [10, 10, 10, 0],
    )
    for (const name of ['c', 'a']) assert.ok(!beeping(recorded.samples(name).subarray(0, 1_600)))
  })
})

describe('the order on the wire', () => {
  const line = (changes: object) => readOrder(JSON.stringify({ kind: 'record', bridge: 'b', ...orderOf('r'), ...changes }))

  test('is read as it was written', () => {
    const order = {
      ...orderOf('c_1-1'),
      kind: 'record',
      bridge: 'b',
      beepEveryMs: 15_000,
      tracks: [{ leg: 'l', name: 'p_1', voice: 'coach' }],
    }
    const read = readOrder(JSON.stringify(order))
    assert.deepEqual(read, { ok: true, value: order })
  })

  test('leads to no place outside the folder for recordings', () => {
    for (const directory of ['..', '../x', '/etc', 'a/../b', 'a//b', 'a/', '.open', 'a/.', ''])
      assert.equal(line({ directory }).ok, false, directory)
    for (const name of ['../x', 'a/b', '', '.', '-x', 'a\0b']) {
      assert.equal(line({ recording: name }).ok, false, name)
      assert.equal(line({ tracks: [{ leg: 'l', name, voice: 'coach' }] }).ok, false, name)
    }
    assert.equal(line({ state: 'maybe' }).ok, false)
    assert.equal(line({ beepEveryMs: 60_001 }).ok, false)
    assert.equal(line({}).ok, true)
  })
})

describe('the announcement', () => {
  const said = 1_900
  /** A second and a half. */
  const announcements = new Map([['please note', toneSamples(said, 0, 12_000)]])
  const saying = (samples: Int16Array): boolean => amplitudeOf(samples, said) > 400

  function announcing(legs: (room: RecordingRoom) => readonly StagePhone[], prompt = 'please note'): RecordingRoom {
    const room = new RecordingRoom({}, announcements)
    rooms.push(room)
    room.talk()
    room.advance(200)
    const { customer, agent } = room
    const announce = { prompt, legs: legs(room).map(({ leg }) => leg) }
    room.record({ tracks: [room.voice(customer), room.voice(agent)], announce })
    return room
  }

  /** How many of the frames of a phone, since it last was asked, said it; and whether they hung together. */
  function heardBy(phone: StagePhone): { readonly frames: number; readonly isWhole: boolean } {
    const frames = phone.packets.splice(0).map(({ payload }) => payload.length === 160 && saying(decode('PCMU', payload)))
    const isWhole = !frames.slice(frames.indexOf(true), frames.lastIndexOf(true)).includes(false)
    return { frames: frames.filter(Boolean).length, isWhole }
  }

  test('is heard whole by those whom it is for, once, with the others’ voices, and by nobody else', async () => {
    const room = announcing(({ customer, agent }) => [customer, agent])
    const { customer, agent, supervisor } = room
    room.wire([customer, agent], [agent, customer], [supervisor, agent, customer])
    for (const phone of [customer, agent, supervisor]) heardBy(phone)
    room.advance(4_000)
    for (const phone of [customer, agent]) {
      const { frames, isWhole } = heardBy(phone)
      assert.ok(isWhole && frames >= 74 && frames <= 76, String(frames))
    }
    assert.equal(heardBy(supervisor).frames, 0)
    assert.ok(customer.ear.heard.includes(agent.hertz) && agent.ear.heard.includes(customer.hertz))
    await room.end()
  })

  test('comes before the first recorded frame, and is in no file', async () => {
    const room = announcing(({ customer, agent }) => [customer, agent])
    const orderedAt = room.stage.at
    room.advance(1_599)
    assert.equal(room.stage.engine.recordingCount, 0)
    room.advance(1_401)
    const recorded = await room.end()
    const waited = recorded.report.startedAt - orderedAt
    assert.ok(waited >= 1_600 && waited <= 1_620, String(waited))
    assert.equal(recorded.file('mix').samples, 8 * (3_000 - waited))
    for (const name of ['c', 'a', 'mix']) assert.ok(!saying(recorded.samples(name).subarray(0, 1_600)), name)
    assert.deepEqual(heard(recorded, 'mix', room, 40, 1_300), hertz(room.customer, room.agent))
  })

  test('is for the customer alone where it was ordered so, and heard on hold, too', async () => {
    const room = announcing(({ customer }) => [customer])
    const { customer, agent } = room
    room.stage.rewire({ listener: customer.leg, talkers: [], source: 'hold-music' }, { listener: agent.leg, talkers: [] })
    heardBy(customer)
    room.advance(2_000)
    const { frames, isWhole } = heardBy(customer)
    assert.ok(isWhole && frames >= 73, String(frames))
    assert.equal(heardBy(agent).frames, 0)
    await room.end()
  })

  test('is said once for a call: the next recording begins at once, unless the first was given up before its end', async () => {
    const room = announcing(({ customer, agent }) => [customer, agent])
    room.advance(1_000)
    room.record({ state: 'off' })
    room.advance(200)
    heardBy(room.customer)
    room.advance(1_000)
    assert.deepEqual([heardBy(room.customer).frames, room.stage.engine.recordingCount], [0, 0])
    room.record({ state: 'on' })
    room.advance(2_000)
    assert.ok(heardBy(room.customer).frames >= 74)
    const orderedAt = room.stage.at
    const order = { kind: 'record', bridge: room.stage.bridge, recording: 'r2', state: 'on', directory: 'acme/day' } as const
    const announce = { prompt: 'please note', legs: [room.customer.leg] }
    const shape = { format: 'wav-g711', mix: false, coach: 'exclude', announce, tracks: [room.voice(room.customer)] } as const
    room.stage.engine.order(orderedAt, { ...order, ...shape })
    assert.equal(room.stage.engine.recordings.standing('r2'), orderedAt)
  })

  test('that is paused meanwhile begins paused; repeated orders say nothing twice', async () => {
    const room = announcing(({ customer, agent }) => [customer, agent])
    for (let i = 0; i < 10; i++) {
      room.advance(100)
      room.record({ state: 'paused' })
    }
    room.advance(1_000)
    room.record({ state: 'on' })
    room.advance(1_000)
    const recorded = await room.end()
    assert.equal(recorded.report.gaps.length, 1)
    assert.equal(recorded.report.gaps[0]?.from, 0)
    assert.ok(heardBy(room.customer).frames <= 76)
  })

  test('that is not there lets nothing be recorded; without anybody to hear it there is none', () => {
    const missing = announcing(({ customer }) => [customer], 'another')
    const last = missing.stage.events.at(-1)
    assert.deepEqual([last?.kind, missing.stage.engine.recordingCount], ['record-failed', 0])
    const unheard = announcing(() => [])
    assert.equal(unheard.stage.engine.recordingCount, 1)
  })

  test('the end of the call ends it', () => {
    const room = announcing(({ customer, agent }) => [customer, agent])
    room.advance(500)
    room.stage.engine.order(room.stage.at, { kind: 'close-bridge', bridge: room.stage.bridge })
    room.advance(3_000)
    assert.deepEqual([room.stage.engine.recordingCount, room.stage.engine.recordings.standing('r1')], [0, undefined])
  })

  test('three tones are there without a file', () => {
    const room = announcing(({ customer }) => [customer], 'tones')
    assert.equal(room.stage.engine.recordings.standing('r1'), 'announced')
    room.advance(1_400)
    assert.equal(typeof room.stage.engine.recordings.standing('r1'), 'number')
  })
})
