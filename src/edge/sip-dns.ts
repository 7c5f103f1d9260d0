/** Name look-ups for the SIP layer (RFC 3263). */
import { lookup, Resolver } from 'node:dns/promises'
import type { Output, ResolveAnswer } from '../sip/door.ts'

type Resolve = Extract<Output, { kind: 'resolve' }>

const resolver = new Resolver({ timeout: 2_000, tries: 2 })

/** No such name and no answer are the same to the SIP layer: nowhere to go. */
export async function lookUp({ name, type }: Resolve): Promise<readonly ResolveAnswer[]> {
  try {
    return type === 'SRV' ? await services(name) : await addresses(name, type)
  } catch {
    return []
  }
}

async function services(name: string): Promise<readonly ResolveAnswer[]> {
  const found = await resolver.resolveSrv(name)
  return found.map(({ priority, weight, port, name: target }) => ({ type: 'SRV', priority, weight, port, target }))
}

/** As the system resolves names, its hosts file included: a peer next door often has no other. */
async function addresses(name: string, type: 'A' | 'AAAA'): Promise<readonly ResolveAnswer[]> {
  const found = await lookup(name, { all: true, family: type === 'A' ? 4 : 6, order: 'verbatim' })
  return found.map(({ address }) => ({ type, address }))
}
