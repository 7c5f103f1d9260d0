import { assert } from '../src/kernel/assert.ts'
import { respond } from '../src/sip/digest.ts'
import type { Address, Flow, Output, SipChange, SipEvent, Transport, UserAgentSettings } from '../src/sip/door.ts'
import type { Message, Request, Response } from '../src/sip/message.ts'
import { headers } from '../src/sip/message.ts'
import { parse } from '../src/sip/parser.ts'
import { datagramFlow } from '../src/sip/transport.ts'
import { formatUri } from '../src/sip/uri.ts'
import { UserAgent } from '../src/sip/user-agent.ts'
import { Clock } from './clock.ts'
import { SeededRandom } from './random.ts'
import { account, hash, udp } from './sip-world.ts'

export const serverAt: Address = { address: '192.0.2.1', port: 5060 }
export const phoneAt: Address = { address: '198.51.100.7', port: 5062 }
export const trunkAt: Address = { address: '203.0.113.9', port: 5060 }

export const phoneFlow = datagramFlow(serverAt, phoneAt)
export const trunkFlow = datagramFlow(serverAt, trunkAt)

export const stream = (id: string, transport: Transport = 'TCP', remote: Address = phoneAt): Flow => ({
  id,
  transport,
  local: serverAt,
  remote,
})

export const settings: UserAgentSettings = {
  listen: [udp('192.0.2.1'), { transport: 'TCP', address: '192.0.2.1', port: 5060 }, { transport: 'WS', address: '192.0.2.1', port: 8080 }],
  realm: 'sotto.test',
  product: 'Sotto test',
  extensions: [
    { account, code: '0003', number: '210', password: 'pw-210' },
    { account, code: '0003', number: '211', password: 'pw-211' },
  ],
  trunks: [{ account, id: 'pstn', peer: 'udp:203.0.113.9:5060', trusted: ['203.0.113.9:5060'] }],
}

/** What one step led to. */
export class Seen {
  readonly outputs: readonly Output[]
  readonly messages: readonly Message[]
  readonly events: readonly SipEvent[]

  constructor(outputs: readonly Output[]) {
    this.outputs = outputs
    this.messages = outputs.flatMap((output) => (output.kind === 'send' ? [parsed(output.bytes)] : []))
    this.events = outputs.flatMap((output) => (output.kind === 'event' ? [output.event] : []))
  }

  get statuses(): readonly number[] {
    return this.messages.flatMap((m) => (m.kind === 'response' ? [m.status] : []))
  }

  get methods(): readonly string[] {
    return this.messages.flatMap((m) => (m.kind === 'request' ? [m.method] : []))
  }

  get kinds(): readonly string[] {
    return this.events.map((event) => event.kind)
  }

  response(status: number): Response {
    const found = this.messages.find((m) => m.kind === 'response' && m.status === status)
    assert(found?.kind === 'response', `a ${status} among ${this.statuses.join(' ') || 'nothing'}`)
    return found
  }

  request(method: string): Request {
    const found = this.messages.find((m) => m.kind === 'request' && m.method === method)
    assert(found?.kind === 'request', `a ${method} among ${this.methods.join(' ') || 'nothing'}`)
    return found
  }

  event<K extends SipEvent['kind']>(kind: K): Extract<SipEvent, { kind: K }> {
    const found = this.events.find((event): event is Extract<SipEvent, { kind: K }> => event.kind === kind)
    assert(found !== undefined, `${kind} among ${this.kinds.join(' ') || 'no events'}`)
    return found
  }
}

function parsed(bytes: Uint8Array): Message {
  const outcome = parse(bytes)
  assert(outcome.ok, `we send what we would take: ${outcome.ok ? '' : outcome.error.why}`)
  return outcome.value
}

/** One user agent on a bench: text goes in, messages and events come out. */
export class Rig {
  readonly clock = new Clock()
  agent: UserAgent
  readonly #settings: UserAgentSettings
  #seed: number
  /** What was remembered, as it would be written down. */
  readonly log: string[] = []

  constructor(own: UserAgentSettings = settings, seed = 1) {
    this.#settings = own
    this.#seed = seed
    this.agent = new UserAgent(own, new SeededRandom(seed), hash)
  }

  /** Changes since the last time, as they would be written down. */
  remembered(): readonly SipChange[] {
    const changes = this.agent.changes()
    for (const change of changes) this.log.push(JSON.stringify(change))
    return changes
  }

