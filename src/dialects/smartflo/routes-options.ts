/** Monitor, whisper, barge, transfer (contract smartflo, section 4). */
import Type from 'typebox'
import { type Call, connectedCore, handlingParty } from '../../call/call.ts'
import type { Mode } from '../../call/supervision.ts'
import type { Answer } from '../../http/answer.ts'
import type { JsonObject } from '../../http/body.ts'
import { Refused, refuse } from '../../http/refused.ts'
import type { AccountId } from '../../kernel/ids.ts'
import { isAnswered, partyOfExtension } from '../call-words.ts'
import type { Ask, DialectRoute, House } from '../dialect.ts'
import { demand } from '../ordering.ts'
import { done, doneSchema } from './answer.ts'
import { bodyTypes, digitsOf, invalid, listOf, missing, operationOf, readBody, required } from './request.ts'
import { agentById, carryOut, demandOwnCall, demandWriter, destinationOf, liveCall, supervisorId } from './request-whom.ts'

/** Section 4: nobody is rung for longer. */
const ringTimeoutMs = 30_000

const messages: Readonly<Record<Mode | 'transfer', string>> = {
  monitor: 'Call monitoring started',
  whisper: 'Call whisper started',
  barge: 'Call barge started',
  transfer: 'Call transfer started',
}

const oneOrMore = Type.Union([Type.String(), Type.Integer()])

export const optionsRoutes = (house: House): readonly DialectRoute[] => [
  {
    id: 'callOptions',
    summary: 'Monitor, whisper to the agent of, barge into or transfer a live call',
    tier: 'must',
    method: 'POST',
    path: '/v1/call/options',
    body: Type.Object({
      type: Type.Union([Type.Enum([1, 2, 3, 4]), Type.Enum(['1', '2', '3', '4'])], {
        description: '1 monitor, 2 whisper, 3 barge, 4 transfer.',
      }),
      call_id: Type.String({ description: 'From live_calls; anything up to the last `-` is ignored.' }),
      agent_id: Type.Optional(
        Type.Union([Type.String(), Type.Integer()], {
          description: "Types 1 to 3: the supervisor. The token's own agent where absent.",
        }),
      ),
      intercom: Type.Optional(
        Type.Union([oneOrMore, Type.Array(oneOrMore)], {
          description: 'Type 4: department intercom, extension, agent id or number outside; the first that exists.',
        }),
      ),
    }),
    bodyTypes,
    answers: { status: 200, description: 'The phone rings, or the mode has changed.', schema: doneSchema },
    refusals: [
      ...(['forbidden', 'parameter-missing', 'parameter-invalid', 'call-unknown', 'call-ended', 'endpoint-unknown'] as const),
      ...(['number-invalid', 'destination-not-allowed', 'supervision-not-allowed', 'mode-not-allowed', 'wrong-state'] as const),
      ...(['endpoint-unavailable', 'endpoint-busy', 'no-agent-available', 'supervisor-limit', 'capacity-exceeded'] as const),
      ...(['engine-failed', 'timeout', 'body-malformed'] as const),
    ],
    handle: (ask) => operate(house, ask),
  },
]

async function operate(house: House, ask: Ask): Promise<Answer> {
  const fields = await readBody(ask)
  demandWriter(ask.holder)
  const operation = operationOf(fields)
  if (operation === 'transfer') await transfer(house, ask, fields)
  else await supervise(house, ask, { fields, mode: operation })
  return done(messages[operation])
}

/** Reads and the order happen in one turn, so that nothing moves between the checks and what they were for. */
async function supervise(house: House, ask: Ask, { fields, mode }: { readonly fields: JsonObject; readonly mode: Mode }): Promise<void> {
  const { holder } = ask
  if (holder.role === 'agent') throw refuse('forbidden')
  const callId = required(fields, 'call_id')
  const id = supervisorId(holder, digitsOf(fields, 'agent_id'))
  const call = liveCall(house, holder.account, callId)
  const agent = agentById(house, holder.account, id)
  if (partyOfExtension(call, agent.extension) !== undefined) throw invalid('agent_id')
  demandMayBeSupervised(call)
  demandMode(house, holder.account, { extension: agent.extension, mode })
  if (!isAnswered(call) || handlingParty(call) === undefined) throw refuse('wrong-state')
  await orderSupervision(house, ask, { call, agent: agent.id, mode })
}

function demandMayBeSupervised(call: Call): void {
  const endpoint = handlingParty(call)?.endpoint
  if (endpoint?.kind === 'extension' && !endpoint.mayBeMonitored) throw refuse('supervision-not-allowed')
}

function demandMode({ directory }: House, account: AccountId, who: { readonly extension: string; readonly mode: Mode }): void {
  const supervisor = directory.extension(account, who.extension)
  if (supervisor !== undefined) demand(directory.mayUseMode(supervisor, who.mode))
}

interface Supervising {
  readonly call: Call
  readonly agent: string
  readonly mode: Mode
}

async function orderSupervision(house: House, { holder }: Ask, { call, agent, mode }: Supervising): Promise<void> {
  const command = { kind: 'supervise', call: call.id, supervisor: { agent }, mode, target: 'agent', follow: 'call', ringTimeoutMs } as const
  try {
    await carryOut(house, holder, command, { whom: 'agent_id' })
  } catch (cause) {
    // What was asked for is so: clients send the request twice when they are in doubt.
    if (!(cause instanceof Refused) || cause.refusal.code !== 'already-supervised-by-you') throw cause
  }
}

async function transfer(house: House, { holder }: Ask, fields: JsonObject): Promise<void> {
  const callId = required(fields, 'call_id')
  const intercoms = listOf(fields, 'intercom')
  if (intercoms.length === 0) throw missing('intercom')
  const call = liveCall(house, holder.account, callId)
  demandOwnCall(house, holder, call)
  const to = destinationOf(house, holder.account, intercoms)
  if (!canBeTransferred(call)) throw refuse('wrong-state')
  await carryOut(house, holder, { kind: 'transfer', call: call.id, to, how: 'hand-over', ringTimeoutMs }, { whom: 'intercom' })
}

const canBeTransferred = (call: Call): boolean =>
  isAnswered(call) && handlingParty(call) !== undefined && connectedCore(call).length >= 2 && call.transfer === undefined
