/**
 * Messages to bytes. Text that came from somebody (names, numbers, header and parameter values, reasons) is printed so that it can never end
 * a line or a string: control characters become spaces, quotes and backslashes are escaped, URI characters percent-escaped. What has to be a
 * token (method, header name, transport, Call-ID) is ours or was checked by the parser, so anything else there is a bug of ours.
 */
import { assert } from '../kernel/assert.ts'
import { consistsOf, isToken, isVisible, withoutControls } from './chars.ts'
import type { Message } from './message.ts'
import { formatNameAddr } from './name-addr.ts'
import { formatUri } from './uri.ts'
import { formatVia } from './via.ts'

const encoder = new TextEncoder()

/** Content-Length is computed; `message.headers` must not name a header that the message holds in a field of its own. */
export function write(message: Message): Uint8Array {
  const head = encoder.encode(headOf(message))
  if (message.body.length === 0) return head
  const bytes = new Uint8Array(head.length + message.body.length)
  bytes.set(head)
  bytes.set(message.body, head.length)
  return bytes
}

const structured = new Set(['Via', 'From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards', 'Content-Length'])

function headOf(message: Message): string {
  let text = startLine(message)
  for (const via of message.via) text += `Via: ${formatVia(via)}\r\n`
  if (message.kind === 'request') text += `Max-Forwards: ${wholeNumber(message.maxForwards)}\r\n`
  text += `From: ${formatNameAddr(message.from)}\r\nTo: ${formatNameAddr(message.to)}\r\n`
  assert(consistsOf(message.callId, isVisible), 'a Call-ID is printable')
  assert(isToken(message.cseq.method), 'a method is a token')
  text += `Call-ID: ${message.callId}\r\nCSeq: ${wholeNumber(message.cseq.number)} ${message.cseq.method}\r\n`
  for (const header of message.headers) {
    assert(isToken(header.name) && !structured.has(header.name), 'a header has a name of its own')
    text += `${header.name}: ${withoutControls(header.value)}\r\n`
  }
  return `${text}Content-Length: ${message.body.length}\r\n\r\n`
}

function startLine(message: Message): string {
  if (message.kind === 'response') {
    assert(Number.isInteger(message.status) && message.status >= 100 && message.status <= 699, 'a status has three digits')
    return `SIP/2.0 ${message.status} ${withoutControls(message.reason)}\r\n`
  }
  assert(isToken(message.method), 'a method is a token')
  return `${message.method} ${formatUri(message.uri)} SIP/2.0\r\n`
}

function wholeNumber(value: number): string {
  assert(Number.isInteger(value) && value >= 0 && value <= 2 ** 32, 'a counter is a whole number')
  return String(value)
}
