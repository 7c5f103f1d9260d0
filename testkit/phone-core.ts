/** What the lines of one phone share: its socket, its transactions, its password. */
import type { Dialog } from './phone-dialog.ts'
import type { Credentials } from './phone-digest.ts'
import { type Field, type SipMessage, statusOf } from './phone-message.ts'
import type { Transactions } from './phone-transactions.ts'
import type { Wire } from './phone-wire.ts'

export interface Core {
  readonly wire: Wire
  readonly transactions: Transactions
  readonly credentials: Credentials | undefined
}

export interface Content {
  readonly fields?: readonly Field[]
  readonly body?: string
}

export interface Exchange {
  readonly request: SipMessage
  readonly response: SipMessage
}

export interface Watch {
  /** Each time the request goes out: once, and again with a password. */
  readonly sent?: (request: SipMessage) => void
  readonly provisional?: (response: SipMessage) => void
}

/** Asks, and asks once more with the password where it is demanded (RFC 3261 §22.2). */
export async function ask(core: Core, dialog: Dialog, what: { method: string; content?: Content; watch?: Watch }): Promise<Exchange> {
  const { method, content = {}, watch = {} } = what
  const send = async (fields: readonly Field[]): Promise<Exchange> => {
    const request = dialog.request(method, core.wire, { ...content, fields: [...(content.fields ?? []), ...fields] })
    const answer = core.transactions.request(request, dialog.nextHop(), watch.provisional)
    watch.sent?.(request)
    return { request, response: await answer }
  }
  const first = await send([])
  const demanded = statusOf(first.response) === 401 || statusOf(first.response) === 407
  const uri = first.request.start.split(' ')[1] ?? ''
  const proof = demanded ? core.credentials?.answer(first.response, { method, uri }) : undefined
  return proof === undefined ? first : send([proof])
}

export const sdpFields: readonly Field[] = [['Content-Type', 'application/sdp']]
export const allowField: Field = ['Allow', 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, NOTIFY, REFER']
