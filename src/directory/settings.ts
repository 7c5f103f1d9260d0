/** Who exists, as configured: the words of the configuration file, checked. `buildDirectory` makes people and places of them. */
import type { AccountId } from '../kernel/ids.ts'
import type { PermissionSettings } from './permissions.ts'

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
  /** He signs in with both; letter case of the name aside. */
  readonly username?: string
  /** A hash: `scrypt$N$r$p$salt$hash`. */
  readonly password?: string
  /** By which an identity provider knows him. */
  readonly email?: string
  /** What is taken away from his role; nothing where absent. */
  readonly permissions?: PermissionSettings
}

/** An OpenID Connect provider by which people sign in. */
export interface OidcSettings {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** On the button. */
  readonly label: string
  readonly scope: string
  /** Holds the e-mail, which is a user's `email`. */
  readonly emailClaim: string
  /** Holds a user's `username`; the e-mail does not count then. */
  readonly usernameClaim?: string
  /** Holds the id of the account; of all accounts' provider only. */
  readonly accountClaim?: string
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
  /** After a call of the group its agent takes no other one before its disposition is set. */
  readonly requireDisposition: boolean
}

/** A place where people meet by number and PIN. */
export interface ConferenceSettings {
  readonly number: string
  readonly pin?: string
}

/** What the account permits; a group's `record` decides what begins by itself. */
export interface RecordingSettings {
  readonly onDemand: boolean
  /** Everybody who is connected is told that calls are recorded. */
  readonly announced: boolean
  /** `flac` is WAV while the call lasts. */
  readonly format: 'wav-g711' | 'wav-pcm16' | 'flac'
  /** A file of all voices together beside one for each party. */
  readonly mix: boolean
  /** What becomes of words that only a coached party hears: in no file, in the mix and one of their own, or in that one only. */
  readonly coach: 'exclude' | 'include' | 'separate'
  /** How often everybody hears a short tone; 0 never. */
  readonly beepSeconds: number
  /** How long recordings are kept; 0 for ever. */
  readonly keepDays: number
  /** Is heard before anything of a call is recorded. */
  readonly announcement?: {
    /** Path of a WAV file; absent: three tones. */
    readonly file?: string
    readonly to: 'all' | 'customer'
  }
}

export interface SupervisionSettings {
  /** Whether agents' credentials are told who supervises. */
  readonly visibleToAgents: boolean
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
  /** The user's role decides. */
  readonly voipnow: readonly { readonly clientId: string; readonly clientSecret: string; readonly user: string }[]
  /** `role` of these four is `admin` where the file does not say otherwise. */
  readonly yeastar: readonly { readonly username: string; readonly password: string; readonly role: KeyRole }[]
  readonly ringcx: readonly RingcxCredential[]
  readonly newvoicemedia: readonly NewvoicemediaCredential[]
  readonly smartflo: readonly SmartfloCredential[]
}

export interface NewvoicemediaCredential {
  readonly clientId: string
  readonly clientSecret: string
  readonly role: KeyRole
}

export interface SmartfloCredential {
  readonly email: string
  readonly password: string
  readonly apiToken: string
  /** The default supervisor; none where absent. */
  readonly agent?: string
  readonly role: KeyRole
}

export interface RingcxCredential {
  readonly role: KeyRole
  readonly apiToken: string
  readonly username: string
  readonly password: string
  readonly clientId?: string
  readonly clientSecret?: string
  readonly assertion?: string
}

/** What a receiver of Smartflo events can wait for (contract smartflo, section 7). */
export const smartfloTriggers = [
  'received-on-server',
  'answered-on-ivr',
  'answered-by-agent',
  'missed-by-agent',
  'answered-by-customer',
  'missed-by-customer',
  'hangup-answered',
  'hangup-missed',
  'hangup',
  'dtmf',
  'dialed-on-agent',
  'received-on-department',
  'received-on-auto-attendant',
  'disposition-updated',
  'connected-to-agent',
  'session-call-answered',
] as const

/** Where an account's events go in a dialect whose vendor has them set in a portal, not by its API. */
export interface ReceiverSettings {
  readonly dialect: 'smartflo' | 'newvoicemedia'
  readonly url: string
  /** Smartflo: what it waits for. */
  readonly trigger?: (typeof smartfloTriggers)[number]
  readonly method: 'GET' | 'POST'
  readonly format: 'json' | 'form'
  /** Smartflo: keys and what stands under them, with `$variables`. */
  readonly template?: Readonly<Record<string, string>>
  /** NewVoiceMedia: signs what is sent; base64. */
  readonly secret?: string
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
  /** What RingCX clients may have outbound calls show: any number, or only those. */
  readonly callerIds: 'any' | 'presented'
  readonly trunks: readonly TrunkSettings[]
  readonly dispositions: readonly string[]
  readonly conferences: readonly ConferenceSettings[]
  readonly recording: RecordingSettings
  readonly supervision: SupervisionSettings
  readonly receivers: readonly ReceiverSettings[]
  readonly oidc?: OidcSettings
  readonly credentials: CredentialSettings
}

/** The vendors' APIs that Sotto speaks. */
export const dialectNames = ['voipnow', 'yeastar', 'ringcx', 'newvoicemedia', 'smartflo'] as const
export type DialectName = (typeof dialectNames)[number]

/** How one of them is offered. */
export interface CommonDialectSettings {
  readonly enabled: boolean
  /** Host names that choose the dialect before the path does, in lower case (W1). */
  readonly hosts: readonly string[]
  /** A path such as `/ringcx` below which the dialect is found; links begin with it (W1). */
  readonly prefix?: string
  /** The life of an access token; as the contract says where absent. */
  readonly tokenSeconds?: number
}

/** The switches of the wire contracts. */
export interface DialectSettings {
  readonly voipnow: CommonDialectSettings & {
    readonly updateStatus: 202 | 200
    readonly emptyStatus: 200 | 204
    readonly createShape: 'array' | 'object'
    readonly lenientJson: boolean
    readonly errorSpelling: 'documented' | 'corrected'
    readonly expiredTokenStatus: 401 | 403
    readonly numberStyle: 'string' | 'number'
  }
  /** `maxMonitors` 0: no limit. */
  readonly yeastar: CommonDialectSettings & { readonly flavour: 'auto' | 'openvox' | 'yeastar'; readonly maxMonitors: number }
  readonly ringcx: CommonDialectSettings & { readonly pageBase: 0 | 1 }
  /** `strictVersions` refuses fields that are newer than the version which the request names. */
  readonly newvoicemedia: CommonDialectSettings & { readonly strictVersions: boolean }
  readonly smartflo: CommonDialectSettings
}

/** Where events that a program ordered may be sent (W22): addresses and networks such as `10.0.0.0/8`. */
export interface CallOutSettings {
  readonly allow: readonly string[]
}
