/** DTMF in SIP INFO: the two bodies that phones send, neither of them standardised. */
import type { Instant } from '../kernel/time.ts'
import { respondTo, textOf } from './compose.ts'
import { parseContentType } from './headers.ts'
import type { Request } from './message.ts'
import { header } from './message.ts'
import type { Core, Session } from './session.ts'
import { refuse, request, respond, serverHeader } from './session-basics.ts'
import type { Received } from './session-offer.ts'

const relay = 'application/dtmf-relay'
const plain = 'application/dtmf'

/** Longer than any digit; also bounds what is looked at. */
const longestBody = 200

export function info(core: Core, at: Instant, session: Session, received: Received): void {
  const digit = digitOf(received.request)
  if (digit === 'unknown') return refuse(core, at, received, 415, { headers: [{ name: 'Accept', value: `${relay}, ${plain}` }] })
  respond(core, at, received.transaction, respondTo(received.request, 200, { headers: [serverHeader(core)] }))
  if (digit !== undefined) core.outbox.event({ kind: 'dtmf', session: session.id, ...digit })
}

interface Digit {
  readonly digit: string
  readonly durationMs: number
}

/** An INFO without a body is a keep-alive of old (RFC 2976 §2.2). */
function digitOf(info: Request): Digit | 'unknown' | undefined {
  if (info.body.length === 0) return undefined
  const type = parseContentType(header(info, 'Content-Type') ?? '')
  const body = textOf(info.body.subarray(0, longestBody))
  const digit = !type.ok ? undefined : type.value.type === relay ? relayed(body) : type.value.type === plain ? signal(body) : undefined
  return digit ?? 'unknown'
}

function relayed(body: string): Digit | undefined {
  const fields = new Map(
    body.split(/\r?\n/).map((line) => [(line.split('=', 1)[0] ?? '').trim().toLowerCase(), line.slice(line.indexOf('=') + 1)]),
  )
  const digit = signal(fields.get('signal') ?? '')
  const durationMs = Number.parseInt(fields.get('duration') ?? '', 10)
  return digit === undefined ? undefined : { ...digit, durationMs: durationMs > 0 && durationMs <= 10_000 ? durationMs : digit.durationMs }
}

/** Events 10 and 11 are `*` and `#`, 12 to 15 the letters, as in RFC 4733 §3.2. */
function signal(text: string): Digit | undefined {
  const word = text.trim().toUpperCase()
  const digit = /^(?:1[0-5])$/.test(word) ? '*#ABCD'.charAt(Number(word) - 10) : word
  return /^[0-9*#A-D]$/.test(digit) ? { digit, durationMs: 160 } : undefined
}

export function sendDtmf(core: Core, at: Instant, session: Session, { digit, durationMs }: Digit): void {
  if (session.dialog === undefined || session.state !== 'established' || signal(digit) === undefined) return
  request(core, at, session, session.dialog, {
    purpose: { kind: 'info', session },
    method: 'INFO',
    body: { type: relay, text: `Signal=${digit}\r\nDuration=${Math.round(durationMs)}\r\n` },
  })
}
