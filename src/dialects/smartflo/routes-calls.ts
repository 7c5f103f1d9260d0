/** Live calls, and ending them (contract smartflo, sections 3, 5 and 6). */
import Type from 'typebox'
import { type Call, handlingParty, isEnded } from '../../call/call.ts'
import type { Extension } from '../../directory/people.ts'
import type { Answer } from '../../http/answer.ts'
import { refuse } from '../../http/refused.ts'
import type { AccountId } from '../../kernel/ids.ts'
import { partyOfExtension } from '../call-words.ts'
import type { Ask, DialectRoute, House } from '../dialect.ts'
import { plusRestored } from '../phone-number.ts'
import { done, doneSchema, jsonText } from './answer.ts'
import { agentOfParty } from './answer-facts.ts'
import { liveCallsText } from './answer-live.ts'
import { bodyTypes, flagOf, missing, readBody, required, textOf } from './request.ts'
import {
  callByAnyId,
  carryOut,
  demandOwnCall,
  demandWriter,
  extensionByAnyName,
  extensionByNumber,
  hasDid,
  liveCall,
  liveCallByRef,
} from './request-whom.ts'

const optionalText = (description: string) => Type.Optional(Type.String({ description }))
const liveSchema = Type.Array(Type.Object({}, { additionalProperties: true }))

export const callRoutes = (house: House): readonly DialectRoute[] => [
  {
    id: 'liveCalls',
    summary: 'Live calls, oldest first',
    tier: 'must',
    method: 'GET',
    path: '/v1/live_calls',
    query: Type.Object({
      agent_number: optionalText('Agent id, intercom, extension username or public number.'),
      extension: optionalText('Extension or its username.'),
      did_number: optionalText("The account's own number."),
      call_id: optionalText('One call.'),
    }),
    answers: { status: 200, description: 'Calls that match all of the query.', schema: liveSchema },
    refusals: ['unauthenticated', 'token-expired'],
    handle: (ask) => jsonText(liveCallsText(house, ask.at, filtered(house, ask))),
  },
  {
    id: 'liveCall',
    summary: 'One live call',
    tier: 'must',
    method: 'GET',
    path: '/v1/live_calls/:call_id',
    answers: { status: 200, description: 'A list of one.', schema: liveSchema },
    refusals: ['call-unknown', 'call-ended'],
    handle: (ask) => jsonText(liveCallsText(house, ask.at, [liveCall(house, ask.holder.account, ask.params.call_id ?? '')])),
  },
  {
    id: 'hangup',
    summary: 'End a call',
    tier: 'must',
    method: 'POST',
    path: '/v1/call/hangup',
    body: Type.Object({ call_id: optionalText('This, or ref_id.'), ref_id: optionalText('Of a click to call.') }),
    bodyTypes,
    answers: { status: 200, description: 'The call ends.', schema: doneSchema },
    refusals: ['forbidden', 'parameter-missing', 'parameter-invalid', 'call-unknown', 'call-ended', 'body-malformed'],
    handle: (ask) => hangUp(house, ask),
  },
  {
    id: 'dialerDisconnectCall',
    summary: 'Take the agent out of his call, and give him a break',
    tier: 'should',
    method: 'POST',
    path: '/v1/dialer/disconnect_call',
    body: Type.Object({
      call_id: Type.String(),
      start_break: Type.Optional(Type.Boolean()),
      break_code: optionalText('Needed with start_break; shown as the reason why he is away.'),
    }),
    bodyTypes,
    answers: { status: 200, description: 'The agent is out.', schema: doneSchema },
    refusals: ['forbidden', 'parameter-missing', 'parameter-invalid', 'call-unknown', 'call-ended', 'wrong-state', 'body-malformed'],
    handle: (ask) => disconnect(house, ask),
  },
]

function filtered(house: House, { holder: { account }, query }: Ask): readonly Call[] {
  const { call_id: callId = '', agent_number: agentNumber = '', extension = '', did_number: did = '' } = query
  const tests = [
    ...(agentNumber === '' ? [] : [hasPhone(extensionByAnyName(house, account, plusRestored(agentNumber)))]),
    ...(extension === '' ? [] : [hasPhone(extensionByNumber(house, account, extension))]),
    ...(did === '' ? [] : [hasDid(house, plusRestored(did))]),
  ]
  return named(house, account, callId).filter((call) => tests.every((test) => test(call)))
}

function named(house: House, account: AccountId, callId: string): readonly Call[] {
  if (callId === '') return house.desk.calls(account)
  const call = callByAnyId(house, account, callId)
  return call === undefined || isEnded(call) ? [] : [call]
}

/** Nobody's phone is in no call. */
const hasPhone =
  (extension: Extension | undefined) =>
  (call: Call): boolean =>
    extension !== undefined && partyOfExtension(call, extension.number) !== undefined

async function hangUp(house: House, ask: Ask): Promise<Answer> {
  const fields = await readBody(ask)
  const { holder } = ask
  demandWriter(holder)
  const callId = textOf(fields, 'call_id')
  const refId = textOf(fields, 'ref_id')
  if (callId === undefined && refId === undefined) throw missing('call_id')
  const call = callId === undefined ? liveCallByRef(house, holder.account, refId ?? '') : liveCall(house, holder.account, callId)
  demandOwnCall(house, holder, call)
  await carryOut(house, holder, { kind: 'end-call', call: call.id }, { whom: 'call_id' })
  return done('Call hangup queued')
}

async function disconnect(house: House, ask: Ask): Promise<Answer> {
  const fields = await readBody(ask)
  const { holder } = ask
  demandWriter(holder)
  const callId = required(fields, 'call_id')
  const breakCode = flagOf(fields, 'start_break') === true ? required(fields, 'break_code') : undefined
  const call = liveCall(house, holder.account, callId)
  demandOwnCall(house, holder, call)
  const party = handlingParty(call)
  if (party === undefined) throw refuse('wrong-state')
  const agent = agentOfParty(house, party)?.id
  if (breakCode !== undefined && agent === undefined) throw refuse('wrong-state')
  await Promise.all([
    // Before he is free: else the next call might find him.
    breakCode === undefined || agent === undefined
      ? undefined
      : carryOut(house, holder, { kind: 'set-agent-state', agent, state: 'away', reason: breakCode }, { whom: 'agent_id' }),
    carryOut(house, holder, { kind: 'remove-party', call: call.id, party: party.id }, { whom: 'call_id' }),
  ])
  return done('Call disconnected')
}
