/** The history in a browser, of real calls: what was said is played, what was heard is told, and what was not taken is sent again. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, afterEach, before, describe, test } from 'node:test'
import { centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import type { Phone } from '../../testkit/phone.ts'
import { eventually, pause } from '../../testkit/phone-wait.ts'
import { missing } from '../../testkit/programs.ts'
import { reference } from '../../testkit/sotto.ts'
import { partyTones } from '../../testkit/voice.ts'
import { Person } from '../../testkit/wallboard-page.ts'

const skip = missing('chromium')
const centre = centreFor()
const customer = '+442071838750'
let person: Person
let paco: Phone
let sara: Phone
let call: string

before(async () => {
  if (skip !== false) return
  await centre.open()
  paco = await centre.now.phone('210')
  sara = await centre.now.phone('101')
  person = await Person.arrive()
  person.page.setDefaultTimeout(8_000)
  await person.page.addInitScript(ear)
  await person.signIn(centre.now.sotto.http, reference.adminKey)
  call = await aRecordedCall()
})
after(async () => {
  await person?.leave()
  await centre.close()
})
afterEach(() => {
  if (skip === false) assert.deepEqual(person.faults, [])
})

/** Sales records by itself. A supervisor listens and whispers; there is a pause of half a second. */
async function aRecordedCall(): Promise<string> {
  const { line, call } = await centre.now.customer('+18661234567', customer)
  const { api } = centre.now
  const { id } = await api.supervise(call.id, { supervisor: { extension: '101' }, mode: 'monitor', autoAnswer: true })
  await eventually('he listens', async () => (await api.supervision(id)).state === 'active')
  await hear({ line: sara.line, hears: [outsideTone, toneOf(paco)] })
  await api.change(id, { mode: 'whisper', target: 'agent' })
  await hear({ line: paco.line, hears: [outsideTone, toneOf(sara)] })
  await record(call.id, 'paused')
  await pause(500)
  await record(call.id, 'on')
  await pause(3_500)
  await line.hangUp()
  await eventually('the record is there', async () => (await ask<{ items: unknown[] }>(`/cdrs?text=${call.id}`)).items.length === 1)
  await eventually(
    'the recording is there',
    async () => (await ask<{ items: unknown[] }>(`/recordings?call=${call.id}`)).items.length === 1,
  )
  return call.id
}

async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const headers = { Authorization: `Bearer ${reference.adminKey}`, ...(init.body ? { 'Content-Type': 'application/json' } : {}) }
  const response = await fetch(`${centre.now.sotto.http}/sotto/v1${path}`, { ...init, headers })
  assert.ok(response.ok, `${path}: ${response.status}`)
  return (await response.json()) as T
}

const record = (id: string, state: string) => ask(`/calls/${id}/recording`, { method: 'PUT', body: JSON.stringify({ state }) })

const open = async (path: string): Promise<void> => {
  await person.page.evaluate(`location.hash = '#/history/${path}'`)
}

