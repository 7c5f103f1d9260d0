import assert from 'node:assert/strict'
import { test } from 'node:test'
import { account, EngineScript, mainCall } from '../../../testkit/engine-script.ts'
import type { RecordingOrder } from '../../call/recording.ts'
import { bridgeId, legId, partyId } from '../../kernel/ids.ts'
import type { MediaEvent } from '../../media/protocol.ts'

const bridge = bridgeId('c1')

function ordered(script: EngineScript, changes: Partial<RecordingOrder> = {}): void {
  const voices = [{ party: partyId('p_1'), leg: script.connected('a'), voice: 'conversation' } as const]
  const shape = { format: 'wav-g711', mix: true, coach: 'exclude' } as const
  script.forget()
  script.order({ kind: 'record', recording: 'c1-1', state: 'on', startedAt: script.at, shape, voices, ...changes })
}

const order = {
  ...{ kind: 'record', bridge, recording: 'c1-1', state: 'on', directory: `${account}/2027-01-15` },
  ...{ format: 'wav-g711', mix: true, coach: 'exclude', tracks: [{ leg: 'a', name: 'p_1', voice: 'conversation' }] },
}

test('the recorder is told whose voices to take, under the names of their parties, by account and day', () => {
  const script = new EngineScript()
  ordered(script)
  assert.deepEqual(script.takeMedia(), [order])
})

test('who is told that he is recorded is named by his leg, too', () => {
  const script = new EngineScript()
  const announcement = { prompt: '/etc/sotto/said.wav', to: 'all' } as const
  ordered(script, { shape: { format: 'flac', mix: true, coach: 'exclude', announcement }, audience: [legId('a')] })
  assert.deepEqual(script.takeMedia(), [{ ...order, format: 'flac', announce: { prompt: '/etc/sotto/said.wav', legs: ['a'] } }])
})

test('an account’s id that is no name of a folder becomes one', () => {
  const script = new EngineScript()
  script.do(
    script.engine.order(script.at, {
      call: mainCall,
      account: '../a b' as typeof account,
      effect: { kind: 'record', recording: 'r', state: 'off', startedAt: script.at, shape: shapeOf, voices: [] },
    }),
  )
  const [told] = script.takeMedia().slice(-1)
  assert.equal(told?.kind === 'record' && told.directory, '_._a_b/2027-01-15')
})

const shapeOf = { format: 'wav-g711', mix: true, coach: 'exclude' } as const

test('after a break, and after a lease that lapsed, the recorder is told again', () => {
  const script = new EngineScript()
  ordered(script)
  script.forget()
  script.mediaSays({ kind: 'lease-lapsed', at: script.at })
  assert.deepEqual(script.takeMedia(), [order])
  script.loseMedia()
  script.joinMedia()
  assert.deepEqual(
    script.takeMedia().filter(({ kind }) => kind === 'record'),
    [order],
  )
})

test('what came of it is told, also of a call that is over and of a recording that could not begin', () => {
  const script = new EngineScript()
  const files = [{ kind: 'mix', name: 'mix', path: 'a/r-mix.wav', samples: 8, bytes: 52 }] as const
  const outcome = { recording: 'r', startedAt: script.at, format: 'wav-g711', files, gaps: [], complete: true } as const
  const said: MediaEvent[] = [
    { kind: 'recorded', bridge, ...outcome },
    { kind: 'record-failed', bridge, recording: 'r2', why: 'disk-full' },
  ]
  script.forget()
  for (const event of said) script.mediaSays(event)
  assert.deepEqual(script.takeEvents(), [
    { kind: 'recorded', call: mainCall, ...outcome },
    { kind: 'recorded', call: mainCall, ...{ ...outcome, recording: 'r2', files: [], complete: false, why: 'disk-full' } },
  ])
})
