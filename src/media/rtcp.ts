/** RTCP (RFC 3550 §6): sender and receiver reports, source description and goodbye, written and read in place. */
import type { Instant } from '../kernel/time.ts'
import type { Reception } from './reception.ts'
import { byte, putUint16, putUint32, uint16, uint32 } from './rtp.ts'

const types = { senderReport: 200, receiverReport: 201, description: 202, goodbye: 203 } as const
const cnameItem = 1
/** Seconds from 1900, NTP's epoch, to 1970. */
const ntpOffsetSeconds = 2_208_988_800
/** Room for a report with one block, a description and a goodbye. */
export const rtcpBytes = 128

/** What we sent, for a sender report. */
export interface Sent {
  readonly ssrc: number
  readonly packets: number
  readonly octets: number
  /** The RTP timestamp that belongs to the moment of the report. */
  readonly timestamp: number
}

/** What the other side's reports say. */
export class PeerReports {
  /** The middle 32 bits of its last sender report's NTP time. */
  lastReport = 0
  lastReportAt: Instant | undefined
  fractionLost = 0
  /** In samples. */
  jitter = 0
  roundTripMs: number | undefined

  /** Takes a compound packet. Anything after the first malformed part is ignored: RTCP is advice. */
  read(at: Instant, packet: Uint8Array, length: number, ourSsrc: number): void {
    let offset = 0
    while (offset + 8 <= length) {
      const end = offset + (uint16(packet, offset + 2) + 1) * 4
      if (byte(packet, offset) >> 6 !== 2 || end > length) return
      this.#part(at, packet, offset, end, ourSsrc)
      offset = end
    }
  }

  #part(at: Instant, packet: Uint8Array, offset: number, end: number, ourSsrc: number): void {
    const type = byte(packet, offset + 1)
    if (type !== types.senderReport && type !== types.receiverReport) return
    const blocks = offset + (type === types.senderReport ? 28 : 8)
    if (blocks > end) return
    if (type === types.senderReport) {
      this.lastReport = uint32(packet, offset + 10)
      this.lastReportAt = at
    }
    for (let n = 0; n < (byte(packet, offset) & 0x1f) && blocks + (n + 1) * 24 <= end; n++) {
      if (uint32(packet, blocks + n * 24) === ourSsrc) this.#block(at, packet, blocks + n * 24)
    }
  }

  #block(at: Instant, packet: Uint8Array, offset: number): void {
    this.fractionLost = byte(packet, offset + 4) / 256
    this.jitter = uint32(packet, offset + 12)
    const echoed = uint32(packet, offset + 16)
    if (echoed === 0) return
    // In units of 1/65536 s: now minus the report it echoes minus the time it held it (RFC 3550 §6.4.1, figure 2).
    const units = (ntpMiddle(at) - echoed - uint32(packet, offset + 20)) | 0
    this.roundTripMs = Math.max(0, (units * 1_000) / 65_536)
  }
}

/** Sender report when something was sent, receiver report otherwise, then the description with CNAME (RFC 3550 §6.1). Returns the length. */
export function writeReport(out: Uint8Array, at: Instant, sent: Sent, reception: Reception, peer: PeerReports, cname: string): number {
  const head = sent.packets > 0 ? writeSenderInfo(out, at, sent) : 8
  const heard = reception.ssrc !== -1
  if (heard) writeBlock(out, head, at, reception, peer)
  const end = head + (heard ? 24 : 0)
  writeHead(out, 0, { count: heard ? 1 : 0, type: sent.packets > 0 ? types.senderReport : types.receiverReport, end })
  putUint32(out, 4, sent.ssrc)
  return writeDescription(out, end, sent.ssrc, cname)
}

/** Appends a goodbye to a compound packet of `length` bytes. */
export function appendGoodbye(out: Uint8Array, length: number, ssrc: number): number {
  writeHead(out, length, { count: 1, type: types.goodbye, end: length + 8 })
  putUint32(out, length + 4, ssrc)
  return length + 8
}

function writeSenderInfo(out: Uint8Array, at: Instant, sent: Sent): number {
  const seconds = at / 1_000 + ntpOffsetSeconds
  putUint32(out, 8, Math.floor(seconds) >>> 0)
  putUint32(out, 12, Math.floor((seconds % 1) * 2 ** 32))
  putUint32(out, 16, sent.timestamp)
  putUint32(out, 20, sent.packets >>> 0)
  putUint32(out, 24, sent.octets >>> 0)
  return 28
}

function writeBlock(out: Uint8Array, offset: number, at: Instant, reception: Reception, peer: PeerReports): void {
  const lost = Math.max(-0x80_0000, Math.min(0x7f_ffff, reception.lost))
  putUint32(out, offset, reception.ssrc)
  putUint32(out, offset + 4, ((reception.fractionLost() << 24) | (lost & 0xff_ffff)) >>> 0)
  putUint32(out, offset + 8, reception.highestExtended >>> 0)
  putUint32(out, offset + 12, Math.floor(reception.jitter))
  putUint32(out, offset + 16, peer.lastReport)
  const heldMs = peer.lastReportAt === undefined ? 0 : at - peer.lastReportAt
  putUint32(out, offset + 20, Math.floor((heldMs * 65_536) / 1_000) >>> 0)
}

function writeDescription(out: Uint8Array, offset: number, ssrc: number, cname: string): number {
  // At least one zero ends the items, and a chunk fills whole words.
  const end = offset + 8 + Math.ceil((2 + cname.length + 1) / 4) * 4
  out.fill(0, offset + 8, end)
  writeHead(out, offset, { count: 1, type: types.description, end })
  putUint32(out, offset + 4, ssrc)
  out[offset + 8] = cnameItem
  out[offset + 9] = cname.length
  for (let i = 0; i < cname.length; i++) out[offset + 10 + i] = cname.charCodeAt(i)
  return end
}

function writeHead(out: Uint8Array, offset: number, head: { count: number; type: number; end: number }): void {
  out[offset] = 0x80 | head.count
  out[offset + 1] = head.type
  putUint16(out, offset + 2, (head.end - offset) / 4 - 1)
}

const ntpMiddle = (at: Instant): number => Math.floor((at / 1_000 + ntpOffsetSeconds) * 65_536) % 2 ** 32
