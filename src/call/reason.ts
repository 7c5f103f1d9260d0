/** Why a leg, a supervision or a call is over. */
export const endReasons = [
  'hangup',
  'cancelled',
  'no-answer',
  'busy',
  'declined',
  'unavailable',
  'unknown-number',
  'failed',
  'media-lost',
  'answered-elsewhere',
  'transferred',
  'replaced',
  'removed',
  'taken-over',
  'target-left',
  'not-allowed',
  'call-ended',
  'ended-by-request',
  'queue-timeout',
  'shutdown',
] as const
export type EndReason = (typeof endReasons)[number]
