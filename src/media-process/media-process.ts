/**
 * Wires the media engine to sockets, clock and control. Control may die and come back: audio does not notice. Of two processes on one path
 * one is active and the other its standby (`Terms`, `Successor`, `Standby`).
 */
import { rmSync } from 'node:fs'
import type { Log } from '../kernel/log.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import { type EngineOrder, MediaEngine } from '../media/engine.ts'
import type { Leg } from '../media/leg.ts'
import type { RecordOrder } from '../media/protocol.ts'
import { Tenure } from '../media/tenure.ts'
import { clockOrigin, now } from './clock.ts'
import { ControlServer } from './control-server.ts'
import { newBlockCipher, systemRandom } from './crypto.ts'
import { canonicalEndpoint, LegSockets } from './leg-sockets.ts'
import type { Reign, Told } from './legacy-frames.ts'
import { PortPool, type PortRange } from './port-pool.ts'
import { RecordingWriter } from './recording-writer.ts'
import { type Inherited, Standby } from './standby.ts'
import { Successor } from './successor.ts'
import { ourselves, Terms } from './terms.ts'
import { warmUp } from './warm-up.ts'

const tickMs = 5

export interface MediaProcessOptions {
  readonly socketPath: string
  readonly addresses: { readonly 4?: string; readonly 6?: string }
  readonly ports: PortRange
  /** Until a `hello` says otherwise. */
  readonly leaseMs: number
  readonly country?: string
  readonly holdMusic?: Int16Array
  /** Folder for recordings; absent: nothing is recorded. */
  readonly recordings?: string
  readonly log: Log
  /** The active process has ended of its own will, and this one is its standby. */
  readonly onPredecessorEnded?: () => void
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
  readonly #server: ControlServer
  readonly #successor: Successor
  readonly #recordings = new Map<string, RecordOrder>()
  #writer: RecordingWriter | undefined
  #standby: Standby | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: MediaProcessOptions, role: 'active' | 'standby') {
    const { log, socketPath, country, holdMusic } = options
    this.#options = options
    this.#tenure = new Tenure(options.leaseMs)
    this.#sockets = new LegSockets(
      {
        pool: new PortPool(options.ports),
        addresses: options.addresses,
        now,
        log,
        onRtp: (slot, packet, from) => this.engine.receive(now(), slot, packet, from),
        onRtcp: (slot, packet, from) => this.engine.receiveRtcp(now(), slot, packet, from),
        onPeer: (slot, peer) => this.#successor.tell({ kind: 'peer', slot, peer }),
      },
      role === 'active' ? 'active' : 'dormant',
    )
    this.#server = new ControlServer({
      path: socketPath,
      tenure: this.#tenure,
      now,
      log,
      onOrder: (order) => this.#carryOut(order),
      onClaimed: () => this.#tellReign(),
    })
    this.engine = new MediaEngine({
      wire: {
        open: (slot, family) => this.#sockets.open(slot, family),
        close: (slot) => this.#close(slot),
        emit: (event) => this.#server.emit(event),
      },
      random: systemRandom,
      newCipher: newBlockCipher,
      ...(country === undefined ? {} : { country }),
      ...(holdMusic === undefined ? {} : { holdMusic }),
      ...(options.recordings === undefined ? {} : { record: (word) => this.#writer?.say(word) }),
      onHorizon: (leg) => this.#successor.tellNow(now(), leg),
    })
    this.#successor = new Successor({ path: `${socketPath}.standby`, engine: this.engine, tickMs, held: () => this.#held(), log })
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
  }

  standBy(terms: Terms): void {
    warmUp()
    this.#standby = new Standby({
      path: `${this.#options.socketPath}.standby`,
      engine: this.engine,
      adopt: (slot, local) => this.#sockets.adopt(slot, local),
      terms,
      log: this.#options.log,
      onSuccession: (inherited) => this.#succeed(inherited),
      onEnded: () => this.#options.onPredecessorEnded?.(),
    })
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
    this.#tenure.inherit(at, reign)
    this.#sockets.deliver(heardAt)
    this.#startTicking()
    setImmediate(() => void this.#settleIn(recordings))
  }

  async #settleIn(recordings: readonly RecordOrder[]): Promise<void> {
    this.#sockets.bindControl()
    rmSync(this.#options.socketPath, { force: true })
    await this.#openDoors()
    this.#startWriter()
    for (const order of recordings) if (order.state !== 'off') this.#carryOut(order)
  }

  async #openDoors(): Promise<void> {
    await this.#server.listen()
    await this.#successor.listen()
  }

  #startTicking(): void {
    this.#timer = setInterval(() => this.#tick(), tickMs)
  }

  #startWriter(): void {
    const { recordings: root, log } = this.#options
    if (root === undefined) return
    this.#writer = new RecordingWriter({ root, log, onOutcome: (outcome) => this.engine.recorded(now(), outcome) })
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

  #close(slot: number): void {
    this.#sockets.close(slot)
    this.#successor.tell({ kind: 'closed', slot })
  }

  #carryOut(order: EngineOrder): void {
    const known = canonical(order)
    if (known === undefined) {
      const leg = order.kind === 'set-leg' ? order.leg : undefined
      if (leg !== undefined) this.#server.emit({ kind: 'leg-failed', leg, why: 'the remote address is no IP address' })
      return
    }
    if (changesWhatIs(known)) this.#successor.tell({ kind: 'order', order: known })
    if (known.kind === 'record') this.#noteRecording(known)
    this.engine.order(now(), known)
    const opened: Leg | undefined = known.kind === 'open-leg' ? this.engine.legs.byId.get(known.leg) : undefined
    if (opened !== undefined) this.#successor.tell({ kind: 'leg', leg: opened.held() })
    if (known.kind === 'close-bridge') this.#forgetRecordings(known.bridge)
  }

  #noteRecording(order: RecordOrder): void {
    if (order.state === 'off') this.#recordings.delete(order.recording)
    else this.#recordings.set(order.recording, order)
  }

  #forgetRecordings(bridge: RecordOrder['bridge']): void {
    for (const order of this.#recordings.values()) if (order.bridge === bridge) this.#recordings.delete(order.recording)
  }

  #held(): Told {
    const held = { ...this.engine.held(), recordings: [...this.#recordings.values()] }
    return { kind: 'held', by: ourselves(), clockOrigin: clockOrigin(), reign: this.#reign(), held }
  }

  #reign(): Reign {
    const { epoch, leaseMs, held } = this.#tenure
    return { epoch, leaseMs, held }
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
