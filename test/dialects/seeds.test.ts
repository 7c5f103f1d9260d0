/**
 * The vendors' own documents, replayed: each request as it is printed there, with the ids of calls that live here, and the printed answer held
 * against ours. What we say beyond a printed answer is the contract's business; what is printed must be there.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { calls, inScene, type Row, ringcxError, type Scene, types } from './acts.ts'
import { curls, refused } from './seeds-newvoicemedia.ts'
import { send } from './wire.ts'

const json = { 'Content-Type': 'application/json' } as const

/** Every member that the document prints has the printed value, and members of objects stand in the printed order. */
function assertPrinted(actual: unknown, printed: unknown, where = 'the answer'): void {
  if (Array.isArray(printed)) {
    assert.ok(
      Array.isArray(actual) && actual.length === printed.length,
      `${where} has ${printed.length} entries: ${JSON.stringify(actual)}`,
    )
    printed.forEach((entry, i) => {
      assertPrinted(actual[i], entry, `${where}[${i}]`)
    })
  } else if (typeof printed === 'object' && printed !== null) {
    assert.ok(typeof actual === 'object' && actual !== null, `${where} is an object`)
    const found = new Map(Object.entries(actual))
    const names = Object.keys(printed)
    assert.deepEqual(
      [...found.keys()].filter((name) => names.includes(name)),
      names,
      `${where}: members in the printed order`,
    )
    for (const [name, value] of Object.entries(printed)) assertPrinted(found.get(name), value, `${where}.${name}`)
  } else assert.deepEqual(actual, printed, where)
}

describe('4PSA VoipNow: whisper', () => {
  const broken = `{
  'action":"Whisper",
  "sendCallTo":"0003*024*,
  "private":0, 
  "callerId":"Whisper To Me <42420042>",
  "waitForPickup":"20",
  "phoneCallViewId":"01"
}
`

  test('the request with its broken quotes, and the list that follows with a second view', () =>
    inScene('voipnow', async ({ ask, names, exchange, call }) => {
      const put = await ask({ ask: 'PUT /uapi/phoneCalls/12/0003*210/$call', body: broken })
      assert.equal(put.status, 202)
      const self = `https://sotto.test/uapi/phoneCalls/12/0003*210/${names.call}`
      assertPrinted(put.json, { id: names.call, extension: '0003*210', link: { self } })
      exchange.advance(3_000)
      exchange.answers('024')
      assert.deepEqual(exchange.hearing(call), { '024': ['210', '6501234567'], '210': ['024', '6501234567'], '6501234567': ['210'] })
      const { json: listed } = await ask({ ask: `GET ${new URL(put.json.link.self).pathname}` })
      assertPrinted(listed, {
        id: names.call,
        extension: '0003*210',
        ownerId: '3',
        ownerName: 'Default Organization',
        answered: '2026-11-20T14:00:02+02:00',
        published: '2026-11-20T14:00:00+02:00',
        phoneCallView: [
          {
            id: '01',
            extension: '0003*210',
            answered: '2026-11-20T14:00:02+02:00',
            status: '5',
            callerId: 'John Doe <6501234567>',
            source: ['6501234567'],
            destination: ['0003*210'],
          },
          {
            id: '02',
            extension: '0003*210',
            answered: '2026-11-20T14:00:05+02:00',
            status: '5',
            callerId: 'Whisper To Me <42420042>',
            source: ['0003*024'],
            destination: ['0003*210'],
          },
        ],
      })
    }))

  test('the call id of the printed request is no call of ours', () =>
    inScene('voipnow', async ({ ask }) => {
      const { status, json: answer } = await ask({ ask: 'PUT /uapi/phoneCalls/12/0003*210/444444', body: broken })
      assert.deepEqual([status, answer.error.code], [400, 'pc_honecall_invalid'])
    }))

  test('nobody picks up: only the call to the supervisor is cancelled', () =>
    inScene('voipnow', async ({ ask, exchange, call }) => {
      await ask({ ask: 'PUT /uapi/phoneCalls/12/0003*210/$call', body: broken })
      const leg = exchange.leg('024')
      exchange.advance(19_900)
      assert.equal(leg.phase, 'ringing')
      exchange.advance(200)
      assert.equal(leg.phase, 'over')
      assert.equal(exchange.call(call).endedAt, undefined)
    }))
})

