import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storyOf } from './story.ts'
import type { CallRecord } from './types.ts'

const at = (second: number): string => new Date(Date.parse('2026-11-20T12:00:00Z') + second * 1000).toISOString()
const call: CallRecord = {
  ...{ id: 'c_1', direction: 'inbound', ani: '+442071838750', dnis: '+442079460101' },
  ...{ startedAt: at(0), answeredAt: at(5), endedAt: at(60), endReason: 'hangup' },
  ...{ waitingMs: 5_000, talkMs: 55_000, holdMs: 0, totalMs: 60_000 },
  parties: [
    { id: 'p_1', role: 'customer', number: '+442071838750', joinedAt: at(5), leftAt: at(60) },
    { id: 'p_2', role: 'agent', extension: '201', name: 'Ada', joinedAt: at(5), leftAt: at(30), endReason: 'transferred' },
    { id: 'p_3', role: 'supervisor', extension: '101', name: 'Sara', joinedAt: at(10), leftAt: at(20) },
  ],
  transfers: [{ at: at(30), to: '+442079460999', failed: 'busy' }],
  supervisions: [
    {
      ...{ id: 's_1', partyId: 'p_3', requestedAt: at(9), activeAt: at(10), endedAt: at(20) },
      intervals: [
        { mode: 'monitor', target: 'p_2', from: at(10), to: at(15) },
        { mode: 'whisper', target: 'p_2', from: at(15), to: at(20) },
      ],
    },
  ],
  parks: [],
  recordings: [{ from: at(6), to: at(60) }],
}
const texts = storyOf(call).map(({ text }) => text)

test('what happened is told in order', () => {
  const wanted = [
    'The call began',
    'Recording began',
    'Sara: listened',
    'Sara: whispered to Ada',
    'Sara stopped supervising',
    'Ada left: Transferred',
  ]
  assert.deepEqual(
    texts.filter((text) => wanted.includes(text)),
    wanted,
  )
  assert.equal(texts.at(-1), 'The call ended: Hung up')
})

test('the end of the call is told once, and not of everybody and everything that ended with it', () => {
  assert.equal(texts.includes('Recording stopped'), false)
  assert.deepEqual(
    texts.filter((text) => text.includes('left')),
    ['Sara left', 'Ada left: Transferred'],
  )
})

test('a transfer that failed says why', () => {
  assert.ok(
    texts.some((text) => /^Not passed on to \+44.2079.460.999: Busy$/.test(text)),
    texts.join('\n'),
  )
})
