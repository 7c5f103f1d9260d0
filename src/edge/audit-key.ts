/** The key that signs the heads of the audit: made at the first start, and readable by nobody else. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

export interface AuditKey {
  /** PEM. */
  readonly publicKey: string
  readonly sign: (text: string) => string
  readonly isSigned: (text: string, signature: string) => boolean
}

/** A key that cannot be read is never replaced: heads that it signed could not be verified any more. */
export function openAuditKey(file: string): AuditKey {
  const pem = readIfThere(file)
  if (pem !== undefined) return auditKey(readKey(file, pem))
  const made = generateKeyPairSync('ed25519').privateKey
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, made.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' })
  return auditKey(made)
}

export function auditKey(key: KeyObject = generateKeyPairSync('ed25519').privateKey): AuditKey {
  const publicKey = publicPem(key)
  const isSigned = signedBy(publicKey)
  return { publicKey, isSigned, sign: (text) => sign(null, Buffer.from(text), key).toString('base64') }
}

/** Takes the PEM of a public or a private key. */
export function signedBy(pem: string): AuditKey['isSigned'] {
  const key = createPublicKey(pem)
  return (text, signature) => {
    const bytes = Buffer.from(signature, 'base64')
    // One form only: what a decoder forgives would be an alteration that nobody notices.
    return bytes.toString('base64') === signature && verify(null, Buffer.from(text), key, bytes)
  }
}

export const publicPem = (key: KeyObject | string): string => String(createPublicKey(key).export({ type: 'spki', format: 'pem' }))

function readKey(file: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (error) {
    throw new Error(`${file} is not the private key that it was. Put it back from a backup, or move it away to begin with a new one.`, {
      cause: error,
    })
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
