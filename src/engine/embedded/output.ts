import type { MediaOrder } from '../../media/protocol.ts'
import type { SipEvent, Output as SipOutput } from '../../sip/door.ts'
import type { EngineEvent } from '../port.ts'

/** What the owner of the SIP sockets has to do. */
export type SocketOutput = Exclude<SipOutput, { kind: 'event' }>

/** What the embedded engine wants done, in order: by the owner of the SIP sockets, by the media process, by the desk. */
export type EngineOutput =
  | { readonly kind: 'sip'; readonly output: SocketOutput }
  | { readonly kind: 'media'; readonly order: MediaOrder }
  | { readonly kind: 'event'; readonly event: EngineEvent }

/** Collects what one input leads to. What the SIP layer reports waits here too, until the engine has made its own of it. */
export class Outbox {
  #outputs: EngineOutput[] = []
  readonly #reports: SipEvent[] = []

  fromDoor(outputs: readonly SipOutput[]): void {
    for (const output of outputs) {
      if (output.kind === 'event') this.#reports.push(output.event)
      else this.#outputs.push({ kind: 'sip', output })
    }
  }

  media(order: MediaOrder): void {
    this.#outputs.push({ kind: 'media', order })
  }

  event(event: EngineEvent): void {
    this.#outputs.push({ kind: 'event', event })
  }

  /** One at a time: if the engine breaks over one, the others are still there. */
  nextReport(): SipEvent | undefined {
    return this.#reports.shift()
  }

  take(): readonly EngineOutput[] {
    const taken = this.#outputs
    this.#outputs = []
    return taken
  }
}
