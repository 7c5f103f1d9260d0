/** History is found by who was in a call, its group, and words; and so are recordings and the audit. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { aCall, aCustomer, accountA, anAgent, noon } from '../../testkit/desk.ts'
import { RecordingFolder } from '../../testkit/recording-shelf.ts'
import { type AuditEntry, genesis, linked } from '../audit/chain.ts'
import { type Cdr, emptyCdr } from '../call/cdr.ts'
import { systemHash } from '../edge/hash.ts'
import { callId, partyId, supervisionId } from '../kernel/ids.ts'
import { addMs } from '../kernel/time.ts'

let server: TestServer
let folder: RecordingFolder

const record = (id: string, more: Partial<Cdr> = {}): Cdr => {
  const parties = [aCustomer('p-c'), anAgent('p-a', id === 'c2' ? '211' : '210')]
  return {
    ...emptyCdr(callId(id), accountA),
    ...{ ani: '+15550001111', dnis: '+18661234567', startedAt: addMs(noon, Number(id.slice(1)) * 1_000) },
    parties: parties.map((party) => ({ id: party.id, role: party.role, endpoint: party.endpoint, joinedAt: noon, onHold: false })),
    ...more,
  }
}

before(async () => {
  folder = new RecordingFolder()
  server = await startApi({ recordings: folder.root })
  server.history.keepCdr(record('c1', { group: '030', disposition: { name: 'Sale', notes: 'Wants the BLUE one', at: noon } }))
  server.history.keepCdr(record('c2', { group: '031', ani: '+442071838750' }))
  server.history.keepCdr(record('c3', { group: '030' }))
  // One that is not over: its record is on the desk.
  server.desk.put(aCall('c4', { group: '030' }))
  let last: AuditEntry | undefined
  for (const [n, id] of ['c1', 'c2', 'c3', 'c4'].entries()) {
    folder.file(accountA, { id: `${id}-1`, call: id, startedAt: addMs(noon, n * 1_000) })
    const supervisor = { party: partyId('s'), role: 'supervisor', extension: '101' } as const
    const about = {
      call: callId(id),
      supervision: supervisionId('s'),
      supervisor,
      mode: 'monitor',
      target: partyId('p-a'),
      private: false,
    } as const
    const fact = { kind: 'supervision.active', ...about } as const
    last = linked(last ?? genesis, { account: accountA, at: addMs(noon, n), fact }, systemHash.sha256)
    server.history.keepEntry(last)
  }
})
after(async () => {
  await server.close()
  folder.close()
})

interface Found {
  readonly id?: string
  readonly callId?: string
}

const find = async (line: string) => {
  const { json } = await server.ask(`GET ${line}`, { key: keys.admin })
  return json.items.map(({ callId, id }: Found) => callId ?? id).toSorted()
}

describe('records of calls, recordings and the audit', () => {
  for (const [query, records, live] of [
    ['group=030', ['c1', 'c3'], ['c4']],
    ['group=031', ['c2'], []],
    ['group=999', [], []],
    ['text=blue', ['c1'], []],
    ['text=SALE', ['c1'], []],
    ['text=cleo', ['c1', 'c2', 'c3'], ['c4']],
    ['text=71838', ['c2'], []],
    ['text=c3', ['c3'], []],
    ['text=nowhere', [], []],
    ['agent=agent-211', ['c2'], []],
    ['number=%2B442071838750', ['c2'], []],
    ['number=211', ['c2'], []],
    ['group=030&agent=agent-210&text=blue', ['c1'], []],
  ] as const)
    test(`by ${query}`, async () => {
      assert.deepEqual(await find(`/cdrs?${query}`), records)
      assert.deepEqual(await find(`/recordings?${query}`), [...records, ...live])
      assert.deepEqual(await find(`/audit?${query}`), [...records, ...live])
    })

  test('page after page, to the end', async () => {
    const seen: string[] = []
    let next: string | null = ''
    for (let pages = 0; next !== null && pages < 10; pages += 1) {
      const { json } = await server.ask(`GET /recordings?group=030&limit=1${next === '' ? '' : `&cursor=${next}`}`, { key: keys.admin })
      seen.push(...json.items.map(({ callId }: Found) => callId))
      next = json.next
    }
    assert.deepEqual(seen, ['c4', 'c3', 'c1'])
  })
})
