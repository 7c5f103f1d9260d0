import type { Draft } from './draft.ts'
import type { AskedBy } from './event.ts'
import type { EndReason } from './reason.ts'
import type { Supervision } from './supervision.ts'

/** The supervision is over, and its phone is let go. */
export function stopSupervising(draft: Draft, supervision: Supervision, reason: EndReason, by?: AskedBy): void {
  draft.endSupervision(supervision.id, reason, by)
  draft.endParty(supervision.party, { reason, hangUp: true })
}
