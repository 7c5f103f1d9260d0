/** Calls in the vendor's words (contract openvox-yeastar, sections 5 to 7). */
import { type Call, callState } from '../../call/call.ts'
import { addressOf, type NumberEndpoint } from '../../call/endpoint.ts'
import { isConnected, isCore, isLive, isOnHold, type Party } from '../../call/party.ts'
import { dottedId } from '../call-ids.ts'
import type { Content } from './answer.ts'
import type { Flavour } from './request-flavour.ts'

/** The vendor's PBX knows numbers without `+`. */
export const plain = (number: string): string => number.replace(/^\+/, '')

/** A number outside: `inbound` where it called us. */
export interface Side {
  readonly kind: 'inbound' | 'outbound'
  readonly from: string
  readonly to: string
  readonly trunk: string
}

export type OutsideParty = Party & { readonly endpoint: NumberEndpoint }

export const isOutside = (party: Party): party is OutsideParty => party.endpoint.kind === 'number'

const core = (call: Call): readonly Party[] => call.parties.filter(isCore)

/** Who is called was shown something; who calls us was not. */
const hasCalled = (party: Party): boolean => party.shown === undefined

export function sideOf(call: Call, party: OutsideParty): Side {
  const { trunk } = party.endpoint
  if (hasCalled(party)) return { kind: 'inbound', from: plain(call.ani), to: plain(call.dnis), trunk }
  const isDialled = call.direction === 'outbound' && core(call)[0]?.id !== party.id
  return { kind: 'outbound', from: plain(call.ani), to: plain(isDialled ? call.dnis : addressOf(party.endpoint)), trunk }
}

/** The number outside that the call began with: who called us, else whom we called. It stays so when somebody else comes in by a transfer. */
export function outsideOf(call: Call): OutsideParty | undefined {
  const [first, ...called] = core(call)
  const inOrder = call.direction === 'outbound' ? [...called, first] : [first, ...called]
  return inOrder.filter((party) => party !== undefined).find(isOutside)
}

/** `inboundid`, `from`, `to`, `trunk`. */
export function callItem(call: Call, kind: Side['kind']): Content {
  const trunk = outsideOf(call)?.endpoint.trunk ?? ''
  return { [`${kind}id`]: dottedId(call), from: plain(call.ani), to: plain(call.dnis), trunk }
}

export const outboundItem = (call: Call): Content => ({ ...callItem(call, 'outbound'), status: statusOf(call) })

export function inboundItem(call: Call, flavour: Flavour): Content {
  return { ...callItem(call, 'inbound'), status: statusOf(call), callee: calleesOf(call, flavour) }
}

function statusOf(call: Call): string {
  switch (callState(call)) {
    case 'queued':
      return 'Wait'
    case 'ringing':
      return 'Progress'
    default:
      return 'Talking'
  }
}

/** Whoever talks to the caller, or rings for him. OpenVox has room for one. */
function calleesOf(call: Call, flavour: Flavour): Content | readonly Content[] {
  const live = core(call).filter((party) => isLive(party) && party.endpoint.kind !== 'number')
  const connected = live.filter(isConnected)
  const callees = (connected.length === 0 ? live : connected).map(({ endpoint }) => ({ extid: addressOf(endpoint) }))
  return flavour === 'yeastar' ? callees : (callees[0] ?? { extid: '' })
}

export type MemberStatus = 'ALERT' | 'RING' | 'ANSWERED' | 'ANSWER' | 'HOLD' | 'BYE'

/** Who began the call is ANSWERED, who was called has ANSWERed. */
export function memberStatus(call: Call, party: Party): MemberStatus {
  switch (party.state) {
    case 'ended':
      return 'BYE'
    case 'offered':
    case 'answering':
      return 'ALERT'
    case 'inviting':
    case 'ringing':
      return 'RING'
    case 'connected':
      if (isOnHold(party)) return 'HOLD'
      if (core(call)[0]?.id !== party.id) return 'ANSWER'
      return call.answeredAt === undefined ? 'ALERT' : 'ANSWERED'
  }
}

/** Such as `PJSIP/1023-00000030`; made from the party's id, and found again by it. */
export function channelId({ id, endpoint }: Party): string {
  const name = endpoint.kind === 'number' ? `trunk-${endpoint.trunk}` : addressOf(endpoint)
  return `PJSIP/${name}-${id.replace(/^p_/, '').slice(0, 8)}`
}

/** v2: one who takes part in the conversation. */
export function memberOf(call: Call, party: Party, withStatus = true): Content {
  const channel = { channelid: channelId(party), ...(withStatus && { memberstatus: memberStatus(call, party) }) }
  if (!isOutside(party)) return { ext: { number: addressOf(party.endpoint), ...channel } }
  const { kind, from, to, trunk } = sideOf(call, party)
  return { [kind]: { from, to, trunkname: trunk, ...channel } }
}

/** Who takes part now; supervisors are not told of. */
export const membersOf = (call: Call): readonly Content[] =>
  core(call)
    .filter(isLive)
    .map((party) => memberOf(call, party))
