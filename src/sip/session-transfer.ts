/** REFER within a dialog (RFC 3515, RFC 3891, RFC 4488): the far end asks that its partner be connected elsewhere. */

import type { LegId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import { addMs } from '../kernel/time.ts'
import { respondTo } from './compose.ts'
import type { Replaces } from './headers.ts'
import { parseReplaces } from './headers.ts'
import type { Header, NameAddr, Request } from './message.ts'
import { header, headers } from './message.ts'
import { parseNameAddr } from './name-addr.ts'
import { listed } from './options.ts'
import { reasonPhrase } from './reasons.ts'
import type { Core, Session, Transfer } from './session.ts'
import { dialogHeaders, ownUser, refuse, request, respond, setAlarm } from './session-basics.ts'
import type { Received } from './session-offer.ts'

export function referred(core: Core, at: Instant, session: Session, received: Received): void {
  const refusal = refusalOf(session, received.request)
  const target = referTo(received.request)
  if (refusal !== undefined || target === undefined) return refuse(core, at, received, refusal ?? 400)
  const user = target.uri.scheme === 'tel' ? target.uri.number : target.uri.scheme === 'other' ? undefined : target.uri.user
  if (user === undefined) return refuse(core, at, received, target.uri.scheme === 'other' ? 416 : 404)
  if (!asksForInvite(target)) return refuse(core, at, received, 403)
  const named = replacedBy(core, session, target)
  if (named.kind === 'unknown') return refuse(core, at, received, 481)
  const transfer = transferOf(core, session, received)
  session.transfers.push(transfer)
  setAlarm(core, session, 'transfer', addMs(at, limits.sipDecisionMs))
  const replaces = named.kind === 'session' ? { replaces: named.session } : {}
  core.outbox.event({ kind: 'transferRequested', session: session.id, transferId: transfer.id, target: user, ...replaces })
}

/** RFC 3515 §2.4.2: exactly one Refer-To. */
function refusalOf(session: Session, refer: Request): number | undefined {
  if (headers(refer, 'Refer-To').length !== 1) return 400
  if (session.state !== 'established') return 491
  return session.transfers.length >= limits.sipTransfersPerSession ? 503 : undefined
}

function referTo(refer: Request): NameAddr | undefined {
  const parsed = parseNameAddr(header(refer, 'Refer-To') ?? '')
  return parsed.ok ? parsed.value : undefined
}

/** RFC 3515 §2.4.2 lets a REFER ask for any method; here one is carried out, and it would be wrong to call whom a phone wants a BYE sent to. */
function asksForInvite({ uri }: NameAddr): boolean {
  const method = uri.scheme === 'sip' || uri.scheme === 'sips' ? uri.params.get('method') : undefined
  return method === undefined || method === 'INVITE'
}

function transferOf(core: Core, session: Session, received: Received): Transfer {
  const wantsNone =
    (header(received.request, 'Refer-Sub') ?? '').toLowerCase().startsWith('false') || listed(received.request, 'Require').has('norefersub')
  const isFirst = session.referrals === 0
  session.referrals += 1
  return {
    id: core.random.hex(8),
    notifies: !wantsNone,
    asked: received,
    ...(!isFirst && { eventId: received.request.cseq.number }),
  }
}

type Replaced = { readonly kind: 'nobody' } | { readonly kind: 'unknown' } | { readonly kind: 'session'; readonly session: LegId }

function replacedBy(core: Core, session: Session, target: NameAddr): Replaced {
  if (target.uri.scheme === 'tel' || target.uri.scheme === 'other') return { kind: 'nobody' }
  const value = [...target.uri.headers].find(([name]) => name.toLowerCase() === 'replaces')?.[1]
  if (value === undefined) return { kind: 'nobody' }
  const parsed = parseReplaces(value)
  const found = parsed.ok ? replacedSession(core, parsed.value) : undefined
  return found === undefined || found.peer.account !== session.peer.account ? { kind: 'unknown' } : { kind: 'session', session: found.id }
}

/**
 * RFC 3891 §3 names the dialog from the side of whoever is to match it: `to-tag` is ours. Phones that refer us to a dialog with us are known
 * to write it from their own side, too; the tags are unguessable, so either order proves the same.
 */
export function replacedSession(core: Core, { callId, toTag, fromTag }: Replaces): Session | undefined {
  const found =
    core.sessions.find({ callId, localTag: toTag, remoteTag: fromTag }) ??
    core.sessions.find({ callId, localTag: fromTag, remoteTag: toTag })
  return found?.session
}

export function acceptTransfer(core: Core, at: Instant, session: Session, id: string): void {
  const transfer = session.transfers.find((t) => t.id === id)
  const asked = transfer?.asked
  if (transfer === undefined || asked === undefined) return
  delete transfer.asked
  const own = dialogHeaders(core, asked.transaction.flow, ownUser)
  const sub: readonly Header[] = transfer.notifies ? [] : [{ name: 'Refer-Sub', value: 'false' }]
  respond(core, at, asked.transaction, respondTo(asked.request, 202, { headers: [...own, ...sub] }))
  if (transfer.notifies) notify(core, at, session, { transfer, status: 100 })
}

export function refuseTransfer(core: Core, at: Instant, session: Session, refused: { readonly id: string; readonly status: number }): void {
  const transfer = session.transfers.find((t) => t.id === refused.id)
  if (transfer?.asked === undefined) return
  session.transfers.splice(session.transfers.indexOf(transfer), 1)
  refuse(core, at, transfer.asked, refused.status)
}

/** A final status ends the subscription (RFC 3515 §2.4.7). */
export function transferProgress(
  core: Core,
  at: Instant,
  session: Session,
  progress: { readonly id: string; readonly status: number },
): void {
  const transfer = session.transfers.find((t) => t.id === progress.id)
  if (transfer === undefined || transfer.asked !== undefined) return
  if (progress.status >= 200) session.transfers.splice(session.transfers.indexOf(transfer), 1)
  if (transfer.notifies) notify(core, at, session, { transfer, status: progress.status })
}

function notify(core: Core, at: Instant, session: Session, { transfer, status }: { transfer: Transfer; status: number }): void {
  if (session.dialog === undefined || session.state !== 'established') return
  const id = transfer.eventId === undefined ? '' : `;id=${transfer.eventId}`
  request(core, at, session, session.dialog, {
    purpose: { kind: 'notify', session },
    method: 'NOTIFY',
    withContact: true,
    headers: [
      { name: 'Event', value: `refer${id}` },
      { name: 'Subscription-State', value: status < 200 ? 'active;expires=180' : 'terminated;reason=noresource' },
    ],
    body: { type: 'message/sipfrag;version=2.0', text: `SIP/2.0 ${status} ${reasonPhrase(status)}\r\n` },
  })
}

/** Nobody above decided; the far end's own transaction would time out soon. */
export function transferUndecided(core: Core, at: Instant, session: Session): void {
  for (const transfer of session.transfers.filter((t) => t.asked !== undefined))
    refuseTransfer(core, at, session, { id: transfer.id, status: 500 })
}
