/** One act in five dialects, side by side: what is asked, and the exact bytes of the answer. In process; the phones are scripted, time is the test's. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Call } from '../../src/call/call.ts'
import { dottedId, guidOf, hexId, serialDigits } from '../../src/dialects/call-ids.ts'
import { type DialectName, dialectNames } from '../../src/directory/settings.ts'
import { unreachable } from '../../src/kernel/assert.ts'
import { Exchange, type ExchangeOptions, type Reply } from '../../testkit/exchange.ts'
import { withExtra } from './configuration.ts'
import type { HeaderLine } from './golden-grammar.ts'
import { assertAnswer } from './golden-match.ts'

/** In all texts `$call`, `$token` and the like stand for what the scene knows; in answers, `{{int}}` and the like for a form, as in golden examples. */
export interface Row {
  /** Method and target, byte for byte. */
  readonly ask: string
  /** The credential goes by itself; an empty `Authorization` leaves it out. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly status: number
  /** Content-Type, exactly. */
  readonly type: string
  readonly says: string
  readonly and?: readonly HeaderLine[]
}

/** A dialect without this act: why, and how it says so to whom tries. */
export interface NotOffered {
  readonly notOffered: string
  readonly attempt: Row
}

export type Act = Readonly<Record<DialectName, Row | NotOffered>>

/** Content types of the five. */
export const types = {
  voipnow: 'application/json',
  yeastar: 'application/json; charset=utf-8',
  ringcx: 'application/json',
  newvoicemedia: 'application/json; charset=utf-8',
  smartflo: 'application/json',
} as const satisfies Readonly<Record<DialectName, string>>

export interface Scene {
  readonly exchange: Exchange
  readonly dialect: DialectName
  /** The customer 6501234567, John Doe, and Paco's extension 210, talking since two seconds after noon. */
  readonly call: Call
  /** What `$names` stand for. */
  readonly names: Record<string, string>
  ask(row: Pick<Row, 'ask' | 'headers' | 'body'>): Promise<Reply>
  /** Asks, and holds the answer to be as it says. */
  expect(row: Row): Promise<void>
}

interface Direction {
  readonly arrange?: (scene: Scene) => void | Promise<void>
  /** Not for those who do not offer it. */
  readonly check?: (scene: Scene) => void | Promise<void>
}

export function act(title: string, table: Act, { arrange, check }: Direction = {}): void {
  for (const dialect of dialectNames) {
    const row = table[dialect]
    const name = 'notOffered' in row ? `${title}, ${dialect}: not offered: ${row.notOffered}` : `${title}, ${dialect}`
    test(name, () =>
      inScene(dialect, async (scene) => {
        await arrange?.(scene)
        await scene.expect('notOffered' in row ? row.attempt : row)
        if (!('notOffered' in row)) await check?.(scene)
        assert.deepEqual(scene.exchange.engine.faults, [])
      }),
    )
  }
}

/** `change` of the reference configuration, beside what all acts have. */
export async function inScene(
  dialect: DialectName,
  play: (scene: Scene) => Promise<void>,
  change: NonNullable<ExchangeOptions['change']> = () => {},
): Promise<void> {
  const exchange = await Exchange.open({
    change: (configuration) => {
      withExtra(configuration)
      change(configuration)
    },
  })
  try {
    await play(await setScene(exchange, dialect))
  } finally {
    await exchange.close()
  }
}

/** Whom the customer calls: the extension itself, or the group where the dialect tells of it. */
const dialled: Readonly<Record<DialectName, string>> = {
  voipnow: '+15554150210',
  yeastar: '+15554150210',
  ringcx: '+18661234567',
  newvoicemedia: '+18661234567',
  smartflo: '+18661234567',
}

async function setScene(exchange: Exchange, dialect: DialectName): Promise<Scene> {
  exchange.register(['210', '101', '102', '024', '106', '211'])
  const offered = exchange.callsIn(dialled[dialect], { number: '6501234567', name: 'John Doe' })
  exchange.advance(2_000)
  exchange.answers('210')
  const call = exchange.call(offered)
  const names: Record<string, string> = { call: idOf(dialect, call) }
  const ask: Scene['ask'] = ({ ask: line, headers = {}, body }) => {
    const own: Record<string, string> = dialect === 'yeastar' || 'Authorization' in headers ? {} : { Authorization: 'Bearer $token' }
    const fields = Object.entries({ ...own, ...headers }).filter(([, value]) => value !== '')
    const text = named(names)
    const said = Object.fromEntries(fields.map(([name, value]) => [name, text(value)]))
    return exchange.ask(text(line), { headers: said, ...(body === undefined ? {} : { body: text(body) }) })
  }
  const expect: Scene['expect'] = async (row) => {
    const reply = await ask(row)
    assertAnswer(flat(reply), {
      status: row.status,
      headers: [['Content-Type', row.type], ...(row.and ?? [])].map(([name = '', value = '']) => [name, named(names)(value)] as const),
      body: named(names)(row.says),
    })
  }
  const scene = { exchange, dialect, call, names, ask, expect }
  names.token = await tokenOf(scene, logins[dialect])
  return scene
}

