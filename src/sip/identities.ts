import type { AccountId } from '../kernel/ids.ts'
import type { ExtensionSettings, Flow, TrunkSettings, UserAgentSettings } from './door.ts'

/** Who the settings say exists, by every name under which somebody may come. */
export class Identities {
  readonly #byUsername = new Map<string, ExtensionSettings>()
  readonly #byNumber = new Map<string, ExtensionSettings>()
  readonly #trunks = new Map<string, TrunkSettings>()
  readonly #trusted = new Map<string, TrunkSettings>()

  constructor(settings: UserAgentSettings) {
    const ambiguous = new Set<string>()
    for (const extension of settings.extensions) {
      this.#byNumber.set(extensionKey(extension), extension)
      for (const name of namesOf(extension)) {
        if (this.#byUsername.has(name) && this.#byUsername.get(name) !== extension) ambiguous.add(name)
        this.#byUsername.set(name, extension)
      }
    }
    for (const name of ambiguous) this.#byUsername.delete(name)
    for (const trunk of settings.trunks) {
      this.#trunks.set(trunkKey(trunk), trunk)
      for (const source of trunk.trusted) if (!this.#trusted.has(source)) this.#trusted.set(source, trunk)
    }
  }

  /** By what a phone calls itself; a name that two accounts share means nobody. */
  extension(username: string): ExtensionSettings | undefined {
    return this.#byUsername.get(username)
  }

  byNumber(account: AccountId, number: string): ExtensionSettings | undefined {
    return this.#byNumber.get(extensionKey({ account, number }))
  }

  trunk(account: AccountId, id: string): TrunkSettings | undefined {
    return this.#trunks.get(trunkKey({ account, id }))
  }

  trunkByKey(key: string): TrunkSettings | undefined {
    return this.#trunks.get(key)
  }

  trunks(): Iterable<TrunkSettings> {
    return this.#trunks.values()
  }

  /**
   * The trunk whose requests come from there. An address with its port is more particular than one without. What comes by WebSocket is a
   * browser, from whatever page, and often behind a proxy whose address says nothing of who it is: it has to prove itself.
   */
  trustedAt({ transport, remote: { address, port } }: Pick<Flow, 'transport' | 'remote'>): TrunkSettings | undefined {
    if (transport === 'WS' || transport === 'WSS') return undefined
    const host = address.includes(':') ? `[${address}]` : address
    return this.#trusted.get(`${host}:${port}`) ?? this.#trusted.get(address)
  }
}

export const extensionKey = (extension: { readonly account: AccountId; readonly number: string }): string =>
  `${extension.account} ${extension.number}`

export const trunkKey = (trunk: { readonly account: AccountId; readonly id: string }): string => `${trunk.account} ${trunk.id}`

function namesOf({ code, number, usernames = [] }: ExtensionSettings): readonly string[] {
  return [number, ...(code === undefined ? [] : [`${code}*${number}`]), ...usernames]
}
