/** Active calls: the list, and what can be done to one of them by its `uii` (contract ringcx, sections 3 and 5). */
import Type, { type TObject } from 'typebox'
import { type Call, handlingParty, supervisionOfParty } from '../../call/call.ts'
import { isConnected, isLive } from '../../call/party.ts'
import type { RefusalCode } from '../../call/refusal.ts'
import type { CallerRole, DeskCommand } from '../../control/command.ts'
import { refuse } from '../../http/refused.ts'
import { customerOf } from '../call-words.ts'
import type { Ask, DialectRoute, House } from '../dialect.ts'
import { jsonText, truth } from './answer.ts'
import { rowText, sessionIdOf } from './answer-calls.ts'
import { accountOf, fieldsOf, pageOf } from './request.ts'
import {
  demandGate,
  demandKnown,
  demandLive,
  orderInWords,
  type Reading,
  readDisposition,
  readFilter,
  readGateId,
  readHold,
  readPhone,
  readRecord,
  readSession,
  readSessionId,
  supervisionAt,
} from './request-calls.ts'
import { manualCallRoute } from './routes-manual-call.ts'

const root = '/voice/api/v1/admin/accounts/:account/activeCalls'
const supervisors: readonly CallerRole[] = ['admin', 'supervisor']
const handlers: readonly CallerRole[] = ['admin', 'supervisor', 'agent']
const text = Type.String()
const { Optional } = Type
const usual: readonly RefusalCode[] = ['unauthenticated', 'token-expired', 'forbidden', 'call-unknown']
const asked: readonly RefusalCode[] = [...usual, 'parameter-missing', 'parameter-invalid']
const ordered: readonly RefusalCode[] = ['wrong-state', 'timeout', 'capacity-exceeded', 'engine-failed']

/** An action on one call: all of its parameters are read before the call is looked for (W15). */
interface Verb<T> {
  readonly name: string
  readonly summary: string
  readonly tier: 'must' | 'should'
  readonly query?: TObject
  readonly roles?: readonly CallerRole[]
  readonly refusals: readonly RefusalCode[]
  /** Takes a call that is over, too. */
  readonly afterwards?: true
  readonly read: (reading: Reading) => T
  readonly act: (ask: Ask, call: Call, asked: T) => Promise<unknown>
}

export const callRoutes = (house: House): readonly DialectRoute[] => [
  listRoute(house),
  manualCallRoute(house),
  ...sessionVerbs(house),
  ...handlingVerbs(house),
  ...queueVerbs(house),
]

type CarryOut = (ask: Ask, command: DeskCommand) => Promise<unknown>

const orders =
  (house: House): CarryOut =>
  (ask, command) =>
    orderInWords(house, ask, command)

/** Supervisors come and go. */
function sessionVerbs(house: House): readonly DialectRoute[] {
  const carryOut = orders(house)
  return [
    verbRoute(house, {
      name: 'addSessionToCall',
      summary: 'Ring a supervisor and let him listen, coach the agent or speak to both; or change what he does',
      tier: 'must',
      query: Type.Object({ destination: text, sessionType: text }),
      roles: supervisors,
      refusals: [...asked, 'number-invalid', 'supervision-not-allowed', 'mode-not-allowed', 'supervisor-limit', ...ordered],
      read: readSession,
      act: (ask, { id }, { destination, mode }) =>
        carryOut(ask, { kind: 'supervise', call: id, supervisor: { number: destination }, mode, target: 'agent', follow: 'call' }),
    }),
    verbRoute(house, {
      name: 'hangupSession',
      summary: 'Remove a supervisor by the number of his phone; the call goes on',
      tier: 'must',
      query: Type.Object({ phone: text }),
      roles: supervisors,
      refusals: [...asked, 'number-invalid', 'party-unknown'],
      read: readPhone,
      act: (ask, call, phone) => {
        const supervision = supervisionAt(house, call, phone)
        if (supervision === undefined) throw refuse('party-unknown')
        return carryOut(ask, { kind: 'end-supervision', supervision: supervision.id })
      },
    }),
    verbRoute(house, {
      name: 'hangupSessionById',
      summary: 'Remove whoever has this session',
      tier: 'should',
      query: Type.Object({ sessionId: text }),
      roles: supervisors,
      refusals: [...asked, 'party-unknown', ...ordered],
      read: readSessionId,
      act: (ask, call, sessionId) => removeSession(carryOut, { ask, call, sessionId }),
    }),
  ]
}

