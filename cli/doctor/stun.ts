/** Asks a STUN server where it sees us (RFC 8489). */
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { bounds } from '../bounds.ts'

const cookie = 0x2112_a442
const bindingRequest = 0x0001
const bindingSuccess = 0x0101
const xorMappedAddress = 0x0020
/** Lost datagrams are asked again for. */
const againMs = 500

export interface Seen {
  readonly address: string
  readonly port: number
}

/** Undefined: no answer. */
export async function seenBy(host: string, port: number): Promise<Seen | undefined> {
  const { address, family } = await lookup(host)
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
  const id = randomBytes(12)
  const request = Buffer.concat([Buffer.from([0, bindingRequest, 0, 0]), words(cookie), id])
  const { promise, resolve } = Promise.withResolvers<Seen | undefined>()
  socket.on('error', () => resolve(undefined))
  socket.on('message', (bytes) => {
    const seen = answerTo(id, bytes)
    if (seen !== undefined) resolve(seen)
  })
  const ask = () => socket.send(request, port, address, () => {})
  ask()
  const again = setInterval(ask, againMs)
  const late = setTimeout(() => resolve(undefined), bounds.askMs)
  return promise.finally(() => {
    clearInterval(again)
    clearTimeout(late)
    socket.close()
  })
}

function words(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Undefined for what is no answer to our question. */
export function answerTo(id: Buffer, bytes: Buffer): Seen | undefined {
  if (bytes.length < 20 || bytes.readUInt16BE(0) !== bindingSuccess || !bytes.subarray(8, 20).equals(id)) return undefined
  for (let at = 20; at + 4 <= bytes.length; ) {
    const [type, length] = [bytes.readUInt16BE(at), bytes.readUInt16BE(at + 2)]
    const value = bytes.subarray(at + 4, at + 4 + length)
    if (type === xorMappedAddress && value.length >= 8) return addressIn(value, Buffer.concat([words(cookie), id]))
    at += 4 + length + ((4 - (length % 4)) % 4)
  }
  return undefined
}

function addressIn(value: Buffer, mask: Buffer): Seen {
  const port = value.readUInt16BE(2) ^ (cookie >>> 16)
  const address = Buffer.from(value.subarray(4).map((byte, at) => byte ^ (mask[at] ?? 0)))
  if (value[1] === 1) return { port, address: [...address.subarray(0, 4)].join('.') }
  const groups = Array.from({ length: 8 }, (_, at) => address.readUInt16BE(at * 2).toString(16))
  return { port, address: new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1) }
}
