/**
 * What a browser's leg costs the media process, and whether its audio ever stalls: lines that all listen to one phone, over real ICE, DTLS
 * and SRTP; with --speaking they all have their microphones open too. Beside them, for comparison, as many legs over plain RTP.
 *   npm run bench -- browser-legs [--legs 30] [--seconds 60] [--speaking] [--churn]
 * With --churn one of the lines after the other gets a new connection, five a second.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { bridgeId, legId } from '../src/kernel/ids.ts'
import type { Row } from '../src/media/protocol.ts'
import { LoopbackPhone } from '../testkit/loopback-phone.ts'
import { type MediaChild, MediaControl, startMediaChild } from '../testkit/media-control.ts'
import { pause } from '../testkit/phone-wait.ts'
import { tone } from '../testkit/voice.ts'
import { WebRtcPeer } from '../testkit/webrtc-peer.ts'
import { Meter, printMachine, rssMb } from './kit/machine.ts'
import { fixed, printTable } from './kit/samples.ts'

const { values } = parseArgs({
  options: {
    legs: { type: 'string', default: '30' },
    seconds: { type: 'string', default: '60' },
    speaking: { type: 'boolean', default: false },
    churn: { type: 'boolean', default: false },
    /** Of the process of all peers. */
    peers: { type: 'boolean', default: false },
  },
})

const legs = Number(values.legs)
const seconds = Number(values.seconds)
/** A listener hears a gap from here on; a track without a packet for a second has stalled. */
const gapMs = 100
const stalledMs = 1_000
const rowsPerBridge = 60

type Asked =
  | { readonly ask: 'offer'; readonly peer: number; readonly anew: boolean }
  | { readonly ask: 'accept'; readonly peer: number; readonly answer: string }
  | { readonly ask: 'begin' | 'report' | 'end' }

interface Report {
  readonly connected: number
  readonly packetsPerSecond: number
  readonly lost: number
  readonly gaps: number
  readonly longestGapMs: number
  readonly stalled: number
}

if (values.peers) bePeers()
else await measure()

/** The other process: its cost is not what is measured. */
function bePeers(): void {
  const peers = Array.from({ length: legs }, (_, n) => new WebRtcPeer(values.speaking ? { voice: tone(400 + 150 * (n % 10)) } : {}))
  let begunAt = 0
  let packets = 0
  const stalled = new Set<number>()
  const look = setInterval(() => {
    const at = performance.now()
    if (begunAt === 0 || at - begunAt < stalledMs) return
    for (const [n, peer] of peers.entries()) if (peer.heard.recent(stalledMs, at).length === 0) stalled.add(n)
  }, stalledMs / 2)
  process.on('message', async (asked: Asked) => {
    switch (asked.ask) {
      case 'offer':
        if (asked.anew) peers[asked.peer]?.renew()
        return process.send?.(await peers[asked.peer]?.offer())
      case 'accept':
        peers[asked.peer]?.accept(asked.answer)
        await peers[asked.peer]?.connected()
        return process.send?.('connected')
      case 'begin':
        begunAt = performance.now()
        packets = total(peers, (peer) => peer.heard.packets)
        return
      case 'report':
        return process.send?.(reportOf(peers, begunAt, packets, stalled.size))
      case 'end':
        clearInterval(look)
        for (const peer of peers) peer.close()
        process.disconnect()
    }
  })
}

const total = (peers: readonly WebRtcPeer[], of: (peer: WebRtcPeer) => number): number => peers.reduce((sum, peer) => sum + of(peer), 0)

function reportOf(peers: readonly WebRtcPeer[], since: number, before: number, stalled: number): Report {
  const gaps = peers.flatMap((peer) => gapsOf(peer, since))
  return {
    connected: total(peers, (peer) => (peer.isOpen ? 1 : 0)),
    packetsPerSecond: ((total(peers, (peer) => peer.heard.packets) - before) * 1_000) / (performance.now() - since),
    lost: total(peers, (peer) => peer.heard.lost),
    gaps: gaps.filter((gap) => gap >= gapMs).length,
    longestGapMs: Math.max(0, ...gaps),
    stalled,
  }
}

function gapsOf(peer: WebRtcPeer, since: number): readonly number[] {
  const times = peer.heard.kept.flatMap(({ at }) => (at >= since ? [at] : []))
  return times.slice(1).map((at, i) => at - (times[i] ?? at))
}

async function measure(): Promise<void> {
  printMachine(`${legs} browsers' legs for ${seconds} s${values.speaking ? ', microphones open' : ''}${values.churn ? ', churning' : ''}`)
  const plain = await withMedia('13000-13999', measurePlain)
  const browsers = await withMedia('14000-14999', measureBrowsers)
  printTable(
    ['legs', 'over', 'media %', '% of a core per leg', 'media MB', 'media waiting %'],
    [
      [String(legs), 'RTP', ...plain],
      [String(legs), 'WebRTC', ...browsers],
    ],
  )
}

async function withMedia(ports: string, work: (child: MediaChild, control: MediaControl) => Promise<readonly string[]>) {
  const child = await startMediaChild({ ports, nodeArguments: ['--max-semi-space-size=32'] })
  const control = await MediaControl.connect(child.socketPath)
  await control.hello(1, 600_000)
  const used = await work(child, control)
  control.close()
  await child.stop()
  return used
}

