/** When two URIs are the same: RFC 3261 §19.1.4 for SIP, RFC 3966 §4 for telephone numbers. */
import { ipv6Groups } from '../kernel/ip.ts'
import type { Params, SipUri, TelUri, Uri } from './message.ts'

export function sameUri(a: Uri, b: Uri): boolean {
  if (a.scheme === 'other' || b.scheme === 'other') return a.scheme === 'other' && b.scheme === 'other' && a.text === b.text
  if (a.scheme === 'tel' || b.scheme === 'tel') return a.scheme === 'tel' && b.scheme === 'tel' && sameTel(a, b)
  return sameSip(a, b)
}

/** The same but for the port: phones that open their own TCP connections name the local end of each in their Contact. */
export const samePhone = (a: Uri, b: Uri): boolean => sameUri(withoutPort(a), withoutPort(b))

function withoutPort(uri: Uri): Uri {
  if (uri.scheme !== 'sip' && uri.scheme !== 'sips') return uri
  const { port: _, ...rest } = uri
  return rest
}

/** A default port and no port are different on purpose: without one, the server is looked up (RFC 3263). */
function sameSip(a: SipUri, b: SipUri): boolean {
  return (
    a.scheme === b.scheme &&
    a.user === b.user &&
    a.password === b.password &&
    a.port === b.port &&
    sameHost(a.host, b.host) &&
    sameSipParams(a.params, b.params) &&
    sameHeaders(a.headers, b.headers)
  )
}

/** RFC 5954 §4.2: one IPv6 address has many spellings. */
export function sameHost(a: string, b: string): boolean {
  if (a.toLowerCase() === b.toLowerCase()) return true
  const groups = ipv6Groups(a)
  const others = groups && ipv6Groups(b)
  return groups !== undefined && others !== undefined && groups.every((group, index) => group === others[index])
}

/** These change where or how a request goes, so a URI with one of them is never the same as a URI without. */
const decisive = ['user', 'ttl', 'method', 'maddr']

function sameSipParams(a: Params, b: Params): boolean {
  for (const name of decisive) if (a.has(name) !== b.has(name)) return false
  for (const [name, value] of a) if (b.has(name) && !sameText(value, b.get(name))) return false
  return true
}

function sameHeaders(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  const others = lowerCaseNames(b)
  if (a.size !== b.size) return false
  for (const [name, value] of lowerCaseNames(a)) if (others.get(name) !== value) return false
  return true
}

const lowerCaseNames = (headers: ReadonlyMap<string, string>) => new Map([...headers].map(([name, value]) => [name.toLowerCase(), value]))

function sameTel(a: TelUri, b: TelUri): boolean {
  if (a.number.toLowerCase() !== b.number.toLowerCase() || a.params.size !== b.params.size) return false
  for (const [name, value] of a.params) if (!b.params.has(name) || !sameText(value, b.params.get(name))) return false
  return true
}

const sameText = (a: string | undefined, b: string | undefined) => a?.toLowerCase() === b?.toLowerCase()
