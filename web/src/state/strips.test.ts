import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Call, Line } from '../api/types.ts'
import { callWith, partyOf, supervisionOf } from './examples.ts'
import { afterCall, emptyFloor } from './floor.ts'
import { type HeldLine, stripsOf } from './strips.ts'

const line: Line = { id: 'l1', state: 'open', createdAt: '2026-01-01T12:00:00.000Z' }
const held: HeldLine = { line, supervision: 's1', callId: 'c1' }
const core = callWith({ id: 'c1' }).parties
const supervised = (over: Partial<Parameters<typeof supervisionOf>[0]> = {}, party: Partial<Parameters<typeof partyOf>[0]> = {}): Call =>
  callWith({
    id: 'c1',
    parties: [...core, partyOf({ id: 'p3', role: 'supervisor', extension: '101', ...party })],
    supervisions: [supervisionOf({ id: 's1', ...over })],
  })
const modes = (call: Call, lines: readonly HeldLine[], extensions: readonly string[] = []): readonly string[] =>
  stripsOf(afterCall(emptyFloor, call), lines, extensions).map((strip) => `${strip.key} ${strip.mode}${strip.isLost ? ' lost' : ''}`)

describe('strips', () => {
  test('a line stands in the mode that the server says, whoever changed it', () => {
    assert.deepEqual(modes(supervised(), [held]), ['l1 monitor'])
    assert.deepEqual(modes(supervised({ mode: 'whisper' }), [held]), ['l1 whisper-agent'])
    assert.deepEqual(modes(supervised({ mode: 'whisper', target: 'p1' }), [held]), ['l1 whisper-customer'])
    assert.deepEqual(modes(supervised({ state: 'ringing' }), [held]), ['l1 connecting'])
  })

  test('a line without a supervision, or whose supervision has ended, has no strip', () => {
    assert.deepEqual(modes(supervised(), [{ ...held, supervision: undefined, callId: undefined }]), [])
    assert.deepEqual(modes(supervised({ state: 'ended' }, { state: 'ended' }), [held]), [])
  })

  test('after a take-over he handles the call until he has left it', () => {
    assert.deepEqual(modes(supervised({ state: 'ended' }, { role: 'agent' }), [held]), ['l1 handling'])
    assert.deepEqual(modes(supervised({ state: 'ended' }, { role: 'agent', state: 'ended' }), [held]), [])
  })

  test('a lost line says so', () => {
    assert.deepEqual(modes(supervised(), [{ ...held, line: { ...line, state: 'lost' } }]), ['l1 monitor lost'])
  })

  test('his own phones have strips, those of others have none', () => {
    assert.deepEqual(modes(supervised(), [], ['101']), ['s1 monitor'])
    assert.deepEqual(modes(supervised(), [], ['102']), [])
  })

  test('a line is not counted again as the phone of its user', () => {
    assert.deepEqual(modes(supervised({ supervisor: { line: 'l1', extension: '101' } }), [held], ['101']), ['l1 monitor'])
  })
})
