/** RFC 3261 §17 for one phone: what is sent again until it is answered, and what is answered again when it comes twice. */
import {
  cseqOf,
  type Field,
  field,
  formatMessage,
  isRequest,
  list,
  methodOf,
  param,
  parseMessage,
  requestUri,
  respondTo,
  type SipMessage,
  statusOf,
  tagOf,
} from './phone-message.ts'
import type { Peer, Wire } from './phone-wire.ts'

const t1 = 500
const t2 = 4_000
const giveUpMs = 64 * t1

export interface TransactionUser {
  /** A request that is not a repetition. ACKs of a 2xx come here too. */
  onRequest(request: SipMessage, from: Peer): void
  /** A 2xx to INVITE that came again: the ACK was lost. */
  onRepeated2xx(response: SipMessage): void
  /** Our final answer to INVITE was never acknowledged. */
  onNoAck(request: SipMessage): void
}

interface ClientTransaction {
  readonly request: SipMessage
  readonly to: Peer
  readonly final: (response: SipMessage) => void
  readonly provisional: (response: SipMessage) => void
  timer: NodeJS.Timeout | undefined
  proceeding: boolean
  finished: boolean
  ack: SipMessage | undefined
}

interface ServerTransaction {
  readonly replyTo: Peer
  response: SipMessage | undefined
  timer: NodeJS.Timeout | undefined
}

export class Transactions {
  readonly #user: TransactionUser
  readonly #clients = new Map<string, ClientTransaction>()
  readonly #servers = new Map<string, ServerTransaction>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #wire: Wire | undefined

  constructor(user: TransactionUser) {
    this.#user = user
  }

  attach(wire: Wire): void {
    this.#wire = wire
  }

  receive(text: string, from: Peer): void {
    const message = parseMessage(text)
    if (message === undefined) return
    if (isRequest(message)) this.#receiveRequest(message, from)
    else this.#receiveResponse(message)
  }

