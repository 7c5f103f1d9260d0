/** The hearing matrix as it is drawn. */
import type { Call, Hearing, Party } from '../api/types.ts'
import { isPresent } from './people.ts'

export type Cell = 'self' | 'hears' | 'silent' | 'unknown'

export interface HearingRow {
  readonly listener: Party
  readonly cells: readonly { readonly talker: Party; readonly cell: Cell }[]
}

export interface Knowledge {
  readonly hearing: Hearing | undefined
  /** The page is cut off, or a change is on its way: whatever was confirmed may not hold any more. */
  readonly inDoubt: boolean
}

const rank = { customer: 0, participant: 1, agent: 2, supervisor: 3 } as const

export function matrixOf(call: Call, { hearing, inDoubt }: Knowledge): readonly HearingRow[] {
  const parties = call.parties.filter(isPresent).sort((a, b) => rank[a.role] - rank[b.role])
  const known = !inDoubt && hearing !== undefined && hearing.appliedRevision >= hearing.revision
  const pairs = new Set(hearing?.pairs.map(({ listener, talker }) => `${listener} ${talker}`))
  const cellOf = (listener: Party, talker: Party): Cell => {
    if (listener === talker) return 'self'
    if (!known) return 'unknown'
    return pairs.has(`${listener.id} ${talker.id}`) ? 'hears' : 'silent'
  }
  return parties.map((listener) => ({ listener, cells: parties.map((talker) => ({ talker, cell: cellOf(listener, talker) })) }))
}

/** Who hears a party, as the mixer confirmed it. */
export const hearersOf = (matrix: readonly HearingRow[], talker: string): readonly Party[] =>
  matrix.filter(({ cells }) => cells.some((cell) => cell.talker.id === talker && cell.cell === 'hears')).map(({ listener }) => listener)
