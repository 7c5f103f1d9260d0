/** Audio as browsers describe it (RFC 8829, RFC 8839, RFC 5763): ICE, DTLS and SRTP on one port. Only read here: the media process writes its own. */
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import { type Codec, type Direction, type Format, mirrored, readAudio } from './audio.ts'
import { attribute, type SessionDescription, type Stream } from './description.ts'

export interface WebRtcAudio {
  /** Names the transport: while it stays, a new description changes only what is said over it. */
  readonly connection: string
  /** Those that we speak, most wanted first. */
  readonly codecs: readonly Codec[]
  readonly telephoneEvent?: number
  /** Seen from Sotto, as the peer allows it. */
  readonly direction: Direction
  /** The peer does not want to hear us. */
  readonly holds: boolean
}

/** RFC 8829 §5.1.2 has one name for it, older clients have others. */
const profiles = new Set(['UDP/TLS/RTP/SAVPF', 'UDP/TLS/RTP/SAVP', 'TCP/DTLS/RTP/SAVPF', 'RTP/SAVPF'])

/** Whether the audio is offered by DTLS, and not by plain RTP or keys in the description. */
export function isWebRtc(description: SessionDescription): boolean {
  const stream = audioOf(description)
  return stream !== undefined && profiles.has(stream.protocol) && of(description, stream, 'fingerprint') !== undefined
}

export function readWebRtc(description: SessionDescription): Outcome<WebRtcAudio, string> {
  const stream = audioOf(description)
  if (stream === undefined) return fail('no audio')
  if (!profiles.has(stream.protocol)) return fail(`audio over ${stream.protocol} is no WebRTC`)
  const [ufrag, password] = [of(description, stream, 'ice-ufrag'), of(description, stream, 'ice-pwd')]
  if (!ufrag || !password) return fail('no ICE credentials')
  const fingerprint = of(description, stream, 'fingerprint')
  if (!fingerprint) return fail('no fingerprint of a certificate')
  const audio = readAudio({ ...description, connection: anywhere }, { ...stream, connection: anywhere })
  if (typeof audio === 'string') return fail(audio)
  const codecs = audio.formats.map(({ encoding }) => encoding).filter(isCodec)
  if (codecs.length === 0) return fail('no codec in common: PCMU or PCMA is needed')
  const event = audio.formats.find(isTelephoneEvent)
  const said = directionOf(stream) ?? directionOf(description) ?? 'sendrecv'
  return ok({
    connection: `${ufrag} ${fingerprint}`,
    codecs,
    ...(event !== undefined && { telephoneEvent: event.payloadType }),
    direction: mirrored(said),
    holds: said === 'sendonly' || said === 'inactive',
  })
}

/** `c=` and the port say nothing where candidates do (RFC 8839 §4.2.1.2): 0.0.0.0 is no hold here, and port 9 no refusal. */
const anywhere = { family: 4, host: '192.0.2.1' } as const

const audioOf = ({ streams }: SessionDescription): Stream | undefined => streams.find(({ kind, port }) => kind === 'audio' && port !== 0)

/** Of the stream, or of the whole session. */
const of = (description: SessionDescription, stream: Stream, name: string): string | undefined =>
  attribute(stream.attributes, name) ?? attribute(description.attributes, name)

const isCodec = (encoding: string): encoding is Codec => encoding === 'PCMU' || encoding === 'PCMA'

const isTelephoneEvent = ({ encoding, clockRate }: Format): boolean => encoding === 'TELEPHONE-EVENT' && clockRate === 8000

const directions: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive']

const directionOf = ({ attributes }: Pick<Stream, 'attributes'>): Direction | undefined =>
  directions.find((direction) => attribute(attributes, direction) !== undefined)
