/** What PUT does to calls: supervision and call control (contract voipnow, sections 5 and 8). */
import type { Refusal } from '../../call/refusal.ts'
import type { Mode } from '../../call/supervision.ts'
import type { DeskCommand } from '../../control/command.ts'
import type { Answer } from '../../http/answer.ts'
import type { JsonObject } from '../../http/body.ts'
import { Refused, refuse } from '../../http/refused.ts'
import { isParty } from '../call-words.ts'
import type { Ask, DialectRoute, House } from '../dialect.ts'
import { callerOf } from '../ordering.ts'
import { extended, jsonOf } from './answer.ts'
import { changedCall, type View, viewNamed, viewsOf } from './answer-call.ts'
import { whisperCall } from './refusals.ts'
import { accountOf, converses, demandOwn, type Part, type Place, partOf, partsOf, placeOf } from './request.ts'
import { bodyOf, sayingSo } from './request-body.ts'
import { callerIdOf, invalid, privateOf, terminalOf, viewIdOf, waitOf } from './request-fields.ts'
import { actionBody } from './request-shapes.ts'
import { tellerOf } from './routes-calls.ts'
import { type Control, control } from './routes-control.ts'

const path = '/uapi/phoneCalls/:user/:extension'
const refusals = [
  ...(['unauthenticated', 'token-expired', 'endpoint-unknown', 'body-malformed', 'body-too-large', 'parameter-missing'] as const),
  ...(['parameter-invalid', 'forbidden', 'call-unknown', 'party-unknown', 'wrong-state', 'mode-not-allowed'] as const),
  ...(['supervision-not-allowed', 'endpoint-unavailable', 'endpoint-busy', 'supervisor-limit', 'destination-not-allowed'] as const),
  ...(['recording-not-permitted', 'timeout', 'engine-failed', 'capacity-exceeded', 'unsupported'] as const),
]

export function actionRoutes(house: House): readonly DialectRoute[] {
  const { updateStatus: status } = house.settings.voipnow
  return [
    {
      ...{ id: 'updatePhoneCall', tier: 'must', method: 'PUT', path: `${path}/:call`, body: actionBody, refusals },
      summary: 'Whisper, Monitor, BargeIn and the other actions on a call',
      answers: { status, description: 'The call, before anybody has picked up' },
      handle: (ask) => update(house, ask),
    },
    {
      ...{ id: 'updatePhoneCalls', tier: 'should', method: 'PUT', path, body: actionBody, refusals },
      summary: 'Park, UnPark or OnHold for all calls of an extension',
      answers: { status, description: 'The calls' },
      handle: (ask) => update(house, ask),
    },
  ]
}

const supervising: Readonly<Record<string, Mode>> = { whisper: 'whisper', monitor: 'monitor', bargein: 'barge' }
/** What a request without a call id does to all calls of the extension. */
const collective: readonly string[] = ['park', 'unpark', 'onhold']

async function update(house: House, ask: Ask): Promise<Answer> {
  const place = placeOf(house, ask)
  const body = bodyOf(house, ask)
  return sayingSo(body, () => act(house, ask, { place, fields: body.fields }))
}

interface Asked {
  readonly place: Place
  readonly fields: JsonObject
}

/** Whether there is such an action comes before whether this app may do it. */
function act(house: House, ask: Ask, asked: Asked): Promise<Answer> {
  const carryOut = actOf(house, ask, asked)
  demandOwn(house, ask, asked.place)
  return carryOut()
}

function actOf(house: House, ask: Ask, asked: Asked): () => Promise<Answer> {
  const action = actionOf(asked.fields)
  const mode = Object.hasOwn(supervising, action) ? supervising[action] : undefined
  if (mode !== undefined) return () => supervise(house, ask, { ...asked, mode })
  const does = Object.hasOwn(control, action) ? control[action] : undefined
  if (does === undefined) throw invalid('action')
  return () => (ask.params.call === undefined ? onAll(house, ask, { ...asked, action, does }) : onOne(house, ask, { ...asked, does }))
}

/** Its exact name, or the same in other letters. */
function actionOf(fields: JsonObject): string {
  if (fields.action === undefined || fields.action === '') throw refuse('parameter-missing', { name: 'action' })
  if (typeof fields.action !== 'string') throw invalid('action')
  return fields.action.trim().toLowerCase()
}

async function supervise(house: House, ask: Ask, { place, fields, mode }: Asked & { readonly mode: Mode }): Promise<Answer> {
  if (ask.holder.role === 'agent') throw refuse('forbidden')
  const name = mode === 'whisper' ? whisperCall : undefined
  const part = spoken(partOf(house, place, ask, name), name)
  const command = supervision(house, place, { part, fields, mode })
  await carryOut(house, ask, command, name)
  return changed(house, ask, [part], first)
}

