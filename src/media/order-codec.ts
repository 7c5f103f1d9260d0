/** Reads the lines of `protocol.ts`. Whatever is not a well-formed order is a fault with its reason, never an exception. */
import type { BridgeId, LegId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type {
  CoachAudio,
  Codec,
  Direction,
  Endpoint,
  LegMedia,
  MediaEvent,
  MediaOrder,
  RecordedVoice,
  RecordFormat,
  RecordOrder,
  Row,
  SrtpKeys,
  ToneSource,
  WebRtcOpening,
} from './protocol.ts'

type Fields = Readonly<Record<string, unknown>>

/** Thrown and caught in this file only: it spares every reader of a field an `if`. */
class Malformed extends Error {}

export function readOrder(line: string): Outcome<MediaOrder, string> {
  try {
    return ok(order(fields(JSON.parse(line), 'order')))
  } catch (error) {
    if (error instanceof Malformed) return fail(error.message)
    if (error instanceof SyntaxError) return fail('not JSON')
    throw error
  }
}

export const writeEvent = (event: MediaEvent): string => `${JSON.stringify(event)}\n`

function order(of: Fields): MediaOrder {
  switch (of.kind) {
    case 'hello':
      return { kind: 'hello', epoch: whole(of, 'epoch', { to: Number.MAX_SAFE_INTEGER }), leaseMs: whole(of, 'leaseMs', { to: 3_600_000 }) }
    case 'renew':
      return { kind: 'renew' }
    case 'list':
      return { kind: 'list' }
    case 'open-leg':
      return openLeg(of)
    case 'describe-leg':
      return {
        kind: 'describe-leg',
        leg: leg(of),
        description: description(of, 'description'),
        type: oneOf(of, 'type', ['offer', 'answer']),
      }
    case 'set-leg':
      return { kind: 'set-leg', leg: leg(of), media: media(fields(of.media, 'media')) }
    case 'set-voice':
      return { kind: 'set-voice', leg: leg(of), voice: voice(of) }
    case 'close-leg':
      return { kind: 'close-leg', leg: leg(of) }
    case 'send-dtmf':
      return { kind: 'send-dtmf', leg: leg(of), digits: text(of, 'digits'), durationMs: whole(of, 'durationMs', { to: 10_000 }) }
    default:
      return bridgeOrder(of)
  }
}

function openLeg(of: Fields): MediaOrder {
  const webrtc = of.webrtc === undefined ? {} : { webrtc: opening(fields(of.webrtc, 'webrtc')) }
  return { kind: 'open-leg', leg: leg(of), account: text(of, 'account'), voice: voice(of), family: of.family === 6 ? 6 : 4, ...webrtc }
}

function opening(of: Fields): WebRtcOpening {
  return of.role === 'offer' ? { role: 'offer' } : { role: oneOf(of, 'role', ['answer']), offer: description(of, 'offer') }
}

function description(of: Fields, name: string): string {
  const value = of[name]
  if (typeof value !== 'string' || value.length === 0 || value.length > limits.webrtcDescriptionChars)
    throw new Malformed(`${name} is no text of 1 to ${limits.webrtcDescriptionChars} characters`)
  return value
}

function bridgeOrder(of: Fields): MediaOrder {
  const bridge = () => text(of, 'bridge') as BridgeId
  switch (of.kind) {
    case 'rewire': {
      const revision = whole(of, 'revision', { to: Number.MAX_SAFE_INTEGER })
      return { kind: 'rewire', bridge: bridge(), account: text(of, 'account'), revision, rows: list(of.rows, 'rows').map(row) }
    }
    case 'close-bridge':
      return { kind: 'close-bridge', bridge: bridge() }
    case 'measure':
      return { kind: 'measure', bridge: bridge(), request: whole(of, 'request', { to: Number.MAX_SAFE_INTEGER }) }
    case 'record':
      return record(of, bridge())
    default:
      throw new Malformed('unknown kind')
  }
}

function record(of: Fields, bridge: BridgeId): RecordOrder {
  return {
    kind: 'record',
    bridge,
    recording: fileName(of, 'recording'),
    state: oneOf(of, 'state', ['on', 'paused', 'off']),
    directory: directory(of),
    format: oneOf(of, 'format', formats),
    mix: of.mix === true,
    coach: oneOf(of, 'coach', coachAudios),
    tracks: list(of.tracks, 'tracks').map(recordedVoice),
    ...(of.announce === undefined ? {} : { announce: announcement(fields(of.announce, 'announce')) }),
    ...(of.beepEveryMs === undefined ? {} : { beepEveryMs: whole(of, 'beepEveryMs', { to: 60_000 }) }),
  }
}

function announcement(of: Fields): NonNullable<RecordOrder['announce']> {
  const { prompt } = of
  if (typeof prompt !== 'string' || prompt.length > 4_096) throw new Malformed('prompt is no name')
  return { prompt, legs: list(of.legs, 'legs').map((one) => string(one, 'leg') as LegId) }
}

function recordedVoice(value: unknown): RecordedVoice {
  const of = fields(value, 'track')
  return { leg: leg(of), name: fileName(of, 'name'), voice: oneOf(of, 'voice', ['conversation', 'coach']) }
}

/** Part of a path: nothing that could lead out of its folder. */
function fileName(of: Fields, name: string): string {
  const value = text(of, name)
  if (!isFileName(value)) throw new Malformed(`${name} is no name of a file`)
  return value
}

function directory(of: Fields): string {
  const value = text(of, 'directory')
  if (!value.split('/').every(isFileName)) throw new Malformed('directory does not lie below its folder')
  return value
}

const isFileName = (value: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(value)

function row(value: unknown): Row {
  const of = fields(value, 'row')
  const talkers = list(of.talkers, 'talkers').map((talker) => string(talker, 'talker') as LegId)
  return {
    listener: text(of, 'listener') as LegId,
    talkers,
    ...(of.main === undefined ? {} : { main: text(of, 'main') as LegId }),
    ...(of.source === undefined ? {} : { source: oneOf(of, 'source', sources) }),
  }
}

const sources: readonly ToneSource[] = ['ringback', 'hold-music', 'beep']
const formats: readonly RecordFormat[] = ['wav-g711', 'wav-pcm16', 'flac']
const coachAudios: readonly CoachAudio[] = ['exclude', 'include', 'separate']
const codecs: readonly Codec[] = ['PCMU', 'PCMA']
const directions: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive']
const suites: readonly SrtpKeys['suite'][] = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32']

function media(of: Fields): LegMedia {
  return {
    remote: endpoint(of.remote),
    ...(of.remoteRtcp === undefined ? {} : { remoteRtcp: endpoint(of.remoteRtcp) }),
    rtcpMux: of.rtcpMux === true,
    codec: oneOf(of, 'codec', codecs),
    payloadType: whole(of, 'payloadType', { to: 127 }),
    ...(of.telephoneEvent === undefined ? {} : { telephoneEvent: whole(of, 'telephoneEvent', { to: 127 }) }),
    ...(of.comfortNoise === undefined ? {} : { comfortNoise: whole(of, 'comfortNoise', { to: 127 }) }),
    ptimeMs: whole(of, 'ptimeMs', { to: 200 }),
    direction: oneOf(of, 'direction', directions),
    ...(of.srtp === undefined ? {} : { srtp: srtp(fields(of.srtp, 'srtp')) }),
  }
}

const srtp = (of: Fields): SrtpKeys => ({ suite: oneOf(of, 'suite', suites), send: text(of, 'send'), receive: text(of, 'receive') })

function endpoint(value: unknown): Endpoint {
  const of = fields(value, 'endpoint')
  const address = text(of, 'address')
  if (!/^[0-9a-fA-F:.]{2,45}$/.test(address)) throw new Malformed('address is no IP literal')
  return { address, port: whole(of, 'port', { to: 65_535 }) }
}

const leg = (of: Fields): LegId => text(of, 'leg') as LegId

const voice = (of: Fields): 'core' | 'supervisor' => oneOf(of, 'voice', ['core', 'supervisor'])

function fields(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Malformed(`${name} is no object`)
  return value as Fields
}

function list(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Malformed(`${name} is no list`)
  return value
}

function string(value: unknown, name: string): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > 256)
    throw new Malformed(`${name} is no text of 1 to 256 characters`)
  return value
}

const text = (of: Fields, name: string): string => string(of[name], name)

function whole(of: Fields, name: string, { to }: { readonly to: number }): number {
  const value = of[name]
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > to)
    throw new Malformed(`${name} is no whole number up to ${to}`)
  return value
}

function oneOf<T extends string>(of: Fields, name: string, values: readonly T[]): T {
  const found = values.find((value) => value === of[name])
  if (found === undefined) throw new Malformed(`${name} is none of ${values.join(', ')}`)
  return found
}
