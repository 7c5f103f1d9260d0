import { unreachable } from '../kernel/assert.ts'
import { Deadlines } from '../kernel/deadlines.ts'
import type { LegId } from '../kernel/ids.ts'
import type { Random } from '../kernel/random.ts'
import type { Instant } from '../kernel/time.ts'
import { earliest } from '../kernel/time.ts'
import { diallingOf } from './dialling.ts'
import type { Hash } from './digest.ts'
import type { ContactView, Flow, HangUpCause, Invitation, Output, ResolveAnswer, SipChange, SipDoor, UserAgentSettings } from './door.ts'
import { Groups } from './groups.ts'
import { Identities } from './identities.ts'
import { Intake } from './intake.ts'
import { Outbox } from './outbox.ts'
import type { Result } from './outgoing.ts'
import { parse } from './parser.ts'
import { Recollection } from './recollection.ts'
import { Registrar, viewOf } from './registrar.ts'
import { Requester } from './requester.ts'
import { restoreSession } from './restore.ts'
import type { Core, Purpose, Serving, Session, SessionDue } from './session.ts'
import { sessionsFull } from './session-basics.ts'
import { byeResult, hangUp, infoResult, probe, probeResult, strayResponse } from './session-dialog.ts'
import { answer, refuseSession, ring, ringAgain } from './session-incoming.ts'
import { sendDtmf } from './session-info.ts'
import { answerOffer, glareOver, offer, offerResult, refreshByOffer, refuseOffer, repeatAnswer, undecided } from './session-offer.ts'
import { invite, inviteResult, ringTimedOut } from './session-outgoing.ts'
import { SessionTable } from './session-table.ts'
import { expired, refreshResult, sendRefresh } from './session-timer.ts'
import { acceptTransfer, refuseTransfer, transferProgress, transferUndecided } from './session-transfer.ts'
import { isStream } from './transport.ts'
import { Trunks } from './trunks.ts'

/** Sotto's one SIP user agent: registrar, server of phones, peer of trunks. See `SipDoor` for what each method means. */
export class UserAgent implements SipDoor {
  readonly #core: Core
  readonly #registrar: Registrar
  readonly #intake: Intake
  readonly #trunks: Trunks
  readonly #recollection = new Recollection()
  #identities: Identities

  constructor(settings: UserAgentSettings, random: Random, hash: Hash) {
    const outbox = new Outbox()
    const requester = new Requester<Purpose>(outbox, random, hash)
    this.#registrar = new Registrar(outbox)
    const own = { registrar: this.#registrar, sessions: new SessionTable<Session, Serving>(), deadlines: new Deadlines<SessionDue>() }
    this.#core = { outbox, random, requester, settings, owed: new Groups(), ...own }
    this.#identities = new Identities(settings)
    this.#trunks = new Trunks(outbox, random, requester)
    this.#intake = new Intake({ core: this.#core, hash }, this.#identities)
    requester.listen(settings.listen)
  }

  restore(at: Instant, before: Iterable<SipChange>): readonly Output[] {
    return this.#do(at, () => {
      for (const memory of this.#recollection.begin(before)) {
        if (memory.kind === 'sip-session') restoreSession(this.#core, at, memory, this.#identities)
        else this.#registrar.restore(at, memory)
      }
      this.#registrar.retain((account, number) => this.#identities.byNumber(account, number) !== undefined)
    })
  }

  changes(): readonly SipChange[] {
    return this.#recollection.changes(this.#core)
  }

  sessions(): Iterable<LegId> {
    return this.#core.sessions.ids()
  }

  start(at: Instant): readonly Output[] {
    return this.#do(at, () => this.#trunks.configure(at, this.#identities.trunks(), this.#core.settings.product))
  }

