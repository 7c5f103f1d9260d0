import type { BridgeId, LegId } from '../../kernel/ids.ts'
import type { BridgeState, LegState } from '../../media/protocol.ts'

interface Inventory {
  readonly legs: readonly LegState[]
  readonly bridges: readonly BridgeState[]
}

/**
 * What the media process still holds of a control process that died. Nobody can command those calls any more, but people are speaking in
 * them: each leg is kept until its phone falls silent for good. Supervisors' legs are not kept, because nobody vouches for them.
 */
export class Inheritance {
  readonly #legs = new Set<LegId>()
  readonly #bridges = new Set<BridgeId>()
  #isOpen = true

  /** Only what was there before our first order can be somebody else's. */
  take({ legs, bridges }: Inventory): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    for (const leg of legs) if (isConversation(leg)) this.#legs.add(leg.leg)
    if (this.#legs.size > 0) for (const { bridge } of bridges) this.#bridges.add(bridge)
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
