import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { aCall, aCustomer, accountA, accountB, anAgent, aSupervision, noon, supervised } from '../../testkit/desk.ts'
import { refusal } from '../call/refusal.ts'
import type { DeskCommand } from '../control/command.ts'
import { callId, partyId } from '../kernel/ids.ts'
import { fail, ok } from '../kernel/outcome.ts'
import { addMs } from '../kernel/time.ts'

let server: TestServer
before(async () => {
  server = await startApi()
})
after(() => server.close())
beforeEach(() => {
  server.desk.clear()
})

const asked = (): DeskCommand | undefined => server.desk.requests.at(-1)?.command

describe('a call as JSON', () => {
  test('has exactly the members of the contract', async () => {
    server.desk.put(
      supervised(aCall('c1', { group: '030', reference: 'r-1', application: 'app' }), aSupervision('s1', { mode: 'whisper' })),
    )
    const { json, headers } = await server.ask('GET /calls/c1', { key: keys.observer })
    assert.deepEqual(json, {
      id: 'c1',
      revision: 4,
      state: 'active',
      direction: 'inbound',
      ani: '+15550001111',
      dnis: '+18661234567',
      group: '030',
      startedAt: '2026-11-20T12:00:00.250Z',
      answeredAt: '2026-11-20T12:00:00.250Z',
      parties: [
        {
          id: 'p-c',
          role: 'customer',
          number: '+15550001111',
          name: 'Cleo Customer',
          state: 'talking',
          muted: false,
          joinedAt: '2026-11-20T12:00:00.250Z',
        },
        {
          id: 'p-a',
          role: 'agent',
          extension: '210',
          agent: 'agent-210',
          name: 'Paco Vu',
          state: 'talking',
          muted: false,
          joinedAt: '2026-11-20T12:00:00.250Z',
        },
        {
          id: 'p-s',
          role: 'supervisor',
          extension: '101',
          name: 'Sara Monitor',
          state: 'talking',
          muted: false,
          joinedAt: '2026-11-20T12:00:00.250Z',
        },
      ],
      supervisions: [
        {
          id: 's1',
          revision: 1,
          callId: 'c1',
          partyId: 'p-s',
          supervisor: { extension: '101', name: 'Sara Monitor' },
          mode: 'whisper',
          target: 'p-a',
          private: false,
          state: 'active',
          startedAt: '2026-11-20T12:00:00.250Z',
          activeAt: '2026-11-20T12:00:00.250Z',
        },
      ],
      recording: { state: 'off' },
      reference: 'r-1',
      application: 'app',
    })
    assert.equal(headers.get('etag'), '"4"')
  })

  for (const [state, changes, shown] of [
    ['offered', {}, 'ringing'],
    ['inviting', {}, 'ringing'],
    ['ringing', {}, 'ringing'],
    ['answering', {}, 'ringing'],
    ['connected', {}, 'talking'],
    ['connected', { held: true }, 'held'],
    ['connected', { phoneHeld: true }, 'held'],
    ['ended', {}, 'ended'],
  ] as const) {
    test(`a party that is ${state} ${JSON.stringify(changes)} is shown as ${shown}`, async () => {
      server.desk.put(aCall('c1', { parties: [aCustomer('p-c'), { ...anAgent('p-a', '210'), state, ...changes }] }))
      const { json } = await server.ask('GET /calls/c1', { key: keys.observer })
      assert.equal(json.parties[1].state, shown)
    })
  }

  test('an ended call says when and why', async () => {
    server.desk.put(aCall('c1', { endedAt: addMs(noon, 1000), endReason: 'hangup' }))
    const { json } = await server.ask('GET /calls/c1', { key: keys.observer })
    assert.deepEqual([json.state, json.endedAt, json.endReason], ['ended', '2026-11-20T12:00:01.250Z', 'hangup'])
  })
})

