import { hash } from 'node:crypto'

/** W14: what must never stand in a log. Names are compared without case. */
const secretNames: readonly string[] = [
  'access_token',
  'accessrequesttoken',
  'api_key',
  'apikey',
  'assertion',
  'client_secret',
  'code',
  'password',
  'refresh_token',
  'secret',
  'token',
  'x-auth-token',
]

/** A request target for the access log: secret values by a short fingerprint, enough to see that two are the same. */
export function redactedTarget(target: string): string {
  const at = target.indexOf('?')
  if (at === -1) return target
  const pairs = target.slice(at + 1).split('&')
  return `${target.slice(0, at)}?${pairs.map(redactedPair).join('&')}`
}

function redactedPair(pair: string): string {
  const at = pair.indexOf('=')
  const name = at === -1 ? pair : pair.slice(0, at)
  return at !== -1 && secretNames.includes(plainName(name)) ? `${name}=~${fingerprint(pair.slice(at + 1))}` : pair
}

/** The name may be spelled with escapes. */
const plainName = (name: string): string => (new URLSearchParams(name).keys().next().value ?? '').toLowerCase()

const fingerprint = (secret: string): string => hash('sha256', secret).slice(0, 8)
