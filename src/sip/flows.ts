import type { Flow } from './door.ts'
import type { Hop } from './resolver.ts'
import { isStream } from './transport.ts'

/** Which connections are open. Datagram flows need no opening. */
export class Flows {
  readonly #open = new Map<string, Flow>()
  /** Connections that we opened ourselves, by where they lead: only those are known to reach what was asked for. */
  readonly #ours = new Map<string, Flow>()

  /** The far end opened it, or we did and it now speaks. */
  heard(flow: Flow): void {
    if (isStream(flow.transport) && !this.#open.has(flow.id)) this.#open.set(flow.id, flow)
  }

  opened(flow: Flow, hop: Hop): void {
    this.#open.set(flow.id, flow)
    this.#ours.set(hopKey(hop), flow)
  }

  closed(flow: Flow): void {
    this.#open.delete(flow.id)
    for (const [key, ours] of this.#ours) if (ours.id === flow.id) this.#ours.delete(key)
  }

  isUsable(flow: Flow): boolean {
    return !isStream(flow.transport) || this.#open.has(flow.id)
  }

  to(hop: Hop): Flow | undefined {
    return this.#ours.get(hopKey(hop))
  }
}

export const hopKey = (hop: Hop): string => `${hop.transport} ${hop.address} ${hop.port} ${hop.serverName}`
