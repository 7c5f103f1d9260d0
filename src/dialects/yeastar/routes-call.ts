/** Calls with numbers outside: listed, hung up, let in (contract openvox-yeastar, sections 3 and 5). */
import type { Call } from '../../call/call.ts'
import { refuse } from '../../http/refused.ts'
import { addMs } from '../../kernel/time.ts'
import type { House } from '../dialect.ts'
import { order } from '../ordering.ts'
import type { Content } from './answer.ts'
import { inboundItem, outboundItem } from './answer-call.ts'
import { failing } from './refusals.ts'
import type { Request } from './request.ts'
import { callCalled, callNamed } from './request-call.ts'
import { field, maybe, type Verb } from './routes-verb.ts'

type Direction = 'inbound' | 'outbound'
const directions = ['inbound', 'outbound'] as const

/** A program may turn an inbound call away this long; then it has been accepted. */
const admissionMs = 10_000

export const callVerbs = (house: House): readonly Verb[] => [
  ...directions.flatMap((direction): readonly Verb[] => [
    {
      ...{ version: 'v1', path: `${direction}/query`, tier: 'must', need: 'read', summary: `${named[direction]} calls that live` },
      ...{
        body: { [`${direction}id`]: maybe('Calls with commas between them; all where absent.') },
        refusals: ['call-unknown', 'call-ended'],
      },
      carryOut: (request) => ({ [direction]: asked(house, request, direction).map((call) => itemOf(call, direction, request)) }),
    },
    {
      ...{ version: 'v1', path: `${direction}/hangup`, tier: 'must', need: 'control', summary: `End a call: ${direction}` },
      ...{ body: { [`${direction}id`]: field('The call.') }, refusals: ['parameter-missing', 'call-unknown', 'call-ended'] },
      carryOut: async (request) => {
        await order(house, request.ask, { kind: 'end-call', call: callNamed(house, request, `${direction}id`, direction).id })
        return {}
      },
    },
  ]),
  ...(['accept', 'refuse'] as const).map(
    (kind): Verb => ({
      ...{ version: 'v1', path: `inbound/${kind}`, need: 'control', summary: admissions[kind], body: { inboundid: field('The call.') } },
      refusals: ['parameter-missing', 'call-unknown', 'call-ended', 'wrong-state'],
      carryOut: (request) => admit(house, request, { kind, call: callNamed(house, request, 'inboundid', 'inbound') }),
    }),
  ),
]

const named: Readonly<Record<Direction, string>> = { inbound: 'Inbound', outbound: 'Outbound' }

const admissions = {
  accept: 'Let an inbound call through, in its first ten seconds; it would be let through anyhow',
  refuse: 'Turn an inbound call away, in its first ten seconds',
} as const

function asked(house: House, request: Request, direction: Direction): readonly Call[] {
  const ids = request.fields.list(`${direction}id`)
  if (ids !== undefined) return ids.map((id) => callCalled(house, request, id, direction))
  return house.desk.calls(request.ask.holder.account).filter((call) => call.direction === direction)
}

const itemOf = (call: Call, direction: Direction, { flavour }: Request): Content =>
  direction === 'inbound' ? inboundItem(call, flavour) : outboundItem(call)

/** A call is let through by itself, so that accepting changes nothing. */
export async function admit(
  house: House,
  { ask }: Request,
  { kind, call }: { readonly kind: 'accept' | 'refuse'; readonly call: Call },
): Promise<Content> {
  if (call.direction !== 'inbound') throw refuse('call-unknown')
  if (call.answeredAt !== undefined || addMs(call.startedAt, admissionMs) <= ask.at) throw failing('wrong-state', '10016')
  if (kind === 'refuse') await order(house, ask, { kind: 'end-call', call: call.id })
  return {}
}
