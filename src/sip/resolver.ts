import { limits } from '../kernel/limits.ts'
import type { Random } from '../kernel/random.ts'
import type { Listener, ResolveAnswer, Transport } from './door.ts'
import type { SipUri } from './message.ts'
import type { Outbox } from './outbox.ts'
import { defaultPort, family, isStream, transportOf } from './transport.ts'

/** One place to send a request to. */
export interface Hop {
  readonly transport: Transport
  readonly address: string
  readonly port: number
  /** What a TLS certificate must be valid for: the name that was looked up, not what a record led to (RFC 5922 §7). */
  readonly serverName: string
}

interface Question {
  readonly name: string
  readonly type: 'A' | 'AAAA' | 'SRV'
  readonly port: number
}

interface Lookup<Token> {
  readonly token: Token
  readonly transport: Transport
  readonly serverName: string
  readonly questions: Question[]
  readonly hops: Hop[]
}

/**
 * RFC 3263: from a URI to the places where it is served, best first. NAPTR is left out: the transport is the one that the URI names,
 * else UDP, or TLS for `sips`; a configured peer always names it.
 */
export class Resolver<Token> {
  readonly #outbox: Outbox
  readonly #random: Random
  readonly #lookups = new Map<string, Lookup<Token>>()
  #count = 0

  constructor(outbox: Outbox, random: Random) {
    this.#outbox = outbox
    this.#random = random
  }

  /** The hops, or `undefined` when `resolved` will bring them. */
  find(uri: SipUri, token: Token, listeners: readonly Listener[]): readonly Hop[] | undefined {
    const transport = transportOf(uri)
    const host = uri.params.get('maddr') ?? uri.host
    if (transport === 'WS' || transport === 'WSS') return []
    if (family(host) !== undefined) return [{ transport, address: host, port: uri.port ?? defaultPort(transport), serverName: uri.host }]
    if (this.#lookups.size >= limits.sipLookups) return []
    const questions =
      uri.port === undefined ? [service(host, transport), ...addresses(host, defaultPort(transport))] : addresses(host, uri.port)
    const answerable = questions.filter((q) => q.type === 'SRV' || reachable(q.type, transport, listeners))
    return this.#ask({ token, transport, serverName: host, questions: answerable, hops: [] })
  }

  resolved(id: string, answers: readonly ResolveAnswer[]): { readonly token: Token; readonly hops: readonly Hop[] } | undefined {
    const lookup = this.#lookups.get(id)
    const question = lookup?.questions.shift()
    this.#lookups.delete(id)
    if (lookup === undefined || question === undefined) return undefined
    const { transport, serverName } = lookup
    for (const answer of answers.slice(0, limits.sipHopsPerRequest))
      if (answer.type !== 'SRV' && answer.type === question.type)
        lookup.hops.push({ transport, serverName, address: answer.address, port: question.port })
    if (question.type === 'SRV') this.#followServices(lookup, answers)
    const hops = this.#ask(lookup)
    return hops === undefined ? undefined : { token: lookup.token, hops }
  }

  #ask(lookup: Lookup<Token>): readonly Hop[] | undefined {
    const next = lookup.questions[0]
    if (next === undefined || lookup.hops.length >= limits.sipHopsPerRequest) return lookup.hops.slice(0, limits.sipHopsPerRequest)
    const id = `q${++this.#count}`
    this.#lookups.set(id, lookup)
    this.#outbox.push({ kind: 'resolve', id, name: next.name, type: next.type })
    return undefined
  }

  /** Where services are found, they replace the plain host (RFC 3263 §4.2). */
  #followServices(lookup: Lookup<Token>, answers: readonly ResolveAnswer[]): void {
    const services = answers.filter((a) => a.type === 'SRV').slice(0, limits.sipHopsPerRequest)
    if (services.length === 0) return
    const types = lookup.questions.map((q) => q.type)
    const ordered = this.#inOrder(services)
    lookup.questions.length = 0
    for (const { target, port } of ordered)
      for (const question of addresses(target.replace(/\.$/, ''), port)) if (types.includes(question.type)) lookup.questions.push(question)
  }

  /** RFC 2782: lowest priority first; within one, drawn by weight. */
  #inOrder(services: readonly Service[]): readonly Service[] {
    const rest = [...services].sort((a, b) => a.priority - b.priority || a.weight - b.weight)
    const ordered: Service[] = []
    while (rest.length > 0) {
      const group = rest.filter((s) => s.priority === rest[0]?.priority)
      const chosen = this.#draw(group)
      if (chosen === undefined) break
      ordered.push(chosen)
      rest.splice(rest.indexOf(chosen), 1)
    }
    return ordered
  }

  #draw(group: readonly Service[]): Service | undefined {
    let rest = this.#random.integer(group.reduce((sum, s) => sum + s.weight, 0) + 1)
    for (const one of group) {
      rest -= one.weight
      if (rest <= 0) return one
    }
    return group[0]
  }
}

type Service = Extract<ResolveAnswer, { type: 'SRV' }>

const addresses = (name: string, port: number): readonly Question[] => [
  { name, type: 'A', port },
  { name, type: 'AAAA', port },
]

const service = (host: string, transport: Transport): Question => ({
  name: transport === 'TLS' ? `_sips._tcp.${host}` : `_sip._${transport.toLowerCase()}.${host}`,
  type: 'SRV',
  port: 0,
})

/** A datagram can only leave by a socket of its family; a connection can always be tried. */
const reachable = (type: 'A' | 'AAAA', transport: Transport, listeners: readonly Listener[]): boolean =>
  isStream(transport) || listeners.some((l) => l.transport === transport && family(l.address) === (type === 'A' ? 4 : 6))
