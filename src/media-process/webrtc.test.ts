/** The real process and real connections over loopback: ICE, DTLS and SRTP as with a browser, whose part the testkit's peer plays. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { toneOf } from '../../testkit/ear.ts'
import { LoopbackPhone } from '../../testkit/loopback-phone.ts'
import { type MediaChild, MediaControl, startMediaChild } from '../../testkit/media-control.ts'
import { tonesOf } from '../../testkit/recording-room.ts'
import { tone } from '../../testkit/voice.ts'
import { WebRtcPeer } from '../../testkit/webrtc-peer.ts'
import { bridgeId, type LegId, legId } from '../kernel/ids.ts'
import type { AgreedAudio, MediaEvent, RecordOrder, Row } from '../media/protocol.ts'
import { readWav, wavSamples } from '../media/wav.ts'

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const anywhere = { remote: { address: '0.0.0.0', port: 0 }, rtcpMux: true } as const
const lineTone = toneOf(3)

type Told<K extends MediaEvent['kind']> = Extract<MediaEvent, { kind: K }>

async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + 5_000
  while (!holds()) {
    assert.ok(performance.now() < end, what)
    await wait(10)
  }
}

function openByOffer(control: MediaControl, leg: LegId, offer: string): Promise<Told<'leg-opened'>> {
  const opened = control.next('leg-opened', (event) => event.leg === leg)
  control.send({ kind: 'open-leg', leg, account: 'acme', voice: 'supervisor', family: 4, webrtc: { role: 'answer', offer } })
  return opened
}

function set(control: MediaControl, leg: LegId, agreed: AgreedAudio | undefined): void {
  assert.ok(agreed !== undefined)
  control.send({ kind: 'set-leg', leg, media: { ...agreed, ...anywhere } })
}

async function connect(control: MediaControl, name: string, peer: WebRtcPeer): Promise<Told<'leg-opened'>> {
  const opened = await openByOffer(control, legId(name), await peer.offer())
  set(control, opened.leg, opened.agreed)
  const connected = control.next('leg-connected', (event) => event.leg === opened.leg)
  peer.accept(opened.description ?? '')
  await Promise.all([connected, peer.connected()])
  return opened
}

async function describeAnew(control: MediaControl, leg: LegId, peer: WebRtcPeer, ...[direction]: Parameters<WebRtcPeer['offer']>) {
  const described = control.next('leg-described', (event) => event.leg === leg)
  control.send({ kind: 'describe-leg', leg, description: await peer.offer(direction), type: 'offer' })
  const answer = await described
  set(control, leg, answer.agreed)
  peer.accept(answer.description ?? '')
  return answer
}

async function phone(control: MediaControl, name: string, speaker: number): Promise<LoopbackPhone> {
  const opened = await LoopbackPhone.open(legId(name), speaker)
  const local = await control.openLeg(opened.leg)
  control.send({ kind: 'set-leg', leg: opened.leg, media: opened.media })
  opened.speakTo(local.port)
  return opened
}

const inventoryOf = async (control: MediaControl): Promise<Told<'inventory'>> => {
  const inventory = control.next('inventory')
  control.send({ kind: 'list' })
  return inventory
}

describe('a line beside two phones', () => {
  const bridge = bridgeId('call')
  const recordings = mkdtempSync(join(tmpdir(), 'sotto-lines-'))
  const peer = new WebRtcPeer({ voice: tone(lineTone) })
  const line = legId('line')
  let [child, control]: [MediaChild?, MediaControl?] = []
  let [customer, agent]: [LoopbackPhone?, LoopbackPhone?] = []
  let opened: Told<'leg-opened'> | undefined
  let revision = 0

  const there = () => {
    assert.ok(child && control && customer && agent && opened)
    return { child, control, customer, agent, opened }
  }

  async function wire(mode: 'monitor' | 'whisper' | 'barge'): Promise<void> {
    const { control, customer, agent } = there()
    const rows: Row[] = [
      { listener: line, talkers: [agent.leg, customer.leg] },
      { listener: agent.leg, talkers: mode === 'monitor' ? [customer.leg] : [customer.leg, line], main: customer.leg },
      { listener: customer.leg, talkers: mode === 'barge' ? [agent.leg, line] : [agent.leg], main: agent.leg },
    ]
    const done = control.next('rewired')
    control.send({ kind: 'rewire', bridge, account: 'acme', revision: ++revision, rows })
    await done
  }

  async function hear(expected: { agent: readonly number[]; customer: readonly number[] }): Promise<void> {
    const { agent, customer } = there()
    const right = () => String(agent.ear.heard) === String(expected.agent) && String(customer.ear.heard) === String(expected.customer)
    await until(`hears ${agent.ear.heard} and ${customer.ear.heard}`, right)
    await wait(100)
    await until(`no longer hears ${agent.ear.heard} and ${customer.ear.heard}`, right)
    await peer.hears(toneOf(0), toneOf(1))
  }

  before(async () => {
    child = await startMediaChild({ ports: '47300-47399', recordings })
    control = await MediaControl.connect(child.socketPath)
    await control.hello(1)
    customer = await phone(control, 'customer', 0)
    agent = await phone(control, 'agent', 1)
    opened = await connect(control, line, peer)
  })

  after(async () => {
    peer.close()
    customer?.close()
    agent?.close()
    control?.close()
    await child?.stop()
    rmSync(recordings, { recursive: true, force: true })
  })

  test('what is agreed is G.711 of the peer’s own numbers', () => {
    const agreed = { codec: 'PCMU', payloadType: 0, telephoneEvent: 110, ptimeMs: 20, direction: 'sendrecv' }
    assert.deepEqual(there().opened.agreed, agreed)
  })

  for (const [mode, expected] of [
    ['monitor', { agent: [toneOf(0)], customer: [toneOf(1)] }],
    ['whisper', { agent: [toneOf(0), lineTone], customer: [toneOf(1)] }],
    ['barge', { agent: [toneOf(0), lineTone], customer: [toneOf(1), lineTone] }],
    ['monitor', { agent: [toneOf(0)], customer: [toneOf(1)] }],
  ] as const) {
    test(`${mode}: everybody hears whom he may`, async () => {
      await wire(mode)
      await hear(expected)
    })
  }

  test('our packets bear the SSRC of our description, one after the other without a gap', async () => {
    await wait(300)
    const recent = peer.heard.recent(250)
    const ssrc = new RegExp(`a=ssrc:${recent.at(-1)?.ssrc} `)
    assert.match(there().opened.description ?? '', ssrc)
    assert.ok(recent.length >= 10)
    assert.deepEqual([peer.heard.lost, peer.heard.late, peer.heard.ssrcChanges], [0, 0, 0])
  })

  test('its level is measured, and the inventory names it as connected', async () => {
    const { control } = there()
    await wire('barge')
    const measured = control.next('measured')
    control.send({ kind: 'measure', bridge, request: 7 })
    const level = (await measured).legs.find((leg) => leg.leg === line)
    assert.ok(level !== undefined && level.levelDbov !== null && level.levelDbov > -30 && level.packetsReceived > 20)
    const state = (await inventoryOf(control)).legs.find((leg) => leg.leg === line)
    assert.deepEqual([state?.webrtc, state?.media?.codec], ['connected', 'PCMU'])
  })

  test('digits pass both ways', async () => {
    const { control } = there()
    const pressed = control.next('dtmf', (event) => event.leg === line)
    peer.press('7')
    assert.equal((await pressed).digit, '7')
    control.send({ kind: 'send-dtmf', leg: line, digits: '42#', durationMs: 80 })
    await until(`digits ${peer.heard.digits}`, () => peer.heard.digits === '42#')
  })

  test('what it says is recorded', async () => {
    const { control } = there()
    await wire('barge')
    const order: RecordOrder = {
      ...{ kind: 'record', bridge, recording: 'r1', directory: 'day', format: 'wav-pcm16', mix: false, coach: 'exclude', state: 'on' },
      tracks: [{ leg: line, name: 'supervisor', voice: 'conversation' }],
    }
    control.send(order)
    await wait(1_000)
    const recorded = control.next('recorded')
    control.send({ ...order, state: 'off' })
    const { files } = await recorded
    const wav = readWav(readFileSync(join(recordings, files[0]?.path ?? '')))
    assert.ok(wav.ok)
    const middle = wavSamples(wav.value).subarray(4_000, 4_800)
    assert.deepEqual(tonesOf(middle, [0, 1, 3].map(toneOf)), [lineTone])
  })

  test('header extensions, contributing sources and padding are no audio', async () => {
    peer.speak(undefined)
    await wire('whisper')
    await hear({ agent: [toneOf(0)], customer: [toneOf(1)] })
    const voice = tone(lineTone)
    for (let n = 0; n < 25; n++) {
      const head = Buffer.from('b1000000000000000000000a0000000bbede00023200000010aabbcc', 'hex')
      head.writeUInt16BE(n, 2)
      head.writeUInt32BE(n * 160, 4)
      peer.send(Buffer.concat([head, voice.frame(n, 'PCMU'), Buffer.from([0, 0, 0, 4])]))
      await wait(20)
    }
    await until('the agent heard it', () => there().agent.ear.heard.includes(lineTone))
    peer.speak(voice)
  })

  test('held by the peer and taken back: the same connection, no audio meanwhile', async () => {
    const { control } = there()
    const connections = control.events.filter((event) => event.kind === 'leg-connected').length
    const held = await describeAnew(control, line, peer, 'inactive')
    assert.equal(held.agreed?.direction, 'inactive')
    assert.match(held.description ?? '', /^a=inactive\r$/m)
    await wait(150)
    const { packets } = peer.heard
    await wait(200)
    assert.equal(peer.heard.packets, packets)
    assert.deepEqual(there().agent.ear.heard, [toneOf(0)])
    const back = await describeAnew(control, line, peer)
    assert.equal(back.agreed?.direction, 'sendrecv')
    await hear({ agent: [toneOf(0), lineTone], customer: [toneOf(1)] })
    assert.equal(control.events.filter((event) => event.kind === 'leg-connected').length, connections)
  })

  test('a new connection behind the same leg: the stream goes on with its SSRC and numbers', async () => {
    const { control, opened } = there()
    peer.renew()
    const connected = control.next('leg-connected', (event) => event.leg === line)
    const answer = await describeAnew(control, line, peer)
    await connected
    assert.notEqual(/^a=ice-ufrag:(.*)$/m.exec(answer.description ?? '')?.[1], /^a=ice-ufrag:(.*)$/m.exec(opened.description ?? '')?.[1])
    await hear({ agent: [toneOf(0), lineTone], customer: [toneOf(1)] })
    assert.deepEqual([peer.heard.ssrcChanges, peer.heard.late], [0, 0])
    assert.ok(peer.heard.lost < 100)
  })

  test('a description that makes no sense leaves the leg as it is', async () => {
    const { control } = there()
    for (const description of ['nonsense', 'v=0\r\nm=audio 9 RTP/AVP 0\r\n', (await peer.offer()).replace(/^a=fingerprint.*\r\n/m, '')]) {
      const failed = control.next('leg-failed', (event) => event.leg === line)
      control.send({ kind: 'describe-leg', leg: line, description, type: 'offer' })
      assert.ok((await failed).why.length > 0)
    }
    await hear({ agent: [toneOf(0), lineTone], customer: [toneOf(1)] })
  })
})

describe('connections', () => {
  let [child, control]: [MediaChild?, MediaControl?] = []

  const there = () => {
    assert.ok(child && control)
    return { child, control }
  }

  before(async () => {
    child = await startMediaChild({ ports: '47400-47499' })
    control = await MediaControl.connect(child.socketPath)
    await control.hello(1)
  })

  after(async () => {
    control?.close()
    await child?.stop()
  })

  test('by our offer and the peer’s answer; a leg that hears nobody is sent silence', async () => {
    const { control } = there()
    const peer = new WebRtcPeer({ codecs: ['PCMA'] })
    const leg = legId('ours')
    const opened = control.next('leg-opened', (event) => event.leg === leg)
    control.send({ kind: 'open-leg', leg, account: 'acme', voice: 'core', family: 4, webrtc: { role: 'offer' } })
    const { description = '', agreed } = await opened
    assert.equal(agreed, undefined)
    const connected = control.next('leg-connected', (event) => event.leg === leg)
    const described = control.next('leg-described', (event) => event.leg === leg)
    control.send({ kind: 'describe-leg', leg, description: await peer.answer(description), type: 'answer' })
    const answer = await described
    assert.deepEqual([answer.agreed?.codec, answer.agreed?.payloadType, answer.description], ['PCMA', 8, undefined])
    set(control, leg, answer.agreed)
    await Promise.all([connected, peer.connected()])
    control.send({ kind: 'rewire', bridge: bridgeId('alone'), account: 'acme', revision: 1, rows: [{ listener: leg, talkers: [] }] })
    await until('silence', () => peer.heard.packets > 5)
    assert.deepEqual(peer.heard.tones(), [])
    control.send({ kind: 'close-leg', leg }, { kind: 'close-bridge', bridge: bridgeId('alone') })
    peer.close()
  })

  test('opened again, a leg has a new connection by an offer of ours', async () => {
    const { control } = there()
    const leg = legId('again')
    const peer = new WebRtcPeer({ voice: tone(lineTone) })
    for (let round = 0; round < 2; round++) {
      const opened = control.next('leg-opened', (event) => event.leg === leg)
      control.send({ kind: 'open-leg', leg, account: 'acme', voice: 'core', family: 4, webrtc: { role: 'offer' } })
      const connected = control.next('leg-connected', (event) => event.leg === leg)
      peer.renew()
      const description = await peer.answer((await opened).description ?? '')
      control.send({ kind: 'describe-leg', leg, description, type: 'answer' })
      await connected
    }
    assert.equal((await inventoryOf(control)).legs.filter((state) => state.leg === leg).length, 1)
    control.send({ kind: 'close-leg', leg })
    peer.close()
  })

  test('what is no offer of WebRTC opens no leg', async () => {
    const { control } = there()
    const failed = control.next('leg-failed')
    const webrtc = { role: 'answer', offer: 'v=0\r\nm=audio 4000 RTP/AVP 0\r\n' } as const
    control.send({ kind: 'open-leg', leg: legId('no'), account: 'acme', voice: 'core', family: 4, webrtc })
    assert.match((await failed).why, /RTP\/AVP/)
    assert.deepEqual((await inventoryOf(control)).legs, [])
  })

  test('twenty lines on one port all hear; when they are closed nothing is left of them', async () => {
    const { control } = there()
    const speaker = await phone(control, 'speaker', 0)
    const peers = Array.from({ length: 20 }, () => new WebRtcPeer())
    const opened = await Promise.all(peers.map((peer, n) => connect(control, `line-${n}`, peer)))
    assert.equal(new Set(opened.map(({ local }) => local.port)).size, 1)
    const rows = opened.map(({ leg }) => ({ listener: leg, talkers: [speaker.leg] }))
    control.send({ kind: 'rewire', bridge: bridgeId('many'), account: 'acme', revision: 1, rows })
    await Promise.all(peers.map((peer) => peer.hears(speaker.hertz)))
    control.send({ kind: 'close-bridge', bridge: bridgeId('many') }, { kind: 'close-leg', leg: speaker.leg })
    for (const { leg } of opened) control.send({ kind: 'close-leg', leg })
    for (const peer of peers) peer.close()
    speaker.close()
    assert.deepEqual((await inventoryOf(control)).legs, [])
  })

  test('a process that has had browsers ends when it is told to', async () => {
    const other = await startMediaChild({ ports: '47500-47599' })
    const control = await MediaControl.connect(other.socketPath)
    await control.hello(1)
    const peers = [new WebRtcPeer(), new WebRtcPeer({ voice: tone(lineTone) })]
    for (const [n, peer] of peers.entries()) await connect(control, `line-${n}`, peer)
    control.send({ kind: 'close-leg', leg: legId('line-0') })
    control.close()
    const ended = once(other.process, 'exit')
    void other.stop()
    const late = setTimeout(() => other.process.kill('SIGKILL'), 5_000)
    assert.deepEqual(await ended, [0, null])
    clearTimeout(late)
    for (const peer of peers) peer.close()
  })
})

describe('the port', () => {
  test('one that another program has is told as such, and the pool’s next one is taken where none was set', async () => {
    const taken = createSocket('udp4')
    await new Promise<void>((resolve) => taken.bind(47_600, '127.0.0.1', resolve))
    for (const [set, ports] of [
      [{ webrtcPort: 47_600 }, '47610-47699'],
      [{}, '47600-47699'],
    ] as const) {
      const child = await startMediaChild({ ports, ...set })
      const control = await MediaControl.connect(child.socketPath)
      await control.hello(1)
      const peer = new WebRtcPeer()
      const failed = control.next('leg-failed').catch(() => undefined)
      const opened = openByOffer(control, legId('line'), await peer.offer()).catch(() => undefined)
      const first = await Promise.race([failed, opened])
      if ('webrtcPort' in set) assert.match(first?.kind === 'leg-failed' ? first.why : '', /no UDP port/)
      else assert.ok(first?.kind === 'leg-opened' && first.local.port !== 47_600)
      assert.equal((await inventoryOf(control)).legs.length, 'webrtcPort' in set ? 0 : 1)
      peer.close()
      control.close()
      await child.stop()
    }
    taken.close()
  })
})

describe('behind NAT', () => {
  test('the advertised address takes the place of ours, and what a STUN server sees stands beside it', async () => {
    const stun = createSocket('udp4')
    stun.on('message', (request, { address, port }) => stun.send(seenAs('203.0.113.9', 4_242, request), port, address))
    await new Promise<void>((resolve) => stun.bind(0, '127.0.0.1', resolve))
    const iceServer = `stun:127.0.0.1:${stun.address().port}`
    const child = await startMediaChild({ ports: '47800-47899', advertise: '10.9.8.7', iceServer })
    const control = await MediaControl.connect(child.socketPath)
    await control.hello(1)
    const peer = new WebRtcPeer()
    const { description = '', local } = await openByOffer(control, legId('line'), await peer.offer())
    const candidates = [...description.matchAll(/^a=candidate:.* (\S+ \d+ typ \S+)/gm)].map(([, candidate]) => candidate)
    assert.deepEqual(candidates, [`10.9.8.7 ${local.port} typ host`, '203.0.113.9 4242 typ srflx'])
    assert.match(description, /^c=IN IP4 10\.9\.8\.7\r$/m)
    for (const end of [peer, control, stun]) end.close()
    await child.stop()
  })
})

/** A binding response (RFC 8489 §14.2). */
function seenAs(address: string, port: number, request: Uint8Array): Buffer {
  const cookie = 0x2112a442
  const response = Buffer.alloc(32)
  response.set([0x01, 0x01, 0x00, 0x0c])
  response.set(request.subarray(4, 20), 4)
  response.set([0x00, 0x20, 0x00, 0x08, 0x00, 0x01], 20)
  response.writeUInt16BE(port ^ (cookie >>> 16), 26)
  const seen = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  response.writeUInt32BE((seen ^ cookie) >>> 0, 28)
  return response
}

