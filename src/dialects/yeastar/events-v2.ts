/** Reports of v2: an `event` and the state of all who take part. */
import type { Call } from '../../call/call.ts'
import type { CallEvent } from '../../call/event.ts'
import { isCore, isLive, type Party } from '../../call/party.ts'
import { dottedId } from '../call-ids.ts'
import type { Content } from './answer.ts'
import { memberOf, plain } from './answer-call.ts'
import { coreParty, factsOf, type Happening, otherThan, type Report, recordingName } from './events-words.ts'

export function wordsOfV2({ event: out }: Happening): readonly Report[] {
  if (!('event' in out)) return []
  const { call, event } = out
  if (event.type === 'call.transferred') return [transferOf(call, event.data)]
  const gone = goneIn(call, event)
  return gone === undefined
    ? []
    : [
        {
          name: 'event',
          what: 'CallStatus',
          rest: [
            ['callid', dottedId(call)],
            ['members', members(call, gone)],
          ],
        },
      ]
}

/** Who left with this event; undefined where the event changes nobody's state. Once a call has ended it is told of as a whole. */
function goneIn(call: Call, event: CallEvent): readonly Party[] | undefined {
  switch (event.type) {
    case 'call.created':
    case 'call.ringing':
    case 'call.held':
    case 'call.resumed':
      return []
    case 'party.joined':
      return coreParty(call, event.data.party) === undefined ? undefined : []
    case 'party.left': {
      const party = coreParty(call, event.data.party)
      return party === undefined || call.endedAt !== undefined ? undefined : [party]
    }
    case 'call.ended':
      return call.parties.filter((p) => isCore(p) && p.endedAt === call.endedAt)
    default:
      return undefined
  }
}

const members = (call: Call, gone: readonly Party[]): readonly Content[] =>
  call.parties.filter((p) => isCore(p) && (isLive(p) || gone.some(({ id }) => id === p.id))).map((party) => memberOf(call, party))

function transferOf(call: Call, { from, to }: Extract<CallEvent, { type: 'call.transferred' }>['data']): Report {
  const involved = [coreParty(call, from), otherThan(call, to)].filter((party) => party !== undefined)
  const said = involved.map((party) => memberOf(call, party, false))
  return {
    name: 'event',
    what: 'CallTransfer',
    rest: [
      ['callid', dottedId(call)],
      ['members', said],
    ],
  }
}

/** `dsttrcunkname` is what the vendor's page and its clients say. */
export function cdrReportV2({ event: out, zone }: Happening): readonly Report[] {
  if (!('event' in out) || out.event.type !== 'call.ended') return []
  const { call } = out
  const { timestart, seconds, talkSeconds, status, type, trunk } = factsOf(call, zone)
  const isInbound = call.direction === 'inbound'
  const [from, to] = [plain(call.ani), plain(call.dnis)]
  const rest = {
    ...{ callid: dottedId(call), timestart, callfrom: from, callto: to, callduraction: seconds, talkduraction: talkSeconds },
    ...{
      srctrunkname: isInbound ? trunk : '',
      dsttrcunkname: isInbound ? '' : trunk,
      pincode: '',
      status,
      type,
      recording: recordingName(call),
    },
    ...{ didnumber: isInbound ? to : '', agentringtime: queueSeconds(call) },
  }
  return [{ name: 'event', what: 'NewCdr', rest: Object.entries(rest) }]
}

/** From entering the queue to an agent's answer. */
const queueSeconds = ({ group, answeredAt, startedAt }: Call): string =>
  String(group === undefined || answeredAt === undefined ? 0 : Math.floor((answeredAt - startedAt) / 1_000))
