/** One call of a virtual phone: its dialog, its audio, and what a person can do with it. */
import { allowField, ask, type Content, type Core, type Exchange, sdpFields } from './phone-core.ts'
import type { Dialog } from './phone-dialog.ts'
import type { Heard } from './phone-heard.ts'
import { answerRequest } from './phone-line-requests.ts'
import { field, reasonOf, reasonPhrases, respondTo, type SipMessage, statusOf } from './phone-message.ts'
import { type Ending, Progress } from './phone-progress.ts'
import { referTo } from './phone-refer.ts'
import type { MediaSession } from './phone-session.ts'
import type { LineState, Talk } from './phone-talk.ts'
import { pause } from './phone-wait.ts'
import type { Voice } from './voice.ts'

/** The phone that a line belongs to. */
export interface LineOwner {
  readonly core: Core
  changed(line: Line, what: 'incoming' | 'ringing' | 'answered' | 'ended'): void
  /** Someone asks this phone to call somebody (REFER). */
  callFor(line: Line, target: string, replaces: string | undefined): Promise<Line>
}

export class Line implements Talk {
  readonly dialog: Dialog
  readonly media: MediaSession
  /** Whom we called, or who calls as presented to us. */
  readonly number: string
  readonly name: string | undefined
  readonly owner: LineOwner
  readonly progress = new Progress()
  infoDigits = ''
  readonly transferReports: number[] = []
  /** The INVITE that made this line, and ours while it is not answered. */
  invite: SipMessage | undefined
  offering = false
  awaitsAnswer = false
  #state: LineState
  #cancelled = false
  #provisional = false

  constructor(
    owner: LineOwner,
    call: { dialog: Dialog; media: MediaSession; number: string; name?: string | undefined; invite?: SipMessage },
  ) {
    this.owner = owner
    this.dialog = call.dialog
    this.media = call.media
    this.number = call.number
    this.name = call.name
    this.invite = call.invite
    this.#state = call.invite === undefined ? 'calling' : 'incoming'
  }

  get state(): LineState {
    return this.#state
  }

  get heard(): Heard {
    return this.media.stream.heard
  }

  /** Resolves when the far end rings. */
  get ringing(): Promise<void> {
    return this.progress.ringing
  }

  /** Resolves when the call is up; rejects where it ends without. */
  get answered(): Promise<void> {
    return this.progress.answered
  }

  get ended(): Promise<Ending> {
    return this.progress.ended
  }

