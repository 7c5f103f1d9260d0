import type { Content, Exchange } from './phone-core.ts'
import type { Dialog } from './phone-dialog.ts'
import type { SipMessage } from './phone-message.ts'
import type { Ending } from './phone-progress.ts'
import type { MediaSession } from './phone-session.ts'

export type LineState = 'calling' | 'incoming' | 'connected' | 'ended'

/** A line as those see it who answer requests within its call. */
export interface Talk {
  readonly dialog: Dialog
  readonly media: MediaSession
  readonly state: LineState
  /** A re-INVITE of ours is on its way: another one meets 491 (RFC 3261 §14.2). */
  readonly offering: boolean
  /** Our offer went out in a 2xx; the ACK brings the answer. */
  awaitsAnswer: boolean
  /** Digits that came by SIP INFO; those of RFC 4733 are in `heard.digits`. */
  infoDigits: string
  /** Status lines that REFER's NOTIFY brought. */
  readonly transferReports: number[]
  request(method: string, content?: Content): Promise<Exchange>
  respond(request: SipMessage, status: number, content?: Content): void
  end(ending: Ending): void
  hangUp(): Promise<void>
  /** Calls somebody because the peer asks for it (REFER). */
  callFor(target: string, replaces: string | undefined): Promise<{ readonly answered: Promise<void> }>
}
