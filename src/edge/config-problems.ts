import type { TLocalizedValidationError } from 'typebox/error'
import { patternMeaning } from './config-shapes.ts'
import type { Problem } from './settings.ts'

/** The schema's complaints in the words of the file: which key, and what it should have been. */
export function problemsOf(errors: readonly TLocalizedValidationError[], value: unknown): readonly Problem[] {
  return errors.flatMap((error) => explained(error, value))
}

function explained(error: TLocalizedValidationError, value: unknown): readonly Problem[] {
  const key = keyOf(error.instancePath)
  const within = (name: string) => (key === '' ? name : `${key}.${name}`)
  switch (error.keyword) {
    case 'additionalProperties':
      return error.params.additionalProperties.map((name) => ({ key: within(name), why: 'there is no such key' }))
    case 'required':
      return error.params.requiredProperties.map((name) => ({ key: within(name), why: 'is required' }))
    case 'boolean':
      // The same complaint as `additionalProperties`, once more.
      return []
    case 'enum':
      return [{ key, why: `must be one of ${error.params.allowedValues.join(', ')}${shown(key, at(value, error.instancePath))}` }]
    case 'pattern':
      return [
        { key, why: `${patternMeaning.get(String(error.params.pattern)) ?? error.message}${shown(key, at(value, error.instancePath))}` },
      ]
    default:
      return [{ key, why: `${error.message}${shown(key, at(value, error.instancePath))}` }]
  }
}

/** `/accounts/0/extensions/2/name` as `accounts[0].extensions[2].name`. */
function keyOf(pointer: string): string {
  let key = ''
  for (const part of pointerParts(pointer)) key += /^\d+$/.test(part) ? `[${part}]` : key === '' ? part : `.${part}`
  return key
}

const pointerParts = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))

function at(value: unknown, pointer: string): unknown {
  let found = value
  for (const part of pointerParts(pointer))
    found = typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[part] : undefined
  return found
}

const secretKey = /password|secret|token|assertion|key$/i

/** The refused value, unless it is one that must not end up in a log. */
function shown(key: string, value: unknown): string {
  if (secretKey.test(key) || (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')) return ''
  const text = JSON.stringify(value)
  return text.length > 60 ? '' : `, not ${text}`
}
