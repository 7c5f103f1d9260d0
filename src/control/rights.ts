/** What a caller may do and gets to see: his role, narrowed by the permissions of the user behind his credential. */
import type { Call } from '../call/call.ts'
import type { Cdr } from '../call/cdr.ts'
import { type Endpoint, extensionOf } from '../call/endpoint.ts'
import { isCore, isLive, type Party } from '../call/party.ts'
import type { Directory } from '../directory/directory.ts'
import { type Permissions, permissionsOf, permits, type Verb } from '../directory/permissions.ts'
import type { AccountId } from '../kernel/ids.ts'
import type { Caller, OutEvent } from './command.ts'

export class Rights {
  readonly #directory: Directory

  constructor(directory: Directory) {
    this.#directory = directory
  }

  of(caller: Caller): Sight {
    const { account, role } = caller
    const user = caller.user === undefined ? undefined : this.#directory.user(account, caller.user)
    const self = { account, extensions: user?.extensions ?? [], isLimited: user?.permissions !== undefined, ...(user && { user: user.id }) }
    return new Sight(this.#directory, permissionsOf(role, user?.permissions), self)
  }

  /** Of whoever hears by this endpoint, where somebody in the configuration does and is limited. */
  ofListener(endpoint: Endpoint): Sight | undefined {
    const { account } = endpoint
    const extension = extensionOf(endpoint)
    const named = endpoint.kind === 'line' && endpoint.user !== undefined ? this.#directory.user(account, endpoint.user) : undefined
    const user = named ?? (extension === undefined ? undefined : this.#directory.userOfExtension(account, extension))
    return user?.permissions === undefined ? undefined : this.of({ account, role: user.role, user: user.id })
  }
}

interface Self {
  readonly account: AccountId
  readonly extensions: readonly string[]
  readonly user?: string
  /** The configuration says more of him than his role. */
  readonly isLimited: boolean
}

/** The account as one caller sees it. */
export class Sight {
  readonly permissions: Permissions
  /** Nothing of his account is hidden from him. */
  readonly isWhole: boolean
  readonly isLimited: boolean
  readonly #directory: Directory
  readonly #self: Self

  constructor(directory: Directory, permissions: Permissions, self: Self) {
    this.#directory = directory
    this.permissions = permissions
    this.#self = self
    this.isLimited = self.isLimited
    this.isWhole = permissions.groups === 'all' && permissions.verbs.includes('see')
  }

  may(verb: Verb): boolean {
    return permits(this.permissions, verb)
  }

  /** A call that was ever with his groups, and one that is his own, stays in his sight: he is told how it ends. */
  call(call: Call): boolean {
    if (this.isWhole || call.parties.some((party) => wasThere(party) && this.isSelf(party.endpoint))) return true
    return this.#sees([...groupOf(call), ...this.#groupsOf(call.parties.filter((party) => isCore(party) && wasThere(party)))])
  }

  /** Whether he may do this to the call: it is his own, or those who handle it now belong to his groups; its group while nobody does. */
  mayTouch(call: Call, verb: Verb): boolean {
    const present = call.parties.filter((party) => isCore(party) && (isLive(party) || call.endedAt !== undefined))
    if (this.may(verb) && present.some((party) => this.isSelf(party.endpoint))) return true
    const handling = this.#groupsOf(present)
    const nobody = !present.some((party) => this.#agentAt(party.endpoint) !== undefined)
    return permits(this.permissions, verb, this.#judged(nobody ? groupOf(call) : handling))
  }

  record({ group, parties }: Cdr): boolean {
    if (this.isWhole || parties.some((party) => this.isSelf(party.endpoint))) return true
    return this.#sees([...(group === undefined ? [] : [group]), ...this.#groupsOf(parties.filter(({ role }) => role !== 'supervisor'))])
  }

  /** By its id. One who does not exist is seen by nobody. */
  agent(id: string): boolean {
    if (this.isWhole) return true
    const agent = this.#directory.agent(this.#self.account, id)
    return agent !== undefined && (this.#self.extensions.includes(agent.extension) || this.#sees(this.#groupsOfAgent(id)))
  }

  extension(number: string): boolean {
    if (this.isWhole || this.#self.extensions.includes(number)) return true
    const agent = this.#directory.agentOfExtension(this.#self.account, number)
    return agent !== undefined && this.agent(agent.id)
  }

  /** Whether it is a phone of his. */
  owns(extension: string): boolean {
    return this.#self.extensions.includes(extension)
  }

  group(id: string): boolean {
    return this.isWhole || this.#sees([id])
  }

  event(out: OutEvent): boolean {
    if (this.isWhole) return true
    if ('agent' in out) return this.agent(out.agent.id)
    if ('line' in out) return out.line.user !== undefined && out.line.user === this.#self.user
    // Whatever else a stream may tell of is not for those who are limited, unless somebody has thought of them.
    return 'call' in out && this.call(out.call)
  }

  isSelf(endpoint: Endpoint): boolean {
    if (endpoint.account !== this.#self.account) return false
    if (endpoint.kind === 'line' && endpoint.user !== undefined && endpoint.user === this.#self.user) return true
    return endpoint.kind === 'extension' && this.#self.extensions.includes(endpoint.extension)
  }

  #sees(groups: readonly string[]): boolean {
    return permits(this.permissions, 'see', this.#judged(groups))
  }

  /** Whom no group limits is not asked for one. */
  #judged(groups: readonly string[]): { readonly groups: readonly string[] } | undefined {
    return this.permissions.groups === 'all' ? undefined : { groups }
  }

  #groupsOf(parties: readonly Pick<Party, 'endpoint'>[]): readonly string[] {
    return parties.flatMap(({ endpoint }) => {
      const agent = this.#agentAt(endpoint)
      return agent === undefined ? [] : this.#groupsOfAgent(agent)
    })
  }

  #agentAt(endpoint: Endpoint): string | undefined {
    const extension = extensionOf(endpoint)
    return extension === undefined ? undefined : this.#directory.agentOfExtension(endpoint.account, extension)?.id
  }

  #groupsOfAgent(id: string): readonly string[] {
    return this.#directory.groupsOfAgent(this.#self.account, id).map((group) => group.id)
  }
}

const groupOf = ({ group }: Call): readonly string[] => (group === undefined ? [] : [group])

/** Whom somebody rang in vain was never there. */
const wasThere = (party: Party): boolean => isLive(party) || party.answeredAt !== undefined
