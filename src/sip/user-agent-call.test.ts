import assert from 'node:assert/strict'
import { test } from 'node:test'
import { account, kinds, leg, pair } from '../../testkit/sip-world.ts'
import type { Invitation } from './door.ts'

const invitation = (more: Partial<Invitation> = {}): Invitation => ({
  session: leg('near'),
  to: { kind: 'trunk', account, trunk: 'peer', number: '+15551' },
  from: { user: '210', displayName: 'Paco' },
  sdp: 'v=0\r\noffer',
  ...more,
})

test('a call is set up, answered and hung up', () => {
  const world = pair({
    far: (event, { agent, host }) => {
      if (event.kind !== 'offered') return
      host.carryOut(agent.ring(world.clock.now, event.session, { status: 180 }))
      world.clock.after(1000, () => host.carryOut(agent.answer(world.clock.now, event.session, 'v=0\r\nanswer')))
    },
  })
  const { near, far, clock } = world
  near.host.carryOut(near.agent.invite(clock.now, invitation()))
  clock.run(5000)
  assert.deepEqual(kinds(near.host), ['trying', 'ringing', 'answered'])
  assert.deepEqual(kinds(far.host), ['offered', 'confirmed'])
  near.host.carryOut(near.agent.hangUp(clock.now, leg('near'), { q850: 16 }))
  clock.run(5000)
  assert.deepEqual(kinds(near.host), ['trying', 'ringing', 'answered', 'ended'])
  assert.deepEqual(far.host.events.at(-1), {
    kind: 'ended',
    session: far.host.events[0]?.kind === 'offered' ? far.host.events[0].session : '',
    by: 'remote',
    q850: 16,
  })
  clock.run(60_000)
  assert.equal(near.agent.deadline(), undefined)
  assert.equal(far.agent.deadline(), undefined)
})
