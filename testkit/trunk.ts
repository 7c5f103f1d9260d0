/** The telephone network behind a trunk: customers who call in, and numbers that can be called. No registration. */
import { type CallOptions, Phone } from './phone.ts'
import type { EventKind } from './phone-inbox.ts'
import type { Behaviour } from './phone-incoming.ts'
import type { Line } from './phone-line.ts'
import type { Field } from './phone-message.ts'
import type { Peer } from './phone-wire.ts'
import type { Voice } from './voice.ts'

export interface TrunkOptions {
  readonly server: Peer
  /** Where the server's configuration says that the trunk is; 0 lets the system choose. */
  readonly listen: Peer
  /** What happens when the server dials a number. Default: the called one answers at once. */
  readonly rule?: (dialled: string, from: string) => Behaviour
  /** Demands digest of the server. */
  readonly challenge?: { readonly user: string; readonly password: string }
  readonly codec?: 'PCMU' | 'PCMA'
  readonly tone?: number | Voice
  readonly keepSeconds?: number
}

export interface TrunkCall extends CallOptions {
  /** The customer's number, as From has it. */
  readonly from: string
  /** The number that the network vouches for (P-Asserted-Identity, RFC 3325), where From is what the customer chose to show. */
  readonly asserted?: string
}

export class Trunk {
  readonly #phone: Phone

  private constructor(phone: Phone) {
    this.#phone = phone
  }

  static async start(options: TrunkOptions): Promise<Trunk> {
    const { rule = () => ({ answerAfterMs: 0 }), ...rest } = options
    return new Trunk(await Phone.start({ ...rest, user: 'trunk', decide: ({ dialled, from }) => rule(dialled, from) }))
  }

  get port(): number {
    return this.#phone.port
  }

  get lines(): readonly Line[] {
    return this.#phone.lines
  }

  call(number: string, options: TrunkCall): Promise<Line> {
    const { asserted, fields = [], ...rest } = options
    const identity: Field[] = asserted === undefined ? [] : [['P-Asserted-Identity', `<sip:${asserted}@carrier.test>`]]
    return this.#phone.call(number, { ...rest, fields: [...fields, ...identity] })
  }

  next(kind: EventKind, ms?: number): Promise<Line> {
    return this.#phone.next(kind, ms)
  }

  forget(): void {
    this.#phone.forget()
  }

  /** Answers OPTIONS no more and drops its calls without BYE. */
  vanish(): void {
    this.#phone.vanish()
  }

  stop(): Promise<void> {
    return this.#phone.stop()
  }
}
