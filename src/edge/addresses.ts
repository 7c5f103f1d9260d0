import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'

export interface HostPort {
  readonly host: string
  readonly port: number
}

/** `host:port`, IPv6 in brackets. */
export function parseHostPort(text: string): HostPort | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]/]+)):([0-9]{1,5})$/.exec(text)
  if (match === null) return undefined
  const host = match[1] ?? match[2] ?? ''
  const port = Number(match[3])
  const bracketed = match[1] !== undefined
  return port <= 65_535 && (!bracketed || isIP(host) === 6) ? { host, port } : undefined
}

/** As `parseHostPort`, with an IP literal for a host and a port that is not 0. */
export function parseSocketAddress(text: string): HostPort | undefined {
  const parsed = parseHostPort(text)
  return parsed !== undefined && isIP(parsed.host) !== 0 && parsed.port > 0 ? parsed : undefined
}

/** `host` or `host:port`, IPv6 in brackets where a port follows. */
export function parseAdvertised(text: string): { readonly host: string; readonly port?: number } | undefined {
  if (isIP(text) !== 0 || /^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(text)) return { host: text }
  return parseHostPort(text)
}

export interface PortRange {
  readonly first: number
  readonly last: number
}

export function parsePortRange(text: string): PortRange | undefined {
  const match = /^([0-9]{1,5})-([0-9]{1,5})$/.exec(text)
  const range = { first: Number(match?.[1]), last: Number(match?.[2]) }
  return match !== null && range.last <= 65_535 ? range : undefined
}

/** What others can reach this machine by, where it listens on a wildcard: the first address of the same family that is not loopback. */
export function reachableAddress(address: string): string {
  if (address !== '0.0.0.0' && address !== '::') return address
  const family = address === '::' ? 'IPv6' : 'IPv4'
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const usable = all.find((a) => a.family === family && !a.internal && !a.address.startsWith('fe80:'))
  return usable?.address ?? (family === 'IPv6' ? '::1' : '127.0.0.1')
}