describe('the history', { skip }, () => {
  test('a call is found by its number, and not by another one; its record says what happened', async () => {
    const { page } = person
    await open('calls')
    const line = page.getByRole('row').filter({ hasText: /838\s750/ })
    await line.waitFor()
    await page.getByLabel('Number').fill('+442071838799')
    await page.getByText('Nothing matches.').waitFor()
    await page.getByLabel('Number').fill('+44 20 7183 8750')
    await line.getByRole('link').click()
    await page.getByRole('heading', { name: /838\s750.*Paco Vu/ }).waitFor()
    const story = await page.getByRole('list').filter({ hasText: 'The call began' }).textContent()
    assert.match(
      story ?? '',
      /The call began[\s\S]*Answered[\s\S]*Sara Monitor: listened[\s\S]*Sara Monitor: whispered to Paco Vu[\s\S]*The call ended/,
    )
    assert.match(story ?? '', /Recording began[\s\S]*Recording stopped[\s\S]*Recording began/)
    await page.reload()
    await page.getByRole('heading', { name: /838\s750.*Paco Vu/ }).waitFor()
  })

  test('a recording has a wave of each voice, and what is played is what was said', async () => {
    const { page } = person
    const player = await openPlayer()
    await player.getByText(/Paused, 0:0\d to 0:0\d/).waitFor()
    assert.equal(
      await player.getByRole('img', { name: /Loudness of/ }).count(),
      await player.getByRole('button', { name: /^Mute/ }).count(),
    )
    await player.getByRole('button', { name: 'Play', exact: true }).click()
    await eventually('the play head moves', async () => (await placeOf()) > 0)
    await eventually('both are heard', async () => {
      const tones = await playedTones()
      return tones.includes(outsideTone) && tones.includes(toneOf(paco))
    })
    await player.getByRole('button', { name: 'Mute Paco Vu' }).click()
    await eventually('the agent is silent', async () => !(await playedTones()).includes(toneOf(paco)))
    await eventually('the customer is heard still', async () => (await playedTones()).includes(outsideTone))
    await player.getByRole('button', { name: 'Unmute Paco Vu' }).click()
    await player.getByRole('button', { name: 'Pause', exact: true }).click()
    const before = await page.getByRole('slider').getAttribute('aria-valuetext')
    await pause(300)
    assert.equal(await page.getByRole('slider').getAttribute('aria-valuetext'), before)
  })

  test('the play head goes where the keys and the mouse put it', async () => {
    const { page } = person
    await openPlayer()
    const slider = page.getByRole('slider', { name: 'Place in the recording' })
    await slider.focus()
    await page.keyboard.press('End')
    await eventually('it is at the end', async () => (await placeOf()) >= 3)
    await page.keyboard.press('Home')
    await eventually('it is at the beginning', async () => (await placeOf()) === 0)
    const box = await slider.boundingBox()
    assert.ok(box !== null)
    await page.mouse.click(box.x + box.width * 0.75, box.y + 20)
    await eventually('it is where the mouse was', async () => Math.abs((await headAt()) - 75) < 2)
    await page.keyboard.press(' ')
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor()
    await page.keyboard.press(' ')
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
  })

  test('a voice is downloaded as a file', async () => {
    const player = await openPlayer()
    const waiting = person.page.waitForEvent('download')
    await player.getByRole('link', { name: 'Download Paco Vu' }).click()
    const download = await waiting
    const chunks: Buffer[] = []
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
    assert.match(Buffer.concat(chunks).subarray(0, 4).toString(), /RIFF|fLaC/)
  })

  test('the audit says who could hear whom and from when to when, and that it is whole', async () => {
    const { page } = person
    await open('audit')
    const card = page.getByRole('article').filter({ hasText: `Call ${call}` })
    await card.getByText('Sara Monitor hears Paco Vu').waitFor()
    await card.getByText('Paco Vu hears Sara Monitor').waitFor()
    assert.equal(await card.getByText(/838\s750 hears Sara Monitor/).count(), 0)
    await card.getByText(/All \d+ entries/).click()
    await card.getByRole('row').filter({ hasText: 'Paco Vu could hear Sara Monitor' }).first().waitFor()
    await page.getByRole('button', { name: 'Verify' }).click()
    await page.getByText(/Whole: \d+ entries/).waitFor()
  })

  test('what a receiver did not take is listed, and sent again', async (t) => {
    const { page } = person
    const receiver = await Receiver.open()
    t.after(() => receiver.close())
    const body = { url: receiver.url, types: ['call.*'], description: 'The wall display' }
    const { id } = await ask<{ id: string }>('/webhooks', { method: 'POST', body: JSON.stringify(body) })
    // RFC 9110 §15.5.11: whoever says that he is gone gets nothing more, and what waits for him is given up.
    receiver.answers = 410
    const { line } = await centre.now.customer('+15554150210', '+442071838751')
    await line.hangUp()
    await eventually('it is given up', async () => (await ask<{ dead: number }>(`/webhooks/${id}`)).dead > 0)
    await open('webhooks')
    await page.getByText('Off: the receiver said it is gone').waitFor()
    await ask(`/webhooks/${id}`, { method: 'PATCH', body: JSON.stringify({ state: 'on' }) })
    receiver.answers = 204
    await page.getByRole('button', { name: 'Refresh' }).first().click()
    await page.getByRole('row').filter({ hasText: 'call.' }).first().waitFor()
    const shown = await page.getByRole('row').filter({ hasText: 'call.' }).count()
    await page.getByLabel('Choose all that are shown').check()
    await page.getByRole('button', { name: `Send again (${shown})` }).click()
    await page.getByText('Nothing was given up.').waitFor()
    await eventually('they have come', () => receiver.taken >= shown)
  })

  test('whoever may not listen to recordings is told so, and no sound is asked for', async () => {
    const observer = await Person.arrive()
    await observer.signIn(centre.now.sotto.http, 'sk_test_observer_a')
    const asked: string[] = []
    observer.page.on('request', (request) => asked.push(request.url()))
    const [recording] = (await ask<{ items: { id: string }[] }>(`/recordings?call=${call}`)).items
    await observer.page.evaluate(`location.hash = '#/history/recordings/${recording?.id}'`)
    await observer.page.getByText('Your role does not include listening to recordings.').waitFor()
    assert.equal(await observer.page.getByRole('link', { name: 'Webhooks' }).count(), 0)
    assert.deepEqual(
      asked.filter((url) => /peaks|audio/.test(url)),
      [],
    )
    await observer.leave()
  })
})