export const named =
  (names: Readonly<Record<string, string>>) =>
  (text: string): string =>
    text.replace(/\$([a-z]+)/g, (_all, name: string) => {
      const value = names[name]
      assert.ok(value !== undefined, `$${name} stands for something`)
      return value
    })

function flat({ status, headers, text }: Reply) {
  const joined = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value] as const)
  return { status, headers: Object.fromEntries(joined), text }
}

/** The call as the dialect calls it. */
export function idOf(dialect: DialectName, call: Call): string {
  switch (dialect) {
    case 'voipnow':
      return hexId(call)
    case 'yeastar':
    case 'smartflo':
      return dottedId(call)
    case 'ringcx':
      // Noon in Greenwich is two o'clock in Bucharest.
      return `20261120140000${serialDigits(call)}`
    case 'newvoicemedia':
      return guidOf(call)
    default:
      return unreachable(dialect)
  }
}

export interface Login {
  readonly ask: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly member: string
}

const formType = { 'Content-Type': 'application/x-www-form-urlencoded', Authorization: '' } as const
const jsonType = { 'Content-Type': 'application/json', Authorization: '' } as const

/** How one logs in; `member` of the answer is the token. */
export const logins: Readonly<Record<DialectName, Login>> = {
  voipnow: {
    ask: 'POST /oauth/token.php',
    headers: formType,
    body: 'client_id=app-12&client_secret=secret-12&grant_type=client_credentials',
    member: 'access_token',
  },
  yeastar: {
    ask: 'POST /api/v1.1.0/login',
    headers: jsonType,
    body: '{"username":"api","password":"83d09a7c9b90ebc3d363d237a779589e","port":"8260"}',
    member: 'token',
  },
  ringcx: {
    ask: 'POST /api/auth/login/admin',
    headers: formType,
    body: 'username=admin%40example.com&password=rcx-password',
    member: 'accessToken',
  },
  newvoicemedia: {
    ask: 'POST /v0/oauth2/token',
    headers: formType,
    body: 'grant_type=client_credentials&client_id=a1b2c3d4e5&client_secret=nvm-secret-a',
    member: 'access_token',
  },
  smartflo: {
    ask: 'POST /v1/auth/login',
    headers: jsonType,
    body: '{"email":"ops@example.com","password":"smartflo-password"}',
    member: 'access_token',
  },
}

export async function tokenOf(scene: Pick<Scene, 'ask'>, login: Login): Promise<string> {
  const { status, text, json } = await scene.ask(login)
  const token: unknown = json?.[login.member]
  assert.ok(status === 200 && typeof token === 'string', `${login.ask}: ${status} ${text}`)
  return token
}

/** VoipNow's answer to whatever changes a call. */
export const phoneCall =
  '{"id":"$call","extension":"0003*210","link":{"self":"https://sotto.test/uapi/phoneCalls/12/0003*210/$call"},' +
  '"links":{"self":"https://sotto.test/uapi/phoneCalls/12/0003*210/$call"}}'

/** RingCX's error, of an act on a call unless `uri` says otherwise. */
export const ringcxError = (code: string, general: string, details: string, uri: string): string =>
  `{"errorCode":"${code}","generalMessage":"${general}","details":"${details}","requestUri":"${uri}","timestamp":{{epochms}}}`

export const calls = '/voice/api/v1/admin/accounts/12440011/activeCalls'

/** Paths of dialects under which there is nothing. */
export const nothingThere = {
  newvoicemedia: (verb: string): Row => ({
    ask: `POST /v0/a1b2c3d4e5/calls/$call/${verb}`,
    status: 404,
    type: types.newvoicemedia,
    says: '{"message":"The requested resource was not found."}',
  }),
  smartflo: (path: string): Row => ({
    ask: `POST /v1/${path}`,
    headers: { 'Content-Type': 'application/json' },
    body: '{"call_id":"$call"}',
    status: 404,
    type: types.smartflo,
    says: '{"success":false,"message":"Not found"}',
  }),
  ringcx: (verb: string): Row => ({
    ask: `POST ${calls}/$call/${verb}`,
    status: 404,
    type: types.ringcx,
    says: ringcxError(
      'resource.not.found',
      'The requested resource was not found',
      '',
      `/api/v1/admin/accounts/12440011/activeCalls/$call/${verb} - POST`,
    ),
  }),
} as const
