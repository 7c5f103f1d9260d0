/** How far a leg's sequence may go before its successor is told: he leaves out whatever numbers may have been used without his knowing. */
import { sequenceAhead } from './rtp.ts'

/** More than fit between two tellings, as a rule. */
export const numbersAhead = 4

export class Horizon {
  /** Tells him now. */
  onReached: () => void = () => undefined
  /** Undefined: there is no successor. */
  #last: number | undefined

  /** He knows of this number. */
  told(sequence: number): void {
    this.#last = (sequence + numbersAhead) & 0xffff
  }

  /** Before a packet of this number is sent. */
  pass(sequence: number): void {
    if (this.#last !== undefined && sequenceAhead(sequence, this.#last) > 0) this.onReached()
  }
}

/**
 * Numbers that a predecessor may have used after he last told of his. A talker's packets keep their own, since no packet comes to both; where
 * numbers are given anew, these are left out.
 */
export class Unknown {
  #last: number | undefined

  begin(last: number): void {
    this.#last = last & 0xffff
  }

  /** The stream is at this number. */
  passed(sequence: number): void {
    if (this.#last !== undefined && sequenceAhead(sequence, this.#last) >= 0) this.#last = undefined
  }

  /** The number before the next one that nobody has used. */
  before(sequence: number): number {
    const last = this.#last
    this.#last = undefined
    return last !== undefined && sequenceAhead(last, sequence) > 0 ? last : sequence
  }
}
