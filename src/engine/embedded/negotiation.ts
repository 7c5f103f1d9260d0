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

/** What goes on after a restart. SRTP keys are in it: whoever can read this can listen in. */
export interface NegotiationMemory {
  readonly endpoint: Endpoint
  readonly codecs: readonly Codec[]
  readonly sessionId: string
  readonly srtpKey: string
  /** Our last description, whose `o=` version the next one goes on from. */
  readonly sent?: string
  /** It is an offer without an answer. */
  readonly offered?: 'plain' | 'secure'
}

/** Offer and answer of one leg (RFC 3264), from its first description to its last. */
export class Negotiation {
  readonly #local: LocalAudio
  readonly #sessionId: string
  readonly #srtpKey: string
  #sent: SessionDescription | undefined
  #sentText: string | undefined
  /** Our side of the offer that waits for its answer. */
  #offered: LocalAudio | undefined

  private constructor({ endpoint, codecs, sessionId, srtpKey, sent, offered }: NegotiationMemory) {
    this.#local = { ...ordinary, endpoint, codecs }
    this.#sessionId = sessionId
    this.#srtpKey = srtpKey
    const parsed = sent === undefined ? undefined : parseSdp(sent)
    if (parsed?.ok) this.#sent = parsed.value
    this.#sentText = sent
    if (offered !== undefined) this.#offered = this.#offerer(offered === 'secure')
  }

  static begin(endpoint: Endpoint, random: Random, wanted: Codec | undefined): Negotiation {
    const codecs: readonly Codec[] = wanted === 'PCMA' ? ['PCMA', 'PCMU'] : ['PCMU', 'PCMA']
    return new Negotiation({ endpoint, codecs, sessionId: String(random.integer(2 ** 32)), srtpKey: srtpKey(random) })
  }

  static restored(memory: NegotiationMemory): Negotiation {
    return new Negotiation(memory)
  }

  memory(): NegotiationMemory {
    const { endpoint, codecs } = this.#local
    const offered = this.#offered === undefined ? undefined : this.#offered.srtpKey === undefined ? 'plain' : 'secure'
    return {
      ...{ endpoint, codecs, sessionId: this.#sessionId, srtpKey: this.#srtpKey },
      ...(this.#sentText !== undefined && { sent: this.#sentText }),
      ...(offered !== undefined && { offered }),
    }
  }

  /** Our offer; `secure`: by SRTP and nothing else. */
  offer(how: { readonly secure: boolean }): string {
    this.#offered = this.#offerer(how.secure)
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

  #offerer(secure: boolean): LocalAudio {
    return secure ? { ...this.#local, srtpKey: this.#srtpKey } : this.#local
  }

  #describer(): { readonly sessionId: string; readonly previous?: SessionDescription } {
    return this.#sent === undefined ? { sessionId: this.#sessionId } : { sessionId: this.#sessionId, previous: this.#sent }
  }

  #say(description: SessionDescription): string {
    this.#sent = description
    this.#sentText = writeSdp(description)
    return this.#sentText
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
