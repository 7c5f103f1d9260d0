/** Host names and addresses as URIs and Via spell them. */
import { isIpv6 } from '../kernel/ip.ts'
import { consistsOf, decimal, isHostChar } from './chars.ts'

export { isIpv4, isIpv6 } from '../kernel/ip.ts'

/** `host` and `port` of `host [":" port]`; an IPv6 address comes without its brackets. */
export interface HostPort {
  readonly host: string
  readonly port?: number
}

/** Reads `example.com`, `192.0.2.1:5060`, `[2001:db8::1]:5060`; `undefined` when it is none of these. */
export function parseHostPort(text: string): HostPort | undefined {
  return text.charCodeAt(0) === 0x5b ? bracketed(text) : plain(text)
}

export function formatHostPort(at: HostPort): string {
  return at.port === undefined ? formatHost(at.host) : `${formatHost(at.host)}:${at.port}`
}

export const formatHost = (host: string) => (host.includes(':') ? `[${host}]` : host)

/** Whether `text` may stand as a host, an IPv6 address without brackets included. */
export const isHost = (text: string) => (text.includes(':') ? isIpv6(text) : isHostName(text))

function plain(text: string): HostPort | undefined {
  const colon = text.indexOf(':')
  const host = colon < 0 ? text : text.slice(0, colon)
  return isHostName(host) ? withPort(host, colon < 0 ? '' : text.slice(colon)) : undefined
}

function bracketed(text: string): HostPort | undefined {
  const close = text.indexOf(']')
  if (close < 0) return undefined
  const host = ipv6Of(text.slice(1, close))
  return host === undefined ? undefined : withPort(host, text.slice(close + 1))
}

function withPort(host: string, rest: string): HostPort | undefined {
  if (rest === '') return { host }
  const port = rest.charCodeAt(0) === 0x3a ? decimal(rest.slice(1), 65_535) : undefined
  return port === undefined || port === 0 ? undefined : { host, port }
}

/** The grammar's host name, and the underscore that container networks put into theirs. */
function isHostName(text: string): boolean {
  if (!consistsOf(text, isHostChar)) return false
  const first = text.charCodeAt(0)
  return first !== 0x2e && first !== 0x2d && !text.includes('..')
}

/**
 * RFC 3261's grammar wrongly derives three colons before an embedded IPv4 address, and RFC 5118 §4.10 asks to understand what was meant;
 * RFC 5954 §3 corrected the grammar, so the corrected form is what is kept.
 */
function ipv6Of(text: string): string | undefined {
  const meant = text.includes(':::') ? text.replace(':::', '::') : text
  return isIpv6(meant) ? meant : undefined
}
