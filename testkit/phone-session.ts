/** Offer and answer of one line over its RTP stream. */
import type { RtpStream } from './phone-rtp.ts'
import { answerDirection, type Description, type Direction, type Law, readDescription, writeAnswer, writeOffer } from './phone-sdp.ts'
import { newSrtpKey } from './phone-srtp.ts'

const eventsType = 101

export class MediaSession {
  readonly stream: RtpStream
  /** What this phone wants: `sendonly` is a call that it holds. */
  wanted: Direction = 'sendrecv'
  /** What both agreed last. */
  agreed: Direction = 'inactive'
  law: Law | undefined
  readonly #host: string
  readonly #codecs: readonly Law[]
  /** Undefined: it speaks no SRTP. */
  readonly #key: string | undefined
  #crypto: Description['crypto']
  readonly #id = Math.floor(Math.random() * 2 ** 31)
  #version = 0

  constructor(stream: RtpStream, phone: { readonly host: string; readonly codecs: readonly Law[]; readonly srtp?: boolean }) {
    this.stream = stream
    this.#host = phone.host
    this.#codecs = phone.codecs
    this.#key = phone.srtp === true ? newSrtpKey() : undefined
  }

  offer(): string {
    return writeOffer(this.#ours(this.#codecs, { events: eventsType, direction: this.wanted }))
  }

  /** The answer, already in force; undefined where the offer has no audio that this phone speaks (488). */
  answer(text: string): string | undefined {
    const offer = readDescription(text)
    const law = offer?.codecs.find((codec) => this.#codecs.includes(codec))
    if (offer === undefined || law === undefined || !this.#secure(offer)) return undefined
    const direction = answerDirection(offer.direction, this.wanted)
    this.#apply(offer, { law, direction })
    return writeAnswer(this.#ours([law], { events: offer.events ?? eventsType, direction }), offer)
  }

  /** Puts the answer to our offer in force. */
  accept(text: string): boolean {
    const answer = readDescription(text)
    const law = answer?.codecs.find((codec) => this.#codecs.includes(codec))
    if (answer === undefined || law === undefined || answer.port === 0 || !this.#secure(answer)) return false
    this.#apply(answer, { law, direction: answerDirection(answer.direction, this.wanted) })
    return true
  }

  /** False where keys are offered that this phone has no use for. A repeated offer with the same key goes on with its streams. */
  #secure({ crypto }: Description): boolean {
    if (crypto === undefined) return true
    if (this.#key === undefined) return false
    this.#crypto = { tag: crypto.tag, key: this.#key }
    this.stream.secure({ send: this.#key, receive: crypto.key })
    return true
  }

  #apply(remote: Description, agreed: { law: Law; direction: Direction }): void {
    this.law = agreed.law
    this.agreed = agreed.direction
    this.stream.aim({
      host: remote.host === '0.0.0.0' ? this.#host : remote.host,
      port: remote.port,
      law: agreed.law,
      events: remote.events,
    })
    this.stream.paused = agreed.direction === 'recvonly' || agreed.direction === 'inactive'
  }

  #ours(codecs: readonly Law[], say: { events: number; direction: Direction }) {
    this.#version += 1
    const secure = this.#crypto === undefined ? {} : { crypto: this.#crypto }
    return { session: { id: this.#id, version: this.#version }, host: this.#host, port: this.stream.port, codecs, ...say, ...secure }
  }
}
