import type { PhoneEndpoint } from '../../call/endpoint.ts'
import type { AccountId } from '../../kernel/ids.ts'
import type { ContactView, UserAgentSettings } from '../../sip/door.ts'

interface Way {
  readonly contacts: number
  /** Whether signalling to every contact is encrypted, so that SRTP keys may travel in it (RFC 4568 §8.2). */
  readonly secure: boolean
  readonly family: 4 | 6
  /** Every contact is a browser's. */
  readonly webrtc?: boolean
  /** One may be. */
  readonly webSocket?: boolean
}

/** How phones and trunks are reached, as far as it decides what to offer them: addresses of which family, and SRTP or not. */
export class Reach {
  readonly #registered = new Map<string, Way>()
  readonly #fixed = new Map<string, Way>()
  readonly #trunks = new Map<string, Way>()

  configure(settings: UserAgentSettings): void {
    this.#fixed.clear()
    for (const { account, number, contact } of settings.extensions) {
      if (contact !== undefined) this.#fixed.set(key(account, number), ofUri(contact))
    }
    this.#trunks.clear()
    for (const { account, id, peer } of settings.trunks) {
      this.#trunks.set(key(account, id), { contacts: 1, secure: peer.startsWith('tls:'), family: peer.includes('[') ? 6 : 4 })
    }
  }

  registered(account: AccountId, extension: string, contacts: readonly ContactView[]): void {
    this.#registered.set(key(account, extension), {
      contacts: contacts.length,
      secure: contacts.every(({ transport }) => transport === 'TLS' || transport === 'WSS'),
      family: contacts.every(({ remote }) => remote.address.includes(':')) ? 6 : 4,
      webrtc: contacts.length > 0 && contacts.every(isBrowser),
      webSocket: contacts.some(isOverWebSocket),
    })
  }

  unregistered(account: AccountId, extension: string): void {
    this.#registered.delete(key(account, extension))
  }

  /** Registered contacts of all extensions. */
  contacts(): number {
    let contacts = 0
    for (const way of this.#registered.values()) contacts += way.contacts
    return contacts
  }

  to(endpoint: PhoneEndpoint): Omit<Way, 'contacts'> {
    const way =
      endpoint.kind === 'extension' ? this.#extension(endpoint.account, endpoint.extension) : this.#trunk(endpoint.account, endpoint.trunk)
    return way ?? { secure: false, family: 4 }
  }

  /** One offer goes to the fixed contact and to every registered one: SRTP has to suit them all. */
  #extension(account: AccountId, number: string): Way | undefined {
    const fixed = this.#fixed.get(key(account, number))
    const registered = this.#registered.get(key(account, number))
    if (fixed === undefined || registered === undefined) return fixed ?? registered
    return { ...registered, secure: fixed.secure && registered.secure, webrtc: false }
  }

  #trunk(account: AccountId, id: string): Way | undefined {
    return this.#trunks.get(key(account, id))
  }
}

const isOverWebSocket = ({ transport }: ContactView): boolean => transport === 'WS' || transport === 'WSS'

/** RFC 7118 §5: a browser knows no address of its own, and names itself by a host that nobody has. */
function isBrowser(contact: ContactView): boolean {
  const host = /^sips?:(?:[^@]*@)?([^;:?>]+)/i.exec(contact.uri)?.[1] ?? ''
  return isOverWebSocket(contact) && host.toLowerCase().endsWith('.invalid')
}

const key = (account: AccountId, name: string): string => `${account} ${name}`

function ofUri(uri: string): Way {
  const lower = uri.toLowerCase()
  return { contacts: 1, secure: lower.includes('sips:') || lower.includes('transport=tls'), family: lower.includes('[') ? 6 : 4 }
}
