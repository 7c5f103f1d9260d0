/** What every request of this dialect has: a path, perhaps a version, perhaps a body (contract newvoicemedia, sections 1 and 4). */
import { type JsonObject, readJson } from '../../http/body.ts'
import { refuse } from '../../http/refused.ts'
import type { Ask, House, Sent } from '../dialect.ts'
import { mediaType } from './refusals.ts'

/** Static segments and the `v` in any case, any digits after it; the account key is left as it is. */
export function place(segments: readonly string[]): readonly string[] | undefined {
  const lower = segments.map((segment) => segment.toLowerCase())
  const [first = '', second, third] = lower
  if (lower.join('/') === 'auth/connect/token') return lower
  if (!/^v\d+$/.test(first)) return undefined
  if (lower.length === 3 && second === 'oauth2' && third === 'token') return lower
  if (third !== 'calls' && third !== 'agents') return undefined
  return [first, segments[1] ?? '', third, ...segments.slice(3)]
}

export const isTokenPath = (segments: readonly string[]): boolean =>
  place(segments)?.at(-1) === 'token' && accountKey(segments) === undefined

/** The account key in the path, where it has one. */
export function accountKey(segments: readonly string[]): string | undefined {
  const placed = place(segments)
  return placed === undefined || (placed[2] !== 'calls' && placed[2] !== 'agents') ? undefined : placed[1]
}

/** Where links of an answer lead. */
export interface Place {
  /** The public URL and the prefix. */
  readonly base: string
  /** The digits after `v` in the path. */
  readonly version: string
  readonly key: string
}

export const placeOf = ({ base, params }: Pick<Ask, 'base' | 'params'>): Place => ({
  base,
  version: (params.version ?? '').slice(1),
  key: params.key ?? '',
})

/** The newest version that is known; 2 brought presentedCLID, 4 regarding, 5 application, 6 consent. */
const newest = 6

/** What Accept or else Content-Type names; `1.1` is read as 1. Undefined where neither is, or where it is no known one. */
function namedVersion({ headers }: Pick<Sent, 'headers'>): { readonly named: boolean; readonly version: number } {
  const pattern = /;\s*version\s*=\s*"?([^\s;,"]*)/i
  const text = pattern.exec(headers.accept ?? '')?.[1] ?? pattern.exec(headers['content-type'] ?? '')?.[1]
  const version = /^(\d{1,9})(?:\.\d+)*$/.exec(text ?? '')?.[1]
  return { named: text !== undefined, version: version === undefined ? 0 : Number(version) }
}

/** The version by which a request is judged; unknown ones are the newest. `strictVersions` refuses them instead. */
export function versionOf(house: House, sent: Pick<Sent, 'headers'>): number {
  const { named, version } = namedVersion(sent)
  const isKnown = version >= 1 && version <= newest
  if (named && !isKnown && house.settings.newvoicemedia.strictVersions) throw refuse('parameter-invalid', { name: 'version' })
  return isKnown ? version : newest
}

/** `Content-Type: application/json`, or none where the body is an object on sight. */
export function readBody({ body, headers }: Pick<Ask, 'body' | 'headers'>): JsonObject {
  if (body === undefined) return {}
  const contentType = headers['content-type']
  const type = mediaType(contentType)
  const isJson = contentType === undefined ? looksLikeObject(body) : type.toLowerCase() === 'application/json'
  if (!isJson) throw refuse('media-type-unsupported', { name: type })
  return readJson({ bytes: body, contentType, contentEncoding: undefined })
}

/** `trimStart` takes a byte order mark away, too. */
const looksLikeObject = (body: Buffer): boolean => body.subarray(0, 64).toString().trimStart().startsWith('{')

/** W15: the role is looked at after the form of the body. Who may only read, and agents, start and change nothing. */
export function demandWriter({ holder }: Ask): void {
  if (holder.role !== 'admin' && holder.role !== 'supervisor') throw refuse('forbidden')
}

/** W10: a number where a text is meant. Empty is absent; what is neither is kept as text, so that its check refuses it. */
export function textOf(value: unknown): string | undefined {
  if (value === undefined || value === '') return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}
