/** RFC 3261 §12: what both sides of a call agree on, and the requests made from it. */
import {
  cseqOf,
  type Field,
  field,
  list,
  newBranch,
  newTag,
  param,
  requestUri,
  type SipMessage,
  tagOf,
  uriOf,
  uriParts,
  userAgent,
  userPart,
} from './phone-message.ts'
import { bracketed, hostPort, type Peer, type Wire } from './phone-wire.ts'

export interface DialogStart {
  readonly callId: string
  /** The URIs of From and To as we write them, with display name. */
  readonly local: string
  readonly remote: string
  readonly contact: string
  /** Where the first request goes. */
  readonly target: string
}

export class Dialog {
  readonly callId: string
  readonly localTag = newTag()
  readonly contact: string
  remoteTag: string | undefined
  readonly #local: string
  readonly #remote: string
  #target: string
  #routes: readonly string[] = []
  #cseq = Math.floor(Math.random() * 10_000) + 1
  #remoteCseq = 0

  constructor(start: DialogStart) {
    this.callId = start.callId
    this.#local = start.local
    this.#remote = start.remote
    this.contact = start.contact
    this.#target = start.target
  }

  /** The side that was called: From and To change places. */
  static answering(invite: SipMessage, contact: string): Dialog {
    const dialog = new Dialog({
      callId: field(invite, 'call-id') ?? '',
      local: bare(field(invite, 'to') ?? ''),
      remote: bare(field(invite, 'from') ?? ''),
      contact,
      target: uriOf(field(invite, 'contact') ?? field(invite, 'from') ?? ''),
    })
    dialog.remoteTag = tagOf(invite, 'from')
    dialog.#routes = list(invite, 'record-route')
    dialog.#remoteCseq = cseqOf(invite).number
    return dialog
  }

  /** What a 2xx, or the first response with a tag, adds for the side that calls. */
  learn(response: SipMessage): void {
    this.remoteTag = tagOf(response, 'to') ?? this.remoteTag
    this.#routes = [...list(response, 'record-route')].reverse()
    this.refresh(response)
  }

  /** RFC 3261 §12.2: the contact of a re-INVITE, UPDATE, or their 2xx, is where the next request goes. */
  refresh(message: SipMessage): void {
    const contact = field(message, 'contact')
    if (contact !== undefined) this.#target = uriOf(contact)
  }

  matches(message: SipMessage): boolean {
    return field(message, 'call-id') === this.callId && tagOf(message, 'to') === this.localTag && tagOf(message, 'from') === this.remoteTag
  }

  /** False for a request that comes out of order (RFC 3261 §12.2.2). */
  inOrder(request: SipMessage): boolean {
    const { number } = cseqOf(request)
    if (number < this.#remoteCseq) return false
    this.#remoteCseq = number
    return true
  }

  /** A new request of this dialog, or of the dialog to be. */
  request(method: string, wire: Wire, content: { readonly fields?: readonly Field[]; readonly body?: string } = {}): SipMessage {
    this.#cseq += 1
    return this.#make(method, wire, { cseq: this.#cseq, branch: newBranch(), ...content })
  }

  /** ACK of a 2xx: the INVITE's number under a branch of its own. */
  ack(wire: Wire, invite: SipMessage, content: { readonly fields?: readonly Field[]; readonly body?: string } = {}): SipMessage {
    return this.#make('ACK', wire, { cseq: cseqOf(invite).number, branch: newBranch(), ...content })
  }

  /** RFC 3261 §9.1: CANCEL bears the URI, branch, Call-ID, To, From and number of what it cancels. */
  cancel(invite: SipMessage): SipMessage {
    const kept = invite.fields.filter(([n]) => ['via', 'from', 'to', 'call-id', 'route', 'max-forwards'].includes(n.toLowerCase()))
    return { start: `CANCEL ${requestUri(invite)} SIP/2.0`, fields: [...kept, ['CSeq', `${cseqOf(invite).number} CANCEL`]], body: '' }
  }

  /** The first route, else the target. */
  nextHop(): Peer {
    const { host, port } = uriParts(uriOf(this.#routes[0] ?? this.#target))
    return { host, port }
  }

  /** Somebody whom the same server knows: a REFER to a number names him as we would call him. */
  siblingUri(number: string): string {
    if (/^sips?:/.test(number)) return number
    const { host, port } = uriParts(uriOf(this.#remote))
    return `sip:${userPart(number)}@${bracketed(host)}${port === 5060 ? '' : `:${port}`}`
  }

  /** The far end's address, as in To. */
  remoteUri(): string {
    return uriOf(this.#remote)
  }

  /** How another phone names this call in Replaces (RFC 3891): the tags as that phone's peer sees them. */
  replaces(): string {
    return `${this.callId};to-tag=${this.remoteTag ?? ''};from-tag=${this.localTag}`
  }

  #make(method: string, wire: Wire, content: { cseq: number; branch: string; fields?: readonly Field[]; body?: string }): SipMessage {
    const remoteTag = this.remoteTag === undefined ? '' : `;tag=${this.remoteTag}`
    const fields: Field[] = [
      ['Via', `SIP/2.0/${wire.transport} ${hostPort(wire.local)};branch=${content.branch};rport`],
      ['Max-Forwards', '70'],
      ...this.#routes.map((route): Field => ['Route', route]),
      ['From', `${this.#local};tag=${this.localTag}`],
      ['To', `${this.#remote}${remoteTag}`],
      ['Call-ID', this.callId],
      ['CSeq', `${content.cseq} ${method}`],
      ['Contact', `<${this.contact}>`],
      ['User-Agent', userAgent],
      ...(content.fields ?? []),
    ]
    return { start: `${method} ${this.#target} SIP/2.0`, fields, body: content.body ?? '' }
  }
}

/** A From or To value without its parameters. */
function bare(value: string): string {
  return param(value, 'tag') === undefined ? value : value.replace(/;tag=[^;>]*(?=;|$)/, '')
}
