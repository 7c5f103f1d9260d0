/**
 * Wires the media engine to sockets, clock and control. Control may die and come back: audio does not notice. Of two processes on one path
 * one is active and the other its standby (`Terms`, `Successor`, `Standby`).
 */
import { rmSync } from 'node:fs'
import { handoverForm } from '../kernel/launch.ts'
import type { Log } from '../kernel/log.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import { type EngineOrder, MediaEngine } from '../media/engine.ts'
import type { Leg } from '../media/leg.ts'
import type { Endpoint, MediaEvent } from '../media/protocol.ts'
import type { RecordOutcome } from '../media/record-words.ts'
import { Tenure } from '../media/tenure.ts'
import { clockOrigin, now } from './clock.ts'
import { ControlServer } from './control-server.ts'
import { newBlockCipher, systemRandom } from './crypto.ts'
import { HeldRecordings, type OrderedRecording } from './held-recordings.ts'
import { canonicalEndpoint, LegSockets } from './leg-sockets.ts'
import type { Reign, Told } from './legacy-frames.ts'
import { PortPool, type PortRange } from './port-pool.ts'
import { RecordingWriter } from './recording-writer.ts'
import { type Inherited, Standby } from './standby.ts'
import { Successor } from './successor.ts'
import { ourselves, Terms } from './terms.ts'
import { warmUp } from './warm-up.ts'
import { type DescribeLeg, WebRtcLegs, type WebRtcSettings } from './webrtc-legs.ts'

const tickMs = 5
/** Loading what browsers need stops everything for a blink: not while we begin, and not when somebody waits for it. */
const webrtcWarmUpMs = 1_000

export interface MediaProcessOptions {
  readonly socketPath: string
  readonly addresses: { readonly 4?: string; readonly 6?: string }
  readonly ports: PortRange
  readonly webrtc?: WebRtcSettings
  /** Until a `hello` says otherwise. */
  readonly leaseMs: number
  readonly country?: string
  readonly holdMusic?: Int16Array
  readonly announcements?: ReadonlyMap<string, Int16Array>
  /** Folder for recordings; absent: nothing is recorded. */
  readonly recordings?: string
  readonly log: Log
  /** The active process has ended of its own will, and this one is its standby. */
  readonly onPredecessorEnded?: () => void
  /** It serves, or holds all that the active one does. */
  readonly onReady?: (as: 'active' | 'standby') => void
  /** The active process is of a version whose legacy this one cannot take. */
  readonly onForeign?: () => void
}

/** Resolves when this process is active, or holds itself ready to be. */
export async function startMediaProcess(options: MediaProcessOptions): Promise<MediaProcess> {
  const terms = new Terms(`${options.socketPath}.terms`)
  const isActive = terms.claim('right')
  if (isActive) await terms.fence()
  const media = new MediaProcess(options, isActive ? 'active' : 'standby')
  if (isActive) await media.serve()
  else media.standBy(terms)
  return media
}

