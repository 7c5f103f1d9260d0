import { forgetful, type Memory } from '../http/memory.ts'
import { digest, SecretIndex } from '../http/secrets.ts'
import type { AccountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Random } from '../kernel/random.ts'
import { addMs, type Instant } from '../kernel/time.ts'

/** Who signed in. What he may do is looked up whenever he does something: a session gives nothing that the configuration has taken away. */
export type Subject =
  | { readonly kind: 'user'; readonly account: AccountId; readonly user: string }
  | { readonly kind: 'key'; readonly account: AccountId; readonly credential: string }

/** Plain JSON, so that it can be kept. The secret is not in it. */
export interface Session {
  /** Names it, and opens nothing. */
  readonly id: string
  readonly subject: Subject
  readonly by: 'password' | 'key' | 'provider'
  /** Changes with what the sign-in rested on, such as the password. */
  readonly stamp: string
  readonly createdAt: Instant
  readonly seenAt: Instant
  /** However busy it is. */
  readonly endsAt: Instant
  readonly address: string
  readonly userAgent?: string
}

export interface SessionSettings {
  readonly idleMs: number
  readonly longestMs: number
}

/** What is known of a browser that signs in. */
export type SignIn = Pick<Session, 'subject' | 'by' | 'stamp' | 'address' | 'userAgent'>

interface Entry {
  session: Session
  readonly digest: Buffer
  writtenAt: Instant
}

/** Browsers that are signed in, by the digest of the secret that each has in its cookie. */
export class SessionStore {
  readonly #index = new SecretIndex<Entry>()
  /** By id, the least recently used first. */
  readonly #entries = new Map<string, Entry>()
  readonly #settings: SessionSettings
  readonly #random: Random
  readonly #memory: Memory<Session>

  constructor(settings: SessionSettings, random: Random, memory: Memory<Session> = forgetful('sessions')) {
    this.#settings = settings
    this.#random = random
    this.#memory = memory
    for (const [key, session] of memory.load()) this.#add({ session, digest: Buffer.from(key, 'base64url'), writtenAt: session.seenAt })
  }

  open(at: Instant, signIn: SignIn): { readonly secret: string; readonly session: Session } {
    const secret = this.#random.hex(32)
    const times = { createdAt: at, seenAt: at, endsAt: addMs(at, this.#settings.longestMs) }
    const entry = { session: { id: `ses_${this.#random.hex(8)}`, ...signIn, ...times }, digest: digest(secret), writtenAt: at }
    this.#makeRoom(signIn.subject)
    this.#add(entry)
    this.#write(entry)
    return { secret, session: entry.session }
  }

  /** That of this secret, which is thereby used. */
  use(at: Instant, secret: string): Session | undefined {
    const entry = this.#index.find(secret)
    if (entry === undefined || !this.#entries.has(entry.session.id)) return undefined
    if (this.isOver(at, entry.session)) {
      this.end(entry.session.id)
      return undefined
    }
    entry.session = { ...entry.session, seenAt: at }
    this.#entries.delete(entry.session.id)
    this.#entries.set(entry.session.id, entry)
    if (at - entry.writtenAt >= limits.sessionTouchMs) this.#write(entry)
    return entry.session
  }

  /** As long as a page of his is open, he is there: its stream says so. */
  touch(at: Instant, id: string): void {
    const entry = this.#entries.get(id)
    if (entry === undefined || this.isOver(at, entry.session)) return
    entry.session = { ...entry.session, seenAt: at }
    if (at - entry.writtenAt >= limits.sessionTouchMs) this.#write(entry)
  }

  /** Undefined where it is over. */
  get(at: Instant, id: string): Session | undefined {
    const session = this.#entries.get(id)?.session
    return session === undefined || this.isOver(at, session) ? undefined : session
  }

  /** The oldest first. */
  of(at: Instant, subject: Subject): readonly Session[] {
    const sessions = [...this.#entries.values()].map(({ session }) => session)
    const his = sessions.filter((session) => isSame(session.subject, subject) && !this.isOver(at, session))
    return his.toSorted((a, b) => a.createdAt - b.createdAt)
  }

  end(id: string): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    this.#entries.delete(id)
    this.#index.remove(entry.digest)
    this.#memory.remove(keyOf(entry))
  }

  expiresAt({ seenAt, endsAt }: Session): Instant {
    return Math.min(addMs(seenAt, this.#settings.idleMs), endsAt) as Instant
  }

  isOver(at: Instant, session: Session): boolean {
    return this.expiresAt(session) <= at
  }

  #add(entry: Entry): void {
    this.#index.add(entry.digest, entry)
    this.#entries.set(entry.session.id, entry)
  }

  #write(entry: Entry): void {
    entry.writtenAt = entry.session.seenAt
    this.#memory.put(keyOf(entry), entry.session, this.expiresAt(entry.session))
  }

  #makeRoom(subject: Subject): void {
    const all = [...this.#entries.values()].map(({ session }) => session)
    const his = all.filter((session) => isSame(session.subject, subject))
    for (const { id } of his.slice(0, Math.max(0, his.length + 1 - limits.sessionsPerPerson))) this.end(id)
    if (this.#entries.size >= limits.sessions && all[0] !== undefined) this.end(all[0].id)
  }
}

const keyOf = (entry: Entry): string => entry.digest.toString('base64url')

const isSame = (a: Subject, b: Subject): boolean =>
  a.account === b.account &&
  (a.kind === 'user' ? b.kind === 'user' && a.user === b.user : b.kind === 'key' && a.credential === b.credential)
