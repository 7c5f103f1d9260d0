/**
 * Load on a real media process over loopback: every leg speaks and listens, 50 packets a second each way.
 *   node bench/media-load.ts [--calls 400] [--kind whispered|plain] [--seconds 15] [--cpus 0,1] [--record] [--standby] [--profile]
 * The load's own lag, and how long either process waited for its core, are printed beside the figures: they mean nothing when these are large.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bridgeId, legId } from '../src/kernel/ids.ts'
import { encode } from '../src/media/g711.ts'
import type { LegMedia, Row } from '../src/media/protocol.ts'
import { RtpHeader, rtpHeaderBytes, uint16 } from '../src/media/rtp.ts'
import { type MediaChild, type MediaChildOptions, MediaControl, startMediaChild } from '../testkit/media-control.ts'

// Every datagram is a short-lived object here too: with the usual young generation the load would lag more than what it measures.
if (!process.execArgv.some((argument) => argument.startsWith('--max-semi-space-size'))) {
  const again = spawnSync(process.execPath, ['--max-semi-space-size=64', ...process.argv.slice(1)], { stdio: 'inherit' })
  process.exit(again.status ?? 1)
}

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '400' },
    kind: { type: 'string', default: 'whispered' },
    seconds: { type: 'string', default: '15' },
    cpus: { type: 'string', default: '0,1' },
    /** Every call, one file of each party and one of all. */
    record: { type: 'boolean', default: false },
    /** With a second process that would take over, as in production; on the load's core, where it does not disturb. */
    standby: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
})

const calls = Number(values.calls)
const measuredMs = Number(values.seconds) * 1_000
const warmUpMs = 3_000
const legsPerCall = values.kind === 'plain' ? 2 : 3
const legCount = calls * legsPerCall
const socketCount = 8
const frameMs = 20
const lateMs = 20
const [mediaCpu, ownCpu] = values.cpus.split(',')

/** One simulated phone. */
interface Phone {
  readonly index: number
  readonly socket: Socket
  readonly packet: Buffer
  readonly port: number
  /** Which phone's packets set the clock of what this one hears. */
  readonly main: number
  sequence: number
  timestamp: number
  sentAt: Float64Array
  /** Heard sequence minus the main talker's; learnt from the first packet. */
  offset: number | undefined
  firstHeard: number
  lastHeard: number
  heard: number
}

const header = new RtpHeader()
const delays = new Float32Array(4_000_000)
let delayCount = 0
let sent = 0
let late = 0
let worstLag = 0
let lags = 0
let measuring = false
let mediaCpuMs = 0
let mediaWaitedMs = 0
let ownWaitedMs = 0

execFileSync('taskset', ['-a', '-p', '-c', ownCpu ?? '1', String(process.pid)], { stdio: 'ignore' })
const recordings = mkdtempSync(join(tmpdir(), 'sotto-recordings-'))
const mediaOptions: MediaChildOptions = {
  ...(values.record ? { recordings } : {}),
  ports: '12000-19999',
  prefix: ['taskset', '-c', mediaCpu ?? '0'],
  nodeArguments: ['--max-semi-space-size=32', ...(values.profile ? ['--cpu-prof', '--cpu-prof-dir=/tmp'] : [])],
}
const child = await startMediaChild(mediaOptions)
const standby = values.standby ? await startStandby() : undefined
const control = await MediaControl.connect(child.socketPath)
await control.hello(1)
const sockets = await Promise.all(Array.from({ length: socketCount }, openSocket))
const phones: Phone[] = []
const byPort = new Map<number, Phone>()
for (let index = 0; index < legCount; index++) await openPhone(index)
for (let call = 0; call < calls; call++) await wire(call)
if (values.record) for (let call = 0; call < calls; call++) record(call)
await run()
if (values.record) await child.stop()
report()
control.close()
await standby?.stop()
if (!values.record) await child.stop()
for (const socket of sockets) socket.close()
rmSync(recordings, { recursive: true, force: true })

async function startStandby(): Promise<MediaChild> {
  const started = await startMediaChild({ ...mediaOptions, prefix: ['taskset', '-c', ownCpu ?? '1'], socketPath: child.socketPath })
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  return started
}

function openSocket(): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024, lookup: (host, _options, done) => done(null, host, 4) })
  socket.on('message', hear)
  return new Promise((resolve) => socket.bind(0, '127.0.0.1', () => resolve(socket)))
}

