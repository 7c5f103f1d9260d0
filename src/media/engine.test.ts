import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { assertContinuous, monitored, row, scene, tonesOf, whispered } from '../../testkit/media-scene.ts'
import { Stage, type StagePhone } from '../../testkit/media-stage.ts'
import { accountId, legId } from '../kernel/ids.ts'
import type { Row } from './protocol.ts'

describe('what a row of the matrix sounds like', () => {
  test('a leg without a row hears nobody, and is sent silence so that its phone does not hang up', () => {
    const { stage, customer } = scene()
    stage.advance(400)
    assert.deepEqual(customer.ear.heard, [])
    assert.ok(customer.packets.length >= 19 && customer.packets.length <= 21, `${customer.packets.length} frames in 400 ms`)
    assert.ok(customer.packets.every((packet) => packet.payload.every((byte) => byte === 0xff)))
  })

  test('one talker is forwarded bit by bit, with a continuous sequence and timestamp and one SSRC', () => {
    const { stage, customer, agent } = scene()
    stage.rewire(row(agent, customer))
    const spoken: string[] = []
    const speak = customer.speak.bind(customer)
    customer.speak = () => {
      const packet = speak()
      spoken.push(Buffer.from(packet.subarray(12)).toString('hex'))
      return packet
    }
    stage.advance(1_000)
    assert.deepEqual(
      agent.packets.map((packet) => Buffer.from(packet.payload).toString('hex')),
      spoken,
    )
    assertContinuous(agent.packets)
  })

  test('µ-law to A-law is transcoded', () => {
    const stage = new Stage()
    const customer = stage.phone('c')
    const agent = stage.phone('a', { media: { codec: 'PCMA', payloadType: 8 } })
    stage.rewire(row(agent, customer), row(customer, agent))
    stage.advance(200)
    assert.deepEqual([agent.ear.heard, customer.ear.heard], [tonesOf(customer), tonesOf(agent)])
    assert.ok(agent.packets.every((packet) => packet.payloadType === 8))
  })

  test('a whisper is heard by its target only', () => {
    const s = scene()
    s.stage.rewire(...whispered(s))
    s.stage.advance(300)
    assert.deepEqual(s.agent.ear.heard, tonesOf(s.customer, s.supervisor))
    assert.deepEqual(s.customer.ear.heard, tonesOf(s.agent))
    assert.deepEqual(s.supervisor.ear.heard, tonesOf(s.customer, s.agent))
  })

  test('a row of eight talkers carries all of them', () => {
    const stage = new Stage(9)
    const phones = Array.from({ length: 9 }, (_, n) => stage.phone(`p${n}`))
    const [listener, ...talkers] = phones
    assert.ok(listener)
    stage.rewire(row(listener, ...talkers))
    stage.advance(400)
    assert.deepEqual(listener.ear.heard, tonesOf(...talkers))
  })

  test('a tone source is heard alone, and together with a whisper', () => {
    const { stage, customer, supervisor } = scene()
    stage.rewire({ ...row(customer), source: 'hold-music' })
    stage.advance(500)
    assert.ok(customer.packets.slice(5).some((packet) => packet.payload.some((byte) => byte !== 0xff)))
    const quiet = customer.packets.length
    assert.ok(quiet >= 24 && quiet <= 26, `${quiet} frames in 500 ms`)
    stage.rewire({ ...row(customer, supervisor), source: 'hold-music' })
    stage.advance(300)
    assert.ok(customer.ear.heard.includes(supervisor.hertz))
    assertContinuous(customer.packets)
  })
})

