/** Who exists: the directory's only door. Immutable; a changed configuration makes a new one. */
import type { AccountId } from '../kernel/ids.ts'
import type { Outcome } from '../kernel/outcome.ts'
import { type AccountIndex, agentKey, indexAccount, publicKey } from './account-index.ts'
import { dial, ownPublicNumber } from './dial.ts'
import { type NumberPlan, withoutSeparators } from './number-plan.ts'
import type {
  Account,
  Agent,
  Destination,
  Extension,
  Group,
  InternalDestination,
  NativeKey,
  SipAccounts,
  SipTrunk,
  Trunk,
  User,
} from './people.ts'
import type { DirectoryRefusal } from './refusal.ts'
import type { AccountSettings, TrunkSettings } from './settings.ts'
import { maySupervise, mayUseMode, type SupervisionMode, type SupervisionQuestion } from './supervise.ts'

/** `accounts` has been checked (edge/config.ts): every name in it leads somewhere, nothing is there twice. */
export function buildDirectory(accounts: readonly AccountSettings[], plan: NumberPlan): Directory {
  return new Directory(accounts, plan)
}

export class Directory {
  readonly accounts: readonly Account[]
  /** Keys of Sotto's own API, in plain: whoever checks them keeps hashes only. */
  readonly nativeKeys: readonly NativeKey[]
  readonly #plan: NumberPlan
  readonly #byId: ReadonlyMap<AccountId, AccountIndex>
  readonly #inbound: ReadonlyMap<string, InternalDestination>

  constructor(accounts: readonly AccountSettings[], plan: NumberPlan) {
    this.accounts = accounts
    this.nativeKeys = accounts.flatMap((a) => a.credentials.native.map((key) => ({ ...key, account: a.id })))
    this.#plan = plan
    this.#byId = new Map(accounts.map((a) => [a.id, indexAccount(a, plan)]))
    this.#inbound = new Map([...this.#byId.values()].flatMap((index) => [...index.publicNumbers]))
  }

  account(id: AccountId): Account | undefined {
    return this.#byId.get(id)?.account
  }

  extension(account: AccountId, number: string): Extension | undefined {
    return this.#byId.get(account)?.extensions.get(number)
  }

  user(account: AccountId, id: string): User | undefined {
    return this.#byId.get(account)?.users.get(id)
  }

  userOfExtension(account: AccountId, number: string): User | undefined {
    return this.#byId.get(account)?.usersByExtension.get(number)
  }

  /** Leading zeros of the id do not count. */
  agent(account: AccountId, id: string): Agent | undefined {
    return this.#byId.get(account)?.agents.get(agentKey(id))
  }

  agentOfExtension(account: AccountId, number: string): Agent | undefined {
    return this.#byId.get(account)?.agentsByExtension.get(number)
  }

  agentByUsername(account: AccountId, username: string): Agent | undefined {
    return this.#byId.get(account)?.agentsByUsername.get(username.toLowerCase())
  }

  agents(account: AccountId): readonly Agent[] {
    return [...(this.#byId.get(account)?.agents.values() ?? [])]
  }

  extensions(account: AccountId): readonly Extension[] {
    return [...(this.#byId.get(account)?.extensions.values() ?? [])]
  }

  groups(account: AccountId): readonly Group[] {
    return [...(this.#byId.get(account)?.groups.values() ?? [])]
  }

  group(account: AccountId, id: string): Group | undefined {
    return this.#byId.get(account)?.groups.get(id)
  }

  groupByExtension(account: AccountId, number: string): Group | undefined {
    return this.#byId.get(account)?.groupsByExtension.get(number)
  }

  groupsOfAgent(account: AccountId, id: string): readonly Group[] {
    return this.#byId.get(account)?.groupsByAgent.get(agentKey(id)) ?? []
  }

  agentsOfGroup(group: Group): readonly Agent[] {
    return group.agents.map((id) => this.agent(group.account, id)).filter((agent) => agent !== undefined)
  }

  trunk(account: AccountId, id: string): Trunk | undefined {
    return this.#byId.get(account)?.trunks.get(id)
  }

  /**
   * Whom a call from outside is for, by the number that was dialled: E.164, its digits, or the national form of the account whose trunk it
   * came over. The account is that of the number, which need not be that of the trunk.
   */
  inbound(dialled: string, via?: AccountId): { readonly account: AccountId; readonly routeTo: InternalDestination } | undefined {
    const text = withoutSeparators(dialled)
    const country = via === undefined ? undefined : this.#byId.get(via)?.account.country
    const national = country === undefined ? undefined : this.#inbound.get(publicKey(text, country, this.#plan))
    const routeTo = this.#inbound.get(publicKey(text, '', this.#plan)) ?? national
    if (routeTo === undefined) return undefined
    return { account: routeTo.kind === 'group' ? routeTo.group.account : routeTo.extension.account, routeTo }
  }

  /** The extension that a public number of the account leads to, in any form of the number. */
  extensionByDirectNumber(account: AccountId, dialled: string): Extension | undefined {
    const index = this.#byId.get(account)
    const found = index === undefined ? undefined : ownPublicNumber(index, withoutSeparators(dialled), this.#plan)
    return found?.kind === 'extension' ? found.extension : undefined
  }

  dial(account: AccountId, dialled: string): Outcome<Destination, DirectoryRefusal> {
    const index = this.#byId.get(account)
    return index === undefined ? { ok: false, error: { code: 'endpoint-unknown' } } : dial(index, dialled, this.#plan)
  }

  /** Whether outbound calls of the account may show this number. */
  mayPresent(account: AccountId, number: string): boolean {
    const index = this.#byId.get(account)
    return index?.presentedNumbers.has(publicKey(withoutSeparators(number), index.account.country, this.#plan)) ?? false
  }

  maySupervise(question: SupervisionQuestion): Outcome<true, DirectoryRefusal> {
    return maySupervise(question)
  }

  mayUseMode(supervisor: Extension, mode: SupervisionMode): Outcome<true, DirectoryRefusal> {
    return mayUseMode(supervisor, mode)
  }

  sipAccounts(): SipAccounts {
    return {
      extensions: this.accounts.flatMap((a) =>
        a.extensions.map(({ number, password, contact }) => ({
          account: a.id,
          code: a.code,
          number,
          password,
          ...(contact === undefined ? {} : { contact }),
        })),
      ),
      trunks: this.accounts.flatMap((a) => a.trunks.map((t) => sipTrunk(a.id, t))),
    }
  }
}

function sipTrunk(account: AccountId, trunk: TrunkSettings): SipTrunk {
  const { id, peer, trusted, register, keepAliveSeconds } = trunk
  const username = trunk.username ?? register?.username
  const password = trunk.password ?? register?.password
  return {
    account,
    id,
    peer,
    trusted,
    ...(username === undefined || password === undefined ? {} : { credentials: { username, password } }),
    ...(register === undefined ? {} : { register: { expiresS: register.expiresSeconds } }),
    ...(keepAliveSeconds === undefined ? {} : { optionsEveryMs: keepAliveSeconds * 1000 }),
  }
}
