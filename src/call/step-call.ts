/** Commands for the call as a whole. */
import { limits } from '../kernel/limits.ts'
import { isEnded } from './call.ts'
import type { Draft } from './draft.ts'
import { endCall } from './end-call.ts'
import type { Command, RecordedInput } from './input.ts'
import type { EndReason } from './reason.ts'
import { mayRecord } from './recording.ts'
import { done, refuse, type Verdict } from './verdict.ts'

type Of<Kind extends Command['kind']> = Extract<Command, { kind: Kind }>

export function end(draft: Draft, reason: EndReason): Verdict {
  endCall(draft, reason)
  return done
}

/** Recording on demand: it may be stopped or paused by whoever may start it, also where it started by itself. */
export function record(draft: Draft, { state }: Of<'record'>): Verdict {
  const { recording, answeredAt } = draft.call
  if (recording.state === state) return done
  if (!recording.onDemand || (state === 'on' && !mayRecord(recording))) return refuse('recording-not-permitted')
  if (answeredAt === undefined) return refuse('wrong-state', 'Nobody has answered the call yet.')
  if (state === 'paused' && recording.state === 'off') return refuse('wrong-state', 'The call is not being recorded.')
  draft.setRecording(state)
  return done
}

/** The recorder went away with it, and the next one goes on with the same recording in other files. */
const interruptions: readonly string[] = ['recorder-died', 'media-stopped']

/** A recording is on disk, or never will be: one that ended before it was told to is not going on, whatever the call says. */
export function recorded(draft: Draft, { recording, kind: _, ...stored }: RecordedInput): void {
  const { stored: known = [], ordered, state } = draft.call.recording
  if (known.includes(stored.id)) return
  const isRunning = state !== 'off' && ordered?.recording === recording && !isEnded(draft.call)
  if (stored.files.length > 0) {
    draft.patch({ recording: { ...draft.call.recording, stored: [...known, stored.id].slice(-limits.recordingsKeptPerCall) } })
    draft.emit({ type: 'recording.stored', data: stored })
  }
  if (!isRunning || stored.complete) return
  if (interruptions.includes(stored.why ?? '')) draft.effect({ kind: 'record', ...ordered })
  else draft.setRecording('off', stored.why)
}

/** What came of the conversation; the last word counts. */
export function dispose(draft: Draft, command: Of<'dispose'>): Verdict {
  const { disposition, notes, callbackAt } = command
  const more = { ...(notes === undefined ? {} : { notes }), ...(callbackAt === undefined ? {} : { callbackAt }) }
  draft.patch({ disposition: { name: disposition, ...more, at: draft.at } })
  draft.emit({ type: 'disposition.set', data: { disposition, ...more } })
  return done
}
