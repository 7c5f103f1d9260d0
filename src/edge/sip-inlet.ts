import type { Flow, ResolveAnswer } from '../sip/door.ts'

/** What the sockets tell whoever owns them; the outputs of the SIP layer go the other way. */
export interface SipInlet {
  received(bytes: Uint8Array, flow: Flow): void
  opened(connectId: string, flow: Flow): void
  failed(connectId: string): void
  closed(flow: Flow): void
  resolved(queryId: string, answers: readonly ResolveAnswer[]): void
}
