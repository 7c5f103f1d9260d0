/** What clients send, as typed values (contract smartflo, sections 1 to 4). Shapes only: request-whom.ts knows what exists. */
import type { Mode } from '../../call/supervision.ts'
import { type JsonObject, parseJson, readFormOrJson, readJson } from '../../http/body.ts'
import { type Refused, refuse } from '../../http/refused.ts'
import { limits } from '../../kernel/limits.ts'
import type { Ask, Sent } from '../dialect.ts'

/** Of every POST (section 1). */
export const bodyTypes = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'] as const

export const missing = (name: string): Refused => refuse('parameter-missing', { name })
export const invalid = (name: string): Refused => refuse('parameter-invalid', { name })

/** `Authorization: <token>` and `Authorization: Bearer <token>` are both in use. */
export function tokenOf({ headers }: Pick<Sent, 'headers'>): string | undefined {
  const token = (headers.authorization ?? '').trim().replace(/^bearer(?:\s+|$)/i, '')
  return token === '' ? undefined : token
}

/** JSON or a form, whatever the content type claims: a well-known client sends JSON as a form unless it is told otherwise. */
export async function readBody({ body: bytes, headers }: Pick<Ask, 'body' | 'headers'>): Promise<JsonObject> {
  if (bytes === undefined) return {}
  const contentType = (headers['content-type'] ?? '').toLowerCase()
  if (contentType.startsWith('multipart/form-data')) return gathered(await readMultipart(bytes, headers['content-type'] ?? ''))
  const isForm = contentType.startsWith('application/x-www-form-urlencoded') && !looksLikeJson(bytes)
  if (!isForm) return asWritten(readJson({ bytes, contentType: 'application/json', contentEncoding: undefined }), bytes)
  return gathered(readFormOrJson({ bytes, contentType: 'application/x-www-form-urlencoded', contentEncoding: undefined }))
}

/** W10: a call id sent as a number, such as 1758782566.8130, has digits that floating point loses; it is taken as it was written. */
function asWritten(fields: JsonObject, bytes: Buffer): JsonObject {
  const inexact = Object.keys(fields).filter((name) => typeof fields[name] === 'number' && !Number.isSafeInteger(fields[name]))
  if (inexact.length === 0) return fields
  const texts = parseJson(bytes.toString().replace(/^\uFEFF/, ''), 'texts')
  return { ...fields, ...Object.fromEntries(inexact.map((name) => [name, texts[name]])) }
}

const looksLikeJson = (bytes: Buffer): boolean => /^\uFEFF?\s*\{/.test(bytes.toString('utf8', 0, 64))

const unsafe: readonly string[] = ['__proto__', 'constructor', 'prototype']

async function readMultipart(bytes: Buffer, contentType: string): Promise<JsonObject> {
  const fields = new Map<string, string>()
  const body = new Uint8Array(bytes)
  for (const [name, value] of await parsedMultipart(new Response(body, { headers: { 'content-type': contentType } }))) {
    if (typeof value === 'string' && !fields.has(name) && !unsafe.includes(name)) fields.set(name, value)
  }
  return Object.fromEntries(fields)
}

async function parsedMultipart(response: Response): Promise<FormData> {
  try {
    return await response.formData()
  } catch {
    throw refuse('body-malformed')
  }
}

/** Forms write a list as `intercom[]=820` or `intercom[0]=820`. */
function gathered(fields: JsonObject): JsonObject {
  const single: [string, unknown][] = []
  const lists = new Map<string, unknown[]>()
  for (const [name, value] of Object.entries(fields)) {
    const [, list] = /^(\w+)\[\d*\]$/.exec(name) ?? []
    if (list === undefined) single.push([name, value])
    else if (!unsafe.includes(list))
      lists
        .set(list, lists.get(list) ?? [])
        .get(list)
        ?.push(value)
  }
  return Object.fromEntries([...lists, ...single])
}

/** W10: digits may come as a number. Nothing, or nothing but space, is absent. */
export function textOf(fields: JsonObject, name: string): string | undefined {
  const value = fields[name]
  if (value === undefined) return undefined
  const text = plainText(value)
  if (text === undefined) throw invalid(name)
  return text === '' ? undefined : text
}

function plainText(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim()
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined
}

export function required(fields: JsonObject, name: string): string {
  const text = textOf(fields, name)
  if (text === undefined) throw missing(name)
  return text
}

/** Digits that begin with zeros are an id all the same. */
export function digitsOf(fields: JsonObject, name: string): string | undefined {
  const text = textOf(fields, name)
  if (text !== undefined && !/^\d{1,32}$/.test(text)) throw invalid(name)
  return text
}

export function numberOf(fields: JsonObject, name: string, range: { readonly min: number; readonly max: number }): number | undefined {
  const text = textOf(fields, name)
  if (text === undefined) return undefined
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (number >= range.min && number <= range.max) return number
  throw invalid(name)
}

export function flagOf(fields: JsonObject, name: string): boolean | undefined {
  const value = fields[name]
  const text = typeof value === 'boolean' ? String(value) : textOf(fields, name)?.toLowerCase()
  if (text === undefined) return undefined
  if (text === '1' || text === 'true') return true
  if (text === '0' || text === 'false') return false
  throw invalid(name)
}

/** A list, or one value in its place. */
export function listOf(fields: JsonObject, name: string): readonly string[] {
  const value = fields[name]
  if (!Array.isArray(value)) return [textOf(fields, name)].filter((text) => text !== undefined)
  if (value.length > limits.intercomsPerTransfer) throw invalid(name)
  return value.map((entry: unknown) => textOf({ [name]: entry }, name)).filter((text) => text !== undefined)
}

/** Objects are kept as JSON text. */
export function anythingOf(fields: JsonObject, name: string): string | undefined {
  const value = fields[name]
  if (typeof value === 'object' && value !== null) return JSON.stringify(value)
  return typeof value === 'boolean' || typeof value === 'number' ? String(value) : textOf(fields, name)
}

/** What `type` of /v1/call/options asks for. */
export type Operation = Mode | 'transfer'

const operations: ReadonlyMap<string, Operation> = new Map([
  ['1', 'monitor'],
  ['2', 'whisper'],
  ['3', 'barge'],
  ['4', 'transfer'],
])

export function operationOf(fields: JsonObject): Operation {
  const operation = operations.get(required(fields, 'type'))
  if (operation === undefined) throw invalid('type')
  return operation
}