/** The call itself. */
function handlingVerbs(house: House): readonly DialectRoute[] {
  const carryOut = orders(house)
  return [
    verbRoute(house, {
      name: 'hangupCall',
      summary: 'End a call',
      tier: 'must',
      roles: handlers,
      refusals: [...usual, ...ordered],
      read: () => undefined,
      act: (ask, { id }) => carryOut(ask, { kind: 'end-call', call: id }),
    }),
    verbRoute(house, {
      name: 'toggleCallRecording',
      summary: 'Start or stop recording',
      tier: 'must',
      query: Type.Object({ record: Type.Boolean() }),
      roles: handlers,
      refusals: [...asked, 'recording-not-permitted', ...ordered],
      read: readRecord,
      act: (ask, { id }, record) => carryOut(ask, { kind: 'record', call: id, state: record ? 'on' : 'off' }),
    }),
    verbRoute(house, {
      name: 'dispositionCall',
      summary: 'Say what came of a call, and release its agent',
      tier: 'must',
      query: Type.Object({ disposition: text, callback: Optional(Type.Boolean()), callBackDTS: Optional(text), notes: Optional(text) }),
      roles: handlers,
      refusals: [...asked, 'call-ended', 'disposition-unknown'],
      afterwards: true,
      read: readDisposition,
      act: (ask, { id }, disposing) => carryOut(ask, { kind: 'dispose', call: id, ...disposing }),
    }),
  ]
}

/** The caller waits, with music or for another agent. */
function queueVerbs(house: House): readonly DialectRoute[] {
  const carryOut = orders(house)
  return [
    verbRoute(house, {
      name: 'toggleCallHold',
      summary: 'Put the customer on hold, or take him back',
      tier: 'should',
      query: Type.Object({ state: text }),
      roles: handlers,
      refusals: [...asked, ...ordered],
      read: readHold,
      act: (ask, call, on) => {
        const customer = customerOf(call)
        // In a queue he would still be on hold for whoever answers him.
        if (customer === undefined || !isConnected(customer) || handlingParty(call) === undefined) throw refuse('wrong-state')
        return carryOut(ask, { kind: on ? 'hold' : 'unhold', call: call.id, party: customer.id })
      },
    }),
    verbRoute(house, {
      name: 'requeueCall',
      summary: 'Drop agent and supervisors, and let the caller wait in a queue',
      tier: 'should',
      query: Type.Object({ gateId: text }),
      roles: handlers,
      refusals: [...asked, 'resource-unknown', ...ordered],
      read: readGateId,
      act: (ask, call, gateId) => carryOut(ask, { kind: 'requeue', call: call.id, group: demandGate(house, call.account, gateId).id }),
    }),
    verbRoute(house, {
      name: 'pingCall',
      summary: 'Whether the call is still live',
      tier: 'should',
      refusals: usual,
      read: () => undefined,
      act: async () => undefined,
    }),
  ]
}

function verbRoute<T>(house: House, { name, summary, tier, query, roles, refusals, afterwards, read, act }: Verb<T>): DialectRoute {
  return {
    ...{ id: name, summary, tier, method: 'POST', path: `${root}/:uii/${name}`, refusals },
    ...(query && { query }),
    ...(roles && { roles }),
    answers: { status: 200, description: 'Whether it was done', type: 'text/plain' },
    handle: async (ask) => {
      const account = accountOf(ask)
      const wanted = read({ house, account, fields: fieldsOf(ask) })
      const find = afterwards === true ? demandKnown : demandLive
      await act(ask, find(house, account, ask.params.uii ?? ''), wanted)
      return truth(true, ask.headers.accept)
    },
  }
}

function listRoute(house: House): DialectRoute {
  return {
    id: 'listActiveCalls',
    summary: 'Live calls of the account, the oldest first',
    tier: 'must',
    method: 'GET',
    path: `${root}/list`,
    query: Type.Object({
      product: Optional(text),
      productId: Optional(text),
      externalId: Optional(text),
      page: Optional(Type.Integer()),
      maxRows: Optional(Type.Integer()),
    }),
    answers: { status: 200, description: 'A row for each call', schema: Type.Array(Type.Object({ uii: text })) },
    refusals: ['unauthenticated', 'token-expired', 'forbidden', 'parameter-missing', 'parameter-invalid'],
    handle: (ask) => {
      const account = accountOf(ask)
      const fields = fieldsOf(ask)
      const calls = house.desk.calls(account).filter(readFilter({ house, account, fields }))
      const rows = pageOf(calls, fields, house.settings.ringcx.pageBase).map((call) => rowText(house, call))
      return jsonText(`[${rows.join(',')}]`)
    },
  }
}

function removeSession(carryOut: CarryOut, { ask, call, sessionId }: { ask: Ask; call: Call; sessionId: string }): Promise<unknown> {
  const party = call.parties.find((p) => isLive(p) && sessionIdOf(p) === sessionId)
  if (party === undefined) throw refuse('party-unknown')
  const supervision = supervisionOfParty(call, party.id)
  if (supervision !== undefined) return carryOut(ask, { kind: 'end-supervision', supervision: supervision.id })
  return carryOut(ask, { kind: 'remove-party', call: call.id, party: party.id })
}
