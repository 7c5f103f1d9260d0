import type { LegId } from '../kernel/ids.ts'
import type { Dialog, DialogId } from './dialog.ts'
import { dialogKey } from './dialog.ts'

export interface DialogEntry<Session> {
  readonly session: Session
  readonly dialog: Dialog
}

/** Sessions by their id, by each of their dialogs, early ones included, and by the INVITE that they wait to answer. */
export class SessionTable<Session extends { readonly id: LegId }, Invite extends object> {
  readonly #sessions = new Map<LegId, Session>()
  readonly #dialogs = new Map<string, DialogEntry<Session>>()
  readonly #offers = new WeakMap<Invite, Session>()

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

  find(id: DialogId): DialogEntry<Session> | undefined {
    return this.#dialogs.get(dialogKey(id))
  }

  bind(session: Session, dialog: Dialog): void {
    this.#dialogs.set(dialogKey(dialog), { session, dialog })
  }

  unbind(dialog: Dialog | undefined): void {
    if (dialog !== undefined) this.#dialogs.delete(dialogKey(dialog))
  }

  offeredBy(invite: Invite): Session | undefined {
    return this.#offers.get(invite)
  }

  addOffer(session: Session, invite: Invite): void {
    this.#offers.set(invite, session)
  }
}
