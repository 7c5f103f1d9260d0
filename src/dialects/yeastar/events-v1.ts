/** Reports of v1: an `action` and the parties that it is about, in the form of 1.0.0 or of 1.0.2. */
import type { Call } from '../../call/call.ts'
import { addressOf } from '../../call/endpoint.ts'
import type { CallEvent } from '../../call/event.ts'
import { isConnected, isCore, type Party } from '../../call/party.ts'
import { dottedId } from '../call-ids.ts'
import type { Content, Value } from './answer.ts'
import { isOutside, plain, sideOf } from './answer-call.ts'
import { callerOf, coreParty, factsOf, failureOf, type Happening, otherThan, type Report, recordingName } from './events-words.ts'
import type { ReportFormat } from './login-report.ts'

interface Action {
  readonly what: string
  /** The first is whom the action is about. */
  readonly parties: readonly (Party | undefined)[]
  readonly before?: readonly (readonly [string, Value])[]
  readonly after?: readonly (readonly [string, Value])[]
}

export function wordsOfV1({ event: out }: Happening, format: ReportFormat): readonly Report[] {
  if (!('event' in out)) return []
  const { call } = out
  return actionsIn(call, out.event).map(({ what, parties, before = [], after = [] }): Report => {
    const named = parties.filter((p) => p !== undefined).map((party) => named1(call, party))
    const said = format === '1.0.0' ? named.flatMap((content) => Object.entries(content)) : [['call', named] as const]
    return { name: 'action', what, rest: [...before, ['callid', dottedId(call)], ...after, ...(named.length === 0 ? [] : said)] }
  })
}

/** `{"ext":{"extid":"1005"}}`, or the call of a number outside. */
function named1(call: Call, party: Party): Content {
  if (!isOutside(party)) return { ext: { extid: addressOf(party.endpoint) } }
  const { kind, from, to, trunk } = sideOf(call, party)
  return { [kind]: { from, to, trunk, [`${kind}id`]: dottedId(call) } }
}

function actionsIn(call: Call, event: CallEvent): readonly Action[] {
  switch (event.type) {
    case 'call.created':
      return call.direction === 'inbound' ? [{ what: 'Invite', parties: [callerOf(call)] }] : []
    case 'call.ringing':
      return rings(call, coreParty(call, event.data.party))
    case 'call.answered':
      return answers(call, coreParty(call, event.data.party))
    case 'party.joined':
      return joins(call, coreParty(call, event.data.party))
    case 'call.transferred':
      return [{ what: 'Tranfer', parties: [coreParty(call, event.data.from), otherThan(call, event.data.to)] }]
    case 'party.dtmf':
      return [{ what: 'DTMF', parties: [coreParty(call, event.data.party)], after: [['info', event.data.digit]] }]
    case 'party.left':
      return call.endedAt === undefined ? leaves(coreParty(call, event.data.party)) : []
    case 'call.ended':
      return ends(call)
    default:
      return []
  }
}

/** Only of calls that a program asked for: there the one who calls was called, too, and so was shown something. */
function rings(call: Call, ringing: Party | undefined): readonly Action[] {
  const caller = callerOf(call)
  if (ringing === undefined || caller?.shown === undefined) return []
  if (ringing.id === caller.id || !isConnected(caller)) return [{ what: 'RING', parties: [ringing] }]
  return [
    { what: 'RING', parties: [ringing, caller] },
    { what: 'ALERT', parties: [caller] },
  ]
}

/** Whom the call was made for, and who made it. */
function answers(call: Call, answering: Party | undefined): readonly Action[] {
  if (answering === undefined) return []
  const other = otherThan(call, answering.id)
  return [
    { what: 'ANSWER', parties: [answering, other] },
    { what: 'ANSWERED', parties: [other, answering] },
  ]
}

/** The first answer is `call.answered`; who comes later takes somebody's place. */
function joins(call: Call, joining: Party | undefined): readonly Action[] {
  if (joining === undefined) return []
  const incoming: readonly Action[] = isCallerOutside(call, joining) ? [{ what: 'Incoming', parties: [joining] }] : []
  const isLater = call.answeredAt !== undefined && joining.answeredAt !== undefined && joining.answeredAt > call.answeredAt
  return isLater ? [...incoming, ...answers(call, joining)] : incoming
}

const isCallerOutside = (call: Call, party: Party): boolean => call.direction === 'inbound' && callerOf(call)?.id === party.id

const leaves = (party: Party | undefined): readonly Action[] => (party?.answeredAt === undefined ? [] : [{ what: 'BYE', parties: [party] }])

function ends(call: Call): readonly Action[] {
  if (call.answeredAt !== undefined) return [{ what: 'BYE', parties: call.parties.filter((p) => wasInAtTheEnd(call, p)) }]
  const reason = failureOf(call.endReason)
  if (reason === undefined) return []
  const [caller, ...called] = call.parties.filter(isCore)
  return [{ what: 'CallFailed', parties: [called.at(-1), caller], before: [['reason', reason]] }]
}

const wasInAtTheEnd = (call: Call, party: Party): boolean =>
  isCore(party) && party.answeredAt !== undefined && party.endedAt === call.endedAt

/** The call detail record; the vendor's spelling of "duration" is what its clients read. */
export function cdrReport({ event: out, zone }: Happening): readonly Report[] {
  if (!('event' in out) || out.event.type !== 'call.ended') return []
  const { call } = out
  const { timestart, seconds, talkSeconds, status, type, trunk } = factsOf(call, zone)
  const trunkName = call.direction === 'inbound' ? 'srctrunkname' : 'desttrunkname'
  const rest = {
    ...{ callid: dottedId(call), timestart, callfrom: plain(call.ani), callto: plain(call.dnis), [trunkName]: trunk },
    ...{ callduraction: seconds, talkduraction: talkSeconds, status, type, pincode: '', recording: recordingName(call) },
  }
  return [{ name: 'action', what: 'NewCdr', rest: Object.entries(rest) }]
}
