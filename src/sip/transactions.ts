import { assert } from '../kernel/assert.ts'
import type { Alarm } from '../kernel/deadlines.ts'
import { Deadlines } from '../kernel/deadlines.ts'
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import { addMs } from '../kernel/time.ts'
import type { Flow } from './door.ts'
import type { Request, Response } from './message.ts'
import { headers } from './message.ts'
import type { Outbox } from './outbox.ts'
import type { Machine, TimerName, TransactionAction, TransactionInput, TransactionState } from './transaction.ts'
import { client, inviteClient, inviteServer, server, timerMs } from './transaction.ts'
import { isModernBranch, isStream, responseFlow } from './transport.ts'

interface Ticking<Owner> {
  readonly transaction: Transaction<Owner>
  readonly timer: TimerName
  readonly nth: number
}

interface Transaction<Owner> {
  readonly machine: Machine
  readonly key: string
  readonly request: Request
  /** A client's request goes here; a server's responses do. */
  readonly flow: Flow
  readonly alarms: Map<TimerName, Alarm<Ticking<Owner>>>
  /** Where a new request from outside stands among those that may come again by another path. */
  readonly mergeKey?: string
  state: TransactionState
  /** What `send` repeats: none before a server's first response. */
  bytes?: Uint8Array
}

export interface ClientTransaction<Owner> extends Transaction<Owner> {
  readonly owner: Owner
}

export type ServerTransaction<Owner = unknown> = Transaction<Owner>

export type Report<Owner> =
  | { readonly kind: 'response'; readonly transaction: ClientTransaction<Owner>; readonly response: Response }
  | { readonly kind: 'timeout' | 'failure'; readonly transaction: ClientTransaction<Owner> }
  /** An ACK that reached its transaction in `accepted`: it is for the dialog (RFC 6026 §7.1). */
  | { readonly kind: 'ack'; readonly request: Request }

/** Runs every transaction by its machine's table. The only place that changes a transaction's state. */
export class Transactions<Owner> {
  readonly #outbox: Outbox
  readonly #deadlines = new Deadlines<Ticking<Owner>>()
  readonly #clients = new Map<string, ClientTransaction<Owner>>()
  readonly #servers = new Map<string, ServerTransaction<Owner>>()
  /** RFC 3261 §8.2.2.2: how a request that arrives twice, by two paths, is told from a retransmission. */
  readonly #unmerged = new Map<string, ServerTransaction<Owner>>()
  readonly #ofFlow = new Map<string, Set<Transaction<Owner>>>()

  constructor(outbox: Outbox) {
    this.#outbox = outbox
  }

  get size(): number {
    return this.#clients.size + this.#servers.size
  }

  /** Beyond this, new work is refused rather than queued; what runs already is not hurt. */
  get full(): boolean {
    return this.size >= limits.sipTransactions
  }

  /** What belongs to calls that are up gets as much room again: refusing a BYE would keep what it is to free. */
  get overfull(): boolean {
    return this.size >= 2 * limits.sipTransactions
  }

  deadline(): Instant | undefined {
    return this.#deadlines.next()
  }

  wake(at: Instant): readonly Report<Owner>[] {
    const reports: Report<Owner>[] = []
    for (let alarm = this.#deadlines.take(at); alarm !== undefined; alarm = this.#deadlines.take(at)) {
      const { transaction, timer, nth } = alarm.reason
      transaction.alarms.delete(timer)
      this.#step(at, transaction, { input: timer, reports })
      this.#repeat(at, transaction, timer, nth + 1)
    }
    return reports
  }

