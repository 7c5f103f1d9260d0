/** Whether those outside can reach what Sotto tells them. */
import { lookup } from 'node:dns/promises'
import { BlockList, connect, isIP } from 'node:net'
import type { Settings } from '../../src/edge/settings.ts'
import { bounds } from '../bounds.ts'
import { reasonOf } from '../exits.ts'
import { type Finding, fail, type Patient, pass, warn } from './check.ts'
import { seenBy } from './stun.ts'

const name = 'addresses'

/** RFC 1918, 6598, 3927, 4193, 4291. */
const privateOnes = listOf(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16', 'fc00::/7', 'fe80::/10'])
const loopback = listOf(['127.0.0.0/8', '::1/128'])

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    list.addSubnet(address, Number(bits), address.includes(':') ? 'ipv6' : 'ipv4')
  }
  return list
}

const isIn = (list: BlockList, address: string): boolean => isIP(address) > 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

export const kindOf = (address: string): 'loopback' | 'private' | 'public' =>
  isIn(loopback, address) ? 'loopback' : isIn(privateOnes, address) ? 'private' : 'public'

const told = ({ media: { advertise } }: Settings): readonly string[] => [advertise[4], advertise[6]].flatMap((address) => address ?? [])

export async function addresses({ settings }: Patient): Promise<readonly Finding[]> {
  const audio = told(settings)
  const listening = [settings.http.listen.host, ...settings.sip.listen.map(({ address }) => address), ...audio]
  if (listening.every((address) => address === 'localhost' || kindOf(address) === 'loopback'))
    return [pass(name, 'all listeners are on loopback: only programs on this machine reach them, which is right for a trial')]
  const { hostname } = new URL(settings.publicUrl)
  const public_ = await lookup(hostname.replace(/^\[|\]$/g, ''), { all: true }).catch(() => [])
  if (public_.length === 0)
    return [
      warn(
        name,
        `${hostname} (the public URL ${settings.publicUrl}) has no address here`,
        'Set `http.publicUrl` to what clients use, or make its name known to the DNS.',
      ),
    ]
  const findings = audio.flatMap((address) =>
    judged(address, { hostname, reached: public_.map((one) => one.address), sip: settings.sip.listen }),
  )
  return findings.length > 0 ? findings : [pass(name, `audio is expected at ${audio.join(' and ')}, requests at ${settings.publicUrl}`)]
}

function judged(
  address: string,
  { hostname, reached, sip }: { readonly hostname: string; readonly reached: readonly string[]; readonly sip: Settings['sip']['listen'] },
): readonly Finding[] {
  const kinds = new Set(
    [...reached, ...sip.map((one) => one.advertise?.host ?? one.address)]
      .filter((one) => isIP(one) > 0 && !/^(0\.0\.0\.0|::)$/.test(one))
      .map(kindOf),
  )
  const kind = kindOf(address)
  const todo =
    'Set `media.advertise` (and `sip.advertise`) to the address that phones outside reach, and forward the media ports (UDP) to this machine.'
  if (kind === 'loopback' && (kinds.has('private') || kinds.has('public')))
    return [
      fail(
        name,
        `phones are told to send their audio to ${address}, which is their own machine`,
        'Set `media.address` to the address of this machine that phones reach.',
      ),
    ]
  if (kind === 'private' && kinds.has('public'))
    return [
      warn(
        name,
        `${hostname} is public, and phones are told to send their audio to ${address}, which is not: those outside are not heard`,
        todo,
      ),
    ]
  return []
}

/** Those that browsers are told of, each asked as a browser would. */
export async function iceServers({ settings }: Patient): Promise<readonly Finding[]> {
  const urls = settings.webrtc.iceServers.flatMap((server) => server.urls)
  if (urls.length === 0) return [pass('ice-servers', 'none are configured: browsers reach the media address directly')]
  return await Promise.all(urls.map((url) => asked(url, settings)))
}

async function asked(url: string, settings: Settings): Promise<Finding> {
  const [, scheme = '', host = '', port, transport] =
    /^(stuns?|turns?):(\[[^\]]+\]|[^:?]+)(?::(\d+))?(?:\?transport=(\w+))?$/.exec(url) ?? []
  const isTls = scheme.endsWith('s')
  const at = { host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? (isTls ? 5349 : 3478)) }
  const todo = 'Look at its address and port in `webrtc.iceServers`, and whether a firewall lets UDP through to it.'
  try {
    if (isTls || transport === 'tcp')
      return (await connects(at))
        ? pass('ice-servers', `${url} takes connections`)
        : fail('ice-servers', `${url} takes no connection`, todo)
    const seen = await seenBy(at.host, at.port)
    return seen === undefined ? fail('ice-servers', `${url} does not answer`, todo) : compared(url, seen.address, told(settings))
  } catch (error) {
    return fail('ice-servers', `${url}: ${reasonOf(error)}`, todo)
  }
}

/** Where we are seen from outside is where others must send to. */
export function compared(url: string, seen: string, told: readonly string[]): Finding {
  const same = told.filter((address) => isIP(address) === isIP(seen))
  const says = `${url} answers, and sees this machine at ${seen}`
  if (same.length === 0 || same.includes(seen) || kindOf(seen) !== 'public' || same.some((address) => kindOf(address) === 'loopback'))
    return pass('ice-servers', says)
  return warn(
    'ice-servers',
    `${says}, but phones and browsers are told ${same.join(', ')}`,
    `Set \`media.advertise\` to ${seen}, and forward the media ports (UDP) to this machine.`,
  )
}

function connects({ host, port }: { readonly host: string; readonly port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: bounds.askMs })
    const done = (isOpen: boolean) => {
      socket.destroy()
      resolve(isOpen)
    }
    socket
      .once('connect', () => done(true))
      .once('timeout', () => done(false))
      .once('error', () => done(false))
  })
}
