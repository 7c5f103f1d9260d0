import { Deadlines } from '../kernel/deadlines.ts'
import { limits } from '../kernel/limits.ts'
import type { Random } from '../kernel/random.ts'
import type { Instant } from '../kernel/time.ts'
import { addMs, earliest } from '../kernel/time.ts'
import { requestFrom } from './compose.ts'
import { type Hash, respond } from './digest.ts'
import type { Flow, Listener, ResolveAnswer } from './door.ts'
import { Flows, hopKey } from './flows.ts'
import { Groups } from './groups.ts'
import type { Header, Request, Response } from './message.ts'
import { headers } from './message.ts'
import type { Outbox } from './outbox.ts'
import { cancelOf, type Due, type Outgoing, type Plan, type Result, withHeaders } from './outgoing.ts'
import type { Hop } from './resolver.ts'
import { Resolver } from './resolver.ts'
import { T1 } from './transaction.ts'
import type { Report } from './transactions.ts'
import { Transactions } from './transactions.ts'
import { branchFrom, contactOf, datagramFlow, isLost, isStream, listenerFor, sentBy, viaOf } from './transport.ts'
import { formatUri } from './uri.ts'

/** Sends requests. Results are taken by `take`, since some are known at once. */
export class Requester<Purpose> {
  readonly flows = new Flows()
  readonly transactions: Transactions<Outgoing<Purpose>>
  readonly #outbox: Outbox
  readonly #random: Random
  readonly #hash: Hash
  readonly #resolver: Resolver<Outgoing<Purpose>>
  readonly #deadlines = new Deadlines<Due<Purpose>>()
  readonly #connecting = new Map<string, { readonly hop: Hop; readonly waiting: Outgoing<Purpose>[] }>()
  readonly #results: Result<Purpose>[] = []
  /** By phone, what waits for its return; some of it tries other ways meanwhile. */
  readonly #awaiting = new Groups<Outgoing<Purpose>>()
  #listeners: readonly Listener[] = []
  #connects = 0

  constructor(outbox: Outbox, random: Random, hash: Hash) {
    this.#outbox = outbox
    this.#random = random
    this.#hash = hash
    this.#resolver = new Resolver(outbox, random)
    this.transactions = new Transactions(outbox)
  }

  listen(listeners: readonly Listener[]): void {
    this.#listeners = listeners
  }

  take(): Result<Purpose> | undefined {
    return this.#results.shift()
  }

