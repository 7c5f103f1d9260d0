import { isIpv4, isIpv6 } from '../kernel/ip.ts'
import type { Address, Flow, Listener, Transport } from './door.ts'
import type { Params, Request, SipUri, Via } from './message.ts'
import { formatNameAddr } from './name-addr.ts'
import { sipUri } from './uri.ts'

/** The flow of a datagram socket and a remote address: equal on both sides of the door. */
export function datagramFlow(local: Address, remote: Address): Flow {
  return { id: `udp ${local.address} ${local.port} ${remote.address} ${remote.port}`, transport: 'UDP', local, remote }
}

/** A connection of an earlier process, by where it led. Nothing can be sent on it, and nothing will come. */
export function lostFlow({ transport, local, remote }: Omit<Flow, 'id'>): Flow {
  return { id: `lost ${transport} ${local.address} ${local.port} ${remote.address} ${remote.port}`, transport, local, remote }
}

export const isLost = (flow: Flow): boolean => flow.id.startsWith('lost ')

/** A datagram flow whose socket may be bound otherwise than by the process before. */
export function rebound(listeners: readonly Listener[], flow: Flow): Flow {
  if (flow.transport !== 'UDP' || listeners.some((l) => l.transport === 'UDP' && isAt(l, flow.local))) return flow
  const listener = listenerFor(listeners, 'UDP', flow.remote.address)
  return listener === undefined ? flow : datagramFlow({ address: listener.address, port: listener.port }, flow.remote)
}

const isAt = (listener: Listener, { address, port }: Address): boolean => listener.address === address && listener.port === port

export const isStream = (transport: Transport): boolean => transport !== 'UDP'

export const isSecure = (transport: Transport): boolean => transport === 'TLS' || transport === 'WSS'

export const defaultPort = (transport: Transport): number => (isSecure(transport) ? 5061 : 5060)

export const family = (host: string): 4 | 6 | undefined => (isIpv4(host) ? 4 : isIpv6(host) ? 6 : undefined)

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1'

/** The listener that bytes to `remote` leave from: of the same family, and of loopback only towards loopback. */
export function listenerFor(listeners: readonly Listener[], transport: Transport, remote: string): Listener | undefined {
  const fitting = listeners.filter((l) => l.transport === transport && family(l.address) === family(remote))
  return fitting.find((l) => isLoopback(l.address) === isLoopback(remote)) ?? fitting[0]
}

/** How we name ourselves on a flow: in Via's sent-by and in Contact. */
export function sentBy(listeners: readonly Listener[], flow: Flow): { readonly host: string; readonly port: number } {
  const same = listeners.filter((l) => l.transport === flow.transport)
  const listener =
    same.find((l) => l.address === flow.local.address && l.port === flow.local.port) ??
    same.find((l) => l.address === flow.local.address) ??
    same.find((l) => family(l.address) === family(flow.local.address))
  if (listener === undefined) return { host: flow.local.address, port: flow.local.port }
  return { host: listener.advertise?.host ?? listener.address, port: listener.advertise?.port ?? listener.port }
}

export function transportOf(uri: SipUri): Transport {
  const named = uri.params.get('transport')?.toUpperCase()
  if (uri.scheme === 'sips') return named === 'WS' || named === 'WSS' ? 'WSS' : 'TLS'
  return named === 'TCP' || named === 'TLS' || named === 'WS' || named === 'WSS' ? named : 'UDP'
}

/**
 * RFC 3261 §18.2.1 and RFC 3581 §4: notes where the request really came from in its topmost Via. We always note it: a response that only
 * follows what the sender claims could be aimed at a third party.
 */
export function stampSource(request: Request, flow: Flow): Request {
  const top = request.via[0]
  if (top === undefined) return request
  const params = new Map(top.params)
  if (params.has('rport')) params.set('rport', String(flow.remote.port))
  if (params.has('rport') || top.host !== flow.remote.address) params.set('received', flow.remote.address)
  return { ...request, via: [{ ...top, params }, ...request.via.slice(1)] }
}

/**
 * RFC 3261 §18.2.2 and RFC 3581 §4: the flow of the response. A `maddr` is not followed, for the same reason; nor is a connection opened
 * for a response whose own connection is gone, since a phone behind a NAT could not accept it.
 */
export function responseFlow(request: Pick<Request, 'via'>, flow: Flow): Flow {
  const top = request.via[0]
  if (isStream(flow.transport) || top === undefined || top.params.has('rport')) return flow
  return datagramFlow(flow.local, { address: flow.remote.address, port: top.port ?? 5060 })
}

const magicCookie = 'z9hG4bK'

export const branchFrom = (unique: string): string => magicCookie + unique

export const isModernBranch = (branch: string): boolean => branch.startsWith(magicCookie) && branch.length > magicCookie.length

export function viaOf(sender: { readonly host: string; readonly port: number }, transport: Transport, branch: string): Via {
  const params: Params = new Map<string, string | undefined>([
    ['branch', branch],
    ['rport', undefined],
  ])
  return { transport, host: sender.host, port: sender.port, params }
}

/** Our Contact: where requests within the dialog shall be sent to. */
export function contactOf(sender: { readonly host: string; readonly port: number }, transport: Transport, user: string): string {
  const params = transport === 'UDP' ? {} : { transport: transport.toLowerCase() }
  return formatNameAddr({ uri: sipUri({ user, ...sender, params }), params: new Map() })
}
