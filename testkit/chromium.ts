/** A headless Chromium with a microphone that plays a tone of the test's. Nothing it does needs a person, a screen or a sound card. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { pathOf } from './programs.ts'
import { sine } from './voice.ts'

export interface Chromium {
  readonly browser: Browser
  close(): Promise<void>
}

export interface ChromiumOptions {
  /** In hertz, of what its microphone hears. */
  readonly microphone?: number
  readonly args?: readonly string[]
}

const rate = 48_000

/** It runs as whoever runs the tests: for root its sandbox has to be off. Who is asked for the microphone decides by `grantPermissions`. */
export async function startChromium({ microphone, args = [] }: ChromiumOptions = {}): Promise<Chromium> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-chromium-'))
  const heard = join(folder, 'microphone.wav')
  if (microphone !== undefined) writeFileSync(heard, wavOf(microphone))
  const browser = await chromium.launch({
    executablePath: pathOf('chromium'),
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--use-fake-device-for-media-stream',
      ...(microphone === undefined ? [] : [`--use-file-for-fake-audio-capture=${heard}`]),
      '--autoplay-policy=no-user-gesture-required',
      ...args,
    ],
  })
  const close = async () => {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { browser, close }
}

/** Two seconds that can be played in a loop. */
function wavOf(hertz: number): Buffer {
  const seconds = 2
  // The testkit's sine is at 8 kHz: six times as high a rate makes it six times as high a tone.
  const samples = sine(hertz / 6, { seconds: (seconds * rate) / 8_000 })
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + samples.byteLength, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(rate, 24)
  head.writeUInt32LE(rate * 2, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(samples.byteLength, 40)
  return Buffer.concat([head, Buffer.from(samples.buffer)])
}
