/**
 * `npm run screenshots`: every view of the wallboard, light and dark, wide and on a tablet, into docs/wallboard/. It needs Chromium. With a
 * word behind it (`npm run screenshots -- floor`) only the pictures whose name contains it are written.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { DemoScene, demoKeys } from '../testkit/demo-scene.ts'
import { pause } from '../testkit/phone-wait.ts'
import { withPalette } from '../testkit/png.ts'
import { Person } from '../testkit/wallboard-page.ts'

const folder = fileURLToPath(new URL('../docs/wallboard/', import.meta.url))
const wanted = process.argv[2] ?? ''
const sizes = [
  { name: 'wide', width: 1440, height: 900 },
  { name: 'tablet', width: 820, height: 1100 },
] as const
const schemes = ['light', 'dark'] as const
/** By what text one sees that a section, and one thing in it, is there. */
const signs = {
  calls: { list: 'Outcome', one: 'What happened' },
  recordings: { list: 'Length', one: 'Download Mix' },
  audit: { list: /hears/, one: undefined },
  webhooks: { list: 'call.created', one: undefined },
} as const

const scene = await DemoScene.open()
const people: Person[] = []
mkdirSync(folder, { recursive: true })
try {
  await scene.morning()
  const ada = await adaAtHerPhone()
  await scene.now()
  const you = await arrive(demoKeys.supervisor)
  const admin = await arrive(demoKeys.admin)
  await shootSignIn()
  await shootFloor(you.page)
  await shootHistory(you.page, ['calls', 'recordings', 'audit'])
  await shootHistory(admin.page, ['webhooks'])
  await shoot(ada.page, 'agent')
} finally {
  await Promise.all(people.map((person) => person.leave()))
  await scene.close()
}

async function arrive(key: string): Promise<Person> {
  const person = await stranger()
  await person.signIn(scene.sotto.http, key)
  return person
}

async function stranger(): Promise<Person> {
  const person = await Person.arrive()
  person.page.setDefaultTimeout(15_000)
  people.push(person)
  return person
}

/** She is in a call, has raised her hand, and hears that a supervisor listens. */
async function adaAtHerPhone(): Promise<Person> {
  await scene.putAway('201')
  const ada = await stranger()
  const { page } = ada
  await page.goto(scene.sotto.http)
  await page.getByLabel('User name').fill('ada')
  await page.getByLabel('Password').fill('sotto-demo')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByText('Ready · extension 201').waitFor()
  await scene.callForAda()
  await page.getByRole('button', { name: 'Answer' }).click()
  await page.getByRole('button', { name: 'Hang up' }).waitFor()
  await page.getByLabel('With what').fill('Wants a refund')
  await page.getByRole('button', { name: 'Raise hand' }).click()
  await page.getByRole('button', { name: 'Lower hand' }).waitFor()
  return ada
}

async function shootSignIn(): Promise<void> {
  const { page } = await stranger()
  await page.goto(scene.sotto.http)
  await page.getByRole('heading', { name: 'Sign in to Sotto' }).waitFor()
  await shoot(page, 'sign-in')
}

/** Two calls are listened to, then one is whispered into; the help lies over it. */
async function shootFloor(page: Page): Promise<void> {
  const rows = page.locator('#calls').getByRole('row')
  const ofAda = rows.filter({ hasText: 'Ada Archer' })
  await ofAda.hover()
  await ofAda.getByRole('button', { name: 'Listen' }).click()
  await ofAda.locator('.chip').waitFor()
  const another = rows.filter({ hasText: 'Bookings' }).filter({ hasText: 'Talking' }).first()
  await another.hover()
  await another.getByRole('button', { name: 'Listen' }).click({ modifiers: ['Shift'] })
  await page.getByRole('complementary', { name: 'What you hear' }).getByRole('listitem').nth(1).waitFor()
  await pause(3_000)
  await shoot(page, 'floor')
  await ofAda.click()
  await page.keyboard.press('w')
  await page.getByText('Microphone live').waitFor()
  await page.getByText('confirmed by the mixer').waitFor()
  await shoot(page, 'call')
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
  await shoot(page, 'help')
  await page.keyboard.press('Escape')
  await page.keyboard.press('m')
}

async function shootHistory(page: Page, sections: readonly (keyof typeof signs)[]): Promise<void> {
  const main = page.locator('main')
  for (const section of sections) {
    const { list, one } = signs[section]
    await page.evaluate(`location.hash = '#/history/${section}'`)
    await main.getByText(list).locator('visible=true').first().waitFor()
    await shoot(page, `history-${section}`)
    if (one === undefined) continue
    await main.getByRole('row').filter({ hasText: 'Ada Archer' }).getByRole('link').first().click()
    await main.getByText(one).first().waitFor()
    await pause(500)
    await shoot(page, `history-${section}-one`)
  }
}

async function shoot(page: Page, view: string): Promise<void> {
  for (const { name, width, height } of sizes) {
    for (const colorScheme of schemes) {
      const file = `${view}-${name}-${colorScheme}.png`
      if (!file.includes(wanted)) continue
      await page.setViewportSize({ width, height })
      await page.emulateMedia({ colorScheme })
      await pause(350)
      const picture = withPalette(await page.screenshot())
      writeFileSync(`${folder}${file}`, picture)
      process.stdout.write(`${file}  ${Math.ceil(picture.length / 1_000)} kB\n`)
    }
  }
  await page.setViewportSize(sizes[0])
}
