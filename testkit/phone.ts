/**
 * A virtual phone on loopback: real SIP over any transport, real RTP, several lines. It is an implementation of its own, so that what it agrees on
 * with the server is agreed by two readings of the norms.
 */
import { ask, type Core } from './phone-core.ts'
import { Dialog } from './phone-dialog.ts'
import { Credentials } from './phone-digest.ts'
import { type EventKind, Inbox } from './phone-inbox.ts'
import { type Host, Incoming, type Manners } from './phone-incoming.ts'
import { Line } from './phone-line.ts'
import { type Field, field, newCallId, type SipMessage, statusOf, uriParts, userPart } from './phone-message.ts'
import { RtpStream } from './phone-rtp.ts'
import type { Law } from './phone-sdp.ts'
import { MediaSession } from './phone-session.ts'
import { Transactions } from './phone-transactions.ts'
import { pause } from './phone-wait.ts'
import { openWebSocket } from './phone-websocket.ts'
import { bracketed, hostPort, openTcp, openTls, openUdp, type Peer, type Receive, type Transport, type Wire } from './phone-wire.ts'
import { tone, type Voice } from './voice.ts'

export interface PhoneOptions extends Manners {
  readonly server: Peer
  /** Default UDP. */
  readonly transport?: Transport
  /** Default: the server's host, any port. UDP only. */
  readonly listen?: Peer
  readonly user: string
  readonly displayName?: string
  readonly password?: string
  /** Where the name for digest is not `user`. */
  readonly authUser?: string
  /** Takes SRTP where it is offered; default: refuses it (488). */
  readonly srtp?: boolean
  /** The only codec it speaks; default both, PCMU first. */
  readonly codec?: Law
  /** Hertz, or a voice. */
  readonly tone?: number | Voice
  readonly expiresS?: number
  /** Seconds of heard audio that each line keeps; default 60. */
  readonly keepSeconds?: number
}

export interface CallOptions {
  /** RFC 3891: the call to be replaced, as in the Replaces header. */
  readonly replaces?: string
  readonly delayedOffer?: boolean
  readonly from?: string
  readonly displayName?: string
  readonly tone?: number | Voice
  readonly fields?: readonly Field[]
}

export class Phone implements Host {
  readonly options: PhoneOptions
  readonly #inbox = new Inbox()
  readonly #lines = new Set<Line>()
  readonly #transactions: Transactions
  readonly #incoming: Incoming
  #wire: Wire | undefined
  #registration: Dialog | undefined
  #refresh: NodeJS.Timeout | undefined

