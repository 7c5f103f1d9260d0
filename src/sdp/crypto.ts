/** Keys in the description: `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:…` (RFC 4568). */

export type Suite = 'AES_CM_128_HMAC_SHA1_80' | 'AES_CM_128_HMAC_SHA1_32'

export interface Crypto {
  /** Ties an answer's line to the offer's. */
  readonly tag: string
  readonly suite: Suite
  /** Base64 of 30 bytes: key and salt. */
  readonly key: string
}

/** 30 bytes are exactly 40 characters of base64 without padding. */
const keyCharacters = 40
const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/**
 * Reads the value of an attribute. `undefined` for whatever we cannot do as asked: other suites, several keys, a master key identifier, or
 * session parameters, none of which may be ignored (RFC 4568 §6.3, §7.1.2). A lifetime is taken: a call ends long before 2^31 packets.
 */
export function parseCrypto(value: string): Crypto | undefined {
  const [tag = '', suite = '', keys = '', ...sessionParams] = value.split(' ').filter(Boolean)
  if (!isSuite(suite) || sessionParams.length > 0 || !isTag(tag) || !keys.startsWith('inline:')) return undefined
  const [key = '', lifetime, ...more] = keys.slice('inline:'.length).split('|')
  if (more.length > 0 || lifetime?.includes(':') || !isKey(key)) return undefined
  return { tag, suite, key }
}

export const formatCrypto = (crypto: Crypto) => `${crypto.tag} ${crypto.suite} inline:${crypto.key}`

export function isKey(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!base64.includes(text.charAt(i))) return false
  return text.length === keyCharacters
}

const isSuite = (text: string): text is Suite => text === 'AES_CM_128_HMAC_SHA1_80' || text === 'AES_CM_128_HMAC_SHA1_32'

function isTag(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x30 || text.charCodeAt(i) > 0x39) return false
  return text.length > 0 && text.length <= 9
}
