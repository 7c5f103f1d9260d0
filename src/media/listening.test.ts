import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { assertContinuous, assertForward, monitored, row, scene, tonesOf, whispered } from '../../testkit/media-scene.ts'
import { Stage } from '../../testkit/media-stage.ts'
import { addMs } from '../kernel/time.ts'

describe('switching', () => {
  test('attaching, listening and detaching change not one byte or instant of what the parties are sent', () => {
    const streams = [false, true].map((supervised) => {
      const s = scene()
      s.stage.rewire(row(s.customer, s.agent), row(s.agent, s.customer))
      s.stage.advance(500)
      if (supervised) s.stage.rewire(...monitored(s))
      s.stage.advance(500)
      if (supervised) s.stage.rewire(row(s.customer, s.agent), row(s.agent, s.customer))
      s.stage.advance(500)
      return [s.customer.packets, s.agent.packets]
    })
    assert.deepEqual(streams[1], streams[0])
  })

  test('a silent coach leaves the agent’s bytes untouched', () => {
    const streams = [false, true].map((coached) => {
      const s = scene()
      s.supervisor.speaking = false
      // Every byte there is: decoding and encoding again would turn µ-law's second zero into its first.
      const speak = s.customer.speak.bind(s.customer)
      s.customer.speak = () => speak().map((byte, n) => (n < 12 ? byte : (n * 7 + 5) & 0xff))
      s.stage.rewire(...(coached ? whispered(s) : monitored(s)))
      s.stage.advance(1_000)
      return s.agent.packets
    })
    assert.deepEqual(streams[1], streams[0])
  })

  test('a whisper starts and stops without a gap and without moving the customer’s voice in time', () => {
    const s = scene()
    s.stage.rewire(...monitored(s))
    s.stage.advance(200)
    const before = s.agent.packets.map((packet) => [packet.at, packet.sequence, packet.timestamp])
    s.stage.rewire(...whispered(s))
    s.stage.advance(200)
    s.stage.rewire(...monitored(s))
    s.stage.advance(200)
    assertContinuous(s.agent.packets)
    const intervals = s.agent.packets.slice(1).map((packet, n) => packet.at - (s.agent.packets[n]?.at ?? 0))
    assert.ok(before.length > 0 && intervals.every((interval) => interval === 20), String(intervals))
    assert.deepEqual(s.agent.ear.heard, tonesOf(s.customer))
  })

  test('a coach is heard within 60 ms, and not one frame after the whisper ended', () => {
    const s = scene()
    s.stage.rewire(...monitored(s))
    s.stage.advance(200)
    s.stage.rewire(...whispered(s))
    s.stage.advance(60)
    assert.ok(s.agent.ear.heard.includes(s.supervisor.hertz))
    s.stage.advance(203)
    s.stage.rewire(...monitored(s))
    s.agent.onPacket = () => assert.ok(!s.agent.ear.heard.includes(s.supervisor.hertz))
    s.stage.advance(500)
  })

  test('nothing that a coach said before the whisper began is heard', () => {
    const s = scene()
    s.stage.rewire(...monitored(s))
    s.stage.advance(300)
    s.supervisor.speaking = false
    s.stage.rewire(...whispered(s))
    s.agent.onPacket = () => assert.ok(!s.agent.ear.heard.includes(s.supervisor.hertz))
    s.stage.advance(500)
  })

  test('nothing that a new main talker said before he was wired is repeated to conceal his silence', () => {
    const s = scene()
    s.stage.rewire(row(s.customer, s.supervisor), row(s.agent, s.customer))
    s.stage.advance(303)
    s.agent.speaking = false
    s.stage.rewire(row(s.customer, s.agent, s.supervisor))
    s.customer.onPacket = () => assert.ok(!s.customer.ear.heard.includes(s.agent.hertz))
    s.stage.advance(500)
    assert.deepEqual(s.customer.ear.heard, tonesOf(s.supervisor))
  })

  test('from forwarding to another talker to a source and back, the stream has no seam', () => {
    const s = scene()
    s.stage.rewire(row(s.customer, s.agent))
    s.stage.advance(300)
    s.stage.rewire(row(s.customer, s.supervisor))
    s.stage.advance(300)
    s.stage.rewire({ ...row(s.customer), source: 'ringback' })
    s.stage.advance(300)
    s.stage.rewire(row(s.customer, s.agent))
    s.stage.advance(300)
    assertContinuous(s.customer.packets)
    assert.ok(s.customer.packets.length >= 58 && s.customer.packets.length <= 62, String(s.customer.packets.length))
  })

  test('the coach goes on when the main talker falls silent, 50 frames a second', () => {
    const s = scene()
    s.stage.rewire(...whispered(s))
    s.stage.advance(500)
    s.customer.speaking = false
    s.stage.advance(200)
    const from = s.agent.packets.length
    s.stage.advance(1_000)
    const frames = s.agent.packets.length - from
    assert.ok(frames >= 49 && frames <= 51, `${frames} frames`)
    assert.deepEqual(s.agent.ear.heard, tonesOf(s.supervisor))
    s.customer.speaking = true
    s.stage.advance(300)
    assert.deepEqual(s.agent.ear.heard, tonesOf(s.customer, s.supervisor))
    assertForward(s.agent.packets)
  })
})

