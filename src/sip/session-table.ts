import type { LegId } from '../kernel/ids.ts'
import type { Dialog, DialogId } from './dialog.ts'
import { dialogKey } from './dialog.ts'
import type { Serving, Session } from './session.ts'

export interface DialogEntry {
  readonly session: Session
  readonly dialog: Dialog
}

/** Sessions by their id, and by each of their dialogs, early ones included. */
export class SessionTable {
  readonly #sessions = new Map<LegId, Session>()
  readonly #dialogs = new Map<string, DialogEntry>()
  readonly #offers = new WeakMap<Serving, Session>()

  get size(): number {
    return this.#sessions.size
  }

  get dialogs(): number {
    return this.#dialogs.size
  }

  get(id: LegId): Session | undefined {
    return this.#sessions.get(id)
  }

  add(session: Session): void {
    this.#sessions.set(session.id, session)
  }

  remove(session: Session): void {
    this.#sessions.delete(session.id)
  }

  find(id: DialogId): DialogEntry | undefined {
    return this.#dialogs.get(dialogKey(id))
  }

  /** The session of an INVITE that has no final response yet. */
  offeredBy(invite: Serving): Session | undefined {
    return this.#offers.get(invite)
  }

  addOffer(session: Session, invite: Serving): void {
    this.#offers.set(invite, session)
  }

  bind(session: Session, dialog: Dialog): void {
    this.#dialogs.set(dialogKey(dialog), { session, dialog })
  }

  unbind(dialog: Dialog | undefined): void {
    if (dialog !== undefined) this.#dialogs.delete(dialogKey(dialog))
  }
}
