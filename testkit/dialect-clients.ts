/** How a program of each vendor's customers speaks: logging in, listing the calls, supervising. For tests that treat all dialects alike. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { Call } from '../src/call/call.ts'
import { dottedId, guidOf, hexId, serialDigits } from '../src/dialects/call-ids.ts'
import { wallTime } from '../src/dialects/wall-time.ts'
import type { DialectName } from '../src/directory/settings.ts'

export interface Request {
  readonly line: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

export type Send = (request: Request) => Promise<Reply>
export type Mode = 'monitor' | 'whisper' | 'barge'

/** Somebody who supervises: an extension with its direct number and its agent id. */
export interface Supervisor {
  readonly extension: string
  readonly directNumber: string
  readonly agent?: string
}

export const sara: Supervisor = { extension: '101', directNumber: '+15554150123', agent: '0502842370097' }
export const wanda: Supervisor = { extension: '024', directNumber: '+15554150024' }

export interface Supervise {
  /** The call's, in the vendor's shape. */
  readonly id: string
  /** The extension on the call. */
  readonly target: string
  readonly by: Supervisor
  readonly mode: Mode
  /** VoipNow's number of the target's part in the call. */
  readonly view?: string
}

/** VoipNow's apps speak for one user and his extensions each. */
export interface App {
  readonly clientId: string
  readonly clientSecret: string
}

export interface DialectClient {
  readonly name: DialectName
  login(send: Send, app?: App): Promise<string>
  /** The request with the token where this vendor's clients put it. */
  with(token: string, request: Request): Request
  /** Live calls; NewVoiceMedia has no such list and tells who is free. */
  list(token: string): Request
  /** The id of a call, in the vendor's shape. */
  idOf(call: Call): string
  /** The same, looked up in the answer to `list` by who calls. */
  find(list: Reply, from: string): string | undefined
  /** Undefined where the vendor has no such verb, or names supervisors in a way that this one cannot be named. */
  supervise(token: string, what: Supervise): Request | undefined
  /** Ends the call for everybody. */
  hangUp(token: string, what: Pick<Supervise, 'id' | 'target'>): Request | undefined
  /** Whether a refusal has the vendor's form. */
  isOwnForm(reply: Reply): boolean
}

const form = { 'Content-Type': 'application/x-www-form-urlencoded' } as const
const json = { 'Content-Type': 'application/json' } as const
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })

const voipnow: DialectClient = {
  name: 'voipnow',
  async login(send, { clientId, clientSecret } = { clientId: 'app-12', clientSecret: 'secret-12' }) {
    const body = `client_id=${clientId}&client_secret=${clientSecret}&grant_type=client_credentials&type=unifiedapi`
    return member(await send({ line: 'POST /oauth/token.php', headers: form, body }), 'access_token')
  },
  with: (token, request) => ({ ...request, headers: { ...request.headers, ...bearer(token) } }),
  list: (token) => voipnow.with(token, { line: 'GET /uapi/phoneCalls/@me/@self/?count=5000' }),
  idOf: hexId,
  find: ({ text }, from) => {
    const entries = (parsed(text)?.entry ?? []) as readonly { id: string; phoneCallView: readonly { source: readonly string[] }[] }[]
    return entries.find((entry) => entry.phoneCallView.some(({ source }) => source.some((shown) => isSame(shown, from))))?.id
  },
  supervise(token, { id, target, by, mode, view = '01' }) {
    const action = { monitor: 'Monitor', whisper: 'Whisper', barge: 'BargeIn' }[mode]
    const body = JSON.stringify({ action, sendCallTo: `0003*${by.extension}`, phoneCallViewId: view, waitForPickup: '25', private: 0 })
    return voipnow.with(token, { line: `PUT /uapi/phoneCalls/@me/0003*${target}/${id}/`, headers: json, body })
  },
  hangUp: (token, { id, target }) => voipnow.with(token, { line: `DELETE /uapi/phoneCalls/@me/0003*${target}/${id}` }),
  isOwnForm({ text }) {
    // The page on which a person signs in.
    if (text.startsWith('<!doctype html>')) return true
    const body = parsed(text)
    if (isText(body?.error)) return isText(body?.error_description)
    const { error } = body ?? {}
    return (
      typeof error === 'object' && error !== null && 'code' in error && 'message' in error && isText(error.code) && isText(error.message)
    )
  },
}

const yeastar: DialectClient = {
  name: 'yeastar',
  async login(send) {
    const password = createHash('md5').update('api-password').digest('hex')
    return member(await send({ line: 'POST /api/v1.1.0/login', body: JSON.stringify({ username: 'api', password }) }), 'token')
  },
  with: (token, request) => ({ ...request, line: `${request.line}${request.line.includes('?') ? '&' : '?'}token=${token}` }),
  list: (token) => yeastar.with(token, { line: 'POST /api/v1.1.0/inbound/query', headers: json }),
  idOf: dottedId,
  find: ({ text }, from) => rows(parsed(text)?.inbound).find((row) => isSame(row.from, from))?.inboundid,
  supervise(token, { target, by, mode }) {
    const [verb, supervisor, supervised] = {
      monitor: ['listen', 'listener', 'listenedext'],
      whisper: ['whisper', 'whisperer', 'whisperedext'],
      barge: ['barge', 'bargein', 'bargedext'],
    }[mode] as [string, string, string]
    const body = JSON.stringify({ [supervisor]: by.extension, [supervised]: target })
    return yeastar.with(token, { line: `POST /api/v1.1.0/extension/${verb}`, headers: json, body })
  },
  hangUp: (token, { target }) =>
    yeastar.with(token, { line: 'POST /api/v1.1.0/extension/hangup', headers: json, body: JSON.stringify({ extid: target }) }),
  isOwnForm({ status, text }) {
    const body = parsed(text)
    const isXml = /^<\?xml version="1.0" encoding="UTF-8" \?>\n<xml><status>Failed<\/status><errno>\d{5}<\/errno><\/xml>$/.test(text)
    return status === 200 && (isXml || (body?.status === 'Failed' && /^\d{5}$/.test(String(body.errno))))
  },
}

