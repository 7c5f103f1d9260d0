import type { Call, Party } from '../../api/types.ts'
import { farParty, isPresent } from '../../state/people.ts'
import { doToParty } from '../../store/call-acts.ts'
import { floor, link } from '../../store/live.ts'
import { client } from '../../store/session.ts'
import { ownCall } from './own.ts'
import { extension, hangUpPhone } from './softphone.ts'

/** Whom the agent speaks with. */
export const otherOf = (call: Call): Party | undefined => farParty(call)

export const isOnHold = (call: Call): boolean => otherOf(call)?.state === 'held'

/** The customer hears music; a supervisor may go on speaking with the agent. */
export async function toggleHold(): Promise<void> {
  const call = ownCall.peek()
  const other = call === undefined ? undefined : otherOf(call)
  if (call === undefined || other === undefined) return
  await doToParty(call.id, other.id, other.state === 'held' ? 'unhold' : 'hold')
}

const lookAgainMs = 1_500
const mostTries = 12

/** The phone says goodbye; where the server was away and did not hear it, it is told once it is back. */
export async function hangUp(): Promise<void> {
  const call = ownCall.peek()
  const own = call?.parties.find((party) => party.extension === extension.peek() && isPresent(party))
  hangUpPhone()
  if (call === undefined || own === undefined) return
  const isThere = (): boolean =>
    floor
      .peek()
      .calls.get(call.id)
      ?.parties.some(({ id, state }) => id === own.id && state !== 'ended') ?? false
  for (let tries = 0; tries < mostTries; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs))
    if (link.peek() !== 'live') continue
    if (!isThere()) return
    const removed = await client.delete(`/calls/${encodeURIComponent(call.id)}/parties/${own.id}`)
    if (removed.ok) return
  }
}
