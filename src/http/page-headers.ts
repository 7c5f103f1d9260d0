/** What a browser may do with a page of ours. */

/** For pages that load scripts: nothing inline, nothing from elsewhere, no frame around it. `host`: where it was asked for, for its sockets. */
export function pageHeaders(host: string | undefined): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'self'",
    ["connect-src 'self'", ...socketsOf(host)].join(' '),
    "img-src 'self' data:",
    "media-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ]
  return { ...common, 'Content-Security-Policy': policy.join('; '), 'Permissions-Policy': 'microphone=(self), camera=(), geolocation=()' }
}

/** For pages that are a text: no script at all. */
export const textPageHeaders = {
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
} as const

const common = {
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'X-Frame-Options': 'DENY',
} as const

/** Not every browser counts WebSockets of the same host as `'self'`. A host that is none stays out of the header. */
const socketsOf = (host: string | undefined): readonly string[] =>
  host !== undefined && /^[\w.-]+(:\d+)?$|^\[[\da-fA-F:.]+\](:\d+)?$/.test(host) ? [`ws://${host}`, `wss://${host}`] : []
