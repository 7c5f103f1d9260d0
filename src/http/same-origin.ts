/** Whether a browser's request comes from a page of this very server, and not from somebody else's with our cookies. */
import type { IncomingHttpHeaders } from 'node:http'

/** `mute`: it does not say, as only programs and ancient browsers do. */
export type Origin = 'own' | 'foreign' | 'mute'

/** `publicUrl`: as others reach us, where a proxy in front has changed `Host`. */
export function originOf(headers: IncomingHttpHeaders, publicUrl: string): Origin {
  const { origin } = headers
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return 'foreign'
  if (origin === undefined) return site === undefined ? 'mute' : 'own'
  return origin === publicUrl || hostOf(origin) === headers.host?.toLowerCase() ? 'own' : 'foreign'
}

/** `null`, which sandboxed pages send, has no host. */
const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined)
