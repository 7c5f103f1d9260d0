/** Calls that a program starts (contract smartflo, section 6). */
import Type from 'typebox'
import type { Answer } from '../../http/answer.ts'
import type { JsonObject } from '../../http/body.ts'
import { refuse } from '../../http/refused.ts'
import { limits } from '../../kernel/limits.ts'
import { hexId } from '../call-ids.ts'
import type { Ask, DialectRoute, House } from '../dialect.ts'
import type { Holder } from '../holder.ts'
import { demand } from '../ordering.ts'
import { queued } from './answer.ts'
import { labels } from './answer-facts.ts'
import type { Logins } from './login.ts'
import { anythingOf, bodyTypes, flagOf, invalid, missing, numberOf, readBody, required, textOf } from './request.ts'
import {
  carryOut,
  demandOwnExtension,
  demandWriter,
  extensionByAnyName,
  type FieldNames,
  numberToDial,
  presentable,
} from './request-whom.ts'

const textOrNumber = Type.Union([Type.String(), Type.Integer()])
const common = {
  caller_id: Type.Optional(textOrNumber),
  call_timeout: Type.Optional(Type.Integer({ description: 'Seconds after which the answered call ends.' })),
  custom_identifier: Type.Optional(Type.Unknown({ description: 'Comes back in webhooks; objects as JSON text.' })),
}
const queuedSchema = Type.Object({ success: Type.Literal(true), message: Type.String(), ref_id: Type.String() })
const answers = { status: 200, description: 'The first phone rings.', schema: queuedSchema }
const refusals = [
  ...(['unauthenticated', 'forbidden', 'parameter-missing', 'parameter-invalid', 'endpoint-unknown', 'number-invalid'] as const),
  ...(['destination-not-allowed', 'endpoint-unavailable', 'endpoint-busy', 'capacity-exceeded', 'engine-failed', 'timeout'] as const),
  'body-malformed' as const,
]

export const dialRoutes = (house: House, logins: Logins): readonly DialectRoute[] => [
  {
    id: 'clickToCall',
    summary: 'Call an agent, then a number',
    tier: 'should',
    method: 'POST',
    path: '/v1/click_to_call',
    body: Type.Object({
      agent_number: Type.Union([Type.String(), Type.Integer()], {
        description: 'Agent id, intercom, extension username or public number.',
      }),
      destination_number: textOrNumber,
      async: Type.Optional(Type.Union([Type.Enum([0, 1]), Type.Enum(['0', '1'])])),
      ...common,
    }),
    bodyTypes,
    answers,
    refusals,
    handle: (ask) => agentFirst(house, ask),
  },
  {
    id: 'clickToCallSupport',
    summary: 'Call a customer, then the agent of an API key',
    tier: 'should',
    method: 'POST',
    path: '/v1/click_to_call_support',
    open: true,
    body: Type.Object({
      customer_number: textOrNumber,
      api_key: Type.String({ description: "A login's API token; its agent is called." }),
      async: Type.Union([Type.Enum([0, 1]), Type.Enum(['0', '1'])]),
      customer_ring_timeout: Type.Optional(Type.Integer({ minimum: 10, maximum: 30 })),
      ...common,
    }),
    bodyTypes,
    answers,
    refusals,
    handle: (ask) => customerFirst(house, logins, ask),
  },
]

async function agentFirst(house: House, ask: Ask): Promise<Answer> {
  const fields = await readBody(ask)
  const { holder } = ask
  const { account } = holder
  demandWriter(holder)
  const agentNumber = required(fields, 'agent_number')
  const destination = required(fields, 'destination_number')
  // Whoever asks to wait for the agent is answered at once all the same (W18); the vendor has given waiting up, too.
  flagOf(fields, 'async')
  const wishes = wishesOf(fields)
  const extension = extensionByAnyName(house, account, agentNumber)
  if (extension === undefined) throw refuse('endpoint-unknown', { name: 'agent_number' })
  demandOwnExtension(house, holder, extension)
  const parties = {
    from: { extension: extension.number },
    to: { number: numberToDial(house, account, { text: destination, name: 'destination_number' }) },
  }
  return await start(house, holder, { ...parties, wishes, names: { whom: 'agent_number', to: 'destination_number' } })
}

async function customerFirst(house: House, logins: Logins, ask: Ask): Promise<Answer> {
  const fields = await readBody(ask)
  const apiKey = textOf(fields, 'api_key')
  if (apiKey === undefined) demand(logins.identify(ask))
  const customer = required(fields, 'customer_number')
  if (apiKey === undefined) throw missing('api_key')
  if (flagOf(fields, 'async') === undefined) throw missing('async')
  const seconds = numberOf(fields, 'customer_ring_timeout', { min: 10, max: 30 })
  const wishes = wishesOf(fields)
  const holder = logins.byApiToken(apiKey)
  if (holder?.agent === undefined) throw invalid('api_key')
  demandWriter(holder)
  return await start(house, holder, {
    from: { number: numberToDial(house, holder.account, { text: customer, name: 'customer_number' }) },
    to: { agent: holder.agent },
    ...(seconds === undefined ? {} : { ringTimeoutMs: seconds * 1000 }),
    ...{ wishes, names: { whom: 'agent_number' } },
  })
}

interface Wishes {
  readonly callerId: string | undefined
  readonly maxDurationMs: number | undefined
  readonly identifier: string | undefined
}

function wishesOf(fields: JsonObject): Wishes {
  const seconds = numberOf(fields, 'call_timeout', { min: 1, max: limits.callDurationMaxMs / 1000 })
  const identifier = anythingOf(fields, 'custom_identifier')
  const room = limits.labelCharacters - labels.identifier.length
  if (identifier !== undefined && identifier.length > room) throw invalid('custom_identifier')
  return { callerId: textOf(fields, 'caller_id'), maxDurationMs: seconds === undefined ? undefined : seconds * 1000, identifier }
}

interface Start {
  readonly from: { readonly extension: string } | { readonly number: string }
  readonly to: { readonly number: string } | { readonly agent: string }
  readonly ringTimeoutMs?: number
  readonly wishes: Wishes
  readonly names: FieldNames
}

async function start(house: House, holder: Holder, { from, to, ringTimeoutMs, wishes, names }: Start): Promise<Answer> {
  const { callerId, maxDurationMs, identifier } = wishes
  const presentedNumber = presentable(house, holder.account, callerId)
  const command = {
    ...({ kind: 'originate', from, to } as const),
    labels: { [labels.kind]: 'c2c', ...(identifier === undefined ? {} : { [labels.identifier]: identifier }) },
    ...(presentedNumber === undefined ? {} : { presentedNumber }),
    ...(maxDurationMs === undefined ? {} : { maxDurationMs }),
    ...(ringTimeoutMs === undefined ? {} : { ringTimeoutMs }),
  }
  const { call } = await carryOut(house, holder, command, names)
  if (call === undefined) throw refuse('internal-error')
  return queued(hexId(call))
}
