/** The people of the demonstration: agents and a supervisor with phones that register, customers who call in all day. */

import { Phone } from './phone.ts'
import type { Line } from './phone-line.ts'
import { pause } from './phone-wait.ts'
import type { Peer } from './phone-wire.ts'
import { Trunk } from './trunk.ts'
import { babble } from './voice-babble.ts'

/** What the demonstration needs of its configuration file. */
export interface DemoConfig {
  readonly sip: { readonly realm: string }
  readonly accounts: readonly {
    readonly name: string
    readonly extensions: readonly { readonly number: string; readonly name: string; readonly password: string }[]
    readonly users: readonly { readonly username?: string }[]
    readonly agents: readonly { readonly extension: string }[]
    readonly numbers: readonly { readonly number: string }[]
    readonly trunks: readonly { readonly peer: string }[]
    readonly credentials: { readonly native: readonly { readonly key: string; readonly role: string }[] }
  }[]
}

/** Left free for the reader's own phone. */
export const readersExtension = '101'
const supervisorsExtension = '102'

const maxCalls = 4
const betweenCallsMs = 3_500
const callMs = { shortest: 30_000, longest: 120_000 }
/** The server may restart under the demonstration; whoever could not register tries again. */
const registerEveryMs = 30_000
const trunkRetryMs = 5_000

export class Cast {
  readonly #config: DemoConfig['accounts'][number]
  readonly #realm: string
  readonly #server: Peer
  readonly #phones: Phone[] = []
  #trunk: Trunk | undefined
  #open = true

  constructor(config: DemoConfig, server: Peer) {
    const [account] = config.accounts
    if (account === undefined) throw new Error('the demonstration needs an account')
    this.#config = account
    this.#realm = config.sip.realm
    this.#server = server
  }

  async start(): Promise<void> {
    const agents = this.#config.agents.map((agent) => agent.extension)
    await Promise.all([...agents, supervisorsExtension].map((number, n) => this.#startPhone(number, n)))
    void this.#openTrunk()
  }

  async stop(): Promise<void> {
    this.#open = false
    await Promise.all([...this.#phones, ...(this.#trunk === undefined ? [] : [this.#trunk])].map((phone) => phone.stop()))
  }

  async #startPhone(number: string, n: number): Promise<void> {
    const extension = this.#config.extensions.find((e) => e.number === number)
    if (extension === undefined) return
    const phone = await Phone.start({
      server: this.#server,
      user: number,
      password: extension.password,
      displayName: extension.name,
      realm: this.#realm,
      tone: babble({ pitch: 95 + 7 * n, size: 1.05, seed: n + 1, turn: 'first' }),
      autoAnswer: number === supervisorsExtension ? 300 : 1_500 + 400 * n,
      expiresS: 120,
      keepSeconds: 1,
    })
    this.#phones.push(phone)
    void this.#keepRegistered(phone)
  }

  async #keepRegistered(phone: Phone): Promise<void> {
    while (this.#open) {
      await phone.register().catch(() => {})
      await pause(registerEveryMs)
    }
  }

  /** The configuration fixes the port; somebody else may still be using it. */
  async #openTrunk(): Promise<void> {
    const port = this.#trunkPort()
    while (this.#open && this.#trunk === undefined) {
      const listen = { host: '127.0.0.1', port }
      this.#trunk = await Trunk.start({ server: this.#server, listen, keepSeconds: 1 }).catch(() => undefined)
      if (this.#trunk !== undefined) return this.#callAllDay(this.#trunk)
      process.stderr.write(`demo: UDP port ${port}, where the customers come from, is taken; trying again\n`)
      await pause(trunkRetryMs)
    }
  }

  async #callAllDay(trunk: Trunk): Promise<void> {
    for (let customer = 1; this.#open; customer += 1) {
      if (trunk.lines.length < maxCalls) await this.#callIn(trunk, customer).catch(() => {})
      await pause(betweenCallsMs)
    }
  }

  async #callIn(trunk: Trunk, customer: number): Promise<void> {
    const { numbers } = this.#config
    const dialled = numbers[customer % numbers.length]?.number ?? ''
    const voice = babble({ pitch: 175 + (customer % 7) * 9, size: 0.86, seed: 100 + customer, turn: 'second' })
    const line = await trunk.call(dialled, { from: `+4416329600${String(customer % 100).padStart(2, '0')}`, tone: voice })
    const patience = callMs.shortest + Math.random() * (callMs.longest - callMs.shortest)
    void hangUpAfter(line, patience)
  }

  #trunkPort(): number {
    return Number(this.#config.trunks[0]?.peer.split(':').at(-1) ?? 5_090)
  }
}

async function hangUpAfter(line: Line, ms: number): Promise<void> {
  await Promise.race([line.ended, pause(ms)])
  await line.hangUp().catch(() => {})
}
