/** Parameters by schema: the schema that the OpenAPI document shows is the one that checks. Required ones first, then formats (W15). */
import type { Static, TObject, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { JsonObject } from '../http/body.ts'
import { refuse } from '../http/refused.ts'

/** The keywords of JSON Schema that this API uses in parameters. */
interface Keywords {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly maxProperties?: number
  readonly properties?: Readonly<Record<string, TSchema>>
  readonly items?: TSchema
  readonly required?: readonly string[]
}

const keywords = (schema: TSchema): Keywords => schema as Keywords

export type Reader<S extends TObject> = (given: JsonObject) => Static<S>

/** Unknown fields are left out (W11), numbers and booleans are taken as text too (W10), the first complaint is raised with its parameter's name. */
export function reader<S extends TObject>(schema: S): Reader<S> {
  const { properties = {}, required = [] } = keywords(schema)
  const checks = Object.entries(properties).map(([name, property]) => ({ name, property, check: Compile(property) }))
  return (given) => {
    const values = keep(given, properties)
    for (const name of required)
      if (isAbsent(values[name])) throw refuse('parameter-missing', { name, why: `Parameter "${name}" is required.` })
    for (const { name, property, check } of checks) {
      if (values[name] === undefined || check.Check(values[name])) continue
      throw refuse('parameter-invalid', { name, why: `Parameter "${name}" ${demand(property)}.` })
    }
    return values as Static<S>
  }
}

/** "Absent or empty": an object in which nothing is said counts as empty. */
function isAbsent(value: unknown): boolean {
  if (value === undefined || value === '') return true
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).every(isAbsent)
}

function keep(given: JsonObject, properties: Readonly<Record<string, TSchema>>): JsonObject {
  const kept: Record<string, unknown> = {}
  for (const [name, property] of Object.entries(properties)) {
    if (Object.hasOwn(given, name)) kept[name] = convert(given[name], property)
  }
  return kept
}

function convert(value: unknown, schema: TSchema): unknown {
  const { type, properties, items } = keywords(schema)
  if (type === 'object' && typeof value === 'object' && !Array.isArray(value)) return keep(value as JsonObject, properties ?? {})
  if (type === 'array' && Array.isArray(value) && items !== undefined) return value.map((inner) => convert(inner, items))
  if (type === 'string' && Number.isSafeInteger(value)) return String(value)
  if (type === 'integer' && typeof value === 'string' && /^-?\d{1,15}$/.test(value)) return Number(value)
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true'
  return value
}

/** What the schema wants, in words. */
function demand(schema: TSchema): string {
  const wanted = keywords(schema)
  if (wanted.enum !== undefined) return `must be one of ${wanted.enum.join(', ')}`
  if (wanted.type === 'integer') return `must be a whole number from ${wanted.minimum} to ${wanted.maximum}`
  if (wanted.type === 'boolean') return 'must be true or false'
  if (wanted.type === 'array') return 'must be a list of texts, neither empty nor too long'
  if (wanted.type === 'object') {
    const members = Object.keys(wanted.properties ?? {}).join(', ')
    return wanted.maxProperties === 1 ? `must be an object with exactly one of ${members}` : `must be an object of ${members}`
  }
  return `must be a text of ${wanted.minLength ?? 0} to ${wanted.maxLength} characters of the permitted kind`
}

/** In a query: `?group=` asks for nothing. */
export const spoken = (query: JsonObject): JsonObject => Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''))
