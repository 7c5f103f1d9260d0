import type { AccountSettings, CallOutSettings, DialectSettings, OidcSettings } from '../directory/settings.ts'
import type { IceServer } from '../kernel/ice-server.ts'
import type { S3Settings } from '../recordings/words.ts'
import type { HostPort, PortRange } from './addresses.ts'
import type { AdjustableLimit } from './adjustable-limits.ts'

/** The configuration as the server works by it: checked, defaults filled in, texts taken apart. */
export interface Settings {
  readonly node: string
  readonly http: { readonly listen: HostPort; readonly trustProxy: readonly string[] }
  /** How others reach the API, without a slash at the end: what links and `Location` begin with. */
  readonly publicUrl: string
  readonly dialects: DialectSettings
  readonly callOuts: CallOutSettings
  /** How long somebody stays signed in without doing anything, and at most. */
  readonly sessions: { readonly idleMs: number; readonly longestMs: number }
  /** By which people of all accounts may sign in. */
  readonly oidc?: OidcSettings
  readonly sip: {
    readonly listen: readonly SipListener[]
    readonly realm: string
    /** Paths of PEM files; there whenever a listener needs them. */
    readonly tls?: { readonly cert: string; readonly key: string }
  }
  readonly media: {
    /** Where audio is received, by family. */
    readonly addresses: ByFamily
    readonly ports: PortRange
    /** What session descriptions name instead of `addresses`. */
    readonly advertise: ByFamily
    /** UDP, of all browsers; absent: one of `ports`. */
    readonly webrtcPort?: number
    /** Path of a WAV file; absent: the music that comes with Sotto. */
    readonly holdMusic?: string
    /** Whether a second media process holds itself ready to take over. */
    readonly standby: boolean
  }
  readonly webrtc: {
    readonly iceServers: readonly IceServer[]
    /** Shared with the TURN server: user names that lapse are made with it. */
    readonly turnSecret?: string
    /** How long such a user name holds. */
    readonly turnMinutes: number
  }
  /** Absolute path of the folder for everything that is kept. */
  readonly data: string
  readonly recordings: {
    /** Beside the folder. */
    readonly s3?: S3Settings
    /** How long the folder has what the storage has, too; for ever where absent. */
    readonly keepLocalDays?: number
  }
  readonly history: HistoryDays
  readonly limits: Readonly<Partial<Record<AdjustableLimit, number>>>
  readonly accounts: readonly AccountSettings[]
}

/** How long what happened is kept, in days; 0 is for ever. */
export interface HistoryDays {
  readonly eventsDays: number
  readonly cdrDays: number
  readonly auditDays: number
}

/** The shape of `Listener` in sip/door.ts. */
export interface SipListener {
  readonly transport: 'UDP' | 'TCP' | 'TLS' | 'WS' | 'WSS'
  readonly address: string
  readonly port: number
  readonly advertise?: { readonly host: string; readonly port?: number }
}

/** What is wrong, and at which key: `accounts[0].extensions[2].monitorMode`. */
export interface Problem {
  readonly key: string
  readonly why: string
}

export interface ByFamily {
  readonly 4?: string
  readonly 6?: string
}
