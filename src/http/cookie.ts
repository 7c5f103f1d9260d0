/** Cookies (RFC 6265bis), as far as sessions need them: values are our own and hold nothing that would have to be escaped. */

export interface CookieSettings {
  readonly name: string
  readonly value: string
  readonly path: string
  readonly sameSite: 'Strict' | 'Lax'
  readonly isSecure: boolean
  /** 0 takes it away. */
  readonly maxAgeSeconds: number
}

export function cookieText({ name, value, path, sameSite, isSecure, maxAgeSeconds }: CookieSettings): string {
  const secure = isSecure ? '; Secure' : ''
  return `${name}=${value}; Path=${path}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=${sameSite}${secure}`
}

/** The first of that name, which is the one with the longest path (§5.8.3). */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=')
    if (at !== -1 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return undefined
}
