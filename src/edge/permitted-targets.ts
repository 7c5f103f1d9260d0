/** Where the server may send requests by itself: never into the operator's own networks unless he says so (server-side request forgery). */
import { BlockList, isIP } from 'node:net'

/** Not globally reachable by the IANA special-purpose registries (RFC 6890), and multicast. */
const special = list([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24'],
  ...['192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...[
    '::/127',
    '64:ff9b::/96',
    '64:ff9b:1::/48',
    '100::/64',
    '2001::/23',
    '2001:db8::/32',
    '2002::/16',
    'fc00::/7',
    'fe80::/10',
    'ff00::/8',
  ],
])

export class PermittedTargets {
  readonly #allowed: BlockList

  /** Addresses and networks, such as `10.1.0.0/16`. */
  constructor(allow: readonly string[]) {
    this.#allowed = list(allow)
  }

  address(address: string, proven?: string): boolean {
    const plain = unmapped(address)
    if (proven !== undefined && unmapped(proven) === plain) return true
    return isIn(this.#allowed, plain) || !isIn(special, plain)
  }
}

/** Whether `text` is an address or a network. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

function list(networks: readonly string[]): BlockList {
  const made = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/', 2)
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
    if (bits === undefined) made.addAddress(address, family)
    else made.addSubnet(address, Number(bits), family)
  }
  return made
}

const isIn = (networks: BlockList, address: string): boolean => networks.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')

/** RFC 4291 §2.5.5.2: an IPv4 address in IPv6 clothes. */
const unmapped = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/^\[|\]$/g, '')