  deadline(): Instant | undefined {
    return earliest(this.transactions.deadline(), this.#deadlines.next())
  }

  begin(at: Instant, plan: Plan<Purpose>): Outgoing<Purpose> {
    const number = plan.number ?? ++plan.sequence.last
    const outgoing: Outgoing<Purpose> = { plan, draft: plan.draft, number, state: 'finding', hops: [], challenged: false }
    this.#find(at, outgoing)
    return outgoing
  }

  /** The same request with other headers, under the next CSeq number and a new branch, as after a 422 (RFC 4028 §7.4). */
  again(at: Instant, outgoing: Outgoing<Purpose>, changed: readonly Header[]): void {
    outgoing.draft = { ...outgoing.draft, headers: withHeaders(outgoing.draft.headers, changed) }
    outgoing.number = ++outgoing.plan.sequence.last
    const flow = outgoing.transaction?.flow
    if (flow !== undefined && this.flows.isUsable(flow)) this.#transmit(at, outgoing, flow)
    else this.#find(at, outgoing)
  }

  /** RFC 3261 §9.1: at once if a provisional response has come, else as soon as one does. */
  cancel(at: Instant, outgoing: Outgoing<Purpose>, reason: readonly Header[]): void {
    if (outgoing.state === 'done' || outgoing.cancel !== undefined) return
    if (outgoing.state !== 'sent') return this.#fail(outgoing, 487)
    outgoing.cancel = { headers: reason, sent: false }
    if (outgoing.transaction?.state === 'proceeding') this.#sendCancel(at, outgoing)
  }

  /** Repeats an ACK for a repeated 2xx. */
  repeat(outgoing: Outgoing<Purpose>): void {
    if (outgoing.sent !== undefined && this.flows.isUsable(outgoing.sent.flow))
      this.#outbox.sendBytes(outgoing.sent.flow, outgoing.sent.bytes)
  }

  /** `false`: nobody here waits for it. */
  response(at: Instant, response: Response, flow: Flow): boolean {
    const transaction = this.transactions.clientOf(response)
    if (transaction === undefined) return false
    if (isLost(transaction.flow)) this.transactions.moveTo(transaction, flow)
    this.#reports(at, this.transactions.response(at, response))
    return true
  }

  /** An INVITE of an earlier process, to be called off: what the far end answers is a result like any other. */
  adoptCancelled(at: Instant, plan: Plan<Purpose>, invite: { readonly request: Request; readonly flow: Flow }): Outgoing<Purpose> {
    const { request, flow } = invite
    const number = request.cseq.number
    const outgoing: Outgoing<Purpose> = { plan, draft: plan.draft, number, state: 'sent', hops: [], challenged: true }
    // Another one, should the first have come before the INVITE itself, which then is answered provisionally.
    outgoing.cancel = { headers: [], sent: false }
    outgoing.transaction = this.transactions.adoptClient(request, { flow, owner: outgoing })
    this.#arm(addMs(at, 64 * T1 + (isLost(flow) ? limits.sipReturnMs : 0)), outgoing, 'cancel')
    return outgoing
  }

  /** The phone is back: what waits for it goes out by the flow that `way` finds for it. */
  returned(at: Instant, phone: string, way: (plan: Plan<Purpose>) => Flow | undefined): void {
    for (const outgoing of this.#awaiting.of(phone)) {
      const flow = way(outgoing.plan)
      if (flow !== undefined) this.#transmit(at, outgoing, flow)
    }
  }

  wake(at: Instant): void {
    this.#reports(at, this.transactions.wake(at))
    for (let alarm = this.#deadlines.take(at); alarm !== undefined; alarm = this.#deadlines.take(at)) {
      const { kind, outgoing } = alarm.reason
      if (kind === 'reach') this.#fail(outgoing, 503)
      else this.#giveUpCancelled(outgoing)
    }
  }

  flowOpened(at: Instant, connectId: string, flow: Flow): void {
    const connecting = this.#connecting.get(connectId)
    this.#connecting.delete(connectId)
    if (connecting === undefined) return
    this.flows.opened(flow, connecting.hop)
    for (const outgoing of connecting.waiting) if (outgoing.state === 'connecting') this.#transmit(at, outgoing, flow)
  }

  flowFailed(at: Instant, connectId: string): void {
    const connecting = this.#connecting.get(connectId)
    this.#connecting.delete(connectId)
    for (const outgoing of connecting?.waiting ?? []) if (outgoing.state === 'connecting') this.#nextHop(at, outgoing, 503)
  }

  flowClosed(at: Instant, flow: Flow): void {
    this.flows.closed(flow)
    this.#reports(at, this.transactions.flowClosed(at, flow))
  }

  resolved(at: Instant, queryId: string, answers: readonly ResolveAnswer[]): void {
    const found = this.#resolver.resolved(queryId, answers)
    if (found === undefined || found.token.state !== 'finding') return
    found.token.hops = found.hops
    this.#nextHop(at, found.token, 503)
  }

  #find(at: Instant, outgoing: Outgoing<Purpose>): void {
    const { flow, uri } = outgoing.plan.route
    if (flow !== undefined && this.flows.isUsable(flow)) return this.#transmit(at, outgoing, flow)
    outgoing.state = 'finding'
    this.#armReach(at, outgoing)
    if (outgoing.plan.awaits !== undefined) this.#awaiting.add(outgoing.plan.awaits, outgoing)
    const hops = this.#resolver.find(uri, outgoing, this.#listeners)
    if (hops === undefined) return
    outgoing.hops = hops
    this.#nextHop(at, outgoing, 503)
  }

