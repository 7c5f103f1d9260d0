/** From whom to call to the places to ring, and how we present the caller there. */

import type { AccountId } from '../kernel/ids.ts'
import type { Invitation, InviteTarget, Listener, TrunkSettings, UserAgentSettings } from './door.ts'
import { formatHost, isHost, parseHostPort } from './host.ts'
import type { Identities } from './identities.ts'
import type { Header, NameAddr, SipUri } from './message.ts'
import { formatNameAddr } from './name-addr.ts'
import { allowHeader, supportedHeader } from './options.ts'
import type { Binding, Registrar } from './registrar.ts'
import type { Destination, Dialling } from './session-outgoing.ts'
import { parseUri, sipUri } from './uri.ts'

export interface Directory {
  readonly settings: UserAgentSettings
  readonly identities: Identities
  readonly registrar: Registrar
}

/** No destination at all: nobody registered, or no such extension or trunk. */
export function diallingOf(directory: Directory, invitation: Invitation): Dialling | undefined {
  const { to } = invitation
  const destinations = destinationsOf(directory, to)
  if (destinations.length === 0) return undefined
  const headers = callerHeaders(directory, invitation)
  const identity = { from: presented(directory.settings, invitation.from), headers }
  if (to.kind === 'extension') return { peer: { kind: 'extension', account: to.account, number: to.number }, destinations, identity }
  const credentials = directory.identities.trunk(to.account, to.trunk)?.credentials
  const peer = { kind: 'trunk', account: to.account, trunk: to.trunk } as const
  return { peer, destinations, identity, ...(credentials !== undefined && { credentials }) }
}

function destinationsOf({ identities, registrar }: Directory, to: InviteTarget): readonly Destination[] {
  if (to.kind === 'trunk') return trunkDestination(identities.trunk(to.account, to.trunk), to.number)
  const registered = registrar.contacts(to.account, to.number).map(boundDestination)
  return registered.length > 0 ? registered : fixedDestination(identities, to.account, to.number)
}

/** With a Path, the first of its proxies is the next hop (RFC 3327 §5.1). */
function boundDestination({ uri, path, reachedBy }: Binding): Destination {
  const first = path[0]?.uri
  const next = first?.scheme === 'sip' || first?.scheme === 'sips' ? first : uri
  return { uri, routeSet: path, route: { uri: next, ...(reachedBy !== undefined && { flow: reachedBy }) } }
}

function fixedDestination(identities: Identities, account: AccountId, number: string): readonly Destination[] {
  const parsed = parseUri(identities.byNumber(account, number)?.contact ?? '')
  if (!parsed.ok || (parsed.value.scheme !== 'sip' && parsed.value.scheme !== 'sips')) return []
  return [{ uri: parsed.value, routeSet: [], route: { uri: parsed.value } }]
}

function trunkDestination(trunk: TrunkSettings | undefined, number: string): readonly Destination[] {
  const peer = trunk === undefined ? undefined : peerUri(trunk)
  if (peer === undefined) return []
  return [{ uri: { ...peer, user: number }, routeSet: [], route: { uri: peer } }]
}

/** `udp:host:port` as a URI that says the same. */
export function peerUri({ peer }: TrunkSettings): SipUri | undefined {
  const colon = peer.indexOf(':')
  const transport = peer.slice(0, colon).toLowerCase()
  const place = parseHostPort(peer.slice(colon + 1))
  if (place === undefined || (transport !== 'udp' && transport !== 'tcp' && transport !== 'tls')) return undefined
  return sipUri({ host: place.host, port: place.port, params: transport === 'udp' ? {} : { transport } })
}

/** The host of the identities that we present. A realm need not be a host name. */
export function ownHost({ realm, listen }: UserAgentSettings): string {
  return isHost(realm) ? realm : (nameOf(listen[0]) ?? 'localhost')
}

const nameOf = (listener: Listener | undefined): string | undefined => listener?.advertise?.host ?? listener?.address

/** RFC 3323 §4.1.1.3: who wants to stay unknown calls as nobody from nowhere. */
function presented(settings: UserAgentSettings, from: Invitation['from']): NameAddr {
  if (from.anonymous) return { displayName: 'Anonymous', uri: sipUri({ user: 'anonymous', host: 'anonymous.invalid' }), params: new Map() }
  return asserted(settings, from)
}

function asserted(settings: UserAgentSettings, { user, displayName }: Invitation['from']): NameAddr {
  const uri = sipUri({ user, host: ownHost(settings) })
  return { ...(displayName !== undefined && { displayName }), uri, params: new Map() }
}

function callerHeaders({ settings, identities }: Directory, invitation: Invitation): readonly Header[] {
  const { to, from } = invitation
  const common: readonly Header[] = [allowHeader, supportedHeader, { name: 'User-Agent', value: settings.product }]
  const trunk = to.kind === 'trunk' ? identities.trunk(to.account, to.trunk) : undefined
  const isTrusted = trunk !== undefined && trunk.trusted.length > 0
  return [
    ...common,
    ...(isTrusted ? [{ name: 'P-Asserted-Identity', value: formatNameAddr(asserted(settings, from)) }] : []),
    ...(from.anonymous ? [{ name: 'Privacy', value: 'id' }] : []),
    ...(invitation.autoAnswer ? autoAnswer(settings) : []),
    ...(invitation.headers ?? []),
  ]
}

/** No standard reaches all phones: Answer-Mode is RFC 5373, the others are what Snom and Cisco, Yealink, Polycom and Grandstream look for. */
function autoAnswer(settings: UserAgentSettings): readonly Header[] {
  const host = formatHost(ownHost(settings))
  return [
    { name: 'Call-Info', value: `<sip:${host}>;answer-after=0` },
    { name: 'Alert-Info', value: `<http://${host}>;info=alert-autoanswer;delay=0` },
    { name: 'Answer-Mode', value: 'Auto' },
  ]
}
