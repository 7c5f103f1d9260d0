/** An agent's own page: his phone in the browser, his state, his hand, and what came of the call. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { centreFor, hear, outsideTone } from '../../testkit/centre.ts'
import type { Line } from '../../testkit/phone-line.ts'
import { eventually } from '../../testkit/phone-wait.ts'
import { missing } from '../../testkit/programs.ts'
import { type Config, reference } from '../../testkit/sotto.ts'
import { partyTones } from '../../testkit/voice.ts'
import { Person } from '../../testkit/wallboard-page.ts'

const skip = missing('chromium')
const centre = centreFor({ change: withKeyOfAna })
const ownTone = partyTones[13] ?? 0
const number = '+18661234567'
let ana: Person

/** Ana has an account of her own, and a group that gives her time after a call. Her account tells agents who is with them. */
function withKeyOfAna(config: Config): void {
  const [account] = config.accounts
  assert.ok(account !== undefined)
  const credentials = account.credentials as { native: object[] }
  credentials.native.push({ key: 'sk_test_agent_ana', role: 'agent', user: '14' })
  const sales = account.groups.find(({ id }) => id === '030')
  Object.assign(sales ?? {}, { agents: ['4567'], wrapUpMs: 60_000 })
  account.supervision = { visibleToAgents: true }
}

before(async () => {
  if (skip !== false) return
  await centre.open()
  ana = await Person.arrive({ speaks: ownTone })
  ana.page.setDefaultTimeout(8_000)
  await ana.signIn(centre.now.sotto.http, 'sk_test_agent_ana')
  await ana.page.getByText('Ready · extension 211').waitFor()
})
after(async () => {
  await ana?.leave()
  await centre.close()
})
afterEach(async () => {
  if (skip !== false) return
  assert.deepEqual(ana.faults, [])
  await centre.now.quiet()
  await ana.page.getByRole('button', { name: 'Available', exact: true }).click()
  await centre.now.agentIs('4567', 'available')
})

const button = (name: string | RegExp) => ana.page.getByRole('button', { name })

async function rung(): Promise<Line> {
  const line = await centre.now.trunk.call(number, { from: '+442071838750' })
  await ana.page
    .getByRole('alertdialog', { name: 'Incoming call' })
    .getByText(/838\s750/)
    .waitFor()
  return line
}

async function answered(): Promise<Line> {
  const line = await rung()
  await ana.page.keyboard.press('a')
  await ana.hears(outsideTone)
  await hear({ line, hears: [ownTone] })
  return line
}