  /** RFC 3263 §4.3: a server that fails is left for the next one, in a transaction of its own. */
  #nextHop(at: Instant, outgoing: Outgoing<Purpose>, otherwise: 408 | 503): void {
    const [hop, ...rest] = outgoing.hops
    if (hop === undefined) return this.#nowhere(outgoing, otherwise)
    outgoing.hops = rest
    const flow = isStream(hop.transport) ? this.flows.to(hop) : this.#datagram(hop)
    if (flow !== undefined) this.#transmit(at, outgoing, flow)
    else if (isStream(hop.transport)) this.#connect(at, outgoing, hop)
    else this.#nextHop(at, outgoing, otherwise)
  }

  /** No way is left but the phone's own. */
  #nowhere(outgoing: Outgoing<Purpose>, otherwise: 408 | 503): void {
    if (this.#awaiting.has(outgoing.plan.awaits ?? '', outgoing)) outgoing.state = 'waiting'
    else this.#fail(outgoing, otherwise)
  }

  #armReach(at: Instant, outgoing: Outgoing<Purpose>): void {
    if (outgoing.plan.awaits === undefined) this.#arm(addMs(at, limits.sipReachMs), outgoing, 'reach')
    else if (outgoing.alarm === undefined) this.#arm(addMs(at, limits.sipReturnMs), outgoing, 'reach')
  }

  #datagram(hop: Hop): Flow | undefined {
    const listener = listenerFor(this.#listeners, 'UDP', hop.address)
    if (listener === undefined) return undefined
    return datagramFlow({ address: listener.address, port: listener.port }, { address: hop.address, port: hop.port })
  }

  #connect(at: Instant, outgoing: Outgoing<Purpose>, hop: Hop): void {
    outgoing.state = 'connecting'
    this.#armReach(at, outgoing)
    for (const connecting of this.#connecting.values())
      if (hopKey(connecting.hop) === hopKey(hop)) {
        connecting.waiting.push(outgoing)
        return
      }
    const id = `c${++this.#connects}`
    this.#connecting.set(id, { hop, waiting: [outgoing] })
    const transport = hop.transport === 'TLS' ? 'TLS' : 'TCP'
    this.#outbox.push({ kind: 'connect', id, transport, address: hop.address, port: hop.port, serverName: hop.serverName })
  }

  #transmit(at: Instant, outgoing: Outgoing<Purpose>, flow: Flow): void {
    this.#deadlines.clear(outgoing.alarm)
    this.#awaiting.delete(outgoing.plan.awaits ?? '', outgoing)
    if (outgoing.draft.method === 'INVITE' ? this.transactions.full : this.transactions.overfull) return this.#fail(outgoing, 503)
    const sender = sentBy(this.#listeners, flow)
    const user = outgoing.draft.contactUser
    const request = requestFrom(outgoing.draft, outgoing.number, {
      via: [outgoing.plan.via ?? viaOf(sender, flow.transport, branchFrom(this.#random.hex(9)))],
      ...(user !== undefined && { contact: contactOf(sender, flow.transport, user) }),
    })
    if (request.method === 'ACK') {
      outgoing.state = 'done'
      outgoing.sent = { flow, bytes: this.#outbox.send(flow, request) }
      return
    }
    outgoing.state = 'sent'
    outgoing.transaction = this.transactions.open(at, request, { flow, owner: outgoing })
  }

  /** What became of a CANCEL itself tells nothing: the INVITE's own final response does. */
  #reports(at: Instant, reports: readonly Report<Outgoing<Purpose>>[]): void {
    for (const report of reports) {
      if (report.kind === 'ack' || report.transaction.owner.transaction !== report.transaction) continue
      if (report.kind === 'response') this.#answered(at, report.transaction.owner, report.response)
      else this.#unanswered(at, report.transaction.owner, report.kind === 'timeout' ? 408 : 503)
    }
  }

  #answered(at: Instant, outgoing: Outgoing<Purpose>, response: Response): void {
    if (outgoing.transaction === undefined) return
    if (response.status < 200 && outgoing.cancel?.sent === false) this.#sendCancel(at, outgoing)
    if (response.status >= 300 && outgoing.cancel === undefined) {
      if ((response.status === 401 || response.status === 407) && this.#answerChallenge(at, outgoing, response)) return
      if (response.status === 503 && outgoing.hops.length > 0) return this.#nextHop(at, outgoing, 503)
    }
    if (response.status >= 200) this.#finish(outgoing)
    this.#results.push({ kind: 'response', outgoing, response, flow: outgoing.transaction.flow })
  }

  #unanswered(at: Instant, outgoing: Outgoing<Purpose>, status: 408 | 503): void {
    if (outgoing.cancel !== undefined) this.#fail(outgoing, 487)
    else this.#nextHop(at, outgoing, status)
  }

  /** Once: a second challenge means that the credentials are wrong (RFC 3261 §22.2), unless it only says that the nonce was stale. */
  #answerChallenge(at: Instant, outgoing: Outgoing<Purpose>, response: Response): boolean {
    const { credentials } = outgoing.plan
    if (credentials === undefined || outgoing.challenged) return false
    outgoing.challenged = true
    const proxy = response.status === 407
    const answer = respond(headers(response, proxy ? 'Proxy-Authenticate' : 'WWW-Authenticate'), {
      ...credentials,
      method: outgoing.draft.method,
      uri: formatUri(outgoing.draft.uri),
      cnonce: this.#random.hex(8),
      hash: this.#hash,
    })
    if (answer === undefined) return false
    this.again(at, outgoing, [{ name: proxy ? 'Proxy-Authorization' : 'Authorization', value: answer }])
    return true
  }

  #sendCancel(at: Instant, outgoing: Outgoing<Purpose>): void {
    const { transaction, cancel } = outgoing
    if (transaction === undefined || cancel === undefined || cancel.sent || this.transactions.isCancelling(transaction)) return
    outgoing.cancel = { ...cancel, sent: true }
    this.transactions.open(at, cancelOf(transaction.request, cancel.headers), { flow: transaction.flow, owner: outgoing })
    this.#arm(addMs(at, 64 * T1), outgoing, 'cancel')
  }

  /** RFC 3261 §9.1: an INVITE whose CANCEL brought no final response within 64*T1 counts as cancelled. */
  #giveUpCancelled(outgoing: Outgoing<Purpose>): void {
    if (outgoing.transaction !== undefined) this.transactions.abandon(outgoing.transaction)
    this.#fail(outgoing, 487)
  }

  #arm(at: Instant, outgoing: Outgoing<Purpose>, kind: 'reach' | 'cancel'): void {
    this.#deadlines.clear(outgoing.alarm)
    outgoing.alarm = this.#deadlines.set(at, { kind, outgoing })
  }

  #fail(outgoing: Outgoing<Purpose>, status: 408 | 487 | 503): void {
    if (outgoing.state === 'done') return
    this.#finish(outgoing)
    this.#results.push({ kind: 'failed', outgoing, status })
  }

  #finish(outgoing: Outgoing<Purpose>): void {
    outgoing.state = 'done'
    this.#deadlines.clear(outgoing.alarm)
    this.#awaiting.delete(outgoing.plan.awaits ?? '', outgoing)
  }
}