describe('the list of calls', () => {
  const ids = (json: { items: { id: string }[] }) => json.items.map(({ id }) => id)
  const many = (count: number) => Array.from({ length: count }, (_, i) => aCall(`c${i}`, { startedAt: addMs(noon, i) }))

  test('gives 50 calls by default, and the rest by cursor, each once', async () => {
    server.desk.put(...many(120))
    const seen: string[] = []
    let next: string | null = ''
    for (let pages = 0; next !== null; pages += 1) {
      const { json }: { json: { items: { id: string }[]; next: string | null } } = await server.ask(`GET /calls?cursor=${next}`, {
        key: keys.observer,
      })
      seen.push(...ids(json))
      next = json.next
      assert.ok(pages < 3)
    }
    assert.deepEqual(
      seen,
      many(120).map(({ id }) => id),
    )
  })

  test('leaves no call out when the last one of a page has ended meanwhile', async () => {
    server.desk.put(...many(4))
    const first = await server.ask('GET /calls?limit=2', { key: keys.observer })
    server.desk.drop(callId('c1'))
    const second = await server.ask(`GET /calls?limit=2&cursor=${first.json.next}`, { key: keys.observer })
    assert.deepEqual([ids(first.json), ids(second.json), second.json.next], [['c0', 'c1'], ['c2', 'c3'], null])
  })

  test('filters by agent, group, extension, state and reference, all of them together', async () => {
    const ringing = { ...anAgent('p-a', '106'), state: 'ringing' as const }
    server.desk.put(aCall('c1', { group: '030', reference: 'r' }), aCall('c2', { parties: [aCustomer('p-c'), ringing] }))
    for (const [query, found] of [
      ['agent=agent-210', ['c1']],
      ['agent=agent-106', ['c2']],
      ['group=030', ['c1']],
      ['extension=106', ['c2']],
      ['state=ringing', ['c2']],
      ['state=ended', []],
      ['reference=r', ['c1']],
      ['reference=r&state=ringing', []],
      ['group=&unknown=1', ['c1', 'c2']],
      ['group=030&group=999', ['c1']],
    ] as const) {
      const { json } = await server.ask(`GET /calls?${query}`, { key: keys.observer })
      assert.deepEqual(ids(json), found, query)
    }
  })

  for (const [query, parameter] of [
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['limit=x', 'limit'],
    ['state=sleeping', 'state'],
    ['cursor=%25', 'cursor'],
  ] as const) {
    test(`refuses ?${query} and names the parameter`, async () => {
      const { status, json } = await server.ask(`GET /calls?${query}`, { key: keys.observer })
      assert.deepEqual([status, json.code, json.parameter], [422, 'parameter-invalid', parameter])
    })
  }

  test('shows each call as it is now, and those that came', async () => {
    const list = async () =>
      (await server.ask('GET /calls', { key: keys.observer })).json.items.map(
        ({ id, revision }: { id: string; revision: number }) => `${id}@${revision}`,
      )
    server.desk.put(...many(2))
    assert.deepEqual(
      [await list(), await list()],
      [
        ['c0@3', 'c1@3'],
        ['c0@3', 'c1@3'],
      ],
    )
    server.desk.put(aCall('c1', { startedAt: addMs(noon, 1), revision: 4 }))
    assert.deepEqual(await list(), ['c0@3', 'c1@4'])
    server.desk.put(aCall('c2', { startedAt: addMs(noon, 2) }))
    assert.deepEqual(await list(), ['c0@3', 'c1@4', 'c2@3'])
  })

  test('says where it goes on as soon as there is more', async () => {
    server.desk.put(...many(2))
    const next = async () => (await server.ask('GET /calls?limit=2', { key: keys.observer })).json.next
    assert.equal(await next(), null)
    server.desk.put(aCall('c2', { startedAt: addMs(noon, 2) }))
    assert.equal(typeof (await next()), 'string')
  })

  test('has no call of another account', async () => {
    server.desk.put(aCall('theirs', { account: accountB }))
    const { json } = await server.ask('GET /calls', { key: keys.admin })
    assert.deepEqual(json, { items: [], next: null })
  })
})

