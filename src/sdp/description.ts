/** A session description as a value (RFC 8866), with the fields that a call needs in their places and every attribute kept in order. */

export interface Origin {
  readonly username: string
  /** Decimal digits, up to 64 bits: kept as text. */
  readonly sessionId: string
  readonly version: string
  readonly address: Address
}

export interface Address {
  readonly family: 4 | 6
  /** A literal or, as the norm allows, a host name; a multicast suffix (`/127`) stays attached. */
  readonly host: string
}

/** `a=name` or `a=name:value`. */
export interface Attribute {
  readonly name: string
  readonly value?: string
}

/** One `m=` section. */
export interface Stream {
  /** `audio`, `video`, `image` … */
  readonly kind: string
  /** 0: refused or ended. */
  readonly port: number
  /** `RTP/AVP`, `RTP/SAVP`, `udptl` … */
  readonly protocol: string
  /** Payload types or other formats, most wanted first; never empty. */
  readonly formats: readonly string[]
  readonly connection?: Address
  readonly attributes: readonly Attribute[]
}

export interface SessionDescription {
  readonly origin: Origin
  /** `s=`; `-` when there is none. */
  readonly name: string
  readonly connection?: Address
  /** Of the whole session: they hold for each stream that does not say otherwise. */
  readonly attributes: readonly Attribute[]
  readonly streams: readonly Stream[]
}

/** The first value of an attribute: `''` when it has none, `undefined` when it is not there. */
export function attribute(attributes: readonly Attribute[], name: string): string | undefined {
  for (const one of attributes) if (one.name === name) return one.value ?? ''
  return undefined
}

/** All values of an attribute in order. */
export function attributeValues(attributes: readonly Attribute[], name: string): readonly string[] {
  return attributes.filter((one) => one.name === name).map((one) => one.value ?? '')
}