  private constructor(options: PhoneOptions) {
    this.options = options
    this.#incoming = new Incoming(this, this.#lines)
    this.#transactions = new Transactions({
      onRequest: (request) => this.#incoming.receive(request),
      onRepeated2xx: (response) => this.#lineOf(response)?.acknowledgeAgain(),
      onNoAck: (request) => void this.#lineOf(request)?.hangUp(),
    })
  }

  static async start(options: PhoneOptions): Promise<Phone> {
    const phone = new Phone(options)
    phone.#wire = await openWire(options, (text, from) => phone.#transactions.receive(text, from))
    phone.#transactions.attach(phone.#wire)
    return phone
  }

  get core(): Core {
    const { user, authUser = user, password } = this.options
    const credentials = password === undefined ? undefined : new Credentials(authUser, password)
    if (this.#wire === undefined) throw new Error('this phone is not started')
    return { wire: this.#wire, transactions: this.#transactions, credentials }
  }

  /** Where it hears: a browser's name for itself is none. */
  get host(): string {
    return this.core.wire.transport.startsWith('WS') ? this.options.server.host : this.core.wire.local.host
  }

  get port(): number {
    return this.core.wire.local.port
  }

  /** Where others reach this phone directly. */
  get uri(): string {
    const { transport, local } = this.core.wire
    // RFC 7118 §5.5: `ws` stands for both of them in URIs.
    const named = transport === 'WSS' ? 'ws' : transport.toLowerCase()
    return `sip:${userPart(this.options.user)}@${hostPort(local)}${transport === 'UDP' ? '' : `;transport=${named}`}`
  }

  /** Live lines, oldest first. */
  get lines(): readonly Line[] {
    return [...this.#lines]
  }

  /** The latest live line. */
  get line(): Line {
    const last = this.lines.at(-1)
    if (last === undefined) throw new Error(`phone ${this.options.user} has no call`)
    return last
  }

  /** The next line to which this happens, or has happened while nobody asked. Every event is handed out once. */
  next(kind: EventKind, ms = 5_000): Promise<Line> {
    return this.#inbox.next(kind, { who: this.options.user, ms })
  }

  /** Drops the events that nobody asked for. */
  forget(): void {
    this.#inbox.forget()
  }

  /** Registers and keeps itself registered; throws where the server refuses. */
  async register(): Promise<void> {
    const status = await this.#registerFor(this.options.expiresS ?? 3_600)
    if (status !== 200) throw new Error(`${this.options.user} was not registered: ${status}`)
  }

  /** Its connection broke: it opens another one and registers anew. A browser goes on calling itself what it did. */
  async reconnect(): Promise<void> {
    const { local } = this.core.wire
    const wire = await openWire(this.options, (text, from) => this.#transactions.receive(text, from))
    this.#wire = wire.transport.startsWith('WS') ? { ...wire, local } : wire
    this.#transactions.attach(this.#wire)
    this.#registration = undefined
    await this.register()
  }

  async unregister(): Promise<void> {
    clearTimeout(this.#refresh)
    this.#refresh = undefined
    if (this.#registration !== undefined) await this.#registerFor(0)
    this.#registration = undefined
  }

  /** Calls a number of the server, or a whole SIP URI. Returns when the INVITE is out. */
  async call(number: string, options: CallOptions = {}): Promise<Line> {
    const line = new Line(this, { ...(await this.#newCall(number, options)), number })
    this.#lines.add(line)
    const replaces: Field[] = options.replaces === undefined ? [] : [['Replaces', options.replaces]]
    void line.place({ delayedOffer: options.delayedOffer ?? false, fields: [...replaces, ...(options.fields ?? [])] })
    return line
  }

  answer(): void {
    this.line.answer()
  }

  hangUp(): Promise<void> {
    return this.line.hangUp()
  }

  /** Ends without a word, as a phone whose cable is pulled: nothing is sent any more, nothing answered. */
  vanish(): void {
    clearTimeout(this.#refresh)
    this.#transactions.close()
    for (const line of this.lines) line.end({ by: 'us', reason: 'vanished' })
  }

  /** Hangs up, gives its registration back and closes. Waits no longer than a second for a server that may be gone. */
  async stop(): Promise<void> {
    const farewell = Promise.all([...this.lines.map((line) => line.hangUp()), this.unregister()])
    await Promise.race([farewell.catch(() => {}), pause(1_000)])
    this.vanish()
  }

  changed(line: Line, what: EventKind): void {
    if (what === 'ended') this.#lines.delete(line)
    this.#inbox.put(what, line)
  }

  callFor(line: Line, target: string, replaces: string | undefined): Promise<Line> {
    return this.call(target, { tone: line.media.stream.voice, ...(replaces === undefined ? {} : { replaces }) })
  }

  /** Audio for a new line. */
  async openMedia(said: number | Voice | undefined = this.options.tone): Promise<MediaSession> {
    const voice = typeof said === 'object' ? said : tone(said ?? 1_000)
    const { keepSeconds, codec, srtp = false } = this.options
    const stream = await RtpStream.open(this.host, { voice, ...(keepSeconds === undefined ? {} : { keepSeconds }) })
    return new MediaSession(stream, { host: this.host, codecs: codec === undefined ? ['PCMU', 'PCMA'] : [codec], srtp })
  }

  async #newCall(number: string, options: CallOptions): Promise<{ dialog: Dialog; media: MediaSession }> {
    const { server, user, displayName, realm = server.host } = this.options
    const isUri = /^sips?:/.test(number)
    const name = options.displayName ?? displayName
    const target = isUri ? number : `sip:${userPart(number)}@${hostPort(server)}`
    const from = `<sip:${userPart(options.from ?? user)}@${bracketed(realm)}>`
    const dialog = new Dialog({
      callId: newCallId(),
      local: name === undefined ? from : `"${name.replace(/["\\]/g, '\\$&')}" ${from}`,
      remote: `<${isUri ? number.split(';')[0] : `sip:${userPart(number)}@${bracketed(realm)}`}>`,
      contact: this.uri,
      target,
    })
    return { dialog, media: await this.openMedia(options.tone) }
  }

  async #registerFor(expiresS: number): Promise<number> {
    const { server, user, realm = server.host } = this.options
    const own = `<sip:${userPart(user)}@${bracketed(realm)}>`
    const target = `sip:${hostPort(server)}`
    this.#registration ??= new Dialog({ callId: newCallId(), local: own, remote: own, contact: this.uri, target })
    const content = { fields: [['Expires', String(expiresS)]] as const }
    const { response } = await ask(this.core, this.#registration, { method: 'REGISTER', content })
    if (statusOf(response) === 423 && expiresS > 0) return this.#registerFor(Number(field(response, 'min-expires') ?? 3_600))
    if (statusOf(response) === 200 && expiresS > 0) this.#refreshIn(expiresS * 500)
    return statusOf(response)
  }

  #refreshIn(ms: number): void {
    clearTimeout(this.#refresh)
    const again = () => void this.#registerFor(this.options.expiresS ?? 3_600)
    this.#refresh = setTimeout(again, ms).unref()
  }

  #lineOf(message: SipMessage): Line | undefined {
    return this.lines.find((line) => line.dialog.callId === field(message, 'call-id'))
  }
}

function openWire({ transport = 'UDP', server, listen = { host: server.host, port: 0 } }: PhoneOptions, receive: Receive): Promise<Wire> {
  switch (transport) {
    case 'UDP':
      return openUdp(listen, receive)
    case 'TCP':
      return openTcp(server, receive)
    case 'TLS':
      return openTls(server, receive)
    default:
      return openWebSocket(transport, server, receive)
  }
}

/** The number in the user part of a URI. */
export const numberIn = (uri: string): string => uriParts(uri).user
