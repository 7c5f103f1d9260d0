import type { LegId } from '../kernel/ids.ts'
import type { Dialog, DialogId } from './dialog.ts'
import { dialogKey } from './dialog.ts'

export interface DialogEntry<Session> {
  readonly session: Session
  readonly dialog: Dialog
}

/**
 * Sessions by their id, by each of their dialogs, early ones included, and by the INVITE that they wait to answer.
 * Whoever gets one from here may change it: what must be remembered of it is looked at again.
 */
export class SessionTable<Session extends { readonly id: LegId }, Invite extends object> {
  readonly #sessions = new Map<LegId, Session>()
  readonly #dialogs = new Map<string, DialogEntry<Session>>()
  readonly #offers = new WeakMap<Invite, Session>()
  readonly #touched = new Set<Session>()
  /** INVITEs that made sessions of an earlier process. */
  readonly #inherited = new Set<string>()

  get size(): number {
    return this.#sessions.size
  }

  get dialogs(): number {
    return this.#dialogs.size
  }

  get(id: LegId): Session | undefined {
    return this.#touchedOne(this.#sessions.get(id))
  }

  ids(): Iterable<LegId> {
    return this.#sessions.keys()
  }

  add(session: Session): void {
    this.#sessions.set(session.id, session)
    this.touch(session)
  }

  remove(session: Session): void {
    this.#sessions.delete(session.id)
    this.touch(session)
  }

  find(id: DialogId): DialogEntry<Session> | undefined {
    const entry = this.#dialogs.get(dialogKey(id))
    this.#touchedOne(entry?.session)
    return entry
  }

  bind(session: Session, dialog: Dialog): void {
    this.#dialogs.set(dialogKey(dialog), { session, dialog })
  }

  unbind(dialog: Dialog | undefined): void {
    if (dialog === undefined) return
    this.#dialogs.delete(dialogKey(dialog))
    this.#inherited.delete(inviteKey(dialog.callId, dialog.remoteTag))
  }

  offeredBy(invite: Invite): Session | undefined {
    return this.#touchedOne(this.#offers.get(invite))
  }

  /** Its INVITE may be delivered once more, and there is no transaction any longer to absorb it. */
  inherit({ callId, remoteTag }: Dialog): void {
    this.#inherited.add(inviteKey(callId, remoteTag))
  }

  isInherited(callId: string, fromTag: string): boolean {
    return this.#inherited.has(inviteKey(callId, fromTag))
  }

  touch(session: Session): void {
    this.#touched.add(session)
  }

  takeTouched(): readonly Session[] {
    const touched = [...this.#touched]
    this.#touched.clear()
    return touched
  }

  #touchedOne(session: Session | undefined): Session | undefined {
    if (session !== undefined) this.#touched.add(session)
    return session
  }

  addOffer(session: Session, invite: Invite): void {
    this.#offers.set(invite, session)
  }
}

const inviteKey = (callId: string, fromTag: string): string => `${callId} ${fromTag}`
