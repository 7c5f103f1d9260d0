/** Recordings in the words of the media process and back. */
import type { Effect } from '../../call/effect.ts'
import { fileName } from '../../kernel/file-name.ts'
import { bridgeId, callId, type LegId } from '../../kernel/ids.ts'
import { type Instant, rfc3339 } from '../../kernel/time.ts'
import type { MediaEvent, RecordOrder } from '../../media/protocol.ts'
import type { EngineEvent, EngineOrder } from '../port.ts'

type Told = Extract<MediaEvent, { kind: 'recorded' | 'record-failed' }>

/** Files lie by account and day (UTC), each track under its party's name. */
export function recordOrder(
  { call, account }: EngineOrder,
  effect: Extract<Effect, { kind: 'record' }>,
  named: (leg: LegId) => LegId,
): RecordOrder {
  const { recording, state, startedAt, voices, audience = [] } = effect
  const { announcement, ...shape } = effect.shape
  return {
    kind: 'record',
    bridge: bridgeId(call),
    recording: fileName(recording),
    state,
    directory: `${fileName(account)}/${rfc3339(startedAt).slice(0, 10)}`,
    ...shape,
    ...(announcement === undefined ? {} : { announce: { prompt: announcement.prompt, legs: audience.map(named) } }),
    tracks: voices.map(({ leg, party, voice }) => ({ leg: named(leg), name: fileName(party), voice })),
  }
}

export function recordedEvent(at: Instant, event: Told): EngineEvent {
  const call = callId(event.bridge)
  const { bridge: _, ...outcome } = event
  if (outcome.kind === 'recorded') return { ...outcome, call }
  const { recording, why } = outcome
  return { kind: 'recorded', call, recording, startedAt: at, format: 'wav-g711', files: [], gaps: [], complete: false, why }
}
