import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Stage } from '../../testkit/media-stage.ts'
import { limits } from '../kernel/limits.ts'
import { addMs, instant } from '../kernel/time.ts'
import { DigitReceiver, DigitSender } from './dtmf.ts'
import { Latch } from './latch.ts'
import { RtpHeader } from './rtp.ts'
import { Tenure } from './tenure.ts'

const at = instant(1_700_000_000_000)

function eventPacket(event: number, { end = false, duration = 160 } = {}): Uint8Array {
  return Uint8Array.of(event, (end ? 0x80 : 0) | 10, duration >> 8, duration & 255)
}

function eventHeader(timestamp: number): RtpHeader {
  return Object.assign(new RtpHeader(), { timestamp, ssrc: 1, payloadOffset: 0, payloadLength: 4 })
}

describe('DTMF received (RFC 4733)', () => {
  test('three end packets are one digit, with the longest duration', () => {
    const digits = new DigitReceiver()
    const packets = [
      eventPacket(5),
      eventPacket(5, { duration: 320 }),
      ...[0, 0, 0].map(() => eventPacket(5, { end: true, duration: 800 })),
    ]
    const told = packets.map((packet) => digits.take(packet, eventHeader(1_000)))
    assert.deepEqual(
      told.filter((digit) => digit !== undefined),
      [{ digit: '5', durationMs: 100 }],
    )
  })

  test('the same key twice is two digits, told apart by the timestamp', () => {
    const digits = new DigitReceiver()
    assert.ok(digits.take(eventPacket(11, { end: true }), eventHeader(1_000)))
    assert.deepEqual(digits.take(eventPacket(11, { end: true }), eventHeader(2_000)), { digit: '#', durationMs: 20 })
  })

  test('an event whose ends were all lost is told with the next event, or once speech is past it', () => {
    const digits = new DigitReceiver()
    digits.take(eventPacket(1, { duration: 400 }), eventHeader(1_000))
    assert.equal(digits.take(eventPacket(2), eventHeader(9_000))?.digit, '1')
    assert.equal(digits.flushBefore(9_200), undefined)
    assert.equal(digits.flushBefore(10_000)?.digit, '2')
    assert.equal(digits.flushBefore(20_000), undefined)
  })

  test('events that are no keys are nobody’s business', () => {
    assert.equal(new DigitReceiver().take(eventPacket(16, { end: true }), eventHeader(1)), undefined)
  })
})

describe('DTMF sent', () => {
  test('durations grow by the packet, the end is said three times, the next digit waits', () => {
    const digits = new DigitSender()
    assert.ok(digits.queue(at, '1#', 60))
    const sent = []
    for (let ms = 0; ms < 400; ms += 5) {
      const packet = digits.due(addMs(at, ms), 20)
      if (packet !== undefined) sent.push([ms, packet.event, packet.durationSamples, packet.first, packet.end])
    }
    assert.deepEqual(sent, [
      [0, 1, 160, true, false],
      [20, 1, 320, false, false],
      [40, 1, 480, false, true],
      [60, 1, 480, false, true],
      [80, 1, 480, false, true],
      [180, 11, 160, true, false],
      [200, 11, 320, false, false],
      [220, 11, 480, false, true],
      [240, 11, 480, false, true],
      [260, 11, 480, false, true],
    ])
    assert.equal(digits.busy, false)
  })

  test('what is no key, or too much, is refused', () => {
    const digits = new DigitSender()
    assert.equal(digits.queue(at, '1x', 100), false)
    assert.equal(digits.queue(at, '', 100), false)
    assert.equal(digits.queue(at, '1'.repeat(limits.mediaDigitsQueued + 1), 100), false)
  })
})

describe('DTMF through the engine', () => {
  function pressed() {
    const stage = new Stage()
    const customer = stage.phone('c', { media: { telephoneEvent: 96 } })
    const agent = stage.phone('a')
    const supervisor = stage.phone('s', { voice: 'supervisor' })
    stage.rewire(
      { listener: customer.leg, talkers: [agent.leg] },
      { listener: agent.leg, talkers: [customer.leg] },
      { listener: supervisor.leg, talkers: [agent.leg, customer.leg] },
    )
    stage.advance(203)
    return { stage, customer, agent, supervisor }
  }

  function press({ stage }: { stage: Stage }, phone: ReturnType<Stage['phone']>, event: number): void {
    const resumeAt = addMs(phone.nextAt, 100)
    phone.nextAt = addMs(stage.at, 1e9)
    for (let n = 1; n <= 5; n++) {
      stage.deliver(
        phone,
        phone.packet(eventPacket(event, { end: n > 2, duration: Math.min(n, 3) * 160 }), phone.media.telephoneEvent, n === 1),
      )
      phone.sequence++
      stage.advance(20)
    }
    phone.timestamp += 800
    phone.nextAt = resumeAt
  }

  test('a key of the customer reaches the agent with his payload type, in one event, and is told once', () => {
    const s = pressed()
    press(s, s.customer, 7)
    s.stage.advance(300)
    const events = s.agent.packets.filter((packet) => packet.payloadType === 101)
    assert.equal(events.length, 5)
    assert.equal(new Set(events.map((packet) => packet.timestamp)).size, 1)
    assert.equal(events[0]?.marker, true)
    assert.deepEqual(
      s.stage.events.filter((event) => event.kind === 'dtmf'),
      [{ kind: 'dtmf', leg: 'c', digit: '7', durationMs: 60 }],
    )
    assert.equal(s.supervisor.packets.filter((packet) => packet.payloadType === 101).length, 5)
    const sequences = s.agent.packets.map((packet) => packet.sequence)
    assert.ok(
      sequences.every((sequence, n) => n === 0 || sequence === (((sequences[n - 1] ?? 0) + 1) & 0xffff)),
      String(sequences),
    )
  })

  test('a key of a listening supervisor reaches nobody', () => {
    const s = pressed()
    press(s, s.supervisor, 3)
    assert.ok([s.customer, s.agent].every((phone) => phone.packets.every((packet) => packet.payloadType === 0)))
    assert.ok(s.stage.events.some((event) => event.kind === 'dtmf' && event.leg === 's'))
  })

  test('digits to a phone are events where it agreed them, tones where it did not, and speech goes on afterwards', () => {
    const s = pressed()
    s.stage.engine.order(s.stage.at, { kind: 'send-dtmf', leg: s.customer.leg, digits: '42', durationMs: 100 })
    s.stage.advance(1_000)
    const events = s.customer.packets.filter((packet) => packet.payloadType === 96)
    assert.deepEqual([...new Set(events.map((packet) => packet.payload[0]))], [4, 2])
    assert.deepEqual(s.customer.ear.heard, [s.agent.hertz])
  })
})

