/** axe-core finds nothing to complain about (WCAG 2.2 A and AA, and its own good practice), in either colours, wide and on a tablet. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { centreFor } from '../../testkit/centre.ts'
import { eventually, pause } from '../../testkit/phone-wait.ts'
import { missing } from '../../testkit/programs.ts'
import { type Config, reference } from '../../testkit/sotto.ts'
import { Person } from '../../testkit/wallboard-page.ts'

const skip = missing('chromium')
const centre = centreFor({ change: withKeyOfAna })
const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** Ana takes the calls of Sales in her browser, and has a minute after each. */
function withKeyOfAna(config: Config): void {
  const [account] = config.accounts
  assert.ok(account !== undefined)
  const credentials = account.credentials as { native: object[] }
  credentials.native.push({ key: 'sk_test_agent_ana', role: 'agent', user: '14' })
  Object.assign(account.groups.find(({ id }) => id === '030') ?? {}, { agents: ['4567'], wrapUpMs: 60_000 })
  account.supervision = { visibleToAgents: true }
}

before(async () => {
  if (skip !== false) return
  await centre.open()
  await centre.now.phone('210')
  await centre.now.customer('+15554150210')
})
after(centre.close)

/** Rule and element of each complaint. */
async function complaints({ page }: Person): Promise<readonly string[]> {
  await page.evaluate(axe)
  const run = `axe.run(document, { runOnly: ${JSON.stringify(rules)} }).then((r) => r.violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.html)))`
  return page.evaluate(run) as Promise<readonly string[]>
}

describe('accessibility', { skip }, () => {
  for (const colours of ['light', 'dark'] as const) {
    for (const width of [1440, 820]) {
      test(`${colours}, ${width} wide: sign-in, floor, a call's panel while speaking, help`, async (t) => {
        const person = await Person.arrive({ colours, width })
        t.after(() => person.leave())
        const { page } = person
        await page.goto(centre.now.sotto.http)
        await page.getByRole('heading', { name: 'Sign in to Sotto' }).waitFor()
        assert.deepEqual(await complaints(person), [])
        await person.signIn(centre.now.sotto.http, 'sk_test_supervisor_a')
        await page.locator('.call').waitFor()
        assert.deepEqual(await complaints(person), [])
        await page.keyboard.press('j')
        await page.keyboard.press('Enter')
        await page.keyboard.press('b')
        await page.getByText('Microphone live').waitFor()
        await page.getByText('confirmed by the mixer').waitFor()
        assert.deepEqual(await complaints(person), [])
        await page.keyboard.press('?')
        await page.getByRole('dialog').waitFor()
        assert.deepEqual(await complaints(person), [])
        // The same user listens again in the next test, and a line that is only dropped would still be there.
        await page.keyboard.press('Escape')
        await page.getByRole('dialog').waitFor({ state: 'detached' })
        await page.keyboard.press('Escape')
        await page.getByRole('complementary', { name: 'What you hear' }).waitFor({ state: 'detached' })
      })
    }
  }
})

/** The same view in both colours, wide and on a tablet. */
async function isAccessible(person: Person, view: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 820]) {
      await person.page.setViewportSize({ width, height: 900 })
      await person.page.emulateMedia({ colorScheme })
      // Colours glide.
      await pause(200)
      const shots = process.env.SOTTO_SHOTS
      if (shots !== undefined) await person.page.screenshot({ path: `${shots}/${view}-${colorScheme}-${width}.png` })
      assert.deepEqual(await complaints(person), [], `${view}, ${colorScheme}, ${width} wide`)
    }
  }
}

