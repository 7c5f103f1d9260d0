/** What goes wrong or comes between while a supervisor listens and speaks in a browser: he never is heard by surprise, and what he hears goes on. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { CallControl } from '../../testkit/call-control.ts'
import { centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import type { Phone } from '../../testkit/phone.ts'
import type { Line } from '../../testkit/phone-line.ts'
import { eventually, pause } from '../../testkit/phone-wait.ts'
import { missing } from '../../testkit/programs.ts'
import { partyTones } from '../../testkit/voice.ts'
import { Person } from '../../testkit/wallboard-page.ts'

const skip = missing('chromium')
const centre = centreFor()
const ownTone = partyTones[14] ?? 0
const othersTone = partyTones[13] ?? 0
let wanda: Person
let ben: Phone
let cora: Phone

before(async () => {
  if (skip !== false) return
  await centre.open()
  ben = await centre.now.phone('210')
  cora = await centre.now.phone('211')
  wanda = await arrive()
})
after(async () => {
  await wanda?.leave()
  await centre.close()
})
afterEach(async () => {
  if (skip !== false) return
  await centre.now.quiet()
  // Or the next test would find the row of a call that is over.
  await wanda.row('838').first().waitFor({ state: 'detached' })
  assert.deepEqual(wanda.faults, [])
})

async function arrive(options: Parameters<typeof Person.arrive>[0] = {}, key = 'sk_test_supervisor_a'): Promise<Person> {
  const person = await Person.arrive({ speaks: ownTone, ...options })
  await person.signIn(centre.now.sotto.http, key)
  return person
}

const callOfBen = () => centre.now.customer('+15554150210', '+442071838750')
const callOfCora = () => centre.now.customer('+15554150211', '+442071838751')
const live = ({ page }: Person) => page.getByText('Microphone live')
const unheard = (line: Line) => hear({ line, hears: [toneOf(ben)] }, { line: ben.line, hears: [outsideTone] })
const toBoth = (line: Line) => hear({ line, hears: [toneOf(ben), ownTone] }, { line: ben.line, hears: [outsideTone, ownTone] })
const toAgent = (line: Line) => hear({ line, hears: [toneOf(ben)] }, { line: ben.line, hears: [outsideTone, ownTone] })

/** Whose standby has had the time to learn all that there is: one that was begun just now could not go on with the calls. */
async function activeMedia(): Promise<number> {
  await eventually('a standby', () => centre.now.sotto.mediaPair(), 10_000)
  await pause(2_500)
  return (await eventually('a standby', () => centre.now.sotto.mediaPair()))[0]
}

