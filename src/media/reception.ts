/** What RFC 3550 appendix A keeps about one incoming stream: extended sequence numbers, loss, jitter; and which packets came twice. */
import type { Instant } from '../kernel/time.ts'
import { samplesPerMs } from './g711.ts'
import type { Legacy } from './legacy.ts'
import { sequenceAhead } from './rtp.ts'

/** `restarted`: another stream than before (new SSRC or a leap in sequence); positions of the old one mean nothing any more. */
export type Arrival = 'next' | 'reordered' | 'duplicate' | 'restarted' | 'doubtful'

/** RFC 3550 appendix A.1. */
const maxDropout = 3_000
const maxMisorder = 100
const remembered = 128

export class Reception {
  ssrc = -1
  received = 0
  /** In samples, RFC 3550 appendix A.8. */
  jitter = 0
  #highest = 0
  #base = 0
  #doubtful = -1
  #transit = Number.NaN
  #expectedPrior = 0
  #receivedPrior = 0
  readonly #seen = new Float64Array(remembered).fill(-1)

  get highestExtended(): number {
    return this.#highest
  }

  /** Packets that never came, RFC 3550 appendix A.3; late duplicates can make it negative. */
  get lost(): number {
    return this.ssrc === -1 ? 0 : this.#highest - this.#base + 1 - this.received
  }

  arrive(sequence: number, ssrc: number): Arrival {
    if (ssrc !== this.ssrc) return this.#restart(sequence, ssrc)
    const ahead = sequenceAhead(sequence, this.#highest & 0xffff)
    if (ahead > 0 && ahead < maxDropout) return this.#advance(this.#highest + ahead)
    if (ahead <= 0 && ahead > -maxMisorder) return this.#lateness(this.#highest + ahead)
    return this.#leap(sequence, ssrc)
  }

  /** Only packets of media in order of time count; a DTMF event's packets share one timestamp and would look like jitter. */
  timing(at: Instant, timestamp: number): void {
    const transit = at * samplesPerMs - timestamp
    const change = Math.abs(transit - this.#transit)
    // A leap of a second is a new timeline, not jitter; so is the first packet, whose difference is no number.
    if (change < 1_000 * samplesPerMs) this.jitter += (change - this.jitter) / 16
    this.#transit = transit
  }

  /** Loss since the last report in 1/256 (RFC 3550 §6.4.1), then starts the next interval. */
  fractionLost(): number {
    const expected = this.#highest - this.#base + 1
    const expectedNow = expected - this.#expectedPrior
    const lostNow = expectedNow - (this.received - this.#receivedPrior)
    this.#expectedPrior = expected
    this.#receivedPrior = this.received
    return expectedNow <= 0 || lostNow <= 0 ? 0 : Math.min(255, Math.floor((lostNow * 256) / expectedNow))
  }

  save(to: Legacy): void {
    to.put(this.ssrc).put(this.received).put(this.jitter).put(this.#highest).put(this.#base).put(this.#transit)
    to.put(this.#expectedPrior).put(this.#receivedPrior)
  }

  /** Which packets came is not among what is left: all up to the highest count as come. */
  load(from: Legacy): void {
    this.ssrc = from.take()
    this.received = from.take()
    this.jitter = from.take()
    this.#highest = from.take()
    this.#base = from.take()
    this.#transit = from.take()
    this.#expectedPrior = from.take()
    this.#receivedPrior = from.take()
    for (let i = 0; i < remembered; i++) this.#seen[(this.#highest - i) % remembered] = this.#highest - i
  }

  #restart(sequence: number, ssrc: number): Arrival {
    this.ssrc = ssrc
    // One cycle up, so that packets reordered around the first one keep a positive extended number.
    this.#base = 65_536 + sequence
    this.#highest = this.#base
    this.received = 1
    this.jitter = 0
    this.#transit = Number.NaN
    this.#doubtful = -1
    this.#expectedPrior = 0
    this.#receivedPrior = 0
    this.#seen.fill(-1)
    this.#seen[this.#highest % remembered] = this.#highest
    return 'restarted'
  }

  #advance(extended: number): Arrival {
    this.#highest = extended
    this.#seen[extended % remembered] = extended
    this.received++
    return 'next'
  }

  #lateness(extended: number): Arrival {
    if (this.#seen[extended % remembered] === extended) return 'duplicate'
    this.#seen[extended % remembered] = extended
    this.#base = Math.min(this.#base, extended)
    this.received++
    return 'reordered'
  }

  /** A leap is believed when the next packet follows it: one damaged or forged packet must not move the stream. */
  #leap(sequence: number, ssrc: number): Arrival {
    if (sequence === this.#doubtful) return this.#restart(sequence, ssrc)
    this.#doubtful = (sequence + 1) & 0xffff
    return 'doubtful'
  }
}