const account = '12440011'

const ringcx: DialectClient = {
  name: 'ringcx',
  async login(send) {
    const headers = { ...form, Authorization: `Basic ${Buffer.from('rcx-client:rcx-client-secret').toString('base64')}` }
    const grant = 'grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=rcx-assertion-a'
    const oauth = member(await send({ line: 'POST /restapi/oauth/token', headers, body: grant }), 'access_token')
    return member(
      await send({ line: 'POST /api/auth/login/rc/accesstoken', headers: form, body: `rcAccessToken=${oauth}&rcTokenType=Bearer` }),
      'accessToken',
    )
  },
  with: (token, request) => ({ ...request, headers: { ...request.headers, ...bearer(token) } }),
  list: (token) =>
    ringcx.with(token, { line: `GET /voice/api/v1/admin/accounts/${account}/activeCalls/list?product=ACCOUNT&productId=${account}` }),
  idOf: uiiOf,
  find: ({ text }, from) => rows(parsed(`{"rows":${text}}`)?.rows).find((row) => isSame(row.ani, from))?.uii,
  supervise(token, { id, by, mode }) {
    const sessionType = { monitor: 'MONITOR', whisper: 'COACHING', barge: 'BARGEIN' }[mode]
    const query = `destination=${by.directNumber}&sessionType=${sessionType}`
    return ringcx.with(token, { line: `POST ${callPath(id)}/addSessionToCall?${query}`, headers: json })
  },
  hangUp: (token, { id }) => ringcx.with(token, { line: `POST ${callPath(id)}/hangupCall`, headers: json }),
  isOwnForm({ status, text }) {
    const body = parsed(text)
    if (status === 401 && /^Jwt [a-z ]+$/.test(text)) return true
    if (isText(body?.error)) return true
    return (
      ['errorCode', 'generalMessage', 'details', 'requestUri'].every((name) => isText(body?.[name])) && typeof body?.timestamp === 'number'
    )
  },
}

const callPath = (uii: string): string => `/voice/api/v1/admin/accounts/${account}/activeCalls/${uii}`

export function uiiOf(call: Call): string {
  const { year, month, day, hour, minute, second } = wallTime(call.startedAt, 'Europe/Bucharest')
  return `${year}${month}${day}${hour}${minute}${second}${serialDigits(call)}`
}

const newvoicemedia: DialectClient = {
  name: 'newvoicemedia',
  async login(send) {
    const body = 'grant_type=client_credentials&client_id=a1b2c3d4e5&client_secret=nvm-secret-a'
    return member(await send({ line: 'POST /v0/oauth2/token', headers: form, body }), 'access_token')
  },
  with: (token, request) => ({ ...request, headers: { ...request.headers, ...bearer(token) } }),
  list: (token) => newvoicemedia.with(token, { line: 'GET /v0/a1b2c3d4e5/agents/?availability=readyForPhoneCall' }),
  idOf: guidOf,
  find: () => undefined,
  supervise: () => undefined,
  hangUp: () => undefined,
  isOwnForm({ text }) {
    const body = parsed(text)
    return isText(body?.message) || (isText(body?.error) && isText(body?.error_description))
  },
}

const smartflo: DialectClient = {
  name: 'smartflo',
  async login(send) {
    const body = JSON.stringify({ email: 'ops@example.com', password: 'smartflo-password' })
    return member(await send({ line: 'POST /v1/auth/login', headers: json, body }), 'access_token')
  },
  with: (token, request) => ({ ...request, headers: { ...request.headers, ...bearer(token) } }),
  list: (token) => smartflo.with(token, { line: 'GET /v1/live_calls' }),
  idOf: dottedId,
  find: ({ text }, from) => rows(parsed(`{"rows":${text}}`)?.rows).find((row) => isSame(row.source, from))?.call_id,
  supervise(token, { id, by, mode }) {
    if (by.agent === undefined) return undefined
    const type = { monitor: 1, whisper: 2, barge: 3 }[mode]
    const body = JSON.stringify({ type, call_id: id, agent_id: by.agent })
    return smartflo.with(token, { line: 'POST /v1/call/options', headers: json, body })
  },
  hangUp: (token, { id }) => smartflo.with(token, { line: 'POST /v1/call/hangup', headers: json, body: JSON.stringify({ call_id: id }) }),
  isOwnForm({ text }) {
    const body = parsed(text)
    return (body?.success === false || body?.success === 'false') && isText(body.message)
  },
}

export const dialectClients: readonly DialectClient[] = [voipnow, yeastar, ringcx, newvoicemedia, smartflo]

/** Vendors show a number with or without `+` and country code. */
const isSame = (shown: string | undefined, from: string): boolean =>
  shown?.replace(/\D/g, '').slice(-10) === from.replace(/\D/g, '').slice(-10)

const rows = (value: unknown): readonly Record<string, string>[] => (Array.isArray(value) ? value : [])

const isText = (value: unknown): value is string => typeof value === 'string'

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function member(reply: Reply, name: string): string {
  const value = parsed(reply.text)?.[name]
  assert.ok(isText(value), `${name} in ${reply.status} ${reply.text}`)
  return value
}