export class MediaProcess {
  readonly engine: MediaEngine
  readonly #options: MediaProcessOptions
  readonly #tenure: Tenure
  readonly #sockets: LegSockets
  readonly #webrtc: WebRtcLegs
  readonly #server: ControlServer
  readonly #successor: Successor
  readonly #recordings = new HeldRecordings()
  #writer: RecordingWriter | undefined
  #standby: Standby | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: MediaProcessOptions, role: 'active' | 'standby') {
    const { log, socketPath, addresses } = options
    const pool = new PortPool(options.ports)
    const arrival = {
      onRtp: (slot: number, packet: Uint8Array, from: Endpoint) => this.engine.receive(now(), slot, packet, from),
      onRtcp: (slot: number, packet: Uint8Array, from: Endpoint) => this.engine.receiveRtcp(now(), slot, packet, from),
    }
    this.#options = options
    this.#tenure = new Tenure(options.leaseMs)
    this.#sockets = new LegSockets(
      { ...arrival, pool, addresses, now, log, onPeer: (slot, peer) => this.#successor.tell({ kind: 'peer', slot, peer }) },
      role === 'active' ? 'active' : 'dormant',
    )
    this.#webrtc = new WebRtcLegs({
      ...{ ...arrival, pool, now, log, settings: options.webrtc ?? {}, address: addresses[4] ?? addresses[6] ?? '' },
      emit: (event) => this.#server.emit(event),
      onUnopened: (leg) => this.engine.order(now(), { kind: 'close-leg', leg }),
    })
    this.#server = new ControlServer({
      path: socketPath,
      tenure: this.#tenure,
      now,
      log,
      onOrder: (order) => this.#carryOut(order),
      onVouched: () => this.#tellReign(),
    })
    this.engine = this.#newEngine(options)
    this.#successor = new Successor({ path: `${socketPath}.standby`, engine: this.engine, tickMs, held: () => this.#held(), log })
    setTimeout(() => void this.#webrtc.warmUp(), webrtcWarmUpMs).unref()
  }

  #newEngine({ country, holdMusic, announcements, recordings }: MediaProcessOptions): MediaEngine {
    return new MediaEngine({
      wire: {
        open: (slot, order, ssrc) =>
          order.webrtc === undefined ? this.#sockets.open(slot, order.family) : this.#webrtc.open(slot, order, ssrc),
        close: (slot) => this.#close(slot),
        emit: (event) => this.#emit(event),
      },
      random: systemRandom,
      newCipher: newBlockCipher,
      ...{ country, holdMusic, announcements },
      ...(recordings === undefined ? {} : { record: (word) => this.#writer?.say(word) }),
      onRecordingBegun: () => this.#tellRecordings(),
      onHorizon: (leg) => this.#successor.tellNow(now(), leg),
    })
  }

  /** Whether calls live here that a control process still commands. */
  isNeeded(): boolean {
    return this.#standby !== undefined || (this.engine.legCount > 0 && this.#tenure.held)
  }

  async serve(): Promise<void> {
    // A process that was killed leaves its socket behind.
    rmSync(this.#options.socketPath, { force: true })
    this.#startWriter()
    this.#startTicking()
    await this.#openDoors()
    this.#options.onReady?.('active')
  }

  standBy(terms: Terms): void {
    warmUp()
    this.#standby = new Standby({
      path: `${this.#options.socketPath}.standby`,
      engine: this.engine,
      adopt: (leg) => (leg.webrtc === undefined ? this.#sockets.adopt(leg.slot, leg.local) : this.#webrtc.adopt(leg)),
      terms,
      log: this.#options.log,
      onSuccession: (inherited) => this.#succeed(inherited),
      onReady: () => this.#options.onReady?.('standby'),
      onEnded: () => this.#options.onPredecessorEnded?.(),
      onForeign: () => this.#options.onForeign?.(),
    })
  }

  /** A standby that is told to does not wait for the active one to die. */
  takeOver(): void {
    this.#standby?.takeOver()
  }

  /** Resolves when recordings are on the disk and control has been told: true if the path was ours. */
  async close(): Promise<boolean> {
    if (this.#standby !== undefined) {
      this.#standby.stop()
      return false
    }
    clearInterval(this.#timer)
    this.engine.close(now())
    this.#successor.close()
    await this.#writer?.close()
    this.#server.close()
    return true
  }

  /** Audio first: everything else can wait for some milliseconds. */
  #succeed({ reign, recordings, heardAt }: Inherited): void {
    const at = now()
    this.#standby?.restore(at, addMs(heardAt, tickMs))
    this.#standby = undefined
    this.#sockets.awake()
    this.#tenure.inherit(reign)
    this.#sockets.deliver(heardAt)
    this.#startTicking()
    setImmediate(() => void this.#settleIn(recordings))
  }

  async #settleIn(recordings: readonly OrderedRecording[]): Promise<void> {
    this.#sockets.bindControl()
    this.#goOnRecording(recordings.filter(({ order }) => order.state !== 'off'))
    rmSync(this.#options.socketPath, { force: true })
    await this.#openDoors()
    this.#options.onReady?.('active')
  }

  #goOnRecording(recordings: readonly OrderedRecording[]): void {
    this.#startWriter(recordings.flatMap(({ order, begunAt }) => (begunAt === undefined ? [] : [order.recording])))
    for (const { order, begunAt } of recordings) {
      this.#recordings.ordered(order)
      if (begunAt === undefined) this.engine.order(now(), order)
      else this.engine.recordings.goOn(now(), { order, begunAt })
    }
    this.#tellRecordings()
  }

  async #openDoors(): Promise<void> {
    await this.#server.listen()
    await this.#successor.listen()
  }

  #startTicking(): void {
    this.#timer = setInterval(() => this.#tick(), tickMs)
  }

  #startWriter(goingOn: readonly string[] = []): void {
    const { recordings: root, log } = this.#options
    if (root === undefined) return
    const onOutcome = (outcome: RecordOutcome | undefined) => {
      this.engine.recorded(now(), outcome)
      this.#tellRecordings()
    }
    this.#writer = new RecordingWriter({ root, goingOn, log, onOutcome })
  }

  #tick(): void {
    const at = now()
    if (this.#tenure.lapsed(at)) this.#lapse(at)
    this.engine.tick(at)
    this.#successor.tick(at)
  }

  #lapse(at: Instant): void {
    this.engine.cutSupervisors(at)
    this.#successor.tell({ kind: 'cut', at })
    this.#tellReign()
  }

  /** Who is told that a matrix is in force may rely on it: a successor must not begin with the one before. */
  #emit(event: MediaEvent): void {
    if (event.kind === 'rewired') this.#successor.whenTold(() => this.#server.emit(event))
    else this.#server.emit(event)
  }

  #close(slot: number): void {
    this.#sockets.close(slot)
    this.#webrtc.close(slot)
    this.#successor.tell({ kind: 'closed', slot })
  }

  #carryOut(order: EngineOrder | DescribeLeg): void {
    if (order.kind === 'describe-leg') return this.#webrtc.describe(order)
    if (order.kind === 'open-leg' && this.#webrtc.renew(order)) return
    const known = canonical(order)
    if (known === undefined) {
      const leg = order.kind === 'set-leg' ? order.leg : undefined
      if (leg !== undefined) this.#server.emit({ kind: 'leg-failed', leg, why: 'the remote address is no IP address' })
      return
    }
    if (changesWhatIs(known)) this.#successor.tell({ kind: 'order', order: known })
    if (known.kind === 'record') this.#recordings.ordered(known)
    this.engine.order(now(), known)
    const opened: Leg | undefined = known.kind === 'open-leg' ? this.engine.legs.byId.get(known.leg) : undefined
    if (opened !== undefined) this.#successor.tell({ kind: 'leg', leg: opened.held() })
    if (known.kind === 'record' || known.kind === 'close-bridge') this.#tellRecordings()
    if (known.kind === 'list') this.#webrtc.tellLost()
  }

  /** Those that have begun or ended. */
  #tellRecordings(): void {
    const changes = this.#recordings.compare((recording) => this.engine.recordings.standing(recording))
    for (const change of changes) this.#successor.tell({ kind: 'recording', ...change })
  }

  #held(): Told {
    const held = { ...this.engine.held(), recordings: this.#recordings.running }
    return { kind: 'held', form: handoverForm, by: ourselves(), clockOrigin: clockOrigin(), reign: this.#reign(), held }
  }

  #reign(): Reign {
    const { epoch, leaseMs, until } = this.#tenure
    return { epoch, leaseMs, ...(until === undefined ? {} : { until }) }
  }

  #tellReign(): void {
    this.#successor.tell({ kind: 'reign', reign: this.#reign() })
  }
}

/** Ports are told when they are bound and when they are free again; what is asked or played once is nobody's legacy. */
const changesWhatIs = ({ kind }: EngineOrder): boolean =>
  kind === 'set-leg' || kind === 'set-voice' || kind === 'rewire' || kind === 'close-bridge' || kind === 'record'

/** Undefined: the address that it names is none. */
function canonical(order: EngineOrder): EngineOrder | undefined {
  if (order.kind !== 'set-leg') return order
  const { remote, remoteRtcp, ...media } = order.media
  const rtp = canonicalEndpoint(remote)
  const rtcp = remoteRtcp && canonicalEndpoint(remoteRtcp)
  if (rtp === undefined) return undefined
  return { ...order, media: { ...media, remote: rtp, ...(rtcp === undefined ? {} : { remoteRtcp: rtcp }) } }
}
