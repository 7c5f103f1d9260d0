import type { ReadFailure } from './questions.ts'

/** A question that cannot be answered, for a reason that is not the database's. */
export class NotReadable extends Error {
  override readonly name = 'NotReadable'
  readonly failure: ReadFailure

  constructor(failure: ReadFailure) {
    super(failure)
    this.failure = failure
  }
}
