import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom } from '../../testkit/random.ts'
import { instant } from '../kernel/time.ts'
import { Outbox } from './outbox.ts'
import type { PlanName } from './plan.ts'
import { recall } from './recall.ts'
import type { LetterRow, OutboxInput } from './words.ts'

const at = (ms: number) => instant(1_800_000_000_000 + ms)
const random = new SeededRandom(1)

/** Handles what is given, and says what an outbox is like that begins with the rows of it. */
function after(inputs: readonly (readonly [ms: number, input: OutboxInput<string>])[]): Outbox<string> {
  const rows: LetterRow<string>[] = []
  const first = new Outbox<string>({ random })
  for (const [ms, input] of inputs) for (const output of first.handle(at(ms), input)) if (output.kind === 'keep') rows.push(output.row)
  const second = new Outbox<string>({ random })
  second.restore(recall<string>(rows).letters.values())
  return second
}

const put = (plan: PlanName): OutboxInput<string> => ({
  kind: 'put',
  parcels: ['1', '2'].map((id) => ({ id, receiver: 'r', lane: '', plan, content: id, bytes: 10 })),
})
const failed = { kind: 'tried', id: '1', verdict: 'failed', why: 'status 500' } as const

test('the pause and the tries so far go on after a restart', () => {
  const outbox = after([
    [0, put('call-out')],
    [0, failed],
    [1_000, { kind: 'wake' }],
    [1_000, failed],
  ])
  assert.equal(outbox.deadline(), at(6_000))
  assert.deepEqual(
    outbox.handle(at(6_000), { kind: 'wake' }).map((o) => (o.kind === 'send' ? [o.parcel.id, o.attempt] : o.kind)),
    [['1', 3]],
  )
})

test('dead letters stay dead, and what was taken or forgotten stays away', () => {
  const gone = { ...failed, verdict: 'gone', why: 'status 410' } as const
  const outbox = after([
    [0, put('webhook')],
    [5, gone],
  ])
  assert.deepEqual(
    outbox.deadLetters('r').map(({ parcel, attempts, why }) => [parcel.id, attempts, why]),
    [
      ['1', 1, 'status 410'],
      ['2', 0, 'status 410'],
    ],
  )
  assert.equal(outbox.deadline(), undefined)
  const taken = { ...failed, verdict: 'taken' } as const
  assert.deepEqual(
    after([
      [0, put('webhook')],
      [5, taken],
    ])
      .letters()
      .map(({ parcel }) => parcel.id),
    ['2'],
  )
  assert.deepEqual(
    after([
      [0, put('webhook')],
      [5, { kind: 'forget', receiver: 'r' }],
    ]).letters(),
    [],
  )
})
