/** What this supervisor listens to: one strip for each line of this page, and for each of his phones that supervises. */
import type { Call, Line, Supervision } from '../api/types.ts'
import type { Floor } from './floor.ts'
import { callOf } from './floor.ts'
import { isPresent, partyOf, type Stance, stanceOf } from './people.ts'

export type Through = { readonly line: string } | { readonly extension: string }

/** `handling`: he has taken the call over, and is its agent now. */
export type StripMode = Stance | 'handling' | 'connecting'

export interface Strip {
  readonly key: string
  readonly through: Through
  readonly call: Call
  readonly supervision: Supervision
  readonly partyId: string
  readonly mode: StripMode
  /** The audio of the line is away; the supervision waits for it. */
  readonly isLost: boolean
}

/** A line as the page holds it, with the supervision that it was last told of. */
export interface HeldLine {
  readonly line: Line
  readonly supervision: string | undefined
  readonly callId: string | undefined
}

export function stripsOf(floor: Floor, lines: readonly HeldLine[], extensions: readonly string[]): readonly Strip[] {
  return [...lines.flatMap((held) => stripOfLine(floor, held)), ...stripsOfPhones(floor, extensions)]
}

function stripOfLine(floor: Floor, { line, supervision: id, callId }: HeldLine): readonly Strip[] {
  const call = callId === undefined ? undefined : callOf(floor, callId)
  const supervision = call?.supervisions.find((s) => s.id === id)
  if (call === undefined || supervision === undefined) return []
  const strip = stripOf(call, supervision, { line: line.id })
  return strip === undefined ? [] : [{ ...strip, isLost: line.state === 'lost' || line.state === 'connecting' }]
}

function stripsOfPhones(floor: Floor, extensions: readonly string[]): readonly Strip[] {
  return [...floor.calls.values()].flatMap((call) =>
    call.supervisions.flatMap((supervision) => {
      const extension = partyOf(call, supervision.partyId)?.extension
      if (extension === undefined || !extensions.includes(extension) || supervision.supervisor?.line !== undefined) return []
      return stripOf(call, supervision, { extension }) ?? []
    }),
  )
}

function stripOf(call: Call, supervision: Supervision, through: Through): Strip | undefined {
  const mode = modeOf(call, supervision)
  if (mode === undefined) return undefined
  const key = 'line' in through ? through.line : supervision.id
  return { key, through, call, supervision, partyId: supervision.partyId, mode, isLost: false }
}

/** Undefined where he is out of the call. */
function modeOf(call: Call, supervision: Supervision): StripMode | undefined {
  if (supervision.state === 'ringing') return 'connecting'
  if (supervision.state === 'active') return stanceOf(call, supervision)
  const party = partyOf(call, supervision.partyId)
  return party !== undefined && isPresent(party) && party.role !== 'supervisor' ? 'handling' : undefined
}

export const sameStrips = (a: readonly Strip[], b: readonly Strip[]): boolean =>
  a.length === b.length &&
  a.every((strip, n) => {
    const other = b[n]
    return strip.key === other?.key && strip.call === other.call && strip.mode === other.mode && strip.isLost === other.isLost
  })

/** Whether somebody in the call hears the supervisor in this mode. */
export const isHeard = (mode: StripMode): boolean => mode !== 'monitor' && mode !== 'connecting'
