import type { CallerRole } from '../control/command.ts'
import type { AccountId } from '../kernel/ids.ts'

/** Who holds a credential of a dialect. */
export interface Holder {
  readonly account: AccountId
  readonly role: CallerRole
  readonly user?: string
  readonly agent?: string
  /** Names the credential without telling it: equal for the tokens of one login. */
  readonly credential: string
  /** The dialect that he speaks; known as soon as he is. */
  readonly via?: string
}
