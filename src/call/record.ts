/** Whose voices the recorder takes, derived from the call like its matrix and ordered when it differs from what was ordered last. */
import type { LegId } from '../kernel/ids.ts'
import { type Call, isEnded } from './call.ts'
import type { Draft } from './draft.ts'
import { isConnected, isCore, type Party } from './party.ts'
import { type RecordedVoice, type RecordingOrder, type RecordingShape, recordableSides, usualShape } from './recording.ts'

/** Orders what is new. `narrower`: something is recorded no longer, which must be so before anybody is heard otherwise. */
export function orderRecording(draft: Draft): 'narrower' | 'wider' | 'same' {
  const { recording } = draft.call
  const before = recording.ordered
  const after = wanted(draft.call)
  if (after === undefined || (before !== undefined && sameOrder(before, after))) return 'same'
  draft.patch({ recording: { ...recording, ordered: after } })
  draft.effect({ kind: 'record', ...after })
  return before !== undefined && isNarrower(before, after) ? 'narrower' : 'wider'
}

/** Undefined while there is nothing to order; a recording that is off was told so, and needs no more words. */
function wanted(call: Call): RecordingOrder | undefined {
  const { state, startedAt, ordered, shape = usualShape } = call.recording
  if (startedAt === undefined) return undefined
  if (state === 'off') return ordered === undefined ? undefined : { ...ordered, state, voices: [] }
  const audience = shape.announcement === undefined ? {} : { audience: audienceIn(call, shape.announcement) }
  return { recording: `${call.id}-${call.recording.take}`, state, startedAt, shape, voices: voices(call), ...audience }
}

/** Who joins later has missed it, so that it decides nothing when it changes. */
function audienceIn({ parties }: Call, { to }: NonNullable<RecordingShape['announcement']>): readonly LegId[] {
  const present = parties.filter((party) => isConnected(party) && isCore(party))
  return present.filter(({ endpoint }) => to === 'all' || endpoint.kind === 'number').map(({ leg }) => leg)
}

function voices(call: Call): readonly RecordedVoice[] {
  if (isEnded(call)) return []
  return call.parties.flatMap((party) => {
    const voice = isConnected(party) && isAgreed(call, party) ? voiceOf(call, party) : undefined
    return voice === undefined ? [] : [{ party: party.id, leg: party.leg, voice }]
  })
}

/** Who only listens has no voice; one who whispers has none where coaching words are left out, so that not even a file of him exists. */
function voiceOf(call: Call, party: Party): RecordedVoice['voice'] | undefined {
  if (isCore(party)) return 'conversation'
  const supervision = call.supervisions.find((s) => s.party === party.id && s.state === 'active')
  if (supervision?.mode === 'barge') return 'conversation'
  const { coach } = call.recording.shape ?? usualShape
  return supervision?.mode === 'whisper' && coach !== 'exclude' ? 'coach' : undefined
}

/** Consent is said for calls from a phone or a group to a number (contract newvoicemedia, section 4): the side inside, and the one outside. */
function isAgreed(call: Call, party: Party): boolean {
  const sides = recordableSides(call.recording)
  return sides === 'both' || sides === (party.endpoint.kind === 'number' ? 'to' : 'from')
}

function sameOrder(a: RecordingOrder, b: RecordingOrder): boolean {
  return a.recording === b.recording && a.state === b.state && a.voices.length === b.voices.length && a.voices.every((v) => has(b, v))
}

const has = (order: RecordingOrder, { leg, voice }: RecordedVoice): boolean =>
  order.voices.some((other) => other.leg === leg && other.voice === voice)

function isNarrower(before: RecordingOrder, after: RecordingOrder): boolean {
  if (before.state === 'on' && after.state !== 'on') return true
  return before.voices.some((voice) => voice.voice === 'conversation' && !has(after, voice))
}
