/** By what a message is told to belong to a transaction (RFC 3261 §17.1.3, §17.2.3). */
import type { Request, Response } from './message.ts'
import { headers } from './message.ts'
import { isModernBranch } from './transport.ts'

export const branchOf = (message: Request | Response): string => message.via[0]?.params.get('branch') ?? ''

export const clientKey = (branch: string, method: string): string => `${branch} ${method}`

/** RFC 3261 §17.2.3, both ways of matching: by branch, and for elements of RFC 2543 by all that a retransmission repeats. */
export function serverKey(request: Request, method: string): string {
  const matched = method === 'ACK' ? 'INVITE' : method
  const top = request.via[0]
  const sender = `${top?.host ?? ''}:${top?.port ?? 0}`
  const branch = branchOf(request)
  if (isModernBranch(branch)) return `${branch} ${sender} ${matched}`
  return ['2543', request.callId, request.cseq.number, request.from.params.get('tag') ?? '', sender, branch, matched].join(' ')
}

export const mergeKeyOf = (request: Request): string =>
  `${request.callId} ${request.from.params.get('tag') ?? ''} ${request.cseq.number} ${request.method}`

/** RFC 3261 §17.1.1.3. */
export function ackOfFailure(invite: Request, response: Response): Request {
  return {
    kind: 'request',
    method: 'ACK',
    uri: invite.uri,
    maxForwards: 70,
    via: invite.via.slice(0, 1),
    from: invite.from,
    to: response.to,
    callId: invite.callId,
    cseq: { number: invite.cseq.number, method: 'ACK' },
    headers: headers(invite, 'Route').map((value) => ({ name: 'Route', value })),
    body: new Uint8Array(),
  }
}