describe('what is refused', () => {
  test('another account’s leg, hearing oneself, an unknown leg: nothing changes', () => {
    const s = scene()
    s.stage.rewire(...monitored(s))
    const stranger = s.stage.phone('x', { account: accountId('other') })
    const bad: Row[][] = [
      [row(s.customer, stranger)],
      [row(s.customer, s.customer)],
      [{ listener: s.customer.leg, talkers: [legId('nobody')] }],
      [row(s.customer, s.agent), row(s.customer)],
      [{ listener: s.customer.leg, talkers: [s.agent.leg], main: s.supervisor.leg }],
    ]
    for (const rows of bad) assert.equal(s.stage.rewire(...rows)?.kind, 'rewire-refused')
    s.stage.advance(300)
    assert.deepEqual(s.supervisor.ear.heard, tonesOf(s.customer, s.agent))
    assert.deepEqual(stranger.ear.heard, [])
  })

  test('an older revision is ignored, an equal one is confirmed again', () => {
    const s = scene()
    s.stage.rewire(...monitored(s))
    const events = s.stage.events.length
    s.stage.engine.order(s.stage.at, { kind: 'rewire', bridge: s.stage.bridge, account: 'acme', revision: 0, rows: whispered(s) })
    assert.equal(s.stage.events.length, events)
    s.stage.engine.order(s.stage.at, { kind: 'rewire', bridge: s.stage.bridge, account: 'acme', revision: 1, rows: monitored(s) })
    assert.equal(s.stage.events.at(-1)?.kind, 'rewired')
  })
})

describe('lease', () => {
  test('a lapse cuts every supervisor’s voice, keeps the call, and only a rewire brings it back', () => {
    const s = scene()
    s.stage.rewire(...whispered(s))
    s.stage.advance(300)
    s.stage.engine.cutSupervisors(s.stage.at)
    assert.equal(s.stage.events.at(-1)?.kind, 'lease-lapsed')
    s.agent.onPacket = () => assert.ok(!s.agent.ear.heard.includes(s.supervisor.hertz))
    s.stage.advance(300)
    assert.deepEqual(s.agent.ear.heard, tonesOf(s.customer))
    assert.deepEqual(s.supervisor.ear.heard, tonesOf(s.customer, s.agent))
    s.agent.onPacket = () => {}
    s.stage.rewire(...whispered(s))
    s.stage.advance(300)
    assert.deepEqual(s.agent.ear.heard, tonesOf(s.customer, s.supervisor))
  })

  test('a supervisor who took over is core by then and keeps his voice', () => {
    const s = scene()
    s.stage.rewire(row(s.customer, s.supervisor), row(s.supervisor, s.customer))
    s.stage.engine.order(s.stage.at, { kind: 'set-voice', leg: s.supervisor.leg, voice: 'core' })
    s.stage.engine.cutSupervisors(s.stage.at)
    s.stage.advance(300)
    assert.deepEqual(s.customer.ear.heard, tonesOf(s.supervisor))
  })
})

