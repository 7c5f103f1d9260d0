/** The wallboard in a browser, on a real server with real calls. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import type { Phone } from '../../testkit/phone.ts'
import { eventually } from '../../testkit/phone-wait.ts'
import { missing } from '../../testkit/programs.ts'
import { partyTones } from '../../testkit/voice.ts'
import { Person } from '../../testkit/wallboard-page.ts'

const skip = missing('chromium')
const centre = centreFor()
const key = 'sk_test_supervisor_a'
const ownTone = partyTones[14] ?? 0
let person: Person
let ben: Phone
let cora: Phone

before(async () => {
  if (skip !== false) return
  await centre.open()
  ben = await centre.now.phone('210')
  cora = await centre.now.phone('211')
  person = await Person.arrive({ speaks: ownTone })
  await person.signIn(centre.now.sotto.http, key)
})
after(async () => {
  await person?.leave()
  await centre.close()
})
afterEach(async () => {
  if (skip !== false) return
  await centre.now.quiet()
  assert.deepEqual(person.faults, [])
})

const callOfBen = () => centre.now.customer('+15554150210', '+442071838750')
const callOfCora = () => centre.now.customer('+15554150211', '+442071838751')
const row = (digits: string) => person.row(digits)
const strips = () => person.strips

describe('the floor', { skip }, () => {
  test('a wrong key is refused in words, and a right one opens the floor', async (t) => {
    const stranger = await Person.arrive()
    t.after(() => stranger.leave())
    await assert.rejects(Promise.race([stranger.signIn(centre.now.sotto.http, 'sk_wrong'), refusal(stranger)]), /That is not right/)
  })

  test('calls come, move and go without a reload', async () => {
    const { line, call } = await callOfBen()
    await row('838 750').getByText('Talking').waitFor()
    await row('838 750')
      .getByText(call.parties.find(({ role }) => role === 'agent')?.name ?? '')
      .waitFor()
    const before = await durationIn('838 750')
    await eventually('the time goes on', async () => (await durationIn('838 750')) !== before)
    const meter = row('838 750').locator('.col-customer .meter i')
    await eventually('the customer’s level moves', async () => /scaleX\(0\.[1-9]/.test((await meter.getAttribute('style')) ?? ''))
    await line.hangUp()
    await row('838 750').waitFor({ state: 'detached' })
  })

  test('by keys alone: a call is found, opened, listened to, left and closed; the help says how', async () => {
    const { page } = person
    await callOfBen()
    await callOfCora()
    await row('838 751').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('838751')
    await row('838 750').waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')
    await row('838 750').waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: /838\s751/ }).waitFor()
    await page.getByText('confirmed by the mixer').waitFor()
    await page.keyboard.press('l')
    await strips().getByText('Listen').waitFor()
    await page.keyboard.press('Escape')
    await strips().waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')
    await page.getByRole('heading', { name: /838\s751/ }).waitFor({ state: 'detached' })
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard' }).getByText('Hold to whisper to the agent').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })
})

describe('listening', { skip }, () => {
  test('one click and both are heard, without a microphone; a whisper reaches the agent only, and its end is the end of it', async () => {
    const { page } = person
    const { line } = await callOfBen()
    const asked = await person.asked()
    await row('838 750').hover()
    await row('838 750').getByRole('button', { name: 'Listen' }).click()
    await person.hears(outsideTone, toneOf(ben))
    assert.equal(await person.asked(), asked)
    assert.equal(await person.sends(), false)

    await page.keyboard.down(' ')
    await page.getByText('Microphone live').waitFor()
    await hear({ line, hears: [toneOf(ben)] }, { line: ben.line, hears: [outsideTone, ownTone] })
    await page.keyboard.up(' ')
    await page.getByText('Microphone live').waitFor({ state: 'detached' })
    await hear({ line, hears: [toneOf(ben)] }, { line: ben.line, hears: [outsideTone] })
    assert.equal(await person.sends(), false)

    await page.keyboard.press('c')
    await hear({ line, hears: [toneOf(ben), ownTone] }, { line: ben.line, hears: [outsideTone] })
    await page.keyboard.press('b')
    await hear({ line, hears: [toneOf(ben), ownTone] }, { line: ben.line, hears: [outsideTone, ownTone] })
    await page.keyboard.press('m')
    await hear({ line, hears: [toneOf(ben)] }, { line: ben.line, hears: [outsideTone] })
  })

  test('another call is heard over the same connection, and with Shift beside the first', async () => {
    await callOfBen()
    await callOfCora()
    await listenTo('838 750')
    await person.hears(outsideTone, toneOf(ben))
    const connections = await person.connections()
    await listenTo('838 751')
    await person.hears(outsideTone, toneOf(cora))
    assert.equal(await person.connections(), connections)
    await listenTo('838 750', ['Shift'])
    await person.hears(outsideTone, toneOf(ben), toneOf(cora))
    assert.equal(await strips().count(), 2)
  })

  test('a call that is taken over is the supervisor’s: the agent has left, the customer hears him, and it ends when he leaves', async () => {
    const { page } = person
    const { line, call } = await callOfBen()
    await listenTo('838 750')
    await person.hears(outsideTone, toneOf(ben))
    await row('838 750').click()
    await page.keyboard.press('t')
    await page.getByRole('dialog').getByRole('button', { name: 'Take over' }).click()
    await page.getByText('Microphone live').waitFor()
    await hear({ line, hears: [ownTone] })
    await person.hears(outsideTone)
    await eventually('the agent has left', () => ben.lines.length === 0)
    await page.getByRole('button', { name: 'Leave the call' }).click()
    await centre.now.callIn(call.id, 'ended')
    await page.getByText('Microphone live').waitFor({ state: 'detached' })
    assert.equal(await person.sends(), false)
  })

  test('after a reload it goes on, and nobody hears the supervisor until he asks for it', async () => {
    const { page } = person
    const { line } = await callOfBen()
    await listenTo('838 750')
    await person.hears(outsideTone, toneOf(ben))
    await page.keyboard.press('b')
    await hear({ line, hears: [toneOf(ben), ownTone] })
    await page.reload()
    await strips().getByText('Listen').waitFor()
    await person.hears(outsideTone, toneOf(ben))
    await hear({ line, hears: [toneOf(ben)] }, { line: ben.line, hears: [outsideTone] })
    assert.equal(await person.sends(), false)
  })

  test('when control dies the page says so, shows no time going on, and is right again by itself; what is heard goes on', async () => {
    const { page } = person
    const { line } = await callOfBen()
    await listenTo('838 750')
    await person.hears(outsideTone, toneOf(ben))
    centre.now.sotto.kill('control')
    await page.getByText(/Reconnecting · as of/).waitFor()
    await person.hears(outsideTone, toneOf(ben))
    await page.getByText('Live', { exact: true }).waitFor()
    await line.hangUp()
    await row('838 750').waitFor({ state: 'detached' })
  })
})

async function refusal({ page }: Person): Promise<never> {
  throw new Error((await page.getByRole('alert').textContent()) ?? '')
}

const durationIn = (digits: string): Promise<string | null> => row(digits).locator('.col-duration').textContent()

async function listenTo(digits: string, modifiers: 'Shift'[] = []): Promise<void> {
  await row(digits).hover()
  await row(digits).getByRole('button', { name: 'Listen' }).click({ modifiers })
  await row(digits).locator('.chip').waitFor()
}
