import assert from 'node:assert/strict'
import { test } from 'node:test'
import { home } from '../../testkit/people.ts'
import { World } from '../../testkit/world.ts'
import { callCentre } from '../../testkit/world-call-centre.ts'
import { genesis, hashOf } from '../audit/chain.ts'
import type { AuditFact, HearingFact } from '../audit/fact.ts'
import { opened } from '../audit/seal.ts'
import { systemHash } from '../edge/hash.ts'
import { addMs } from '../kernel/time.ts'
import type { Caller } from './command.ts'

const cleo = '+15550001111'
const sam: Caller = { account: home, role: 'supervisor', user: '13', credential: 'c0ffee', via: 'ringcx' }

function talking(): World {
  const world = new World(1, callCentre())
  world.customerCalls('+15554150210', cleo)
  world.run(100)
  world.answers('210')
  world.run(100)
  return world
}

const theCall = (world: World) => {
  const [call] = world.calls()
  assert.ok(call)
  return call
}

function supervised(world: World): void {
  world.ask({ kind: 'supervise', call: theCall(world).id, supervisor: { extension: '101' }, mode: 'whisper' }, 0, sam)
  world.run(200)
  world.answers('101')
  world.run(200)
}

const factsOf = (world: World, kind: AuditFact['kind']): readonly AuditFact[] =>
  world.audit.map(({ fact }) => fact).filter((fact) => fact.kind === kind)
const intervals = (world: World): readonly HearingFact[] =>
  world.audit.flatMap(({ fact, sealed }) => (fact.kind === 'hearing' ? [{ ...fact, other: opened(fact.other, sealed) }] : []))
const by = { role: 'supervisor', user: '13', credential: 'c0ffee', via: 'ringcx' }

test('on whose word a supervision began, changed and ended stands in the audit, and with every interval', () => {
  const world = talking()
  supervised(world)
  const [supervision] = theCall(world).supervisions
  assert.ok(supervision)
  world.ask({ kind: 'change-supervision', supervision: supervision.id, mode: 'barge' }, 0, { account: home, role: 'admin', via: 'native' })
  world.run(200)
  world.ask({ kind: 'end-supervision', supervision: supervision.id }, 0, sam)
  world.run(200)
  const told = world.audit.filter(({ fact }) => fact.kind !== 'hearing' && fact.kind !== 'supervision.active')
  assert.deepEqual(
    told.map(({ fact }) => [fact.kind, 'by' in fact ? fact.by : undefined]),
    [
      ['supervision.requested', by],
      ['supervision.mode-changed', { role: 'admin', via: 'native' }],
      ['supervision.ended', by],
    ],
  )
  assert.deepEqual(
    intervals(world).map(({ could, other, mode, reason, by: asker }) => [could, other.extension ?? other.number, mode, reason, asker]),
    [
      ['hear', '210', 'whisper', 'ended-by-request', by],
      ['hear', cleo, 'whisper', 'ended-by-request', by],
      ['be-heard', '210', 'whisper', 'ended-by-request', by],
      ['be-heard', cleo, 'barge', 'ended-by-request', by],
    ].toSorted((a, b) => order(world, a) - order(world, b)),
  )
})

/** The order within one moment is the matrix's. */
const order = (world: World, [could, who]: readonly unknown[]): number =>
  intervals(world).findIndex((i) => i.could === could && (i.other.extension ?? i.other.number) === who)

test('what is refused is in the audit with who, what and why not; what has nothing to do with supervision is not', () => {
  const world = talking()
  const { id: call } = theCall(world)
  world.ask({ kind: 'supervise', call, supervisor: { extension: '102' }, mode: 'barge' }, 0, sam)
  world.ask({ kind: 'supervise', call, supervisor: { extension: '999' }, mode: 'monitor' }, 0, sam)
  world.ask({ kind: 'dispose', call, disposition: 'Nonsense' }, 0, sam)
  world.run(100)
  const denied = { kind: 'supervision.denied', by, act: 'supervise', call } as const
  assert.deepEqual(factsOf(world, 'supervision.denied'), [
    { ...denied, code: 'mode-not-allowed', mode: 'barge', supervisor: 'extension 102' },
    { ...denied, code: 'endpoint-unknown', mode: 'monitor', supervisor: 'extension 999' },
  ])
})

test('each entry is chained to the one before, without gaps', () => {
  const world = talking()
  supervised(world)
  world.hangsUp(cleo)
  world.run(500)
  let last = genesis
  for (const entry of world.audit) {
    assert.deepEqual([entry.seq, entry.previous, entry.hash], [last.seq + 1, last.hash, hashOf(entry, systemHash.sha256)])
    last = entry
  }
  assert.ok(last.seq >= 6)
})

test('a call whose mixer died: nobody heard anybody after its end, and that is written down though nobody confirmed it', () => {
  const world = talking()
  supervised(world)
  world.engine.confirm = () => false
  world.hangsUp(cleo)
  world.run(1_000)
  const { endedAt } = theCall(world)
  assert.ok(endedAt)
  assert.deepEqual(intervals(world), [])
  world.run(10_000)
  assert.equal(intervals(world).length, 3)
  for (const { to, endRevision, reason } of intervals(world))
    assert.deepEqual([to, endRevision, reason], [endedAt, undefined, 'call-ended'])
  assert.equal(world.desk.records.deadline(), undefined)
})

test('what lasts is told while it lasts', () => {
  const world = talking()
  supervised(world)
  const open = world.desk.records.openIntervals(home)
  assert.deepEqual(open.map(({ could }) => could).toSorted(), ['be-heard', 'hear', 'hear'])
  world.hangsUp(cleo)
  world.run(500)
  assert.deepEqual(world.desk.records.openIntervals(home), [])
})

test('the record of a call is given at its end, and not before', () => {
  const world = talking()
  const { id, startedAt } = theCall(world)
  assert.equal(world.finished.get(id), undefined)
  world.hangsUp(cleo)
  world.run(100)
  assert.equal(world.finished.get(id)?.endReason, 'hangup')
  assert.deepEqual(world.desk.records.cdrs(home), [world.finished.get(id)])
  assert.ok((world.finished.get(id)?.endedAt ?? 0) < addMs(startedAt, 400))
})
