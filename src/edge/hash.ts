import { hash } from 'node:crypto'

/** Digests as lower-case hexadecimal; the shape of `Hash` in sip/digest.ts. MD5 is there for phones that know no better (RFC 8760). */
export const systemHash = {
  md5: (text: string): string => hash('md5', text, 'hex'),
  sha256: (text: string): string => hash('sha256', text, 'hex'),
}
