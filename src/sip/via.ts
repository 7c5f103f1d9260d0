/** The Via header (RFC 3261 §20.42): the way back of a response. */
import { assert } from '../kernel/assert.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import { isToken, isVisible } from './chars.ts'
import { COLON, COMMA, Cursor, SLASH } from './cursor.ts'
import { formatHostPort, isHost, parseHostPort } from './host.ts'
import type { Via } from './message.ts'
import { formatParams, readParams } from './params.ts'

/** Reads a field line's list, topmost first. */
export function parseVias(text: string): Outcome<readonly Via[], string> {
  const cursor = new Cursor(text)
  const vias: Via[] = []
  do {
    const via = readVia(cursor)
    if (!via.ok) return via
    vias.push(via.value)
  } while (cursor.separator(COMMA))
  return cursor.done() ? ok(vias) : fail('something follows the Via')
}

/** The host goes back in the spelling it came in: the peer compares the topmost Via of a response with its own (RFC 3261 §18.1.2). */
export function formatVia(via: Via): string {
  assert(isToken(via.transport), 'a Via has a token for its transport')
  assert(isHost(via.host), 'a Via has a legal host')
  const version = via.version ?? '2.0'
  assert(isToken(version), 'a Via has a token for its version')
  return `SIP/${version}/${via.transport} ${formatHostPort(via)}${formatParams(via.params)}`
}

function readVia(cursor: Cursor): Outcome<Via, string> {
  cursor.spaces()
  if (cursor.token().toUpperCase() !== 'SIP' || !cursor.separator(SLASH)) return fail('Via of another protocol')
  const version = cursor.token()
  if (version === '' || !cursor.separator(SLASH)) return fail('Via without a version')
  const transport = cursor.token().toUpperCase()
  const beforeHost = cursor.at
  cursor.spaces()
  if (transport === '' || cursor.at === beforeHost) return fail('Via without a transport')
  const sentBy = readSentBy(cursor)
  if (sentBy === undefined) return fail('Via without a legal host')
  const params = readParams(cursor)
  return params.ok ? ok({ ...(version !== '2.0' && { version }), transport, ...sentBy, params: params.value }) : params
}

/** Space is legal around the colon before the port (RFC 3261 §25.1 `COLON`), nowhere else. */
function readSentBy(cursor: Cursor): { host: string; port?: number } | undefined {
  const start = cursor.at
  if (cursor.peek() === 0x5b) {
    const close = cursor.text.indexOf(']', start)
    if (close < 0) return undefined
    cursor.at = close + 1
  } else cursor.run(isHostNameChar)
  const host = cursor.text.slice(start, cursor.at)
  const port = cursor.separator(COLON) ? `:${cursor.token()}` : ''
  return parseHostPort(host + port)
}

const isHostNameChar = (code: number) => isVisible(code) && code !== COLON && code !== 0x3b && code !== COMMA