/** One phone for each bridge, to whom its lines listen. */
async function speakers(control: MediaControl): Promise<readonly LoopbackPhone[]> {
  const phones: LoopbackPhone[] = []
  for (let n = 0; n * rowsPerBridge < legs; n++) phones.push(await phone(control, `speaker-${n}`, 0))
  return phones
}

async function phone(control: MediaControl, name: string, speaker: number): Promise<LoopbackPhone> {
  const opened = await LoopbackPhone.open(legId(name), speaker)
  const local = await control.openLeg(opened.leg)
  control.send({ kind: 'set-leg', leg: opened.leg, media: opened.media })
  if (speaker === 0 || values.speaking) opened.speakTo(local.port)
  return opened
}

async function wire(control: MediaControl, phones: readonly LoopbackPhone[]): Promise<void> {
  for (const [n, { leg: speaker }] of phones.entries()) {
    const lines = Array.from({ length: Math.min(rowsPerBridge, legs - n * rowsPerBridge) }, (_, i) => legId(`leg-${n * rowsPerBridge + i}`))
    const rows: Row[] = lines.map((listener) => ({ listener, talkers: [speaker] }))
    // The phone hears one of them, as an agent hears who whispers to him.
    const heard = values.speaking ? lines.slice(0, 1) : []
    const done = control.next('rewired')
    const all = [...rows, { listener: speaker, talkers: heard }]
    control.send({ kind: 'rewire', bridge: bridgeId(`b${n}`), account: 'acme', revision: 1, rows: all })
    await done
  }
}

async function measurePlain(child: MediaChild, control: MediaControl): Promise<readonly string[]> {
  const phones = await speakers(control)
  const others: LoopbackPhone[] = []
  for (let n = 0; n < legs; n++) others.push(await phone(control, `leg-${n}`, 1))
  await wire(control, phones)
  const used = await meter(child, Math.min(seconds, 10), async () => pause(0))
  for (const one of [...phones, ...others]) one.close()
  return used
}

async function measureBrowsers(child: MediaChild, control: MediaControl): Promise<readonly string[]> {
  const args = ['--peers', '--legs', values.legs, ...(values.speaking ? ['--speaking'] : [])]
  const peers = fork(new URL(import.meta.url), args, { execArgv: ['--max-semi-space-size=64'] })
  const phones = await speakers(control)
  for (let n = 0; n < legs; n++) await connect(control, peers, n)
  await wire(control, phones)
  await pause(1_000)
  peers.send({ ask: 'begin' })
  let next = 0
  const churn = async () => connect(control, peers, next++ % legs)
  const used = await meter(child, seconds, values.churn ? churn : async () => pause(0))
  const report = await ask<Report>(peers, { ask: 'report' })
  const lost = control.events.filter(({ kind }) => kind === 'leg-lost').length
  console.log(`${report.connected} of ${legs} connected, ${lost} lost on the way${values.churn ? `, ${next} new connections` : ''}`)
  console.log(`${fixed(report.packetsPerSecond / legs)} packets a second each, ${report.lost} missing`)
  console.log(`${report.stalled} stalled tracks, ${report.gaps} gaps of ${gapMs} ms or more, longest ${fixed(report.longestGapMs)} ms\n`)
  peers.send({ ask: 'end' })
  await once(peers, 'exit')
  for (const one of phones) one.close()
  return used
}

async function connect(control: MediaControl, peers: ChildProcess, n: number): Promise<void> {
  const leg = legId(`leg-${n}`)
  const isNew = !control.events.some((event) => event.kind === 'leg-opened' && event.leg === leg)
  const offer = await ask<string>(peers, { ask: 'offer', peer: n, anew: !isNew })
  const answered = isNew ? control.next('leg-opened') : control.next('leg-described')
  const webrtc = { role: 'answer', offer } as const
  if (isNew) control.send({ kind: 'open-leg', leg, account: 'acme', voice: 'supervisor', family: 4, webrtc })
  else control.send({ kind: 'describe-leg', leg, description: offer, type: 'offer' })
  const { description = '', agreed } = await answered
  if (agreed !== undefined)
    control.send({ kind: 'set-leg', leg, media: { ...agreed, remote: { address: '0.0.0.0', port: 0 }, rtcpMux: true } })
  await ask(peers, { ask: 'accept', peer: n, answer: description })
}

async function ask<T>(peers: ChildProcess, asked: Asked): Promise<T> {
  const answer = once(peers, 'message')
  peers.send(asked)
  return (await answer)[0]
}

async function meter(child: MediaChild, forSeconds: number, meanwhile: () => Promise<void>): Promise<readonly string[]> {
  const pid = child.process.pid ?? 0
  await pause(2_000)
  const meter = new Meter([pid])
  const until = performance.now() + forSeconds * 1_000
  while (performance.now() < until) {
    await meanwhile()
    await pause(200)
  }
  const { cpuMs, wallMs, waitedPercent } = meter.read()
  const percent = ((cpuMs[0] ?? 0) / wallMs) * 100
  return [fixed(percent), fixed(percent / legs, 2), fixed(rssMb(pid), 0), fixed(waitedPercent[0] ?? 0)]
}
