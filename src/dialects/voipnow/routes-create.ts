/** Calls that a program asks for (contract voipnow, section 8). */
import type { Call } from '../../call/call.ts'
import type { Caller, DeskCommand } from '../../control/command.ts'
import type { Account, Extension } from '../../directory/people.ts'
import type { Answer } from '../../http/answer.ts'
import type { JsonObject } from '../../http/body.ts'
import { Refused, refuse } from '../../http/refused.ts'
import { digest } from '../../http/secrets.ts'
import type { Ask, DialectRoute, House } from '../dialect.ts'
import { callerOf } from '../ordering.ts'
import { jsonText } from './answer.ts'
import { callText, phoneCallFields } from './answer-call.ts'
import { accountOf, callerIdLabel, chargedLabel, demandOwn, nonceLabel, userOf } from './request.ts'
import { bodyOf, sayingSo } from './request-body.ts'
import { callerIdOf, firstOf, invalid, missing, needed, ownExtension, ownNumber, secondsOf, textOf, waitOf } from './request-fields.ts'
import { fieldsOf } from './request-listing.ts'
import { createBody, createQuery } from './request-shapes.ts'
import { tellerOf } from './routes-calls.ts'

const refusals = [
  ...(['unauthenticated', 'token-expired', 'endpoint-unknown', 'body-malformed', 'body-too-large', 'forbidden'] as const),
  ...(['parameter-missing', 'parameter-invalid', 'number-invalid', 'destination-not-allowed', 'endpoint-unavailable'] as const),
  ...(['no-agent-available', 'resource-unknown', 'timeout', 'engine-failed', 'capacity-exceeded'] as const),
]

export function createRoutes(house: House): readonly DialectRoute[] {
  const route = (id: string, verb: string, summary: string, read: Reading): DialectRoute => ({
    ...{
      id,
      summary,
      tier: 'should',
      method: 'POST',
      path: `/uapi/phoneCalls/:user/${verb}`,
      query: createQuery,
      body: createBody,
      refusals,
    },
    answers: { status: 200, description: 'The call, while the first phone rings' },
    handle: (ask) => create(house, ask, read),
  })
  return [
    route('createSimplePhoneCall', 'simple', 'Calls source, then destination', simple),
    route('createCallbackPhoneCall', 'callback', 'Calls source back, then destination', simple),
    route('createConferenceInvite', 'conferenceInvite', 'Calls destination into a conference', conferenceInvite),
  ]
}

interface Creating {
  readonly house: House
  readonly ask: Ask
  readonly account: Account
  readonly fields: JsonObject
  readonly view: JsonObject
}

/** What is ordered, and whose call it is. */
interface Created {
  readonly command: DeskCommand
  readonly charged: Extension
}

type Reading = (creating: Creating) => Created

async function create(house: House, ask: Ask, read: Reading): Promise<Answer> {
  userOf(house, ask)
  const body = bodyOf(house, ask)
  return sayingSo(body, async () => {
    const account = accountOf(house, ask)
    const created = read({ house, ask, account, fields: body.fields, view: viewIn(body.fields) })
    const fields = fieldsOf(ask.query, phoneCallFields)
    const nonce = nonceOf(body.fields)
    const carryOut = (order?: Caller['order']) => begin(house, ask, { ...created, fields, order })
    if (nonce === undefined) return carryOut()
    const key = digest(nonce).toString('hex')
    const once = { credential: ask.holder.credential, key, method: 'POST', path: '', body: undefined }
    const begunEarlier = (name: string) => earlier(house, ask, name, { charged: created.charged, fields })
    return house.idempotency.once(ask.at, once, carryOut, begunEarlier)
  })
}

interface Shown {
  readonly charged: Extension
  readonly fields: readonly string[] | undefined
}

async function begin(house: House, ask: Ask, { command, order, ...shown }: Created & Shown & { readonly order: Caller['order'] }) {
  const outcome = await house.desk.request(order === undefined ? callerOf(ask) : { ...callerOf(ask), order }, command)
  if (!outcome.ok) throw new Refused(outcome.error)
  const { call } = outcome.value
  if (call === undefined) throw refuse('engine-failed')
  return callAnswer(house, ask, { ...shown, call })
}

/** The process before us began it and perhaps could not answer: how the call stands now is the answer. */
function earlier(house: House, ask: Ask, name: string, shown: Shown) {
  const begun = house.earlierOrder?.(name)
  if (begun === undefined) return undefined
  const answer = (): Answer => {
    const call = house.desk.call(callerOf(ask).account, begun.call)
    if (call === undefined) throw refuse('wrong-state')
    return callAnswer(house, ask, { ...shown, call })
  }
  return { digest: begun.digest, answer }
}

function callAnswer(house: House, ask: Ask, { charged, fields, call }: Shown & { readonly call: Call }): Answer {
  const text = callText(tellerOf(house, ask, { account: accountOf(house, ask) }), { call, extension: charged }, fields)
  return jsonText(200, house.settings.voipnow.createShape === 'array' ? `[${text}]` : text)
}

