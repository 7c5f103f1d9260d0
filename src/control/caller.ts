import type { AccountId } from '../kernel/ids.ts'
import type { OrderName } from './order-name.ts'

export type CallerRole = 'admin' | 'supervisor' | 'agent' | 'observer'

/** On whose behalf a command comes: the credential's account and role, and the user behind it if any. */
export interface Caller {
  readonly account: AccountId
  readonly role: CallerRole
  readonly user?: string
  /** Names the credential without telling it. */
  readonly credential?: string
  /** The order that he gives is to be carried out once, under this name. */
  readonly order?: OrderName
  /** Which API he uses: `native`, or a dialect's name. */
  readonly via?: string
}
