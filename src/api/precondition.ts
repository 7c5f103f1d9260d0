import { refusal } from '../call/refusal.ts'
import { Refused } from '../http/refused.ts'

/**
 * RFC 9110 §13.1.1 `If-Match` over revisions. Weak tags never match; a revision without quotes is understood, because people type it so.
 * The catalogue has no refusal of its own for this: it is `wrong-state` with status 412.
 */
export function demandRevision(ifMatch: string | undefined, revision: number): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return
  const tags = ifMatch.split(',').map((tag) => tag.trim())
  if (tags.includes(`"${revision}"`) || tags.includes(String(revision))) return
  throw new Refused(refusal('wrong-state', { why: `It has moved on and is at revision ${revision} now.` }), { status: 412 })
}