  /** Resolves with the final response, or with a 408 of our own when none came (RFC 3261 §8.1.3.1). */
  request(request: SipMessage, to: Peer, provisional: (response: SipMessage) => void = () => {}): Promise<SipMessage> {
    const { promise, resolve } = Promise.withResolvers<SipMessage>()
    const client: ClientTransaction = {
      request,
      to,
      final: resolve,
      provisional,
      timer: undefined,
      proceeding: false,
      finished: false,
      ack: undefined,
    }
    this.#clients.set(clientKey(request), client)
    this.send(request, to)
    if (this.#wire?.transport === 'UDP') this.#repeat(client, t1)
    // Timer B and F; an INVITE that rings may ring for ever.
    this.#after(giveUpMs, () => {
      if (!client.proceeding) this.#finish(client, respondTo(request, 408))
    })
    return promise
  }

  /** A message outside any transaction: the ACK of a 2xx. */
  send(message: SipMessage, to: Peer): void {
    this.#wire?.send(formatMessage(message), to)
  }

  /** Sends a response and keeps it for repetitions of the request. A final answer to INVITE is sent again until its ACK comes. */
  respond(request: SipMessage, response: SipMessage): void {
    const server = this.#servers.get(serverKey(request))
    if (server === undefined) return
    clearTimeout(server.timer)
    server.response = response
    this.send(response, server.replyTo)
    if (methodOf(request) === 'INVITE' && statusOf(response) >= 200) this.#repeatFinal({ server, request, waitMs: t1, spentMs: 0 })
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    for (const { timer } of [...this.#clients.values(), ...this.#servers.values()]) clearTimeout(timer)
    this.#timers.clear()
    this.#clients.clear()
    this.#servers.clear()
    this.#wire?.close()
    this.#wire = undefined
  }

  #receiveResponse(response: SipMessage): void {
    const client = this.#clients.get(clientKey(response))
    if (client === undefined) return
    const isInvite = cseqOf(response).method === 'INVITE'
    if (statusOf(response) < 200) {
      if (isInvite) clearTimeout(client.timer)
      client.proceeding = isInvite
      if (!client.finished) client.provisional(response)
      return
    }
    if (isInvite && statusOf(response) >= 300) this.#acknowledge(client, response)
    if (client.finished && isInvite && statusOf(response) < 300) this.#user.onRepeated2xx(response)
    this.#finish(client, response)
  }

  #finish(client: ClientTransaction, response: SipMessage): void {
    clearTimeout(client.timer)
    if (client.finished) return
    client.finished = true
    client.final(response)
    // Timers D and K and RFC 6026's M: repetitions of the final response are still ours for a while.
    this.#after(giveUpMs, () => this.#clients.delete(clientKey(client.request)))
  }

  /** RFC 3261 §17.1.1.3: the ACK of a refusal belongs to the transaction and bears its branch. */
  #acknowledge(client: ClientTransaction, response: SipMessage): void {
    const kept = client.request.fields.filter(([n]) => ['from', 'call-id', 'route', 'max-forwards'].includes(n.toLowerCase()))
    const via: Field = ['Via', list(client.request, 'via')[0] ?? '']
    const fields: Field[] = [via, ...kept, ['To', field(response, 'to') ?? ''], ['CSeq', `${cseqOf(client.request).number} ACK`]]
    client.ack ??= { start: `ACK ${requestUri(client.request)} SIP/2.0`, fields, body: '' }
    this.send(client.ack, client.to)
  }

  #receiveRequest(request: SipMessage, from: Peer): void {
    if (methodOf(request) === 'ACK') {
      this.#stopFinal(request)
      this.#user.onRequest(request, from)
      return
    }
    const key = serverKey(request)
    const known = this.#servers.get(key)
    if (known !== undefined) {
      if (known.response !== undefined) this.send(known.response, known.replyTo)
      return
    }
    this.#servers.set(key, { replyTo: replyAddress(request, from), response: undefined, timer: undefined })
    this.#after(2 * giveUpMs, () => this.#servers.delete(key))
    this.#user.onRequest(request, from)
  }

  /** The ACK of a 2xx has a branch of its own, so Call-ID, From tag and CSeq find the INVITE. */
  #stopFinal(ack: SipMessage): void {
    const server = this.#servers.get(inviteKey(ack))
    if (server !== undefined) clearTimeout(server.timer)
  }

  #repeat(client: ClientTransaction, waitMs: number): void {
    const isInvite = methodOf(client.request) === 'INVITE'
    client.timer = setTimeout(() => {
      this.send(client.request, client.to)
      this.#repeat(client, isInvite ? waitMs * 2 : Math.min(waitMs * 2, t2))
    }, waitMs).unref()
  }

  #repeatFinal(answer: { server: ServerTransaction; request: SipMessage; waitMs: number; spentMs: number }): void {
    const { server, request, waitMs, spentMs } = answer
    server.timer = setTimeout(() => {
      if (spentMs + waitMs >= giveUpMs) return this.#user.onNoAck(request)
      if (server.response !== undefined) this.send(server.response, server.replyTo)
      this.#repeatFinal({ server, request, waitMs: Math.min(waitMs * 2, t2), spentMs: spentMs + waitMs })
    }, waitMs).unref()
  }

  #after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      act()
    }, ms).unref()
    this.#timers.add(timer)
  }
}

function clientKey(message: SipMessage): string {
  return `${param(list(message, 'via')[0] ?? '', 'branch')} ${cseqOf(message).method}`
}

function serverKey(request: SipMessage): string {
  if (methodOf(request) === 'INVITE') return inviteKey(request)
  const via = list(request, 'via')[0] ?? ''
  return `${methodOf(request)} ${param(via, 'branch')} ${via.split(';')[0]}`
}

const inviteKey = (message: SipMessage): string => `INVITE ${field(message, 'call-id')} ${tagOf(message, 'from')} ${cseqOf(message).number}`

/** RFC 3581: to where it came from with `rport`; else to the port that Via names (RFC 3261 §18.2.2). */
function replyAddress(request: SipMessage, from: Peer): Peer {
  const via = list(request, 'via')[0] ?? ''
  if (param(via, 'rport') !== undefined) return from
  const port = /:(\d+)\s*(?:;|$)/.exec(via)
  return { host: from.host, port: Number(port?.[1] ?? 5060) }
}
