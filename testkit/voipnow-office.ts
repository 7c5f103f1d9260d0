/** Apps of VoipNow's UnifiedAPI in front of the exchange: logged in, and asking in JSON. */
import type { Call } from '../src/call/call.ts'
import { hexId } from '../src/dialects/call-ids.ts'
import { Exchange, type ExchangeOptions, type Reply } from './exchange.ts'

export const form = { 'Content-Type': 'application/x-www-form-urlencoded' } as const

export class VoipnowOffice {
  readonly exchange: Exchange
  readonly #tokens = new Map<string, string>()

  private constructor(exchange: Exchange) {
    this.exchange = exchange
  }

  static async open(options: ExchangeOptions = {}): Promise<VoipnowOffice> {
    const office = new VoipnowOffice(await Exchange.open(options))
    office.exchange.register(['101', '102', '106', '024', '210', '211', '212'])
    return office
  }

  close(): Promise<void> {
    return this.exchange.close()
  }

  /** `app-12` and the like of the reference configuration. */
  async token(app = 'app-12'): Promise<string> {
    const known = this.#tokens.get(app)
    if (known !== undefined) return known
    const secret = app.replace('app', 'secret')
    const body = `client_id=${app}&client_secret=${secret}&grant_type=client_credentials`
    const { json } = await this.exchange.ask('POST /oauth/token.php', { headers: form, body })
    this.#tokens.set(app, json.access_token)
    return json.access_token
  }

  /** `body`: JSON of an object, or a text as it is. */
  async ask(line: string, body?: object | string, { app = 'app-12' } = {}): Promise<Reply> {
    const headers = { Authorization: `Bearer ${await this.token(app)}`, 'Content-Type': 'application/json' }
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    return this.exchange.ask(line, { headers, ...(text === undefined ? {} : { body: text }) })
  }

  /** John Doe, 7778888, calls Paco on 210, who answers after five seconds. */
  talks(): Call {
    const call = this.rings('210')
    this.exchange.advance(5_000)
    this.exchange.answers('210')
    return this.exchange.call(call)
  }

  rings(extension: string, from = '7778888'): Call {
    return this.exchange.callsIn(`+15554150${extension}`, { number: from, name: 'John Doe', claimed: '3334444' })
  }

  /** Hangs up every call, so that the next test finds quiet phones. */
  async clear(): Promise<void> {
    const { desk, settings } = this.exchange
    for (const { id: account } of settings.accounts)
      for (const { id } of desk.calls(account)) await desk.request({ account, role: 'admin' }, { kind: 'end-call', call: id })
  }
}

export const pathTo = (call: Call, { user = '12', extension = '0003*210' } = {}): string =>
  `/uapi/phoneCalls/${user}/${extension}/${hexId(call)}`
