/** A customer, an agent and a supervisor on a stage, and what every stream that a phone is sent must be like. */
import assert from 'node:assert/strict'
import type { Row } from '../src/media/protocol.ts'
import { type HeardPacket, Stage, type StagePhone } from './media-stage.ts'

export interface Scene {
  readonly stage: Stage
  readonly customer: StagePhone
  readonly agent: StagePhone
  readonly supervisor: StagePhone
}

export function scene(): Scene {
  const stage = new Stage()
  return { stage, customer: stage.phone('c'), agent: stage.phone('a'), supervisor: stage.phone('s', { voice: 'supervisor' }) }
}

export const row = (listener: StagePhone, ...talkers: StagePhone[]): Row => ({ listener: listener.leg, talkers: talkers.map((t) => t.leg) })

export const monitored = ({ customer, agent, supervisor }: Scene): Row[] => [
  row(customer, agent),
  row(agent, customer),
  row(supervisor, agent, customer),
]
export const whispered = ({ customer, agent, supervisor }: Scene): Row[] => [
  row(customer, agent),
  row(agent, customer, supervisor),
  row(supervisor, agent, customer),
]

export const tonesOf = (...phones: readonly StagePhone[]): number[] => phones.map((phone) => phone.hertz).sort((a, b) => a - b)

export function assertForward(packets: readonly HeardPacket[]): void {
  for (const [n, packet] of packets.entries()) {
    const previous = packets[n - 1]
    if (previous === undefined) continue
    assert.equal((packet.sequence - previous.sequence) & 0xffff, 1)
    assert.ok(((packet.timestamp - previous.timestamp) | 0) > 0)
    assert.equal(packet.ssrc, previous.ssrc)
  }
}

export function assertContinuous(packets: readonly HeardPacket[]): void {
  assertForward(packets)
  for (const [n, packet] of packets.entries()) {
    const previous = packets[n - 1]
    if (previous !== undefined) assert.equal((packet.timestamp - previous.timestamp) | 0, previous.payload.length, `packet ${n}`)
  }
}
