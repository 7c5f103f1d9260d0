/**
 * From whom a leg takes packets. The signalled address is believed at once. Another one (a phone behind NAT, RFC 4961) is believed only
 * within the first seconds, of the same address family, after a run of packets in sequence, while the signalled one is silent.
 * Once locked, nobody else is ever played or answered, which closes the hole known as RTP bleed.
 */
import { limits } from '../kernel/limits.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import type { Endpoint } from './protocol.ts'

/** `locked`: this very packet settled the peer's address; the socket should be connected to it. */
export type Admission = 'admitted' | 'locked' | 'refused'

export const sameEndpoint = (a: Endpoint, b: Endpoint): boolean => a.port === b.port && a.address === b.address

const sameFamily = (a: Endpoint, b: Endpoint): boolean => a.address.includes(':') === b.address.includes(':')

export class Latch {
  #signalled: Endpoint | undefined
  #peer: Endpoint | undefined
  #locked = false
  #until: Instant | undefined
  #candidate: Endpoint | undefined
  #run = 0
  #sequence = 0
  #ssrc = 0

  /** Where to send: the locked peer, or the signalled address until somebody is locked. */
  get peer(): Endpoint | undefined {
    return this.#peer
  }

  get locked(): boolean {
    return this.#locked
  }

  /** A predecessor has settled who the peer is. */
  settled(peer: Endpoint): void {
    this.#lock(peer)
  }

  /** True when the address is new: a repeated offer (hold, session timer) must not reopen a lock. */
  signal(at: Instant, remote: Endpoint): boolean {
    if (this.#signalled !== undefined && sameEndpoint(this.#signalled, remote)) return false
    this.#signalled = { address: remote.address, port: remote.port }
    this.#peer = this.#signalled
    this.#locked = false
    this.#until = addMs(at, limits.mediaLatchMs)
    this.#candidate = undefined
    return true
  }

  /** Cheap enough to ask before any decryption. */
  mightAdmit(at: Instant, from: Endpoint): boolean {
    if (this.#peer === undefined) return false
    if (sameEndpoint(from, this.#peer)) return true
    return !this.#locked && this.#until !== undefined && at < this.#until && sameFamily(from, this.#peer)
  }

  /** The packet is valid RTP, and authentic where the leg is encrypted. */
  admit(at: Instant, from: Endpoint, sequence: number, ssrc: number): Admission {
    if (!this.mightAdmit(at, from) || this.#peer === undefined) return 'refused'
    if (sameEndpoint(from, this.#peer)) return this.#locked ? 'admitted' : this.#lock(this.#peer)
    this.#countRun(from, sequence, ssrc)
    return this.#run < limits.mediaLatchPackets ? 'refused' : this.#lock({ address: from.address, port: from.port })
  }

  /** The window is over and nobody spoke: stay with the signalled address. True once. */
  expire(at: Instant): boolean {
    if (this.#locked || this.#until === undefined || at < this.#until || this.#peer === undefined) return false
    this.#lock(this.#peer)
    return true
  }

  #countRun(from: Endpoint, sequence: number, ssrc: number): void {
    const follows =
      this.#candidate !== undefined &&
      sameEndpoint(this.#candidate, from) &&
      ssrc === this.#ssrc &&
      sequence === ((this.#sequence + 1) & 0xffff)
    this.#run = follows ? this.#run + 1 : 1
    if (!follows) this.#candidate = { address: from.address, port: from.port }
    this.#sequence = sequence
    this.#ssrc = ssrc
  }

  #lock(peer: Endpoint): Admission {
    this.#peer = peer
    this.#locked = true
    this.#candidate = undefined
    return 'locked'
  }
}
