/** Which dialect a request is for (W1, W2): a prefix, else the host, else the path. */
import type { Dialect } from './dialect.ts'

export interface Mounted {
  readonly dialect: Dialect
  readonly hosts: readonly string[]
  /** Segments of the prefix; empty where there is none. */
  readonly prefix: readonly string[]
}

/** Where the server looks for the route: canonical segments below a first one that no client can send, or undefined where no dialect is meant. */
export type Signpost = (host: string | undefined, segments: readonly string[]) => readonly string[] | undefined

/** The first segment of a dialect's own routes. Names with `~` in front are refused to clients. */
export const room = (dialect: Pick<Dialect, 'name'>): string => `~${dialect.name}`

export function signpost(mounted: readonly Mounted[]): Signpost {
  return (host, segments) => {
    const name = hostName(host)
    const prefixed = mounted.find(({ prefix }) => prefix.length > 0 && startsWith(segments, prefix))
    if (prefixed !== undefined) return within(prefixed.dialect, segments.slice(prefixed.prefix.length))
    const hosted = name === undefined ? undefined : mounted.find(({ hosts }) => hosts.includes(name))
    if (hosted !== undefined && !isOurs(segments)) return within(hosted.dialect, segments)
    for (const { dialect } of mounted) {
      const place = dialect.place(segments, false)
      if (place !== undefined) return [room(dialect), ...place]
    }
    return undefined
  }
}

/** A path that is none of the dialect's is answered by it all the same: the client thinks that he talks to that vendor. */
const within = (dialect: Dialect, segments: readonly string[]): readonly string[] => [
  room(dialect),
  ...(dialect.place(segments, true) ?? segments),
]

/** Health, metrics and Sotto's own API are reachable under every host name. */
const isOurs = ([first]: readonly string[]): boolean =>
  first !== undefined && ['sotto', 'health', 'ready', 'metrics', 'openapi'].includes(first)

export const startsWith = (segments: readonly string[], prefix: readonly string[]): boolean =>
  prefix.every((part, i) => segments[i] === part)

/** Of a Host header: in lower case, without the port. */
const hostName = (host: string | undefined): string | undefined => host?.toLowerCase().replace(/:\d+$/, '')
