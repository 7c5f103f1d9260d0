/** What is done to calls. Each answers whether it was done; a refusal has been told by then. */
import type { Answer, Call, RecordingState } from '../api/types.ts'
import { learnCall } from './live.ts'
import { complain } from './notices.ts'
import { client } from './session.ts'

async function done(asked: Promise<Answer<Call>>): Promise<boolean> {
  const answer = await asked
  if (answer.ok) learnCall(answer.value)
  else complain(answer.problem)
  return answer.ok
}

const at = (call: string, path = ''): string => `/calls/${encodeURIComponent(call)}${path}`

export type PartyAct = 'hold' | 'unhold' | 'mute' | 'unmute'
export type TransferKind = 'blind' | 'attended' | 'hand-over'
export type Destination = { readonly extension: string } | { readonly number: string } | { readonly group: string }

export const hangUp = (call: string): Promise<boolean> => done(client.delete(at(call)))
export const removeParty = (call: string, party: string): Promise<boolean> => done(client.delete(at(call, `/parties/${party}`)))
export const doToParty = (call: string, party: string, act: PartyAct): Promise<boolean> =>
  done(client.post(at(call, `/parties/${party}/${act}`)))
export const record = (call: string, state: RecordingState): Promise<boolean> => done(client.put(at(call, '/recording'), { state }))
export const transfer = (call: string, to: Destination, type: TransferKind): Promise<boolean> =>
  done(client.post(at(call, '/transfer'), { to, type }))
export const dispose = (call: string, disposition: string, notes: string): Promise<boolean> =>
  done(client.put(at(call, '/disposition'), { disposition, ...(notes === '' ? {} : { notes }) }))

/** One that the page does not know: it may have ended before the page was opened. */
export async function fetchCall(call: string): Promise<boolean> {
  const answer = await client.get<Call>(at(call))
  if (answer.ok) learnCall(answer.value)
  return answer.ok
}
