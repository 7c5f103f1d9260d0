/** `Idempotency-Key`: an order is carried out once, however often it is sent (contract `native.md`, "Access"). */
import { addMs, type Instant } from '../kernel/time.ts'
import type { Answer } from './answer.ts'
import { forgetful, type Memory } from './memory.ts'
import { refuse } from './refused.ts'
import { digest } from './secrets.ts'

interface Entry {
  readonly at: Instant
  /** Of method, path and body. */
  readonly order: string
  readonly answer: Promise<Answer>
}

/** An answer as it is kept over a restart. */
export interface KeptAnswer {
  readonly at: Instant
  readonly order: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly encoding: 'utf8' | 'base64'
}

export interface IdempotencySettings {
  readonly keepMs: number
  /** The oldest key goes first when there are more. */
  readonly most: number
}

export interface Order {
  /** The credential: two clients cannot meet each other's keys. */
  readonly credential: string
  readonly key: string
  readonly method: string
  readonly path: string
  readonly body: Buffer | undefined
}

/** An order over all credentials, and what tells it from another under the same key. */
export interface OrderName {
  readonly name: string
  readonly digest: string
}

/** What a process before us began and perhaps could not answer any more. */
export interface Earlier {
  readonly digest: string
  /** How it stands now. */
  answer(): Answer
}

export class Idempotency {
  readonly #settings: IdempotencySettings
  /** In the order of age. */
  readonly #entries = new Map<string, Entry>()

  readonly #memory: Memory<KeptAnswer>

  constructor(settings: IdempotencySettings, memory: Memory<KeptAnswer> = forgetful('idempotency')) {
    this.#settings = settings
    this.#memory = memory
    for (const [name, kept] of memory.load())
      this.#entries.set(name, { at: kept.at, order: kept.order, answer: Promise.resolve(given(kept)) })
  }

  /**
   * Carries the order out, or gives the first answer again; a duplicate that comes while the first is under way waits for it.
   * What was refused before the desk was asked, and what tells the caller to come back later, is not kept: the same key may be tried again.
   */
  async once(
    at: Instant,
    order: Order,
    carryOut: (name: OrderName) => Promise<Answer>,
    begunEarlier: (name: string) => Earlier | undefined = () => undefined,
  ): Promise<Answer> {
    demandKey(order.key)
    this.#forget(at)
    const name = `${order.credential} ${order.key}`
    const digest = orderDigest(order)
    const known = this.#entries.get(name)
    if (known !== undefined) return replay(known, digest)
    const earlier = begunEarlier(name)
    if (earlier !== undefined) return taken(earlier, digest)
    const answer = carryOut({ name, digest })
    const entry = { at, order: digest, answer }
    this.#entries.set(name, entry)
    this.#makeRoom()
    return await this.#settle(name, entry)
  }

  async #settle(name: string, entry: Entry): Promise<Answer> {
    try {
      const answer = await entry.answer
      if (answer.status === 429 || answer.status === 503) this.#drop(name, entry)
      else if (this.#entries.get(name) === entry) this.#memory.put(name, kept(entry, answer), addMs(entry.at, this.#settings.keepMs))
      return answer
    } catch (cause) {
      this.#drop(name, entry)
      throw cause
    }
  }

  #drop(name: string, entry: Entry): void {
    if (this.#entries.get(name) === entry) this.#entries.delete(name)
  }

  #forget(at: Instant): void {
    for (const [name, entry] of this.#entries) {
      if (entry.at + this.#settings.keepMs > at) return
      this.#forgetOne(name)
    }
  }

  #makeRoom(): void {
    const oldest = this.#entries.keys().next()
    if (this.#entries.size > this.#settings.most && !oldest.done) this.#forgetOne(oldest.value)
  }

  #forgetOne(name: string): void {
    this.#entries.delete(name)
    this.#memory.remove(name)
  }
}

function kept({ at, order }: Entry, { status, headers, body }: Answer): KeptAnswer {
  const encoding = Buffer.isBuffer(body) ? 'base64' : 'utf8'
  return { at, order, status, headers, body: Buffer.isBuffer(body) ? body.toString('base64') : body, encoding }
}

function given({ status, headers, body, encoding }: KeptAnswer): Answer {
  return { status, headers, body: encoding === 'utf8' ? body : Buffer.from(body, 'base64') }
}

async function replay(entry: Entry, digest: string): Promise<Answer> {
  demandSame(entry.order, digest)
  return replayed(await entry.answer)
}

function taken(earlier: Earlier, digest: string): Answer {
  demandSame(earlier.digest, digest)
  return replayed(earlier.answer())
}

const replayed = (answer: Answer): Answer => ({ ...answer, headers: { ...answer.headers, 'Idempotent-Replayed': 'true' } })

function demandSame(known: string, digest: string): void {
  if (known !== digest)
    throw refuse('parameter-invalid', { name: 'Idempotency-Key', why: 'This Idempotency-Key was used for another request.' })
}

function demandKey(key: string): void {
  if (/^[!-~]{1,255}$/.test(key)) return
  throw refuse('parameter-invalid', {
    name: 'Idempotency-Key',
    why: 'Idempotency-Key must be 1 to 255 printable ASCII characters without spaces.',
  })
}

function orderDigest({ method, path, body }: Order): string {
  const head = Buffer.from(`${method} ${path}\n`)
  return digest(body === undefined ? head : Buffer.concat([head, body])).toString('base64')
}
