import type { BridgeId, LegId } from '../../kernel/ids.ts'
import type { BridgeState, LegState } from '../../media/protocol.ts'

interface Inventory {
  readonly legs: readonly LegState[]
  readonly bridges: readonly BridgeState[]
}

/**
 * What the media process still holds of a control process that died without leaving word. Nobody can command those calls any more, but
 * people are speaking in them: each leg is kept until its phone falls silent for good. Supervisors' legs are not kept, because nobody vouches for them.
 */
export class Inheritance {
  readonly #legs = new Set<LegId>()
  readonly #bridges = new Set<BridgeId>()
  readonly #remembered = new Set<string>()
  #isOpen = true

  /** A leg or bridge that was found again is no heritage, even if it has ended meanwhile. */
  remember(name: LegId | BridgeId): void {
    this.#remembered.add(name)
  }

  /** Only what was there before our first order can be somebody else's, and nothing of a call that was found again. */
  take({ legs, bridges }: Inventory): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    const known = bridges.filter(({ bridge }) => this.#remembered.has(bridge)).flatMap(({ rows }) => rows.map((row) => row.listener))
    for (const leg of legs) if (isConversation(leg) && !this.#remembered.has(leg.leg) && !known.includes(leg.leg)) this.#legs.add(leg.leg)
    if (this.#legs.size > 0) for (const { bridge } of bridges) if (!this.#remembered.has(bridge)) this.#bridges.add(bridge)
    this.#remembered.clear()
  }

  hasLeg(leg: LegId): boolean {
    return this.#legs.has(leg)
  }

  hasBridge(bridge: BridgeId): boolean {
    return this.#bridges.has(bridge)
  }

  /** The leg is over. The bridges to close with it: all of them, once nobody speaks on any. */
  drop(leg: LegId): readonly BridgeId[] {
    this.#legs.delete(leg)
    if (this.#legs.size > 0) return []
    const bridges = [...this.#bridges]
    this.#bridges.clear()
    return bridges
  }
}

const isConversation = ({ voice, media }: LegState): boolean =>
  voice === 'core' && (media?.direction === 'sendrecv' || media?.direction === 'recvonly')