describe('the media process dies', () => {
  test('its standby tells the line as lost, and has it again when it is described anew', async () => {
    const active = await startMediaChild({ ports: '47700-47799' })
    const first = await MediaControl.connect(active.socketPath)
    await first.hello(1)
    const speaker = await phone(first, 'speaker', 0)
    const peer = new WebRtcPeer({ voice: tone(lineTone) })
    const { leg } = await connect(first, 'line', peer)
    const bridge = bridgeId('call')
    const rows = [
      { listener: leg, talkers: [speaker.leg] },
      { listener: speaker.leg, talkers: [leg] },
    ]
    first.send({ kind: 'rewire', bridge, account: 'acme', revision: 1, rows })
    await peer.hears(speaker.hertz)
    const standby = await startMediaChild({ ports: '47700-47799', socketPath: active.socketPath })
    await wait(1_500)
    active.process.kill('SIGKILL')
    await wait(500)
    const second = await MediaControl.connect(active.socketPath)
    await second.hello(2)
    const lost = second.next('leg-lost')
    const inventory = await inventoryOf(second)
    assert.deepEqual(inventory.legs.map((state) => [state.leg, state.webrtc]).toSorted(), [
      [leg, 'lost'],
      [speaker.leg, undefined],
    ])
    assert.deepEqual(await lost, { kind: 'leg-lost', leg, why: 'its media process died' })
    const connected = second.next('leg-connected')
    peer.renew()
    await describeAnew(second, leg, peer)
    await connected
    await peer.hears(speaker.hertz)
    await until('the phone hears the line', () => String(speaker.ear.heard) === String([lineTone]))
    assert.equal(peer.heard.ssrcChanges, 0)
    for (const end of [peer, speaker, first, second]) end.close()
    await standby.stop()
    await active.stop()
  })
})
