/** Who hears whom in the calls that are looked at, as the mixer confirmed it. */
import { computed, effect, signal } from '@preact/signals'
import type { Call, Hearing, HearingPair, ServerEvent } from '../api/types.ts'
import { type HearingRow, matrixOf } from '../state/hearing.ts'
import { pending } from './listening.ts'
import { isStale, onEvents } from './live.ts'
import { client } from './session.ts'
import { openCallId } from './view.ts'
import { micStrip } from './voice.ts'

const hearings = signal<ReadonlyMap<string, Hearing>>(new Map())
/** Asked for, and not answered since the last event of the call. */
const asked = signal<ReadonlySet<string>>(new Set())

const watched = computed(() => [...new Set([openCallId.value, micStrip.value?.call.id])].filter((id) => id !== undefined))
const questions = new Map<string, number>()

export function matrixOfCall(call: Call): readonly HearingRow[] {
  const inDoubt = isStale.value || asked.value.has(call.id) || pending.value.has(call.id)
  return matrixOf(call, { hearing: hearings.value.get(call.id), inDoubt })
}

export function startHearing(): () => void {
  const stopWatching = effect(() => {
    for (const id of watched.value) if (!hearings.peek().has(id)) void ask(id)
  })
  const stopEvents = onEvents((events) => {
    const touched = events.length === 0 ? watched.peek() : watched.peek().filter((id) => events.some(({ callId }) => callId === id))
    for (const event of events) if (event.type === 'hearing.applied' && watched.peek().includes(event.callId ?? '')) confirm(event)
    if (!isStale.peek()) for (const id of touched) void ask(id)
  })
  return () => {
    stopWatching()
    stopEvents()
    hearings.value = new Map()
  }
}

/** The event has the whole matrix; that it is the newest one only an answer says. */
function confirm({ callId = '', at, data }: ServerEvent): void {
  const { revision, pairs } = data as { readonly revision: number; readonly pairs: readonly Pick<HearingPair, 'listener' | 'talker'>[] }
  const known = hearings.peek().get(callId)
  if (known !== undefined && known.appliedRevision >= revision) return
  const heard = pairs.map((pair) => ({ ...pair, levelDbov: null, lastAudioAt: null }))
  put({ callId, revision: Math.max(revision, known?.revision ?? 0), appliedRevision: revision, appliedAt: at, pairs: heard })
}

async function ask(id: string): Promise<void> {
  const question = (questions.get(id) ?? 0) + 1
  questions.set(id, question)
  asked.value = new Set([...asked.peek(), id])
  const answer = await client.get<Hearing>(`/calls/${id}/hearing`)
  if (questions.get(id) !== question) return
  if (answer.ok && answer.value.appliedRevision >= (hearings.peek().get(id)?.appliedRevision ?? 0)) put(answer.value)
  asked.value = new Set([...asked.peek()].filter((other) => other !== id))
  // The mixer confirms within a frame or two, and says so by an event; this is for the case that it was missed.
  if (answer.ok && answer.value.appliedRevision < answer.value.revision) setTimeout(() => void ask(id), 500)
}

function put(hearing: Hearing): void {
  const others = [...hearings.peek()].filter(([id]) => watched.peek().includes(id))
  hearings.value = new Map([...others, [hearing.callId, hearing]])
}
