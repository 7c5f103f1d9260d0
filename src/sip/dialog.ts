import type { Draft } from './compose.ts'
import { tagOf, withTag } from './compose.ts'
import type { Flow } from './door.ts'
import { parseRetryAfter } from './headers.ts'
import type { Served } from './memory.ts'
import type { Header, NameAddr, Request, Response, SipUri, Uri } from './message.ts'
import { header, headers } from './message.ts'
import { formatNameAddr, parseNameAddrs } from './name-addr.ts'
import { listed } from './options.ts'
import type { Plan, Sequence } from './outgoing.ts'

/** RFC 3261 §12: what the two ends of a dialog agree on. */
export interface Dialog {
  readonly callId: string
  readonly local: NameAddr
  readonly remote: NameAddr
  readonly localTag: string
  readonly remoteTag: string
  readonly routeSet: readonly NameAddr[]
  readonly localSequence: Sequence
  remoteSequence: number | undefined
  remoteTarget: Uri
  /** Where the far end's requests came from last; requests to a phone go there, since its Contact may be of a private network. */
  flow?: Flow
  /** Methods in the far end's Allow; empty until it sent one. */
  allows: ReadonlySet<string>
  supports: ReadonlySet<string>
  readonly contactUser: string
  /** The far end's last request that has its final response. */
  served?: Served
  /** Its last request before our process died, which it may send again without having got our response. */
  repeatable?: number
}

export interface DialogId {
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
}

export const dialogKey = (id: DialogId): string => `${id.callId} ${id.localTag} ${id.remoteTag}`

/** RFC 3261 §12.2.2: a request's To tag is ours. An absent tag of the far end counts as null (§12.1.1). */
export const dialogIdOf = (request: Request): DialogId => ({
  callId: request.callId,
  localTag: tagOf(request.to) ?? '',
  remoteTag: tagOf(request.from) ?? '',
})

/** RFC 3261 §12.1.1: the dialog that our response to an INVITE creates. */
export function dialogOfRequest(
  request: Request,
  own: { readonly tag: string; readonly contactUser: string; readonly flow?: Flow },
): Dialog {
  return {
    callId: request.callId,
    local: withTag(request.to, own.tag),
    remote: request.from,
    localTag: own.tag,
    remoteTag: tagOf(request.from) ?? '',
    routeSet: routes(request),
    localSequence: { last: 0 },
    remoteSequence: request.cseq.number,
    remoteTarget: contactUri(request) ?? request.from.uri,
    ...(own.flow !== undefined && { flow: own.flow }),
    allows: listed(request, 'Allow'),
    supports: listed(request, 'Supported'),
    contactUser: own.contactUser,
  }
}

/** RFC 3261 §12.1.2: the dialog that a response to our INVITE creates. */
export function dialogOfResponse(
  response: Response,
  own: { readonly sequence: Sequence; readonly contactUser: string; readonly flow?: Flow; readonly target: Uri },
): Dialog {
  return {
    callId: response.callId,
    local: response.from,
    remote: response.to,
    localTag: tagOf(response.from) ?? '',
    remoteTag: tagOf(response.to) ?? '',
    routeSet: [...routes(response)].reverse(),
    localSequence: own.sequence,
    remoteSequence: undefined,
    remoteTarget: contactUri(response) ?? own.target,
    ...(own.flow !== undefined && { flow: own.flow }),
    allows: listed(response, 'Allow'),
    supports: listed(response, 'Supported'),
    contactUser: own.contactUser,
  }
}

/** RFC 3261 §12.2.1.2: the Contact of a target refresh moves the far end; Allow and Supported may change with it. */
export function refreshTarget(dialog: Dialog, message: Request | Response): void {
  dialog.remoteTarget = contactUri(message) ?? dialog.remoteTarget
  if (header(message, 'Allow') !== undefined) dialog.allows = listed(message, 'Allow')
  if (header(message, 'Supported') !== undefined) dialog.supports = listed(message, 'Supported')
}

/** RFC 3261 §12.2.2: a number that does not grow belongs to a request that came out of order. */
export function inOrder(dialog: Dialog, request: Request): boolean {
  if (dialog.remoteSequence !== undefined && request.cseq.number <= dialog.remoteSequence) return false
  dialog.remoteSequence = request.cseq.number
  return true
}

export interface DialogRequest<Purpose> {
  readonly purpose: Purpose
  readonly method: string
  readonly headers?: readonly Header[]
  readonly body?: { readonly type: string; readonly text: string }
  /** INVITE and UPDATE tell our Contact again, as SUBSCRIBE-like ones must. */
  readonly withContact?: boolean
  readonly number?: number
}

/** RFC 3261 §12.2.1.1, loose and strict routing. */
export function planInDialog<Purpose>(dialog: Dialog, request: DialogRequest<Purpose>): Plan<Purpose> {
  const { uri, routeSet } = routed(dialog)
  const draft: Draft = {
    method: request.method,
    uri,
    from: dialog.local,
    to: dialog.remote,
    callId: dialog.callId,
    headers: [...routeSet.map((route) => ({ name: 'Route', value: formatNameAddr(route) })), ...(request.headers ?? [])],
    ...(request.body !== undefined && { body: request.body }),
    ...(request.withContact && { contactUser: dialog.contactUser }),
  }
  return {
    purpose: request.purpose,
    draft,
    sequence: dialog.localSequence,
    ...(request.number !== undefined && { number: request.number }),
    route: { uri: sipUriOf(dialog.routeSet[0]?.uri ?? uri), ...(dialog.flow !== undefined && { flow: dialog.flow }) },
  }
}

/** A strict router (without `lr`) wants itself in the Request-URI and the target at the end of Route; it is also the next hop. */
function routed(dialog: Dialog): { readonly uri: Uri; readonly routeSet: readonly NameAddr[] } {
  const [first, ...rest] = dialog.routeSet
  if (first === undefined || first.uri.scheme === 'other' || first.uri.params.has('lr'))
    return { uri: dialog.remoteTarget, routeSet: dialog.routeSet }
  return { uri: first.uri, routeSet: [...rest, { uri: dialog.remoteTarget, params: new Map() }] }
}

const nowhere: SipUri = { scheme: 'sip', host: 'invalid', params: new Map(), headers: new Map() }

/** A target that is no SIP URI leads nowhere; the request then fails with 503. */
const sipUriOf = (uri: Uri): SipUri => (uri.scheme === 'sip' || uri.scheme === 'sips' ? uri : nowhere)

function routes(message: Request | Response): readonly NameAddr[] {
  return headers(message, 'Record-Route').flatMap((value) => {
    const parsed = parseNameAddrs(value)
    return parsed.ok ? parsed.value : []
  })
}

export function contactUri(message: Request | Response): Uri | undefined {
  const value = header(message, 'Contact')
  const parsed = value === undefined ? undefined : parseNameAddrs(value)
  return parsed?.ok ? parsed.value[0]?.uri : undefined
}

/** Seconds to wait as a 500 or 491 asks, in milliseconds. */
export function retryAfterMs(response: Response): number | undefined {
  const parsed = parseRetryAfter(header(response, 'Retry-After') ?? '')
  return parsed.ok ? parsed.value * 1000 : undefined
}
