import { strict as assert } from 'node:assert'
import type { UserAgentSettings } from '../src/sip/door.ts'
import { compose, inDialog, inviteText, type RequestText, Rig, settings, trunkFlow } from './sip-rig.ts'

/** A call of the trusted trunk on a bench; `within` sends its next request. */
export function offered(more: Partial<RequestText> = {}, own: UserAgentSettings = settings) {
  const rig = new Rig(own)
  const invite = inviteText(more)
  const seen = rig.receive(compose(invite), trunkFlow)
  const { session } = seen.event('offered')
  const within = (tag: string, next: Partial<RequestText> & { method: string }) => rig.receive(inDialog(invite, tag, next), trunkFlow)
  return { rig, invite, seen, session, within }
}

export function answered(more: Partial<RequestText> = {}) {
  const call = offered(more)
  const seen = call.rig.do((agent) => agent.answer(call.rig.now, call.session, 'v=0\r\nours\r\n'))
  const tag = seen.response(200).to.params.get('tag') ?? ''
  return { ...call, answer: seen, tag }
}

export function established(more: Partial<RequestText> = {}) {
  const call = answered(more)
  assert.deepEqual(call.within(call.tag, { method: 'ACK' }).kinds, ['confirmed'])
  return call
}