  /** The process dies, and another one goes on with what was remembered. */
  restart(own: UserAgentSettings = this.#settings): Seen {
    this.remembered()
    this.#seed += 1
    this.agent = new UserAgent(own, new SeededRandom(this.#seed), hash)
    const before = this.log.map((line) => JSON.parse(line) as SipChange)
    return new Seen([...this.agent.restore(this.now, before), ...this.agent.start(this.now)])
  }

  get now() {
    return this.clock.now
  }

  receive(text: string, flow: Flow = phoneFlow): Seen {
    return new Seen(this.agent.receive(this.now, new TextEncoder().encode(text), flow))
  }

  do(act: (agent: UserAgent) => readonly Output[]): Seen {
    return new Seen(act(this.agent))
  }

  /** Lets time pass, waking the agent whenever it wants to. */
  pass(ms: number): Seen {
    const end = this.now + ms
    const outputs: Output[] = []
    for (let due = this.agent.deadline(); due !== undefined && due <= end; due = this.agent.deadline()) {
      this.clock.run(Math.max(0, due - this.now))
      outputs.push(...this.agent.wake(this.now))
    }
    this.clock.run(end - this.now)
    return new Seen(outputs)
  }

  /** Sends a request without credentials, then again with the answer to the challenge. */
  prove(request: RequestText, credentials: { username: string; password: string }, flow: Flow = phoneFlow): Seen {
    const challenge = this.receive(compose(request), flow).response(401)
    const value = respond(headers(challenge, 'WWW-Authenticate'), {
      ...credentials,
      method: request.method,
      uri: request.uri,
      cnonce: '0a4f113b',
      hash,
    })
    const more = [`Authorization: ${value}`, ...(request.headers ?? [])]
    return this.receive(
      compose({ ...request, cseq: (request.cseq ?? 1) + 1, branch: `${request.branch ?? 'z9hG4bKa'}p`, headers: more }),
      flow,
    )
  }
}

export interface RequestText {
  readonly method: string
  readonly uri: string
  readonly via?: string
  readonly branch?: string
  readonly from?: string
  readonly to?: string
  readonly callId?: string
  readonly cseq?: number
  readonly contact?: string
  readonly maxForwards?: number
  readonly headers?: readonly string[]
  readonly body?: { readonly type: string; readonly text: string }
}

export function compose(r: RequestText): string {
  const via = r.via ?? `SIP/2.0/UDP ${phoneAt.address}:${phoneAt.port};rport;branch=${r.branch ?? 'z9hG4bKa'}`
  const lines = [
    `${r.method} ${r.uri} SIP/2.0`,
    `Via: ${via}`,
    `Max-Forwards: ${r.maxForwards ?? 70}`,
    `From: ${r.from ?? '<sip:210@sotto.test>;tag=phone'}`,
    `To: ${r.to ?? `<${r.uri}>`}`,
    `Call-ID: ${r.callId ?? 'call-1'}`,
    `CSeq: ${r.cseq ?? 1} ${r.method}`,
    ...(r.contact === '' ? [] : [`Contact: ${r.contact ?? '<sip:210@198.51.100.7:5062>'}`]),
    ...(r.headers ?? []),
    ...(r.body === undefined ? [] : [`Content-Type: ${r.body.type}`]),
    `Content-Length: ${new TextEncoder().encode(r.body?.text ?? '').length}`,
  ]
  return `${lines.join('\r\n')}\r\n\r\n${r.body?.text ?? ''}`
}

export const sdp = (text: string) => ({ type: 'application/sdp', text: `v=0\r\n${text}\r\n` })

/** The text of a response to a request of ours. */
export function reply(
  request: Request,
  status: number,
  more: { tag?: string; headers?: readonly string[]; body?: { type: string; text: string } } = {},
): string {
  const tag = request.to.params.has('tag') || status === 100 ? '' : `;tag=${more.tag ?? 'callee'}`
  const toTag = request.to.params.get('tag')
  const vias = request.via.map((via) => `Via: SIP/2.0/${via.transport} ${via.host}:${via.port};branch=${via.params.get('branch')}`)
  const lines = [
    `SIP/2.0 ${status} Whatever`,
    ...vias,
    `From: <${formatUri(request.from.uri)}>;tag=${request.from.params.get('tag')}`,
    `To: <${formatUri(request.to.uri)}>${tag}${toTag === undefined ? '' : `;tag=${toTag}`}`,
    `Call-ID: ${request.callId}`,
    `CSeq: ${request.cseq.number} ${request.cseq.method}`,
    ...(more.headers ?? ['Contact: <sip:far@203.0.113.9:5060>']),
    ...(more.body === undefined ? [] : [`Content-Type: ${more.body.type}`]),
    `Content-Length: ${new TextEncoder().encode(more.body?.text ?? '').length}`,
  ]
  return `${lines.join('\r\n')}\r\n\r\n${more.body?.text ?? ''}`
}

/** A phone that is registered, reached over `flow`. */
export function registered(rig: Rig, number = '210', flow: Flow = phoneFlow, port = phoneAt.port): void {
  const uri = 'sip:sotto.test'
  const from = `<sip:${number}@sotto.test>;tag=reg`
  const contact = `<sip:${number}@${phoneAt.address}:${port}>`
  const text: RequestText = {
    method: 'REGISTER',
    uri,
    from,
    to: `<sip:${number}@sotto.test>`,
    contact,
    callId: `reg-${number}-${flow.id.replaceAll(' ', '-')}`,
    branch: `z9hG4bKreg${number}${flow.id.replaceAll(' ', '')}`,
  }
  rig.prove(text, { username: number, password: `pw-${number}` }, flow).response(200)
}

/** An INVITE of the trusted trunk; change what matters. */
export const inviteText = (more: Partial<RequestText> = {}): RequestText => ({
  method: 'INVITE',
  uri: 'sip:+18661234567@192.0.2.1',
  via: `SIP/2.0/UDP 203.0.113.9:5060;branch=${more.branch ?? 'z9hG4bKinv'}`,
  from: '"Carla" <sip:+15550001@carrier.test>;tag=caller',
  to: '<sip:+18661234567@192.0.2.1>',
  callId: 'trunk-call',
  contact: '<sip:gw@203.0.113.9:5060>',
  body: sdp('offer'),
  ...more,
})

/** What the far end of `invite` sends next within the dialog whose tag of ours is `tag`. */
export function inDialog(invite: RequestText, tag: string, more: Partial<RequestText> & { readonly method: string }): string {
  const cseq = more.cseq ?? (more.method === 'ACK' ? 1 : 2)
  const branch = more.branch ?? `z9hG4bK${more.method}${cseq}`
  const { body: _, headers: __, ...rest } = invite
  return compose({
    ...rest,
    uri: 'sip:sotto@192.0.2.1:5060',
    via: `SIP/2.0/UDP 203.0.113.9:5060;branch=${branch}`,
    to: `${invite.to};tag=${tag}`,
    ...more,
    cseq,
  })
}