describe('from whom packets are taken', () => {
  const signalled = { address: '192.0.2.1', port: 4_000 }
  const behindNat = { address: '198.51.100.9', port: 61_000 }
  const third = { address: '203.0.113.5', port: 5_000 }

  function latch(): Latch {
    const fresh = new Latch()
    assert.ok(fresh.signal(at, signalled))
    return fresh
  }

  test('the signalled address is locked by its first packet; nobody else is taken from then on', () => {
    const l = latch()
    assert.equal(l.admit(at, signalled, 1, 9), 'locked')
    assert.equal(l.admit(at, signalled, 2, 9), 'admitted')
    for (let n = 0; n < 20; n++) assert.equal(l.admit(at, third, n, 7), 'refused')
    assert.equal(l.mightAdmit(at, third), false)
  })

  test('a phone behind NAT is believed after four packets in sequence', () => {
    const l = latch()
    assert.deepEqual(
      [10, 11, 12, 13, 14].map((n) => l.admit(at, behindNat, n, 9)),
      ['refused', 'refused', 'refused', 'locked', 'admitted'],
    )
    assert.deepEqual(l.peer, behindNat)
    assert.equal(l.admit(at, signalled, 1, 9), 'refused')
  })

  test('gaps, another SSRC, another port or another family make no run', () => {
    const tries: [typeof behindNat, number, number][][] = [
      [1, 3, 5, 7, 9].map((n) => [behindNat, n, 9]),
      [1, 2, 3, 4, 5].map((n) => [behindNat, n, n]),
      [1, 2, 3, 4, 5].map((n) => [{ ...behindNat, port: 61_000 + n }, n, 9]),
      [1, 2, 3, 4, 5].map((n) => [{ address: '2001:db8::1', port: 1 }, n, 9]),
    ]
    for (const run of tries) {
      const l = latch()
      for (const [from, sequence, ssrc] of run) assert.equal(l.admit(at, from, sequence, ssrc), 'refused')
    }
  })

  test('after the first seconds only the signalled address is left', () => {
    const l = latch()
    const later = addMs(at, limits.mediaLatchMs)
    for (let n = 0; n < 6; n++) assert.equal(l.admit(later, behindNat, n, 9), 'refused')
    assert.equal(l.expire(later), true)
    assert.equal(l.expire(later), false)
    assert.equal(l.admit(later, signalled, 1, 9), 'admitted')
  })

  test('the same address signalled again keeps the lock; a new one opens the window again', () => {
    const l = latch()
    for (const n of [1, 2, 3, 4]) l.admit(at, behindNat, n, 9)
    assert.equal(l.signal(at, signalled), false)
    assert.deepEqual(l.peer, behindNat)
    assert.equal(l.signal(at, third), true)
    assert.equal(l.admit(at, third, 1, 9), 'locked')
  })
})

describe('who commands', () => {
  test('a higher epoch takes over, a lower one is refused, the same one may reconnect', () => {
    const tenure = new Tenure(10_000)
    assert.ok(tenure.claim(at, 1, { epoch: 5, leaseMs: 100 }))
    assert.equal(tenure.claim(at, 2, { epoch: 4, leaseMs: 100 }), false)
    assert.ok(tenure.rules(1) && !tenure.rules(2))
    assert.ok(tenure.claim(at, 3, { epoch: 5, leaseMs: 100 }))
    assert.ok(tenure.rules(3) && !tenure.rules(1))
  })

  test('a lapse is told once, a renewal prevents it', () => {
    const tenure = new Tenure(10_000)
    assert.equal(tenure.lapsed(at), false)
    tenure.claim(at, 1, { epoch: 1, leaseMs: 100 })
    tenure.renew(addMs(at, 90))
    assert.deepEqual(
      [150, 190, 200].map((ms) => tenure.lapsed(addMs(at, ms))),
      [false, true, false],
    )
  })
})