  /** Sends a request. Its topmost Via bears a branch that was never used before. */
  open(at: Instant, request: Request, where: { readonly flow: Flow; readonly owner: Owner }): ClientTransaction<Owner> {
    const key = clientKey(branchOf(request), request.method)
    assert(!this.#clients.has(key), 'a branch is used once')
    const machine = request.method === 'INVITE' ? inviteClient : client
    const transaction: ClientTransaction<Owner> = {
      machine,
      key,
      request,
      flow: where.flow,
      owner: where.owner,
      alarms: new Map(),
      state: machine.initial,
    }
    this.#clients.set(key, transaction)
    this.#index(transaction)
    transaction.bytes = this.#outbox.send(where.flow, request)
    this.#startTimers(at, transaction, [])
    return transaction
  }

  /** A response that belongs to no transaction is dropped (RFC 6026 §8.8 gives stray 2xx no way up any more). */
  response(at: Instant, response: Response): readonly Report<Owner>[] {
    const transaction = this.#clients.get(clientKey(branchOf(response), response.cseq.method))
    if (transaction === undefined) return []
    const reports: Report<Owner>[] = []
    this.#step(at, transaction, { input: inputOf(response.status), response, reports })
    return reports
  }

  /** Drops a client transaction whose answer nobody waits for any longer (RFC 3261 §9.1). */
  abandon(transaction: ClientTransaction<Owner>): void {
    this.#terminate(transaction)
  }

  /** `true`: the request is a retransmission, or an ACK that ends a failure, and has been dealt with. */
  absorb(at: Instant, request: Request): { readonly absorbed: boolean; readonly reports: readonly Report<Owner>[] } {
    const transaction = this.#servers.get(serverKey(request, request.method))
    if (transaction === undefined) return { absorbed: false, reports: [] }
    const reports: Report<Owner>[] = []
    this.#step(at, transaction, { input: request.method === 'ACK' ? 'ack' : 'request', request, reports })
    return { absorbed: true, reports }
  }

  isMerged(request: Request): boolean {
    return this.#unmerged.has(mergeKeyOf(request))
  }

  /** The INVITE that a CANCEL is for (RFC 3261 §9.2). */
  cancelled(cancel: Request): ServerTransaction<Owner> | undefined {
    return this.#servers.get(serverKey(cancel, 'INVITE'))
  }

  accept(request: Request, flow: Flow): ServerTransaction<Owner> {
    const key = serverKey(request, request.method)
    assert(!this.#servers.has(key), 'a retransmission was absorbed before')
    const machine = request.method === 'INVITE' ? inviteServer : server
    const isNew = !request.to.params.has('tag')
    const transaction: ServerTransaction<Owner> = {
      machine,
      key,
      request,
      flow: responseFlow(request, flow),
      alarms: new Map(),
      state: machine.initial,
      ...(isNew && { mergeKey: mergeKeyOf(request) }),
    }
    this.#servers.set(key, transaction)
    if (transaction.mergeKey !== undefined) this.#unmerged.set(transaction.mergeKey, transaction)
    this.#index(transaction)
    return transaction
  }

  respond(at: Instant, transaction: ServerTransaction<Owner>, response: Response): void {
    const input = inputOf(response.status)
    if (transaction.machine.on[transaction.state]?.[input] === undefined) return
    this.#step(at, transaction, { input, response, reports: [] })
  }

  /** Repeats the core's 2xx to an INVITE; the transaction itself does not (RFC 3261 §13.3.1.4). */
  repeat(transaction: ServerTransaction<Owner>): void {
    if (transaction.bytes !== undefined) this.#outbox.sendBytes(transaction.flow, transaction.bytes)
  }

  flowClosed(at: Instant, flow: Flow): readonly Report<Owner>[] {
    const reports: Report<Owner>[] = []
    for (const transaction of [...(this.#ofFlow.get(flow.id) ?? [])]) this.#step(at, transaction, { input: 'flow-failed', reports })
    return reports
  }

  #step(at: Instant, transaction: Transaction<Owner>, step: Step<Owner>): void {
    const transition = transaction.machine.on[transaction.state]?.[step.input]
    if (transition === undefined) return
    const before = transaction.machine.timers[transaction.state] ?? []
    transaction.state = transition.to
    for (const action of transition.actions) this.#act(transaction, action, step)
    if (transition.to === 'terminated') this.#terminate(transaction)
    else this.#startTimers(at, transaction, before)
  }

  #act(transaction: Transaction<Owner>, action: TransactionAction, step: Step<Owner>): void {
    switch (action) {
      case 'send':
        if (step.response !== undefined) transaction.bytes = this.#outbox.send(transaction.flow, step.response)
        else this.repeat(transaction)
        return
      case 'ack':
        if (step.response !== undefined) this.#outbox.send(transaction.flow, ackOfFailure(transaction.request, step.response))
        return
      case 'report':
        if (step.request !== undefined) step.reports.push({ kind: 'ack', request: step.request })
        else if (isClient(transaction) && step.response !== undefined)
          step.reports.push({ kind: 'response', transaction, response: step.response })
        return
      case 'report-timeout':
        if (isClient(transaction)) step.reports.push({ kind: 'timeout', transaction })
        return
      case 'report-failure':
        if (isClient(transaction)) step.reports.push({ kind: 'failure', transaction })
        return
    }
  }

  #startTimers(at: Instant, transaction: Transaction<Owner>, before: readonly TimerName[]): void {
    const wanted = transaction.machine.timers[transaction.state] ?? []
    for (const timer of before) if (!wanted.includes(timer)) this.#stop(transaction, timer)
    for (const timer of wanted) if (!before.includes(timer)) this.#repeat(at, transaction, timer, 0)
  }

  #repeat(at: Instant, transaction: Transaction<Owner>, timer: TimerName, nth: number): void {
    const { state, machine } = transaction
    if (state === 'terminated' || !machine.timers[state]?.includes(timer) || transaction.alarms.has(timer)) return
    const ms = timerMs(timer, nth, { reliable: isStream(transaction.flow.transport), state })
    if (ms === 0) this.#step(at, transaction, { input: timer, reports: [] })
    else if (ms !== undefined) transaction.alarms.set(timer, this.#deadlines.set(addMs(at, ms), { transaction, timer, nth }))
  }

  #stop(transaction: Transaction<Owner>, timer: TimerName): void {
    this.#deadlines.clear(transaction.alarms.get(timer))
    transaction.alarms.delete(timer)
  }

  #terminate(transaction: Transaction<Owner>): void {
    transaction.state = 'terminated'
    for (const timer of [...transaction.alarms.keys()]) this.#stop(transaction, timer)
    const { key, flow, mergeKey } = transaction
    if (this.#clients.get(key) === transaction) this.#clients.delete(key)
    if (this.#servers.get(key) === transaction) this.#servers.delete(key)
    if (mergeKey !== undefined && this.#unmerged.get(mergeKey) === transaction) this.#unmerged.delete(mergeKey)
    const siblings = this.#ofFlow.get(flow.id)
    siblings?.delete(transaction)
    if (siblings?.size === 0) this.#ofFlow.delete(flow.id)
  }

  /** Only connections can die; a datagram flow has nothing to close. */
  #index(transaction: Transaction<Owner>): void {
    if (!isStream(transaction.flow.transport)) return
    const siblings = this.#ofFlow.get(transaction.flow.id)
    if (siblings === undefined) this.#ofFlow.set(transaction.flow.id, new Set([transaction]))
    else siblings.add(transaction)
  }
}

interface Step<Owner> {
  readonly input: TransactionInput
  readonly request?: Request
  readonly response?: Response
  readonly reports: Report<Owner>[]
}

const isClient = <Owner>(transaction: Transaction<Owner>): transaction is ClientTransaction<Owner> =>
  transaction.machine === client || transaction.machine === inviteClient

const inputOf = (status: number): TransactionInput => (status < 200 ? '1xx' : status < 300 ? '2xx' : 'failure')

const branchOf = (message: Request | Response): string => message.via[0]?.params.get('branch') ?? ''

const clientKey = (branch: string, method: string): string => `${branch} ${method}`

/** RFC 3261 §17.2.3, both ways of matching: by branch, and for elements of RFC 2543 by all that a retransmission repeats. */
function serverKey(request: Request, method: string): string {
  const matched = method === 'ACK' ? 'INVITE' : method
  const top = request.via[0]
  const sender = `${top?.host ?? ''}:${top?.port ?? 0}`
  const branch = branchOf(request)
  if (isModernBranch(branch)) return `${branch} ${sender} ${matched}`
  return ['2543', request.callId, request.cseq.number, request.from.params.get('tag') ?? '', sender, branch, matched].join(' ')
}

const mergeKeyOf = (request: Request): string =>
  `${request.callId} ${request.from.params.get('tag') ?? ''} ${request.cseq.number} ${request.method}`

/** RFC 3261 §17.1.1.3. */
function ackOfFailure(invite: Request, response: Response): Request {
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
