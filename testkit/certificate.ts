/** A self-signed certificate for tests of TLS, made on the spot: no secret lies in the repository, and no external program is needed. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { isIP } from 'node:net'

export interface Certificate {
  /** PEM; it is its own authority. */
  readonly cert: string
  readonly key: string
}

/** Valid for these names and IPv4 addresses, from yesterday until tomorrow (RFC 5280 §4.1). */
export function selfSigned(names: readonly string[]): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ecdsaWithSha256 = sequence(identifier('2a8648ce3d040302'))
  const issuer = sequence(setOf(sequence(identifier('550403'), tagged(0x0c, Buffer.from('Sotto test')))))
  const day = 86_400_000
  const unsigned = sequence(
    tagged(0xa0, integer(2)),
    integer(1),
    ecdsaWithSha256,
    issuer,
    sequence(time(Date.now() - day), time(Date.now() + day)),
    issuer,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(alternativeNames(names))),
  )
  const signature = tagged(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', unsigned, privateKey)]))
  return {
    cert: pem('CERTIFICATE', sequence(unsigned, ecdsaWithSha256, signature)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function alternativeNames(names: readonly string[]): Buffer {
  const list = names.map((name) =>
    isIP(name) === 4 ? tagged(0x87, Buffer.from(name.split('.').map(Number))) : tagged(0x82, Buffer.from(name)),
  )
  return sequence(identifier('551d11'), tagged(0x04, sequence(...list)))
}

function tagged(tag: number, content: Buffer): Buffer {
  const length = content.length
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...head]), content])
}

const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts))
const setOf = (part: Buffer): Buffer => tagged(0x31, part)
const identifier = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, 'hex'))
const integer = (value: number): Buffer => tagged(0x02, Buffer.from([value]))

/** UTCTime: `YYMMDDhhmmssZ`. */
const time = (ms: number): Buffer => tagged(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`))

const pem = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${der.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END ${label}-----\n`
