/** The office as agents find it, whom their account tells nothing of supervision. */
import type { CdrSearch } from '../audit/ports.ts'
import type { Cdr, CdrParty } from '../call/cdr.ts'
import { extensionOf } from '../call/endpoint.ts'
import type { CallerRole } from '../control/command.ts'
import { DiscreetDesk } from '../control/discreet-desk.ts'
import { discreetShelf, unsupervisedRecord } from '../control/discretion.ts'
import { agentKey } from '../directory/account-index.ts'
import { refuse } from '../http/refused.ts'
import type { AccountId } from '../kernel/ids.ts'
import type { History } from './history-source.ts'
import type { Office } from './office.ts'

/** Whom an account may leave in the dark. */
export const isUntold = ({ role }: { readonly role: CallerRole }): boolean => role === 'agent'

export function untoldOffice(office: Office): Office {
  const isOpenIn = office.tellsAgents ?? (() => false)
  const { desk, history, shelf } = office
  return {
    ...office,
    desk: new DiscreetDesk(desk, isOpenIn),
    history: discreetHistory(history, isOpenIn),
    shelf: discreetShelf(shelf, isOpenIn),
  }
}

function discreetHistory(history: History, isOpenIn: (account: AccountId) => boolean): History {
  const { archive } = history
  return {
    archive: {
      get isDegraded() {
        return archive.isDegraded
      },
      get hasLost() {
        return archive.hasLost === true
      },
      async cdr(account, id) {
        const found = await archive.cdr(account, id)
        return found === undefined || isOpenIn(account) ? found : unsupervisedRecord(found)
      },
      async cdrs(search) {
        const page = await archive.cdrs(search)
        if (page === 'bad-cursor' || isOpenIn(search.account)) return page
        return { ...page, items: page.items.filter((cdr) => isFoundWithout(cdr, search)).map(unsupervisedRecord) }
      },
      entries: (search) => archive.entries(demandOpen(isOpenIn, search.account, search)),
    },
    verify: async (account) => history.verify(demandOpen(isOpenIn, account, account)),
    file: async (account) => history.file(demandOpen(isOpenIn, account, account)),
  }
}

/** All of the audit is about supervision. */
function demandOpen<T>(isOpenIn: (account: AccountId) => boolean, account: AccountId, then: T): T {
  if (isOpenIn(account)) return then
  throw refuse('forbidden', { why: 'Agents of this account are told nothing of supervision.' })
}

/** A record that is found only because of its supervisor would tell of him. */
function isFoundWithout({ parties, ani, dnis }: Cdr, search: Pick<CdrSearch, 'agent' | 'number'>): boolean {
  const names = (party: CdrParty): boolean => isNamed(party, search)
  const isHis = parties.some((party) => party.role === 'supervisor' && names(party))
  if (!isHis || parties.some((party) => party.role !== 'supervisor' && names(party))) return true
  return search.number !== undefined && [ani, dnis].some((one) => digits(one) === digits(search.number ?? ''))
}

function isNamed({ endpoint }: CdrParty, { agent, number }: Pick<CdrSearch, 'agent' | 'number'>): boolean {
  const own = endpoint.kind === 'number' ? endpoint.number : (extensionOf(endpoint) ?? '')
  const isAgent =
    endpoint.kind !== 'number' && endpoint.agent !== undefined && agent !== undefined && agentKey(endpoint.agent) === agentKey(agent)
  return isAgent || (number !== undefined && digits(own) === digits(number))
}

const digits = (text: string): string => text.replace(/\D/g, '')
