/**
 * Passes: names and passwords that stand for an extension for a while, so that a browser is never told the extension's own password. Nothing
 * of them is kept: the name carries whom it stands for and its end, and the password is a keyed hash of the name.
 */
import type { Instant } from '../kernel/time.ts'
import { instant } from '../kernel/time.ts'
import type { Hash } from './digest.ts'

export interface Pass {
  readonly username: string
  readonly password: string
}

export interface PassKey {
  readonly secret: string
  readonly hash: Pick<Hash, 'sha256'>
}

interface PassTerms {
  /** As the extension's phones call themselves. */
  readonly name: string
  readonly until: Instant
  /** So that no two passes are the same; random hex. */
  readonly salt: string
}

export function passFor(key: PassKey, { name, until, salt }: PassTerms): Pass {
  const username = `${name}~${Math.floor(until / 1000).toString(36)}~${salt}`
  return { username, password: passwordOf(key, username) }
}

/** Undefined where the name is none of a pass, or its time is over. The password is what a phone has to prove that it knows. */
export function readPass(key: PassKey, at: Instant, username: string): { readonly name: string; readonly password: string } | undefined {
  const [, name, end] = /^([^~]+)~([0-9a-z]{1,10})~[0-9a-f]{8,64}$/.exec(username) ?? []
  if (name === undefined || end === undefined || instant(Number.parseInt(end, 36) * 1000) <= at) return undefined
  return { name, password: passwordOf(key, username) }
}

/** Hashed twice with the secret, so that a hash over a longer text cannot be continued from it. */
const passwordOf = ({ secret, hash }: PassKey, username: string): string =>
  hash.sha256(`${secret}:${hash.sha256(`${secret}:pass:${username}`)}`).slice(0, 40)