describe('legs', () => {
  test('a leg that moves to another bridge is heard in the old one by nobody', () => {
    const s = scene()
    s.stage.rewire(...whispered(s))
    s.stage.advance(200)
    const other = s.stage.phone('c2')
    s.stage.engine.order(s.stage.at, {
      kind: 'rewire',
      bridge: 'b2' as never,
      account: 'acme',
      revision: 1,
      rows: [row(other, s.supervisor), row(s.supervisor, other)],
    })
    s.stage.advance(300)
    assert.deepEqual(s.agent.ear.heard, tonesOf(s.customer))
    assert.deepEqual(s.supervisor.ear.heard, tonesOf(other))
    assert.deepEqual(other.ear.heard, tonesOf(s.supervisor))
  })

  test('closing twice is no error, and a closed leg is heard no more', () => {
    const s = scene()
    s.stage.rewire(...whispered(s))
    s.stage.advance(200)
    for (let n = 0; n < 2; n++) s.stage.engine.order(s.stage.at, { kind: 'close-leg', leg: s.supervisor.leg })
    s.stage.advance(200)
    assert.deepEqual(s.agent.ear.heard, tonesOf(s.customer))
    assert.equal(s.stage.engine.legCount, 2)
  })

  test('thousands of legs and bridges, opened, wired, spoken on and closed, leave nothing behind', () => {
    const { stage, customer } = scene()
    for (let n = 0; n < 4_000; n++) {
      const [leg, other, bridge] = [legId(`x${n}`), legId(`y${n}`), `b${n}` as never]
      for (const id of [leg, other]) stage.engine.order(stage.at, { kind: 'open-leg', leg: id, account: 'acme', voice: 'core', family: 4 })
      stage.engine.order(stage.at, { kind: 'set-leg', leg, media: customer.media })
      const rows = [
        { listener: leg, talkers: [other] },
        { listener: other, talkers: [leg] },
      ]
      stage.engine.order(stage.at, { kind: 'rewire', bridge, account: 'acme', revision: 1, rows })
      stage.engine.tick(stage.at)
      if (n % 2 === 0) stage.engine.order(stage.at, { kind: 'close-bridge', bridge })
      for (const id of [leg, other]) stage.engine.order(stage.at, { kind: 'close-leg', leg: id })
      stage.engine.order(stage.at, { kind: 'close-bridge', bridge })
    }
    assert.deepEqual([stage.engine.legCount, stage.engine.bridgeCount, stage.openSlots], [3, 0, 3])
    stage.engine.close(stage.at)
    assert.deepEqual([stage.engine.legCount, stage.openSlots], [0, 0])
  })

  test('a held leg (sendonly) is not heard and not sent nothing: it gets its row', () => {
    const s = scene()
    s.stage.rewire(row(s.customer, s.agent), row(s.agent, s.customer))
    s.stage.engine.order(s.stage.at, { kind: 'set-leg', leg: s.customer.leg, media: { ...s.customer.media, direction: 'sendonly' } })
    s.stage.advance(400)
    assert.deepEqual([s.agent.ear.heard, s.customer.ear.heard], [[], tonesOf(s.agent)])
    s.stage.engine.order(s.stage.at, { kind: 'set-leg', leg: s.customer.leg, media: { ...s.customer.media, direction: 'inactive' } })
    const before = s.customer.packets.length
    s.stage.advance(400)
    assert.equal(s.customer.packets.length, before)
  })

  test('packets of 10, 30, 40 and 60 ms are heard, sent on at 20 ms', () => {
    for (const ptimeMs of [10, 30, 40, 60]) {
      const stage = new Stage()
      const customer = stage.phone('c', { ptimeMs })
      const agent = stage.phone('a')
      const supervisor = stage.phone('s')
      stage.rewire(row(agent, customer), row(supervisor, agent, customer))
      stage.advance(1_200)
      assert.deepEqual(agent.ear.heard, tonesOf(customer), `${ptimeMs} ms`)
      assert.deepEqual(supervisor.ear.heard, tonesOf(customer, agent), `${ptimeMs} ms`)
      assert.ok(agent.packets.every((packet) => packet.payload.length === 160))
      assertContinuous(agent.packets)
    }
  })

  test('a listener that agreed 40 ms is sent 40 ms', () => {
    const stage = new Stage()
    const customer = stage.phone('c')
    const agent = stage.phone('a', { media: { ptimeMs: 40 } })
    stage.rewire(row(agent, customer))
    stage.advance(1_000)
    assert.ok(agent.packets.length >= 23 && agent.packets.every((packet) => packet.payload.length === 320))
    assert.deepEqual(agent.ear.heard, tonesOf(customer))
  })

  test('levels of the last 200 ms are measured', () => {
    const s = scene()
    s.supervisor.speaking = false
    s.stage.rewire(...monitored(s))
    s.stage.advance(400)
    s.stage.engine.order(s.stage.at, { kind: 'measure', bridge: s.stage.bridge, request: 7 })
    const measured = s.stage.events.at(-1)
    assert.ok(measured?.kind === 'measured')
    assert.equal(measured.request, 7)
    const level = (phone: StagePhone) => measured.legs.find((leg) => leg.leg === phone.leg)?.levelDbov
    // A sine of amplitude 4,000 against a square wave of 32,767.
    assert.ok(Math.abs((level(s.customer) ?? 0) - 20 * Math.log10(4_000 / Math.SQRT2 / 32_767)) < 0.2)
    assert.equal(level(s.supervisor), null)
  })

  test('a leg that stops sending is told of after ten seconds, again after ten more, and when it is back', () => {
    const s = scene()
    s.stage.advance(1_000)
    s.customer.speaking = false
    s.stage.advance(21_000)
    s.customer.speaking = true
    s.stage.advance(100)
    const told = s.stage.events.filter((event) => event.kind === 'rtp-stopped' || event.kind === 'rtp-resumed')
    assert.deepEqual(
      told.map((event) => event.kind),
      ['rtp-stopped', 'rtp-stopped', 'rtp-resumed'],
    )
    assert.ok(told.every((event) => event.leg === s.customer.leg))
  })
})
