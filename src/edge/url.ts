/** Request targets as the wire contracts read them (W3, W5): one canonical spelling for the router, or the fault. */
import { fail, type Outcome, ok } from '../kernel/outcome.ts'

export type TargetFault = 'route-unknown' | 'body-malformed'

/** Empty segments go, every segment is decoded once; `%2F` stays inside its segment. */
export function canonicalTarget(target: string): Outcome<string, TargetFault> {
  const [path = '', query] = splitOnce(target, '?')
  if (query !== undefined && decoded(query.replaceAll('+', ' ')) === undefined) return fail('body-malformed')
  const segments: string[] = []
  for (const raw of withoutOrigin(path).split('/')) {
    if (raw === '') continue
    const segment = decoded(raw)
    if (segment === undefined) return fail('body-malformed')
    if (segment === '.' || segment === '..') return fail('route-unknown')
    segments.push(segment)
  }
  return ok(`${joined(segments)}${query === undefined ? '' : `?${query}`}`)
}

/** Decoded segments to a path. */
export const joined = (segments: readonly string[]): string => `/${segments.map(encoded).join('/')}`

/** RFC 9112 §3.2.2: a server must take the absolute form as well. */
const withoutOrigin = (path: string): string => path.replace(/^https?:\/\/[^/]*/i, '')

function splitOnce(text: string, mark: string): readonly [string, string?] {
  const at = text.indexOf(mark)
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** What RFC 3986 §3.3 lets stand in a segment stands, so that routes may name it: `@me`, `*`. */
const encoded = (segment: string): string =>
  encodeURIComponent(segment).replaceAll(/%(?:40|3A|24|26|2B|2C|3B|3D)/g, (spelt) => decodeURIComponent(spelt))

/** The patterns of the routes that exist, for telling which methods a path takes. */
export class RouteBook {
  readonly #patterns = new Map<string, { readonly segments: readonly string[]; readonly methods: Set<string>; webSocket: boolean }>()

  add(pattern: string, { methods, webSocket }: { readonly methods: readonly string[]; readonly webSocket: boolean }): void {
    const known = this.#patterns.get(pattern) ?? { segments: pattern.split('/'), methods: new Set<string>(), webSocket: false }
    for (const method of methods) known.methods.add(method)
    known.webSocket ||= webSocket
    this.#patterns.set(pattern, known)
  }

  methodsOf(path: string): readonly string[] {
    return [...new Set(this.#matching(path).flatMap(({ methods }) => [...methods]))].sort()
  }

  takesWebSocket(path: string): boolean {
    return this.#matching(path).some(({ webSocket }) => webSocket)
  }

  #matching(path: string) {
    const segments = path.split('/')
    return [...this.#patterns.values()].filter((route) => matches(route.segments, segments))
  }
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  if (pattern.at(-1) === '*') return pattern.slice(0, -1).every((part, i) => fits(part, segments[i]))
  return pattern.length === segments.length && pattern.every((part, i) => fits(part, segments[i]))
}

const fits = (part: string, segment: string | undefined): boolean =>
  part.startsWith(':') ? segment !== undefined && segment !== '' : part === segment
