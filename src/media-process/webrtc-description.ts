/**
 * What browsers and we say of a connection: SDP (RFC 8866) with one audio line over DTLS-SRTP (RFC 8829, RFC 5763) and all ICE candidates
 * (RFC 8839). Theirs is taken apart and only what was understood is handed to the native library, put together anew; ours is written here
 * too, because the library knows neither our codecs' rates nor the address that others reach us by.
 */
import { isIP } from 'node:net'
import { limits } from '../kernel/limits.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { AgreedAudio, Codec, Direction } from '../media/protocol.ts'

/** A peer's description, as far as it matters. */
export interface Described {
  readonly mid: string
  readonly isBundled: boolean
  readonly ufrag: string
  readonly password: string
  /** `sha-256 AB:CD:…` */
  readonly fingerprint: string
  /** `a=setup` (RFC 4145). */
  readonly setup: string
  /** Values of `a=candidate`: UDP and an address only. Names (RFC 8828 §5.1) would have to be looked up, and their owners come to us anyway. */
  readonly candidates: readonly string[]
  readonly codec: Codec
  readonly payloadType: number
  readonly telephoneEvent?: number
  /** As the peer sees it. */
  readonly direction: Direction
  /** Every line of media as it was described; all but the audio are refused. */
  readonly media: readonly MediaLine[]
  readonly audio: MediaLine
}

interface MediaLine {
  readonly kind: string
  readonly port: number
  readonly protocol: string
  readonly formats: readonly string[]
  readonly attributes: readonly string[]
}

/** The DTLS side of our own connection, from what the library says of it. */
export interface OwnTransport {
  readonly ufrag: string
  readonly password: string
  readonly fingerprint: string
  readonly candidates: readonly string[]
}

/** It names the connection: while it stays, only what is said over it changes. */
export const sameConnection = (one: Described, other: Described): boolean =>
  one.ufrag === other.ufrag && one.password === other.password && one.fingerprint === other.fingerprint

export function readDescription(sdp: string): Outcome<Described, string> {
  const { session, media } = parts(sdp)
  const audio = media.find(({ kind, port }) => kind === 'audio' && port !== 0)
  if (audio === undefined) return fail('no audio')
  if (!/^(UDP|TCP)\/(TLS|DTLS)\/RTP\/SAVPF?$|^RTP\/SAVPF$/.test(audio.protocol)) return fail(`audio over ${audio.protocol}`)
  const of = (name: string) => attributeOf(audio.attributes, name) ?? attributeOf(session, name)
  const [ufrag, password, fingerprint] = [of('ice-ufrag') ?? '', of('ice-pwd') ?? '', of('fingerprint') ?? '']
  if (!/^[\w+/=-]{4,256}$/.test(ufrag) || !/^[\w+/=-]{22,256}$/.test(password)) return fail('no credentials of ICE')
  if (!/^sha-(224|256|384|512) ([0-9A-F]{2}:){27,63}[0-9A-F]{2}$/i.test(fingerprint)) return fail('no fingerprint of a certificate')
  if (attributeOf(audio.attributes, 'rtcp-mux') === undefined) return fail('RTCP on a port of its own')
  const codec = codecOf(audio)
  if (codec === undefined) return fail('neither PCMU nor PCMA')
  const mid = attributeOf(audio.attributes, 'mid') ?? '0'
  if (!/^[\w.-]{1,32}$/.test(mid)) return fail('no name of the audio line')
  return ok({
    ...{ ...codec, mid, ufrag, password, fingerprint, media, audio },
    ...eventOf(audio),
    isBundled: session.some((line) => line.startsWith('group:BUNDLE') && line.split(' ').includes(mid)),
    setup: of('setup') ?? 'actpass',
    candidates: audio.attributes.flatMap((line) => candidateOf(line)).slice(0, limits.webrtcCandidates),
    direction: directionOf(audio.attributes) ?? directionOf(session) ?? 'sendrecv',
  })
}

/**
 * The same for the library. We are the passive side of DTLS where we may choose: whoever begins should be the one who knows that its way is
 * open, or the first word is lost and said again a second later.
 */
export function forLibrary({ mid, ufrag, password, fingerprint, candidates, codec, payloadType, setup }: Described): string {
  return text([
    ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', `a=group:BUNDLE ${mid}`],
    ...[`m=audio 9 UDP/TLS/RTP/SAVPF ${payloadType}`, 'c=IN IP4 0.0.0.0', `a=mid:${mid}`, 'a=sendrecv', 'a=rtcp-mux'],
    ...[`a=rtpmap:${payloadType} ${codec}/8000`, `a=setup:${setup === 'passive' ? 'passive' : 'active'}`],
    ...[`a=ice-ufrag:${ufrag}`, `a=ice-pwd:${password}`, `a=fingerprint:${fingerprint}`],
    ...candidates.map((candidate) => `a=candidate:${candidate}`),
    'a=end-of-candidates',
  ])
}

