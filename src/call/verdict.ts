import type { SupervisionId } from '../kernel/ids.ts'
import type { Confirm } from './finish.ts'
import { type Refusal, type RefusalCode, refusal } from './refusal.ts'

export type Refused = { readonly refusal: Refusal }

/** What a command's handler says: refused, or when it counts as done. */
export type Verdict = Refused | { readonly confirm: Confirm | 'wired'; readonly supervision?: SupervisionId }

export const refuse = (code: RefusalCode, why?: string): Refused => ({ refusal: refusal(code, why === undefined ? {} : { why }) })
export const refuseParameter = (name: string, why: string): Refused => ({ refusal: refusal('parameter-invalid', { name, why }) })
export const done: Verdict = { confirm: { on: 'now' } }
/** Done when the mixer works by the matrix as it is after this command. */
export const wired: Verdict = { confirm: 'wired' }
