/** What the test scenarios ask of any phone: the testkit's own, or a driver of a real softphone. */
import type { Peer } from '../phone-wire.ts'

export interface SoftphoneOptions {
  readonly server: Peer
  /** URL of the HTTP server, for phones that live in a browser. */
  readonly http?: string
  /** The name to register with, such as `0003*106`. Without a password the phone does not register and is called directly. */
  readonly user: string
  readonly password?: string
  /** The host of its own address; default the server's. */
  readonly realm?: string
  /** Hertz of the tone that it speaks without end. */
  readonly tone: number
  /** Answers by itself; default true. */
  readonly autoAnswer?: boolean
  /** Signalling over TLS, and audio as SRTP or not at all. `server` is the TLS listener then. */
  readonly secure?: boolean
  /** Its SIP port; a trunk's is fixed by the server's configuration. */
  readonly port?: number
}

export type StartSoftphone = (options: SoftphoneOptions) => Promise<Softphone>

/** What not every driver can make its phone do; it throws then. */
export type Ability = 'hold' | 'transfer'

export interface Softphone {
  readonly name: string
  readonly tone: number
  /** How far `tones` may lag behind what is heard: jitter buffer and file buffer of the program. */
  readonly lagMs: number
  /** Where it can be called directly. */
  readonly uri: string
  call(number: string): Promise<void>
  answer(): Promise<void>
  hangUp(): Promise<void>
  hold(): Promise<void>
  resume(): Promise<void>
  /** Blind transfer of its current call, by the phone itself. */
  transfer(number: string): Promise<void>
  /** Whether it is in a call that is up. */
  inCall(): Promise<boolean>
  /** The party tones that it heard in the last `windowMs`. */
  tones(windowMs?: number): Promise<readonly number[]>
  stop(): Promise<void>
}
