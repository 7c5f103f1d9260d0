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
  'pin',
  'rcaccesstoken',
  'random',
  'refresh_token',
  'refreshtoken',
  'secret',
  'token',
  'x-auth-token',
]

/** A request target for the access log: secret values by a short fingerprint, enough to see that two are the same. */
export function redactedTarget(sent: string): string {
  const target = withoutPathToken(sent)
  const at = target.indexOf('?')
  if (at === -1) return target
  const pairs = target.slice(at + 1).split('&')
  return `${target.slice(0, at)}?${pairs.map(redactedPair).join('&')}`
}

/** RingCX has its API tokens revoked by `DELETE …/token/<token>`. */
const withoutPathToken = (target: string): string =>
  target.replace(/^([^?]*\/token\/+)([^/?]{16,})/i, (_, before: string, token: string) => `${before}~${fingerprint(token)}`)

function redactedPair(pair: string): string {
  const at = pair.indexOf('=')
  const name = at === -1 ? pair : pair.slice(0, at)
  return at !== -1 && secretNames.includes(plainName(name)) ? `${name}=~${fingerprint(pair.slice(at + 1))}` : pair
}

/** The name may be spelled with escapes. */
const plainName = (name: string): string => (new URLSearchParams(name).keys().next().value ?? '').toLowerCase()

const fingerprint = (secret: string): string => hash('sha256', secret).slice(0, 8)