function viewIn({ phoneCallView }: JsonObject): JsonObject {
  const view: unknown = Array.isArray(phoneCallView) ? phoneCallView[0] : phoneCallView
  return typeof view === 'object' && view !== null && !Array.isArray(view) ? (view as JsonObject) : {}
}

const longestNonce = 255

function nonceOf(fields: JsonObject): string | undefined {
  const nonce = textOf(fields, 'nonce')
  if (nonce !== undefined && (nonce === '' || nonce.length > longestNonce)) throw invalid('nonce')
  return nonce
}

function simple(creating: Creating): Created {
  const { house, ask, account, fields, view } = creating
  const charged = chargedOf(creating, needed(fields, 'extension'))
  const from = reachable(house, account, { name: 'source', text: firstOf(view, 'source') })
  const to = reachable(house, account, { name: 'destination', text: firstOf(view, 'destination') })
  const callerId = callerIdOf(view)
  const presented = callerIdOf(view, 'callerDestination') ?? presentable(house, account, callerId)
  const ringTimeoutMs = waitOf(ask.query)
  const maxDurationMs = secondsOf(ask.query, 'callDuration', { least: 1, most: 86_400 })
  const command: DeskCommand = {
    ...{ kind: 'originate', from: { number: from }, to: { number: to }, ringTimeoutMs, labels: labelsOf(creating, charged) },
    ...(callerId === undefined ? {} : { shown: callerId }),
    ...(presented === undefined ? {} : { presentedNumber: presented.number }),
    ...(presented?.name === undefined ? {} : { presentedName: presented.name }),
    ...(maxDurationMs === undefined ? {} : { maxDurationMs }),
  }
  return { command, charged }
}

/** What the source is to see need not be a number that the account may show outside; where it is, the destination sees it too. */
function presentable({ directory }: House, account: Account, callerId: ReturnType<typeof callerIdOf>) {
  return callerId !== undefined && directory.mayPresent(account.id, callerId.number) ? callerId : undefined
}

/** Whose call it is: an extension of the path's user. */
function chargedOf({ house, ask, account }: Creating, text: string): Extension {
  const user = userOf(house, ask)
  const extension = ownExtension(house, account, text)
  if (extension === undefined || user?.extensions.includes(extension.number) === false)
    throw refuse('endpoint-unknown', { name: 'extension' })
  demandOwn(house, ask, { user, extensions: [extension] })
  return extension
}

/** A number that can be dialled; why not is told of this field. */
function reachable({ directory }: House, account: Account, { name, text }: { readonly name: string; readonly text: string }): string {
  const found = directory.dial(account.id, text)
  if (found.ok) return text
  throw refuse(found.error.code, found.error.code === 'destination-not-allowed' ? {} : { name })
}

function labelsOf({ fields, view }: Creating, charged: Extension): Readonly<Record<string, string>> {
  const nonce = nonceOf(fields)
  const callerId = textOf(view, 'callerId')
  return {
    [chargedLabel]: charged.number,
    ...(nonce === undefined ? {} : { [nonceLabel]: nonce }),
    ...(callerId === undefined ? {} : { [callerIdLabel]: callerId }),
  }
}

/** The conference is `number`, or the source, or the extension; who is called is the destination. */
function conferenceInvite(creating: Creating): Created {
  const { house, ask, account, fields, view } = creating
  const named = needed(fields, 'extension')
  const room = roomOf(creating, named)
  const charged = house.directory.conference(account.id, ownNumber(account, named) ?? '') ? ownerOf(creating) : chargedOf(creating, named)
  const to = reachable(house, account, { name: 'destination', text: firstOf(view, 'destination') })
  const shown = callerIdOf(view)
  const ringTimeoutMs = waitOf(ask.query)
  const pin = pinOf(ask.query)
  const command: DeskCommand = {
    ...{ kind: 'invite-to-conference', room, to: { number: to }, ringTimeoutMs, labels: labelsOf(creating, charged) },
    ...(shown === undefined ? {} : { shown }),
    ...(pin === undefined ? {} : { pin }),
  }
  return { command, charged }
}

function roomOf({ account, ask, view }: Creating, extension: string): string {
  const asked = textOf(ask.query, 'number')
  const source = view.source === undefined ? extension : firstOf(view, 'source')
  const room = ownNumber(account, asked ?? source)
  if (room === undefined) throw asked === undefined ? refuse('resource-unknown', { name: 'conference' }) : invalid('number')
  return room
}

/** Of a conference nobody is charged in particular: it counts for the first extension of the path's user. */
function ownerOf({ house, ask, account }: Creating): Extension {
  const user = userOf(house, ask) ?? house.directory.user(account.id, ask.holder.user ?? '')
  const extension = user?.extensions[0] === undefined ? undefined : house.directory.extension(account.id, user.extensions[0])
  if (extension === undefined) throw missing('extension')
  demandOwn(house, ask, { user, extensions: [extension] })
  return extension
}

function pinOf(query: Ask['query']): string | undefined {
  const pin = textOf(query, 'pin')?.trim()
  if (pin !== undefined && !/^\d{1,16}$/.test(pin)) throw invalid('pin')
  return pin
}
