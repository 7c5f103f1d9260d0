/** Who exists, as configured: the words of the configuration file, checked. `buildDirectory` makes people and places of them. */
import type { AccountId } from '../kernel/ids.ts'

/** What an extension may do as a supervisor. */
export const monitorModes = ['extensive', 'listen', 'whisper', 'barge-in', 'disabled'] as const
export type MonitorMode = (typeof monitorModes)[number]

export const strategies = ['longest-idle', 'ring-all'] as const
export type Strategy = (typeof strategies)[number]

export const userRoles = ['admin', 'supervisor', 'agent'] as const
export type UserRole = (typeof userRoles)[number]

export const keyRoles = ['admin', 'supervisor', 'agent', 'observer'] as const
export type KeyRole = (typeof keyRoles)[number]

export interface ExtensionSettings {
  readonly number: string
  readonly name: string
  readonly password: string
  /** A fixed SIP URI for a phone that does not register. */
  readonly contact?: string
  /** The public number that reaches it, E.164. */
  readonly directNumber?: string
  readonly monitorMode: MonitorMode
  readonly mayBeMonitored: boolean
  readonly ringTimeoutMs?: number
}

export interface UserSettings {
  readonly id: string
  readonly name: string
  readonly role: UserRole
  readonly extensions: readonly string[]
}

export interface AgentSettings {
  readonly id: string
  readonly username: string
  readonly firstName: string
  readonly lastName: string
  readonly extension: string
  readonly role: 'agent' | 'supervisor'
}

export interface GroupSettings {
  readonly id: string
  readonly name: string
  /** The number that reaches it inside the account, its intercom. */
  readonly extension: string
  readonly agents: readonly string[]
  readonly strategy: Strategy
  readonly record: boolean
  readonly wrapUpMs: number
  /** How long a caller may wait; absent: `limits.queueMs`. */
  readonly queueTimeoutMs?: number
}

export type RouteTo = { readonly group: string } | { readonly extension: string }

export interface NumberSettings {
  readonly number: string
  readonly routeTo: RouteTo
}

export interface TrunkSettings {
  readonly id: string
  /** `udp:host:port`, `tcp:host:port` or `tls:host:port`; IPv6 in brackets. */
  readonly peer: string
  /** `ip` or `ip:port` of sources that need no authentication. */
  readonly trusted: readonly string[]
  /** Prefixes of numbers that may be dialled through it. */
  readonly destinations: readonly string[]
  /** Answers the peer's digest challenges. */
  readonly username?: string
  readonly password?: string
  /** Keeps a registration at the peer; its user name and password hold for the trunk's challenges where the trunk has none of its own. */
  readonly register?: { readonly username: string; readonly password: string; readonly expiresSeconds: number }
  readonly keepAliveSeconds?: number
}

/** One list for each API; a credential is valid in its own API only (W13). */
export interface CredentialSettings {
  readonly native: readonly { readonly key: string; readonly role: KeyRole; readonly user?: string }[]
  readonly voipnow: readonly { readonly clientId: string; readonly clientSecret: string; readonly user: string }[]
  readonly yeastar: readonly { readonly username: string; readonly password: string }[]
  readonly ringcx: readonly RingcxCredential[]
  readonly newvoicemedia: readonly { readonly clientId: string; readonly clientSecret: string }[]
  readonly smartflo: readonly { readonly email: string; readonly password: string; readonly apiToken: string; readonly agent: string }[]
}

export interface RingcxCredential {
  readonly apiToken: string
  readonly username: string
  readonly password: string
  readonly clientId?: string
  readonly clientSecret?: string
  readonly assertion?: string
}

export interface AccountSettings {
  readonly id: AccountId
  /** NewVoiceMedia's account key. */
  readonly key: string
  /** The digits before `*` in extended numbers (`0003*210`). */
  readonly code: string
  /** VoipNow's ownerId. */
  readonly owner?: string
  readonly name: string
  readonly timezone: string
  /** ISO 3166 code, which numbers in national form belong to. */
  readonly country: string
  readonly extensions: readonly ExtensionSettings[]
  readonly users: readonly UserSettings[]
  readonly agents: readonly AgentSettings[]
  readonly groups: readonly GroupSettings[]
  readonly numbers: readonly NumberSettings[]
  /** Numbers that outbound calls may show. */
  readonly presentedNumbers: readonly string[]
  readonly trunks: readonly TrunkSettings[]
  readonly dispositions: readonly string[]
  readonly credentials: CredentialSettings
}