  configure(at: Instant, settings: UserAgentSettings): readonly Output[] {
    return this.#do(at, () => {
      this.#core.settings = settings
      this.#identities = new Identities(settings)
      this.#intake.configure(this.#identities)
      this.#core.requester.listen(settings.listen)
      this.#registrar.retain((account, number) => this.#identities.byNumber(account, number) !== undefined)
      this.#trunks.configure(at, this.#identities.trunks(), settings.product)
    })
  }

  stop(at: Instant): readonly Output[] {
    return this.#do(at, () => this.#trunks.stop(at))
  }

  receive(at: Instant, bytes: Uint8Array, flow: Flow): readonly Output[] {
    return this.#do(at, () => {
      this.#core.requester.flows.heard(flow)
      if (!isKeepAlive(bytes)) this.#message(at, bytes, flow)
      else if (isStream(flow.transport) && bytes.length >= 4) this.#core.outbox.sendBytes(flow, pong)
    })
  }

  flowOpened(at: Instant, connectId: string, flow: Flow): readonly Output[] {
    return this.#do(at, () => this.#core.requester.flowOpened(at, connectId, flow))
  }

  flowFailed(at: Instant, connectId: string): readonly Output[] {
    return this.#do(at, () => this.#core.requester.flowFailed(at, connectId))
  }

  flowClosed(at: Instant, flow: Flow): readonly Output[] {
    return this.#do(at, () => {
      this.#core.requester.flowClosed(at, flow)
      this.#registrar.flowClosed(flow)
      this.#trunks.flowClosed(at, flow)
    })
  }

  resolved(at: Instant, queryId: string, answers: readonly ResolveAnswer[]): readonly Output[] {
    return this.#do(at, () => this.#core.requester.resolved(at, queryId, answers))
  }

  wake(at: Instant): readonly Output[] {
    return this.#do(at, () => {
      this.#core.requester.wake(at)
      this.#registrar.wake(at)
      this.#trunks.wake(at)
      for (let alarm = this.#core.deadlines.take(at); alarm !== undefined; alarm = this.#core.deadlines.take(at))
        this.#ring(at, alarm.reason)
    })
  }

  deadline(): Instant | undefined {
    return earliest(this.#core.requester.deadline(), this.#core.deadlines.next(), this.#registrar.deadline(), this.#trunks.deadline())
  }

  /** What is held right now, for metrics and for tests that nothing is left behind. */
  get load(): { readonly sessions: number; readonly dialogs: number; readonly transactions: number } {
    const { sessions, requester } = this.#core
    return { sessions: sessions.size, dialogs: sessions.dialogs, transactions: requester.transactions.size }
  }

  contacts(account: Parameters<Registrar['contacts']>[0], number: string): readonly ContactView[] {
    return this.#registrar.contacts(account, number).map(viewOf)
  }

  invite(at: Instant, invitation: Invitation): readonly Output[] {
    return this.#do(at, () => {
      const directory = { settings: this.#core.settings, identities: this.#identities, registrar: this.#registrar }
      const dialling = sessionsFull(this.#core) ? undefined : diallingOf(directory, invitation)
      if (dialling !== undefined) return invite(this.#core, at, invitation, dialling)
      const status = sessionsFull(this.#core) ? 503 : 480
      this.#core.outbox.event({ kind: 'ended', session: invitation.session, by: 'fault', status })
    })
  }

  ring(at: Instant, session: LegId, ringing: { readonly status: 180 | 183; readonly sdp?: string }): readonly Output[] {
    return this.#with(at, session, (s) => ring(this.#core, at, s, ringing))
  }

  answer(at: Instant, session: LegId, sdp: string): readonly Output[] {
    return this.#with(at, session, (s) => answer(this.#core, at, s, sdp))
  }

  refuse(at: Instant, session: LegId, status: number, reason?: string): readonly Output[] {
    const why = reason === undefined ? {} : { reason }
    return this.#with(at, session, (s) => refuseSession(this.#core, at, s, { status, by: 'local', ...why }))
  }

  hangUp(at: Instant, session: LegId, cause: HangUpCause = {}): readonly Output[] {
    return this.#with(at, session, (s) => hangUp(this.#core, at, s, cause))
  }

  offer(at: Instant, session: LegId, sdp: string): readonly Output[] {
    return this.#with(at, session, (s) => offer(this.#core, at, s, sdp))
  }

  answerOffer(at: Instant, session: LegId, sdp: string): readonly Output[] {
    return this.#with(at, session, (s) => answerOffer(this.#core, at, s, sdp))
  }

  refuseOffer(at: Instant, session: LegId, status: number): readonly Output[] {
    return this.#with(at, session, (s) => refuseOffer(this.#core, at, s, status))
  }

  acceptTransfer(at: Instant, session: LegId, transferId: string): readonly Output[] {
    return this.#with(at, session, (s) => acceptTransfer(this.#core, at, s, transferId))
  }

  refuseTransfer(at: Instant, session: LegId, transferId: string, status: number): readonly Output[] {
    return this.#with(at, session, (s) => refuseTransfer(this.#core, at, s, { id: transferId, status }))
  }

  transferProgress(at: Instant, session: LegId, transferId: string, status: number): readonly Output[] {
    return this.#with(at, session, (s) => transferProgress(this.#core, at, s, { id: transferId, status }))
  }

  probe(at: Instant, session: LegId): readonly Output[] {
    return this.#with(at, session, (s) => probe(this.#core, at, s))
  }

  sendDtmf(at: Instant, session: LegId, digit: string, durationMs: number): readonly Output[] {
    return this.#with(at, session, (s) => sendDtmf(this.#core, at, s, { digit, durationMs }))
  }

  #message(at: Instant, bytes: Uint8Array, flow: Flow): void {
    const parsed = parse(bytes)
    if (!parsed.ok) {
      const { answer: asked, status } = parsed.error
      if (asked !== undefined) this.#intake.malformed(at, asked, { flow, status })
    } else if (parsed.value.kind === 'request') this.#intake.request(at, parsed.value, flow)
    else if (!this.#core.requester.response(at, parsed.value, flow)) strayResponse(this.#core, at, parsed.value)
  }

  /** A session that is gone is no error: those above may not have heard of its end yet. */
  #with(at: Instant, id: LegId, act: (session: Session) => void): readonly Output[] {
    return this.#do(at, () => {
      const session = this.#core.sessions.get(id)
      if (session !== undefined) act(session)
    })
  }

  /** Results of requests may lead to more requests, some of which fail at once: until all is quiet. */
  #do(at: Instant, act: () => void): readonly Output[] {
    act()
    for (let result = this.#core.requester.take(); result !== undefined; result = this.#core.requester.take()) this.#result(at, result)
    for (const invite of this.#core.requester.transactions.takeSettled()) this.#core.sessions.offeredBy(invite)
    return this.#core.outbox.take()
  }

  #result(at: Instant, result: Result<Purpose>): void {
    const { purpose } = result.outgoing.plan
    if ('session' in purpose) this.#core.sessions.touch(purpose.session)
    switch (purpose.kind) {
      case 'invite':
        this.#core.sessions.touch(purpose.fork.session)
        return inviteResult(this.#core, at, purpose.fork, result)
      case 'offer':
        return offerResult(this.#core, at, purpose.session, { sdp: purpose.sdp, result })
      case 'refresh':
        return refreshResult(this.#core, at, purpose.session, result)
      case 'probe':
        return probeResult(this.#core, at, purpose.session, result)
      case 'info':
        return infoResult(this.#core, at, purpose.session, result)
      case 'bye':
        return byeResult(this.#core, purpose, result)
      case 'notify':
      case 'forget':
        return
      case 'register':
      case 'keep-alive':
        return this.#trunks.result(at, { kind: purpose.kind, trunk: purpose.trunk }, result)
      default:
        return unreachable(purpose)
    }
  }

  #ring(at: Instant, { session, alarm }: SessionDue): void {
    session.alarms.delete(alarm)
    this.#core.sessions.touch(session)
    switch (alarm) {
      case 'ring':
        return session.direction === 'outgoing' ? ringTimedOut(this.#core, at, session) : this.#unanswered(at, session)
      case 'provisional':
        return ringAgain(this.#core, at, session)
      case 'retransmit':
        return repeatAnswer(this.#core, at, session)
      case 'offer':
        return glareOver(this.#core, at, session)
      case 'decision':
        return undecided(this.#core, at, session)
      case 'refresh':
        return this.#refresh(at, session)
      case 'expire':
        return expired(this.#core, at, session)
      case 'transfer':
        return transferUndecided(this.#core, at, session)
      default:
        return unreachable(alarm)
    }
  }

  /** RFC 3261 §13.3.1: 487 when the caller's own patience is over. */
  #unanswered(at: Instant, session: Session): void {
    refuseSession(this.#core, at, session, { status: 487, by: 'timeout' })
  }

  /** RFC 4028 §7.4: by UPDATE, else by a re-INVITE that changes nothing. */
  #refresh(at: Instant, session: Session): void {
    if (!sendRefresh(this.#core, at, session, 'refresh')) refreshByOffer(this.#core, at, session)
  }
}

const pong = new Uint8Array([0x0d, 0x0a])

/** RFC 5626 §3.5.1, and what NAT-keeping phones send by datagram: nothing but line ends, zeros or spaces. */
function isKeepAlive(bytes: Uint8Array): boolean {
  if (bytes.length > 8) return false
  return bytes.every((byte) => byte === 0x0d || byte === 0x0a || byte === 0 || byte === 0x20)
}