/** What the peer's offer and our answer to it come to. */
export function agreedWith({ codec, payloadType, telephoneEvent, direction }: Described): AgreedAudio {
  return { codec, payloadType, ...(telephoneEvent === undefined ? {} : { telephoneEvent }), ptimeMs: 20, direction: mirrored[direction] }
}

/** `version` grows with each description of one leg (RFC 8866 §5.2). */
export interface OwnStream {
  readonly ssrc: number
  readonly version: number
}

export function answerTo(offer: Described, transport: OwnTransport, stream: OwnStream): string {
  const { codec, payloadType, telephoneEvent } = offer
  const formats: Formats = [[payloadType, codec], ...(telephoneEvent === undefined ? [] : [[telephoneEvent, 'telephone-event'] as const])]
  const direction = mirrored[offer.direction]
  const setup = offer.setup === 'passive' ? 'active' : 'passive'
  const ours = audioLines(transport, stream, { formats, mid: offer.mid, direction, setup })
  return text([
    ...sessionLines(stream, offer.isBundled ? offer.mid : undefined),
    ...offer.media.flatMap((line) => (line === offer.audio ? ours : refusalOf(line))),
  ])
}

export function ourOffer(transport: OwnTransport, stream: OwnStream): string {
  const formats: Formats = [
    [0, 'PCMU'],
    [8, 'PCMA'],
    [101, 'telephone-event'],
  ]
  return text([
    ...sessionLines(stream, '0'),
    ...audioLines(transport, stream, { formats, mid: '0', direction: 'sendrecv', setup: 'actpass' }),
  ])
}

/**
 * Ours, from the library's description. Where we listen on one address and are reached by another (NAT), that one takes its place; where
 * we listen on all, it stands beside them.
 */
export function ownTransport(sdp: string, reach: { readonly listens: string; readonly advertised: string }): OwnTransport {
  const lines = sdp.split(/\r?\n/).filter((line) => line.startsWith('a='))
  const attributes = lines.map((line) => line.slice(2))
  const found = attributes.flatMap((line) => candidateOf(line))
  const of = (name: string) => attributeOf(attributes, name) ?? ''
  return {
    ufrag: of('ice-ufrag'),
    password: of('ice-pwd'),
    fingerprint: of('fingerprint'),
    candidates: isWildcard(reach.listens) ? beside(found, reach.advertised) : found.map((c) => moved(c, reach)),
  }
}

const isWildcard = (address: string): boolean => address === '0.0.0.0' || address === '::'

function moved(candidate: string, { listens, advertised }: { readonly listens: string; readonly advertised: string }): string {
  const fields = candidate.split(' ')
  return fields[7] === 'host' && fields[4] === listens ? fields.with(4, advertised).join(' ') : candidate
}

/** Of the family only at which we were to listen: the library listens at both. */
function beside(found: readonly string[], advertised: string): readonly string[] {
  const candidates = found.filter((candidate) => isIP(candidate.split(' ')[4] ?? '') === isIP(advertised))
  const model = candidates.find((candidate) => candidate.split(' ')[7] === 'host')?.split(' ')
  if (model === undefined || candidates.some((candidate) => candidate.split(' ')[4] === advertised)) return candidates
  // A little less wanted than the addresses that are our own: who shares our network finds the shorter way.
  const priority = Math.max(1, Number(model[3]) - 256)
  return [...candidates, model.with(0, 'advertised').with(3, String(priority)).with(4, advertised).join(' ')]
}

const mirrored: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
}

type Formats = readonly (readonly [number, string])[]

function sessionLines({ ssrc, version }: OwnStream, bundled: string | undefined): readonly string[] {
  const group = bundled === undefined ? [] : [`a=group:BUNDLE ${bundled}`]
  return ['v=0', `o=- ${ssrc} ${version} IN IP4 127.0.0.1`, 's=-', 't=0 0', ...group, 'a=msid-semantic: WMS *']
}

interface AudioShape {
  readonly formats: Formats
  readonly mid: string
  readonly direction: Direction
  readonly setup: 'active' | 'passive' | 'actpass'
}