describe('accessibility of the pages beside the floor', { skip }, () => {
  test('the agent’s page: idle, away, ringing, in a call with a supervisor, in wrap-up', async (t) => {
    const ana = await Person.arrive()
    t.after(() => ana.leave())
    const { page } = ana
    await ana.signIn(centre.now.sotto.http, 'sk_test_agent_ana')
    await page.getByText('Ready · extension 211').waitFor()
    await page.getByRole('button', { name: 'Away' }).click()
    await page.getByRole('button', { name: 'Raise hand' }).click()
    await page.getByText('Your supervisors see').waitFor()
    await isAccessible(ana, 'agent-idle')
    await page.getByRole('button', { name: 'Away' }).click()
    const sara = await centre.now.phone('101')
    const line = await centre.now.trunk.call('+18661234567', { from: '+442071838759' })
    await page.getByRole('alertdialog').waitFor()
    await isAccessible(ana, 'agent-ringing')
    await page.keyboard.press('a')
    await page.getByRole('button', { name: 'Keypad' }).click()
    const call = (await centre.now.api.calls()).find(({ ani }) => ani === '+442071838759')
    await centre.now.api.supervise(call?.id ?? '', { supervisor: { extension: '101' }, mode: 'monitor', autoAnswer: true })
    await page.getByText('is in this call: listening').waitFor()
    await page.keyboard.press('m')
    await isAccessible(ana, 'agent-call')
    await line.hangUp()
    await page.getByText('Wrap-up', { exact: true }).waitFor()
    await isAccessible(ana, 'agent-wrap-up')
    await centre.now.putAway(sara)
  })

  test('the history: calls, a record, a recording, the audit, webhooks', async (t) => {
    const admin = await Person.arrive()
    t.after(() => admin.leave())
    const { page } = admin
    await withDeadLetters()
    await admin.signIn(centre.now.sotto.http, reference.adminKey)
    const go = (path: string) => page.evaluate(`location.hash = '#/history/${path}'`)
    await go('calls')
    await page.getByRole('link', { name: /838\s759/ }).click()
    await page.getByText('What happened').waitFor()
    await page.getByText(/hears Ana Ruiz/).waitFor()
    await isAccessible(admin, 'history-calls')
    await go('recordings')
    await page.getByRole('row').filter({ hasText: 'Ana Ruiz' }).getByRole('link').click()
    await page.getByRole('button', { name: 'Play', exact: true }).click()
    await page.getByRole('slider').waitFor()
    await isAccessible(admin, 'history-recordings')
    await go('audit')
    await page.getByRole('button', { name: 'Verify' }).click()
    await page.getByText(/Whole: \d+ entries/).waitFor()
    await page
      .getByText(/All \d+ entries/)
      .first()
      .click()
    await isAccessible(admin, 'history-audit')
    await go('webhooks')
    await page.getByRole('row').filter({ hasText: 'call.' }).first().getByText('call.').first().click()
    await isAccessible(admin, 'history-webhooks')
  })

  test('by keys alone: through the history to a record, and to playing its recording', async (t) => {
    const admin = await Person.arrive()
    t.after(() => admin.leave())
    const { page } = admin
    await admin.signIn(centre.now.sotto.http, reference.adminKey)
    await tabTo(admin, 'History')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: /838\s759/ }).waitFor()
    await tabTo(admin, /838\s759/)
    await page.keyboard.press('Enter')
    await page.getByText('What happened').waitFor()
    await tabTo(admin, /^Play, /)
    await page.keyboard.press('Enter')
    await page.getByRole('slider').waitFor()
    await tabTo(admin, /^Play$/)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor()
  })
})

/** A receiver that is not there, and a webhook that is switched off. Somebody who waits and gives up is told of. */
async function withDeadLetters(): Promise<void> {
  const ask = async (method: string, path: string, body?: object): Promise<{ readonly id: string; readonly dead: number }> => {
    const headers = { Authorization: `Bearer ${reference.adminKey}`, 'Content-Type': 'application/json' }
    const response = await fetch(`${centre.now.sotto.http}/sotto/v1/webhooks${path}`, {
      ...{ method, headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return (await response.json()) as { id: string; dead: number }
  }
  const { id } = await ask('POST', '', { url: 'http://127.0.0.1:9/', types: ['call.*'], description: 'The wall display' })
  const line = await centre.now.trunk.call('+18661234567', { from: '+442071838751' })
  await eventually('he waits', async () => (await centre.now.api.calls()).some(({ ani }) => ani === '+442071838751'))
  await line.hangUp()
  await eventually('it is given up', async () => {
    await ask('PATCH', `/${id}`, { state: 'off' })
    const { dead } = await ask('GET', `/${id}`)
    if (dead > 0) return true
    await ask('PATCH', `/${id}`, { state: 'on' })
    return false
  })
  await ask('PATCH', `/${id}`, { state: 'on' })
}

/** By Tab, as often as it takes; the words are those that a screen reader would say. */
async function tabTo({ page }: Person, name: string | RegExp): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab')
    const said = await page.evaluate<string>(`document.activeElement?.ariaLabel ?? document.activeElement?.textContent?.trim() ?? ''`)
    if (typeof name === 'string' ? said === name : name.test(said)) return
  }
  assert.fail(`${String(name)} is not reached by Tab`)
}
