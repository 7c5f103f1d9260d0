/** What is under a seal (`seal.ts`). */
export interface Opening {
  /** Random: a number could be guessed. */
  readonly salt: string
  readonly number: string
  readonly name?: string
}

/** By seal. */
export type Openings = Readonly<Record<string, Opening>>
