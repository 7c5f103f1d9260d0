/** What a phone does with requests that come to it: which line they belong to, and how a new call is met. */

import { allowField } from './phone-core.ts'
import { Dialog } from './phone-dialog.ts'
import { challengeField, proves } from './phone-digest.ts'
import { Line, type LineOwner } from './phone-line.ts'
import {
  cseqOf,
  displayNameOf,
  type Field,
  field,
  list,
  methodOf,
  newTag,
  param,
  requestUri,
  respondTo,
  type SipMessage,
  tagOf,
  uriOf,
  uriParts,
} from './phone-message.ts'
import type { MediaSession } from './phone-session.ts'

/** What a phone does with a call: rings until somebody answers, answers by itself, or refuses. */
export type Behaviour = 'ring' | 'ringForever' | 'busy' | { readonly reject: number } | { readonly answerAfterMs: number }

/** How a phone meets those who call it. */
export interface Manners {
  readonly autoAnswer?: boolean | number
  readonly behaviour?: Behaviour
  /** Decides by call; overrides `behaviour`. */
  readonly decide?: (call: { readonly dialled: string; readonly from: string; readonly invite: SipMessage }) => Behaviour
  /** Demands a password of whoever calls (a carrier's trunk). */
  readonly challenge?: { readonly user: string; readonly password: string }
  /** The host of the phone's own address, and the realm of its challenges; default the server's host. */
  readonly realm?: string
}

export interface Host extends LineOwner {
  readonly options: Manners
  readonly uri: string
  openMedia(): Promise<MediaSession>
}

export class Incoming {
  readonly #phone: Host
  readonly #lines: Set<Line>
  /** Calls whose audio ports are being opened; a CANCEL may come meanwhile. */
  readonly #arriving = new Map<string, { cancelled: boolean }>()

  constructor(phone: Host, lines: Set<Line>) {
    this.#phone = phone
    this.#lines = lines
  }

  receive(request: SipMessage): void {
    const method = methodOf(request)
    if (method === 'CANCEL') return this.#cancelled(request)
    if (tagOf(request, 'to') !== undefined) return this.#within(request)
    switch (method) {
      case 'INVITE':
        return this.#invited(request)
      case 'ACK':
        return
      case 'OPTIONS':
        return this.#respond(request, 200, [allowField, ['Accept', 'application/sdp']])
      case 'NOTIFY':
        // Nobody subscribed: message waiting and the like.
        return this.#respond(request, 200)
      default:
        return this.#respond(request, 405, [allowField])
    }
  }

  #within(request: SipMessage): void {
    const line = [...this.#lines].find((l) => l.dialog.matches(request))
    if (line !== undefined) return line.receive(request)
    if (methodOf(request) !== 'ACK') this.#respond(request, 481)
  }

  #cancelled(request: SipMessage): void {
    const key = inviteKey(request)
    const arriving = this.#arriving.get(key)
    const line = [...this.#lines].find((l) => l.invite !== undefined && inviteKey(l.invite) === key && l.state !== 'calling')
    this.#respond(request, arriving === undefined && line === undefined ? 481 : 200)
    if (arriving !== undefined) arriving.cancelled = true
    line?.cancelled()
  }

  #invited(request: SipMessage): void {
    const { challenge, realm = 'trunk.test' } = this.#phone.options
    if (challenge !== undefined && !proves(request, challenge)) return this.#respond(request, 407, [challengeField(realm)])
    const unknown = list(request, 'require').filter((option) => !['replaces', 'timer'].includes(option.toLowerCase()))
    if (unknown.length > 0) return this.#respond(request, 420, [['Unsupported', unknown.join(', ')]])
    this.#respond(request, 100)
    void this.#open(request)
  }

  async #open(request: SipMessage): Promise<void> {
    const key = inviteKey(request)
    const arriving = { cancelled: false }
    this.#arriving.set(key, arriving)
    const media = await this.#phone.openMedia()
    this.#arriving.delete(key)
    const from = field(request, 'from') ?? ''
    const caller = { number: uriParts(uriOf(from)).user, name: displayNameOf(from) }
    const line = new Line(this.#phone, { dialog: Dialog.answering(request, this.#phone.uri), media, invite: request, ...caller })
    this.#lines.add(line)
    if (arriving.cancelled) line.cancelled()
    else this.#meet(line, request)
  }

  #meet(line: Line, request: SipMessage): void {
    this.#phone.changed(line, 'incoming')
    const behaviour = this.#behaviour(line, request)
    if (behaviour === 'busy') return line.reject(486)
    if (typeof behaviour === 'object' && 'reject' in behaviour) return line.reject(behaviour.reject)
    line.respond(request, 180)
    if (typeof behaviour === 'object') this.#answerLater(line, request, behaviour.answerAfterMs)
  }

  #answerLater(line: Line, request: SipMessage, ms: number): void {
    const answer = () => {
      if (line.state !== 'incoming') return
      const replaced = this.#replaced(request)
      line.answer()
      void replaced?.hangUp()
    }
    // A caller sees 180 and 200 in this order either way; a phone that answers at once still takes its moment.
    setTimeout(answer, ms).unref()
  }

  #behaviour(line: Line, request: SipMessage): Behaviour {
    const { decide, behaviour, autoAnswer } = this.#phone.options
    const decided = decide?.({ dialled: uriParts(requestUri(request)).user, from: line.number, invite: request }) ?? behaviour
    if (decided !== undefined) return decided
    if (autoAnswer !== undefined && autoAnswer !== false) return { answerAfterMs: autoAnswer === true ? 0 : autoAnswer }
    const asked = list(request, 'call-info')
      .map((value) => param(value, 'answer-after'))
      .find((seconds) => seconds !== undefined)
    if (asked !== undefined) return { answerAfterMs: Number(asked) * 1_000 }
    return this.#replaced(request) === undefined ? 'ring' : { answerAfterMs: 0 }
  }

  /** RFC 3891: the tags are the replaced dialog's as this phone has them. */
  #replaced(request: SipMessage): Line | undefined {
    const value = field(request, 'replaces')
    if (value === undefined) return undefined
    const [callId = ''] = value.split(';')
    const [toTag, fromTag] = [param(value, 'to-tag'), param(value, 'from-tag')]
    return [...this.#lines].find(({ dialog }) => dialog.callId === callId && dialog.localTag === toTag && dialog.remoteTag === fromTag)
  }

  #respond(request: SipMessage, status: number, fields: readonly Field[] = []): void {
    this.#phone.core.transactions.respond(request, respondTo(request, status, { ...(status === 100 ? {} : { toTag: newTag() }), fields }))
  }
}

const inviteKey = (message: SipMessage): string => `${field(message, 'call-id')} ${tagOf(message, 'from')} ${cseqOf(message).number}`
