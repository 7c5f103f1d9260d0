/**
 * Offer and answer for one audio stream (RFC 3264). Pure: the caller keeps the descriptions that were sent and received. Everything else
 * that a peer offers (video, fax, a second audio stream) is refused in its place with port 0.
 */
import { assert } from '../kernel/assert.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import { addressOf, bothAllow, type Codec, type Direction, type Endpoint, type Format, type PeerAudio, readAudio } from './audio.ts'
import { type Crypto, formatCrypto, isKey, type Suite } from './crypto.ts'
import type { Attribute, SessionDescription, Stream } from './description.ts'
import { writeSdp } from './writer.ts'

/** Our side of the stream. */
export interface LocalAudio {
  readonly endpoint: Endpoint
  /** Where RTCP comes in without multiplexing; by default the port above. */
  readonly rtcp?: Endpoint
  /** Most wanted first. */
  readonly codecs: readonly Codec[]
  readonly telephoneEvent: boolean
  readonly comfortNoise: boolean
  readonly ptimeMs: number
  readonly direction: Direction
  /** Base64 of the 30 random bytes that protect what we send. An offer with it is `RTP/SAVP`; without it SRTP is refused. */
  readonly srtpKey?: string
}

/** Who describes: the same for all descriptions of one dialog. */
export interface Describer {
  /** Decimal digits, unique for the session (RFC 8866 §5.2). */
  readonly sessionId: string
  /** The last description that we sent in this dialog: its `o=` version goes on from there. */
  readonly previous?: SessionDescription
}

/** What offer and answer agreed; the shape of a media leg. */
export interface Agreed {
  readonly remote: Endpoint
  readonly remoteRtcp?: Endpoint
  readonly rtcpMux: boolean
  readonly codec: Codec
  readonly payloadType: number
  readonly telephoneEvent?: number
  readonly comfortNoise?: number
  readonly ptimeMs: number
  readonly direction: Direction
  readonly srtp?: { readonly suite: Suite; readonly send: string; readonly receive: string }
}

export interface Negotiated {
  readonly agreed: Agreed
  /** The peer holds us: it does not want to hear us. */
  readonly holds: boolean
}

export interface Answered extends Negotiated {
  readonly answer: SessionDescription
}

/** An offer of ours. A re-offer keeps the order of streams and the payload types of what was sent before (RFC 3264 §8). */
export function makeOffer(local: LocalAudio, describer: Describer): SessionDescription {
  const ours = describer.previous?.streams.findIndex((stream) => stream.kind === 'audio' && stream.port !== 0) ?? 0
  const offered = audioStream(local, { formats: offeredFormats(local, describer.previous), cryptos: offeredCryptos(local), mux: true })
  const streams = describer.previous?.streams.map((stream, index) => (index === ours ? offered : refusal(stream))) ?? [offered]
  return described(local, describer, ours < 0 ? [...streams, offered] : streams)
}

/** Our answer to the peer's offer; a failure says why there is none (488). */
export function answerOffer(offer: SessionDescription, local: LocalAudio, describer: Describer): Outcome<Answered, string> {
  let why = 'no audio'
  for (const [index, stream] of offer.streams.entries()) {
    if (stream.kind !== 'audio' || stream.port === 0) continue
    const choice = choose(offer, stream, local)
    if (typeof choice === 'string') why = choice
    else return ok(answered(offer, index, choice, { local, describer }))
  }
  return fail(why)
}

/** What the peer's answer to our offer agreed. */
export function readAnswer(answer: SessionDescription, offer: SessionDescription, local: LocalAudio): Outcome<Negotiated, string> {
  const index = offer.streams.findIndex((stream) => stream.kind === 'audio' && stream.port !== 0)
  const offered = offer.streams[index]
  const stream = answer.streams[index]
  if (offered === undefined || stream === undefined || stream.kind !== 'audio') return fail('the answer does not fit the offer')
  if (stream.port === 0) return fail('audio was refused')
  if (stream.protocol !== offered.protocol) return fail('the answer is of another profile')
  const choice = choose(answer, stream, local)
  if (typeof choice === 'string') return fail(choice)
  // RFC 4568 §7.1.3: the answer repeats the tag of the line that it takes, with the suite of that line.
  const isOfferedCrypto = offeredCryptos(local).some(({ tag, suite }) => tag === choice.crypto?.tag && suite === choice.crypto.suite)
  if (choice.crypto !== undefined && !isOfferedCrypto) return fail('the answer takes keys that were not offered')
  return ok({ agreed: agreedOf(choice, local), holds: choice.peer.holds })
}

