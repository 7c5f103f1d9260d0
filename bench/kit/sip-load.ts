/**
 * Phones by the hundred on two UDP sockets: a trunk that calls in, and the phones that it reaches. It composes by template and reads by
 * searching, so that a call costs it a small part of what it costs the server; it trusts the spelling of our own writer and never sends
 * anything again, so that what is lost counts as failed.
 */
import { createSocket, type Socket } from 'node:dgram'
import type { Peer } from '../../testkit/phone-wire.ts'

export interface LoadCall {
  readonly id: number
  readonly callId: string
  readonly at: {
    invited: number
    offered: number
    rang: number
    ringing: number
    picked: number
    answered: number
    bye: number
    ended: number
  }
  /** Where the server hears the customer, and the agent. */
  customerTarget: number
  agentTarget: number
  state: 'calling' | 'up' | 'ended' | 'failed'
  toTag: string
  remote: string
}

/** Someone's leg of ours that the server called: an agent, or a supervisor. */
export interface CalledLeg {
  readonly extension: string
  readonly target: number
  readonly answeredAt: number
}

export interface SipLoadOptions {
  readonly server: Peer
  readonly trunkPort: number
  readonly phonesPort: number
  /** From 180 to 200; 0: in one go. */
  readonly answerMs: number
  /** Ports that descriptions name; RTP is somebody else's business. */
  readonly rtpPortOf: (leg: { readonly kind: 'customer' | 'phone'; readonly extension: string; readonly id: number }) => number
  readonly onUp?: (call: LoadCall) => void
  readonly onEnded?: (call: LoadCall) => void
  readonly onAnswering?: (leg: CalledLeg) => void
  readonly onGone?: (leg: { readonly extension: string }) => void
}

const now = (): number => performance.now()

export class SipLoad {
  /** Repetitions that the server sent: it waited in vain for something. */
  repeated = 0
  refused = 0
  readonly #options: SipLoadOptions
  readonly #calls = new Map<string, LoadCall>()
  /** By the caller's number, which the server shows to the phone it calls. */
  readonly #byNumber = new Map<string, LoadCall>()
  readonly #phoneLegs = new Map<string, { readonly extension: string; readonly call: LoadCall | undefined; answer: string }>()
  #trunk: Socket
  #phones: Socket
  #next = 0

  private constructor(options: SipLoadOptions, sockets: { readonly trunk: Socket; readonly phones: Socket }) {
    this.#options = options
    this.#trunk = sockets.trunk
    this.#phones = sockets.phones
    this.#trunk.on('message', (bytes) => this.#trunkHears(bytes.toString('latin1')))
    this.#phones.on('message', (bytes) => this.#phoneHears(bytes.toString('latin1')))
  }

  static async open(options: SipLoadOptions): Promise<SipLoad> {
    const [trunk, phones] = await Promise.all([bound(options.trunkPort), bound(options.phonesPort)])
    return new SipLoad(options, { trunk, phones })
  }

  get open(): number {
    return this.#calls.size
  }

  call(number: string): LoadCall {
    const id = this.#next++
    const call: LoadCall = {
      id,
      callId: `b${id}@bench`,
      at: { invited: 0, offered: 0, rang: 0, ringing: 0, picked: 0, answered: 0, bye: 0, ended: 0 },
      customerTarget: 0,
      agentTarget: 0,
      state: 'calling',
      toTag: '',
      remote: `sip:${number}@127.0.0.1:${this.#options.server.port}`,
    }
    this.#calls.set(call.callId, call)
    this.#byNumber.set(callerOf(id), call)
    const body = sdp(this.#options.rtpPortOf({ kind: 'customer', extension: '', id }))
    call.at.invited = now()
    this.#toServer(
      this.#trunk,
      `${this.#head(call, 'INVITE', 1)}Content-Type: application/sdp\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    return call
  }

  hangUp(call: LoadCall): void {
    if (call.state !== 'up') return
    call.at.bye = now()
    this.#toServer(this.#trunk, `${this.#head(call, 'BYE', 2)}Content-Length: 0\r\n\r\n`)
  }

  /** Gives up on a call that did not come about. */
  drop(call: LoadCall): void {
    call.state = 'failed'
    this.#forget(call)
  }

  close(): void {
    this.#trunk.close()
    this.#phones.close()
  }

  #head(call: LoadCall, method: string, cseq: number): string {
    const { server, trunkPort } = this.#options
    const from = callerOf(call.id)
    const tag = call.toTag === '' ? '' : `;tag=${call.toTag}`
    return (
      `${method} ${call.remote} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:${trunkPort};branch=z9hG4bK${call.id}${method}${cseq}\r\nMax-Forwards: 70\r\n` +
      `From: <sip:${from}@127.0.0.1>;tag=c${call.id}\r\nTo: <sip:callee@127.0.0.1:${server.port}>${tag}\r\nCall-ID: ${call.callId}\r\n` +
      `CSeq: ${cseq} ${method}\r\nContact: <sip:bench@127.0.0.1:${trunkPort}>\r\n`
    )
  }

  #toServer(socket: Socket, text: string): void {
    socket.send(Buffer.from(text, 'latin1'), this.#options.server.port, this.#options.server.host)
  }

  #trunkHears(text: string): void {
    const at = now()
    if (!text.startsWith('SIP/2.0 ')) return this.#requested(this.#trunk, text)
    const call = this.#calls.get(field(text, 'Call-ID'))
    if (call === undefined) return
    const status = Number(text.slice(8, 11))
    const isInvite = field(text, 'CSeq').endsWith('INVITE')
    if (!isInvite) return status === 200 ? this.#ended(call, at) : undefined
    if (status === 180) call.at.ringing ||= at
    else if (status === 200) this.#answered(call, text, at)
    else if (status >= 300) this.#failed(call)
  }

