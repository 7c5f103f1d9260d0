/** From what lives to what is remembered of it (memory.ts). Text that cannot change is made once. */
import type { Dialog } from './dialog.ts'
import type { DialogMemory, OurInvite, SessionMemory, TheirInvite, TimerMemory } from './memory.ts'
import { memoryVersion } from './memory.ts'
import type { NameAddr, Request, Uri } from './message.ts'
import { formatNameAddr } from './name-addr.ts'
import { flowMemory, once } from './once.ts'
import { reservedUpTo } from './outgoing.ts'
import type { Session, Transfer } from './session.ts'
import type { Flow } from './terms.ts'
import { formatUri } from './uri.ts'
import { write } from './writer.ts'

/** `undefined`: nobody waits for anything of it any more. */
export function remembered(session: Session): SessionMemory | undefined {
  const open = openRequests(session)
  const { id, direction, peer, state } = session
  const common = { kind: 'sip-session', version: memoryVersion, id, direction, peer, state, ...open } as const
  if (state === 'ended') return Object.keys(open).length === 0 ? undefined : common
  return { ...common, ...standing(session) }
}

/** What the far end is owed, which may outlive the session. */
function openRequests(session: Session): Pick<SessionMemory, 'theirs' | 'ours' | 'farewells'> {
  const theirs = theirInvite(session)
  const ours = session.forks.flatMap(({ outgoing }) => {
    const transaction = outgoing?.state === 'sent' ? outgoing.transaction : undefined
    return transaction === undefined ? [] : [ourInvite(transaction)]
  })
  const farewells = [...session.farewells].map(([dialog, cause]) => ({ dialog: dialogMemory(dialog), cause }))
  return { ...(theirs !== undefined && { theirs }), ...(ours.length > 0 && { ours }), ...(farewells.length > 0 && { farewells }) }
}

function standing(session: Session): Partial<SessionMemory> {
  const { dialog, localSdp, acknowledged, lateCause, referrals } = session
  const timer = timerMemory(session)
  const transfers = session.transfers.filter((transfer) => transfer.asked === undefined).map(transferMemory)
  return {
    ...(dialog !== undefined && { dialog: dialogMemory(dialog) }),
    ...(localSdp !== undefined && { description: localSdp }),
    ...(timer !== undefined && { timer }),
    ...(referrals > 0 && { referrals }),
    ...(transfers.length > 0 && { transfers }),
    ...(acknowledged !== undefined && { acknowledged }),
    ...(lateCause !== undefined && { lateCause }),
  }
}

const transferMemory = ({ id, notifies, eventId }: Transfer) => ({ id, notifies, ...(eventId !== undefined && { eventId }) })

function timerMemory({ timer, alarms }: Session): TimerMemory | undefined {
  const expireAt = alarms.get('expire')?.at
  const refreshAt = alarms.get('refresh')?.at
  if (timer === undefined || expireAt === undefined) return undefined
  return { ...timer, expireAt, ...(refreshAt !== undefined && { refreshAt }) }
}

function dialogMemory(dialog: Dialog): DialogMemory {
  const { callId, remoteSequence, flow, contactUser, served } = dialog
  return {
    callId,
    contactUser,
    local: addressText(dialog.local),
    remote: addressText(dialog.remote),
    routeSet: addressTexts(dialog.routeSet),
    localSequence: reservedUpTo(dialog.localSequence),
    remoteTarget: uriText(dialog.remoteTarget),
    allows: listOf(dialog.allows),
    supports: listOf(dialog.supports),
    ...(remoteSequence !== undefined && { remoteSequence }),
    ...(flow !== undefined && { flow: flowMemory(flow) }),
    ...(served !== undefined && { served }),
  }
}

/** Absent once the far end has acknowledged, or was given up. */
function theirInvite({ inviting, unacknowledged }: Session): TheirInvite | undefined {
  if (inviting === undefined) return undefined
  const { state, request, flow, bytes } = inviting
  const isAwaited = state === 'proceeding' || state === 'completed' || unacknowledged?.transaction === inviting
  if (!isAwaited) return undefined
  const open = { request: headText(request), flow: flowMemory(flow) }
  if (state === 'proceeding' || bytes === undefined) return open
  return { ...open, response: bytesText(bytes), ...(unacknowledged?.delayed === true && { delayed: true }) }
}

const ourInvite = ({ request, flow }: { readonly request: Request; readonly flow: Flow }): OurInvite => ({
  request: headText(request),
  flow: flowMemory(flow),
})

const decoder = new TextDecoder()
const nothing = new Uint8Array()

const addressText = once<NameAddr, string>(formatNameAddr)
const addressTexts = once<readonly NameAddr[], readonly string[]>((addresses) => addresses.map(addressText))
const uriText = once<Uri, string>(formatUri)
const listOf = once<ReadonlySet<string>, readonly string[]>((names) => [...names])
const bytesText = once<Uint8Array, string>((bytes) => decoder.decode(bytes))

/** Of all that a response, an ACK of a failure or a CANCEL repeats, Route is the one header that stays text. */
const headText = once<Request, string>((request) => {
  const headers = request.headers.filter(({ name }) => name === 'Route' || name === 'Record-Route')
  return decoder.decode(write({ ...request, headers, body: nothing }))
})
