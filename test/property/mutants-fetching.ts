/** Faults in parking, picking up, handing over, conferences and recording, and in what the record keeps of them. */
import type { Call } from '../../src/call/call.ts'
import type { Step } from '../../src/call/finish.ts'
import type { Input } from '../../src/call/input.ts'
import type { Party } from '../../src/call/party.ts'
import { ok } from '../../src/kernel/outcome.ts'
import { type CallCore, realCore } from '../../testkit/world-call.ts'
import { adding, after, core, folding, instead, type Mutant, rows, wrong } from './mutant-tools.ts'

const recordLaw = 'the record knows where it was parked, when it was recorded, and what came of it'
const recordingLaw = 'a call is recorded only where somebody’s voice may be, while it lives'

export const fetchingMutants: readonly Mutant[] = [
  wrong('who is called for a parked call is heard before he answers', 'a parked call hears music and nobody', () =>
    rows((all, call) => {
      const fetcher = call.parties.find((p) => p.offer === call.parked?.offering && ['inviting', 'ringing'].includes(p.state))
      return core(call).reduce((found, waiting) => adding(found, waiting, [fetcher?.leg]), all)
    }),
  ),
  wrong('who is parked waits in silence', 'a parked call hears music and nobody', () =>
    rows((all, call) => (call.parked === undefined ? all : all.map(({ source: _, ...row }) => row))),
  ),
  wrong('the time of a parked call is not looked at', 'no deadline passes unheeded', () =>
    instead((call, input) => (input.kind === 'wake' && call.parked !== undefined ? nothing(call) : input)),
  ),
  wrong('a customer stays on hold when he is fetched', 'nobody is left on hold by one who was replaced', () =>
    after((step) => (step.events.some((e) => e.type === 'call.unparked') ? { ...step, call: withParties(step.call, heldCustomer) } : step)),
  ),
  wrong('whoever rang beside the one who picked up rings on', 'a place is taken by one', () =>
    after((step) => ({ ...step, call: withParties(step.call, ringingOn) })),
  ),
  wrong('a hand-over lets go when the other phone rings', 'who hands over stays until the other has answered', hastyHandOver),
  wrong('a conference ends when one is left', 'a conference ends with its last party', lonelyConference),
  wrong('the longest time of a call is forgotten', 'an ordered call ends in its longest time', () =>
    after((step) => ({ ...step, call: withoutEnd(step.call) })),
  ),
  wrong('every answered call is recorded', recordingLaw, () => after((step) => (isAnswered(step) ? recorded(step) : step))),
  wrong('recording goes on after the end', recordingLaw, () =>
    after((step) => (step.events.some((e) => e.type === 'recording.stopped') ? recorded(step) : step)),
  ),
  wrong('a phone gets the number of one who left', 'phones are numbered as they came', () =>
    after((step) => ({ ...step, call: withParties(step.call, numberedByWhoIsThere) })),
  ),
  wrong('a call that has ended is recorded on demand', 'nothing but a disposition changes a call that has ended', () => ({
    ...realCore,
    step: (call, at, input) => {
      const isLate = call.endedAt !== undefined && input.kind === 'record'
      return isLate
        ? ok({ call: { ...call, revision: call.revision + 1 }, effects: [], events: [], confirm: { on: 'now' } })
        : realCore.step(call, at, input)
    },
  })),
  wrong('the record forgets where it was parked', recordLaw, () => folding((before, now) => ({ ...now, parks: before.parks }))),
  wrong('the record takes a pause for recording', recordLaw, () => ({
    ...realCore,
    fold: (cdr, event) => (event.type === 'recording.paused' ? cdr : realCore.fold(cdr, event)),
  })),
  wrong('the record keeps the first disposition', recordLaw, () =>
    folding((before, now) => (before.disposition === undefined ? now : { ...now, disposition: before.disposition })),
  ),
]

const nothing = (call: Call): Input => ({ kind: 'wired', revision: call.wiring.applied, at: call.startedAt })

const withParties = (call: Call, change: (party: Party, call: Call) => Party): Call => ({
  ...call,
  parties: call.parties.map((p) => change(p, call)),
})

const withoutEnd = ({ endBy: _, ...call }: Call): Call => call
const withoutRoom = ({ room: _, ...call }: Call): Call => call

const heldCustomer = (party: Party): Party => (party.role === 'customer' && party.state === 'connected' ? { ...party, held: true } : party)

const ringingOn = (party: Party): Party => (party.endReason === 'answered-elsewhere' ? { ...party, state: 'ringing' } : party)

function numberedByWhoIsThere(party: Party, call: Call): Party {
  const isLast = party === call.parties.at(-1)
  const there = call.parties.filter((p) => p.ordinal > 0 && p.state !== 'ended').length
  return isLast && party.ordinal > 0 && party.state === 'inviting' ? { ...party, ordinal: there } : party
}

const isAnswered = (step: Step): boolean => step.events.some((e) => e.type === 'call.answered')

const recorded = (step: Step): Step => ({ ...step, call: { ...step.call, recording: { ...step.call.recording, state: 'on' } } })

/** The core takes it for an ordinary call. */
function lonelyConference(): CallCore {
  return {
    ...realCore,
    step: (call, at, input) => {
      const { room } = call
      const stepped = realCore.step(withoutRoom(call), at, input)
      return stepped.ok && room !== undefined ? ok({ ...stepped.value, call: { ...stepped.value.call, room } }) : stepped
    },
  }
}

/** A hand-over is worked as a blind transfer, and is called a hand-over. */
function hastyHandOver(): CallCore {
  const as = (call: Call, from: 'blind' | 'hand-over', how: 'blind' | 'hand-over'): Call =>
    call.transfer?.how === from ? { ...call, transfer: { ...call.transfer, how } } : call
  return {
    ...realCore,
    step: (call, at, input) => {
      if (call.transfer?.how !== 'hand-over') return realCore.step(call, at, input)
      const stepped = realCore.step(as(call, 'hand-over', 'blind'), at, input)
      return stepped.ok ? ok({ ...stepped.value, call: as(stepped.value.call, 'blind', 'hand-over') }) : stepped
    },
  }
}
