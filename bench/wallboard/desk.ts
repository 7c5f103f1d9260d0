/** A supervisor before the page of a centre with two agents, each with a tone of his own. */
import { Centre } from '../../testkit/centre.ts'
import type { Phone } from '../../testkit/phone.ts'
import { eventually, pause } from '../../testkit/phone-wait.ts'
import { Person, type PersonOptions } from '../../testkit/wallboard-page.ts'
import { pageProbe } from '../kit/page-probe.ts'

export const supervisorKey = 'sk_test_supervisor_a'
/** Of the agents and the supervisor; 100 Hz apart at least, and none that the customers speak. */
export const tones = { ben: 1_000, cora: 2_200, own: 1_600 } as const
export const rows = { ben: '838 750', cora: '838 751' } as const

/** Phones and page share a clock only by way of the machine's. */
export const epochOf = (at: number): number => at + (Date.now() - performance.now())

export async function probed(options: PersonOptions = {}): Promise<Person> {
  const person = await Person.arrive(options)
  // The page's own rules keep strange scripts out, the probe's among them.
  const wire = await person.page.context().newCDPSession(person.page)
  await wire.send('Page.setBypassCSP', { enabled: true })
  await person.page.addInitScript(pageProbe(Object.values(tones)))
  return person
}

export class Desk {
  readonly centre: Centre
  readonly person: Person
  readonly ben: Phone
  readonly cora: Phone

  private constructor(centre: Centre, { person, ben, cora }: { readonly person: Person; readonly ben: Phone; readonly cora: Phone }) {
    this.centre = centre
    this.person = person
    this.ben = ben
    this.cora = cora
  }

  /** With a call of each agent, in the list. */
  static async open(): Promise<Desk> {
    const centre = await Centre.open()
    const ben = await centre.phone('210', { tone: tones.ben })
    const cora = await centre.phone('211', { tone: tones.cora })
    await centre.customer('+15554150210', '+442071838750')
    await centre.customer('+15554150211', '+442071838751')
    const person = await probed({ speaks: tones.own })
    await person.signIn(centre.sotto.http, supervisorKey)
    await person.row(rows.cora).waitFor()
    return new Desk(centre, { person, ben, cora })
  }

  async click(digits: string): Promise<void> {
    const row = this.person.row(digits)
    await row.hover()
    await row.getByRole('button', { name: 'Listen' }).click()
  }

  /** Milliseconds from the press until this tone leaves the page. */
  async sound(tone: number, press: () => Promise<unknown>): Promise<number> {
    const { page } = this.person
    await page.evaluate((hertz) => window.sottoBench.silent(hertz), tone)
    // Not always at the same place of the server's and the page's rhythms.
    await pause(300 + Math.random() * 200)
    await page.evaluate((hertz) => window.sottoBench.arm(hertz), tone)
    await press()
    return page.evaluate(() => window.sottoBench.delay())
  }

  async leave(): Promise<void> {
    await this.person.page.keyboard.press('Escape')
    await this.person.strips.first().waitFor({ state: 'detached' })
  }

  /** The page has no line any more: the next click opens one. */
  async closeLines(): Promise<void> {
    const open = async () => (await this.#ask<{ items: { id: string; state: string }[] }>('GET', '/lines')).items
    await eventually('a line is open', async () => (await open()).some(({ state }) => state === 'open'))
    for (const { id } of await open()) await this.#ask('DELETE', `/lines/${id}`)
    await pause(300)
  }

  async #ask<T>(method: string, path: string): Promise<T> {
    const answer = await fetch(`${this.centre.sotto.http}/sotto/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${supervisorKey}` },
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }

  async close(): Promise<void> {
    await this.person.leave()
    await this.centre.close()
  }
}
