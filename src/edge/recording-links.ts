/** Links to recordings, signed with a key of this server's own: whoever has one may hear that file until it expires. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { LinkedAudio, RecordingLinks } from '../control/recordings.ts'
import { type AccountId, accountId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'

const keyBytes = 32

/** Made at the first start. One that was damaged is not replaced behind the operator's back. */
export function openLinkKey(file: string): Buffer {
  const known = readIfThere(file)
  if (known !== undefined) {
    if (known.length !== keyBytes) throw new Error(`${file} is not the key that it was. Delete it: only links of the last hour are lost.`)
    return known
  }
  const made = randomBytes(keyBytes)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, made, { mode: 0o600, flag: 'wx' })
  return made
}

/** `address`: where links lead, without a query. The access log shows no value of a parameter called `token`. */
export function recordingLinks(key: Buffer, address: string): RecordingLinks {
  const signature = (text: string): Buffer => createHmac('sha256', key).update(text).digest()
  return {
    link({ account, recording, track }, expiresAt) {
      const text = encoded([Math.floor(expiresAt), account, recording, ...(track === undefined ? [] : [track])])
      return `${address}?token=${text}.${signature(text).toString('base64url')}`
    },
    linked(at, token) {
      const [text = '', sent = ''] = token.split('.', 2)
      const [given, right] = [Buffer.from(sent, 'base64url'), signature(text)]
      if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined
      return decoded(at, text)
    },
  }
}

const encoded = (words: readonly (string | number)[]): string => Buffer.from(JSON.stringify(words)).toString('base64url')

/** Only what we signed comes here. */
function decoded(at: Instant, text: string): LinkedAudio | undefined {
  const [expires, account, recording, track] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [number, AccountId, string, string?]
  if (at >= expires) return undefined
  return { account: accountId(account), recording, ...(track === undefined ? {} : { track }) }
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