async function openPlayer() {
  const { page } = person
  await open('recordings')
  await page.getByRole('row').filter({ hasText: 'Paco Vu' }).first().getByRole('link').click()
  const player = page.locator('.player')
  await player.getByRole('button', { name: /^(Play|Pause)$/ }).waitFor()
  return player
}

const placeOf = async (): Promise<number> =>
  Number(await person.page.getByRole('slider', { name: 'Place in the recording' }).getAttribute('aria-valuenow'))
const headAt = async (): Promise<number> =>
  Number.parseFloat(await person.page.evaluate(`getComputedStyle(document.querySelector('.wave-stack')).getPropertyValue('--at')`))
const playedTones = (): Promise<readonly number[]> => person.page.evaluate(`window.playedTones(${JSON.stringify(partyTones)})`)

/** Runs in the page: the tones of every media element that plays and is not muted. */
const ear = `
  const elements = new Map()
  const native = HTMLMediaElement.prototype.play
  let context
  HTMLMediaElement.prototype.play = function () {
    if (!elements.has(this) && this.src !== '') elements.set(this, undefined)
    return native.call(this)
  }
  window.playedTones = async (tones) => {
    context ??= new AudioContext()
    const found = new Set()
    for (const [element, known] of elements) {
      if (element.paused || element.muted) continue
      let analyser = known
      if (analyser === undefined) {
        analyser = context.createAnalyser()
        analyser.fftSize = 8192
        analyser.smoothingTimeConstant = 0
        context.createMediaStreamSource(element.captureStream()).connect(analyser)
        elements.set(element, analyser)
        await new Promise((resolve) => setTimeout(resolve, 300))
      }
      const levels = new Float32Array(analyser.frequencyBinCount)
      analyser.getFloatFrequencyData(levels)
      for (const hertz of tones) {
        const bin = Math.round((hertz * analyser.fftSize) / context.sampleRate)
        if (Math.max(levels[bin - 1], levels[bin], levels[bin + 1]) > -55) found.add(hertz)
      }
    }
    return [...found]
  }
`

/** Of webhooks. */
class Receiver {
  answers = 204
  taken = 0
  readonly #server = createServer((request, response) => {
    request.resume()
    if (this.answers === 204) this.taken += 1
    response.writeHead(this.answers).end()
  })

  static async open(): Promise<Receiver> {
    const receiver = new Receiver()
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve))
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
