/** What all dialects ask of a call. */

import { type Call, handlingParty } from '../call/call.ts'
import { extensionOf } from '../call/endpoint.ts'
import { isConnected, isCore, isLive, type Party } from '../call/party.ts'
import { isOpen, type Supervision } from '../call/supervision.ts'

/** The agent on the call, or, while nobody has answered, the one who rings first. */
export const agentOf = (call: Call): Party | undefined =>
  handlingParty(call) ?? call.parties.find((p) => isLive(p) && p.role === 'agent' && p.endpoint.kind !== 'number')

/** The side that is not the agent: the customer, or in a call between two extensions the one who called. */
export const customerOf = (call: Call): Party | undefined =>
  call.parties.find((p) => p.role === 'customer' && isLive(p)) ??
  call.parties.find((p) => isCore(p) && isLive(p) && p.id !== agentOf(call)?.id)

export const isParty = (party: Party, extension: string): boolean => extensionOf(party.endpoint) === extension

/** The extension's own part in the call's conversation, ringing or connected. */
export const partyOfExtension = (call: Call, extension: string): Party | undefined =>
  call.parties.find((p) => isCore(p) && isLive(p) && isParty(p, extension))

/** Its part as a supervisor. */
export const supervisionOfExtension = (call: Call, extension: string): Supervision | undefined =>
  call.supervisions.find((s) => isOpen(s) && call.parties.some((p) => p.id === s.party && isParty(p, extension)))

/** Two of the conversation are connected. */
export const isAnswered = (call: Call): boolean =>
  call.answeredAt !== undefined && call.parties.filter((p) => isCore(p) && isConnected(p)).length > 0
