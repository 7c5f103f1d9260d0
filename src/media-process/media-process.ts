/** Wires the media engine to sockets, clock and control. Control may die and come back: audio does not notice. */
import type { Log } from '../kernel/log.ts'
import { type EngineOrder, MediaEngine } from '../media/engine.ts'
import { Tenure } from '../media/tenure.ts'
import { now } from './clock.ts'
import { ControlServer } from './control-server.ts'
import { newBlockCipher, systemRandom } from './crypto.ts'
import { canonicalEndpoint, LegSockets } from './leg-sockets.ts'
import { PortPool, type PortRange } from './port-pool.ts'
import { RecordingWriter } from './recording-writer.ts'

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
}

export interface MediaProcess {
  readonly engine: MediaEngine
  /** Whether calls live here that a control process still commands. */
  isNeeded(): boolean
  /** Resolves when recordings are on the disk and control has been told. */
  close(): Promise<void>
}

export async function startMediaProcess(options: MediaProcessOptions): Promise<MediaProcess> {
  const { log } = options
  const tenure = new Tenure(options.leaseMs)
  const sockets = new LegSockets({
    pool: new PortPool(options.ports),
    addresses: options.addresses,
    now,
    log,
    onRtp: (slot, packet, from) => engine.receive(now(), slot, packet, from),
    onRtcp: (slot, packet, from) => engine.receiveRtcp(now(), slot, packet, from),
  })
  const server: ControlServer = new ControlServer({
    path: options.socketPath,
    tenure,
    now,
    log,
    onOrder: (order) => carryOut(engine, server, order),
  })
  const writer = options.recordings === undefined ? undefined : recordingWriter(options.recordings)
  const engine: MediaEngine = new MediaEngine({
    wire: { open: (slot, family) => sockets.open(slot, family), close: (slot) => sockets.close(slot), emit: (event) => server.emit(event) },
    random: systemRandom,
    newCipher: newBlockCipher,
    ...(options.country === undefined ? {} : { country: options.country }),
    ...(options.holdMusic === undefined ? {} : { holdMusic: options.holdMusic }),
    ...(writer === undefined ? {} : { record: (word) => writer.say(word) }),
  })
  await server.listen()
  const timer = setInterval(() => tick(engine, tenure), tickMs)
  return { engine, isNeeded: () => engine.legCount > 0 && tenure.held, close: () => close(timer, { engine, server, writer }) }

  function recordingWriter(root: string): RecordingWriter {
    return new RecordingWriter({ root, log, onOutcome: (outcome) => engine.recorded(now(), outcome) })
  }
}

interface Parts {
  readonly engine: MediaEngine
  readonly server: ControlServer
  readonly writer: RecordingWriter | undefined
}

async function close(timer: NodeJS.Timeout, { engine, server, writer }: Parts): Promise<void> {
  clearInterval(timer)
  engine.close(now())
  await writer?.close()
  server.close()
}

function tick(engine: MediaEngine, tenure: Tenure): void {
  const at = now()
  if (tenure.lapsed(at)) engine.cutSupervisors(at)
  engine.tick(at)
}

function carryOut(engine: MediaEngine, server: ControlServer, order: EngineOrder): void {
  if (order.kind !== 'set-leg') return engine.order(now(), order)
  const { remote, remoteRtcp, ...media } = order.media
  const rtp = canonicalEndpoint(remote)
  const rtcp = remoteRtcp && canonicalEndpoint(remoteRtcp)
  if (rtp === undefined) return server.emit({ kind: 'leg-failed', leg: order.leg, why: 'the remote address is no IP address' })
  engine.order(now(), { ...order, media: { ...media, remote: rtp, ...(rtcp === undefined ? {} : { remoteRtcp: rtcp }) } })
}
