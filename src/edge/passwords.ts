/** Passwords of people, as scrypt hashes (RFC 7914): `scrypt$N$r$p$salt$hash`, salt and hash in base64url. */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { limits } from '../kernel/limits.ts'

/** A quarter of a second and 32 MB: dear for whoever guesses, bearable for whoever signs in. */
const usual = { N: 32_768, r: 8, p: 3 } as const
const hashBytes = 32
const saltBytes = 16

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes)
  const hash = await derive(password, salt, usual)
  return ['scrypt', usual.N, usual.r, usual.p, salt.toString('base64url'), hash.toString('base64url')].join('$')
}

/** What a configuration may hold: of our own making, or so costly at least and not so costly that a sign-in would stop the calls. */
export function isPasswordHash(text: string): boolean {
  const parsed = parse(text)
  if (parsed === undefined) return false
  const { N, r, p, salt, hash } = parsed
  const isPowerOfTwo = (N & (N - 1)) === 0
  return isPowerOfTwo && N >= 16_384 && N * r * 128 <= mostMemory && p >= 1 && p <= 16 && salt.length >= 8 && hash.length === hashBytes
}

const mostMemory = 134_217_728

/** Checks a few at a time: the calls have the same processors. */
export class PasswordChecker {
  #checking = 0
  readonly #waiting: (() => void)[] = []

  /** Takes as long for somebody who does not exist. */
  async matches(hash: string | undefined, password: string): Promise<boolean | 'busy'> {
    if (this.#waiting.length >= limits.passwordChecksWaiting) return 'busy'
    if (this.#checking >= limits.passwordChecks) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#checking += 1
    try {
      const matches = await isPassword(hash ?? nobody, password)
      return hash !== undefined && matches
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#checking -= 1
      else next()
    }
  }
}

const nobody = `scrypt$${usual.N}$${usual.r}$${usual.p}$${'A'.repeat(22)}$${'A'.repeat(43)}`

async function isPassword(text: string, password: string): Promise<boolean> {
  const parsed = parse(text)
  if (parsed === undefined) return false
  return timingSafeEqual(await derive(password, parsed.salt, parsed), parsed.hash)
}

interface Parsed {
  readonly N: number
  readonly r: number
  readonly p: number
  readonly salt: Buffer
  readonly hash: Buffer
}

function parse(text: string): Parsed | undefined {
  const [, N, r, p, salt, hash] = /^scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([\w-]+)\$([\w-]+)$/.exec(text) ?? []
  if (N === undefined || r === undefined || p === undefined || salt === undefined || hash === undefined) return undefined
  return { N: Number(N), r: Number(r), p: Number(p), salt: Buffer.from(salt, 'base64url'), hash: Buffer.from(hash, 'base64url') }
}

/** RFC 8265 §4.2.2: NFC, so that a letter with an accent is the same from every keyboard. */
function derive(password: string, salt: Buffer, { N, r, p }: Pick<Parsed, 'N' | 'r' | 'p'>): Promise<Buffer> {
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r }
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, hashBytes, options, (error, key) => (error === null ? resolve(key) : reject(error)))
  })
}