describe('originating', () => {
  test('rings from, then to: 201 with the call and where it is', async () => {
    server.desk.answers(() => ok({ call: aCall('new') }))
    const body = {
      from: { agent: '1234' },
      to: { number: '+442072068888' },
      ringTimeoutMs: '20000',
      reference: 'r',
      application: 'a',
      presentedNumber: '08008888888',
    }
    const { status, headers, json } = await server.ask('POST /calls', { key: keys.supervisor, body })
    assert.deepEqual([status, headers.get('location'), headers.get('etag'), json.id], [201, '/sotto/v1/calls/new', '"3"', 'new'])
    assert.deepEqual(asked(), {
      kind: 'originate',
      from: { agent: '1234' },
      to: { number: '+442072068888' },
      ringTimeoutMs: 20_000,
      reference: 'r',
      application: 'a',
      presentedNumber: '08008888888',
    })
    const { credential, ...caller } = server.desk.requests[0]?.caller ?? {}
    assert.deepEqual(caller, { account: accountA, role: 'supervisor', user: '13', via: 'native' })
    assert.match(credential ?? '', /^[0-9a-f]{16}$/)
  })

  test('takes groups, and extensions written as numbers', async () => {
    server.desk.answers(() => ok({ call: aCall('new') }))
    await server.ask('POST /calls', { key: keys.admin, body: { from: { groups: ['030', 200] }, to: { extension: 210 } } })
    assert.deepEqual(asked(), { kind: 'originate', from: { groups: ['030', '200'] }, to: { extension: '210' } })
  })

  for (const [why, body, code, parameter] of [
    ['nothing at all', {}, 'parameter-missing', 'from'],
    ['no destination', { from: { agent: '1' } }, 'parameter-missing', 'to'],
    ['an empty origin', { from: {}, to: { agent: '1' } }, 'parameter-missing', 'from'],
    ['an empty name', { from: { agent: '' }, to: { agent: '1' } }, 'parameter-missing', 'from'],
    ['null', { from: null, to: { agent: '1' } }, 'parameter-missing', 'from'],
    ['two names', { from: { agent: '1', extension: '2' }, to: { agent: '1' } }, 'parameter-invalid', 'from'],
    ['a text as origin', { from: '210', to: { agent: '1' } }, 'parameter-invalid', 'from'],
    ['no group', { from: { groups: [] }, to: { agent: '1' } }, 'parameter-missing', 'from'],
    ['a line break in a number', { from: { agent: '1' }, to: { number: '1\r\nVia: x' } }, 'parameter-invalid', 'to'],
    ['too short a ring', { from: { agent: '1' }, to: { agent: '2' }, ringTimeoutMs: 999 }, 'parameter-invalid', 'ringTimeoutMs'],
    ['too long a ring', { from: { agent: '1' }, to: { agent: '2' }, ringTimeoutMs: 300_001 }, 'parameter-invalid', 'ringTimeoutMs'],
    ['the missing before the malformed', { from: '1', ringTimeoutMs: 1 }, 'parameter-missing', 'to'],
    ['a number too large to be an id', { from: { agent: 1e20 }, to: { agent: '2' } }, 'parameter-invalid', 'from'],
  ] as const) {
    test(`${why} is refused as ${code} of ${parameter}`, async () => {
      const { status, json } = await server.ask('POST /calls', { key: keys.admin, body })
      assert.deepEqual([status, json.code, json.parameter], [422, code, parameter])
      assert.equal(server.desk.requests.length, 0)
    })
  }

  for (const [consent, understood] of [
    [
      { from: 'one-party', to: 'two-party' },
      { from: 'one-party', to: 'two-party' },
    ],
    [
      { from: 'OneParty', to: 'Unknown' },
      { from: 'one-party', to: 'unknown' },
    ],
    [{ to: 'TwoParty' }, { to: 'two-party' }],
  ] as const) {
    test(`the consent ${JSON.stringify(consent)} reaches the desk`, async () => {
      const to = { number: '+442072068888' }
      await server.ask('POST /calls', { key: keys.admin, body: { from: { agent: '1' }, to, consent } })
      assert.deepEqual(asked(), { kind: 'originate', from: { agent: '1' }, to, consent: understood })
    })
  }

  test('a consent that nobody knows is refused, and never dropped silently', async () => {
    const body = { from: { agent: '1' }, to: { number: '+442072068888' } }
    const answers = [
      await server.ask('POST /calls', { key: keys.admin, body: { ...body, consent: { from: 'perhaps', to: 'unknown' } } }),
      await server.ask('POST /calls', { key: keys.admin, body: { ...body, consent: 'OneParty' } }),
    ]
    assert.deepEqual(
      answers.map(({ status, json }) => [status, json.code, json.parameter]),
      [
        [422, 'consent-invalid', undefined],
        [422, 'parameter-invalid', 'consent'],
      ],
    )
    assert.equal(server.desk.requests.length, 0)
  })

  test('what the desk refuses keeps its code, its parameter and its words', async () => {
    server.desk.answers(() => fail(refusal('number-invalid', { why: 'No number.' })))
    const { status, json } = await server.ask('POST /calls', { key: keys.admin, body: { from: { agent: '1' }, to: { number: 'x' } } })
    assert.deepEqual(
      [status, json.code, json.detail, json.status, json.type],
      [422, 'number-invalid', 'No number.', 422, 'urn:sotto:refusal:number-invalid'],
    )
  })
})

