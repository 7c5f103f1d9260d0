/** JsSIP and SIP.js, the softphone libraries of the field, in a real Chromium whose microphone plays a tone: SIP over the server's own `/sip`. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { type Chromium, startChromium } from '../chromium.ts'
import { eventually } from '../phone-wait.ts'
import { partyTones } from '../voice.ts'
import type { Softphone, SoftphoneOptions } from './softphone.ts'

type Library = 'jssip' | 'sip.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const entry = 'virtual:softphone-libraries'
let bundled: Promise<string> | undefined

/** Both libraries as one script that puts them on the page's window. */
function libraries(): Promise<string> {
  bundled ??= bundle()
  return bundled
}

async function bundle(): Promise<string> {
  const source = `import * as JsSIP from 'jssip'\nimport { Web } from 'sip.js'\nwindow.JsSIP = JsSIP.default ?? JsSIP\nwindow.SIP = Web`
  const built = await build({
    ...{ root, configFile: false, logLevel: 'silent' },
    plugins: [{ name: 'entry', resolveId: (id) => (id === entry ? entry : null), load: (id) => (id === entry ? source : null) }],
    build: { write: false, minify: false, rollupOptions: { input: entry, output: { format: 'iife' } } },
  })
  const outputs = [built].flat().flatMap((one) => ('output' in one ? one.output : []))
  return outputs.flatMap((chunk) => (chunk.type === 'chunk' ? [chunk.code] : [])).join('\n')
}

let served: Promise<string> | undefined

/** From this machine as the server is, or Chromium would let it speak to nobody here. */
function blankPage(): Promise<string> {
  served ??= serve()
  return served
}

