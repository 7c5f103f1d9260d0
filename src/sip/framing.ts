/**
 * Cuts a byte stream (TCP, TLS) into messages by Content-Length (RFC 3261 §18.3) and tells keep-alives apart (RFC 5626 §4.4.1): CRLF CRLF
 * is a ping, to be answered by one CRLF; one CRLF alone is a pong. After `broken` the stream's message borders are unknown: it has to be closed.
 */
import { limits } from '../kernel/limits.ts'
import { decimal, isTokenChar } from './chars.ts'
import { fieldAt, findHeadEnd, headText } from './head.ts'
import { canonicalName } from './header-names.ts'

export type Framed =
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | { readonly kind: 'ping' }
  | { readonly kind: 'pong' }
  | { readonly kind: 'broken'; readonly why: string }

const CR = 0x0d
const LF = 0x0a
const headerEnd = 4
/** What a connection holds while nothing large is under way. */
const usualBytes = 4096

export class StreamFramer {
  /** Bytes not yet given out; `#end` of them are filled. */
  #buffer = new Uint8Array(usualBytes)
  #end = 0
  /** No empty line begins before this offset, so that a head that drips in is searched once. */
  #searched = 0
  /** Length of the first message, once its head is complete. */
  #messageBytes: number | undefined
  /** The stream stood at a message border and the last thing was one CRLF: another one makes it a ping. */
  #afterCrlf = false
  #isBroken = false

  push(bytes: Uint8Array): readonly Framed[] {
    if (this.#isBroken) return []
    this.#append(bytes)
    const framed: Framed[] = []
    let at = 0
    for (;;) {
      const step = this.#step(at)
      if (step === undefined) break
      framed.push(step.framed)
      if (step.framed.kind === 'broken') {
        this.#isBroken = true
        this.#buffer = new Uint8Array(0)
        return framed
      }
      at = step.next
    }
    this.#drop(at)
    return framed
  }

  #append(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(this.#buffer.length * 2, this.#end + bytes.length))
      larger.set(this.#buffer.subarray(0, this.#end))
      this.#buffer = larger
    }
    this.#buffer.set(bytes, this.#end)
    this.#end += bytes.length
  }

  #drop(until: number): void {
    if (until === 0) return
    this.#buffer.copyWithin(0, until, this.#end)
    this.#end -= until
    if (this.#end === 0 && this.#buffer.length > 4 * usualBytes) this.#buffer = new Uint8Array(usualBytes)
    this.#searched = Math.max(0, this.#searched - until)
  }

  #step(at: number): { readonly framed: Framed; readonly next: number } | undefined {
    if (at >= this.#end) return undefined
    if (this.#messageBytes === undefined && this.#buffer[at] === CR) return this.#keepAlive(at)
    this.#afterCrlf = false
    return this.#message(at)
  }

  /** A CRLF is given out as a pong at once, even if it turns out to be the first half of a ping: a needless pong harms nobody. */
  #keepAlive(at: number): { readonly framed: Framed; readonly next: number } | undefined {
    if (at + 1 >= this.#end) return undefined
    if (this.#buffer[at + 1] !== LF) return broken('a lone CR between messages')
    const isWholePing = this.#end >= at + 4 && this.#buffer[at + 2] === CR && this.#buffer[at + 3] === LF
    if (this.#afterCrlf || isWholePing) {
      const length = this.#afterCrlf ? 2 : 4
      this.#afterCrlf = false
      return { framed: { kind: 'ping' }, next: at + length }
    }
    this.#afterCrlf = true
    return { framed: { kind: 'pong' }, next: at + 2 }
  }

  #message(at: number): { readonly framed: Framed; readonly next: number } | undefined {
    if (this.#messageBytes === undefined) {
      const why = this.#measure(at)
      if (why !== undefined) return broken(why)
    }
    const length = this.#messageBytes
    if (length === undefined || this.#end - at < length) return undefined
    this.#messageBytes = undefined
    this.#searched = at + length
    return { framed: { kind: 'message', bytes: this.#buffer.slice(at, at + length) }, next: at + length }
  }

  /** Finds the first message's length if its head is complete; says why it never will be. */
  #measure(at: number): string | undefined {
    const bytes = this.#buffer.subarray(0, this.#end)
    if (!isTokenChar(bytes[at] ?? 0)) return 'no message begins here'
    const head = findHeadEnd(bytes, Math.max(at, this.#searched))
    if (head.illegal >= 0) return 'control character in the head'
    if (head.end < 0) {
      this.#searched = Math.max(at, this.#end - headerEnd + 1)
      return this.#end - at > limits.sipMessageBytes ? 'head without an end' : undefined
    }
    const length = contentLength(headText(bytes.subarray(at, head.end), false))
    if (typeof length === 'string') return length
    const total = head.end + headerEnd - at + length
    if (total > limits.sipMessageBytes) return 'longer than any message we take'
    this.#messageBytes = total
    return undefined
  }
}

const broken = (why: string): { framed: Framed; next: number } => ({ framed: { kind: 'broken', why }, next: 0 })

/** Two lengths are refused even when they agree: the parser would refuse the message, and a next hop might not. */
function contentLength(head: string): number | string {
  let length: number | undefined
  let at = head.indexOf('\r\n') + 2
  while (at >= 2 && at < head.length) {
    const { field, next } = fieldAt(head, at)
    at = next
    if (canonicalName(field.name) !== 'Content-Length') continue
    if (length !== undefined) return 'Content-Length given twice'
    length = decimal(field.value, limits.sipMessageBytes)
    if (length === undefined) return 'illegal Content-Length'
  }
  return length ?? 'no Content-Length on a stream'
}
