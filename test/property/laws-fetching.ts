/** Laws of calls that wait to be fetched, of recording, and of what is kept of a call after its end. */
import { isEnded } from '../../src/call/call.ts'
import type { Party } from '../../src/call/party.ts'
import type { RecordingPolicy } from '../../src/call/recording.ts'
import type { Law, StateLaw } from './law.ts'

/** Of one call and its engine. */
export const fetchingStateLaws = {
  'a parked call hears music and nobody': ({ call, engine }) => {
    if (call.parked === undefined) return undefined
    const { rows } = engine.bridge(call.id).ordered
    for (const { id, leg, phoneHeld } of call.parties.filter(isInConversation)) {
      const row = rows.find((r) => r.listener === leg)
      if (rows.some((r) => r.talkers.includes(leg))) return `${id} is heard`
      if (!phoneHeld && (row?.source !== 'hold-music' || row.talkers.length > 0)) return `${id} hears ${JSON.stringify(row)}`
    }
    return undefined
  },
  'a call is recorded only where somebody’s voice may be, while it lives': ({ call }) => {
    const { state } = call.recording
    if (state === 'off') return undefined
    if (isEnded(call) || call.answeredAt === undefined) return `it is ${state} without a conversation`
    return state === 'paused' || permits(call.recording) ? undefined : 'nobody’s voice may be recorded'
  },
  'phones are numbered as they came': ({ call }) => {
    const wrong = call.parties.find((p) => p.ordinal === 0 && (p.endpoint.kind === 'extension' || p.role === 'supervisor'))
    if (wrong !== undefined) return `${wrong.id} has no number`
    const ordinals = call.parties.map((p) => p.ordinal).filter((n) => n !== 0)
    const growing = ordinals.every((n, i) => n > (ordinals[i - 1] ?? 0)) && (ordinals.at(-1) ?? 0) <= call.phones
    return growing ? undefined : `${ordinals.join(' ')} of ${call.phones}`
  },
  'an ordered call ends in its longest time': ({ call, at }) => {
    const { maxDurationMs, answeredAt } = call
    if (isEnded(call) || maxDurationMs === undefined || answeredAt === undefined) return undefined
    return at <= answeredAt + maxDurationMs ? undefined : `it goes on ${at - answeredAt} ms after the answer`
  },
} satisfies Record<string, StateLaw>

/** Of what was ordered and told on the way. */
export const fetchingLaws = {
  'who hands over stays until the other has answered': ({ call, before }) => {
    const { transfer } = before
    if (transfer?.how !== 'hand-over' || isEnded(call)) return undefined
    const from = call.parties.find((p) => p.id === transfer.from)
    const to = call.parties.find((p) => p.id === transfer.to)
    if (transfer.held.length > 0) return 'somebody is put on hold for it'
    if (from?.state === 'connected' && to?.state === 'connected') return `${from.id} and ${to.id} are both there`
    const goesOn = call.transfer?.to === transfer.to
    return goesOn && from?.endReason === 'transferred' && to?.answeredAt === undefined
      ? `${from.id} has gone, and ${to?.id} has not come`
      : undefined
  },
  'a place is taken by one': ({ call }) => {
    const taken = call.parties.filter((p) => p.offer > 0 && p.state === 'connected').map((p) => p.offer)
    const late = call.parties.find((p) => (p.state === 'inviting' || p.state === 'ringing') && taken.includes(p.offer))
    return late === undefined ? undefined : `${late.id} still rings`
  },
  'a conference ends with its last party': ({ call, before }) => {
    if (call.room === undefined || !isEnded(call) || isEnded(before) || before.parked !== undefined) return undefined
    if (call.endReason === 'ended-by-request' || call.endReason === 'queue-timeout') return undefined
    const cut = call.parties.find((p) => p.role !== 'supervisor' && p.endReason === 'call-ended')
    return cut === undefined ? undefined : `${cut.id} was cut off`
  },
  'nothing but a disposition changes a call that has ended': ({ afterTheEnd }) => afterTheEnd[0],
} satisfies Record<string, Law>

const isInConversation = (party: Party): boolean => party.role !== 'supervisor' && party.state === 'connected'

/** The account or a stated consent: one of the two must speak for a side. */
function permits({ announced, automatic, onDemand, consent }: RecordingPolicy): boolean {
  const stated = [consent?.from, consent?.to].filter((side) => side !== undefined)
  if (announced || stated.includes('one-party')) return true
  return stated.length === 0 ? automatic || onDemand : stated.length === 1 && automatic
}
