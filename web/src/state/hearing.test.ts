import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Hearing } from '../api/types.ts'
import { callWith, partyOf } from './examples.ts'
import { hearersOf, matrixOf } from './hearing.ts'

const call = callWith({
  id: 'c1',
  parties: [
    partyOf({ id: 'sup', role: 'supervisor' }),
    partyOf({ id: 'agent' }),
    partyOf({ id: 'cust', role: 'customer' }),
    partyOf({ id: 'left', state: 'ended' }),
  ],
})
const pair = (listener: string, talker: string) => ({ listener, talker, levelDbov: null, lastAudioAt: null })
const hearing = (over: Partial<Hearing> = {}): Hearing => ({
  callId: 'c1',
  revision: 4,
  appliedRevision: 4,
  appliedAt: null,
  pairs: [pair('agent', 'cust'), pair('cust', 'agent'), pair('sup', 'cust'), pair('sup', 'agent'), pair('agent', 'sup')],
  ...over,
})
const drawn = (knowledge: Parameters<typeof matrixOf>[1]): readonly string[] =>
  matrixOf(call, knowledge).map(({ listener, cells }) => `${listener.id}: ${cells.map(({ cell }) => cell).join(' ')}`)

test('a whisper: the agent hears the supervisor, the customer does not; who has left is not drawn', () => {
  assert.deepEqual(drawn({ hearing: hearing(), inDoubt: false }), [
    'cust: self hears silent',
    'agent: hears self hears',
    'sup: hears hears self',
  ])
  assert.deepEqual(
    hearersOf(matrixOf(call, { hearing: hearing(), inDoubt: false }), 'sup').map(({ id }) => id),
    ['agent'],
  )
})

test('nothing is known while the mixer has not confirmed the newest matrix, while in doubt, and before the first word', () => {
  const unknown = ['cust: self unknown unknown', 'agent: unknown self unknown', 'sup: unknown unknown self']
  assert.deepEqual(drawn({ hearing: hearing({ revision: 5 }), inDoubt: false }), unknown)
  assert.deepEqual(drawn({ hearing: hearing(), inDoubt: true }), unknown)
  assert.deepEqual(drawn({ hearing: undefined, inDoubt: false }), unknown)
  assert.deepEqual(hearersOf(matrixOf(call, { hearing: hearing(), inDoubt: true }), 'sup'), [])
})
