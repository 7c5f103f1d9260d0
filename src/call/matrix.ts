import type { LegId, PartyId } from '../kernel/ids.ts'

/** What is played to somebody who hears no party. */
export type Source = 'ringback' | 'hold-music'

/** One row of the matrix: whom a party hears. A party without a row hears nobody. */
export interface HearingRow {
  readonly listener: PartyId
  readonly talkers: readonly PartyId[]
  readonly source?: Source
}

/** The same row in the engine's words. */
export interface LegRow {
  readonly listener: LegId
  readonly talkers: readonly LegId[]
  readonly source?: Source
}