async function openPhone(index: number): Promise<void> {
  const role = index % legsPerCall
  const leg = legId(`l${index}`)
  const local = await control.openLeg(leg, { voice: role === 2 ? 'supervisor' : 'core' })
  const socket = sockets[index % socketCount]
  if (socket === undefined) throw new Error('no socket')
  control.send({ kind: 'set-leg', leg, media: mediaAt(socket.address().port) })
  const phone: Phone = {
    index,
    socket,
    packet: packetOf(400 + role * 150),
    port: local.port,
    // Customer 0 and agent 1 hear each other first of all; the supervisor 2 hears the agent first.
    main: index - role + (role === 1 ? 0 : 1),
    sequence: 0,
    timestamp: 0,
    sentAt: new Float64Array(128),
    offset: undefined,
    firstHeard: -1,
    lastHeard: -1,
    heard: 0,
  }
  phones.push(phone)
  byPort.set(local.port, phone)
}

function mediaAt(port: number): LegMedia {
  const remote = { address: '127.0.0.1', port }
  return { remote, rtcpMux: true, codec: 'PCMU', payloadType: 0, telephoneEvent: 101, ptimeMs: frameMs, direction: 'sendrecv' }
}

function packetOf(hertz: number): Buffer {
  const samples = Array.from({ length: 160 }, (_, n) => Math.round(6_000 * Math.sin((2 * Math.PI * hertz * n) / 8_000)))
  return Buffer.concat([new Uint8Array(rtpHeaderBytes), encode('PCMU', samples)])
}

async function wire(call: number): Promise<void> {
  const [customer, agent, supervisor] = [0, 1, 2].map((role) => legId(`l${call * legsPerCall + role}`)) as [never, never, never]
  const plain: Row[] = [
    { listener: customer, talkers: [agent] },
    { listener: agent, talkers: [customer] },
  ]
  const whispered: Row[] = [
    { listener: customer, talkers: [agent] },
    { listener: agent, talkers: [customer, supervisor], main: customer },
    { listener: supervisor, talkers: [agent, customer], main: agent },
  ]
  const bridge = bridgeId(`b${call}`)
  const done = control.next('rewired', (event) => event.bridge === bridge)
  control.send({ kind: 'rewire', bridge, account: 'acme', revision: 1, rows: values.kind === 'plain' ? plain : whispered })
  await done
}

function record(call: number): void {
  const tracks = [0, 1].map((role) => {
    const leg = legId(`l${call * legsPerCall + role}`)
    return { leg, name: leg, voice: 'conversation' as const }
  })
  const shape = { format: 'wav-g711', mix: true, coach: 'exclude' } as const
  control.send({
    kind: 'record',
    bridge: bridgeId(`b${call}`),
    recording: `r${call}`,
    state: 'on',
    directory: 'bench/day',
    ...shape,
    tracks,
  })
}

/** Of recordings: lost frames, and what has been written. */
function recorded(): object {
  const reports = control.events.filter((event) => event.kind === 'recorded')
  const files = reports.flatMap((report) => report.files)
  return {
    recordings: reports.length,
    incomplete: reports.filter((report) => report.why !== 'media-stopped').length,
    holes: reports.reduce((sum, report) => sum + report.gaps.length, 0),
    files: files.length,
    megabytes: Math.round(files.reduce((sum, file) => sum + file.bytes, 0) / 1e6),
  }
}

async function run(): Promise<void> {
  const start = performance.now() + 50
  const speakDue = pacer(start)
  await pumpUntil(start + warmUpMs, speakDue)
  measuring = true
  const before = usage()
  await pumpUntil(start + warmUpMs + measuredMs, speakDue)
  measuring = false
  const after = usage()
  mediaCpuMs = after.cpu - before.cpu
  mediaWaitedMs = after.mediaWaited - before.mediaWaited
  ownWaitedMs = after.ownWaited - before.ownWaited
  await new Promise((resolve) => setTimeout(resolve, 200))
}

function usage(): { readonly cpu: number; readonly mediaWaited: number; readonly ownWaited: number } {
  return { cpu: cpuMs(), mediaWaited: waitedMs(child.process.pid), ownWaited: waitedMs(process.pid) }
}

