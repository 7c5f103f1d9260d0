/** Erasure that is interrupted anywhere is whole when it is asked for again. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { RecordingFolder } from '../../testkit/recording-shelf.ts'
import { acme, cdr, event, Heard, openIn, partiesOf, temporaryFolder } from '../../testkit/stores.ts'
import { type AuditEntry, genesis, linked } from '../audit/chain.ts'
import { ArchiveUnavailable } from '../audit/ports.ts'
import type { Caller } from '../control/command.ts'
import { callId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { addMs, instant } from '../kernel/time.ts'
import type { Answer, Ask, QuestionName } from '../store/questions.ts'
import { systemHash } from './hash.ts'
import { PersonEraser } from './person-eraser.ts'
import { RecordingCatalog } from './recording-catalog.ts'
import { StoreArchive } from './store-archive.ts'
import { StoreWriter } from './store-writer.ts'

/** More than a page of rows lies between what was his, so that it may end there. */
const later = limits.storePageRows + 10

const his = '447700900123'
const noon = instant(1_800_000_000_000)
const caller: Caller = { account: acme, role: 'admin', credential: 'key 1' } as Caller

/** One call of his that was recorded, with a key that he pressed, and one of somebody else; `mayGo` lets a step through or not. */
async function world(mayGo: () => boolean) {
  const folder = temporaryFolder()
  const store = await openIn(folder.path)
  const files = new RecordingFolder()
  const recordings = new RecordingCatalog(files.root)
  for (const call of ['c1', 'c2']) files.file(acme, { id: `${call}-1`, call, startedAt: noon })
  await store.write([
    event(1, { call: callId('c1'), seq: 1, at: noon, type: 'party.joined', body: { party: 'p1', number: `+${his}`, name: 'Somebody' } }),
    ...Array.from({ length: later }, (_, n) => event(n + 10, { call: callId('c3'), at: noon })),
    event(later + 20, { call: callId('c1'), seq: 2, at: noon, type: 'party.dtmf', body: { party: 'p1', digit: '7' } }),
    event(3, { call: callId('c2'), seq: 1, at: noon, type: 'party.dtmf', body: { party: 'p1', digit: '8' } }),
    cdr('c1', {
      startedAt: noon,
      ani: `+${his}`,
      disposition: { code: 'x', notes: 'his words', at: noon } as never,
      parties: partiesOf('210', `+${his}`),
    }),
    cdr('c2', {
      startedAt: addMs(noon, 5),
      ani: '+447700900999',
      disposition: { code: 'x', notes: 'other words', at: noon } as never,
      parties: partiesOf('210', '+447700900999'),
    }),
  ])
  const writer = new StoreWriter(store, new Heard())
  const archive = new StoreArchive({ store, writer, log: new Heard() })
  let last: AuditEntry | undefined
  const note = (account: typeof acme, fact: AuditEntry['fact']) => {
    last = linked(last ?? genesis, { account, at: noon, fact }, systemHash.sha256)
    archive.keepEntry(last)
  }
  const step = () => {
    if (!mayGo()) throw new ArchiveUnavailable('away')
  }
  const asked = async <Q extends QuestionName>(name: Q, ask: Ask<Q>): Promise<Answer<Q>> => {
    step()
    const answer = await store.ask(name, ask)
    assert.ok(answer.ok)
    return answer.value
  }
  const nobody = { webhooks: () => [], deadLetters: () => [], burn: () => {} }
  const desk = { calls: () => [], endedCalls: () => [], past: { note, erase: () => {} } }
  const expunge: RecordingCatalog['expunge'] = async (...of) => {
    step()
    return await recordings.expunge(...of)
  }
  const shelf = { list: recordings.list.bind(recordings), expunge }
  const eraser = new PersonEraser({ desk, ask: asked, archive, outlet: nobody, recordings: shelf })
  const left = async () => {
    const cdrs = await store.ask('cdrs', { account: acme, limit: 9 })
    const events = await store.ask('eventsAfter', { account: acme, cursor: 0, limit: 9 })
    const last = await store.ask('eventsAfter', { account: acme, cursor: later + 9, limit: 9 })
    return JSON.stringify([cdrs, events, last, readdirSync(join(files.root, acme, '2027-01-15'))])
  }
  const close = async () => {
    await store.close()
    files.close()
    folder.remove()
  }
  return { eraser, recordings, left, close }
}

const marks = [his, 'Somebody', 'his words', '"digit":"7"', 'c1-1']
const others = ['447700900999', 'other words', '"digit":"8"', 'c2-1']

const steps = 11

describe('what it needs is away', () => {
  for (let before = 0; before < steps; before += 1)
    test(`before step ${before}: asked for again, everything of his goes, and nothing else`, async () => {
      let taken = 0
      let isFaulty = true
      const { eraser, left, close } = await world(() => !isFaulty || taken++ < before)
      after(close)
      const first = await eraser.erase(caller, { numbers: [his] }, false).catch((error: unknown) => error)
      assert.equal(first instanceof ArchiveUnavailable, taken > before, String(first))
      isFaulty = false
      await eraser.erase(caller, { numbers: [his] }, false)
      const text = await left()
      assert.deepEqual(
        [marks, others].map((some) => some.filter((mark) => text.includes(mark))),
        [[], others],
      )
    })
})

test('a held recording goes with its hold, also one that is held once more meanwhile, and no other', async () => {
  const { eraser, recordings, left, close } = await world(() => true)
  after(close)
  for (const id of ['c1-1', 'c2-1']) await recordings.hold(acme, id, true)
  assert.deepEqual((await eraser.erase(caller, { numbers: [his] }, false)).held, ['c1-1'])
  await recordings.hold(acme, 'c1-1', true)
  assert.ok((await left()).includes('c1-1-mix.wav'))
  for (const id of ['c1-1', 'c2-1']) assert.equal((await recordings.hold(acme, id, false))?.legalHold, false)
  assert.deepEqual([await recordings.one(acme, 'c1-1'), (await recordings.one(acme, 'c2-1'))?.id], [undefined, 'c2-1'])
  assert.equal((await left()).includes('c1-1'), false)
})
