/** Chromium as the other end of a line: real DTLS, jitter buffer, header extensions and RTCP of a browser, a microphone that plays a tone. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { bridgeId, legId } from '../../src/kernel/ids.ts'
import type { MediaEvent } from '../../src/media/protocol.ts'
import { type Chromium, startChromium } from '../../testkit/chromium.ts'
import { toneOf } from '../../testkit/ear.ts'
import { LoopbackPhone } from '../../testkit/loopback-phone.ts'
import { type MediaChild, MediaControl, startMediaChild } from '../../testkit/media-control.ts'
import { missing } from '../../testkit/programs.ts'

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const line = legId('line')
const bridge = bridgeId('call')
const microphone = toneOf(3)
const nowhere = { remote: { address: '0.0.0.0', port: 0 }, rtcpMux: true } as const

/** What the page can do, each by a word of the test. */
const script = `
const peer = new RTCPeerConnection()
const transceiver = peer.addTransceiver('audio', { direction: 'sendrecv' })
const stream = new MediaStream([transceiver.receiver.track])
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
let spectrum

async function offer() {
  await peer.setLocalDescription()
  while (peer.iceGatheringState !== 'complete') await wait(10)
  return peer.localDescription.sdp
}

async function speak() {
  const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false }
  const microphone = await navigator.mediaDevices.getUserMedia({ audio })
  await transceiver.sender.replaceTrack(microphone.getAudioTracks()[0])
}

async function listen() {
  const context = new AudioContext({ sampleRate: 48000 })
  // Chromium decodes what comes over WebRTC only for an element that plays it.
  const element = new Audio()
  element.srcObject = stream
  await element.play()
  spectrum = context.createAnalyser()
  spectrum.fftSize = 8192
  context.createMediaStreamSource(stream).connect(spectrum)
}

// The loudest frequency, within 6 Hz; undefined when there is nothing to be heard.
async function heard() {
  if (spectrum === undefined) await listen()
  await wait(400)
  const bins = new Float32Array(spectrum.frequencyBinCount)
  spectrum.getFloatFrequencyData(bins)
  const loudest = bins.indexOf(Math.max(...bins))
  return bins[loudest] > -70 ? (loudest * 48000) / 8192 : undefined
}

async function received() {
  const inbound = [...(await peer.getStats()).values()].find((stat) => stat.type === 'inbound-rtp')
  return { packets: inbound.packetsReceived, lost: inbound.packetsLost }
}
`

describe('a browser', { skip: missing('chromium') }, () => {
  let [child, control]: [MediaChild?, MediaControl?] = []
  let [chromium, page]: [Chromium?, Page?] = []
  let agent: LoopbackPhone | undefined

  const there = () => {
    assert.ok(control && page && agent)
    return { control, page, agent }
  }

  before(async () => {
    child = await startMediaChild({ ports: '47900-47999' })
    control = await MediaControl.connect(child.socketPath)
    await control.hello(1)
    agent = await LoopbackPhone.open(legId('agent'), 0)
    const local = await control.openLeg(agent.leg)
    control.send({ kind: 'set-leg', leg: agent.leg, media: agent.media })
    agent.speakTo(local.port)
    chromium = await startChromium({ microphone })
    page = await chromium.browser.newPage()
    const body = `<title>Line</title><script>${script}</script>`
    await page.route('http://localhost/', (route) => route.fulfill({ contentType: 'text/html', body }))
    await page.goto('http://localhost/')
  })

  after(async () => {
    await chromium?.close()
    agent?.close()
    control?.close()
    await child?.stop()
  })

  const does = <T>(what: string): Promise<T> => there().page.evaluate(what)

  const connections = (): number => there().control.events.filter((event) => event.kind === 'leg-connected').length

  async function describeLine(how: 'open' | 'describe'): Promise<void> {
    const { control, page } = there()
    const offer = await does<string>('offer()')
    const kind = how === 'open' ? 'leg-opened' : 'leg-described'
    const answered = control.next(kind, (event) => event.leg === line) as Promise<Extract<MediaEvent, { kind: 'leg-described' }>>
    const webrtc = { role: 'answer', offer } as const
    if (how === 'open') control.send({ kind: 'open-leg', leg: line, account: 'acme', voice: 'supervisor', family: 4, webrtc })
    else control.send({ kind: 'describe-leg', leg: line, description: offer, type: 'offer' })
    const { agreed, description = '' } = await answered
    assert.ok(agreed !== undefined)
    control.send({ kind: 'set-leg', leg: line, media: { ...agreed, ...nowhere } })
    await page.evaluate(`peer.setRemoteDescription({ type: 'answer', sdp: ${JSON.stringify(description)} })`)
  }

  async function hears(hertz: number): Promise<void> {
    let last: number | undefined
    for (let tries = 0; tries < 10; tries++) {
      last = await does<number | undefined>('heard()')
      if (last !== undefined && Math.abs(last - hertz) < 6) return
    }
    assert.fail(`hears ${last} Hz instead of ${hertz}`)
  }

  async function agentHears(...tones: readonly number[]): Promise<void> {
    const { agent } = there()
    for (let tries = 0; tries < 300 && String(agent.ear.heard) !== String(tones); tries++) await wait(10)
    assert.deepEqual(agent.ear.heard, tones)
  }

  test('listens without a microphone: the offer tells none of its addresses, nobody is asked, and it hears the agent', async () => {
    const { control, agent } = there()
    assert.match(await does<string>('offer()'), /\.local \d+ typ host/)
    const connected = control.next('leg-connected')
    await describeLine('open')
    await connected
    const rows = [
      { listener: line, talkers: [agent.leg] },
      { listener: agent.leg, talkers: [line] },
    ]
    control.send({ kind: 'rewire', bridge, account: 'acme', revision: 1, rows })
    await hears(toneOf(0))
    await agentHears()
  })

  test('speaks when it has a microphone, and is silent again without', async () => {
    await there().page.context().grantPermissions(['microphone'])
    await does('speak()')
    await agentHears(microphone)
    await does('transceiver.sender.replaceTrack(null)')
    await agentHears()
  })

  test('presses a key', async () => {
    await does('speak()')
    const pressed = there().control.next('dtmf')
    await does(`transceiver.sender.dtmf.insertDTMF('5')`)
    assert.equal((await pressed).digit, '5')
  })

  test('receives all that we send', async () => {
    await wait(500)
    const { packets, lost } = await does<{ packets: number; lost: number }>('received()')
    assert.ok(packets > 50 && lost < 5, `${packets} received, ${lost} lost`)
  })

  test('holds and takes back over the same connection', async () => {
    const before = connections()
    for (const direction of ['inactive', 'sendrecv']) {
      await does(`transceiver.direction = '${direction}'`)
      await describeLine('describe')
    }
    await hears(toneOf(0))
    await agentHears(microphone)
    assert.equal(connections(), before)
  })

  test('restarts ICE after a change of network: a new connection behind the same leg', async () => {
    const connected = there().control.next('leg-connected')
    await does('peer.restartIce()')
    await describeLine('describe')
    await connected
    await hears(toneOf(0))
    await agentHears(microphone)
  })

  test('that says goodbye is lost at once', async () => {
    const lost = there().control.next('leg-lost')
    await does('peer.close()')
    assert.deepEqual(await lost, { kind: 'leg-lost', leg: line, why: 'closed by the peer' })
    await agentHears()
  })
})
