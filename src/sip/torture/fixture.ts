/** How a torture message and what has to become of it are written down. The messages follow the descriptions of RFC 4475 and RFC 5118. */

export type Expect =
  /** Well formed, and an ordinary message for the user agent. */
  | { readonly layer: 'parser'; readonly outcome: 'valid' }
  /** Not well formed: a fault with this status. `answered`: enough is understood to send it; otherwise the bytes are dropped. */
  | { readonly layer: 'parser'; readonly outcome: 'fault'; readonly status: number; readonly answered: boolean }
  /** Well formed, but the user agent answers with one of these (401: it asks for credentials before it looks further). */
  | { readonly layer: 'user agent'; readonly outcome: 'answer'; readonly statuses: readonly number[] }
  /** Well formed, but the user agent does nothing. */
  | { readonly layer: 'user agent'; readonly outcome: 'drop' }

export interface TortureMessage {
  /** The short name that the RFC gives it. */
  readonly name: string
  readonly section: string
  readonly bytes: Uint8Array
  readonly expect: Expect
}

export const valid: Expect = { layer: 'parser', outcome: 'valid' }
export const answeredFault = (status: number): Expect => ({ layer: 'parser', outcome: 'fault', status, answered: true })
export const droppedFault = (status: number): Expect => ({ layer: 'parser', outcome: 'fault', status, answered: false })
export const answeredByUserAgent = (...statuses: number[]): Expect => ({ layer: 'user agent', outcome: 'answer', statuses })
export const droppedByUserAgent: Expect = { layer: 'user agent', outcome: 'drop' }

const encoder = new TextEncoder()

/** Head lines, an empty line, and the body: each line ends with CRLF. A line that begins with a space continues the one before. */
export function bytesOf(head: readonly string[], body: readonly string[] = []): Uint8Array {
  return encoder.encode([...head, '', ...body, ''].join('\r\n'))
}

/** A session with audio and video at `host`, and its length in bytes. */
export function session(host: string): { readonly lines: readonly string[]; readonly length: number } {
  const lines = [
    ...['v=0', `o=torture 29739 7272939 IN IP4 ${host}`, 's=-', `c=IN IP4 ${host}`, 't=0 0'],
    ...['m=audio 49217 RTP/AVP 0 12', 'm=video 3227 RTP/AVP 31', 'a=rtpmap:31 LPC'],
  ]
  return { lines, length: bytesOf([], lines).length - 2 }
}

/** An INVITE with that session: `head` is everything but Content-Type and Content-Length. */
export function inviteOf(head: readonly string[], host = '192.0.2.1'): Uint8Array {
  const { lines, length } = session(host)
  return bytesOf([...head, 'Content-Type: application/sdp', `Content-Length: ${length}`], lines)
}