function audioLines(transport: OwnTransport, { ssrc }: OwnStream, { formats, mid, direction, setup }: AudioShape): readonly string[] {
  const { ufrag, password, fingerprint, candidates } = transport
  const [first] = candidates
  const [address, port] = first === undefined ? ['0.0.0.0', '9'] : [first.split(' ')[4] ?? '', first.split(' ')[5] ?? '9']
  return [
    `m=audio ${port} UDP/TLS/RTP/SAVPF ${formats.map(([type]) => type).join(' ')}`,
    `c=IN IP${isIP(address) === 6 ? 6 : 4} ${address}`,
    ...[`a=mid:${mid}`, `a=${direction}`, 'a=rtcp-mux', `a=setup:${setup}`],
    ...[`a=ice-ufrag:${ufrag}`, `a=ice-pwd:${password}`, `a=fingerprint:${fingerprint}`],
    ...formats.map(([type, name]) => `a=rtpmap:${type} ${name}/8000`),
    ...formats.flatMap(([type, name]) => (name === 'telephone-event' ? [`a=fmtp:${type} 0-16`] : [])),
    'a=ptime:20',
    ...['a=msid:sotto audio', `a=ssrc:${ssrc} cname:${cnameOf(ssrc)}`],
    ...candidates.map((candidate) => `a=candidate:${candidate}`),
    'a=end-of-candidates',
  ]
}

/** As in our reports (RFC 3550 §6.5.1). */
export const cnameOf = (ssrc: number): string => `${ssrc.toString(16)}@sotto`

/** RFC 3264 §6: as many lines as were offered. */
function refusalOf({ kind, protocol, formats, attributes }: MediaLine): readonly string[] {
  const mid = attributeOf(attributes, 'mid')
  return [`m=${kind} 0 ${protocol} ${formats.join(' ')}`, 'c=IN IP4 0.0.0.0', ...(mid === undefined ? [] : [`a=mid:${mid}`]), 'a=inactive']
}

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join('')

/** The session's attributes, and each line of media with its own. */
function parts(sdp: string): { readonly session: readonly string[]; readonly media: readonly MediaLine[] } {
  const session: string[] = []
  const media: (MediaLine & { readonly attributes: string[] })[] = []
  for (const line of sdp.split(/\r?\n/)) {
    if (line.startsWith('a=')) (media.at(-1)?.attributes ?? session).push(line.slice(2))
    const m = /^m=(\w+) (\d{1,5})(?:\/\d+)? ([\w/]+) ([\x21-\x7e ]+)$/.exec(line)
    if (m === null) continue
    const [, kind = '', port, protocol = '', formats = ''] = m
    media.push({ kind, port: Number(port), protocol, formats: formats.split(' '), attributes: [] })
  }
  return { session, media }
}

/** Of the first attribute of that name; empty for one without a value. */
function attributeOf(attributes: readonly string[], name: string): string | undefined {
  const found = attributes.find((line) => line === name || line.startsWith(`${name}:`))
  return found?.slice(name.length + 1)
}

const directionOf = (attributes: readonly string[]): Direction | undefined =>
  attributes.find((line): line is Direction => Object.hasOwn(mirrored, line))

/** Their first of ours, by name; PCMU and PCMA need no `rtpmap` (RFC 3551 §6). */
function codecOf(audio: MediaLine): { readonly codec: Codec; readonly payloadType: number } | undefined {
  for (const type of audio.formats.filter(isPayloadType)) {
    const map = mapOf(audio, type)
    if (map === 'PCMU/8000' || (map === undefined && type === '0')) return { codec: 'PCMU', payloadType: Number(type) }
    if (map === 'PCMA/8000' || (map === undefined && type === '8')) return { codec: 'PCMA', payloadType: Number(type) }
  }
  return undefined
}

function eventOf(audio: MediaLine): { readonly telephoneEvent?: number } {
  const type = audio.formats.find((format) => isPayloadType(format) && mapOf(audio, format) === 'TELEPHONE-EVENT/8000')
  return type === undefined ? {} : { telephoneEvent: Number(type) }
}

const isPayloadType = (format: string): boolean => /^\d{1,3}$/.test(format) && Number(format) < 128

function mapOf({ attributes }: MediaLine, type: string): string | undefined {
  const found = attributes.find((line) => line.startsWith(`rtpmap:${type} `))
  return found?.slice(`rtpmap:${type} `.length).replace(/\/1$/, '').toUpperCase()
}

/** foundation component transport priority address port "typ" type (RFC 8839 §5.1); what follows is not needed. */
function candidateOf(line: string): readonly string[] {
  const match = /^candidate:([\w+/-]{1,32} 1 udp \d{1,10} ([0-9A-Fa-f:.]{2,45}) \d{1,5} typ (?:host|srflx|prflx|relay))( |$)/i.exec(line)
  return match?.[1] !== undefined && match[2] !== undefined && isIP(match[2]) !== 0 ? [match[1]] : []
}
