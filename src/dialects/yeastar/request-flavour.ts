/** Which of the flavours speaks, seen in the head of a request (contract openvox-yeastar, section 1). */
import type { DialectSettings } from '../../directory/settings.ts'
import type { Sent } from '../dialect.ts'

export type Flavour = 'openvox' | 'yeastar'
export type Format = 'json' | 'xml'
export type FlavourSetting = DialectSettings['yeastar']['flavour']

const version = /^v(\d+)(?:\.\d+){1,2}$/

/** `/api/v1.1.0/x/y` is `/v1/x/y`: no version is refused, and major 2 has endpoints of its own. */
export function place(segments: readonly string[], hosted: boolean): readonly string[] | undefined {
  const [api, named = '', ...rest] = segments
  const major = api === 'api' ? version.exec(named)?.[1] : undefined
  if (major === undefined) return hosted ? ['elsewhere', ...segments] : undefined
  if (Number(major) !== 2) return ['v1', ...rest]
  // One page of the vendor prints `call/call/refuse_inbound`.
  return ['v2', ...(rest[0] === 'call' && rest[1] === 'call' ? rest.slice(1) : rest)]
}

/** As most clients spell it. */
export const documented = (path: string): string => path.replace(/^\/v1\//, '/api/v1.1.0/').replace(/^\/v2\//, '/api/v2.0.0/')

export function flavourOf({ segments, query }: Pick<Sent, 'segments' | 'query'>, setting: FlavourSetting): Flavour {
  if (setting !== 'auto') return setting
  return query.type !== undefined || /^v0+\./.test(segments[1] ?? '') ? 'openvox' : 'yeastar'
}

export const typeOf = ({ query }: Pick<Sent, 'query'>): string => query.type?.trim().toLowerCase() ?? ''

/** Of the answer: only OpenVox knows XML. */
export const formatOf = (sent: Pick<Sent, 'query'>, flavour: Flavour): Format =>
  flavour === 'openvox' && typeOf(sent) === 'xml' ? 'xml' : 'json'
