import type { Flow, Output, SipEvent } from './door.ts'
import type { Message } from './message.ts'
import { isLost } from './transport.ts'
import { write } from './writer.ts'

/** Collects what one call through the door leads to, in order. */
export class Outbox {
  #outputs: Output[] = []

  push(output: Output): void {
    this.#outputs.push(output)
  }

  event(event: SipEvent): void {
    this.#outputs.push({ kind: 'event', event })
  }

  /** Returns the bytes, so that a retransmission need not print the message again. */
  send(flow: Flow, message: Message): Uint8Array {
    const bytes = write(message)
    this.sendBytes(flow, bytes)
    return bytes
  }

  sendBytes(flow: Flow, bytes: Uint8Array): void {
    if (!isLost(flow)) this.#outputs.push({ kind: 'send', flow, bytes })
  }

  take(): readonly Output[] {
    const taken = this.#outputs
    this.#outputs = []
    return taken
  }
}
