/** Where the test call is placed. */
import type { Api } from '../api.ts'

export interface Stage {
  /** For people. */
  readonly where: string
  readonly api: Api | undefined
  readonly sip: { readonly host: string; readonly port: number }
  readonly realm: string
  readonly phones: readonly [PhoneAccount, PhoneAccount]
}

export interface PhoneAccount {
  readonly number: string
  readonly user: string
  readonly password: string
}
