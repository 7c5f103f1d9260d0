/** The embedded engine between a SIP layer and a media process that do what a test tells them: every crossing can be played. */
import type { Effect } from '../src/call/effect.ts'
import type { LegRow } from '../src/call/matrix.ts'
import { EmbeddedEngine } from '../src/engine/embedded/embedded-engine.ts'
import type { EngineChange } from '../src/engine/embedded/memory.ts'
import type { EngineOutput } from '../src/engine/embedded/output.ts'
import type { EngineEvent } from '../src/engine/port.ts'
import { accountId, callId, type LegId, legId } from '../src/kernel/ids.ts'
import { type Instant, instant } from '../src/kernel/time.ts'
import type { MediaEvent, MediaOrder } from '../src/media/protocol.ts'
import type {
  Flow,
  HangUpCause,
  Invitation,
  Output,
  ResolveAnswer,
  SipChange,
  SipDoor,
  SipEvent,
  TrunkSettings,
  UserAgentSettings,
} from '../src/sip/door.ts'
import { SeededRandom } from './random.ts'

export const account = accountId('12440011')
export const mainCall = callId('c1')
const flow: Flow = { id: 'u', transport: 'UDP', local: { address: '127.0.0.1', port: 5060 }, remote: { address: '127.0.0.1', port: 5062 } }

/** What was asked of the SIP layer, as one line each: `answer a`, `refuse a 488`. */
export class ScriptedDoor implements SipDoor {
  readonly asked: string[] = []
  readonly invitations: Invitation[] = []
  readonly causes: HangUpCause[] = []
  /** The description that was handed over last. */
  sdp = ''
  /** What `receive` brings next. */
  next: readonly SipEvent[] = []
  due: Instant | undefined

