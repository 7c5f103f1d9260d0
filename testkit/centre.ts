/** A call centre for a test: a real server, the telephone network behind its trunk, and phones that each speak a tone of their own. */
import assert from 'node:assert/strict'
import type { CallControl, CallView } from './call-control.ts'
import { Phone, type PhoneOptions } from './phone.ts'
import type { Line } from './phone-line.ts'
import { eventually, soon } from './phone-wait.ts'
import { reference, type Sotto, type SottoOptions, startSotto } from './sotto.ts'
import { Trunk, type TrunkOptions } from './trunk.ts'
import { partyTones } from './voice.ts'

export interface CentreOptions extends SottoOptions {
  /** What happens when the server dials a number; default: the called one answers at once. */
  readonly rule?: TrunkOptions['rule']
}

export class Centre {
  readonly sotto: Sotto
  readonly trunk: Trunk
  readonly #phones = new Map<string, Phone>()
  #tones = 1

  private constructor(sotto: Sotto, trunk: Trunk) {
    this.sotto = sotto
    this.trunk = trunk
  }

  /** Everybody outside speaks 400 Hz. */
  static async open({ rule, ...options }: CentreOptions = {}): Promise<Centre> {
    const sotto = await startSotto(options)
    const server = options.ipv6 === true ? { host: '::1', port: sotto.sip.port } : sotto.sip
    const listen = { host: server.host, port: sotto.trunkPort }
    const trunk = await Trunk.start({ server, listen, tone: partyTones[0], ...(rule === undefined ? {} : { rule }) })
    return new Centre(sotto, trunk)
  }

  get api(): CallControl {
    return this.sotto.api
  }

  /** A registered phone that answers by itself unless told otherwise. Its tone is the next one that nobody speaks. */
  async phone(extension: string, options: Partial<PhoneOptions> = {}): Promise<Phone> {
    const manners = options.behaviour === undefined && options.decide === undefined ? { autoAnswer: true } : {}
    const phone = await Phone.start({
      server: this.sotto.sip,
      ...reference.phone(extension),
      ...manners,
      tone: this.#nextTone(),
      ...options,
    })
    const before = this.#phones.get(phone.options.user)
    this.#phones.set(phone.options.user, phone)
    await before?.stop()
    await phone.register()
    return phone
  }

  /** Hangs up and unregisters: the next test may have this phone behave otherwise. */
  async putAway(...phones: readonly Phone[]): Promise<void> {
    for (const phone of phones) this.#phones.delete(phone.options.user)
    await Promise.all(phones.map((phone) => phone.stop()))
  }

  /** A customer calls and is answered. */
  async customer(number: string, from = '+442071838750'): Promise<{ readonly line: Line; readonly call: CallView }> {
    const line = await this.trunk.call(number, { from })
    await soon(line.answered, `${number} answers`)
    const call = await eventually('the call', async () => (await this.api.calls()).find((c) => c.ani === from))
    return { line, call }
  }

  callIn(id: string, state: CallView['state']): Promise<CallView> {
    return eventually(`the call is ${state}`, async () => {
      const call = await this.api.call(id)
      return call.state === state ? call : undefined
    })
  }

  agentIs(id: string, state: string): Promise<unknown> {
    const look = async () => (await this.api.agents()).some((agent) => agent.id === id && agent.state === state)
    return eventually(`agent ${id} is ${state}`, look)
  }

  /** All calls are over, for the server and for the phones; what happened to them is forgotten. */
  async quiet(): Promise<void> {
    const lines = () => [...this.trunk.lines, ...[...this.#phones.values()].flatMap((phone) => phone.lines)]
    await Promise.all(lines().map((line) => line.hangUp()))
    await eventually('every call is over', async () => (await this.api.calls()).length === 0 && lines().length === 0)
    for (const phone of this.#phones.values()) phone.forget()
    this.trunk.forget()
  }

  async close(): Promise<void> {
    await Promise.all([this.trunk, ...this.#phones.values()].map((phone) => phone.stop()))
    await this.sotto.stop()
  }

  #nextTone(): number {
    const hz = partyTones[this.#tones % partyTones.length] ?? 400
    this.#tones += 1
    return hz
  }
}

/** Registers nothing: the hooks of the test file do that, once for all of its tests. */
export function centreFor(options: CentreOptions = {}): { open(): Promise<void>; close(): Promise<void>; readonly now: Centre } {
  let centre: Centre | undefined
  return {
    open: async () => {
      centre = await Centre.open(options)
    },
    close: async () => centre?.close(),
    get now() {
      assert.ok(centre !== undefined, 'the centre was not opened')
      return centre
    },
  }
}

/** The tone that a phone of the centre speaks. */
export function toneOf(phone: Phone): number {
  const { tone } = phone.options
  assert.ok(typeof tone === 'number')
  return tone
}

export const outsideTone: number = partyTones[0]

/** Each of these lines hears exactly those tones. */
export async function hear(...expected: readonly { readonly line: Line; readonly hears: readonly number[] }[]): Promise<void> {
  for (const { line, hears } of expected) {
    const wanted = String(hears.toSorted((a, b) => a - b))
    await eventually(`${line.number} hears ${wanted || 'nobody'}`, () => String(line.heard.tones()) === wanted, 2_000).catch(
      (error: Error) => {
        throw new Error(`${error.message}, but ${line.heard.tones()}`)
      },
    )
  }
}