describe('streams as networks make them', () => {
  test('losses and reordering reach a forwarded listener as they are; duplicates do not', () => {
    const { stage, customer, agent } = scene()
    stage.rewire(row(agent, customer))
    customer.nextAt = addMs(stage.at, 1e9)
    stage.advance(10)
    const packets = Array.from({ length: 6 }, () => customer.speak())
    const order = [0, 1, 3, 2, 2, 5]
    for (const n of order) {
      stage.advance(10)
      stage.deliver(customer, packets[n] ?? new Uint8Array())
    }
    const heard = agent.packets.filter((packet) => packet.payload.some((byte) => byte !== 0xff))
    const first = heard[0]?.sequence ?? 0
    assert.deepEqual(
      heard.map((packet) => packet.sequence - first),
      [0, 1, 3, 2, 5],
    )
    assert.deepEqual(
      heard.map((packet) => (packet.timestamp - (heard[0]?.timestamp ?? 0)) / 160),
      [0, 1, 3, 2, 5],
    )
  })

  test('a new SSRC, a leap of the timestamp, a wrap of both: the listener’s stream has no seam', () => {
    const { stage, customer, agent } = scene()
    customer.sequence = 65_530
    customer.timestamp = 2 ** 32 - 800
    stage.rewire(row(agent, customer))
    stage.advance(400)
    customer.ssrc = 77
    customer.sequence = 9
    customer.timestamp = 123
    stage.advance(400)
    customer.timestamp = (customer.timestamp + 1_000_000) >>> 0
    stage.advance(400)
    assertContinuous(agent.packets)
    assert.ok(agent.packets.length >= 59)
  })

  test('comfort noise is heard as noise, not as a dead line and not as loss', () => {
    const stage = new Stage()
    const customer = stage.phone('c', { media: { comfortNoise: 13 } })
    const agent = stage.phone('a')
    stage.rewire(row(agent, customer))
    stage.advance(300)
    customer.speaking = false
    customer.nextAt = addMs(stage.at, 1e9)
    stage.deliver(customer, customer.packet(Uint8Array.of(50), 13))
    customer.sequence++
    stage.advance(400)
    const noise = agent.packets.slice(-15)
    assert.ok(noise.every((packet) => packet.payload.some((byte) => byte !== 0xff)))
    assertContinuous(agent.packets)
  })

  test('frames from a third address are neither played nor answered once the peer is known', () => {
    const { stage, customer, agent } = scene()
    stage.rewire(row(agent, customer))
    stage.advance(200)
    const before = agent.packets.length
    const intruder = { address: '10.6.6.6', port: 666 }
    for (let n = 0; n < 20; n++) stage.deliver(customer, customer.speak(), intruder)
    assert.equal(agent.packets.length, before)
  })
})

test('a coach whose clock runs 0.5 % fast or slow for two minutes is heard throughout, his delay bounded', () => {
  for (const drift of [-0.1, 0.1]) {
    const s = scene()
    s.stage.keepPackets = false
    s.stage.rewire(...whispered(s))
    let missing = 0
    s.agent.onPacket = () => {
      if (!s.agent.ear.heard.includes(s.supervisor.hertz)) missing++
    }
    for (let n = 0; n < 6_000; n++) {
      s.supervisor.nextAt = addMs(s.supervisor.nextAt, drift)
      s.stage.advance(20)
    }
    // Each of the 30 frames of drift may cost one frame; priming costs three.
    assert.ok(missing < 70, `${missing} frames without the coach`)
  }
})
