/** What a browser's softphone registers with: a pass for an extension that lapses. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { AccountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Random } from '../kernel/random.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import { type Pass, passFor } from '../sip/pass.ts'
import { systemHash } from './hash.ts'

const secretBytes = 32

/** Made at the first start, and kept: phones that registered with passes go on over restarts. Whoever deletes it ends all passes. */
export function openPassSecret(file: string): string {
  const known = readIfThere(file)
  if (known !== undefined) {
    if (!/^[0-9a-f]{64}$/.test(known)) throw new Error(`${file} is not the key that it was. Delete it: browsers' softphones sign in again.`)
    return known
  }
  const made = randomBytes(secretBytes).toString('hex')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, made, { mode: 0o600, flag: 'wx' })
  return made
}

export interface SoftphonePass extends Pass {
  readonly uri: string
  readonly expiresAt: Instant
}

interface Parts {
  readonly secret: string
  readonly realm: string
  readonly random: Random
  /** The digits that an account's phones put before their numbers. */
  readonly codeOf: (account: AccountId) => string | undefined
}

export function softphonePasses({ secret, realm, random, codeOf }: Parts) {
  return (at: Instant, account: AccountId, extension: string): SoftphonePass => {
    const code = codeOf(account)
    const name = code === undefined ? extension : `${code}*${extension}`
    const expiresAt = addMs(at, limits.sipPassMs)
    const pass = passFor({ secret, hash: systemHash }, { name, until: expiresAt, salt: random.hex(8) })
    return { ...pass, uri: `sip:${name}@${realm}`, expiresAt }
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
