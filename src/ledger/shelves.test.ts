import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { silent } from '../kernel/log.ts'
import { addMs, type Instant, instant } from '../kernel/time.ts'
import { NodeLog } from './node-log.ts'

let folder = ''
let now: Instant = instant(1_800_000_000_000)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-shelves-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function opened(): NodeLog<string> {
  const node = new NodeLog<string>({ folder, clock: () => now, log: silent })
  node.begin({ state: () => [] })
  return node
}

async function reopened(node: NodeLog<string>): Promise<NodeLog<string>> {
  await node.close()
  return opened()
}

const kept = (node: NodeLog<string>, shelf: string) => [...node.memories<unknown>(shelf).load()]

test('what is put on a shelf is there after a restart until it lapses or is removed; the last put comes last', async () => {
  const first = opened()
  const tokens = first.memories<{ readonly who: string }>('tokens')
  tokens.put('a', { who: 'anna' }, addMs(now, 1_000))
  tokens.put('b', { who: 'bert' }, addMs(now, 9_000))
  tokens.put('c', { who: 'cleo' }, addMs(now, 9_000))
  tokens.put('b', { who: 'bo' }, addMs(now, 9_000))
  tokens.remove('c')
  first.memories<number>('others').put('a', 1, addMs(now, 9_000))
  await first.kept()
  const second = await reopened(first)
  assert.deepEqual(kept(second, 'tokens'), [
    ['a', { who: 'anna' }],
    ['b', { who: 'bo' }],
  ])
  assert.deepEqual(kept(second, 'others'), [['a', 1]])
  now = addMs(now, 2_000)
  const third = await reopened(await reopened(second))
  assert.deepEqual(kept(third, 'tokens'), [['b', { who: 'bo' }]])
  await third.close()
})

test('what the engine remembers is there after a restart, the newest of each key', async () => {
  const first = opened()
  first.engineMemory.remember([
    { key: 'leg 1', value: 'ringing' },
    { key: 'leg 2', value: 'ringing' },
  ])
  first.engineMemory.remember([
    { key: 'leg 1', value: 'connected' },
    { key: 'leg 2', gone: true },
  ])
  const second = await reopened(await reopened(first))
  assert.deepEqual(second.engineMemory.remembered, [{ key: 'leg 1', value: 'connected' }])
  await second.close()
})
