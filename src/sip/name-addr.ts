/** `"Name" <uri>;param=value` in From, To, Contact, Route, Record-Route, Refer-To, P-Asserted-Identity … (RFC 3261 §20.10). */
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import { isSpace, isTokenChar } from './chars.ts'
import { COMMA, Cursor, quote } from './cursor.ts'
import type { NameAddr, Uri } from './message.ts'
import { formatParams, readParams } from './params.ts'
import { formatUri, parseUri } from './uri.ts'

/** Reads exactly one address. */
export function parseNameAddr(text: string): Outcome<NameAddr, string> {
  const cursor = new Cursor(text)
  const address = readNameAddr(cursor)
  if (!address.ok) return address
  cursor.spaces()
  return cursor.done() ? address : fail('something follows the address')
}

/** Reads a comma-separated list with at least one address. */
export function parseNameAddrs(text: string): Outcome<readonly NameAddr[], string> {
  const cursor = new Cursor(text)
  const addresses: NameAddr[] = []
  do {
    const address = readNameAddr(cursor)
    if (!address.ok) return address
    addresses.push(address.value)
  } while (cursor.separator(COMMA))
  cursor.spaces()
  return cursor.done() ? ok(addresses) : fail('something follows the address')
}

/** Always with angle brackets, which no reader can misunderstand. */
export function formatNameAddr(address: NameAddr): string {
  const name = address.displayName ? `${quote(address.displayName)} ` : ''
  return `${name}<${formatUri(address.uri)}>${formatParams(address.params)}`
}

function readNameAddr(cursor: Cursor): Outcome<NameAddr, string> {
  cursor.spaces()
  const start = cursor.at
  const quoted = cursor.peek() === 0x22
  const name = quoted ? cursor.quoted() : collapsed(cursor.run(isNameChar))
  if (name === undefined) return fail('quoted string without an end')
  cursor.spaces()
  const inBrackets = cursor.peek() === 0x3c
  if (quoted && !inBrackets) return fail('a name in quotes needs an address in angle brackets')
  if (!inBrackets) cursor.at = start
  const uri = inBrackets ? readBracketed(cursor) : readBare(cursor)
  if (!uri.ok) return uri
  const params = readParams(cursor)
  if (!params.ok) return params
  return ok({ ...(inBrackets && name !== '' && { displayName: name }), uri: uri.value, params: params.value })
}

/** Tokens and the space between them; beyond ASCII, which the grammar wants in quotes, nothing can be misread. */
const isNameChar = (code: number) => isTokenChar(code) || isSpace(code) || code >= 0x80

const collapsed = (words: string) => words.split(' ').filter(Boolean).join(' ')

function readBracketed(cursor: Cursor): Outcome<Uri, string> {
  const end = cursor.text.indexOf('>', cursor.at)
  if (end < 0) return fail('angle bracket without an end')
  const uri = parseUri(cursor.text.slice(cursor.at + 1, end))
  cursor.at = end + 1
  return uri
}

/** Without brackets a `;` begins the header's own parameters, and a URI with `?` or `,` in it must not be written (RFC 3261 §20). */
function readBare(cursor: Cursor): Outcome<Uri, string> {
  return parseUri(cursor.run(isBareChar))
}

const isBareChar = (code: number) => code > 0x20 && code < 0x7f && code !== 0x3b && code !== 0x2c && code !== 0x3f
