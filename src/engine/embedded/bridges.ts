import type { LegRow } from '../../call/matrix.ts'
import { type AccountId, bridgeId, type CallId, type LegId } from '../../kernel/ids.ts'
import type { Codec, MediaOrder, RecordOrder, Row } from '../../media/protocol.ts'
import type { Leg, Legs } from './leg.ts'

/** The mixing place of one call, as it was ordered last. */
export interface Bridge {
  readonly call: CallId
  readonly account: AccountId
  revision: number
  /** The newest revision that the media process has told us is in force. */
  confirmed: number
  rows: readonly LegRow[]
  /** What the legs of this call speak: the next one is offered the same, so that nothing needs to be transcoded. */
  codec: Codec | undefined
  /** What the recorder was told last. */
  recording?: RecordOrder
}

type Rewire = Extract<MediaOrder, { kind: 'rewire' }>

/** Whoever gets one from here may change it: what must be remembered of it is looked at again. */
export class Bridges {
  readonly #bridges = new Map<CallId, Bridge>()
  readonly #touched = new Set<CallId>()

  get(call: CallId): Bridge | undefined {
    this.#touched.add(call)
    return this.#bridges.get(call)
  }

  /** The bridge of a call, made at the first thing that it has to remember. */
  of(call: CallId, account: AccountId): Bridge {
    this.#touched.add(call)
    const known = this.#bridges.get(call)
    if (known !== undefined) return known
    const bridge: Bridge = { call, account, revision: 0, confirmed: 0, rows: [], codec: undefined }
    this.#bridges.set(call, bridge)
    return bridge
  }

  remove(call: CallId): boolean {
    this.#touched.add(call)
    return this.#bridges.delete(call)
  }

  all(): readonly Bridge[] {
    return [...this.#bridges.values()]
  }

  takeTouched(): readonly (readonly [CallId, Bridge | undefined])[] {
    const touched = [...this.#touched].map((call) => [call, this.#bridges.get(call)] as const)
    this.#touched.clear()
    return touched
  }

  /** Those who hear this leg on its bridge now. */
  listenersOf(leg: Leg): readonly LegId[] {
    const rows = leg.call === undefined ? [] : (this.#bridges.get(leg.call)?.rows ?? [])
    return rows.filter((row) => row.talkers.includes(leg.id)).map((row) => row.listener)
  }
}

/**
 * A call's matrix in the words of the media process. Legs that have ended meanwhile, or were adopted by another call, are left out, which
 * can only take a voice away: the call learns of it right after, and orders its next matrix.
 */
export function rewireOrder(bridge: Bridge, legs: Legs): Rewire {
  const { call, account, revision } = bridge
  const isHere = (id: LegId): boolean => {
    const leg = legs.get(id)
    return leg?.phase === 'connected' && leg.call === call && !leg.isUnheld
  }
  const isCore = (id: LegId): boolean => legs.get(id)?.voice === 'core'
  const named = (id: LegId): LegId => legs.get(id)?.mediaLeg ?? id
  const here = bridge.rows.filter((row) => isHere(row.listener))
  const rows = here.map((row) => mediaRow(row, { talkers: row.talkers.filter(isHere), isCore, named }))
  return { kind: 'rewire', bridge: bridgeId(call), account, revision, rows }
}

interface Hearable {
  readonly talkers: readonly LegId[]
  readonly isCore: (id: LegId) => boolean
  /** A leg's name in the media process. */
  readonly named: (id: LegId) => LegId
}

function mediaRow(row: LegRow, { talkers, isCore, named }: Hearable): Row {
  const main = talkers.find(isCore)
  return {
    listener: named(row.listener),
    talkers: talkers.map(named),
    ...(main !== undefined && { main: named(main) }),
    ...(row.source !== undefined && { source: row.source }),
  }
}