/** Whether a leg that answers this offer needs an IPv4 or an IPv6 socket. */
export function familyOf(description: SessionDescription): 4 | 6 {
  const audio = description.streams.find((stream) => stream.kind === 'audio' && stream.port !== 0)
  return (audio?.connection ?? description.connection)?.family ?? 4
}

interface Choice {
  readonly peer: PeerAudio
  readonly codec: Format & { readonly encoding: Codec }
  readonly telephoneEvent?: Format
  readonly comfortNoise?: Format
  readonly crypto?: Crypto
}

function choose(description: SessionDescription, stream: Stream, local: LocalAudio): Choice | string {
  const isSecure = stream.protocol === 'RTP/SAVP'
  if (!isSecure && stream.protocol !== 'RTP/AVP') return `audio over ${stream.protocol} is not supported`
  const peer = readAudio(description, stream)
  if (typeof peer === 'string') return peer
  if (addressOf(peer.endpoint).family !== addressOf(local.endpoint).family) return 'the audio address is of another IP version'
  const codec = peer.formats.find((format): format is Choice['codec'] => isCodec(format, local.codecs))
  if (codec === undefined) return 'no codec in common'
  const crypto = isSecure && local.srtpKey !== undefined ? peer.cryptos[0] : undefined
  if (isSecure && crypto === undefined) return 'no SRTP keys in common'
  return {
    peer,
    codec,
    ...found('telephoneEvent', local.telephoneEvent, peer.formats, 'TELEPHONE-EVENT'),
    ...found('comfortNoise', local.comfortNoise, peer.formats, 'CN'),
    ...(crypto !== undefined && { crypto }),
  }
}

const isCodec = (format: Format, codecs: readonly Codec[]) => format.clockRate === 8000 && codecs.some((codec) => codec === format.encoding)

function found<Name extends string>(
  name: Name,
  wanted: boolean,
  formats: readonly Format[],
  encoding: string,
): { readonly [K in Name]?: Format } {
  const format = wanted ? formats.find((one) => one.encoding === encoding && one.clockRate === 8000) : undefined
  return format === undefined ? {} : ({ [name]: format } as { readonly [K in Name]: Format })
}

interface Side {
  readonly local: LocalAudio
  readonly describer: Describer
}

function answered(offer: SessionDescription, chosen: number, choice: Choice, { local, describer }: Side): Answered {
  const { peer, codec, telephoneEvent, comfortNoise, crypto } = choice
  const formats = [codec, telephoneEvent, comfortNoise].flatMap((format) => format ?? [])
  const cryptos = crypto === undefined ? [] : [{ ...crypto, key: local.srtpKey ?? '' }]
  const agreed = agreedOf(choice, local)
  const ours = audioStream({ ...local, direction: agreed.direction }, { formats, cryptos, mux: peer.rtcpMux })
  const streams = offer.streams.map((stream, index) => (index === chosen ? ours : refusal(stream)))
  return { answer: described(local, describer, streams), agreed, holds: peer.holds }
}

function agreedOf({ peer, codec, telephoneEvent, comfortNoise, crypto }: Choice, local: LocalAudio): Agreed {
  return {
    remote: peer.endpoint,
    ...(peer.rtcp !== undefined && { remoteRtcp: peer.rtcp }),
    rtcpMux: peer.rtcpMux,
    codec: codec.encoding,
    payloadType: codec.payloadType,
    ...(telephoneEvent !== undefined && { telephoneEvent: telephoneEvent.payloadType }),
    ...(comfortNoise !== undefined && { comfortNoise: comfortNoise.payloadType }),
    ptimeMs: packetMs(peer, local),
    direction: bothAllow(peer.allows, local.direction),
    ...(crypto !== undefined && { srtp: { suite: crypto.suite, send: local.srtpKey ?? '', receive: crypto.key } }),
  }
}

/** What the peer would like to receive, in the whole frames of 10 ms and within the 60 ms that a jitter ring can bridge. */
function packetMs(peer: PeerAudio, local: LocalAudio): number {
  const wanted = Math.min(peer.ptimeMs ?? local.ptimeMs, peer.maxPtimeMs ?? 60, 60)
  return Math.max(10, Math.floor(wanted / 10) * 10)
}

