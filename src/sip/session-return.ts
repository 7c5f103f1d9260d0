/** Phones that come back by a new connection, theirs having died with an earlier process: what waits for them goes out by it. */
import type { AccountId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import type { Dialog } from './dialog.ts'
import { extensionKey } from './identities.ts'
import type { Core, Session } from './session.ts'
import { wayTo } from './session-basics.ts'
import type { Flow } from './terms.ts'
import { isLost } from './transport.ts'

/** Our final response to its INVITE has no way to the phone. */
export function owe(core: Core, session: Session): void {
  if (session.peer.kind !== 'extension') return
  core.owed.add(extensionKey(session.peer), session)
}

/** It has registered anew. */
export function phoneRegistered(core: Core, at: Instant, phone: { readonly account: AccountId; readonly number: string }): void {
  const key = extensionKey(phone)
  for (const session of core.owed.of(key)) {
    const flow = session.dialog === undefined ? undefined : wayTo(core, phone, session.dialog.remoteTarget)
    if (flow !== undefined) settle(core, key, session, flow)
  }
  core.requester.returned(at, key, ({ draft }) => wayTo(core, phone, draft.uri))
}

/** It has sent a request within the dialog. */
export function phoneHeard(
  core: Core,
  at: Instant,
  session: Session,
  { dialog, flow }: { readonly dialog: Dialog; readonly flow: Flow },
): void {
  if (session.peer.kind !== 'extension') return
  const wasLost = dialog.flow !== undefined && isLost(dialog.flow)
  dialog.flow = flow
  if (!wasLost) return
  const key = extensionKey(session.peer)
  if (core.owed.has(key, session)) settle(core, key, session, flow)
  core.requester.returned(at, key, ({ draft }) => (draft.callId === dialog.callId ? flow : undefined))
}

function settle(core: Core, key: string, session: Session, flow: Flow): void {
  core.owed.delete(key, session)
  const { inviting } = session
  if (inviting === undefined || !isLost(inviting.flow)) return
  core.requester.transactions.moveTo(inviting, flow)
  core.requester.transactions.repeat(inviting)
}