describe('OpenVox UC: whisper', () => {
  const whispered = ({ exchange, call }: Scene) => {
    assert.equal(exchange.leg('101').autoAnswer, true)
    exchange.answers('101')
    assert.deepEqual(exchange.hearing(call), { '101': ['106', '5503301'], '106': ['101', '5503301'], '5503301': ['106'] })
  }
  const spelt = ['Access-control-allow-origin', 'Access-control-allow-methods']

  const samples = {
    JSON: {
      headers: { 'Content-Type': 'application/json; charset=utf-8', Host: '172.16.6.150' },
      body: '{\n"whisperer": "101",\n"whisperedext": "106"\n}\n',
      says: '{\n"status": "Success"\n}',
    },
    XML: {
      headers: { 'Content-Type': 'application/xml; charset=utf-8', Host: '172.16.6.150' },
      body: '<?xml version="1.0" encoding="UTF-8" ?>\n<xml>\n<whisperer>101</whisperer>\n<whisperedext>106</whisperedext>\n</xml>\n',
      says: '<?xml version="1.0" encoding="UTF-8" ?>\n<xml>\n<status>Success</status>\n</xml>',
    },
  } as const

  for (const [format, { headers, body, says }] of Object.entries(samples)) {
    test(`the request in ${format}, by both paths`, () =>
      inScene('yeastar', async (scene) => {
        const { exchange } = scene
        for (const version of ['v1.1.0', 'v0.0.1']) {
          const call = exchange.callsIn('+18661234568', { number: '5503301' })
          exchange.answers('106')
          const line = `POST /api/${version}/extension/whisper?token=$token&type=${format.toLowerCase()}`
          const reply = await scene.ask({ ask: line, headers, body })
          assert.equal(reply.status, 200)
          // White space between the elements means nothing; ours has none.
          assert.equal(reply.text.replaceAll(/\s/g, ''), says.replaceAll(/\s/g, ''))
          assert.equal(reply.headers['access-control-allow-origin'], '*')
          assert.equal(reply.headers['access-control-allow-methods'], 'GET, POST, OPTIONS, PUT, DELETE')
          whispered({ ...scene, call })
          exchange.hangsUp('5503301')
        }
      }))
  }

  test('header names are spelt as printed', () =>
    inScene('yeastar', async ({ exchange }) => {
      const { rawHeaders } = await send(exchange.url, { method: 'POST', target: '/api/v0.0.1/extension/whisper?type=json' })
      assert.deepEqual(
        spelt.filter((name) => !rawHeaders.includes(name)),
        [],
      )
    }))
})

describe('RingCX: active calls', () => {
  test('the list, and its one row', () =>
    inScene(
      'ringcx',
      async (scene) => {
        const { exchange, ask } = scene
        exchange.hangsUp('6501234567')
        exchange.advance(60_000)
        // As the document has it: an agent is named, but has not answered, and there is no queue.
        exchange.callsIn('+18661234567', { number: '6501234567' })
        const { json: rows } = await ask({ ask: `GET ${calls}/list?product=ACCOUNT&productId=12440011` })
        assert.match(rows[0].uii, /^20261120140102[0-9]{16}$/)
        const { uii } = rows[0]
        const row = { uii, accountId: '12440011', ani: '6501234567', dnis: '8661234567', enqueueTime: '2026-11-20T12:01:02.250+0000' }
        const waits = { dequeueTime: null, callState: 'ACTIVE', archive: false, agentFirstName: 'Paco', agentLastName: 'Vu' }
        assertPrinted(rows, [{ ...row, ...waits, destinationName: null, externalId: null, cnam: null }])
        assert.equal((await ask({ ask: `GET ${calls}/list?product=ACCOUNT&productId=12440001` })).text, '[]')
      },
      ({ accounts: [account] }) => {
        account.numbers[0].routeTo = { extension: '210' }
      },
    ))

  test('a supervisor is added with a raw plus, and removed; the call is recorded and ended', () =>
    inScene('ringcx', async ({ ask, exchange, call }) => {
      const yes = async (line: string) =>
        assert.deepEqual((await ask({ ask: `POST ${calls}/$call/${line}`, headers: json })).text, 'true', line)
      await yes('addSessionToCall?destination=+15554150123&sessionType=MONITOR')
      exchange.answers('101')
      assert.deepEqual(exchange.hearing(call), { '101': ['210', '6501234567'], '210': ['6501234567'], '6501234567': ['210'] })
      await yes('toggleCallRecording?record=true')
      assert.equal(exchange.call(call).recording.state, 'on')
      await yes('hangupSession?phone=+15554150123')
      assert.deepEqual(exchange.hearing(call), { '210': ['6501234567'], '6501234567': ['210'] })
      await yes('hangupCall')
      assert.ok(exchange.call(call).endedAt !== undefined)
    }))

  test('a manual call, as printed', () =>
    inScene(
      'ringcx',
      async ({ ask, exchange }) => {
        const order = 'username=some.name%40abc.com&destination=6501234567&ringDuration=5&callerId=1234567890'
        assert.equal((await ask({ ask: `POST ${calls}/createManualAgentCall?${order}`, headers: json })).text, 'true')
        assert.equal(exchange.leg('211').phase, 'ringing')
      },
      ({ accounts: [account] }) => {
        account.agents[1].username = 'some.name@abc.com'
      },
    ))

  test('the disposition whose body is no JSON and names no disposition', () =>
    inScene('ringcx', async ({ expect }) => {
      const uri = '/api/v1/admin/accounts/12440011/activeCalls/$call/dispositionCall - POST'
      const error = ringcxError('validation.exception', 'The supplied data is not valid', '', uri).replace(/\}$/, '')
      await expect({
        ask: `POST ${calls}/$call/dispositionCall`,
        headers: json,
        body: '{\nphone: "6501234567"\n}\n',
        status: 400,
        type: types.ringcx,
        says: `${error},"validationErrors":[{"attributeName":"disposition","message":"required","value":null}]}`,
      })
      await expect({
        ask: `POST ${calls}/$call/dispositionCall?disposition=Sale`,
        headers: json,
        body: '{\nphone: "6501234567"\n}\n',
        status: 200,
        type: 'text/plain',
        says: 'true',
      })
    }))
})

