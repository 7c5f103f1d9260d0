/**
 * `node store-writer.ts FOLDER EVENTS`: writes events one after the other into a store. Prints the cursor of each as soon as it is answered, and at
 * the end how the store was. For tests that limit or kill the process.
 */
import { writeSync } from 'node:fs'
import { instant } from '../src/kernel/time.ts'
import { openStore } from '../src/store/store.ts'
import { event, Heard } from './stores.ts'

const [folder = '', count = '0'] = process.argv.slice(2)
const states: string[] = []
const store = openStore({ file: `${folder}/sotto.db`, log: new Heard(), clock: () => instant(Date.now()) })
await store.opened

const writes: Promise<unknown>[] = []
for (let cursor = 1; cursor <= Number(count); cursor++) {
  const writing = store.write([event(cursor, { body: 'x'.repeat(1_000) })]).then(({ ok }) => ok && say(`${cursor}\n`))
  writes.push(writing)
  if (cursor % 20 === 0) await Promise.race([writing, new Promise((resolve) => setTimeout(resolve, 20))])
  const { state } = store.health()
  if (states.at(-1) !== state) states.push(state)
}
await store.close()
await Promise.all(writes)
say(`was ${states.join(' ')}\n`)

/** At once, so that a kill takes nothing back; a reader who is behind is waited for. */
function say(text: string): void {
  const bytes = Buffer.from(text)
  for (let sent = 0; sent < bytes.length; ) sent += written(bytes.subarray(sent))
}

function written(bytes: Uint8Array): number {
  try {
    return writeSync(1, bytes)
  } catch (fault) {
    if (!(fault instanceof Error) || !('code' in fault) || fault.code !== 'EAGAIN') throw fault
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    return 0
  }
}
