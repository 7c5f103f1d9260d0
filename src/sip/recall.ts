/** From what is remembered (memory.ts) to what lives. Text that cannot be read any more is nothing: `undefined`. */
import { tagOf } from './compose.ts'
import type { Dialog } from './dialog.ts'
import type { DialogMemory, FlowMemory } from './memory.ts'
import type { Message, NameAddr, Request, Response, Uri } from './message.ts'
import { parseNameAddr } from './name-addr.ts'
import { goingOnFrom } from './outgoing.ts'
import { parse } from './parser.ts'
import type { Flow } from './terms.ts'
import { datagramFlow, isStream, lostFlow } from './transport.ts'
import { parseUri } from './uri.ts'

/** A datagram flow works at once; a connection has died with its process. */
export const recalledFlow = (memory: FlowMemory): Flow =>
  isStream(memory.transport) ? lostFlow(memory) : datagramFlow(memory.local, memory.remote)

export function recalledDialog(memory: DialogMemory): Dialog | undefined {
  const { callId, remoteSequence, contactUser, served, flow } = memory
  const [local, remote, remoteTarget] = [recalledAddress(memory.local), recalledAddress(memory.remote), recalledUri(memory.remoteTarget)]
  const routeSet = recalledAddresses(memory.routeSet)
  if (local === undefined || remote === undefined || remoteTarget === undefined || routeSet === undefined) return undefined
  return {
    callId,
    contactUser,
    local,
    remote,
    routeSet,
    remoteTarget,
    remoteSequence,
    localTag: tagOf(local) ?? '',
    remoteTag: tagOf(remote) ?? '',
    localSequence: goingOnFrom(memory.localSequence),
    allows: new Set(memory.allows),
    supports: new Set(memory.supports),
    ...(flow !== undefined && { flow: recalledFlow(flow) }),
    ...(served !== undefined && { served }),
    ...(remoteSequence !== undefined && { repeatable: remoteSequence }),
  }
}

export function recalledAddresses(texts: readonly string[]): readonly NameAddr[] | undefined {
  const addresses = texts.map(recalledAddress)
  return addresses.every((address) => address !== undefined) ? addresses : undefined
}

export function recalledUri(text: string): Uri | undefined {
  const parsed = parseUri(text)
  return parsed.ok ? parsed.value : undefined
}

export function recalledRequest(text: string): Request | undefined {
  const message = recalledMessage(text)
  return message?.kind === 'request' ? message : undefined
}

export function recalledResponse(text: string): Response | undefined {
  const message = recalledMessage(text)
  return message?.kind === 'response' ? message : undefined
}

function recalledAddress(text: string): NameAddr | undefined {
  const parsed = parseNameAddr(text)
  return parsed.ok ? parsed.value : undefined
}

const encoder = new TextEncoder()

function recalledMessage(text: string): Message | undefined {
  const parsed = parse(encoder.encode(text))
  return parsed.ok ? parsed.value : undefined
}
