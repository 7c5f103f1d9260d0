/** How many connections there may be: in all, and from one source. */
import type { Socket } from 'node:net'
import { limits } from '../kernel/limits.ts'

export class SipGate {
  readonly #bySource = new Map<string, number>()
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Counts a connection that somebody opened, from before its handshake until it is closed; `false`: it was closed at once. */
  admit(socket: Socket): boolean {
    const source = socket.remoteAddress ?? ''
    const ofSource = this.#bySource.get(source) ?? 0
    if (this.#count >= limits.sipConnections || ofSource >= limits.sipConnectionsPerSource) {
      socket.destroy()
      return false
    }
    this.#bySource.set(source, ofSource + 1)
    this.#count += 1
    socket.once('close', () => this.#release(source))
    return true
  }

  /** A connection that we open ourselves counts in all, not for a source. */
  admitOurs(socket: Socket): boolean {
    if (this.#count >= limits.sipConnections) return false
    this.#count += 1
    socket.once('close', () => {
      this.#count -= 1
    })
    return true
  }

  #release(source: string): void {
    this.#count -= 1
    const left = (this.#bySource.get(source) ?? 1) - 1
    if (left > 0) this.#bySource.set(source, left)
    else this.#bySource.delete(source)
  }
}
