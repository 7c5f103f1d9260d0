/** RFC 3264 for one G.711 stream, as a plain desk phone does it. Independent of `src/sdp`. */

import { srtpSuite } from './phone-srtp.ts'

export type Law = 'PCMU' | 'PCMA'
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

export const payloadTypeOf: Readonly<Record<Law, number>> = { PCMU: 0, PCMA: 8 }

export interface Description {
  readonly host: string
  readonly port: number
  readonly codecs: readonly Law[]
  /** Payload type of RFC 4733 events. */
  readonly events: number | undefined
  readonly direction: Direction
  /** Of RTP/SAVP (RFC 4568): the line with our suite. */
  readonly crypto?: { readonly tag: string; readonly key: string }
  /** `m=` lines in order, for answers that must mirror them. */
  readonly media: readonly string[]
}

export interface Session {
  readonly id: number
  readonly version: number
}

interface Ours {
  readonly session: Session
  readonly host: string
  readonly port: number
  readonly codecs: readonly Law[]
  readonly events: number
  readonly direction: Direction
  /** Ours, where the audio is encrypted. */
  readonly crypto?: { readonly tag: string; readonly key: string }
}

export function writeOffer(ours: Ours): string {
  return [...sessionLines(ours), ...audioLines(ours)].map((line) => `${line}\r\n`).join('')
}

/** Lines of other media are refused in place by port 0 (RFC 3264 §6). */
export function writeAnswer(ours: Ours, offer: Description): string {
  const lines = sessionLines(ours)
  let answered = false
  for (const line of offer.media) {
    const isAudio = /^audio \d+ RTP\/S?AVP /.test(line) && !answered
    if (isAudio) answered = true
    lines.push(...(isAudio ? audioLines(ours) : [`m=${line.replace(/^(\S+) \d+/, '$1 0')}`]))
  }
  return lines.map((line) => `${line}\r\n`).join('')
}

function sessionLines(ours: Ours): string[] {
  const address = `IN IP${ours.host.includes(':') ? 6 : 4} ${ours.host}`
  return ['v=0', `o=- ${ours.session.id} ${ours.session.version} ${address}`, 's=-', `c=${address}`, 't=0 0']
}

function audioLines(ours: Ours): string[] {
  const types = ours.codecs.map((codec) => payloadTypeOf[codec])
  return [
    `m=audio ${ours.port} RTP/${ours.crypto === undefined ? '' : 'S'}AVP ${[...types, ours.events].join(' ')}`,
    ...(ours.crypto === undefined ? [] : [`a=crypto:${ours.crypto.tag} ${srtpSuite} inline:${ours.crypto.key}`]),
    ...ours.codecs.map((codec) => `a=rtpmap:${payloadTypeOf[codec]} ${codec}/8000`),
    `a=rtpmap:${ours.events} telephone-event/8000`,
    `a=fmtp:${ours.events} 0-15`,
    'a=ptime:20',
    `a=${ours.direction}`,
  ]
}

/** The audio of a description, or undefined where there is none that a G.711 phone could take. */
export function readDescription(text: string): Description | undefined {
  const lines = text.split(/\r?\n/)
  const media = lines.filter((line) => line.startsWith('m=')).map((line) => line.slice(2))
  const start = lines.findIndex((line) => /^m=audio \d+ RTP\/S?AVP /.test(line))
  if (start < 0) return undefined
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => line.startsWith('m='))
  const audio = end < 0 ? rest : rest.slice(0, end)
  const head = lines.slice(
    0,
    lines.findIndex((line) => line.startsWith('m=')),
  )
  const [, port = '0', , ...types] = (lines[start] ?? '').slice(2).split(' ')
  const host = addressIn(audio) ?? addressIn(head) ?? ''
  const codecs = types.map((type) => codecOf(type, audio)).filter((codec) => codec !== undefined)
  const crypto = / RTP\/SAVP /.test(lines[start] ?? '') ? cryptoIn(audio) : undefined
  if (crypto === 'none') return undefined
  const secure = crypto === undefined ? {} : { crypto }
  return { host, port: Number(port), codecs, events: eventsIn(audio), direction: directionOf(audio, head, host), media, ...secure }
}

function cryptoIn(lines: readonly string[]): NonNullable<Description['crypto']> | 'none' {
  const line = lines.find((one) => one.startsWith('a=crypto:') && one.includes(` ${srtpSuite} `))
  const [, tag, key] = /^a=crypto:(\d+) \S+ inline:([A-Za-z0-9+/=]+)/.exec(line ?? '') ?? []
  return tag === undefined || key === undefined ? 'none' : { tag, key }
}

const addressIn = (lines: readonly string[]): string | undefined => lines.find((l) => l.startsWith('c='))?.split(' ')[2]

function codecOf(type: string, lines: readonly string[]): Law | undefined {
  const map = lines.find((line) => line.startsWith(`a=rtpmap:${type} `))
  if (map === undefined) return type === '0' ? 'PCMU' : type === '8' ? 'PCMA' : undefined
  const name = /^a=rtpmap:\d+ (\w+)\/8000/i.exec(map)?.[1]?.toUpperCase()
  return name === 'PCMU' || name === 'PCMA' ? name : undefined
}

function eventsIn(lines: readonly string[]): number | undefined {
  const map = lines.find((line) => /^a=rtpmap:\d+ telephone-event\/8000/i.test(line))
  return map === undefined ? undefined : Number(/\d+/.exec(map)?.[0])
}

/** RFC 2543's hold by the null address still means: send me nothing. */
function directionOf(audio: readonly string[], head: readonly string[], host: string): Direction {
  const find = (lines: readonly string[]) => lines.find((line) => /^a=(sendrecv|sendonly|recvonly|inactive)$/.test(line))?.slice(2)
  const said = (find(audio) ?? find(head) ?? 'sendrecv') as Direction
  if (host !== '0.0.0.0') return said
  return said === 'sendrecv' ? 'sendonly' : 'inactive'
}

/** What we may do in answer to a direction that the other side names, given what we want ourselves. */
export function answerDirection(offered: Direction, wanted: Direction): Direction {
  const maySend = offered !== 'sendonly' && offered !== 'inactive' && wanted !== 'recvonly' && wanted !== 'inactive'
  const mayReceive = offered !== 'recvonly' && offered !== 'inactive' && wanted !== 'sendonly' && wanted !== 'inactive'
  if (maySend) return mayReceive ? 'sendrecv' : 'sendonly'
  return mayReceive ? 'recvonly' : 'inactive'
}
