/** Where a program wants reports, as it said when it logged in or in a heartbeat (contract openvox-yeastar, sections 2 and 7). Kept with its token. */
import { refuse } from '../../http/refused.ts'
import { isIpv4, isIpv6 } from '../../kernel/ip.ts'
import { limits } from '../../kernel/limits.ts'
import type { Courier } from '../courier.ts'
import type { Request } from './request.ts'
import type { Flavour } from './request-flavour.ts'

export type ReportFormat = '1.0.0' | '1.0.2' | '2.0.0'

/** A type and no interface: the notes of a token are texts by name. */
export type Receiver = {
  /** Empty: no reports. */
  readonly url: string
  readonly format: ReportFormat
  readonly flavour: Flavour
  /** The address of the client, which may be called back although it is private. */
  readonly proven: string
  readonly host: string
  readonly port: string
  readonly path: string
  readonly absolute: 'yes' | 'no'
}

export const noReceiver: Receiver = {
  ...{ url: '', format: '1.0.0', flavour: 'yeastar', proven: '', host: '', port: '', path: '', absolute: 'no' },
}

/** What is not said stays as it was. */
export function receiverOf(request: Request, before: Receiver, courier: Courier): Receiver {
  const { ask, fields, flavour } = request
  const said = {
    ...{ flavour, proven: ask.source, host: hostOf(request) ?? (before.host === '' ? ask.source : before.host) },
    ...{ port: portOf(request) ?? before.port, path: pathOf(request) ?? before.path },
    absolute: fields.has('urltag') ? (fields.flag('urltag') ? ('yes' as const) : ('no' as const)) : before.absolute,
    format: fields.has('version') ? formatNamed(fields.optional('version') ?? '') : before.format,
  }
  const url = urlOf(said)
  if (url !== '' && !courier.permits(url, said.proven).ok) throw refuse('parameter-invalid', { name: 'url' })
  return { ...said, url }
}

function hostOf({ fields }: Request): string | undefined {
  const address = fields.optional('ipaddr')
  if (address === undefined || isIpv4(address) || isIpv6(address)) return address
  throw refuse('parameter-invalid', { name: 'ipaddr' })
}

function portOf({ fields }: Request): string | undefined {
  const port = fields.optional('port')
  if (port === undefined || (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)) return port
  throw refuse('parameter-invalid', { name: 'port' })
}

function pathOf({ fields }: Request): string | undefined {
  const path = fields.optional('url')
  if (path !== undefined && path.length > limits.callOutUrlCharacters) throw refuse('parameter-invalid', { name: 'url' })
  return path
}

/** Versions that no page names are taken for the nearest one. */
function formatNamed(version: string): ReportFormat {
  if (/^2(\.|$)/.test(version)) return '2.0.0'
  return version === '' || /^1\.0\.[01]$/.test(version) ? '1.0.0' : '1.0.2'
}

/** With `urltag` 1 the URL is whole but for its scheme, which some give all the same. */
function urlOf({ host, port, path, absolute }: Pick<Receiver, 'host' | 'port' | 'path' | 'absolute'>): string {
  if (absolute === 'yes') {
    if (path === '') throw refuse('parameter-missing', { name: 'url' })
    return valid(/^https?:\/\//i.test(path) ? path : `http://${path}`)
  }
  if (port === '') return ''
  return valid(`http://${host.includes(':') && !isMapped(host) ? `[${host}]` : unmapped(host)}:${port}/${path.replace(/^\//, '')}`)
}

/** RFC 4291 §2.5.5.2: how a socket for both families shows an IPv4 address. */
const mapped = /^::ffff:(?=\d+\.)/i
const isMapped = (host: string): boolean => mapped.test(host)
const unmapped = (host: string): string => host.replace(mapped, '')

function valid(url: string): string {
  if (!URL.canParse(url)) throw refuse('parameter-invalid', { name: 'url' })
  return url
}

/** What was kept with a token. */
export const receiverNoted = (notes: Readonly<Record<string, string>>): Receiver => ({ ...noReceiver, ...(notes as Partial<Receiver>) })
