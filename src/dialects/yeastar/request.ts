/** What came in: its body as plain texts (contract openvox-yeastar, section 1). */
import { type JsonObject, parseJson } from '../../http/body.ts'
import { refuse } from '../../http/refused.ts'
import type { Ask } from '../dialect.ts'
import { failing } from './refusals.ts'
import { type Flavour, type FlavourSetting, flavourOf, typeOf } from './request-flavour.ts'
import { parseXml } from './request-xml.ts'

/** One request, read. */
export interface Request {
  readonly ask: Ask
  readonly flavour: Flavour
  readonly fields: Fields
}

export function readRequest(ask: Ask, setting: FlavourSetting): Request {
  const flavour = flavourOf(ask, setting)
  if (flavour === 'openvox' && !['', 'json', 'xml'].includes(typeOf(ask))) throw failing('parameter-invalid', '10002', { name: 'type' })
  return { ask, flavour, fields: new Fields(readBody(ask.body, flavour)) }
}

/** The first byte tells the format, since samples of the vendor send XML as `application/json`. */
function readBody(body: Buffer | undefined, flavour: Flavour): JsonObject {
  const text = body === undefined ? '' : decoded(body).trim()
  if (text === '') return {}
  if (text.startsWith('{')) return parseJson(text, 'texts')
  if (!text.startsWith('<')) throw refuse('media-type-unsupported')
  if (flavour === 'yeastar') throw failing('media-type-unsupported', '10002')
  return parseXml(text)
}

function decoded(body: Buffer): string {
  try {
    // A byte order mark is left out by TextDecoder itself.
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw refuse('body-malformed')
  }
}

/** Fields of a body: every one a text without space around it, numbers as they were written (W10). */
export class Fields {
  readonly #values: JsonObject

  constructor(values: JsonObject) {
    this.#values = values
  }

  /** Whether it was said at all, be it empty. */
  has(name: string): boolean {
    return this.#value(name) !== undefined
  }

  optional(name: string): string | undefined {
    const value = this.#value(name)
    return value === '' ? undefined : value
  }

  required(name: string): string {
    const value = this.optional(name)
    if (value === undefined) throw refuse('parameter-missing', { name })
    return value
  }

  /** A comma list without empty and repeated members; undefined where nothing was said. */
  list(name: string): readonly string[] | undefined {
    const members = this.optional(name)
      ?.split(',')
      .map((member) => member.trim())
    return members && [...new Set(members.filter((member) => member !== ''))]
  }

  /** `yes` and `no`, and what programs send in their place. */
  flag(name: string): boolean {
    const value = this.optional(name)?.toLowerCase() ?? 'no'
    if (['yes', '1', 'true', 'on'].includes(value)) return true
    if (['no', '0', 'false', 'off'].includes(value)) return false
    throw refuse('parameter-invalid', { name })
  }

  #value(name: string): string | undefined {
    const value = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined
    if (value === undefined || typeof value === 'string') return value?.trim()
    if (typeof value === 'boolean') return String(value)
    throw refuse('parameter-invalid', { name })
  }
}
