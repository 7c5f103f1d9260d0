/**
 * Entry of a media process, started by the launcher:
 *   node src/media-process/main.ts --socket PATH --address IPV4 [--address6 IPV6] [--ports 20000-29999] [--lease 10000] [--country DE] [--hold-music FILE] [--recordings FOLDER] [--announcement FILE]...
 *     [--webrtc-port PORT] [--advertise ADDRESS] [--ice-server stun:HOST:PORT]...
 * A larger young generation (`node --max-semi-space-size=32`) spares a sixth of the processor time: every datagram is a short-lived object.
 */
import { readFileSync, rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import pino from 'pino'
import type { ChildMessage } from '../kernel/launch.ts'
import { limits } from '../kernel/limits.ts'
import { wavLoop } from '../media/wav.ts'
import { startMediaProcess } from './media-process.ts'
import type { PortRange } from './port-pool.ts'

const log = pino({ name: 'media' }, pino.destination({ fd: 2, sync: true }))

const { values } = parseArgs({
  options: {
    socket: { type: 'string' },
    address: { type: 'string' },
    address6: { type: 'string' },
    ports: { type: 'string', default: '20000-29999' },
    lease: { type: 'string', default: String(limits.mediaLeaseMs) },
    country: { type: 'string' },
    'hold-music': { type: 'string' },
    recordings: { type: 'string' },
    'webrtc-port': { type: 'string' },
    advertise: { type: 'string' },
    announcement: { type: 'string', multiple: true, default: [] },
    'ice-server': { type: 'string', multiple: true, default: [] },
  },
})

const socketPath = required(values.socket, '--socket')

/** The launcher has gone. */
let isOrphan = false
let looking: NodeJS.Timeout | undefined

const media = await startMediaProcess({
  socketPath,
  addresses: { ...(values.address && { 4: values.address }), ...(values.address6 && { 6: values.address6 }) },
  ports: portRange(values.ports),
  webrtc: {
    ...(values['webrtc-port'] && { port: Number(values['webrtc-port']) }),
    ...(values.advertise && { advertised: values.advertise }),
    iceServers: values['ice-server'],
  },
  leaseMs: Number(values.lease),
  ...(values.country && { country: values.country }),
  ...(values.recordings && { recordings: values.recordings }),
  ...musicFrom(values['hold-music']),
  announcements: announcementsFrom(values.announcement),
  log,
  onReady: (as) => tellLauncher({ kind: 'ready', as }),
  onForeign: () => {
    log.error({}, 'the active media process is of a version whose calls this one cannot take over')
    process.exit(1)
  },
  onPredecessorEnded: () => {
    if (!process.connected && isOrphan) void stop()
  },
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop())
process.on('SIGUSR2', () => media.takeOver())
process.once('disconnect', orphaned)
process.on('uncaughtException', (bug) => log.error({ bug: bug.stack }, 'bug'))

async function stop(): Promise<void> {
  clearInterval(looking)
  if (await media.close()) rmSync(socketPath, { force: true })
  // An open channel would keep the process alive.
  process.off('disconnect', orphaned)
  if (process.connected) process.disconnect()
}

/** The launcher is gone, so that nobody will bring control back once it has ended: audio goes on for the calls that it still drains. */
function orphaned(): void {
  isOrphan = true
  looking = setInterval(() => {
    if (!media.isNeeded()) void stop()
  }, 500)
}

function tellLauncher(message: ChildMessage): void {
  if (process.send !== undefined && process.connected) process.send(message, undefined, undefined, () => undefined)
}

function portRange(text: string): PortRange {
  const [from = 0, to = 0] = text.split('-').map(Number)
  if (!(from >= 1_024 && to <= 65_535 && to > from)) throw new Error(`--ports ${text}: expected FROM-TO between 1024 and 65535`)
  return { from, to }
}

/** A file that cannot be played is no reason to be without audio. */
function musicFrom(path: string | undefined): { readonly holdMusic?: Int16Array } {
  if (path === undefined) return {}
  const music = wavLoop(readFileSync(path))
  if (music.ok) return { holdMusic: music.value }
  log.warn({ path, why: music.error }, 'the hold music cannot be played; the built-in one is')
  return {}
}

/** Without its announcement nothing is recorded. */
function announcementsFrom(paths: readonly string[]): ReadonlyMap<string, Int16Array> {
  const read = paths.map((path) => ({ path, loop: wavLoop(readFileSync(path)) }))
  for (const { path, loop } of read) if (!loop.ok) log.error({ path, why: loop.error }, 'the announcement of recordings cannot be played')
  return new Map(read.flatMap(({ path, loop }) => (loop.ok ? [[path, loop.value] as const] : [])))
}

function required(value: string | undefined, name: string): string {
  if (value === undefined) throw new Error(`${name} is missing`)
  return value
}