describe('NewVoiceMedia: calls', () => {
  for (const [title, body, type, from, to, rest = {}] of curls) {
    test(title, () =>
      inScene('newvoicemedia', async ({ ask, exchange }) => {
        exchange.hangsUp('6501234567')
        const reply = await ask({ ask: 'POST /v0/a1b2c3d4e5/calls/', headers: { 'Content-Type': type }, body })
        assert.equal(reply.status, 201, reply.text)
        const { id } = reply.json
        assert.equal(reply.headers.location, `https://sotto.test/v0/a1b2c3d4e5/calls/${id}`)
        const links = [{ href: `https://sotto.test/V0/a1b2c3d4e5/Calls/${id}`, rel: '_self' }]
        assert.equal(reply.text, JSON.stringify({ id, links, from, to, ...rest }))
      }),
    )
  }

  test('a content type that is none', () =>
    inScene('newvoicemedia', async ({ expect }) => {
      await expect({
        ask: 'POST /v0/a1b2c3d4e5/calls/',
        headers: { 'Content-Type': 'multipart/form-data' },
        body: '--x--',
        status: 415,
        type: types.newvoicemedia,
        says: `{"message":"The requested resource does not support content type 'multipart/form-data'."}`,
      })
    }))

  for (const [body, message] of Object.entries(refused)) {
    test(message, () =>
      inScene('newvoicemedia', async ({ ask }) => {
        const reply = await ask({ ask: 'POST /v0/a1b2c3d4e5/calls/', headers: json, body })
        assert.deepEqual([reply.status, reply.text], [400, JSON.stringify({ message })])
      }),
    )
  }
})

describe('Smartflo: call operations', () => {
  const started = '{"success":true,"message":"Call transfer started"}'
  const order = (intercom: string): Row => ({
    ask: 'POST /v1/call/options',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: `{\n  "type": "4",\n  "call_id": "$call",\n  "intercom": "${intercom}"\n}\n`,
    status: 200,
    type: types.smartflo,
    says: started,
  })
  /** The digits that the document masks are ours. */
  const transfers = { "the agent's mobile": '919612349832', 'a softphone': '0502842370097', 'a department': '820' } as const
  const reached = { "the agent's mobile": /9612349832$/, 'a softphone': /^101$/, 'a department': /^106$/ } as const

  for (const [to, intercom] of Object.entries(transfers)) {
    test(`a transfer to ${to}`, () =>
      inScene('smartflo', async ({ expect, exchange, call }) => {
        await expect(order(intercom))
        const ringing = [...exchange.engine.legs.values()].find(({ phase }) => phase === 'ringing')?.address ?? 'nobody'
        assert.match(ringing, reached[to as keyof typeof reached])
        assert.deepEqual(exchange.hearing(call), { '210': ['6501234567'], '6501234567': ['210'] }, 'the agent stays until he answers')
        exchange.answers(ringing)
        assert.deepEqual(exchange.hearing(call), { [ringing]: ['6501234567'], '6501234567': [ringing] })
      }))
  }

  test('the sample without body and token', () =>
    inScene('smartflo', async ({ ask }) => {
      const headers = { accept: 'application/json', 'content-type': 'application/json', Authorization: '' }
      const { status, text } = await ask({ ask: 'POST /v1/call/options', headers })
      assert.deepEqual([status, text], [401, '{"success":false,"message":"Unauthorized"}'])
    }))
})
