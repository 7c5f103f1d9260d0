import Type, { type Static } from 'typebox'
import type { RefusalCode } from '../call/refusal.ts'
import { isOpen, modes } from '../call/supervision.ts'
import type { DeskCommand } from '../control/command.ts'
import { jsonAnswer } from '../http/answer.ts'
import { type PartyId, partyId } from '../kernel/ids.ts'
import {
  base,
  callAnswer,
  callToChange,
  order,
  type SupervisionInCall,
  supervisionAnswer,
  supervisionInCall,
  supervisionToChange,
} from './answers.ts'
import { listQuery } from './calls.ts'
import type { Office } from './office.ts'
import { pageOf } from './paging.ts'
import { type Route, route } from './route.ts'
import { choice, optional, ringTimeoutMs, SupervisorSchema, text } from './schemas.ts'
import { supervisor as supervisorNamed } from './selectors.ts'
import { supervisionView } from './views.ts'

const mode = choice(modes)
const target = optional(text(128, { description: 'Who is coached: a party id, "agent" or "customer".' }))
const whisperOnly = optional(Type.Boolean({ description: 'Coach without hearing the call; in mode whisper only.' }))

const Supervise = Type.Object({
  supervisor: SupervisorSchema,
  mode,
  target,
  private: whisperOnly,
  ringTimeoutMs,
  autoAnswer: optional(Type.Boolean({ description: "Ask the supervisor's phone to answer by itself." })),
  follow: optional(choice(['call', 'target'], { description: 'Stay with the call (default), or end when the target leaves.' })),
  hearPeers: optional(Type.Boolean({ description: 'Hear other supervisors who whisper.' })),
})

const Change = Type.Object({ mode: optional(mode), target, private: whisperOnly })

const Filter = Type.Object({
  callId: optional(text(128)),
  mode: optional(mode),
  state: optional(choice(['ringing', 'active'])),
  ...listQuery,
})

export const supervisionRoutes = (office: Office): readonly Route[] => [
  supervise(office),
  listSupervisions(office),
  getSupervision(office),
  changeSupervision(office),
  takeOver(office),
  endSupervision(office),
]

const supervision = { tag: 'Supervision', success: { status: 200, schema: 'Supervision' } } as const

function supervise({ desk }: Office): Route {
  return route({
    ...supervision,
    id: 'superviseCall',
    summary:
      'Ring the supervisor, then attach him; a line is attached at once. A second request by the same supervisor changes the mode of the first',
    method: 'POST',
    url: `${base}/calls/:call/supervisions`,
    need: 'supervise',
    body: Supervise,
    example: { supervisor: { extension: '101' }, mode: 'whisper', target: 'agent' },
    success: { status: 201, schema: 'Supervision' },
    refusals: superviseRefusals,
    handle(ask) {
      const { supervisor, target, ...rest } = ask.body
      const call = callToChange(desk, ask).id
      const command: DeskCommand = { kind: 'supervise', call, supervisor: supervisorNamed(supervisor), ...targetOf(target), ...rest }
      return order(
        desk,
        ask,
        command,
        supervisionAnswer(201, ({ id }) => ({ Location: `${base}/supervisions/${id}` })),
      )
    },
  })
}

const superviseRefusals: readonly RefusalCode[] = [
  'call-unknown',
  'call-ended',
  'party-unknown',
  'resource-unknown',
  'endpoint-unknown',
  'endpoint-unavailable',
  'endpoint-busy',
  'supervision-not-allowed',
  'mode-not-allowed',
  'already-supervised-by-you',
  'supervisor-limit',
  'wrong-state',
  'number-invalid',
  'destination-not-allowed',
  'timeout',
  'capacity-exceeded',
  'engine-failed',
]

function targetOf(target: string | undefined): { readonly target?: PartyId | 'agent' | 'customer' } {
  if (target === undefined) return {}
  return { target: target === 'agent' || target === 'customer' ? target : partyId(target) }
}

function listSupervisions({ desk }: Office): Route {
  return route({
    ...supervision,
    id: 'listSupervisions',
    summary: 'Supervisions that ring or are active, by call, oldest call first',
    method: 'GET',
    url: `${base}/supervisions`,
    need: 'read',
    query: Filter,
    success: { ...supervision.success, list: true },
    refusals: [],
    handle({ caller, sight, query }) {
      const seen = desk.calls(caller.account).filter((call) => sight.call(call))
      const open = seen.flatMap((call) => call.supervisions.filter(isOpen).map((s) => ({ call, supervision: s })))
      const { items, next } = pageOf(open.filter(matcher(query)), query, placeOf)
      return jsonAnswer(200, JSON.stringify({ items: items.map((s) => supervisionView(s.call, s.supervision)), next }))
    },
  })
}

const placeOf = ({ call, supervision: { id } }: SupervisionInCall) => ({ id, order: call.startedAt })

function matcher({ callId, mode, state }: Static<typeof Filter>): (open: SupervisionInCall) => boolean {
  return ({ call, supervision: s }) =>
    (callId === undefined || call.id === callId) && (mode === undefined || s.mode === mode) && (state === undefined || s.state === state)
}

function getSupervision({ desk }: Office): Route {
  return route({
    ...supervision,
    id: 'getSupervision',
    summary: 'A supervision, also of a call that ended within 24 h',
    method: 'GET',
    url: `${base}/supervisions/:supervision`,
    need: 'read',
    refusals: ['resource-unknown'],
    handle(ask) {
      const { call, supervision: found } = supervisionInCall(desk, ask)
      return supervisionAnswer(200)({ call, supervision: found.id })
    },
  })
}

function changeSupervision({ desk }: Office): Route {
  return route({
    ...supervision,
    id: 'changeSupervision',
    summary: 'Change the mode in place; answered after the mixer has applied it',
    method: 'PATCH',
    url: `${base}/supervisions/:supervision`,
    need: 'supervise',
    body: Change,
    example: { mode: 'barge' },
    refusals: [
      'resource-unknown',
      'call-ended',
      'party-unknown',
      'supervision-not-allowed',
      'mode-not-allowed',
      'wrong-state',
      'timeout',
      'engine-failed',
    ],
    handle(ask) {
      const { target, ...rest } = ask.body
      const command: DeskCommand = {
        kind: 'change-supervision',
        supervision: supervisionToChange(desk, ask).id,
        ...targetOf(target),
        ...rest,
      }
      return order(desk, ask, command, supervisionAnswer(200))
    },
  })
}

function takeOver({ desk }: Office): Route {
  return route({
    ...supervision,
    id: 'takeOver',
    summary: 'The supervisor becomes the handling party, the agent leaves',
    method: 'POST',
    url: `${base}/supervisions/:supervision/take-over`,
    need: 'supervise',
    success: { status: 200, schema: 'Call' },
    refusals: ['resource-unknown', 'call-ended', 'mode-not-allowed', 'wrong-state', 'timeout', 'engine-failed'],
    handle: (ask) => order(desk, ask, { kind: 'take-over', supervision: supervisionToChange(desk, ask).id }, callAnswer(200)),
  })
}

function endSupervision({ desk }: Office): Route {
  return route({
    ...supervision,
    id: 'endSupervision',
    summary: 'End a supervision; the call goes on',
    method: 'DELETE',
    url: `${base}/supervisions/:supervision`,
    need: 'supervise',
    refusals: ['resource-unknown', 'call-ended', 'wrong-state', 'timeout', 'engine-failed'],
    handle: (ask) => order(desk, ask, { kind: 'end-supervision', supervision: supervisionToChange(desk, ask).id }, supervisionAnswer(200)),
  })
}