  start(): readonly Output[] {
    return this.#note('start')
  }
  /** Sessions go on as a test says by `live`. */
  restore(): readonly Output[] {
    return [...this.#note('restore'), ...this.receive()]
  }
  changes(): readonly SipChange[] {
    return []
  }
  live: readonly LegId[] = []
  sessions(): Iterable<LegId> {
    return this.live
  }
  configure(_at: Instant, settings: UserAgentSettings): readonly Output[] {
    return this.#note(`configure ${settings.extensions.length}`)
  }
  receive(): readonly Output[] {
    return this.next.map((event) => ({ kind: 'event', event }))
  }
  flowOpened(_at: Instant, id: string): readonly Output[] {
    return this.#note(`flow-opened ${id}`)
  }
  flowFailed(_at: Instant, id: string): readonly Output[] {
    return this.#note(`flow-failed ${id}`)
  }
  flowClosed(_at: Instant, { id }: Flow): readonly Output[] {
    return this.#note(`flow-closed ${id}`)
  }
  resolved(_at: Instant, id: string, _answers: readonly ResolveAnswer[]): readonly Output[] {
    return this.#note(`resolved ${id}`)
  }
  wake(): readonly Output[] {
    this.due = undefined
    return this.#note('wake')
  }
  deadline(): Instant | undefined {
    return this.due
  }
  invite(_at: Instant, invitation: Invitation): readonly Output[] {
    this.invitations.push(invitation)
    this.sdp = invitation.sdp ?? ''
    return this.#note(`invite ${invitation.session}`)
  }
  ring(_at: Instant, session: LegId, { status }: { readonly status: number }): readonly Output[] {
    return this.#note(`ring ${session} ${status}`)
  }
  answer(_at: Instant, session: LegId, sdp: string): readonly Output[] {
    this.sdp = sdp
    return this.#note(`answer ${session}`)
  }
  refuse(_at: Instant, session: LegId, status: number): readonly Output[] {
    return [...this.#note(`refuse ${session} ${status}`), localEnd(session)]
  }
  /** Like the real one: the session's last word is among the outputs. */
  hangUp(_at: Instant, session: LegId, cause: HangUpCause = {}): readonly Output[] {
    this.causes.push(cause)
    return [...this.#note(`hang-up ${session}`), localEnd(session)]
  }
  offer(_at: Instant, session: LegId, sdp: string): readonly Output[] {
    this.sdp = sdp
    return this.#note(`offer ${session}`)
  }
  answerOffer(_at: Instant, session: LegId, sdp: string): readonly Output[] {
    this.sdp = sdp
    return this.#note(`answer-offer ${session}`)
  }
  refuseOffer(_at: Instant, session: LegId, status: number): readonly Output[] {
    return this.#note(`refuse-offer ${session} ${status}`)
  }
  acceptTransfer(_at: Instant, session: LegId, transfer: string): readonly Output[] {
    return this.#note(`accept-transfer ${session} ${transfer}`)
  }
  refuseTransfer(_at: Instant, session: LegId, transfer: string, status: number): readonly Output[] {
    return this.#note(`refuse-transfer ${session} ${transfer} ${status}`)
  }
  transferProgress(_at: Instant, session: LegId, transfer: string, status: number): readonly Output[] {
    return this.#note(`transfer-progress ${session} ${transfer} ${status}`)
  }
  probe(_at: Instant, session: LegId): readonly Output[] {
    return this.#note(`probe ${session}`)
  }
  sendDtmf(_at: Instant, session: LegId, digit: string): readonly Output[] {
    return this.#note(`info ${session} ${digit}`)
  }
  stop(): readonly Output[] {
    return this.#note('stop')
  }

  #note(what: string): readonly Output[] {
    this.asked.push(what)
    return []
  }
}

const localEnd = (session: LegId): Output => ({ kind: 'event', event: { kind: 'ended', session, by: 'local' } })

export interface ScriptOptions {
  readonly trunks?: readonly TrunkSettings[]
  readonly fixedContact?: string
  /** Without a media process: `joinMedia` brings it. */
  readonly withoutMedia?: boolean
}

export class EngineScript {
  door = new ScriptedDoor()
  engine: EmbeddedEngine
  readonly #userAgent: UserAgentSettings
  readonly #log: string[] = []
  at = instant(1_800_000_000_000)
  readonly events: EngineEvent[] = []
  readonly media: MediaOrder[] = []
  readonly outputs: EngineOutput[] = []

  constructor(options: ScriptOptions = {}) {
    const { trunks = [], fixedContact } = options
    const extension = { account, number: '299', password: 'x', ...(fixedContact !== undefined && { contact: fixedContact }) }
    const userAgent = { listen: [], realm: 'sotto.test', product: 'Sotto test', extensions: [extension], trunks }
    this.#userAgent = userAgent
    this.engine = new EmbeddedEngine(this.door, { userAgent }, new SeededRandom(1), 7)
    if (options.withoutMedia !== true) this.joinMedia()
  }

  /** The media process comes, with whatever it holds. */
  joinMedia(inventory: Omit<Extract<MediaEvent, { kind: 'inventory' }>, 'kind'> = { legs: [], bridges: [] }): void {
    this.#take(this.engine.mediaConnected(this.at))
    this.mediaSays({ kind: 'welcome', pid: 1, epoch: 7, fenced: false })
    this.mediaSays({ kind: 'inventory', ...inventory })
  }

  remembered(): readonly EngineChange[] {
    const changes = this.engine.changes()
    for (const change of changes) this.#log.push(JSON.stringify(change))
    return changes
  }

  /** The process dies. In the next one the SIP layer has these sessions, and tells the end of others. */
  restart(sessions: readonly LegId[], ended: readonly LegId[] = []): void {
    this.remembered()
    this.forget()
    this.door = new ScriptedDoor()
    this.door.live = sessions
    this.door.next = ended.map((session) => ({ kind: 'ended', session, by: 'fault', status: 503 }))
    this.engine = new EmbeddedEngine(this.door, { userAgent: this.#userAgent }, new SeededRandom(2), 8)
    const before = this.#log.map((line) => JSON.parse(line) as EngineChange)
    this.#take(this.engine.restore(this.at, before))
  }

  loseMedia(): void {
    this.#take(this.engine.mediaDisconnected(this.at))
  }

  mediaSays(event: MediaEvent): void {
    this.#take(this.engine.mediaEvent(this.at, event))
  }

  sipSays(...events: readonly SipEvent[]): void {
    this.door.next = events
    this.#take(this.engine.receive(this.at, new Uint8Array(), flow))
  }

  order(effect: Exclude<Effect, { kind: 'seek-agent' }>, call = mainCall): void {
    this.#take(this.engine.order(this.at, { call, account, effect }))
  }

  rewire(revision: number, rows: readonly LegRow[], call = mainCall): void {
    this.order({ kind: 'rewire', revision, rows }, call)
  }

  do(outputs: readonly EngineOutput[]): void {
    this.#take(outputs)
  }

  /** Since the last look. */
  takeEvents(): readonly EngineEvent[] {
    return this.events.splice(0)
  }

  takeMedia(): readonly MediaOrder[] {
    return this.media.splice(0)
  }

  takeAsked(): readonly string[] {
    return this.door.asked.splice(0)
  }

  /** What has been seen so far is of no interest. */
  forget(): this {
    this.takeEvents()
    this.takeMedia()
    this.takeAsked()
    this.outputs.length = 0
    return this
  }

  invite(leg: string, voice: 'core' | 'supervisor' = 'core', extension = '211', call = mainCall): LegId {
    const to = { kind: 'extension', account, extension, mayBeMonitored: true } as const
    this.order({ kind: 'invite', leg: legId(leg), to, from: { number: '210', name: 'Ann' }, voice, autoAnswer: false }, call)
    return legId(leg)
  }

  opened(leg: string, port = 20_000): void {
    this.mediaSays({ kind: 'leg-opened', leg: legId(leg), local: { address: '127.0.0.1', port } })
  }

  /** A leg that we called and that talks. */
  connected(
    leg: string,
    how: { readonly voice?: 'core' | 'supervisor'; readonly call?: typeof mainCall; readonly sdp?: string } = {},
  ): LegId {
    const id = this.invite(leg, how.voice ?? 'core', '211', how.call ?? mainCall)
    this.opened(leg)
    this.sipSays({ kind: 'answered', session: id, sdpIs: 'answer', sdp: how.sdp ?? phoneSdp() })
    return id
  }

  offered(leg: string, sdp: string | undefined = phoneSdp()): LegId {
    this.sipSays(offeredEvent(leg, sdp))
    return legId(leg)
  }

  #take(outputs: readonly EngineOutput[]): void {
    for (const output of outputs) {
      this.outputs.push(output)
      if (output.kind === 'event') this.events.push(output.event)
      if (output.kind === 'media') this.media.push(output.order)
    }
  }
}

export function offeredEvent(leg: string, sdp: string | undefined, replaces?: string): SipEvent {
  return {
    kind: 'offered',
    session: legId(leg),
    source: { kind: 'extension', account, number: '210' },
    to: '211',
    from: { number: '210', displayName: 'Ann', anonymous: false },
    ...(sdp !== undefined && { sdp }),
    ...(replaces !== undefined && { replaces: legId(replaces) }),
  }
}

export interface PhoneSdp {
  readonly codecs?: readonly number[]
  readonly direction?: string
  readonly address?: string
  readonly port?: number
  readonly events?: boolean
  readonly srtp?: boolean
  readonly protocol?: string
}

/** What a phone says of its audio. */
export function phoneSdp(of: PhoneSdp = {}): string {
  const { codecs = [0, 8], direction = 'sendrecv', address = '192.0.2.7', port = 4_000, events = true, srtp = false } = of
  const protocol = of.protocol ?? (srtp ? 'RTP/SAVP' : 'RTP/AVP')
  const ip = address.includes(':') ? 'IP6' : 'IP4'
  return [
    'v=0',
    `o=- 1 1 IN ${ip} ${address}`,
    's=-',
    `c=IN ${ip} ${address}`,
    't=0 0',
    `m=audio ${port} ${protocol} ${[...codecs, ...(events ? [101] : [])].join(' ')}`,
    ...(events ? ['a=rtpmap:101 telephone-event/8000'] : []),
    ...(srtp ? [`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${'B'.repeat(40)}`] : []),
    `a=${direction}`,
    '',
  ].join('\r\n')
}
