/** A person before the wallboard: Chromium without a window, whose microphone speaks one tone, and an ear on all that the page plays. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core'
import { builtWallboard } from './built-wallboard.ts'
import { eventually } from './phone-wait.ts'
import { pathOf } from './programs.ts'
import { partyTones, sampleRate, sine } from './voice.ts'
import { writeWav } from './voice-wav.ts'

export interface PersonOptions {
  /** What his microphone says, in hertz. */
  readonly speaks?: number
  readonly width?: number
  readonly colours?: 'light' | 'dark'
  /** Whether the browser lets the page use it; nobody is there to be asked. Default: it does. */
  readonly microphone?: 'allowed' | 'refused'
}

export class Person {
  readonly page: Page
  readonly #context: BrowserContext
  readonly #browser: Browser
  readonly #dir: string
  /** What the page complained about. */
  readonly faults: string[] = []

  private constructor(page: Page, { context, browser, dir }: { context: BrowserContext; browser: Browser; dir: string }) {
    this.page = page
    this.#context = context
    this.#browser = browser
    this.#dir = dir
    page.on('pageerror', (error) => this.faults.push(error.stack ?? error.message))
  }

  static async arrive(options: PersonOptions = {}): Promise<Person> {
    const { speaks = partyTones[14] ?? 0, width = 1440, colours = 'light', microphone = 'allowed' } = options
    await builtWallboard()
    const dir = mkdtempSync(join(tmpdir(), 'sotto-person-'))
    const voice = join(dir, 'voice.wav')
    writeFileSync(voice, writeWav({ rate: sampleRate, samples: sine(speaks, { seconds: 10 }) }))
    const browser = await chromium.launch({
      executablePath: pathOf('chromium'),
      args: [...switches, `--use-file-for-fake-audio-capture=${voice}`],
    })
    const permissions = microphone === 'allowed' ? ['microphone'] : []
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: colours, permissions })
    await context.addInitScript(watch)
    return new Person(await context.newPage(), { context, browser, dir })
  }

  async signIn(http: string, key: string): Promise<void> {
    const { page } = this
    await page.goto(http)
    await page.getByRole('button', { name: 'API key' }).click()
    await page.getByLabel('API key', { exact: true }).last().fill(key)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('Live', { exact: true }).waitFor()
  }

  /** The call of the customer whose number ends so, in the list. */
  row(digits: string): Locator {
    return this.page.locator('#calls').getByRole('row').filter({ hasText: digits })
  }

  /** What is heard at the foot of the page, one for each call. */
  get strips(): Locator {
    return this.page.getByRole('complementary', { name: 'What you hear' }).getByRole('listitem')
  }

  /** One click; with Shift beside what is heard already. */
  async listenTo(digits: string, modifiers: 'Shift'[] = []): Promise<void> {
    const row = this.row(digits)
    await row.hover()
    await row.getByRole('button', { name: 'Listen' }).click({ modifiers })
    await row
      .locator('.chip')
      .waitFor({ timeout: 10_000 })
      .catch(async ({ message }: Error) => {
        throw new Error(`${message}; the page says: ${await this.said()}`)
      })
  }

  /** Its notices, one after the other. */
  async said(): Promise<string> {
    return (await this.page.locator('.notices').allInnerTexts()).join(' ')
  }

  /** The tones that come out of the page now. */
  heard(): Promise<readonly number[]> {
    return this.page.evaluate((tones) => sottoTest.heard(tones), [...partyTones])
  }

  async hears(...tones: readonly number[]): Promise<void> {
    const wanted = tones.toSorted((a, b) => a - b).join()
    let last = ''
    const look = async () => {
      last = (await this.heard()).join()
      return last === wanted
    }
    await eventually(`the page plays ${wanted}`, look, 8_000).catch((error: Error) => {
      throw new Error(`${error.message}; it plays ${last}`)
    })
  }

  /** How often the page asked for the microphone. */
  asked(): Promise<number> {
    return this.page.evaluate(() => sottoTest.asked)
  }

  /** How many connections the page has made since it was loaded. */
  connections(): Promise<number> {
    return this.page.evaluate(() => sottoTest.peers.length)
  }

  /** Whether any of the page's senders has a live track that is on. */
  sends(): Promise<boolean> {
    return this.page.evaluate(() => sottoTest.peers.some((peer) => peer.getSenders().some(({ track }) => track?.enabled)))
  }

  /** From now on the browser takes its time to give it. */
  async slowMicrophone(ms: number): Promise<void> {
    await this.page.evaluate((late) => {
      sottoTest.lateMs = late
    }, ms)
  }

  /** The device goes away, as the browser tells a page of it. */
  async unplug(): Promise<void> {
    await this.page.evaluate(() => sottoTest.unplug())
  }

  async leave(): Promise<void> {
    await this.#context.close()
    await this.#browser.close()
    rmSync(this.#dir, { recursive: true, force: true })
  }
}

const switches = ['--no-sandbox', '--use-fake-device-for-media-stream', '--disable-features=WebRtcHideLocalIpsWithMdns']

/** As far as this file uses them: the test has no types of browsers. */
interface Peer {
  getSenders(): readonly { readonly track: { readonly enabled: boolean } | null }[]
}

interface Watched {
  asked: number
  lateMs: number
  unplug(): void
  readonly peers: Peer[]
  heard(tones: readonly number[]): Promise<readonly number[]>
}

declare global {
  const sottoTest: Watched
}

/** Runs in the page before anything of it: the ear lies on the connections themselves and not on what the page makes of them. */
const watch = `
  const peers = []
  const analysers = new Map()
  let context
  const watched = window.sottoTest = { asked: 0, lateMs: 0, peers, heard, unplug }
  let given
  const Native = window.RTCPeerConnection
  window.RTCPeerConnection = class extends Native {
    constructor(...settings) {
      super(...settings)
      peers.push(this)
    }
  }
  const devices = navigator.mediaDevices
  const raw = { echoCancellation: false, noiseSuppression: false, autoGainControl: false }
  if (devices !== undefined) {
    const native = devices.getUserMedia.bind(devices)
    devices.getUserMedia = async () => {
      watched.asked += 1
      if (watched.lateMs > 0) await new Promise((resolve) => setTimeout(resolve, watched.lateMs))
      // A browser takes a steady tone for noise and would take it away.
      given = await native({ audio: { ...raw } })
      return given
    }
  }
  function unplug() {
    for (const track of given.getTracks()) {
      track.stop()
      track.dispatchEvent(new Event('ended'))
    }
  }
  async function heard(tones) {
    context ??= new AudioContext()
    const found = new Set()
    for (const peer of peers.filter((peer) => peer.connectionState === 'connected')) {
      const track = peer.getReceivers()[0]?.track
      if (track === undefined) continue
      if (!analysers.has(track)) {
        const analyser = context.createAnalyser()
        analyser.fftSize = 16384
        analyser.smoothingTimeConstant = 0
        context.createMediaStreamSource(new MediaStream([track])).connect(analyser)
        analysers.set(track, analyser)
        await new Promise((resolve) => setTimeout(resolve, 400))
      }
      const analyser = analysers.get(track)
      const levels = new Float32Array(analyser.frequencyBinCount)
      analyser.getFloatFrequencyData(levels)
      for (const hertz of tones) {
        const bin = Math.round((hertz * analyser.fftSize) / context.sampleRate)
        if (Math.max(levels[bin - 1], levels[bin], levels[bin + 1]) > -55) found.add(hertz)
      }
    }
    return [...found].sort((a, b) => a - b)
  }
`
