import type { Endpoint } from '../../call/endpoint.ts'
import type { AccountId } from '../../kernel/ids.ts'
import type { ContactView, UserAgentSettings } from '../../sip/door.ts'

interface Way {
  readonly contacts: number
  /** Whether signalling to every contact is encrypted, so that SRTP keys may travel in it (RFC 4568 §8.2). */
  readonly secure: boolean
  readonly family: 4 | 6
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

  to(endpoint: Endpoint): { readonly secure: boolean; readonly family: 4 | 6 } {
    const way =
      endpoint.kind === 'extension' ? this.#extension(endpoint.account, endpoint.extension) : this.#trunk(endpoint.account, endpoint.trunk)
    return way ?? { secure: false, family: 4 }
  }

  /** One offer goes to the fixed contact and to every registered one: SRTP has to suit them all. */
  #extension(account: AccountId, number: string): Way | undefined {
    const fixed = this.#fixed.get(key(account, number))
    const registered = this.#registered.get(key(account, number))
    if (fixed === undefined || registered === undefined) return fixed ?? registered
    return { ...registered, secure: fixed.secure && registered.secure }
  }

  #trunk(account: AccountId, id: string): Way | undefined {
    return this.#trunks.get(key(account, id))
  }
}

const key = (account: AccountId, name: string): string => `${account} ${name}`

function ofUri(uri: string): Way {
  const lower = uri.toLowerCase()
  return { contacts: 1, secure: lower.includes('sips:') || lower.includes('transport=tls'), family: lower.includes('[') ? 6 : 4 }
}
