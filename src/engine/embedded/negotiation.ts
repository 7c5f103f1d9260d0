import { fail, type Outcome, ok } from '../../kernel/outcome.ts'
import type { Random } from '../../kernel/random.ts'
import type { Codec, Endpoint, LegMedia } from '../../media/protocol.ts'
import type { SessionDescription } from '../../sdp/description.ts'
import { answerOffer, familyOf, type LocalAudio, makeOffer, readAnswer } from '../../sdp/negotiation.ts'
import { parseSdp } from '../../sdp/parser.ts'
import { writeSdp } from '../../sdp/writer.ts'

/** What offer and answer agreed on a leg. */
export interface Agreement {
  readonly media: LegMedia
  /** The phone does not want to hear us. */
  readonly holds: boolean
}

/** Offer and answer of one leg (RFC 3264), from its first description to its last. */
export class Negotiation {
  readonly #local: LocalAudio
  readonly #sessionId: string
  readonly #srtpKey: string
  #sent: SessionDescription | undefined
  /** Our side of the offer that waits for its answer. */
  #offered: LocalAudio | undefined

  constructor(endpoint: Endpoint, random: Random, wanted: Codec | undefined) {
    this.#local = { ...ordinary, endpoint, codecs: wanted === 'PCMA' ? ['PCMA', 'PCMU'] : ['PCMU', 'PCMA'] }
    this.#sessionId = String(random.integer(2 ** 32))
    this.#srtpKey = srtpKey(random)
  }

  /** Our offer; `secure`: by SRTP and nothing else. */
  offer(how: { readonly secure: boolean }): string {
    this.#offered = how.secure ? { ...this.#local, srtpKey: this.#srtpKey } : this.#local
    return this.#say(makeOffer(this.#offered, this.#describer()))
  }

  /** What the answer to our offer agreed. */
  accept(answer: string): Outcome<Agreement, string> {
    const offered = this.#offered
    const sent = this.#sent
    if (offered === undefined || sent === undefined) return fail('an answer to no offer')
    const parsed = parseSdp(answer)
    if (!parsed.ok) return parsed
    const read = readAnswer(parsed.value, sent, offered)
    if (!read.ok) return read
    this.#offered = undefined
    return ok({ media: read.value.agreed, holds: read.value.holds })
  }

  /** Answers the phone's offer. A failure changes nothing: what was agreed before still holds. */
  answer(offer: string): Outcome<Agreement & { readonly sdp: string }, string> {
    const parsed = parseSdp(offer)
    if (!parsed.ok) return parsed
    const answered = answerOffer(parsed.value, { ...this.#local, srtpKey: this.#srtpKey }, this.#describer())
    if (!answered.ok) return answered
    return ok({ media: answered.value.agreed, holds: answered.value.holds, sdp: this.#say(answered.value.answer) })
  }

  #describer(): { readonly sessionId: string; readonly previous?: SessionDescription } {
    return this.#sent === undefined ? { sessionId: this.#sessionId } : { sessionId: this.#sessionId, previous: this.#sent }
  }

  #say(description: SessionDescription): string {
    this.#sent = description
    return writeSdp(description)
  }
}

/** Whether we could answer this offer at all, and on which kind of socket: known before any port is bound. */
export function inspectOffer(offer: string): Outcome<{ readonly family: 4 | 6 }, string> {
  const parsed = parseSdp(offer)
  if (!parsed.ok) return parsed
  const family = familyOf(parsed.value)
  const endpoint = { address: family === 4 ? '192.0.2.1' : '2001:db8::1', port: 9 }
  const trial = answerOffer(parsed.value, { ...ordinary, endpoint, srtpKey: 'A'.repeat(40) }, { sessionId: '0' })
  return trial.ok ? ok({ family }) : trial
}

const ordinary = {
  codecs: ['PCMU', 'PCMA'],
  telephoneEvent: true,
  comfortNoise: false,
  ptimeMs: 20,
  direction: 'sendrecv',
} as const

/** RFC 4568 §6.1: 16 bytes of key and 14 of salt, fresh for every leg. */
function srtpKey(random: Random): string {
  const hex = random.hex(30)
  let bytes = ''
  for (let i = 0; i < hex.length; i += 2) bytes += String.fromCharCode(Number.parseInt(hex.slice(i, i + 2), 16))
  return btoa(bytes)
}
