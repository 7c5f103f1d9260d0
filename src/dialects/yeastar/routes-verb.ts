/** What all endpoints have in common: a path below the version, a body of named texts, an answer in the format that was asked for. */
import Type, { type TProperties } from 'typebox'
import type { RefusalCode } from '../../call/refusal.ts'
import type { CallerRole } from '../../control/command.ts'
import type { Answer } from '../../http/answer.ts'
import { refuse } from '../../http/refused.ts'
import type { Ask, DialectRoute, House } from '../dialect.ts'
import { type Content, success } from './answer.ts'
import { type Request, readRequest } from './request.ts'
import { formatOf } from './request-flavour.ts'

/** Who may: everybody with a login, those who work with calls, those who change settings. */
export type Need = 'read' | 'control' | 'administer'

/** A login names no person, so an `agent` has no call of his own to control. */
const roles: Readonly<Record<Need, readonly CallerRole[]>> = {
  read: ['admin', 'supervisor', 'agent', 'observer'],
  control: ['admin', 'supervisor'],
  administer: ['admin'],
}

export interface Verb {
  readonly version: 'v1' | 'v2'
  /** Without the version: `extension/whisper`. */
  readonly path: string
  readonly summary: string
  readonly tier?: 'must' | 'should' | 'later'
  readonly method?: 'GET'
  readonly open?: true
  readonly need?: Need
  readonly body?: TProperties
  readonly query?: TProperties
  /** Beside those that every endpoint has. */
  readonly refusals?: readonly RefusalCode[]
  /** Of a success. */
  readonly headers?: Readonly<Record<string, string>>
  /** What succeeds is told so, in the format that was asked for; an answer is given as it is. */
  readonly carryOut: (request: Request) => Content | Answer | Promise<Content | Answer>
  /** Before the body is looked at. */
  readonly admit?: (ask: Ask) => void
}

const always: readonly RefusalCode[] = ['parameter-invalid', 'body-malformed', 'body-too-large', 'media-type-unsupported', 'internal-error']
const withToken: readonly RefusalCode[] = ['unauthenticated', 'token-expired', 'forbidden']

export function routeOf(house: House, verb: Verb): DialectRoute {
  const { version, path, summary, tier = 'should', method = 'POST', open, refusals = [] } = verb
  return {
    ...{ id: `${version}-${path.replaceAll('/', '-')}`, summary, tier, method, path: `/${version}/${path}` },
    ...(open && { open }),
    query: Type.Object({ ...(open ? {} : { token: Type.String() }), ...(version === 'v1' && answerType), ...verb.query }),
    ...(verb.body && { body: Type.Object(verb.body), bodyTypes: version === 'v1' ? both : json }),
    answers: { status: 200, description: 'Done; `status` is `Success`.', schema: done },
    refusals: [...(open ? [] : withToken), ...refusals, ...always],
    handle: (ask) => handle(house, verb, ask),
  }
}

const answerType = { type: Type.Optional(Type.String({ enum: ['json', 'xml'], description: 'OpenVox: the format of the answer.' })) }
const json = ['application/json']
const both = ['application/json', 'application/xml']
const done = { type: 'object', properties: { status: { const: 'Success' } }, required: ['status'] }

async function handle(house: House, verb: Verb, ask: Ask) {
  verb.admit?.(ask)
  const request = readRequest(ask, house.settings.yeastar.flavour)
  if (verb.open === undefined && !roles[verb.need ?? 'control'].includes(ask.holder.role)) throw refuse('forbidden')
  const content = await verb.carryOut(request)
  return isAnswer(content) ? content : success(formatOf(ask, request.flavour), content, verb.headers)
}

const isAnswer = (content: Content | Answer): content is Answer => typeof content.status === 'number'

/** Fields for the document. */
export const field = (description: string) => Type.String({ description })
export const maybe = (description: string) => Type.Optional(Type.String({ description }))
