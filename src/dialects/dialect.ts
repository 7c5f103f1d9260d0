/** What a dialect is: a vendor's API as a thin translation onto the desk. It owns no state; what must be kept is kept by the desk, the directory or `House`. */
import type { TObject } from 'typebox'
import type { Refusal, RefusalCode } from '../call/refusal.ts'
import type { CallerRole, FrontDesk } from '../control/command.ts'
import type { BegunOrder } from '../control/order-name.ts'
import type { RecordingShelf } from '../control/recordings.ts'
import type { Directory } from '../directory/directory.ts'
import type { DialectName, DialectSettings } from '../directory/settings.ts'
import type { Answer } from '../http/answer.ts'
import type { Idempotency } from '../http/idempotency.ts'
import type { LoginLock } from '../http/login-lock.ts'
import type { Refused } from '../http/refused.ts'
import type { Log } from '../kernel/log.ts'
import type { Outcome } from '../kernel/outcome.ts'
import type { Random } from '../kernel/random.ts'
import type { Instant } from '../kernel/time.ts'
import type { Courier } from './courier.ts'
import type { Holder } from './holder.ts'
import type { SubscriptionBook } from './subscriptions.ts'
import type { TokenBook } from './tokens.ts'

/** The head of a request, as every dialect sees it. */
export interface Sent {
  readonly at: Instant
  readonly requestId: string
  readonly method: string
  /** The path as it was sent, decoded, without empty segments and without the prefix under which the dialect is mounted (W1, W3). */
  readonly segments: readonly string[]
  /** Form-decoded; the first of a repeated name (W5). A raw `+` is a space here (W6). */
  readonly query: Readonly<Record<string, string>>
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The address of the client. */
  readonly source: string
  /** Where links begin: the public URL and the prefix, without a slash at the end. */
  readonly base: string
  /** Undefined where no route matches. */
  readonly route: DialectRoute | undefined
}

/** A request whose credential has been checked. */
export interface Ask extends Sent {
  readonly params: Readonly<Record<string, string>>
  /** Undefined where the body is empty (W8). At most `limits.httpBodyBytes`. */
  readonly body: Buffer | undefined
  /** Whose token or key it was. Reading it on an `open` route is a bug and throws. */
  readonly holder: Holder
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface DialectRoute {
  /** `operationId` of the OpenAPI document. */
  readonly id: string
  readonly summary: string
  readonly tier: 'must' | 'should' | 'later'
  readonly method: Method
  /** Canonical, with parameters: `/uapi/phoneCalls/:user/:extension/:call`. Aliases are the business of `place`. A literal wins over a parameter. */
  readonly path: string
  /** Needs no credential. */
  readonly open?: true
  /** Roles that may; `undefined` = everybody with a credential. Checked after the body was read, where `readsBodyFirst` is not said otherwise. */
  readonly roles?: readonly CallerRole[]
  /** For the OpenAPI document. */
  readonly query?: TObject
  readonly body?: TObject
  readonly bodyTypes?: readonly string[]
  readonly answers?: { readonly status: number; readonly description: string; readonly schema?: object; readonly type?: string }
  readonly refusals: readonly RefusalCode[]
  /** May throw `Refused`. */
  readonly handle: (ask: Ask) => Answer | Promise<Answer>
}

export interface Dialect {
  readonly name: DialectName
  /** For people: "4PSA VoipNow UnifiedAPI". */
  readonly title: string
  /** The canonical path of a path that belongs to this dialect by W2, else undefined. `hosted`: the host or a prefix has chosen the dialect already. */
  place(segments: readonly string[], hosted: boolean): readonly string[] | undefined
  readonly routes: readonly DialectRoute[]
  /** How clients spell the path of a route, where that is not as it stands there; for the OpenAPI document. */
  documented?(path: string): string
  /** Checks the credential, before the body is read (W7). */
  identify(sent: Sent): Outcome<Holder, Refusal>
  /** Where there is no route, whether to say so without a credential, as for paths of logins. */
  isOpen?(segments: readonly string[]): boolean
  /** The dialect's own form of a refusal. Total: never throws. */
  refuse(refused: Refused, sent: Sent): Answer
  /** Headers of every answer, spelt so. */
  readonly headers?: Readonly<Record<string, string>>
  /** The answer to OPTIONS, where the dialect has one. */
  options?(sent: Sent): Answer
  /** Begins to send events out; the returned function ends it. */
  start?(): () => void
}

/** Everything that a dialect needs from the rest of the server. */
export interface House {
  readonly desk: FrontDesk
  /** As those find it whom their account tells nothing of supervision: for events that go to agents' credentials. */
  readonly untoldDesk: FrontDesk
  readonly directory: Directory
  readonly clock: () => Instant
  readonly random: Random
  readonly log: Log
  readonly publicUrl: string
  /** The SIP domain. */
  readonly realm: string
  readonly version: string
  readonly settings: DialectSettings
  readonly tokens: TokenBook
  readonly subscriptions: SubscriptionBook
  readonly courier: Courier
  readonly shelf: RecordingShelf
  readonly idempotency: Idempotency
  /** Orders that the process before us began. */
  readonly earlierOrder?: (name: string) => BegunOrder | undefined
  readonly loginLock: LoginLock
}
