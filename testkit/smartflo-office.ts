/** The reference call centre as a Smartflo client sees it: logins of every kind, and calls to work with. */
import assert from 'node:assert/strict'
import type { Call } from '../src/call/call.ts'
import type { AgentSetting } from '../src/control/command.ts'
import { dottedId } from '../src/dialects/call-ids.ts'
import { accountA, accountB } from './desk.ts'
import { Exchange, type ExchangeOptions, type Reply } from './exchange.ts'

export const customer = '+919812345678'
export const sara = '0502842370097'

const extensions = ['210', '211', '106', '101', '102', '212'] as const

/** Who signs in with which API token. */
export const apiTokens = {
  admin: 'smartflo-token-a',
  viewer: 'smartflo-viewer',
  unbound: 'smartflo-unbound',
  agent: 'smartflo-agent',
  other: 'smartflo-token-b',
} as const

interface Changeable {
  accounts: {
    agents: object[]
    credentials: { smartflo: object[] }
  }[]
}

function addLogins({ accounts: [first] }: Changeable): void {
  assert.ok(first !== undefined)
  first.credentials.smartflo.push(
    { email: 'viewer@example.com', password: 'viewer', apiToken: apiTokens.viewer, agent: sara, role: 'observer' },
    { email: 'unbound@example.com', password: 'unbound', apiToken: apiTokens.unbound },
    { email: 'paco@example.com', password: 'paco', apiToken: apiTokens.agent, agent: '1234', role: 'agent' },
  )
  first.agents.push(
    { id: '2102', username: 'lee@example.com', firstName: 'Lee', lastName: 'Listener', extension: '102' },
    { id: '2012', username: 'nobody@example.com', firstName: 'Nobody', lastName: 'Listens', extension: '212' },
    { id: '2013', username: 'never@example.com', firstName: 'Never', lastName: 'Registered', extension: '213' },
  )
}

export class SmartfloOffice {
  readonly exchange: Exchange

  private constructor(exchange: Exchange) {
    this.exchange = exchange
  }

  static async open({ change, ...options }: ExchangeOptions = {}): Promise<SmartfloOffice> {
    const exchange = await Exchange.open({
      ...options,
      change: (configuration) => {
        addLogins(configuration)
        change?.(configuration)
      },
    })
    exchange.register(extensions)
    exchange.register(['101', '210'], accountB)
    return new SmartfloOffice(exchange)
  }

  close(): Promise<void> {
    return this.exchange.close()
  }

  post(path: string, body: unknown, token: string = apiTokens.admin): Promise<Reply> {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
    return this.exchange.ask(`POST ${path}`, { headers, body: typeof body === 'string' ? body : JSON.stringify(body) })
  }

  get(path: string, token: string = apiTokens.admin): Promise<Reply> {
    return this.exchange.ask(`GET ${path}`, { headers: { Authorization: token } })
  }

  options(body: Readonly<Record<string, unknown>>, token?: string): Promise<Reply> {
    return this.post('/v1/call/options', body, token)
  }

  /** A customer calls the department Sales, and the phone of the longest idle agent rings. */
  ringing(from = customer): Call {
    return this.exchange.callsIn('+18661234567', { number: from })
  }

  /** And Paco Vu takes it, whoever has been idle for longer. */
  answered(from = customer): Call {
    this.#set('4567', 'away')
    this.#set('1234', 'available')
    const call = this.ringing(from)
    this.exchange.answers('210')
    this.#set('4567', 'available')
    return this.exchange.call(call)
  }

  #set(agent: string, state: AgentSetting): void {
    void this.exchange.desk.request({ account: accountA, role: 'admin' }, { kind: 'set-agent-state', agent, state })
  }

  id(call: Call): string {
    return dottedId(call)
  }

  /** Ends every call, so that everybody is free for the next test. */
  clear(): void {
    for (const { id } of this.exchange.settings.accounts) {
      for (const call of this.exchange.desk.calls(id)) {
        void this.exchange.desk.request({ account: id, role: 'admin' }, { kind: 'end-call', call: call.id })
      }
    }
  }
}

/** `wrong` in the vendor's form. */
export const failure = (message: string): string => JSON.stringify({ success: false, message })
export const success = (message: string): string => JSON.stringify({ success: true, message })
