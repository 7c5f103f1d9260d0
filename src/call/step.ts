import { unreachable } from '../kernel/assert.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { Instant } from '../kernel/time.ts'
import { type Call, isEnded } from './call.ts'
import { Draft } from './draft.ts'
import { finish, type Step } from './finish.ts'
import type { Command, Input } from './input.ts'
import { type Refusal, refusal } from './refusal.ts'
import { dispose, end, record, recorded } from './step-call.ts'
import { stepLeg, stepWake } from './step-leg.ts'
import { park, unpark } from './step-parking.ts'
import { addParty, adopt, callAgain, hold, mute, release, removeParty, withdraw } from './step-party.ts'
import { offer, pickUp, requeue, wait } from './step-queue.ts'
import { changeSupervision, endSupervision, supervise, takeOver } from './step-supervision.ts'
import { transfer } from './step-transfer.ts'
import type { Verdict } from './verdict.ts'

/**
 * The only way in which a call changes. Commands may be refused, and then nothing has changed; what happened to a leg is never refused:
 * what no longer fits (a late event of a leg that has gone) changes nothing.
 */
export function step(call: Call, at: Instant, input: Input): Outcome<Step, Refusal> {
  if (isEnded(call) && !isHeardAfterTheEnd(input)) return isCommand(input) ? fail(refusal('call-ended')) : ok(unchanged(call))
  const draft = new Draft(call, at)
  if (!isCommand(input)) {
    if (input.kind === 'wake') stepWake(draft)
    else if (input.kind === 'recorded') recorded(draft, input)
    else stepLeg(draft, input)
    return ok(finish(draft, { on: 'now' }))
  }
  const verdict = command(draft, input)
  return 'refusal' in verdict ? fail(verdict.refusal) : ok(finish(draft, verdict.confirm, verdict.supervision))
}

/** The mixer's last word, and what came of the conversation. */
const isHeardAfterTheEnd = ({ kind }: Input): boolean => kind === 'wired' || kind === 'recorded' || kind === 'dispose'

function isCommand(input: Input): input is Command {
  return !(
    input.kind === 'wake' ||
    input.kind === 'recorded' ||
    input.kind === 'wired' ||
    input.kind === 'wiring-failed' ||
    input.kind.startsWith('leg-')
  )
}

const unchanged = (call: Call): Step => ({ call, effects: [], events: [], confirm: { on: 'now' } })

function command(draft: Draft, input: Command): Verdict {
  switch (input.kind) {
    case 'supervise':
      return supervise(draft, input)
    case 'change-supervision':
      return changeSupervision(draft, input)
    case 'end-supervision':
      return endSupervision(draft, input)
    case 'take-over':
      return takeOver(draft, input)
    case 'hold':
      return hold(draft, input)
    case 'mute':
      return mute(draft, input)
    case 'remove-party':
      return removeParty(draft, input.party)
    case 'add-party':
      return addParty(draft, input)
    case 'transfer':
      return transfer(draft, input)
    case 'offer':
      return offer(draft, input)
    case 'wait':
      return wait(draft)
    case 'withdraw':
      return withdraw(draft, input.legs)
    case 'adopt':
      return adopt(draft, input)
    case 'release':
      return release(draft, input.party)
    case 'end':
      return end(draft, input.reason)
    default:
      return serviceCommand(draft, input)
  }
}

type ServiceCommand = Extract<Command, { kind: 'call-again' | 'record' | 'dispose' | 'park' | 'unpark' | 'pick-up' | 'requeue' }>

function serviceCommand(draft: Draft, input: ServiceCommand): Verdict {
  switch (input.kind) {
    case 'call-again':
      return callAgain(draft, input)
    case 'record':
      return record(draft, input)
    case 'dispose':
      return dispose(draft, input)
    case 'park':
      return park(draft, input)
    case 'unpark':
      return unpark(draft, input)
    case 'pick-up':
      return pickUp(draft, input)
    case 'requeue':
      return requeue(draft, input)
    default:
      return unreachable(input)
  }
}
