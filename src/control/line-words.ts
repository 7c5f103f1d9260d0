/** Lines as programs see them: audio connections of browsers, by which a supervisor takes part without a phone. */
import type { Refusal } from '../call/refusal.ts'
import type { LineState } from '../engine/port.ts'
import type { CallId, LineId, SupervisionId } from '../kernel/ids.ts'
import type { Outcome } from '../kernel/outcome.ts'
import type { Instant } from '../kernel/time.ts'
import type { Caller } from './caller.ts'

export interface LineView {
  readonly id: LineId
  readonly state: LineState
  readonly label?: string
  readonly user?: string
  readonly createdAt: Instant
  /** By which it takes part in `call`; absent where its owner has taken the call over. */
  readonly supervision?: SupervisionId
  readonly call?: CallId
  /** The user or the credential that alone may use it; no API shows it. */
  readonly owner: string
}

/** A line, and our answer to the offer that opened or renewed it: a whole session description. */
export interface DescribedLine {
  readonly line: LineView
  readonly answer: string
}

/** Lines belong to whoever opened them; to all others they do not exist. */
export interface LineDesk {
  open(caller: Caller, wish: { readonly offer: string; readonly label?: string }): Promise<Outcome<DescribedLine, Refusal>>
  /** A new connection for the same line: what it is attached to goes on over it. */
  renew(caller: Caller, id: LineId, offer: string): Promise<Outcome<DescribedLine, Refusal>>
  /** Whatever it was attached to ends. */
  close(caller: Caller, id: LineId): Promise<Outcome<LineView, Refusal>>
  /** The oldest first. */
  list(caller: Caller): readonly LineView[]
  get(caller: Caller, id: LineId): LineView | undefined
}

/** The user, on whatever device he is signed in; a credential without one stands for itself. */
export const ownerOf = ({ user, credential, via }: Caller): string =>
  user === undefined ? `key ${credential ?? via ?? ''}` : `user ${user}`