/** A supervisor's own phone has no call that others could listen to. */
function spoken(part: Part, name?: string): Part {
  if (converses(part.call, part.extension.number)) return part
  throw refuse('call-unknown', name === undefined ? {} : { name })
}

/** The fields in the order in which the contract has them checked. */
function supervision(
  house: House,
  { account }: Place,
  { part, fields, mode }: { readonly part: Part; readonly fields: JsonObject; readonly mode: Mode },
): DeskCommand {
  const terminal = terminalOf(house, account, fields)
  if (terminal.number === part.extension.number) throw invalid('sendCallTo')
  const view = liveView(part, fields)
  const shown = callerIdOf(fields) ?? { number: extended(account, terminal.number), name: terminal.name }
  const ringTimeoutMs = waitOf(fields)
  return {
    ...{ kind: 'supervise', call: part.call.id, supervisor: { extension: terminal.number }, mode, target: view.party.id },
    ...{ private: mode === 'whisper' && privateOf(fields), follow: 'target', shown, ringTimeoutMs },
  }
}

function liveView({ call }: Part, fields: JsonObject): View {
  const view = viewNamed(call, viewIdOf(fields))
  if (view === undefined) throw refuse('party-unknown', { name: 'phoneCallViewId' })
  if (view.status !== 5) throw refuse('wrong-state')
  return view
}

/** The same order again is no error: it is answered as it was the first time. */
async function carryOut(house: House, ask: Ask, command: DeskCommand, name?: string): Promise<void> {
  const outcome = await house.desk.request(callerOf(ask), command)
  if (!outcome.ok && outcome.error.code !== 'already-supervised-by-you') throw new Refused(named(outcome.error, name))
}

/** What the desk refuses, with the field that the vendor's code names. */
function named(refusal: Refusal, call?: string): Refusal {
  switch (refusal.code) {
    case 'endpoint-unknown':
    case 'other-tenant':
    case 'number-invalid':
    case 'parameter-invalid':
      return { ...refusal, name: refusal.name ?? 'sendCallTo' }
    case 'call-unknown':
    case 'call-ended':
      return { code: refusal.code, ...(call === undefined ? {} : { name: call }) }
    default:
      return refusal
  }
}

interface Controlled extends Asked {
  readonly does: Control
}

async function onOne(house: House, ask: Ask, { place, fields, does }: Controlled): Promise<Answer> {
  const part = spoken(partOf(house, place, ask))
  const view = () => viewAsked(part, fields)
  await carryOutAll(house, ask, does({ house, account: place.account, part, fields, view }))
  return changed(house, ask, [part], first)
}

function viewAsked({ call }: Part, fields: JsonObject): View {
  const view = viewNamed(call, viewIdOf(fields))
  if (view === undefined) throw refuse('party-unknown', { name: 'phoneCallViewId' })
  return view
}

/** The extension's own view of each of its calls. Refused only where it could be done to none of them. */
async function onAll(house: House, ask: Ask, { place, fields, does, action }: Controlled & { readonly action: string }): Promise<Answer> {
  if (!collective.includes(action)) throw refuse('call-unknown')
  const done: Part[] = []
  const failed: Refused[] = []
  for (const part of partsOf(house, place).filter(({ call, extension }) => converses(call, extension.number))) {
    try {
      const view = () => ownView(part)
      await carryOutAll(house, ask, does({ house, account: place.account, part, fields, view }))
      done.push(part)
    } catch (cause) {
      if (!(cause instanceof Refused)) throw cause
      failed.push(cause)
    }
  }
  if (done.length === 0 && failed[0] !== undefined) throw failed[0]
  return changed(house, ask, done, (texts) => texts)
}

function ownView({ call, extension }: Part): View {
  const view = viewsOf(call).find((v) => v.supervision === undefined && isParty(v.party, extension.number))
  if (view === undefined) throw refuse('wrong-state')
  return view
}

async function carryOutAll(house: House, ask: Ask, commands: readonly DeskCommand[]): Promise<void> {
  for (const command of commands) await carryOut(house, ask, command)
}

const first = ([call = {}]: readonly object[]): object => call

function changed(house: House, ask: Ask, parts: readonly Part[], shape: (calls: readonly object[]) => object): Answer {
  const teller = tellerOf(house, ask, { account: accountOf(house, ask) })
  return jsonOf(house.settings.voipnow.updateStatus, shape(parts.map((part) => changedCall(teller, part))))
}
