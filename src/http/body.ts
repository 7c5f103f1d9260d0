/** Request bodies to plain objects, by W7 to W9. What comes out is safe to walk: shallow, without `null` and without names of the prototype chain. */
import { refuse } from './refused.ts'

export type JsonObject = { readonly [name: string]: unknown }

export interface RawBody {
  readonly bytes: Buffer | undefined
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
}

const nothing: JsonObject = {}

/** W8: an empty body is no body, whatever its content type says. */
export function readJson(raw: RawBody): JsonObject {
  if (isEmpty(raw)) return nothing
  demandIdentity(raw)
  if (!isJson(raw.contentType)) throw refuse('media-type-unsupported')
  return parseJson(decode(raw.bytes))
}

/** For the token endpoint (RFC 6749 §4.4.2), which takes JSON as well. */
export function readFormOrJson(raw: RawBody): JsonObject {
  if (isEmpty(raw)) return nothing
  if (mediaType(raw.contentType) !== 'application/x-www-form-urlencoded') return readJson(raw)
  demandIdentity(raw)
  return parseForm(decode(raw.bytes))
}

const isEmpty = (raw: RawBody): raw is RawBody & { readonly bytes: undefined } => raw.bytes === undefined || raw.bytes.length === 0

function demandIdentity(raw: RawBody): void {
  const coding = raw.contentEncoding?.trim().toLowerCase() ?? 'identity'
  if (coding !== 'identity') throw refuse('media-type-unsupported', { why: 'Send the body uncompressed.' })
}

const mediaType = (contentType: string | undefined): string => (contentType ?? '').split(';', 1).join('').trim().toLowerCase()

/** A body without a type is read as JSON: this API knows nothing else. */
function isJson(contentType: string | undefined): boolean {
  const type = mediaType(contentType)
  const charset = /;\s*charset="?([^\s";]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase() ?? 'utf-8'
  return /^$|^application\/(?:[\w.+-]+\+)?json$/.test(type) && /^(?:utf-?8|us-ascii)$/.test(charset)
}

function decode(bytes: Buffer | undefined): string {
  try {
    // TextDecoder leaves a byte order mark out by itself.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw refuse('body-malformed', { why: 'The body is not valid UTF-8.' })
  }
}

const deepest = 32

/** What numbers become: values, or, for identifiers, which lose digits as floating point, the texts that they were written as (W10). */
export type Numbers = 'values' | 'texts'

export function parseJson(text: string, numbers: Numbers = 'values'): JsonObject {
  if (text.trim() === '') return nothing
  if (depthOf(text) > deepest) throw refuse('body-malformed', { why: `The body is nested deeper than ${deepest} levels.` })
  const value = parseText(text, numbers)
  if (!isObject(value)) throw refuse('body-malformed', { why: 'The body must be a JSON object.' })
  return cleanObject(value)
}

function parseText(text: string, numbers: Numbers): unknown {
  try {
    return numbers === 'values' ? JSON.parse(text) : JSON.parse(text, asWritten)
  } catch {
    throw refuse('body-malformed', { why: 'The body is not valid JSON.' })
  }
}

const asWritten = (_name: string, value: unknown, { source }: { readonly source?: string } = {}): unknown =>
  typeof value === 'number' ? source : value

/** Counted on the text, before anything recursive sees it; one pass, so that no text can make it slow. */
function depthOf(text: string): number {
  let depth = 0
  let most = 0
  let quoted = false
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i]
    if (char === '"') quoted = !quoted
    else if (quoted) i += char === '\\' ? 1 : 0
    else if (char === '{' || char === '[') most = Math.max(most, ++depth)
    else if (char === '}' || char === ']') depth -= 1
  }
  return most
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

const dropped: readonly string[] = ['__proto__', 'constructor', 'prototype']

function cleanObject(value: JsonObject): JsonObject {
  const kept = Object.entries(value).filter(([name, inner]) => inner !== null && !dropped.includes(name))
  return Object.fromEntries(kept.map(([name, inner]) => [name, clean(inner)]))
}

function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((inner) => inner !== null).map(clean)
  return isObject(value) ? cleanObject(value) : value
}

/** W5: form decoding, the first of a repeated name wins. */
function parseForm(text: string): JsonObject {
  if (/%(?![\da-f]{2})/i.test(text)) throw refuse('body-malformed', { why: 'A percent escape in the body is broken.' })
  const fields = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(text)) if (!fields.has(name) && !dropped.includes(name)) fields.set(name, value)
  return Object.fromEntries(fields)
}
