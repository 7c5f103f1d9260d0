/** What one `m=audio` section means: the facts that offer and answer are made of. */
import { ipv6Groups, isIpv4, isIpv6 } from '../kernel/ip.ts'
import { type Crypto, parseCrypto } from './crypto.ts'
import { type Address, attribute, attributeValues, type SessionDescription, type Stream } from './description.ts'

export type Codec = 'PCMU' | 'PCMA'

/** RFC 3264 direction, always as seen from Sotto: `sendonly` = we send and expect nothing. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

export interface Endpoint {
  /** IPv4 or IPv6 literal. */
  readonly address: string
  readonly port: number
}

/** A payload type and what it stands for in this section. */
export interface Format {
  readonly payloadType: number
  /** In upper case: `PCMU`, `TELEPHONE-EVENT`, `CN`. */
  readonly encoding: string
  readonly clockRate: number
}

/** One audio section of the peer's description. */
export interface PeerAudio {
  readonly stream: Stream
  readonly endpoint: Endpoint
  readonly rtcp?: Endpoint
  readonly rtcpMux: boolean
  /** Most wanted first. */
  readonly formats: readonly Format[]
  /** What we may do at most, for what the peer does: its `sendonly` is our `recvonly`. */
  readonly allows: Direction
  /** The peer does not want to hear us: hold by direction (RFC 3264 §8.4) or by the address 0.0.0.0 (RFC 2543). */
  readonly holds: boolean
  readonly ptimeMs?: number
  readonly maxPtimeMs?: number
  readonly cryptos: readonly Crypto[]
}

/** Reads a section; a text says why its media cannot be exchanged. */
export function readAudio(description: SessionDescription, stream: Stream): PeerAudio | string {
  const connection = stream.connection ?? description.connection
  if (connection === undefined) return 'no address for the audio'
  if (!isUnicastLiteral(connection)) return 'the audio address is no unicast IP address'
  const endpoint = { address: connection.host, port: stream.port }
  const rtcpMux = attribute(stream.attributes, 'rtcp-mux') !== undefined
  const rtcp = rtcpMux ? undefined : rtcpEndpoint(stream, endpoint)
  const isNowhere = isUnspecified(connection.host)
  const said = directionOf(stream) ?? directionOf(description) ?? 'sendrecv'
  return {
    stream,
    endpoint,
    ...(rtcp !== undefined && { rtcp }),
    rtcpMux,
    formats: formatsOf(stream),
    allows: isNowhere ? bothAllow(mirrored(said), 'recvonly') : mirrored(said),
    holds: isNowhere || said === 'sendonly' || said === 'inactive',
    ...milliseconds('ptimeMs', attribute(stream.attributes, 'ptime')),
    ...milliseconds('maxPtimeMs', attribute(stream.attributes, 'maxptime')),
    cryptos: attributeValues(stream.attributes, 'crypto').flatMap((value) => parseCrypto(value) ?? []),
  }
}

/** The direction of the other side of the same stream. */
export function mirrored(direction: Direction): Direction {
  if (direction === 'sendonly') return 'recvonly'
  return direction === 'recvonly' ? 'sendonly' : direction
}

/** What is left when both have to agree. */
export function bothAllow(a: Direction, b: Direction): Direction {
  const sends = (a === 'sendrecv' || a === 'sendonly') && (b === 'sendrecv' || b === 'sendonly')
  const receives = (a === 'sendrecv' || a === 'recvonly') && (b === 'sendrecv' || b === 'recvonly')
  if (sends) return receives ? 'sendrecv' : 'sendonly'
  return receives ? 'recvonly' : 'inactive'
}

export const addressOf = (endpoint: Endpoint): Address => ({ family: endpoint.address.includes(':') ? 6 : 4, host: endpoint.address })

/** IPv4 from 224 on is multicast, reserved, or everybody on the wire (255.255.255.255): nobody to speak to. */
function isUnicastLiteral({ family, host }: Address): boolean {
  if (family === 4) return isIpv4(host) && Number(host.split('.')[0]) < 224
  return isIpv6(host) && (ipv6Groups(host)?.[0] ?? 0) < 0xff00
}

const isUnspecified = (host: string) => host === '0.0.0.0' || (ipv6Groups(host)?.every((group) => group === 0) ?? false)

/** RFC 3605; by default the port above. */
function rtcpEndpoint(stream: Stream, rtp: Endpoint): Endpoint {
  const [port = '', net, type, host = ''] = (attribute(stream.attributes, 'rtcp') ?? '').split(' ')
  const given = port !== '' && Number.isInteger(Number(port)) && Number(port) > 0 && Number(port) <= 65_535 ? Number(port) : undefined
  const isAddress = net === 'IN' && (type === 'IP4' || type === 'IP6') && isUnicastLiteral({ family: type === 'IP4' ? 4 : 6, host })
  if (given === undefined) return { address: rtp.address, port: Math.min(rtp.port + 1, 65_535) }
  return { address: isAddress ? host : rtp.address, port: given }
}

function directionOf({ attributes }: Pick<Stream, 'attributes'>): Direction | undefined {
  for (const { name } of attributes) if (isDirection(name)) return name
  return undefined
}

const isDirection = (name: string): name is Direction =>
  name === 'sendrecv' || name === 'sendonly' || name === 'recvonly' || name === 'inactive'

/** RFC 3551 §6: these numbers need no `a=rtpmap`. */
const wellKnown: Readonly<Record<string, Omit<Format, 'payloadType'>>> = {
  0: { encoding: 'PCMU', clockRate: 8000 },
  8: { encoding: 'PCMA', clockRate: 8000 },
  13: { encoding: 'CN', clockRate: 8000 },
}

function formatsOf(stream: Stream): readonly Format[] {
  const maps = new Map(attributeValues(stream.attributes, 'rtpmap').map(readMap))
  return stream.formats.flatMap((text) => {
    const payloadType = Number(text)
    const meaning = maps.get(text) ?? wellKnown[text]
    const isLegal = Number.isInteger(payloadType) && payloadType >= 0 && payloadType <= 127
    return isLegal && meaning !== undefined ? [{ payloadType, ...meaning }] : []
  })
}

/** `101 telephone-event/8000`; anything but one channel is none of the codecs that we know. */
function readMap(value: string): [string, Omit<Format, 'payloadType'>] {
  const [payloadType = '', map = ''] = value.split(' ').filter(Boolean)
  const [encoding = '', rate = '', channels = '1'] = map.split('/')
  return [
    payloadType,
    { encoding: channels === '1' ? encoding.toUpperCase() : `${encoding} of ${channels} channels`, clockRate: Number(rate) },
  ]
}

function milliseconds<Name extends string>(name: Name, value: string | undefined): { readonly [K in Name]?: number } {
  const ms = Number(value)
  return value !== undefined && value !== '' && ms > 0 && ms <= 1000 ? ({ [name]: ms } as { readonly [K in Name]: number }) : {}
}
