/** A call that an agent makes without dialling (contract ringcx, sections 3 and 5). */
import Type from 'typebox'
import type { RefusalCode } from '../../call/refusal.ts'
import { refuse } from '../../http/refused.ts'
import type { AccountId } from '../../kernel/ids.ts'
import type { Ask, DialectRoute, House } from '../dialect.ts'
import { demand } from '../ordering.ts'
import { truth } from './answer.ts'
import { accountOf, fieldsOf } from './request.ts'
import { type ManualCall, orderInWords, presentable, readManualCall } from './request-calls.ts'

const { Optional } = Type
const refusals: readonly RefusalCode[] = [
  ...(['unauthenticated', 'token-expired', 'forbidden', 'parameter-missing', 'parameter-invalid', 'number-invalid'] as const),
  ...(['endpoint-unknown', 'endpoint-unavailable', 'endpoint-busy', 'destination-not-allowed'] as const),
  ...(['timeout', 'capacity-exceeded', 'engine-failed'] as const),
]

export function manualCallRoute(house: House): DialectRoute {
  return {
    id: 'createManualAgentCall',
    summary: 'Ring an agent, then a destination',
    tier: 'must',
    method: 'POST',
    path: '/voice/api/v1/admin/accounts/:account/activeCalls/createManualAgentCall',
    query: Type.Object({
      username: Type.String(),
      destination: Type.String(),
      ringDuration: Optional(Type.Integer()),
      callerId: Optional(Type.String()),
    }),
    roles: ['admin', 'supervisor', 'agent'],
    answers: { status: 200, description: 'Whether the agent is rung', type: 'text/plain' },
    refusals,
    handle: async (ask) => {
      const account = accountOf(ask)
      await callByHand(house, ask, readManualCall({ house, account, fields: fieldsOf(ask) }))
      return truth(true, ask.headers.accept)
    },
  }
}

/** Who does not exist, and what may not be dialled, is told before what the agent is doing (W15). */
async function callByHand(house: House, ask: Ask, { username, destination, ringTimeoutMs, callerId }: ManualCall): Promise<void> {
  const { account } = ask.holder
  // A raw plus in a query comes as a space, and names have plus aliases (contract ringcx, section 4).
  const found = [username, username.replaceAll(' ', '+')].map((name) => house.directory.agentByUsername(account, name))
  const agent = found.find((one) => one !== undefined)
  if (agent === undefined) throw refuse('endpoint-unknown')
  demand(house.directory.dial(account, destination))
  const own = house.directory.extension(account, agent.extension)?.directNumber
  const usualNumber = own ?? house.directory.account(account)?.presentedNumbers[0]
  if (callerId === undefined && usualNumber === undefined) throw refuse('parameter-missing', { name: 'callerId' })
  const state = house.desk.agents(account).find(({ id }) => id === agent.id)?.state ?? 'offline'
  if (state === 'offline') throw refuse('endpoint-unavailable')
  if (state !== 'available') throw refuse('endpoint-busy')
  const shown = callerId === undefined ? undefined : shownFor(house, account, callerId)
  await orderInWords(house, ask, {
    ...{ kind: 'originate', from: { agent: agent.id }, to: { number: destination }, ringTimeoutMs },
    ...(shown !== undefined && { presentedNumber: shown, presentAsSent: true as const }),
  })
}

/** As it was sent, unless the account lets only its own numbers be shown; those in the form in which the account has them. */
function shownFor(house: House, account: AccountId, callerId: string): string {
  const own = presentable(house, account, callerId)
  if (own === undefined && house.directory.account(account)?.callerIds === 'presented')
    throw refuse('number-invalid', { name: 'callerId', why: 'must be a number of the account' })
  return own ?? callerId
}
