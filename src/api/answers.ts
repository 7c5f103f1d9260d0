/** What the desk did, as answers. */
import { type Call, supervisionOf } from '../call/call.ts'
import type { Supervision } from '../call/supervision.ts'
import type { DeskCommand, Done, FrontDesk } from '../control/command.ts'
import { type Answer, etag, jsonAnswer } from '../http/answer.ts'
import { refuse } from '../http/refused.ts'
import { assert } from '../kernel/assert.ts'
import { callId, supervisionId } from '../kernel/ids.ts'
import { demandRevision } from './precondition.ts'
import { problemAnswer } from './problem.ts'
import { type Ask, pathOf } from './route.ts'
import { callText, supervisionView } from './views.ts'

export const base = '/sotto/v1'

/** The desk does it, or its refusal is the answer. */
export async function order(desk: FrontDesk, ask: Ask, command: DeskCommand, done: (done: Done) => Answer): Promise<Answer> {
  const outcome = await desk.request(ask.caller, command)
  return outcome.ok ? done(outcome.value) : problemAnswer(outcome.error, ask.requestId)
}

export const callAnswer =
  (status: number, headers: (call: Call) => Readonly<Record<string, string>> = () => ({})) =>
  ({ call }: Done): Answer => {
    assert(call, 'the desk gives the call that it changed')
    return jsonAnswer(status, callText(call), { ...etag(call.revision), ...headers(call) })
  }

export const supervisionAnswer =
  (status: number, headers: (supervision: Supervision) => Readonly<Record<string, string>> = () => ({})) =>
  (done: Done): Answer => {
    assert(done.call && done.supervision, 'the desk gives the supervision that it changed, and its call')
    const supervision = supervisionOf(done.call, done.supervision)
    assert(supervision, 'a supervision is in its call')
    const body = JSON.stringify(supervisionView(done.call, supervision))
    return jsonAnswer(status, body, { ...etag(supervision.revision), ...headers(supervision) })
  }

type Asked = Pick<Ask, 'caller' | 'sight' | 'path'>

/** What the caller may not see is not there for him. */
export function findCall(desk: FrontDesk, ask: Asked): Call | undefined {
  const call = desk.call(ask.caller.account, callId(pathOf(ask, 'call')))
  return call !== undefined && ask.sight.call(call) ? call : undefined
}

export function callOf(desk: FrontDesk, ask: Asked): Call {
  const call = findCall(desk, ask)
  if (call === undefined) throw refuse('call-unknown')
  return call
}

/** The call of a change, at the revision that the caller expects. Nothing may be awaited between this and the order. */
export function callToChange(desk: FrontDesk, ask: Ask): Call {
  const call = callOf(desk, ask)
  demandRevision(ask.ifMatch, call.revision)
  return call
}

export interface SupervisionInCall {
  readonly call: Call
  readonly supervision: Supervision
}

export function supervisionInCall(desk: FrontDesk, ask: Asked): SupervisionInCall {
  const id = supervisionId(pathOf(ask, 'supervision'))
  const call = desk.callOfSupervision(ask.caller.account, id)
  const supervision = call && supervisionOf(call, id)
  if (call === undefined || supervision === undefined || !ask.sight.call(call))
    throw refuse('resource-unknown', { name: 'supervision', why: 'No such supervision.' })
  return { call, supervision }
}

export function supervisionToChange(desk: FrontDesk, ask: Ask): Supervision {
  const { supervision } = supervisionInCall(desk, ask)
  demandRevision(ask.ifMatch, supervision.revision)
  return supervision
}
