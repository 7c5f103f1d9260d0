/** Requests from outside: screened, answered without memory where that is possible, and handed to whom they are for. */

import type { LegId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import { type Admission, Admissions } from './admission.ts'
import { callerOfExtension, callerOfTrunk, numberOf } from './caller.ts'
import type { ResponseParts } from './compose.ts'
import { respondTo, tagOf } from './compose.ts'
import { dialogIdOf } from './dialog.ts'
import type { Hash } from './digest.ts'
import type { Flow, TrunkSettings } from './door.ts'
import { parseReplaces } from './headers.ts'
import type { Identities } from './identities.ts'
import type { Request } from './message.ts'
import { headers } from './message.ts'
import { acceptHeader, allowHeader, supportedHeader } from './options.ts'
import type { Screened } from './screening.ts'
import { screen, screenWithinDialog } from './screening.ts'
import type { Core } from './session.ts'
import { retryAfter, serverHeader, sessionsFull } from './session-basics.ts'
import { ackReceived, cancelReceived, dialogRequest } from './session-dialog.ts'
import { type Offering, offered } from './session-incoming.ts'
import { phoneRegistered } from './session-return.ts'
import { tooShort } from './session-timer.ts'
import { replacedSession } from './session-transfer.ts'
import { SourceLimiter } from './source-limiter.ts'
import { responseFlow, stampSource } from './transport.ts'
import { contactUserOf } from './trunks.ts'

export interface Neighbours {
  readonly core: Core
  readonly hash: Hash
}

interface Incoming {
  readonly request: Request
  readonly flow: Flow
}

export class Intake {
  readonly #core: Core
  readonly #hash: Hash
  readonly #secret: string
  readonly #sources = new SourceLimiter()
  #admissions: Admissions
  #identities: Identities
  #realm: string

  constructor({ core, hash }: Neighbours, identities: Identities) {
    this.#core = core
    this.#hash = hash
    this.#secret = core.random.hex(16)
    this.#identities = identities
    this.#realm = core.settings.realm
    this.#admissions = new Admissions(core.settings, core.random, hash)
  }

  /** Nonces outlive a change of settings, unless the realm changes. */
  configure(identities: Identities): void {
    this.#identities = identities
    const { realm } = this.#core.settings
    if (realm !== this.#realm) this.#admissions = new Admissions(this.#core.settings, this.#core.random, this.#hash)
    this.#realm = realm
  }

  request(at: Instant, received: Request, flow: Flow): void {
    const incoming = { request: stampSource(received, flow), flow }
    const { absorbed, reports } = this.#core.requester.transactions.absorb(at, incoming.request)
    for (const report of reports) if (report.kind === 'ack') ackReceived(this.#core, at, report.request)
    if (absorbed) return
    if (received.method === 'ACK') return ackReceived(this.#core, at, incoming.request)
    if (received.method === 'CANCEL') return this.#cancel(at, incoming)
    if (tagOf(received.to) !== undefined) return this.#withinDialog(at, incoming)
    this.#newcomer(at, incoming)
  }

  /** Bytes that are no valid request, but can be answered (RFC 3261 §16.3, RFC 4475). */
  malformed(
    at: Instant,
    answer: Pick<Request, 'via' | 'from' | 'to' | 'callId' | 'cseq' | 'method'>,
    fault: { flow: Flow; status: number },
  ): void {
    const { flow, status } = fault
    if (this.#isOver(at, flow) || answer.method === 'ACK') return
    this.#sources.charge(at, flow.remote.address)
    const request: Request = { ...answer, kind: 'request', uri: answer.to.uri, maxForwards: 70, headers: [], body: new Uint8Array() }
    this.#reply({ request: stampSource(request, flow), flow }, status)
  }

  /** A flood is dropped before it costs more than parsing. What belongs to a transaction or dialog never comes here. */
  #isOver(at: Instant, flow: Flow): boolean {
    return this.#identities.trustedAt(flow) === undefined && this.#sources.isOver(at, flow.remote.address)
  }

  /** RFC 3261 §9.2: answered whether or not there is anything left to cancel. */
  #cancel(at: Instant, incoming: Incoming): void {
    const invite = this.#core.requester.transactions.cancelled(incoming.request)
    if (invite === undefined) return this.#stray(at, incoming)
    const session = this.#core.sessions.offeredBy(invite)
    const toTag = session?.dialog?.localTag ?? this.#statelessTag(incoming.request)
    this.#core.outbox.send(responseFlow(incoming.request, incoming.flow), respondTo(incoming.request, 200, { toTag }))
    if (session !== undefined) cancelReceived(this.#core, at, session, incoming.request)
  }

  #withinDialog(at: Instant, incoming: Incoming): void {
    const { request, flow } = incoming
    const entry = this.#core.sessions.find(dialogIdOf(request))
    if (entry === undefined) return this.#stray(at, incoming)
    const refusal = screenWithinDialog(request)
    if (refusal !== undefined) return this.#refuse(incoming, refusal)
    if (this.#core.requester.transactions.overfull) return this.#reply(incoming, 503, { headers: [retryAfter(this.#core)] })
    const transaction = this.#core.requester.transactions.accept(request, flow)
    dialogRequest(this.#core, at, entry, { request, transaction, flow })
  }

  /** RFC 3261 §12.2.2: for a dialog, or an INVITE, that we do not know. */
  #stray(at: Instant, incoming: Incoming): void {
    if (this.#isOver(at, incoming.flow)) return
    this.#sources.charge(at, incoming.flow.remote.address)
    this.#reply(incoming, 481)
  }

  #newcomer(at: Instant, incoming: Incoming): void {
    const { request, flow } = incoming
    if (this.#isOver(at, flow) || this.#wasAnswered(request)) return
    const refusal = screen(request) ?? (this.#core.requester.transactions.isMerged(request) ? { status: 482, headers: [] } : undefined)
    if (refusal !== undefined || request.method === 'OPTIONS') {
      this.#sources.charge(at, flow.remote.address)
      return refusal === undefined ? this.#capabilities(incoming) : this.#refuse(incoming, refusal)
    }
    const admission = this.#admissions.admit(at, request, { flow, identities: this.#identities })
    if (admission.kind !== 'stranger') return this.#admitted(at, incoming, admission)
    this.#sources.charge(at, flow.remote.address)
    this.#reply(incoming, 401, { headers: admission.challenge })
  }

  /** An INVITE that an earlier process answered, delivered once more: it was acknowledged long ago. */
  #wasAnswered({ method, callId, from }: Request): boolean {
    return method === 'INVITE' && this.#core.sessions.isInherited(callId, tagOf(from) ?? '')
  }

  #admitted(at: Instant, incoming: Incoming, admission: Exclude<Admission, { kind: 'stranger' }>): void {
    const { method } = incoming.request
    if (this.#core.requester.transactions.full) this.#reply(incoming, 503, { headers: [retryAfter(this.#core)] })
    else if (method === 'REGISTER' && admission.kind === 'extension') this.#register(at, incoming, admission)
    else if (method === 'INVITE') this.#invite(at, incoming, admission)
    // PRACK, UPDATE, INFO and BYE make no sense outside a dialog, and a REFER there would have us call on anybody's behalf.
    else this.#reply(incoming, method === 'REFER' ? 403 : 481)
  }

  /** RFC 3261 §10.3: nobody registers for somebody else. */
  #register(at: Instant, { request, flow }: Incoming, { extension }: Extract<Admission, { kind: 'extension' }>): void {
    const transactions = this.#core.requester.transactions
    const transaction = transactions.accept(request, flow)
    const isOwn = this.#identities.extension(numberOf(request.to) ?? '') === extension
    const answer = isOwn ? this.#core.registrar.register(at, extension, { request, flow }) : { status: 403, headers: [] }
    const parts = { headers: [...answer.headers, serverHeader(this.#core)], toTag: this.#statelessTag(request) }
    transactions.respond(at, transaction, respondTo(request, answer.status, parts))
    if (answer.status === 200) phoneRegistered(this.#core, at, extension)
  }

  #invite(at: Instant, incoming: Incoming, admission: Exclude<Admission, { kind: 'stranger' }>): void {
    const { request, flow } = incoming
    const short = tooShort(request)
    if (short !== undefined) return this.#reply(incoming, 422, { headers: [short] })
    const to = dialledOf(request, admission.kind === 'trunk' ? admission.trunk : undefined)
    if (to === undefined) return this.#reply(incoming, 484)
    if (sessionsFull(this.#core)) return this.#reply(incoming, 503, { headers: [retryAfter(this.#core)] })
    const replaced = this.#replaced(request, admission)
    if (replaced.kind === 'refused') return this.#reply(incoming, replaced.status)
    const transaction = this.#core.requester.transactions.accept(request, flow)
    const replaces = replaced.session === undefined ? {} : { replaces: replaced.session }
    offered(this.#core, at, transaction, { request, flow, to, ...whoCalls(request, admission), ...replaces })
  }

  /** RFC 3891 §3: which session a Replaces names, and whether it may be taken over. */
  #replaced(request: Request, admission: Exclude<Admission, { kind: 'stranger' }>): Replacement {
    const values = headers(request, 'Replaces')
    if (values.length === 0) return { kind: 'allowed' }
    const parsed = parseReplaces(values[0] ?? '')
    if (!parsed.ok || values.length > 1) return { kind: 'refused', status: 400 }
    const session = replacedSession(this.#core, parsed.value)
    const account = admission.kind === 'trunk' ? admission.trunk.account : admission.extension.account
    if (session === undefined || session.peer.account !== account || session.state === 'offered') return { kind: 'refused', status: 481 }
    if (session.state === 'ended' || session.state === 'ending') return { kind: 'refused', status: 603 }
    if (parsed.value.earlyOnly && session.state !== 'calling') return { kind: 'refused', status: 486 }
    return { kind: 'allowed', session: session.id }
  }

  #capabilities(incoming: Incoming): void {
    this.#reply(incoming, 200, { headers: [allowHeader, supportedHeader, acceptHeader] })
  }

  #refuse(incoming: Incoming, { status, headers: more }: Screened): void {
    this.#reply(incoming, status, { headers: more })
  }

  /** RFC 3261 §8.2.7: without a transaction, so that strangers cannot fill our memory; a repeated request gets an answer with the same tag. */
  #reply({ request, flow }: Incoming, status: number, parts: ResponseParts = {}): void {
    const more = [...(parts.headers ?? []), serverHeader(this.#core)]
    const response = respondTo(request, status, { ...parts, headers: more, toTag: this.#statelessTag(request) })
    this.#core.outbox.send(responseFlow(request, flow), response)
  }

  #statelessTag(request: Request): string {
    const branch = request.via[0]?.params.get('branch') ?? ''
    return this.#hash.md5(`${this.#secret} ${request.callId} ${tagOf(request.from) ?? ''} ${branch} ${request.cseq.number}`).slice(0, 16)
  }
}

type Replacement = { readonly kind: 'allowed'; readonly session?: LegId } | { readonly kind: 'refused'; readonly status: number }

function whoCalls(
  request: Request,
  admission: Exclude<Admission, { kind: 'stranger' }>,
): Pick<Offering, 'source' | 'from' | 'credentials'> {
  if (admission.kind === 'extension') {
    const { account, number } = admission.extension
    return { source: { kind: 'extension', account, number }, from: callerOfExtension(admission.extension, request) }
  }
  const { account, id, credentials } = admission.trunk
  const source = { kind: 'trunk', account, trunk: id } as const
  return { source, from: callerOfTrunk(request), ...(credentials !== undefined && { credentials }) }
}

/** A trunk that we registered at sends calls to our Contact, and says in To which number was dialled. */
function dialledOf(request: Request, trunk: TrunkSettings | undefined): string | undefined {
  const dialled = numberOf({ uri: request.uri, params: new Map() })
  const isContact = trunk?.register !== undefined && dialled === contactUserOf(trunk)
  return (isContact ? numberOf(request.to) : dialled) || undefined
}
