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
