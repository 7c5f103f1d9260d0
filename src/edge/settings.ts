import type { AccountSettings, CallOutSettings, DialectSettings } from '../directory/settings.ts'
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
    /** Path of a WAV file; absent: the music that comes with Sotto. */
    readonly holdMusic?: string
  }
  /** Absolute path of the folder for everything that is kept. */
  readonly data: string
  readonly limits: Readonly<Partial<Record<AdjustableLimit, number>>>
  readonly accounts: readonly AccountSettings[]
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
