/** The demonstration call centre on an ordinary morning, always the same one: some calls are over, some go on, somebody waits, somebody asks for help. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { CallView } from './call-control.ts'
import { Phone } from './phone.ts'
import type { Line } from './phone-line.ts'
import { eventually, pause, soon } from './phone-wait.ts'
import { type Config, type Sotto, startSotto } from './sotto.ts'
import { Trunk } from './trunk.ts'
import { babble } from './voice-babble.ts'

const config = fileURLToPath(new URL('../fixtures/demo.json', import.meta.url))
const numbers = { bookings: '+442079460101', help: '+442079460102', ada: '+442079460103' } as const
export const demoKeys = { supervisor: 'sk_demo_supervisor', admin: 'sk_demo_admin' } as const

export class DemoScene {
  readonly sotto: Sotto
  readonly #trunk: Trunk
  readonly #phones = new Map<string, Phone>()
  readonly #receiver: Server
  #customers = 0

  private constructor(sotto: Sotto, { trunk, receiver }: { readonly trunk: Trunk; readonly receiver: Server }) {
    this.sotto = sotto
    this.#trunk = trunk
    this.#receiver = receiver
  }

  static async open(): Promise<DemoScene> {
    const sotto = await startSotto({ config, key: demoKeys.admin, change: withNames })
    const trunk = await Trunk.start({ server: sotto.sip, listen: { host: '127.0.0.1', port: sotto.trunkPort }, keepSeconds: 1 })
    const receiver = createServer((_request, response) => response.writeHead(410).end())
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    return new DemoScene(sotto, { trunk, receiver })
  }

  async close(): Promise<void> {
    await Promise.all([this.#trunk, ...this.#phones.values()].map((phone) => phone.stop()))
    this.#receiver.close()
    await this.sotto.stop()
  }

  /** Calls that are over: recorded, supervised, disposed of, and one that nobody answered. */
  async morning(): Promise<void> {
    const { api } = this.sotto
    await Promise.all(['201', '202', '203', '204', '205', '102'].map((number) => this.#phone(number)))
    await this.#webhook()
    const first = await this.#customer(numbers.ada)
    const second = await this.#customer(numbers.help)
    const third = await this.#customer(numbers.bookings)
    for (const { call } of [first, second, third]) await api.record(call.id, 'on')
    const { id } = await api.supervise(first.call.id, { supervisor: { extension: '102' }, mode: 'monitor', autoAnswer: true })
    await eventually('he listens', async () => (await api.supervision(id)).state === 'active')
    await pause(4_000)
    await api.change(id, { mode: 'whisper', target: 'agent' })
    await api.record(first.call.id, 'paused')
    await pause(2_000)
    await api.record(first.call.id, 'on')
    await api.change(id, { mode: 'barge' })
    await third.line.hangUp()
    await pause(6_000)
    await api.endSupervision(id)
    await pause(2_000)
    for (const { call, line } of [first, second]) {
      await api.dispose(call.id, 'Booked')
      await line.hangUp()
    }
    await eventually('all are over', async () => (await api.calls()).length === 0)
    await this.#unanswered()
  }

  /** Takes the phone of an agent who has one in his browser. */
  async putAway(number: string): Promise<void> {
    await this.#phones.get(number)?.stop()
    this.#phones.delete(number)
  }

  /** To Ada's own number, who answers in her browser. */
  async callForAda(): Promise<Line> {
    return await this.#trunk.call(numbers.ada, this.#calling())
  }

  /** All agents talk, one call is on hold, two customers wait, and a colleague listens. */
  async now(): Promise<void> {
    const { api } = this.sotto
    const calls = [await this.#customer(numbers.bookings), await this.#customer(numbers.bookings), await this.#customer(numbers.help)]
    const [bela, cora, help] = calls.map(({ call }) => call)
    for (const call of [bela, help]) await api.record(call?.id ?? '', 'on')
    const customer = cora?.parties.find(({ role }) => role === 'customer')
    await api.party(cora?.id ?? '', customer?.id ?? '', 'hold')
    await api.supervise(help?.id ?? '', { supervisor: { extension: '102' }, mode: 'monitor', autoAnswer: true })
    const free = (await api.agents()).find(({ state, extension }) => state === 'available' && extension !== '201')
    if (free !== undefined) await api.setAgentState(free.id, 'away')
    for (let n = 0; n < 2; n += 1) await this.#trunk.call(numbers.bookings, this.#calling())
  }

  async #phone(number: string): Promise<void> {
    const n = Number(number) % 10
    const phone = await Phone.start({
      ...{ server: this.sotto.sip, user: number, password: `demo-${number}`, realm: 'demo.sotto.test', keepSeconds: 1 },
      ...{ tone: babble({ pitch: 95 + 7 * n, size: 1.05, seed: n + 1, turn: 'first' }), autoAnswer: 200 },
    })
    this.#phones.set(number, phone)
    await phone.register()
  }

  async #customer(number: string): Promise<{ readonly line: Line; readonly call: CallView }> {
    const calling = this.#calling()
    const line = await this.#trunk.call(number, calling)
    await soon(line.answered, `${number} answers`)
    const call = await eventually('the call', async () => (await this.sotto.api.calls()).find(({ ani }) => ani === calling.from))
    return { line, call }
  }

  #calling() {
    this.#customers += 1
    const n = this.#customers
    return {
      from: `+4416329600${String(11 + n * 7).padStart(2, '0')}`,
      tone: babble({ pitch: 175 + (n % 7) * 9, size: 0.86, seed: 100 + n, turn: 'second' }),
    }
  }

  async #unanswered(): Promise<void> {
    await this.sotto.api.setAgentState('204', 'away')
    await this.sotto.api.setAgentState('205', 'away')
    const line = await this.#trunk.call(numbers.help, this.#calling())
    await pause(1_500)
    await line.hangUp()
    await this.sotto.api.setAgentState('204', 'available')
    await this.sotto.api.setAgentState('205', 'available')
  }

  /** Of a program that is not there any more: what it was sent was given up. */
  async #webhook(): Promise<void> {
    const { port } = this.#receiver.address() as AddressInfo
    const body = { url: `http://127.0.0.1:${port}/sotto-events`, types: ['call.*'], description: 'Customer records' }
    await fetch(`${this.sotto.http}/sotto/v1/webhooks`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${demoKeys.admin}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
  }
}

/** Agents see who is with them, and whoever looks at the pictures has a name; his colleague's phone is not his. */
function withNames(changed: Config): void {
  for (const account of changed.accounts) {
    account.supervision = { visibleToAgents: true }
    const users = account.users as Record<string, unknown>[]
    Object.assign(users[0] ?? {}, { name: 'Nora Novak', extensions: ['101'] })
    Object.assign(account.extensions.find(({ number }) => number === '101') ?? {}, { name: 'Nora Novak' })
  }
}
