/** Calls that a program asks for: whoever calls is rung first (contract openvox-yeastar, section 3). */
import type { DeskCommand } from '../../control/command.ts'
import { refuse } from '../../http/refused.ts'
import { dottedId } from '../call-ids.ts'
import type { House } from '../dialect.ts'
import { order } from '../ordering.ts'
import type { Content } from './answer.ts'
import type { Request } from './request.ts'
import { extensionCalled, groupNamed, numberNamed, onBehalfOf } from './request-call.ts'
import { field, maybe, type Verb } from './routes-verb.ts'

const autoanswer = { autoanswer: maybe("yes or no: asks the caller's phone to answer by itself.") }
const outto = { outto: field('The number outside.') }
const fromext = { fromext: maybe('The extension on whose behalf.') }

const refusals = [
  ...(['parameter-missing', 'endpoint-unknown', 'endpoint-unavailable', 'endpoint-busy', 'number-invalid'] as const),
  ...(['destination-not-allowed', 'timeout', 'capacity-exceeded', 'engine-failed'] as const),
]

type Dialled = Pick<Extract<DeskCommand, { kind: 'originate' }>, 'from' | 'to' | 'presentedNumber' | 'autoAnswer'>

export const dialVerbs = (house: House): readonly Verb[] => {
  const verb = (path: string, own: Own) => verbOf(house, path, own)
  return [
    verb('extension/dial_extension', {
      summary: 'Call an extension from an extension',
      body: { caller: field('The extension that calls.'), callee: field('The extension that is called.'), ...autoanswer },
      read: (request) => internal(house, request),
    }),
    verb('extension/dial_outbound', {
      summary: 'Call a number outside from an extension',
      body: { extid: field('The extension that calls.'), ...outto, ...autoanswer },
      read: (request) => outbound(house, request, 'extid'),
    }),
    verb('outbound/dial_outbound', {
      summary: 'Connect two numbers outside',
      body: { caller: field('The number that is called first.'), ...outto, ...fromext },
      read: (request) => callBack(house, request),
    }),
    ...(['queue', 'ringgroup'] as const).map((kind) => ({
      ...verb(`${kind}/dial_outbound`, {
        summary: `Call a number outside from whoever is free in a ${kind === 'queue' ? 'queue' : 'ring group'}`,
        body: { [`${kind}id`]: field('Its id or number.'), ...outto, ...fromext, ...autoanswer },
        read: (request) => fromGroup(house, request, kind),
      }),
      refusals: [...refusals, 'resource-unknown', 'no-agent-available'] as const,
    })),
    v2Dial(house),
  ]
}

type Own = Pick<Verb, 'summary' | 'body'> & { readonly read: (request: Request) => Dialled }

const verbOf = (house: House, path: string, { summary, body, read }: Own): Verb => ({
  ...{ version: 'v1', path, need: 'control', summary, refusals },
  ...(body && { body }),
  carryOut: (request) => dial(house, request, read(request)),
})

const v2Dial = (house: House): Verb => ({
  ...verbOf(house, 'call/dial', {
    summary: 'Call an extension or a number from an extension',
    body: {
      ...{ caller: field('The extension that calls.'), callee: field('The extension or number.') },
      ...{ ...autoanswer, dialpermission: maybe('The extension on whose behalf.') },
    },
    read: (request) => outbound(house, request, 'caller', 'callee'),
  }),
  version: 'v2',
})

async function dial(house: House, { ask }: Request, dialled: Dialled): Promise<Content> {
  const { call } = await order(house, ask, { kind: 'originate', ...dialled })
  return call === undefined ? {} : { callid: dottedId(call) }
}

function internal(house: House, request: Request): Dialled {
  const { fields } = request
  const [caller, callee] = [fields.required('caller'), fields.required('callee')]
  const autoAnswer = fields.flag('autoanswer')
  const [from, to] = [extensionCalled(house, request, caller), extensionCalled(house, request, callee)]
  if (from.number === to.number) throw refuse('parameter-invalid', { name: 'callee' })
  return { from: { extension: from.number }, to: { extension: to.number }, autoAnswer }
}

function outbound(house: House, request: Request, caller: 'extid' | 'caller', callee = 'outto'): Dialled {
  const { fields } = request
  const [named, number] = [fields.required(caller), numberNamed(request, callee)]
  const autoAnswer = fields.flag('autoanswer')
  const { number: extension } = extensionCalled(house, request, named)
  onBehalfOf(house, request, 'dialpermission')
  return { from: { extension }, to: { number }, autoAnswer }
}

/** Both are outside: what they are shown is the number of the extension that it is for, where it may be presented. */
function callBack(house: House, request: Request): Dialled {
  const [caller, number] = [numberNamed(request, 'caller'), numberNamed(request, 'outto')]
  const own = onBehalfOf(house, request)?.directNumber
  const presentable = own !== undefined && house.directory.mayPresent(request.ask.holder.account, own)
  return { from: { number: caller }, to: { number }, ...(presentable && { presentedNumber: own }) }
}

function fromGroup(house: House, request: Request, kind: 'queue' | 'ringgroup'): Dialled {
  request.fields.required(`${kind}id`)
  const number = numberNamed(request, 'outto')
  const autoAnswer = request.fields.flag('autoanswer')
  const group = groupNamed(house, request, kind)
  onBehalfOf(house, request)
  return { from: { groups: [group] }, to: { number }, autoAnswer }
}
