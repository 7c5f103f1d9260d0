/** Whether the ports that the configuration names are free, or Sotto's. */
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Settings } from '../../src/edge/settings.ts'
import { type Tenant, tenantOf } from '../../src/launcher/tenancy.ts'
import { bounds } from '../bounds.ts'
import { type Finding, fail, type Patient, pass, warn } from './check.ts'
import { descendsFrom, holdersOf, nameOf, type Protocol } from './holders.ts'

const name = 'ports'

interface Port {
  readonly what: string
  readonly protocol: Protocol
  readonly address: string
  readonly port: number
}

export async function ports({ settings }: Patient): Promise<readonly Finding[]> {
  const tenant = await tenantOf(settings.data)
  const findings = await Promise.all(listeners(settings).map((port) => examined(port, tenant)))
  const troubles = findings.filter(({ state }) => state !== 'ok')
  const media = await mediaPorts(settings, tenant)
  const fine = findings.filter(({ state }) => state === 'ok').map(({ says }) => says)
  return [...(fine.length === 0 ? [] : [pass(name, fine.join('; '))]), ...troubles, ...media]
}

function listeners({ http, sip, media }: Settings): readonly Port[] {
  const address = media.addresses[4] ?? media.addresses[6] ?? '0.0.0.0'
  const webrtc: readonly Port[] =
    media.webrtcPort === undefined ? [] : [{ what: 'WebRTC', protocol: 'udp', address, port: media.webrtcPort }]
  return [
    { what: 'HTTP', protocol: 'tcp', address: http.listen.host, port: http.listen.port },
    ...sip.listen.map(
      ({ transport, address, port }) =>
        ({ what: `SIP ${transport}`, protocol: transport === 'UDP' ? 'udp' : 'tcp', address, port }) as const,
    ),
    ...webrtc,
  ]
}

async function examined(port: Port, tenant: Tenant | undefined): Promise<Finding> {
  const says = `${port.what} ${port.address}:${port.port}`
  const code = await tried(port)
  if (code === undefined) return pass(name, `${says} is free`)
  if (code === 'EADDRINUSE') return occupied(says, port, tenant)
  if (code === 'EACCES')
    return fail(
      name,
      `${says}: ports below 1024 are for root`,
      'Take a port above, or give Node the right: setcap cap_net_bind_service=+ep $(which node).',
    )
  if (code === 'EADDRNOTAVAIL')
    return fail(name, `${says}: this machine does not have that address`, `It has ${ownAddresses().join(', ')}; 0.0.0.0 is all of them.`)
  return fail(name, `${says}: ${code}`, 'Look at the address in the configuration.')
}

function occupied(says: string, { protocol, port }: Port, tenant: Tenant | undefined): Finding {
  const holders = holdersOf(protocol, port)
  if (tenant !== undefined && (holders.length === 0 || holders.some((pid) => descendsFrom(pid, tenant.pid))))
    return pass(name, `${says} is held by Sotto (${tenant.pid})`)
  const who = holders.map((pid) => `${nameOf(pid)} (${pid})`).join(', ') || 'another program'
  return fail(name, `${says} is held by ${who}`, 'Stop that program, or take another port.')
}

async function mediaPorts({ media }: Settings, tenant: Tenant | undefined): Promise<readonly Finding[]> {
  const { first, last } = media.ports
  const address = media.addresses[4] ?? media.addresses[6] ?? '0.0.0.0'
  const all = Array.from({ length: last - first + 1 }, (_, at) => first + at)
  const taken: number[] = []
  for (let at = 0; at < all.length; at += bounds.portsAtOnce) {
    const some = all.slice(at, at + bounds.portsAtOnce)
    const codes = await Promise.all(some.map((port) => tried({ what: 'media', protocol: 'udp', address, port })))
    taken.push(...some.filter((_, n) => codes[n] !== undefined))
  }
  const others = taken.filter((port) => !isOurs(port, tenant))
  const free = all.length - others.length
  const says = `media ${address} UDP ${first}-${last}: ${free} of ${all.length} are free or Sotto’s, for about ${Math.floor(free / 3)} calls at once`
  const todo = 'Widen `media.ports`, and open the range for UDP in the firewall.'
  if (free === 0) return [fail(name, says, todo)]
  return [free < bounds.mediaPorts ? warn(name, says, todo) : pass(name, says)]
}

/** Looked up one by one: few are taken by others. */
function isOurs(port: number, tenant: Tenant | undefined): boolean {
  if (tenant === undefined) return false
  const holders = holdersOf('udp', port)
  return holders.length === 0 || holders.some((pid) => descendsFrom(pid, tenant.pid))
}

/** The system's word for why not. */
export function tried({ protocol, address, port }: Port): Promise<string | undefined> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message)
    if (protocol === 'udp') {
      const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
      socket.once('error', failed).bind(port, address, () => socket.close(() => resolve(undefined)))
    } else {
      const server = createServer()
      server.once('error', failed).listen(port, address, () => server.close(() => resolve(undefined)))
    }
  })
}

const ownAddresses = (): readonly string[] => Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address))
