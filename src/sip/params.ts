/** Parameters of header fields: `;name`, `;name=token`, `;name="quoted"` (RFC 3261 §25.1 `generic-param`). */

import { assert } from '../kernel/assert.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import { consistsOf, isToken, isValueChar } from './chars.ts'
import { type Cursor, EQUALS, quote, SEMICOLON } from './cursor.ts'
import type { Params } from './message.ts'

const none: Params = new Map()

/**
 * Reads parameters up to a comma or the end. A name given twice is refused: with two `tag` or `branch` values two readers could believe in
 * two different dialogs.
 */
export function readParams(cursor: Cursor): Outcome<Params, string> {
  if (!cursor.separator(SEMICOLON)) return ok(none)
  const params = new Map<string, string | undefined>()
  do {
    const name = cursor.token().toLowerCase()
    if (name === '') return fail('parameter without a name')
    if (params.has(name)) return fail(`parameter ${name} given twice`)
    const value = cursor.separator(EQUALS) ? readValue(cursor) : ok(undefined)
    if (!value.ok) return value
    params.set(name, value.value)
  } while (cursor.separator(SEMICOLON))
  return ok(params)
}

function readValue(cursor: Cursor): Outcome<string, string> {
  if (cursor.peek() === 0x22) {
    const content = cursor.quoted()
    return content === undefined ? fail('quoted string without an end') : ok(content)
  }
  const value = cursor.run(isValueChar)
  return value === '' ? fail('parameter without a value') : ok(value)
}

/** Prints parameters; a value that cannot stand bare is quoted. */
export function formatParams(params: Params): string {
  let text = ''
  for (const [name, value] of params) {
    assert(isToken(name), 'a parameter has a token for its name')
    text += value === undefined ? `;${name}` : `;${name}=${formatValue(value)}`
  }
  return text
}

const formatValue = (value: string) => (consistsOf(value, isValueChar) ? value : quote(value))
