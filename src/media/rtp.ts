/** RTP headers (RFC 3550 §5.1), read and written in place. One `RtpHeader` is reused for every packet: nothing is allocated. */

export const rtpHeaderBytes = 12

export class RtpHeader {
  marker = false
  payloadType = 0
  sequence = 0
  timestamp = 0
  ssrc = 0
  payloadOffset = 0
  payloadLength = 0

  /** False, with the fields in no particular state, when the bytes are not a whole RTP packet. */
  read(packet: Uint8Array, length: number): boolean {
    if (length < rtpHeaderBytes || length > packet.length || byte(packet, 0) >> 6 !== 2) return false
    this.marker = byte(packet, 1) > 127
    this.payloadType = byte(packet, 1) & 0x7f
    this.sequence = uint16(packet, 2)
    this.timestamp = uint32(packet, 4)
    this.ssrc = uint32(packet, 8)
    this.payloadOffset = headerLength(packet, length)
    const padding = byte(packet, 0) & 0x20 ? byte(packet, length - 1) : 0
    this.payloadLength = length - this.payloadOffset - padding
    // RFC 3550 §5.1 counts the padding's own length byte, so that zero is as wrong as more padding than packet.
    return this.payloadLength >= 0 && !(byte(packet, 0) & 0x20 && padding === 0)
  }

  /** Writes a header of 12 bytes: no contributing sources, no extension, no padding. */
  write(packet: Uint8Array): void {
    packet[0] = 0x80
    packet[1] = (this.marker ? 0x80 : 0) | this.payloadType
    putUint16(packet, 2, this.sequence)
    putUint32(packet, 4, this.timestamp)
    putUint32(packet, 8, this.ssrc)
  }
}

/** Where the payload begins; past `length` when the header is cut short. SRTP leaves all of it in clear (RFC 3711 §3.1). */
export function headerLength(packet: Uint8Array, length: number): number {
  const fixed = rtpHeaderBytes + (byte(packet, 0) & 0x0f) * 4
  if (!(byte(packet, 0) & 0x10)) return fixed
  return fixed + 4 > length ? length + 1 : fixed + 4 + uint16(packet, fixed + 2) * 4
}

/** RFC 5761 §4: on a shared port the second byte tells RTCP (192 to 223) from RTP with or without marker. */
export const looksLikeRtcp = (packet: Uint8Array): boolean => byte(packet, 1) >= 192 && byte(packet, 1) <= 223

export const byte = (bytes: Uint8Array, offset: number): number => bytes[offset] ?? 0

export const uint16 = (bytes: Uint8Array, offset: number): number => (byte(bytes, offset) << 8) | byte(bytes, offset + 1)

export const uint32 = (bytes: Uint8Array, offset: number): number =>
  ((byte(bytes, offset) << 24) | (byte(bytes, offset + 1) << 16) | (byte(bytes, offset + 2) << 8) | byte(bytes, offset + 3)) >>> 0

export function putUint16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 8
  bytes[offset + 1] = value
}

export function putUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24
  bytes[offset + 1] = value >>> 16
  bytes[offset + 2] = value >>> 8
  bytes[offset + 3] = value
}

/** How far `a` is ahead of `b` on the circle of 16-bit sequence numbers: -32768 to 32767. */
export const sequenceAhead = (a: number, b: number): number => ((a - b) << 16) >> 16

/** The same for 32-bit timestamps. */
export const timestampAhead = (a: number, b: number): number => (a - b) | 0

/** Sockets want a view of the packet's exact length; a leg sends two or three lengths in its life. */
export class ExactViews {
  readonly #buffer: Uint8Array
  readonly #views: Uint8Array[] = []

  constructor(buffer: Uint8Array) {
    this.#buffer = buffer
  }

  of(length: number): Uint8Array {
    const known = this.#views[length]
    if (known !== undefined) return known
    const view = this.#buffer.subarray(0, length)
    this.#views[length] = view
    return view
  }
}
