import { cannotComeIn } from './admit.ts'
import { connectedCore, handlingParty, partyOf, type Transfer } from './call.ts'
import type { Draft } from './draft.ts'
import type { Command } from './input.ts'
import { isConnected, isCore, type Party } from './party.ts'
import { progress } from './settle-transfer.ts'
import { shown } from './step-party.ts'
import { refuse, type Verdict } from './verdict.ts'

type TransferCommand = Extract<Command, { kind: 'transfer' }>

/**
 * Calls the party that will take another's place. Blind: the other leaves as soon as the new phone rings. Attended: the rest of the
 * conversation is held while the two speak, and the transfer is complete when the one who asked leaves. Hand-over: nobody is held, and who leaves
 * stays until the new phone is answered.
 */
export function transfer(draft: Draft, command: TransferCommand): Verdict {
  const from = command.party === undefined ? handlingParty(draft.call) : partyOf(draft.call, command.party)
  if (from === undefined)
    return command.party === undefined ? refuse('wrong-state', 'Nobody handles this call now.') : refuse('party-unknown')
  const refused = cannotTransfer(draft, command, from)
  if (refused !== undefined) return refused
  const others = connectedCore(draft.call).filter((p) => p.id !== from.id)
  const held = command.how === 'attended' ? others.filter((p) => !p.held) : []
  draft.invite({ as: command.as, to: command.to, role: from.role, from: shown(draft), ringTimeoutMs: command.ringTimeoutMs })
  const started: Transfer = {
    ...{ how: command.how, from: from.id, to: command.as.party, held: held.map((p) => p.id) },
    ...(command.requested === undefined ? {} : { requested: command.requested }),
  }
  draft.patch({ transfer: started })
  for (const party of held) draft.setHold(party.id, { held: true })
  progress(draft, started, 'trying')
  return { confirm: { on: 'accepted', legs: [command.as.leg] } }
}

function cannotTransfer(draft: Draft, command: TransferCommand, from: Party): Verdict | undefined {
  const { call } = draft
  if (!isCore(from) || !isConnected(from)) return refuse('wrong-state', 'The party is not in the conversation.')
  if (call.transfer !== undefined) return refuse('wrong-state', 'Another transfer of this call is under way.')
  if (connectedCore(call).length < 2) return refuse('wrong-state', 'There is nobody to transfer.')
  if (call.parked !== undefined) return refuse('wrong-state', 'The call is parked.')
  return cannotComeIn(call, command.to)
}