describe('the microphone', { skip }, () => {
  test('a browser that gives no microphone listens all the same, and says why it does not speak', async (t) => {
    const person = await arrive({ microphone: 'refused' })
    t.after(() => person.leave())
    const { line } = await callOfBen()
    await person.listenTo('838 750')
    await person.hears(outsideTone, toneOf(ben))
    assert.equal(await person.asked(), 0)
    await person.page.keyboard.press('w')
    await person.page.getByText('does not let this page use the microphone').first().waitFor()
    assert.equal(await person.asked(), 1)
    await person.strips.getByText('Listen').waitFor()
    assert.equal(await live(person).count(), 0)
    await unheard(line)
    await person.hears(outsideTone, toneOf(ben))
    assert.deepEqual(person.faults, [])
  })

  test('who lets go of the key before the browser gave the microphone is not heard', async (t) => {
    const person = await arrive()
    t.after(() => person.leave())
    const { line, call } = await callOfBen()
    await person.listenTo('838 750')
    await person.hears(outsideTone, toneOf(ben))
    await person.slowMicrophone(700)
    await person.page.keyboard.down(' ')
    await pause(200)
    await person.page.keyboard.up(' ')
    await pause(1_200)
    assert.equal(await live(person).count(), 0)
    assert.equal(await person.sends(), false)
    await unheard(line)
    assert.deepEqual(
      (await centre.now.api.call(call.id)).supervisions.map(({ mode }) => mode),
      ['monitor'],
    )
    await person.page.keyboard.down(' ')
    await live(person).waitFor()
    await toAgent(line)
    await person.page.keyboard.up(' ')
    await unheard(line)
  })

  test('it is asked for once, however often and fast it is pressed', async (t) => {
    const person = await arrive()
    t.after(() => person.leave())
    const { line } = await callOfBen()
    await person.listenTo('838 750')
    await person.slowMicrophone(300)
    for (const key of ['w', 'c', 'b', 'w', 'c', 'b']) await person.page.keyboard.press(key)
    await toBoth(line)
    assert.equal(await person.asked(), 1)
    for (let n = 0; n < 10; n += 1) await person.page.keyboard.press(' ')
    await person.page.keyboard.press('m')
    await unheard(line)
    await live(person).waitFor({ state: 'detached' })
    assert.equal(await person.sends(), false)
  })

  test('the end of the call is the end of his voice; the next call is heard over the same connection, and he is silent in it', async () => {
    const first = await callOfBen()
    await wanda.listenTo('838 750')
    await wanda.page.keyboard.press('b')
    await toBoth(first.line)
    const connections = await wanda.connections()
    await first.line.hangUp()
    await live(wanda).waitFor({ state: 'detached' })
    assert.equal(await wanda.sends(), false)
    await wanda.row('838 750').waitFor({ state: 'detached' })
    const { line } = await callOfBen()
    await wanda.listenTo('838 750')
    await wanda.hears(outsideTone, toneOf(ben))
    await unheard(line)
    assert.equal(await wanda.connections(), connections)
  })

  test('who moves to another call while he speaks is silent in both', async () => {
    const { line } = await callOfBen()
    const other = await callOfCora()
    await wanda.listenTo('838 750')
    await wanda.page.keyboard.press('b')
    await toBoth(line)
    await wanda.listenTo('838 751')
    await wanda.hears(outsideTone, toneOf(cora))
    await live(wanda).waitFor({ state: 'detached' })
    assert.equal(await wanda.sends(), false)
    await unheard(line)
    await hear({ line: other.line, hears: [toneOf(cora)] }, { line: cora.line, hears: [outsideTone] })
  })

  test('of two calls that he hears, his voice is in one', async () => {
    const { line } = await callOfBen()
    const other = await callOfCora()
    await wanda.listenTo('838 750')
    await wanda.listenTo('838 751', ['Shift'])
    await wanda.hears(outsideTone, toneOf(ben), toneOf(cora))
    await wanda.page.keyboard.press('b')
    await hear({ line: other.line, hears: [toneOf(cora), ownTone] }, { line: cora.line, hears: [outsideTone, ownTone] })
    await unheard(line)
    await wanda.row('838 750').click()
    await wanda.page.keyboard.press('b')
    await toBoth(line)
    await hear({ line: other.line, hears: [toneOf(cora)] }, { line: cora.line, hears: [outsideTone] })
    await wanda.hears(outsideTone, toneOf(ben), toneOf(cora))
  })

  test('whatever else takes his voice away takes his microphone off', async () => {
    // His own key, as a program of his would use it: nobody else may change what goes over his line.
    const program = new CallControl(centre.now.sotto.http, 'sk_test_supervisor_a')
    const { line, call } = await callOfBen()
    await wanda.listenTo('838 750')
    await wanda.page.keyboard.press('b')
    await toBoth(line)
    const [supervision] = (await centre.now.api.call(call.id)).supervisions
    await program.change(supervision?.id ?? '', { mode: 'monitor' })
    await live(wanda).waitFor({ state: 'detached' })
    assert.equal(await wanda.sends(), false)
    await wanda.page.keyboard.press('w')
    await toAgent(line)
    await program.endSupervision(supervision?.id ?? '')
    await live(wanda).waitFor({ state: 'detached' })
    assert.equal(await wanda.sends(), false)
    await unheard(line)
  })

  test('a microphone that is unplugged is said to be gone', async () => {
    const { line } = await callOfBen()
    await wanda.listenTo('838 750')
    await wanda.page.keyboard.press('b')
    await toBoth(line)
    await wanda.unplug()
    await wanda.page.getByText('The microphone is gone').first().waitFor()
    await live(wanda).waitFor({ state: 'detached' })
    await wanda.strips.getByText('Listen').waitFor()
    await wanda.page.keyboard.press('b')
    await toBoth(line)
  })

  test('who signs out is in no call any more', async (t) => {
    const person = await arrive()
    t.after(() => person.leave())
    const { line, call } = await callOfBen()
    await person.listenTo('838 750')
    await person.page.keyboard.press('b')
    await toBoth(line)
    await person.page.getByRole('button', { name: 'Sign out' }).click()
    await person.page.getByRole('heading', { name: 'Sign in to Sotto' }).waitFor()
    await unheard(line)
    assert.equal(await person.sends(), false)
    const { supervisions } = await centre.now.api.call(call.id)
    assert.ok(supervisions.every(({ state }) => state === 'ended'))
  })
})

describe('two supervisors in two browsers on one call', { skip }, () => {
  test('both hear it, each sees the other, a whisper of one is not for the other, and who barges is heard by him too', async (t) => {
    const other = await arrive({ speaks: othersTone }, 'sk_test_admin_a')
    t.after(() => other.leave())
    const { line } = await callOfBen()
    await wanda.listenTo('838 750')
    await other.listenTo('838 750')
    await wanda.hears(outsideTone, toneOf(ben))
    await other.hears(outsideTone, toneOf(ben))
    await other.row('838 750').click()
    await other.page.getByText('Wanda Whisper: Listen').first().waitFor()

    await wanda.page.keyboard.press('w')
    await other.page.getByText('Wanda Whisper: Whisper').first().waitFor()
    await toAgent(line)
    await other.hears(outsideTone, toneOf(ben))
    await wanda.page.keyboard.press('b')
    await toBoth(line)
    await other.hears(outsideTone, toneOf(ben), ownTone)
    await other.page.keyboard.press('b')
    const all = [outsideTone, toneOf(ben), ownTone, othersTone]
    const but = (tone: number) => all.filter((each) => each !== tone)
    await hear({ line, hears: but(outsideTone) }, { line: ben.line, hears: but(toneOf(ben)) })
    await wanda.hears(...but(ownTone))
    await other.hears(...but(othersTone))
    await other.page.keyboard.press('m')
    await toBoth(line)
    await wanda.page.keyboard.press('m')
    await unheard(line)
  })
})

