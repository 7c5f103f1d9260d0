/** Who is who in what is kept. */
import { phoneNumber } from '../../state/format.ts'
import { h } from '../../strings/history.ts'
import { t } from '../../strings/index.ts'
import type { Address, AuditPerson, CallRecord, RecordParty, Voice } from './types.ts'

export const nameOf = ({ name, number, extension }: Address, otherwise: string): string =>
  name ?? (number === undefined ? undefined : phoneNumber(number)) ?? extension ?? otherwise

export const personName = (person: AuditPerson | undefined): string =>
  person === undefined ? '–' : nameOf(person, person.erased === true ? h('audit.removed') : (person.user ?? person.agent ?? person.partyId))

const talkers = ({ parties }: CallRecord): readonly RecordParty[] => parties.filter(({ role }) => role !== 'supervisor')

export const agentsOf = (call: CallRecord): readonly RecordParty[] => {
  const customer = customerParty(call)
  return talkers(call).filter((party) => party !== customer && party.extension !== undefined)
}

const customerParty = (call: CallRecord): RecordParty | undefined =>
  talkers(call).find(({ role }) => role === 'customer') ?? talkers(call).find(({ role }) => role !== 'agent') ?? talkers(call)[0]

/** Nobody was connected in a call that was not answered: who called is known all the same. */
export function customerName(call: CallRecord): string {
  const party = customerParty(call)
  return party === undefined ? phoneNumber(call.direction === 'outbound' ? call.dnis : call.ani) : nameOf(party, party.id)
}

export const agentNames = (call: CallRecord): string => [...new Set(agentsOf(call).map((party) => nameOf(party, party.id)))].join(', ')

export const titleOf = (call: CallRecord): string => [customerName(call), agentNames(call)].filter((name) => name !== '').join('  ·  ')

export const voiceName = (voice: Voice): string =>
  voice.kind === 'mix' ? h('player.everybody') : nameOf(voice, voice.role === undefined ? voice.track : t(`role.${voice.role}`))
