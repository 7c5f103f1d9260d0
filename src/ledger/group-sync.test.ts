import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import { limits } from '../kernel/limits.ts'
import { GroupSync } from './group-sync.ts'
import type { SegmentFile } from './segment-file.ts'

/** A disk that takes as long as the test wants. */
function slowDisk() {
  const said: string[] = []
  const waiting: ((error: Error | null) => void)[] = []
  const state = { written: 0 }
  const file: Pick<SegmentFile, 'sync'> = { sync: (done) => void waiting.push(done) }
  const sync = new GroupSync({
    unsafe: () => ({ files: [file as SegmentFile], sequence: state.written }),
    synced: (_, sequence) => said.push(`safe ${sequence}`),
    failed: (error) => said.push(error.message),
    slow: (isSlow) => said.push(isSlow ? 'slow' : 'well'),
  })
  const write = () => {
    state.written += 1
    sync.want()
  }
  return { said, waiting, write }
}

test('what is written while a group is on its way goes with the next one', async () => {
  const { said, waiting, write } = slowDisk()
  write()
  write()
  await turn()
  write()
  write()
  assert.equal(waiting.length, 1)
  waiting.shift()?.(null)
  await turn()
  assert.deepEqual([said, waiting.length], [['safe 2'], 1])
  waiting.shift()?.(null)
  await turn()
  assert.deepEqual([said, waiting.length], [['safe 2', 'safe 4'], 0])
})

test('a disk that takes longer than a second is told, and told again when it is back', async () => {
  const { said, waiting, write } = slowDisk()
  write()
  await pause(limits.ledgerSyncMs + 100)
  assert.deepEqual(said, ['slow'])
  waiting.shift()?.(null)
  assert.deepEqual(said, ['slow', 'well', 'safe 1'])
})

test('a disk that refuses is told with its reason', async () => {
  const { said, waiting, write } = slowDisk()
  write()
  await turn()
  waiting.shift()?.(new Error('EIO'))
  assert.deepEqual(said, ['EIO'])
})
