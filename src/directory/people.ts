/** What the directory answers with: settings that know their account. */
import type { AccountId } from '../kernel/ids.ts'
import type {
  AccountSettings,
  AgentSettings,
  CredentialSettings,
  ExtensionSettings,
  GroupSettings,
  KeyRole,
  TrunkSettings,
  UserSettings,
} from './settings.ts'

interface Belonging {
  readonly account: AccountId
}

export type Extension = ExtensionSettings & Belonging
export type User = UserSettings & Belonging
export type Agent = AgentSettings & Belonging
export type Group = GroupSettings & Belonging
export type Trunk = TrunkSettings & Belonging
export type Account = AccountSettings

/** Somebody or something inside the account. */
export type InternalDestination =
  | { readonly kind: 'extension'; readonly extension: Extension }
  | { readonly kind: 'group'; readonly group: Group }

/** What a dialled text leads to. */
export type Destination = InternalDestination | { readonly kind: 'number'; readonly trunk: Trunk; readonly number: string }

/** Who a key of Sotto's own API speaks for. */
export interface NativeKey {
  readonly account: AccountId
  readonly key: string
  readonly role: KeyRole
  readonly user?: string
}

type Credential<Api extends keyof CredentialSettings> = CredentialSettings[Api][number] & Belonging
export type VoipnowApp = Credential<'voipnow'>
export type YeastarUser = Credential<'yeastar'>
export type RingcxKey = Credential<'ringcx'>
export type NewvoicemediaKey = Credential<'newvoicemedia'>
export type SmartfloLogin = Credential<'smartflo'>

/** What a program may change in an extension while the server runs. */
export type ExtensionChanges = Partial<Pick<Extension, 'name' | 'monitorMode' | 'mayBeMonitored' | 'ringTimeoutMs'>>

/** What the SIP layer needs to know of the accounts; the shapes of `extensions` and `trunks` in its settings (sip/door.ts). */
export interface SipAccounts {
  readonly extensions: readonly SipExtension[]
  readonly trunks: readonly SipTrunk[]
}

export interface SipExtension {
  readonly account: AccountId
  readonly code: string
  readonly number: string
  readonly password: string
  readonly contact?: string
}

export interface SipTrunk {
  readonly account: AccountId
  readonly id: string
  readonly peer: string
  readonly trusted: readonly string[]
  readonly credentials?: { readonly username: string; readonly password: string }
  readonly register?: { readonly expiresS: number }
  readonly optionsEveryMs?: number
}