describe('changing a call', () => {
  const changed = aCall('c1', { revision: 9 })
  beforeEach(() => {
    server.desk.put(aCall('c1'))
    server.desk.answers(() => ok({ call: changed }))
  })

  const call = callId('c1')
  const party = partyId('p-a')
  for (const [line, body, status, command] of [
    ['DELETE /calls/c1', undefined, 200, { kind: 'end-call', call }],
    [
      'POST /calls/c1/transfer',
      { to: { group: '030' }, type: 'blind' },
      202,
      { kind: 'transfer', call, to: { group: '030' }, how: 'blind' },
    ],
    [
      'POST /calls/c1/transfer',
      { to: { extension: '211' }, type: 'attended', party: 'p-a' },
      202,
      { kind: 'transfer', call, to: { extension: '211' }, how: 'attended', party },
    ],
    ['POST /calls/c1/parties/p-a/hold', undefined, 200, { kind: 'hold', call, party }],
    ['POST /calls/c1/parties/p-a/unhold', undefined, 200, { kind: 'unhold', call, party }],
    ['POST /calls/c1/parties/p-a/mute', undefined, 200, { kind: 'mute', call, party }],
    ['POST /calls/c1/parties/p-a/unmute', undefined, 200, { kind: 'unmute', call, party }],
    ['DELETE /calls/c1/parties/p-a', undefined, 200, { kind: 'remove-party', call, party }],
  ] as const) {
    test(`${line} ${JSON.stringify(body) ?? ''}`, async () => {
      const answer = await server.ask(line, { key: keys.supervisor, body })
      assert.deepEqual([answer.status, answer.json.revision, answer.headers.get('etag')], [status, 9, '"9"'])
      assert.deepEqual(asked(), command)
    })
  }

  test('an empty body with a JSON content type is no body', async () => {
    const { status } = await server.ask('POST /calls/c1/parties/p-a/hold', {
      key: keys.admin,
      headers: { 'Content-Type': 'application/json' },
    })
    assert.equal(status, 200)
  })

  for (const [ifMatch, status] of [
    ['"3"', 200],
    ['3', 200],
    ['"1", "3"', 200],
    ['*', 200],
    ['"2"', 412],
    ['W/"3"', 412],
  ] as const) {
    test(`If-Match: ${ifMatch} at revision 3 answers ${status}`, async () => {
      const answer = await server.ask('POST /calls/c1/parties/p-a/mute', { key: keys.admin, headers: { 'If-Match': ifMatch } })
      assert.deepEqual([answer.status, server.desk.requests.length], [status, status === 200 ? 1 : 0])
    })
  }

  test('a transfer without a type is refused', async () => {
    const { json } = await server.ask('POST /calls/c1/transfer', { key: keys.admin, body: { to: { extension: '211' } } })
    assert.deepEqual([json.code, json.parameter], ['parameter-missing', 'type'])
  })
})

describe('hearing', () => {
  test('lists the pairs that the mixer confirmed, with the talker’s level', async () => {
    const [c, a] = [partyId('p-c'), partyId('p-a')]
    const confirmed = [
      { listener: c, talkers: [a] },
      { listener: a, talkers: [c] },
      { listener: partyId('p-x'), talkers: [], source: 'ringback' as const },
    ]
    server.desk.put(aCall('c1', { wiring: { revision: 3, applied: 2, appliedAt: noon, confirmed, sent: [] } }))
    server.desk.levelsNow = [{ party: a, levelDbov: -23.5, lastAudioAt: noon }]
    const { json } = await server.ask('GET /calls/c1/hearing', { key: keys.observer })
    assert.deepEqual(json, {
      callId: 'c1',
      revision: 3,
      appliedRevision: 2,
      appliedAt: '2026-11-20T12:00:00.250Z',
      pairs: [
        { listener: 'p-c', talker: 'p-a', hears: true, levelDbov: -23.5, lastAudioAt: '2026-11-20T12:00:00.250Z' },
        { listener: 'p-a', talker: 'p-c', hears: true, levelDbov: null, lastAudioAt: null },
      ],
    })
  })

  test('nobody hears anybody in a call that is over', async () => {
    const confirmed = [{ listener: partyId('p-c'), talkers: [partyId('p-a')] }]
    server.desk.put(aCall('c1', { endedAt: noon, wiring: { revision: 2, applied: 1, confirmed, sent: [] } }))
    const { json } = await server.ask('GET /calls/c1/hearing', { key: keys.observer })
    assert.deepEqual([json.pairs, json.revision, json.appliedRevision], [[], 2, 2], 'and that is certain')
    assert.equal(json.appliedAt, '2026-11-20T12:00:00.250Z')
  })
})
