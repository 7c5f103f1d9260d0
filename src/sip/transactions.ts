import { assert } from '../kernel/assert.ts'
import type { Alarm } from '../kernel/deadlines.ts'
import { Deadlines } from '../kernel/deadlines.ts'
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import { addMs } from '../kernel/time.ts'
import type { Flow } from './door.ts'
import { Groups } from './groups.ts'
import type { Request, Response } from './message.ts'
import type { Outbox } from './outbox.ts'
import type { Machine, TimerName, TransactionAction, TransactionInput, TransactionState } from './transaction.ts'
import { client, inputOf, inviteClient, inviteServer, server, timerMs } from './transaction.ts'
import { ackOfFailure, branchOf, clientKey, mergeKeyOf, serverKey } from './transaction-keys.ts'
import { isStream, responseFlow } from './transport.ts'

interface Ticking<Owner> {
  readonly transaction: Transaction<Owner>
  readonly timer: TimerName
  readonly nth: number
}

interface Transaction<Owner> {
  readonly machine: Machine
  readonly key: string
  readonly request: Request
  /** A client's request goes here; a server's responses do. Another one only where that of an earlier process is lost. */
  flow: Flow
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

/** Runs every transaction by its machine's table, and alone changes its state. */
export class Transactions<Owner> {
  readonly #outbox: Outbox
  readonly #deadlines = new Deadlines<Ticking<Owner>>()
  readonly #clients = new Map<string, ClientTransaction<Owner>>()
  readonly #servers = new Map<string, ServerTransaction<Owner>>()
  /** RFC 3261 §8.2.2.2: how a request that arrives twice, by two paths, is told from a retransmission. */
  readonly #unmerged = new Map<string, ServerTransaction<Owner>>()
  readonly #ofFlow = new Groups<Transaction<Owner>>()
  readonly #settled: ServerTransaction<Owner>[] = []

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
    const transaction: ClientTransaction<Owner> = { machine, key, request, ...where, alarms: new Map(), state: machine.initial }
    this.#clients.set(key, transaction)
    this.#index(transaction)
    transaction.bytes = this.#outbox.send(where.flow, request)
    this.#startTimers(at, transaction, [])
    return transaction
  }

  /** A response that belongs to no transaction is dropped (RFC 6026 §8.8 gives stray 2xx no way up any more). */
  response(at: Instant, response: Response): readonly Report<Owner>[] {
    const transaction = this.clientOf(response)
    if (transaction === undefined) return []
    const reports: Report<Owner>[] = []
    this.#step(at, transaction, { input: inputOf(response.status), response, reports })
    return reports
  }

  clientOf(response: Response): ClientTransaction<Owner> | undefined {
    return this.#clients.get(clientKey(branchOf(response), response.cseq.method))
  }

  /** `false`, too, when a CANCEL was answered already: it is dropped, so that there can be another one. */
  isCancelling(invite: ClientTransaction<Owner>): boolean {
    const cancel = this.#clients.get(clientKey(branchOf(invite.request), 'CANCEL'))
    if (cancel?.state === 'completed') this.#terminate(cancel)
    return cancel?.state === 'trying' || cancel?.state === 'proceeding'
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

  /** The request of an earlier process: a provisional response may have come or not, and only CANCEL is still to be sent. */
  adoptClient(request: Request, where: { readonly flow: Flow; readonly owner: Owner }): ClientTransaction<Owner> {
    const key = clientKey(branchOf(request), request.method)
    const transaction: ClientTransaction<Owner> = { machine: inviteClient, key, request, ...where, alarms: new Map(), state: 'proceeding' }
    this.#clients.set(key, transaction)
    this.#index(transaction)
    return transaction
  }

  /** An INVITE to an earlier process. With a final response, which is sent again, its timers begin anew. */
  adoptServer(at: Instant, request: Request, { flow, final }: Adopted): ServerTransaction<Owner> {
    const key = serverKey(request, request.method)
    const state = final === undefined ? 'proceeding' : final.status < 300 ? 'accepted' : 'completed'
    const bytes = final === undefined ? {} : { bytes: final.bytes }
    const transaction: ServerTransaction<Owner> = { machine: inviteServer, key, request, flow, alarms: new Map(), state, ...bytes }
    this.#servers.set(key, transaction)
    this.#index(transaction)
    this.repeat(transaction)
    this.#startTimers(at, transaction, [])
    return transaction
  }

  moveTo(transaction: Transaction<Owner>, flow: Flow): void {
    this.#ofFlow.delete(transaction.flow.id, transaction)
    transaction.flow = flow
    this.#index(transaction)
  }

  /** Received INVITEs whose final response has been acknowledged, or was given up, since the last time. */
  takeSettled(): readonly ServerTransaction<Owner>[] {
    return this.#settled.length === 0 ? this.#settled : this.#settled.splice(0)
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
    for (const transaction of this.#ofFlow.of(flow.id)) this.#step(at, transaction, { input: 'flow-failed', reports })
    return reports
  }

  #step(at: Instant, transaction: Transaction<Owner>, step: Step<Owner>): void {
    const transition = transaction.machine.on[transaction.state]?.[step.input]
    if (transition === undefined) return
    const before = transaction.machine.timers[transaction.state] ?? []
    transaction.state = transition.to
    for (const action of transition.actions) this.#act(transaction, action, step)
    const { to } = transition
    if (transaction.machine === inviteServer && (to === 'terminated' || to === 'confirmed')) this.#settled.push(transaction)
    if (to === 'terminated') this.#terminate(transaction)
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
      case 'report-failure':
        if (isClient(transaction)) step.reports.push({ kind: action === 'report-timeout' ? 'timeout' : 'failure', transaction })
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
    const { key, mergeKey } = transaction
    if (this.#clients.get(key) === transaction) this.#clients.delete(key)
    if (this.#servers.get(key) === transaction) this.#servers.delete(key)
    if (mergeKey !== undefined && this.#unmerged.get(mergeKey) === transaction) this.#unmerged.delete(mergeKey)
    this.#ofFlow.delete(transaction.flow.id, transaction)
  }

  /** Only connections can die; a datagram flow has nothing to close. */
  #index(transaction: Transaction<Owner>): void {
    const { id, transport } = transaction.flow
    if (isStream(transport)) this.#ofFlow.add(id, transaction)
  }
}

interface Adopted {
  readonly flow: Flow
  readonly final?: { readonly bytes: Uint8Array; readonly status: number }
}

interface Step<Owner> {
  readonly input: TransactionInput
  readonly request?: Request
  readonly response?: Response
  readonly reports: Report<Owner>[]
}

const isClient = <Owner>(transaction: Transaction<Owner>): transaction is ClientTransaction<Owner> =>
  transaction.machine === client || transaction.machine === inviteClient
