/** How the end of a leg is told between calls and SIP, both ways. Causes are those of ITU-T Q.850, matched to status codes as RFC 3398 §7.2.6 and §8.2.6.1 do. */
import type { EndReason } from '../../call/reason.ts'
import type { HangUpCause, SipEvent } from '../../sip/door.ts'

/**
 * What the far end is told when we end its session. `status` is the final refusal of a caller who was never answered. That nobody answered
 * is 480 and not 487, because 487 is the answer to a CANCEL, and a trunk may treat one that it did not ask for as a fault.
 */
export const causeOf: Readonly<Record<EndReason, Required<HangUpCause>>> = {
  hangup: { status: 480, q850: 16, text: 'Normal call clearing' },
  cancelled: { status: 487, q850: 16, text: 'Cancelled' },
  'no-answer': { status: 480, q850: 19, text: 'No answer' },
  busy: { status: 486, q850: 17, text: 'User busy' },
  declined: { status: 603, q850: 21, text: 'Call rejected' },
  unavailable: { status: 480, q850: 20, text: 'Not available' },
  'unknown-number': { status: 404, q850: 1, text: 'Unknown number' },
  failed: { status: 500, q850: 41, text: 'Temporary failure' },
  'media-lost': { status: 500, q850: 41, text: 'Media lost' },
  'answered-elsewhere': { status: 480, q850: 26, text: 'Call completed elsewhere' },
  transferred: { status: 480, q850: 16, text: 'Transferred' },
  parked: { status: 480, q850: 16, text: 'Parked' },
  replaced: { status: 480, q850: 16, text: 'Replaced' },
  removed: { status: 480, q850: 16, text: 'Removed' },
  'taken-over': { status: 480, q850: 16, text: 'Taken over' },
  'target-left': { status: 480, q850: 16, text: 'Nobody to supervise' },
  'not-allowed': { status: 403, q850: 21, text: 'Not allowed' },
  'call-ended': { status: 480, q850: 16, text: 'Call ended' },
  moved: { status: 480, q850: 16, text: 'Moved to another call' },
  'ended-by-request': { status: 480, q850: 16, text: 'Ended by request' },
  'queue-timeout': { status: 480, q850: 19, text: 'Nobody was free' },
  shutdown: { status: 503, q850: 41, text: 'Shutting down' },
}

type Ended = Extract<SipEvent, { kind: 'ended' }>

/** Where a session stood when its far end, the network or time ended it. */
export interface StandingAtEnd {
  readonly direction: 'incoming' | 'outgoing'
  readonly answered: boolean
  readonly rang: boolean
  /** It was being asked for because its audio had stopped. */
  readonly probed: boolean
}

export function reasonOf(ended: Ended, standing: StandingAtEnd): EndReason {
  if (standing.answered) return endOfConversation(ended, standing)
  if (standing.direction === 'incoming') return ended.by === 'remote' ? 'cancelled' : 'failed'
  if (ended.by === 'timeout') return unanswered(standing)
  return refusal(ended, standing)
}

function endOfConversation(ended: Ended, standing: StandingAtEnd): EndReason {
  if (ended.by === 'remote') return 'hangup'
  return standing.probed ? 'media-lost' : 'failed'
}

const unanswered = (standing: StandingAtEnd): EndReason => (standing.rang ? 'no-answer' : 'unavailable')

function refusal(ended: Ended, standing: StandingAtEnd): EndReason {
  switch (ended.status) {
    case 486:
    case 600:
      return 'busy'
    case 403:
    case 603:
    case 607:
    case 608:
      return 'declined'
    case 404:
    case 410:
    case 484:
    case 604:
      return 'unknown-number'
    case 408:
    case 480:
    case 487:
      return byCause(ended.q850) ?? unanswered(standing)
    default:
      return byCause(ended.q850) ?? 'failed'
  }
}

/** Gateways send a general status with the true cause in Reason (RFC 6432). */
function byCause(q850: number | undefined): EndReason | undefined {
  switch (q850) {
    case 1:
    case 28:
      return 'unknown-number'
    case 17:
      return 'busy'
    case 18:
    case 19:
      return 'no-answer'
    case 20:
      return 'unavailable'
    case 21:
      return 'declined'
    default:
      return undefined
  }
}
