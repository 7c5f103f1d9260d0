/** Who is who in a call. */
import type { Call, Mode, Party, Supervision } from '../api/types.ts'
import { phoneNumber } from './format.ts'

export const nameOf = (party: Party): string => party.name ?? party.number ?? party.extension ?? party.id

/** As it is shown: a number in groups of digits. */
export const labelOf = (party: Party): string => party.name ?? (party.number === undefined ? nameOf(party) : phoneNumber(party.number))

export const isPresent = (party: Party): boolean => party.state !== 'ended'

/** Everybody in the conversation who is not a supervisor. */
export const talkers = (call: Call): readonly Party[] => {
  const core = call.parties.filter((party) => party.role !== 'supervisor')
  const present = core.filter(isPresent)
  return present.length > 0 ? present : core
}

/** The customer, or whoever called where both are inside. */
export const farParty = (call: Call): Party | undefined =>
  talkers(call).find((party) => party.role === 'customer') ?? talkers(call).find((party) => party.role !== 'agent') ?? talkers(call)[0]

export const agentParty = (call: Call): Party | undefined => {
  const far = farParty(call)
  return talkers(call).find((party) => party.role === 'agent' && party !== far) ?? talkers(call).find((party) => party !== far)
}

export const watchers = (call: Call): readonly Supervision[] => call.supervisions.filter((supervision) => supervision.state !== 'ended')

export const partyOf = (call: Call, id: string): Party | undefined => call.parties.find((party) => party.id === id)

export function supervisorName(call: Call, supervision: Supervision): string {
  const party = partyOf(call, supervision.partyId)
  return supervision.supervisor?.name ?? (party === undefined ? supervision.partyId : nameOf(party))
}

/** What the page calls a mode: to whom a whisper goes makes two of one. */
export type Stance = 'monitor' | 'whisper-agent' | 'whisper-customer' | 'barge'

export function stanceOf(call: Call, { mode, target }: Pick<Supervision, 'mode' | 'target'>): Stance {
  if (mode !== 'whisper') return mode
  return partyOf(call, target)?.role === 'customer' ? 'whisper-customer' : 'whisper-agent'
}

export interface Wish {
  readonly mode: Mode
  readonly target: 'agent' | 'customer'
}

export const wishes: Readonly<Record<Stance, Wish>> = {
  monitor: { mode: 'monitor', target: 'agent' },
  'whisper-agent': { mode: 'whisper', target: 'agent' },
  'whisper-customer': { mode: 'whisper', target: 'customer' },
  barge: { mode: 'barge', target: 'agent' },
}