  #answered(call: LoadCall, text: string, at: number): void {
    if (call.state !== 'calling') {
      this.repeated += 1
      return
    }
    call.state = 'up'
    call.at.answered = at
    call.toTag = field(text, 'To').split(';tag=')[1] ?? ''
    call.remote = between(text, '\r\nContact: <', '>')
    call.customerTarget = mediaPort(text)
    this.#toServer(this.#trunk, `${this.#head(call, 'ACK', 1)}Content-Length: 0\r\n\r\n`)
    this.#options.onUp?.(call)
  }

  /** RFC 3261 §17.1.1.3 wants an ACK; without it the server repeats its refusal, and we are no phone that minds. */
  #failed(call: LoadCall): void {
    this.refused += 1
    this.drop(call)
  }

  #ended(call: LoadCall, at: number): void {
    call.at.ended = at
    call.state = 'ended'
    this.#forget(call)
    this.#options.onEnded?.(call)
  }

  #forget(call: LoadCall): void {
    this.#calls.delete(call.callId)
    this.#byNumber.delete(callerOf(call.id))
  }

  #phoneHears(text: string): void {
    if (text.startsWith('INVITE ')) this.#invited(text)
    else if (!text.startsWith('SIP/2.0 ')) this.#requested(this.#phones, text)
  }

  #invited(text: string): void {
    const at = now()
    const callId = field(text, 'Call-ID')
    const known = this.#phoneLegs.get(callId)
    if (known !== undefined) {
      // A supervisor's or agent's INVITE that comes again was not answered in time, or is a re-INVITE: both get the same description.
      this.repeated += 1
      return this.#toServer(
        this.#phones,
        response(text, '200 OK', { contact: this.#contact(known.extension), tag: 'p', body: known.answer }),
      )
    }
    const extension = text.slice(11, text.indexOf('@'))
    const call = this.#byNumber.get(between(field(text, 'From'), 'sip:', '@'))
    if (call !== undefined && extension.startsWith('4')) call.at.offered ||= at
    const answer = sdp(this.#options.rtpPortOf({ kind: 'phone', extension, id: call?.id ?? -1 }))
    const leg = { extension, call: extension.startsWith('4') ? call : undefined, answer }
    this.#phoneLegs.set(callId, leg)
    if (leg.call !== undefined) leg.call.at.rang = now()
    this.#toServer(this.#phones, response(text, '180 Ringing', { contact: this.#contact(extension), tag: 'p' }))
    if (this.#options.answerMs === 0) this.#pickUp(text, leg)
    else setTimeout(() => this.#pickUp(text, leg), this.#options.answerMs)
  }

  #pickUp(invite: string, leg: { readonly extension: string; readonly call: LoadCall | undefined; readonly answer: string }): void {
    const target = mediaPort(invite)
    const answeredAt = now()
    if (leg.call !== undefined) {
      leg.call.at.picked = answeredAt
      leg.call.agentTarget = target
    }
    this.#options.onAnswering?.({ extension: leg.extension, target, answeredAt })
    this.#toServer(this.#phones, response(invite, '200 OK', { contact: this.#contact(leg.extension), tag: 'p', body: leg.answer }))
  }

  #contact(extension: string): string {
    return `sip:${extension}@127.0.0.1:${this.#options.phonesPort}`
  }

  #requested(socket: Socket, text: string): void {
    if (text.startsWith('ACK ')) return
    if (text.startsWith('BYE ') || text.startsWith('CANCEL ')) this.#gone(field(text, 'Call-ID'))
    this.#toServer(socket, response(text, '200 OK', {}))
  }

  #gone(callId: string): void {
    const leg = this.#phoneLegs.get(callId)
    if (leg === undefined) return
    this.#phoneLegs.delete(callId)
    this.#options.onGone?.({ extension: leg.extension })
  }
}

const callerOf = (id: number): string => `+1555${String(id).padStart(7, '0')}`

function sdp(port: number): string {
  return (
    `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0 101\r\n` +
    'a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n'
  )
}

function response(
  request: string,
  status: string,
  more: { readonly contact?: string; readonly tag?: string; readonly body?: string },
): string {
  const to = field(request, 'To')
  const tag = more.tag === undefined || to.includes(';tag=') ? '' : `;tag=${more.tag}${field(request, 'Call-ID').slice(0, 8)}`
  const contact = more.contact === undefined ? '' : `Contact: <${more.contact}>\r\n`
  const body = more.body ?? ''
  const type = body === '' ? '' : 'Content-Type: application/sdp\r\n'
  return (
    `SIP/2.0 ${status}\r\nVia: ${field(request, 'Via')}\r\nFrom: ${field(request, 'From')}\r\nTo: ${to}${tag}\r\n` +
    `Call-ID: ${field(request, 'Call-ID')}\r\nCSeq: ${field(request, 'CSeq')}\r\n${contact}${type}Content-Length: ${body.length}\r\n\r\n${body}`
  )
}

const field = (text: string, name: string): string => between(text, `\r\n${name}: `, '\r\n')

function between(text: string, before: string, after: string): string {
  const start = text.indexOf(before)
  if (start < 0) return ''
  const from = start + before.length
  return text.slice(from, text.indexOf(after, from))
}

const mediaPort = (text: string): number => Number(between(text, '\r\nm=audio ', ' '))

function bound(port: number): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024, lookup: (host, _options, done) => done(null, host, 4) })
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  socket.once('error', reject)
  socket.bind(port, '127.0.0.1', () => resolve(socket))
  return promise
}
