/** A program of OpenVox's or Yeastar's customers in front of an exchange, logged in. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { Call } from '../src/call/call.ts'
import { Exchange, type ExchangeOptions, type Reply } from './exchange.ts'

export const md5 = (text: string): string => createHash('md5').update(text).digest('hex')

export const accountAUser = { username: 'api', password: md5('api-password') }
export const accountBUser = { username: 'apib', password: md5('api-password-b') }

interface How {
  readonly version?: string
  readonly token?: string
  /** Appended to the query: `type=xml`. */
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
}

export class YeastarBench {
  readonly exchange: Exchange
  token = ''

  private constructor(exchange: Exchange) {
    this.exchange = exchange
  }

  static async open(options: ExchangeOptions = {}, user: object = accountAUser): Promise<YeastarBench> {
    const bench = new YeastarBench(await Exchange.open(options))
    bench.token = await bench.login(user)
    return bench
  }

  close(): Promise<void> {
    return this.exchange.close()
  }

  /** As if nothing had happened before: no call, no token but a new one, these phones, settings as configured, and nobody was told anything. */
  async reset(phones: readonly string[]): Promise<void> {
    const { desk, directory, settings, engine, sent } = this.exchange
    for (const { id, extensions } of settings.accounts) {
      for (const call of desk.calls(id)) await desk.request({ account: id, role: 'admin' }, { kind: 'end-call', call: call.id })
      for (const { number, name, monitorMode, mayBeMonitored, ringTimeoutMs = 60_000 } of extensions)
        directory.amend(id, number, { name, monitorMode, mayBeMonitored, ringTimeoutMs })
      this.exchange.register(
        extensions.map((e) => e.number),
        id,
        0,
      )
    }
    engine.deaf.clear()
    engine.orders.length = 0
    this.exchange.register(phones)
    this.exchange.advance(31 * 60_000)
    this.token = await this.login(accountAUser)
    sent.length = 0
  }

  async login(fields: object, version = 'v1.1.0'): Promise<string> {
    const { json, text } = await this.raw(`/api/${version}/login`, JSON.stringify(fields))
    assert.equal(json.status, 'Success', text)
    return json.token
  }

  raw(target: string, body?: string | Buffer, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.exchange.ask(`POST ${target}`, { headers, ...(body === undefined ? {} : { body }) })
  }

  post(
    path: string,
    fields?: object | string,
    { version = 'v1.1.0', token = this.token, query = '', headers = {} }: How = {},
  ): Promise<Reply> {
    const body = typeof fields === 'object' ? JSON.stringify(fields) : fields
    return this.raw(`/api/${version}/${path}?token=${token}${query === '' ? '' : `&${query}`}`, body, headers)
  }

  v2(path: string, fields?: object): Promise<Reply> {
    return this.post(path, fields, { version: 'v2.0.0' })
  }

  /** The errno of a failure, or `Success`. Every answer has status 200. */
  async said(asked: Promise<Reply>): Promise<string> {
    const { status, json, text } = await asked
    assert.equal(status, 200, text)
    return json.status === 'Success' ? 'Success' : json.errno
  }

  /** 5503301 talks to Ben (106), whose own number was called. */
  inbound(number = '5503301'): Call {
    const call = this.exchange.callsIn('18661234568', { number })
    this.exchange.answers('106')
    return this.exchange.call(call)
  }

  /** 212, who may not be monitored, talks to 210. */
  internal(): Call {
    const call = this.exchange.dials('212', '210')
    this.exchange.answers('210')
    return this.exchange.call(call)
  }
}