describe('the agent’s own page', { skip }, () => {
  test('an agent who signs in sees it first, is registered without being asked for his microphone, and is available', async () => {
    assert.match(ana.page.url(), /#\/agent$/)
    assert.equal(await ana.asked(), 0)
    await centre.now.agentIs('4567', 'available')
  })

  test('a call rings; it is answered by a key, and both hear each other', async () => {
    const line = await rung()
    assert.match(await ana.page.title(), /Call from/)
    assert.equal(await ana.asked(), 0)
    await ana.page.keyboard.press('a')
    await ana.hears(outsideTone)
    await hear({ line, hears: [ownTone] })
    assert.equal(await ana.page.title(), 'Sotto')
  })

  test('on hold the customer does not hear her, muted neither; afterwards he does', async () => {
    const line = await answered()
    await ana.page.keyboard.press('h')
    await button(/^Resume/).waitFor()
    await eventually('the customer does not hear her', () => !line.heard.tones().includes(ownTone))
    await ana.hears()
    await ana.page.keyboard.press('h')
    await hear({ line, hears: [ownTone] })
    await ana.page.keyboard.press('m')
    await ana.page.getByText('Nobody hears you').waitFor()
    await hear({ line, hears: [] })
    await ana.page.keyboard.press('m')
    await hear({ line, hears: [ownTone] })
  })

  test('a digit that she presses reaches the other side', async () => {
    const line = await answered()
    await ana.page.keyboard.press('5')
    await button('Keypad').click()
    await ana.page.getByText('Sent: 5').waitFor()
    await eventually('the digit has come', () => line.heard.digits.includes('5'))
  })

  test('she passes the call on, and is free of it', async () => {
    const ben = await centre.now.phone('106')
    const line = await answered()
    await ana.page.keyboard.press('x')
    const dialog = ana.page.getByRole('dialog', { name: 'Transfer' })
    await dialog.getByRole('combobox', { name: 'To' }).fill('106')
    await dialog.getByRole('button', { name: 'Transfer', exact: true }).click()
    await ana.page.getByText('No call').waitFor()
    await hear({ line, hears: [Number(ben.options.tone)] })
    await centre.now.putAway(ben)
  })

  test('what she says of the call in wrap-up is kept, and she is back when she says so', async () => {
    const line = await answered()
    const [call] = await centre.now.api.calls()
    await button(/^Hang up/).click()
    await eventually('the customer is gone', () => line.state === 'ended')
    await ana.page.getByText('Wrap-up', { exact: true }).waitFor()
    await ana.page.reload()
    await ana.page.getByLabel('Disposition').fill('Sale')
    await ana.page.getByLabel('Notes').fill('Wants it blue')
    await button('Save').click()
    await ana.page.getByText('The outcome is saved.').waitFor()
    assert.equal((await centre.now.api.call(call?.id ?? '')).disposition, 'Sale')
    await button('Available').click()
    await centre.now.agentIs('4567', 'available')
    await ana.page.getByText('Ready · extension 211').waitFor()
  })

  test('away with a reason, and a hand with a note, are seen by others', async () => {
    await button('Away').click()
    await ana.page.getByLabel('Why away').fill('Lunch')
    await button('Set').click()
    await centre.now.agentIs('4567', 'away')
    await button('Raise hand').waitFor()
    await ana.page.getByLabel('With what').fill('Wants a refund')
    await button('Raise hand').click()
    await ana.page.getByText('Your supervisors see that you ask for help.').waitFor()
    const mine = await ownAgent()
    assert.deepEqual([mine?.reason, mine?.hand?.note], ['Lunch', 'Wants a refund'])
    await button('Lower hand').click()
    await eventually('it is down', async () => (await ownAgent())?.hand === undefined)
  })

  test('she is told of a supervisor where the account says so', async () => {
    const sara = await centre.now.phone('101')
    await answered()
    const [call] = await centre.now.api.calls()
    const { id } = await centre.now.api.supervise(call?.id ?? '', { supervisor: { extension: '101' }, mode: 'monitor', autoAnswer: true })
    await ana.page.getByText('Sara Monitor is in this call: listening').waitFor()
    await centre.now.api.endSupervision(id)
    await ana.page.getByText('Sara Monitor is in this call: listening').waitFor({ state: 'detached' })
    await centre.now.putAway(sara)
  })

  test('a second tab does not ring as well, and takes the phone over when the first is closed', async () => {
    const first = ana.page
    const second = await first.context().newPage()
    await second.goto(`${centre.now.sotto.http}/#/agent`)
    await second.getByText('Your phone is in another tab').waitFor()
    await second.close()
    await first.getByText('Ready · extension 211').waitFor()
  })

  test('when control dies a call in the browser goes on, and the page is right again', async () => {
    const line = await answered()
    centre.now.sotto.kill('control')
    await hear({ line, hears: [ownTone] })
    await ana.page.getByText('Live', { exact: true }).waitFor()
    await ana.page.getByText('Ready · extension 211').waitFor()
    await ana.hears(outsideTone)
    await button(/^Hang up/).click()
    await eventually('the customer is gone', () => line.state === 'ended', 15_000)
  })
})

async function ownAgent(): Promise<{ reason?: string; hand?: { note?: string } } | undefined> {
  const response = await fetch(`${centre.now.sotto.http}/sotto/v1/agents`, { headers: { Authorization: `Bearer ${reference.adminKey}` } })
  const { items } = (await response.json()) as { items: { id: string; reason?: string; hand?: { note?: string } }[] }
  return items.find(({ id }) => id === '4567')
}
