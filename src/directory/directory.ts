/** Who exists: the directory's only door. Whoever reads it later finds what was amended; nothing else in it changes. */
import type { AccountId } from '../kernel/ids.ts'
import type { Outcome } from '../kernel/outcome.ts'
import { type AccountIndex, agentKey, indexAccount, publicKey, replaceExtension } from './account-index.ts'
import { dial, ownPublicNumber } from './dial.ts'
import { digitsOf, type NumberPlan, withoutSeparators } from './number-plan.ts'
import type {
  Account,
  Agent,
  Destination,
  Extension,
  ExtensionChanges,
  Group,
  InternalDestination,
  NativeKey,
  NewvoicemediaKey,
  RingcxKey,
  SipAccounts,
  SipTrunk,
  SmartfloLogin,
  Trunk,
  User,
  VoipnowApp,
  YeastarUser,
} from './people.ts'
import type { DirectoryRefusal } from './refusal.ts'
import type { AccountSettings, ConferenceSettings, CredentialSettings, TrunkSettings } from './settings.ts'
import { maySupervise, mayUseMode, type SupervisionMode, type SupervisionQuestion } from './supervise.ts'

/** `accounts` has been checked (edge/config.ts): every name in it leads somewhere, nothing is there twice. */
export function buildDirectory(accounts: readonly AccountSettings[], plan: NumberPlan): Directory {
  return new Directory(accounts, plan)
}

export class Directory {
  readonly accounts: readonly Account[]
  /** Credentials of each API, in plain: whoever checks them keeps hashes only. */
  readonly nativeKeys: readonly NativeKey[]
  readonly voipnowApps: readonly VoipnowApp[]
  readonly yeastarUsers: readonly YeastarUser[]
  readonly ringcxKeys: readonly RingcxKey[]
  readonly newvoicemediaKeys: readonly NewvoicemediaKey[]
  readonly smartfloLogins: readonly SmartfloLogin[]
  readonly #plan: NumberPlan
  readonly #byId: ReadonlyMap<AccountId, AccountIndex>
  readonly #byKey: ReadonlyMap<string, Account>
  readonly #byCode: ReadonlyMap<string, Account>
  readonly #byOwner: ReadonlyMap<string, Account>
  readonly #inbound: Map<string, InternalDestination>

  constructor(accounts: readonly AccountSettings[], plan: NumberPlan) {
    this.accounts = accounts
    this.nativeKeys = credentialsOf(accounts, 'native')
    this.voipnowApps = credentialsOf(accounts, 'voipnow')
    this.yeastarUsers = credentialsOf(accounts, 'yeastar')
    this.ringcxKeys = credentialsOf(accounts, 'ringcx')
    this.newvoicemediaKeys = credentialsOf(accounts, 'newvoicemedia')
    this.smartfloLogins = credentialsOf(accounts, 'smartflo')
    this.#plan = plan
    this.#byId = new Map(accounts.map((a) => [a.id, indexAccount(a, plan)]))
    this.#byKey = new Map(accounts.map((a) => [a.key, a]))
    this.#byCode = new Map(accounts.map((a) => [a.code, a]))
    this.#byOwner = new Map(accounts.flatMap((a) => (a.owner === undefined ? [] : [[a.owner, a]])))
    this.#inbound = new Map([...this.#byId.values()].flatMap((index) => [...index.publicNumbers]))
  }

  account(id: AccountId): Account | undefined {
    return this.#byId.get(id)?.account
  }

  /** By NewVoiceMedia's account key. */
  accountByKey(key: string): Account | undefined {
    return this.#byKey.get(key)
  }

  /** By the digits before `*` in extended numbers. */
  accountByCode(code: string): Account | undefined {
    return this.#byCode.get(code)
  }

  /** By VoipNow's ownerId. */
  accountByOwner(owner: string): Account | undefined {
    return this.#byOwner.get(owner)
  }

  /** Changes one extension, as if the configuration had said so from the start; undefined where there is none. Calls that live keep what they began with. */
  amend(account: AccountId, number: string, changes: ExtensionChanges): Extension | undefined {
    const index = this.#byId.get(account)
    const before = index?.extensions.get(number)
    if (index === undefined || before === undefined) return undefined
    const extension = { ...before, ...changes }
    replaceExtension(index, extension)
    for (const [key, to] of index.publicNumbers) this.#inbound.set(key, to)
    return extension
  }

  extension(account: AccountId, number: string): Extension | undefined {
    return this.#byId.get(account)?.extensions.get(number)
  }

  user(account: AccountId, id: string): User | undefined {
    return this.#byId.get(account)?.users.get(id)
  }

  userByUsername(account: AccountId, username: string): User | undefined {
    return this.#byId.get(account)?.usersByName.get(username.toLowerCase())
  }

  userByEmail(account: AccountId, email: string): User | undefined {
    return this.#byId.get(account)?.usersByEmail.get(email.toLowerCase())
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

  conference(account: AccountId, number: string): ConferenceSettings | undefined {
    return this.#byId.get(account)?.conferences.get(number)
  }

  conferences(account: AccountId): readonly ConferenceSettings[] {
    return this.#byId.get(account)?.account.conferences ?? []
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

  /** W20: by digits, the national form of the account's country like the international one. */
  sameNumber(account: AccountId, a: string, b: string): boolean {
    const [first, second] = [withoutSeparators(a), withoutSeparators(b)]
    if (digitsOf(first) === digitsOf(second)) return true
    const country = this.#byId.get(account)?.account.country
    return country !== undefined && publicKey(first, country, this.#plan) === publicKey(second, country, this.#plan)
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

function credentialsOf<Api extends keyof CredentialSettings>(accounts: readonly Account[], api: Api) {
  return accounts.flatMap((a) =>
    a.credentials[api].map((credential: CredentialSettings[Api][number]) => ({ ...credential, account: a.id })),
  )
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