interface Terms {
  readonly formats: readonly Format[]
  readonly cryptos: readonly Crypto[]
  readonly mux: boolean
}

function audioStream(local: LocalAudio, { formats, cryptos, mux }: Terms): Stream {
  const rtcp: Attribute[] = local.rtcp === undefined ? [] : [{ name: 'rtcp', value: rtcpValue(local.rtcp) }]
  return {
    kind: 'audio',
    port: local.endpoint.port,
    protocol: cryptos.length > 0 ? 'RTP/SAVP' : 'RTP/AVP',
    formats: formats.map((format) => String(format.payloadType)),
    attributes: [
      ...formats.flatMap(formatAttributes),
      { name: 'ptime', value: String(local.ptimeMs) },
      ...cryptos.map((crypto) => ({ name: 'crypto', value: formatCrypto(crypto) })),
      ...rtcp,
      ...(mux ? [{ name: 'rtcp-mux' }] : []),
      { name: local.direction },
    ],
  }
}

const rtcpValue = (endpoint: Endpoint) => `${endpoint.port} IN IP${addressOf(endpoint).family} ${endpoint.address}`

/** RFC 4733 §2.4.1: the events of a telephone key pad are 0 to 15. */
function formatAttributes({ payloadType, encoding, clockRate }: Format): Attribute[] {
  const isEvent = encoding === 'TELEPHONE-EVENT'
  const map = { name: 'rtpmap', value: `${payloadType} ${isEvent ? 'telephone-event' : encoding}/${clockRate}` }
  return isEvent ? [map, { name: 'fmtp', value: `${payloadType} 0-15` }] : [map]
}

/** RFC 3264 §6: a refused stream stays in its place with port 0 and at least one format. */
const refusal = ({ kind, protocol, formats }: Stream): Stream => ({ kind, port: 0, protocol, formats, attributes: [] })

const usualTypes = { PCMU: 0, PCMA: 8, CN: 13, 'TELEPHONE-EVENT': 101 } as const

/** RFC 3264 §8.3.2: what a dynamic payload type has meant in this dialog, it keeps meaning. */
function offeredFormats(local: LocalAudio, previous: SessionDescription | undefined): readonly Format[] {
  const stream = previous?.streams.find(({ kind, port }) => kind === 'audio' && port !== 0)
  const before = previous === undefined || stream === undefined ? undefined : readAudio(previous, stream)
  const known = before === undefined || typeof before === 'string' ? [] : before.formats
  const offered: Format[] = []
  for (const encoding of encodingsOf(local)) {
    const taken = new Set([...known, ...offered].map((format) => format.payloadType))
    offered.push(
      known.find((format) => format.encoding === encoding) ?? { payloadType: freeType(encoding, taken), encoding, clockRate: 8000 },
    )
  }
  return offered
}

const encodingsOf = ({ codecs, telephoneEvent, comfortNoise }: LocalAudio): readonly (keyof typeof usualTypes)[] => [
  ...codecs,
  ...(telephoneEvent ? ['TELEPHONE-EVENT' as const] : []),
  ...(comfortNoise ? ['CN' as const] : []),
]

function freeType(encoding: keyof typeof usualTypes, taken: ReadonlySet<number>): number {
  let type: number = usualTypes[encoding]
  while (taken.has(type)) type = type < 96 || type === 127 ? 96 : type + 1
  return type
}

function offeredCryptos({ srtpKey: key }: LocalAudio): readonly Crypto[] {
  if (key === undefined) return []
  assert(isKey(key), 'an SRTP key is 30 bytes in base64')
  return [
    { tag: '1', suite: 'AES_CM_128_HMAC_SHA1_80', key },
    { tag: '2', suite: 'AES_CM_128_HMAC_SHA1_32', key },
  ]
}

/** RFC 3264 §8: the version goes up by one when anything changed, and stays when nothing did. */
function described(local: LocalAudio, { sessionId, previous }: Describer, streams: readonly Stream[]): SessionDescription {
  const address = addressOf(local.endpoint)
  const version = previous?.origin.version ?? '1'
  const origin = { username: '-', sessionId, version, address }
  const description: SessionDescription = { origin, name: '-', connection: address, attributes: [], streams }
  if (previous === undefined || writeSdp(previous) === writeSdp(description)) return description
  return { ...description, origin: { ...origin, version: String(BigInt(version) + 1n) } }
}
