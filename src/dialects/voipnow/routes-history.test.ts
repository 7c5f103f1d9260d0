/** Call history (contract voipnow, section 9), on the wire. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { VoipnowOffice } from '../../../testkit/voipnow-office.ts'
import type { Call } from '../../call/call.ts'
import { hexId } from '../call-ids.ts'

let office: VoipnowOffice
let answered: Call
let missed: Call
let own: Call
before(async () => {
  office = await VoipnowOffice.open()
  answered = office.talks()
  office.exchange.advance(61_000)
  office.exchange.hangsUp('7778888')
  missed = office.rings('106', '7778889')
  office.exchange.advance(1_000)
  office.exchange.hangsUp('7778889')
  own = office.exchange.dials('211', '+442079460000')
  office.exchange.advance(1_000)
  office.exchange.declines('+442079460000')
})
after(() => office.close())

const list = async (query = '', app = 'app-12') => (await office.ask(`GET /uapi/cdr${query}`, undefined, { app })).json
const ids = async (query = '', app = 'app-12') => Object.keys((await list(query, app)).entry)

test('an object by record id, with all that is known', async () => {
  const { entry, ...paging } = await list()
  assert.deepEqual(paging, { startIndex: 0, itemsPerPage: 20, totalResults: 3 })
  assert.deepEqual(entry[hexId(answered)], {
    ...{ id: hexId(answered), source: '7778888', destination: '0003*210', callerId: 'John Doe <3334444>' },
    ...{ published: '2026-11-20T14:00:00+02:00', answered: '2026-11-20T14:00:05+02:00', duration: '61', flow: '8', disposition: '0' },
  })
  const unanswered = entry[hexId(missed)]
  assert.deepEqual([unanswered.answered, unanswered.duration, unanswered.disposition], [undefined, '0', '3'])
  const outgoing = entry[hexId(own)]
  assert.deepEqual([outgoing.source, outgoing.destination, outgoing.flow, outgoing.disposition], ['0003*211', '+442079460000', '4', '1'])
})

test('questions', async () => {
  const [a, m, o] = [answered, missed, own].map(hexId)
  for (const [query, expected] of [
    ['?count=1', [a]],
    ['?startIndex=2', [o]],
    ['?sortOrder=desc&count=1', [o]],
    ['?source=7778889', [m]],
    ['?source=+7778889', [m]],
    ['?destination=0003*210', [a]],
    ['?disposition=3', [m]],
    ['?flow=4', [o]],
    ['?startDate=2026-11-20T14:01:00%2B02:00', [m, o]],
    ['?endDate=2026-11-20T14:00:00+02:00', [a]],
    ['?startDate=2026-12-01', []],
    ['?saveStartDate=2026-11-20T14:01:07', [m, o]],
    ['?filterBy=source&filterValue=7778888', [a]],
    ['?filterBy=answered&filterOp=present', [a]],
    ['/3', [a, m, o]],
    ['/12', [a, m]],
    ['/@me', [a, m]],
  ] as const)
    assert.deepEqual(await ids(query), expected, query)
  assert.deepEqual(Object.keys((await list('?fields=id,flow')).entry[a ?? '']), ['id', 'flow'])
})

test('an agent’s app is told of his own calls', async () => {
  assert.deepEqual(await ids('', 'app-14'), [hexId(own)])
  assert.deepEqual(await ids('/@me', 'app-14'), [hexId(own)])
  for (const owner of ['3', '12']) assert.equal((await office.ask(`GET /uapi/cdr/${owner}`, undefined, { app: 'app-14' })).status, 403)
})

test('another organization’s app finds nothing', async () => assert.deepEqual(await ids('', 'app-21'), []))

for (const [query, says] of [
  ['?startDate=yesterday', 'cdr_startdate_invalid'],
  ['?endDate=', 'cdr_enddate_invalid'],
  ['?disposition=6', 'cdr_disposition_invalid'],
  ['?flow=1', 'cdr_flow_invalid'],
  ['?count=0', 'cdr_count_invalid'],
  ['?filterBy=id', 'cdr_filterby_invalid'],
  ['/99', 'user_invalid'],
] as const) {
  test(`refused: ${query}`, async () => {
    const reply = await office.ask(`GET /uapi/cdr${query}`)
    assert.deepEqual([reply.status, reply.json.error.code], [400, says])
  })
}
