import { createHash } from 'node:crypto'
import type { AccountId } from '../src/kernel/ids.ts'
import { accountId, legId } from '../src/kernel/ids.ts'
import type { Listener, SipEvent, TrunkSettings, UserAgentSettings } from '../src/sip/door.ts'
import { UserAgent } from '../src/sip/user-agent.ts'
import { Clock } from './clock.ts'
import type { Host, Weather } from './network.ts'
import { fair, Network } from './network.ts'
import { SeededRandom } from './random.ts'

export const hash = {
  md5: (text: string) => createHash('md5').update(text).digest('hex'),
  sha256: (text: string) => createHash('sha256').update(text).digest('hex'),
}

export const udp = (address: string, port = 5060): Listener => ({ transport: 'UDP', address, port })

export const account: AccountId = accountId('a1')

export interface Station {
  readonly agent: UserAgent
  readonly host: Host
}

/**
 * Two user agents that are each other's trunk `peer`, wired back to back. `near` trusts 10.0.0.2 and the other way round, so that every
 * INVITE is offered without digest.
 */
export function pair(options: {
  readonly seed?: number
  readonly weather?: Weather
  readonly near?: (event: SipEvent, station: Station) => void
  readonly far?: (event: SipEvent, station: Station) => void
  readonly trunk?: Partial<TrunkSettings>
}) {
  const clock = new Clock()
  const random = new SeededRandom(options.seed ?? 1)
  const network = new Network(clock, random, options.weather ?? fair)
  const make = (address: string, peer: string, react: ((event: SipEvent, station: Station) => void) | undefined): Station => {
    const settings = trunkSettings(address, peer, options.trunk)
    const agent = new UserAgent(settings, new SeededRandom(random.integer(2 ** 31)), hash)
    const host = network.join(agent, settings.listen, (event, joined) => react?.(event, { agent, host: joined }))
    return { agent, host }
  }
  const near = make('10.0.0.1', '10.0.0.2', options.near)
  const far = make('10.0.0.2', '10.0.0.1', options.far)
  return { clock, network, random, near, far }
}

export function trunkSettings(address: string, peer: string, trunk: Partial<TrunkSettings> = {}): UserAgentSettings {
  return {
    listen: [udp(address), { transport: 'TCP', address, port: 5060 }],
    realm: 'sotto.test',
    product: 'Sotto test',
    extensions: [],
    trunks: [{ account, id: 'peer', peer: `udp:${peer}:5060`, trusted: [peer], ...trunk }],
  }
}

export const leg = legId

export const kinds = (host: Host): readonly string[] => host.events.map((event) => event.kind)
