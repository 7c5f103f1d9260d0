import { hash, timingSafeEqual } from 'node:crypto'

/** Secrets are kept and compared as digests only (W13). They are long random strings, so a fast digest without salt is enough. */
export const digest = (secret: string | Buffer): Buffer => hash('sha256', secret, 'buffer')

interface Entry<T> {
  readonly digest: Buffer
  readonly value: T
}

/**
 * Finds the value that belongs to a secret. A few bits of the digest choose a shelf, which an attacker cannot steer;
 * on the shelf every digest is compared whole, in constant time.
 */
export class SecretIndex<T> {
  readonly #shelves = new Map<number, Entry<T>[]>()

  add(secretDigest: Buffer, value: T): void {
    const shelf = this.#shelves.get(shelfOf(secretDigest))
    if (shelf === undefined) this.#shelves.set(shelfOf(secretDigest), [{ digest: secretDigest, value }])
    else shelf.push({ digest: secretDigest, value })
  }

  find(secret: string): T | undefined {
    const wanted = digest(secret)
    let found: T | undefined
    for (const entry of this.#shelves.get(shelfOf(wanted)) ?? []) if (timingSafeEqual(entry.digest, wanted)) found = entry.value
    return found
  }

  remove(secretDigest: Buffer): void {
    const rest = (this.#shelves.get(shelfOf(secretDigest)) ?? []).filter((entry) => !entry.digest.equals(secretDigest))
    if (rest.length === 0) this.#shelves.delete(shelfOf(secretDigest))
    else this.#shelves.set(shelfOf(secretDigest), rest)
  }
}

const shelfOf = (secretDigest: Buffer): number => secretDigest.readUInt32BE(0)
