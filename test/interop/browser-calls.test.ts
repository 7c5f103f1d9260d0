/** A softphone in a browser that calls out, and what becomes of its call when processes die. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually, pause } from '../../testkit/phone-wait.ts'
import { missing } from '../../testkit/programs.ts'
import { BrowserPhone } from '../../testkit/softphones/browser.ts'
import { OwnPhone, untilInCall } from '../../testkit/softphones/own.ts'
import { reference, type Sotto, startSotto } from '../../testkit/sotto.ts'
import { tones } from './scenario.ts'

const skip = missing('chromium')
let server: Sotto | undefined
let desk: OwnPhone | undefined

before(async () => {
  if (skip !== false) return
  server = await startSotto()
  desk = await OwnPhone.start({ server: server.sip, ...reference.phone('211'), tone: tones.second })
})
after(async () => {
  await desk?.stop()
  await server?.stop()
})

const there = () => {
  assert.ok(server !== undefined && desk !== undefined)
  return { sotto: server, desk }
}

async function hearEachOther(browser: BrowserPhone, withinMs = 5_000): Promise<void> {
  const ears = async () => `${await browser.tones()} ${await there().desk.tones()}`
  await eventually('both hear each other', async () => (await ears()) === `${tones.second} ${tones.agent}`, withinMs).catch(
    async (error: Error) => {
      throw new Error(`${error.message}, but ${await ears()}`)
    },
  )
}

/** The simple user of SIP.js hangs up by itself when its connection breaks. */
for (const [library, start, survives] of [
  ['JsSIP', BrowserPhone.jsSip, ['control', 'media']],
  ['SIP.js', BrowserPhone.sipJs, ['media']],
] as const) {
  test(`${library}: calls out; both hear each other again after the death of ${survives.join(' and ')}`, {
    skip,
    timeout: 90_000,
  }, async () => {
    const { sotto, desk: other } = there()
    const options = { server: sotto.sip, http: sotto.http, ...reference.phone('106'), tone: tones.agent }
    const browser = await start(options)
    try {
      await browser.call('211')
      await hearEachOther(browser)
      if (survives.length === 2) await killControl(browser)
      const pair = await eventually('a standby', () => sotto.mediaPair(), 20_000)
      process.kill(pair[0], 'SIGKILL')
      await pause(100)
      await hearEachOther(browser, 15_000)
      await other.hangUp()
      await untilInCall(browser, false)
    } finally {
      await browser.stop()
    }
  })
}

async function killControl(browser: BrowserPhone): Promise<void> {
  const { sotto } = there()
  const [call] = await sotto.api.callsOf('106')
  sotto.kill('control')
  await pause(300)
  await sotto.ready()
  await hearEachOther(browser)
  assert.equal((await sotto.api.call(call?.id ?? '')).state, 'active')
  await eventually('its connection is there again', async () => (await isRegistered(sotto, '106')) && (await browser.inCall()), 20_000)
}

const isRegistered = async (sotto: Sotto, extension: string): Promise<boolean> =>
  (await sotto.api.extensions()).some(({ number, registered }) => number === extension && registered)
