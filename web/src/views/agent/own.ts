/** The agent that somebody is, and the call he is in, as the server has them. */
import { computed, signal } from '@preact/signals'
import type { Agent, Call, Page } from '../../api/types.ts'
import { isPresent } from '../../state/people.ts'
import { floor } from '../../store/live.ts'
import { complain } from '../../store/notices.ts'
import { client } from '../../store/session.ts'
import { extension } from './softphone.ts'

export const ownAgent = computed<Agent | undefined>(() => {
  const own = extension.value
  return own === undefined ? undefined : [...floor.value.agents.values()].find((agent) => agent.extension === own)
})

const isMine = (call: Call): boolean => call.parties.some((party) => party.extension === extension.value && party.role !== 'supervisor')
const isMineNow = (call: Call): boolean =>
  call.parties.some((party) => party.extension === extension.value && party.role !== 'supervisor' && isPresent(party))

export const ownCall = computed<Call | undefined>(() => [...floor.value.calls.values()].find(isMineNow))

/** Asked for after a reload, when the page has seen no call end. */
const earlier = signal<Call | undefined>(undefined)

/** The call whose outcome is still to be said. */
export const owedCall = computed<Call | undefined>(() => {
  const state = ownAgent.value?.state
  if (ownCall.value !== undefined || (state !== 'wrap-up' && state !== 'pending-disposition')) return undefined
  const { awaitsCallId } = ownAgent.value ?? {}
  const ended = [...floor.value.ended.values()].filter((call) => (awaitsCallId === undefined ? isMine(call) : call.id === awaitsCallId))
  return ended.at(-1) ?? earlier.value
})

export async function findOwedCall(): Promise<void> {
  const { id, awaitsCallId } = ownAgent.peek() ?? {}
  const callId = awaitsCallId ?? (id === undefined ? undefined : await lastCallOf(id))
  if (callId === undefined) return
  const found = await client.get<Call>(`/calls/${encodeURIComponent(callId)}`)
  if (found.ok) earlier.value = found.value
}

async function lastCallOf(agent: string): Promise<string | undefined> {
  const records = await client.get<Page<{ readonly id: string }>>(`/cdrs?agent=${encodeURIComponent(agent)}&limit=1`)
  return records.ok ? records.value.items[0]?.id : undefined
}

async function say(path: 'state' | 'hand', body: object): Promise<boolean> {
  const agent = ownAgent.peek()
  if (agent === undefined) return false
  const answer = await client.put<Agent>(`/agents/${encodeURIComponent(agent.id)}/${path}`, body)
  if (!answer.ok) complain(answer.problem)
  return answer.ok
}

export const setState = (state: 'available' | 'away' | 'offline', reason = ''): Promise<boolean> =>
  say('state', reason === '' ? { state } : { state, reason })
export const setHand = (raised: boolean, note = ''): Promise<boolean> => say('hand', note === '' ? { raised } : { raised, note })
