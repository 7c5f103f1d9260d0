/** Small answers: agents and links (contract newvoicemedia, sections 4 and 5). */
import type { Call } from '../../call/call.ts'
import { guidOf } from '../call-ids.ts'
import type { Place } from './request.ts'

interface Link {
  readonly href: string
  readonly rel: '_self' | 'currentCall'
}

/** Links are spelt with capitals, the Location header is not: that is how the vendor has them. */
export const callLink = ({ base, version, key }: Place, guid: string): string => `${base}/V${version}/${key}/Calls/${guid}`
export const callLocation = ({ base, version, key }: Place, guid: string): string => `${base}/v${version}/${key}/calls/${guid}`
const agentLink = ({ base, version, key }: Place, agent: string): string => `${base}/V${version}/${key}/Agents/${agent}`

export const readyText = (agents: readonly { readonly id: string }[]): string =>
  JSON.stringify({ count: agents.length, agents: agents.map(({ id }) => ({ id, links: [] })) })

export const countText = (agents: readonly unknown[]): string => JSON.stringify({ count: agents.length })

export function agentText(place: Place, agent: string, call: Call | undefined): string {
  const guid = call === undefined ? null : guidOf(call)
  const links: Link[] = [{ href: agentLink(place, agent), rel: '_self' }]
  if (guid !== null) links.push({ href: callLink(place, guid), rel: 'currentCall' })
  return JSON.stringify({ id: agent, links, currentCallGuid: guid })
}