async function serve(): Promise<string> {
  const server = createServer((_request, response) => response.setHeader('Content-Type', 'text/html').end('<title>Softphone</title>'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.unref()
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** What both have in common: whom they hear. */
const hearing = `
const tonesToFind = ${JSON.stringify(partyTones)}
let spectrum
const microphone = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
// A tone is noise to whatever suppresses noise.
navigator.mediaDevices.getUserMedia = () =>
  microphone({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } })
const context = new AudioContext({ sampleRate: 48000 })

function listen(peer) {
  peer.addEventListener('track', ({ track }) => {
    const stream = new MediaStream([track])
    // Chromium decodes what comes over WebRTC only for an element that plays it.
    const element = new Audio()
    element.srcObject = stream
    element.play()
    spectrum = context.createAnalyser()
    spectrum.fftSize = 4096
    spectrum.smoothingTimeConstant = 0
    context.createMediaStreamSource(stream).connect(spectrum)
  })
}

function tones() {
  if (spectrum === undefined || !phone.inCall()) return []
  const bins = new Float32Array(spectrum.frequencyBinCount)
  spectrum.getFloatFrequencyData(bins)
  const level = (hertz) => Math.max(...[-1, 0, 1].map((off) => bins[Math.round((hertz * 4096) / 48000) + off]))
  return tonesToFind.filter((hertz) => level(hertz) > -50)
}
`

const jsSip = `
let session
const phone = {
  start({ socket, uri, user, password }) {
    const sockets = [new JsSIP.WebSocketInterface(socket)]
    const agent = new JsSIP.UA({ sockets, uri, authorization_user: user, password, register: true })
    agent.on('newRTCSession', ({ session: begun, originator }) => {
      session = begun
      if (begun.connection) listen(begun.connection)
      begun.on('peerconnection', ({ peerconnection }) => listen(peerconnection))
      if (originator === 'remote' && phone.answers) begun.answer()
    })
    phone.agent = agent
    const registered = new Promise((resolve, reject) => {
      agent.on('registered', resolve)
      agent.on('registrationFailed', ({ cause }) => reject(new Error(cause)))
    })
    agent.start()
    return registered.then(() => undefined)
  },
  inCall: () => session?.isEstablished() === true,
  call: (target) => void phone.agent.call(target, { mediaConstraints: { audio: true, video: false } }),
  answer: () => session.answer(),
  hangUp: () => session.terminate(),
  hold: () => new Promise((resolve) => session.hold({}, resolve)),
  resume: () => new Promise((resolve) => session.unhold({}, resolve)),
  transfer: (target) =>
    new Promise((resolve, reject) => {
      const eventHandlers = { accepted: () => resolve(), failed: () => reject(new Error('the transfer failed')) }
      session.refer(target, { eventHandlers })
    }),
  stop: () => phone.agent.stop(),
}
`

const sipJs = `
let established = false
const phone = {
  async start({ socket, uri, user, password }) {
    const userAgentOptions = { authorizationUsername: user, authorizationPassword: password, logLevel: 'error' }
    const simple = new SIP.SimpleUser(socket, { aor: uri, userAgentOptions, media: { constraints: { audio: true, video: false } } })
    phone.simple = simple
    simple.delegate = {
      onCallReceived: () => phone.answers && simple.answer(),
      onCallAnswered: () => {
        established = true
      },
      onCallHangup: () => {
        established = false
      },
    }
    await simple.connect()
    await simple.register()
  },
  inCall: () => established,
  call: (target) => void phone.simple.call(target),
  answer: () => phone.simple.answer(),
  hangUp: () => phone.simple.hangup(),
  hold: () => phone.simple.hold(),
  resume: () => phone.simple.unhold(),
  stop: () => phone.simple.disconnect(),
}
// It does not show its connections: whichever the page makes is listened to.
const Plain = RTCPeerConnection
window.RTCPeerConnection = class extends Plain {
  constructor(...options) {
    super(...options)
    listen(this)
  }
}
`

export class BrowserPhone implements Softphone {
  readonly name: string
  readonly lagMs = 600
  readonly tone: number
  readonly uri: string
  readonly #chromium: Chromium
  readonly #page: Page
  readonly #realm: string

  private constructor(library: Library, options: SoftphoneOptions, parts: { readonly chromium: Chromium; readonly page: Page }) {
    const { realm = 'sotto.test', user, tone } = options
    this.name = library
    this.tone = tone
    this.#realm = realm
    this.uri = `sip:${user}@${realm}`
    this.#chromium = parts.chromium
    this.#page = parts.page
  }

  static readonly jsSip = (options: SoftphoneOptions): Promise<BrowserPhone> => BrowserPhone.#start('jssip', options)
  static readonly sipJs = (options: SoftphoneOptions): Promise<BrowserPhone> => BrowserPhone.#start('sip.js', options)

  static async #start(library: Library, options: SoftphoneOptions): Promise<BrowserPhone> {
    const { http, user, password, autoAnswer = true } = options
    if (http === undefined) throw new Error('a browser reaches the server by HTTP')
    const chromium = await startChromium({ microphone: options.tone })
    try {
      const context = await chromium.browser.newContext({ permissions: ['microphone'] })
      const page = await context.newPage()
      await page.goto(await blankPage())
      await page.addScriptTag({ content: hearing })
      await page.addScriptTag({ content: library === 'jssip' ? jsSip : sipJs })
      await page.addScriptTag({ content: await libraries() })
      const phone = new BrowserPhone(library, options, { chromium, page })
      const account = { socket: `${http.replace(/^http/, 'ws')}/sip`, uri: phone.uri, user, password }
      await page.evaluate(`phone.answers = ${autoAnswer}; phone.start(${JSON.stringify(account)})`)
      return phone
    } catch (error) {
      await chromium.close()
      throw error
    }
  }

  async call(number: string): Promise<void> {
    await this.#does(`phone.call('sip:${number}@${this.#realm}')`)
    await eventually(`${this.name} is in a call`, () => this.inCall(), 10_000)
  }

  async answer(): Promise<void> {
    await this.#does('phone.answer()')
  }

  async hangUp(): Promise<void> {
    await this.#does('phone.hangUp()')
  }

  async hold(): Promise<void> {
    await this.#does('phone.hold()')
  }

  async resume(): Promise<void> {
    await this.#does('phone.resume()')
  }

  async transfer(number: string): Promise<void> {
    if (this.name === 'sip.js') throw new Error('the simple user of SIP.js transfers nothing')
    await this.#does(`phone.transfer('sip:${number}@${this.#realm}')`)
  }

  async inCall(): Promise<boolean> {
    return await this.#does<boolean>('phone.inCall()')
  }

  async tones(): Promise<readonly number[]> {
    return await this.#does<readonly number[]>('tones()')
  }

  async stop(): Promise<void> {
    await this.#does('phone.stop()').catch(() => undefined)
    await this.#chromium.close()
  }

  #does<T>(what: string): Promise<T> {
    return this.#page.evaluate(what)
  }
}
