import assert from 'node:assert/strict'
import { createCipheriv } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type HeardPacket, Stage, type StagePhone } from '../../testkit/media-stage.ts'
import { addMs } from '../kernel/time.ts'
import type { SrtpKeys } from './protocol.ts'
import { sequenceAhead, timestampAhead } from './rtp.ts'
import { type SrtpContext, srtpContexts } from './srtp.ts'

function whisper() {
  const stage = new Stage(3)
  const customer = stage.phone('c')
  const agent = stage.phone('a')
  const supervisor = stage.phone('s', { voice: 'supervisor' })
  const wire = (coached: boolean): void => {
    stage.rewire(
      { listener: customer.leg, talkers: [agent.leg] },
      { listener: agent.leg, talkers: coached ? [customer.leg, supervisor.leg] : [customer.leg], main: customer.leg },
      { listener: supervisor.leg, talkers: [agent.leg, customer.leg] },
    )
  }
  wire(true)
  return { stage, customer, agent, supervisor, wire }
}

interface Weather {
  readonly delayMs: number
  readonly lossPercent: number
  readonly seed: number
}

/** Ten seconds of a network that delays, reorders, loses and duplicates, while the whisper goes on and off. */
function storm({ delayMs, lossPercent, seed }: Weather): ReturnType<typeof whisper> {
  const scene = whisper()
  let state = seed
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const { stage } = scene
  const flying: { readonly at: number; readonly phone: StagePhone; readonly packet: Uint8Array }[] = []
  for (const phone of stage.phones) phone.speaking = false
  for (const phone of stage.phones) {
    const speak = phone.speak.bind(phone)
    phone.speak = () => {
      const packet = speak()
      const copies = random(100) < lossPercent ? 0 : random(50) === 0 ? 2 : 1
      for (let n = 0; n < copies; n++) flying.push({ at: stage.at + random(delayMs + 1), phone, packet })
      return packet
    }
  }
  for (let ms = 0; ms < 10_000; ms++) {
    stage.advance(1)
    if (ms % 1_000 === 999) scene.wire(ms % 2_000 === 999)
    for (const flight of flying.splice(0)) {
      if (flight.at > stage.at) flying.push(flight)
      else stage.deliver(flight.phone, flight.packet)
    }
  }
  return scene
}

/** No number is used twice (SRTP's key stream hangs on it), and time goes with the numbers. */
function assertSane(packets: readonly HeardPacket[]): void {
  const bySequence = packets.toSorted((a, b) => sequenceAhead(a.sequence, b.sequence))
  for (const [n, packet] of bySequence.entries()) {
    const previous = bySequence[n - 1]
    if (previous === undefined) continue
    assert.notEqual(packet.sequence, previous.sequence)
    assert.ok(timestampAhead(packet.timestamp, previous.timestamp) > 0, `${previous.timestamp} then ${packet.timestamp}`)
    assert.equal(packet.ssrc, previous.ssrc)
  }
}

test('whatever the network does, a listener’s numbers are used once and his time runs forward', () => {
  const weather = fc.record({ delayMs: fc.integer({ min: 0, max: 150 }), lossPercent: fc.integer({ min: 0, max: 30 }), seed: fc.integer() })
  fc.assert(
    fc.property(weather, (conditions) => {
      for (const phone of storm(conditions).stage.phones) assertSane(phone.packets)
    }),
    { numRuns: 12 },
  )
})

test('with 15 ms of jitter and 2 % loss every listener gets 50 frames a second, and everybody is still heard', () => {
  const { stage, agent, customer, supervisor, wire } = storm({ delayMs: 15, lossPercent: 2, seed: 4 })
  for (const phone of stage.phones) assert.ok(phone.packets.length > 480 && phone.packets.length < 510, `${phone.packets.length} frames`)
  for (const phone of stage.phones) phone.speaking = true
  wire(true)
  stage.advance(400)
  assert.deepEqual(agent.ear.heard, [customer.hertz, supervisor.hertz])
})

describe('encrypted legs', () => {
  const newCipher = (key: Uint8Array) => {
    const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
    return (blocks: Uint8Array): Uint8Array => cipher.update(blocks)
  }
  const key = (fill: number): string => Buffer.alloc(30, fill).toString('base64')
  const keys: SrtpKeys = { suite: 'AES_CM_128_HMAC_SHA1_80', send: key(1), receive: key(2) }

  function encrypted() {
    const stage = new Stage(2)
    const customer = stage.phone('c', { media: { srtp: keys } })
    const agent = stage.phone('a')
    stage.rewire({ listener: agent.leg, talkers: [customer.leg] }, { listener: customer.leg, talkers: [agent.leg] })
    customer.speaking = false
    return { stage, customer, agent, contexts: srtpContexts({ ...keys, send: keys.receive, receive: keys.send }, newCipher) }
  }

  function speakThrough(stage: Stage, phone: StagePhone, context: SrtpContext | undefined, frames: number): void {
    phone.nextAt = addMs(stage.at, 1e9)
    for (let n = 0; n < frames; n++) {
      const plain = phone.speak()
      const buffer = new Uint8Array(plain.length + 16)
      buffer.set(plain)
      const length = context?.protect(buffer, plain.length) ?? plain.length
      stage.deliver(phone, buffer.subarray(0, length))
      stage.advance(20)
    }
  }

  test('an encrypted phone and a plain one hear each other, and a repeated offer does not restart the key stream', () => {
    const { stage, customer, agent, contexts } = encrypted()
    // A fresh context would not know that the sequence has rolled over, and refuse all that follows.
    customer.sequence = 65_530
    speakThrough(stage, customer, contexts?.send, 20)
    assert.deepEqual(agent.ear.heard, [customer.hertz])
    stage.engine.order(stage.at, { kind: 'set-leg', leg: customer.leg, media: customer.media })
    stage.advance(300)
    assert.deepEqual(agent.ear.heard, [])
    speakThrough(stage, customer, contexts?.send, 20)
    assert.deepEqual(agent.ear.heard, [customer.hertz])
    assert.equal(new Set(customer.packets.map((packet) => packet.sequence)).size, customer.packets.length)
    const last = customer.packets.at(-1)
    assert.equal(last?.payload.length, 170)
  })

  test('plain and forged packets on an encrypted leg are heard by nobody', () => {
    const { stage, customer, agent } = encrypted()
    speakThrough(stage, customer, undefined, 20)
    const other = srtpContexts({ ...keys, send: key(3), receive: key(3) }, newCipher)
    speakThrough(stage, customer, other?.send, 20)
    assert.deepEqual(agent.ear.heard, [])
  })
})