  /** Sends the INVITE. `delayedOffer`: without SDP, so that the far end offers and our ACK answers (RFC 3261 §13.2.1). */
  async place(options: { readonly delayedOffer?: boolean; readonly fields?: Content['fields'] } = {}): Promise<void> {
    const body = options.delayedOffer === true ? '' : this.media.offer()
    const fields = [allowField, ...(options.fields ?? []), ...(body === '' ? [] : sdpFields)]
    const sent = (request: SipMessage) => {
      this.invite = request
      this.#provisional = false
    }
    const exchange = await ask(this.owner.core, this.dialog, {
      method: 'INVITE',
      content: { fields, body },
      watch: { sent, provisional: (response) => this.#rings(response) },
    })
    if (this.#state === 'ended') return
    if (statusOf(exchange.response) >= 300) this.end({ by: this.#cancelled ? 'us' : 'them', ...refusalIn(exchange.response) })
    else this.#established(exchange, body === '')
  }

  /** Answers an incoming call. */
  answer(): void {
    const { invite } = this
    if (this.#state !== 'incoming' || invite === undefined) throw new Error(`a call that is ${this.#state} cannot be answered`)
    const offered = invite.body !== ''
    const body = offered ? this.media.answer(invite.body) : this.media.offer()
    if (body === undefined) return this.reject(488)
    this.awaitsAnswer = !offered
    this.respond(invite, 200, { fields: sdpFields, body })
    this.#connect()
  }

  reject(status: number): void {
    if (this.#state !== 'incoming' || this.invite === undefined) return
    this.respond(this.invite, status)
    this.end({ by: 'us', status, reason: reasonPhrases[status] ?? '' })
  }

  /** The caller gave up: CANCEL is answered by the phone, the INVITE here. */
  cancelled(): void {
    if (this.#state !== 'incoming' || this.invite === undefined) return
    this.respond(this.invite, 487)
    this.end({ by: 'them', status: 487 })
  }

  /** Ends the call by whatever its state asks for: CANCEL, a refusal, or BYE. */
  async hangUp(): Promise<void> {
    if (this.#state === 'calling') return this.cancel()
    if (this.#state === 'incoming') return this.reject(603)
    if (this.#state !== 'connected') return
    this.end({ by: 'us' })
    await ask(this.owner.core, this.dialog, { method: 'BYE' })
  }

  /** RFC 3261 §9.1: not before a provisional response; where a 2xx crosses it, BYE follows. */
  async cancel(): Promise<void> {
    this.#cancelled = true
    while (this.#state === 'calling' && !this.#provisional) await pause(5)
    if (this.#state !== 'calling' || this.invite === undefined) return
    await this.owner.core.transactions.request(this.dialog.cancel(this.invite), this.dialog.nextHop())
  }

  hold(): Promise<void> {
    return this.#reoffer('sendonly')
  }

  resume(): Promise<void> {
    return this.#reoffer('sendrecv')
  }

  /** Blind: the peer is asked to call `to`. Resolves with the last status that it reports. */
  transfer(to: string): Promise<number> {
    return referTo(this, this.dialog.siblingUri(to))
  }

  /** Attended: the peer is asked to take the place of this phone in its other call. */
  transferTo(consultation: Line): Promise<number> {
    const target = consultation.dialog.remoteUri()
    return referTo(this, `${target}?Replaces=${encodeURIComponent(consultation.dialog.replaces())}`)
  }

  sendDtmf(digits: string): void {
    this.media.stream.dial(digits)
  }

  async sendInfo(digit: string, durationMs = 160): Promise<number> {
    const body = `Signal=${digit}\r\nDuration=${durationMs}\r\n`
    const { response } = await this.request('INFO', { fields: [['Content-Type', 'application/dtmf-relay']], body })
    return statusOf(response)
  }

  say(voice: Voice): void {
    this.media.stream.voice = voice
  }

  mute(muted = true): void {
    this.media.stream.muted = muted
  }

  request(method: string, content: Content = {}): Promise<Exchange> {
    return ask(this.owner.core, this.dialog, { method, content })
  }

  callFor(target: string, replaces: string | undefined): Promise<Line> {
    return this.owner.callFor(this, target, replaces)
  }

  /** A request within this call's dialog. */
  receive(request: SipMessage): void {
    answerRequest(this, request)
  }

  respond(request: SipMessage, status: number, content: Content = {}): void {
    const contact = ['Contact', `<${this.dialog.contact}>`] as const
    const fields = [contact, allowField, ...(content.fields ?? [])]
    const { transactions } = this.owner.core
    transactions.respond(request, respondTo(request, status, { toTag: this.dialog.localTag, fields, body: content.body ?? '' }))
  }

  /** The 2xx came again, so our ACK was lost. */
  acknowledgeAgain(): void {
    if (this.#lastAck !== undefined) this.owner.core.transactions.send(this.#lastAck, this.dialog.nextHop())
  }

  /** No more audio, no more signalling: what the far end learns of it is the caller's business. */
  end(ending: Ending): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.media.stream.close()
    this.progress.end(ending)
    this.owner.changed(this, 'ended')
  }

  #lastAck: SipMessage | undefined

  #rings(response: SipMessage): void {
    this.#provisional = true
    if (statusOf(response) <= 100 || this.#state !== 'calling') return
    this.progress.ring()
    this.owner.changed(this, 'ringing')
  }

  #established({ request, response }: Exchange, delayed: boolean): void {
    this.dialog.learn(response)
    const body = delayed ? this.media.answer(response.body) : this.media.accept(response.body) ? '' : undefined
    this.#acknowledge(request, body ?? '')
    this.#connect()
    if (this.#cancelled || body === undefined) void this.hangUp()
  }

  #connect(): void {
    this.#state = 'connected'
    this.progress.answer()
    this.owner.changed(this, 'answered')
  }

  #acknowledge(invite: SipMessage, body: string): void {
    const { core } = this.owner
    this.#lastAck = this.dialog.ack(core.wire, invite, { fields: body === '' ? [] : sdpFields, body })
    core.transactions.send(this.#lastAck, this.dialog.nextHop())
  }

  /** RFC 3261 §14.1: a re-INVITE that meets another (491) is tried again after a while. */
  async #reoffer(direction: 'sendonly' | 'sendrecv'): Promise<void> {
    if (this.#state !== 'connected') throw new Error(`a call that is ${this.#state} cannot be held or resumed`)
    this.media.wanted = direction
    this.offering = true
    const { request, response } = await this.request('INVITE', { fields: [allowField, ...sdpFields], body: this.media.offer() })
    this.offering = false
    if (statusOf(response) === 491) {
      await pause(2_100 + Math.random() * 1_900)
      return this.#reoffer(direction)
    }
    if (statusOf(response) >= 300) throw new Error(`the re-INVITE was refused: ${statusOf(response)} ${reasonOf(response)}`)
    this.dialog.refresh(response)
    this.#acknowledge(request, '')
    this.media.accept(response.body)
  }
}

function refusalIn(response: SipMessage): { status: number; reason: string } {
  return { status: statusOf(response), reason: field(response, 'reason') ?? reasonOf(response) }
}