/** Lets every phone speak whose time has come; their turns are spread evenly over the frame. */
function pacer(start: number): (time: number) => void {
  let round = 0
  let next = 0
  return (time) => {
    for (;;) {
      const due = start + round * frameMs + (next / legCount) * frameMs
      if (due > time) return
      if (measuring) noteLag(time - due)
      speak(next)
      next = (next + 1) % legCount
      if (next === 0) round++
    }
  }
}

/** Never sleeps: a pause of a millisecond would let sixty packets gather into a burst, whose queue would be measured instead. */
function pumpUntil(end: number, speakDue: (time: number) => void): Promise<void> {
  let renewAt = 0
  return new Promise((resolve) => {
    const pump = () => {
      const time = performance.now()
      if (time >= end) return resolve()
      if (time >= renewAt) {
        control.send({ kind: 'renew' })
        renewAt = time + 1_000
      }
      speakDue(time)
      setImmediate(pump)
    }
    pump()
  })
}

function noteLag(lag: number): void {
  worstLag = Math.max(worstLag, lag)
  if (lag > 5) lags++
}

function speak(index: number): void {
  const phone = phones[index]
  if (phone === undefined) return
  phone.sequence = (phone.sequence + 1) & 0xffff
  phone.timestamp = (phone.timestamp + 160) >>> 0
  header.marker = false
  header.payloadType = 0
  header.sequence = phone.sequence
  header.timestamp = phone.timestamp
  header.ssrc = 1_000 + index
  header.write(phone.packet)
  phone.sentAt[phone.sequence & 127] = performance.now()
  phone.socket.send(phone.packet, phone.port, '127.0.0.1')
  if (measuring) sent++
}

function hear(packet: Buffer, from: RemoteInfo): void {
  const time = performance.now()
  const phone = byPort.get(from.port)
  if (phone === undefined || packet.length !== rtpHeaderBytes + 160) return
  const main = phones[phone.main]
  if (main === undefined) return
  const sequence = uint16(packet, 2)
  if (!measuring) {
    // Until the measured part begins, the newest packet of the main talker is taken for the one that was heard.
    phone.offset = (sequence - main.sequence) & 0xffff
    return
  }
  if (phone.firstHeard < 0) phone.firstHeard = sequence
  phone.lastHeard = sequence
  phone.heard++
  const delay = time - (main.sentAt[(sequence - (phone.offset ?? 0)) & 127] ?? 0)
  if (delayCount < delays.length) delays[delayCount++] = delay
  if (delay > lateMs) late++
}

function cpuMs(): number {
  // Fields 14 and 15 are user and system time in hundredths of a second; the name before them holds no blank here.
  const stat = readFileSync(`/proc/${child.process.pid}/stat`, 'utf8').split(' ')
  return (Number(stat[13]) + Number(stat[14])) * 10
}

/** How long a process stood ready while somebody else had its core: the sign of a run that other programs have spoilt. */
function waitedMs(pid: number | undefined): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6
}

function percent(ms: number): number {
  return Number(((ms / measuredMs) * 100).toFixed(1))
}

function report(): void {
  const heard = phones.reduce((sum, phone) => sum + phone.heard, 0)
  const expected = phones.reduce((sum, phone) => sum + ((phone.lastHeard - phone.firstHeard) & 0xffff) + 1, 0)
  const sorted = delays.subarray(0, delayCount).toSorted()
  const quantile = (q: number) => (sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN).toFixed(2)
  const seconds = measuredMs / 1_000
  console.log(
    JSON.stringify({
      kind: values.kind,
      calls,
      legs: legCount,
      inPerSecond: Math.round(sent / seconds),
      outPerSecond: Math.round(heard / seconds),
      lostPercent: Number((((expected - heard) / expected) * 100).toFixed(4)),
      missingPercent: Number((((sent - heard) / sent) * 100).toFixed(4)),
      latePercent: Number(((late / heard) * 100).toFixed(4)),
      delayMs: { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99), max: quantile(1) },
      mediaCpuPercent: percent(mediaCpuMs),
      mediaWaitedForCpuPercent: percent(mediaWaitedMs),
      ...(values.record ? recorded() : {}),
      own: { waitedForCpuPercent: percent(ownWaitedMs), worstLagMs: Number(worstLag.toFixed(1)), sendsOver5Ms: lags },
    }),
  )
}
