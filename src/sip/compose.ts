/** Requests and responses from their parts. Nothing of the far end passes through raw: what is not named here is not sent. */
import { parseContentType } from './headers.ts'
import type { Header, NameAddr, Request, Response, Uri } from './message.ts'
import { headers } from './message.ts'
import { partOf } from './multipart.ts'
import { reasonPhrase } from './reasons.ts'

export interface ResponseParts {
  readonly reason?: string
  readonly headers?: readonly Header[]
  readonly body?: { readonly type: string; readonly text: string }
  /** Our tag; ignored where the request's To has one. Every response but 100 needs one (RFC 3261 §8.2.6.2). */
  readonly toTag?: string
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const nothing = new Uint8Array()

export const sdpType = 'application/sdp'

export const textOf = (body: Uint8Array): string => decoder.decode(body)

export const bodyBytes = (body: { readonly text: string } | undefined): Uint8Array =>
  body === undefined ? nothing : encoder.encode(body.text)

const contentType = (body: { readonly type: string } | undefined): readonly Header[] =>
  body === undefined ? [] : [{ name: 'Content-Type', value: body.type }]

export function respondTo(
  request: Pick<Request, 'via' | 'from' | 'to' | 'callId' | 'cseq'>,
  status: number,
  parts: ResponseParts = {},
): Response {
  return {
    kind: 'response',
    status,
    reason: parts.reason ?? reasonPhrase(status),
    via: request.via,
    from: request.from,
    to: parts.toTag === undefined || request.to.params.has('tag') ? request.to : withTag(request.to, parts.toTag),
    callId: request.callId,
    cseq: request.cseq,
    headers: [...(parts.headers ?? []), ...contentType(parts.body)],
    body: bodyBytes(parts.body),
  }
}

/** A request before it is known by which flow it leaves: Via, and Contact if wanted, come with the flow. */
export interface Draft {
  readonly method: string
  readonly uri: Uri
  readonly from: NameAddr
  readonly to: NameAddr
  readonly callId: string
  readonly headers: readonly Header[]
  readonly body?: { readonly type: string; readonly text: string }
  /** User part of our Contact; absent: no Contact. */
  readonly contactUser?: string
}

export function requestFrom(draft: Draft, sequence: number, own: { readonly via: Request['via']; readonly contact?: string }): Request {
  const contact = own.contact === undefined ? [] : [{ name: 'Contact', value: own.contact }]
  return {
    kind: 'request',
    method: draft.method,
    uri: draft.uri,
    maxForwards: 70,
    via: own.via,
    from: draft.from,
    to: draft.to,
    callId: draft.callId,
    cseq: { number: sequence, method: draft.method },
    headers: [...contact, ...draft.headers, ...contentType(draft.body)],
    body: bodyBytes(draft.body),
  }
}

export function withTag(address: NameAddr, tag: string): NameAddr {
  return { ...address, params: new Map([...address.params, ['tag', tag]]) }
}

export const tagOf = (address: NameAddr): string | undefined => address.params.get('tag')

/** Copies header lines into a response, as Record-Route must be (RFC 3261 §12.1.1). */
export const copied = (message: Request | Response, name: string): readonly Header[] =>
  headers(message, name).map((value) => ({ name, value }))

/** The description in a message, if it has one; other bodies are not for us. */
export function sdpOf(message: Pick<Request, 'headers' | 'body'>): string | undefined {
  if (message.body.length === 0) return undefined
  const type = parseContentType(message.headers.find((h) => h.name === 'Content-Type')?.value ?? '')
  if (!type.ok) return undefined
  return type.value.type === sdpType ? textOf(message.body) : partOf(textOf(message.body), type.value, sdpType)
}