describe('when something is away', { skip }, () => {
  test('the network: what is shown is marked, what is heard goes on, nobody is heard by surprise, and then all is right', async () => {
    const { page } = wanda
    const { line } = await callOfBen()
    const gone = await callOfCora()
    await wanda.listenTo('838 750')
    await wanda.hears(outsideTone, toneOf(ben))
    await page.context().setOffline(true)
    await page.getByText(/Reconnecting · as of/).waitFor()
    await wanda.hears(outsideTone, toneOf(ben))
    await page.keyboard.down(' ')
    await page.getByText('The server did not answer').first().waitFor()
    await page.keyboard.up(' ')
    assert.equal(await wanda.sends(), false)
    await unheard(line)
    await gone.line.hangUp()
    await centre.now.callIn(gone.call.id, 'ended')
    await page.context().setOffline(false)
    await page.getByText('Live', { exact: true }).waitFor()
    await wanda.row('838 751').waitFor({ state: 'detached' })
    await wanda.strips.getByText('Listen').waitFor()
    await page.keyboard.press('b')
    await toBoth(line)
  })

  test('the network, while he speaks: he can still be silent at once', async () => {
    const { page } = wanda
    const { line } = await callOfBen()
    await wanda.listenTo('838 750')
    await page.keyboard.press('b')
    await toBoth(line)
    await page.context().setOffline(true)
    await page.getByText(/Reconnecting · as of/).waitFor()
    await toBoth(line)
    await live(wanda).waitFor()
    await page.keyboard.press('m')
    await live(wanda).waitFor({ state: 'detached' })
    assert.equal(await wanda.sends(), false)
    await unheard(line)
    await page.context().setOffline(false)
    await page.getByText('Live', { exact: true }).waitFor()
    await wanda.strips.getByText('Listen').waitFor()
    await unheard(line)
  })

  test('control, killed while he barges: his voice goes on, and so does every button afterwards', async () => {
    const { page } = wanda
    const { line } = await callOfBen()
    await wanda.listenTo('838 750')
    await page.keyboard.press('b')
    await toBoth(line)
    const connections = await wanda.connections()
    centre.now.sotto.kill('control')
    await page.getByText(/Reconnecting · as of/).waitFor()
    await toBoth(line)
    await page.getByText('Live', { exact: true }).waitFor()
    await live(wanda).waitFor()
    await toBoth(line)
    await page.keyboard.press('w')
    await toAgent(line)
    await page.keyboard.press('m')
    await unheard(line)
    await live(wanda).waitFor({ state: 'detached' })
    assert.equal(await wanda.connections(), connections)
  })

  test('the media process, killed while he whispers: the page lays its line anew, and he whispers on to the agent alone', async () => {
    const { page } = wanda
    const { line } = await callOfBen()
    await wanda.listenTo('838 750')
    await page.keyboard.press('w')
    await toAgent(line)
    const active = await activeMedia()
    const connections = await wanda.connections()
    process.kill(active, 'SIGKILL')
    await eventually('a new connection', async () => (await wanda.connections()) > connections)
    await wanda.hears(outsideTone, toneOf(ben))
    await eventually('the agent hears him again', () => ben.line.heard.tones().includes(ownTone), 8_000)
    await toAgent(line)
    await page.keyboard.press('m')
    await unheard(line)
    assert.equal(await wanda.sends(), false)
    await wanda.hears(outsideTone, toneOf(ben))
  })
})

test('who clicks on a call when the server has just lost his line hears it, with no second click and no complaint', { skip }, async () => {
  await callOfBen()
  const active = await activeMedia()
  await wanda.row('838 750').getByText('Talking').waitFor()
  process.kill(active, 'SIGKILL')
  await wanda.listenTo('838 750')
  await wanda.hears(outsideTone, toneOf(ben))
  assert.equal(await wanda.page.getByText('The connection of the line is lost').count(), 0)
})

test('a second tab, opened from the first, takes nothing away from it', { skip }, async () => {
  await callOfBen()
  await wanda.listenTo('838 750')
  await wanda.hears(outsideTone, toneOf(ben))
  const connections = await wanda.connections()
  const opened = wanda.page.context().waitForEvent('page')
  await wanda.page.evaluate('void window.open(location.href)')
  const second = await opened
  await second.getByText('Live', { exact: true }).waitFor()
  await eventually('it has a line of its own', () => second.evaluate(() => sottoTest.peers.length === 1))
  await pause(500)
  assert.equal(await second.getByRole('complementary', { name: 'What you hear' }).count(), 0)
  await wanda.hears(outsideTone, toneOf(ben))
  assert.equal(await wanda.connections(), connections)
  await second.close()
  await wanda.hears(outsideTone, toneOf(ben))
})
