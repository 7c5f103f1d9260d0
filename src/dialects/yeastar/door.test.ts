import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { YeastarBench } from '../../../testkit/yeastar-bench.ts'

let bench: YeastarBench
before(async () => {
  bench = await YeastarBench.open({
    change: (configuration) => {
      configuration.dialects = { yeastar: { hosts: ['pbx.test'], prefix: '/pbx' } }
    },
  })
})
beforeEach(() => bench.reset(['101', '106', '210', '211', '212']))
after(() => bench.close())

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly requestBody?: object; readonly tags: readonly string[] }>>>>
}

const documentOf = async (): Promise<Document> => (await bench.exchange.ask('GET /openapi/yeastar.json')).json

/** Whatever a field may be filled with. */
const oddities: readonly string[] = [
  ...['""', '" "', '"x"', '"all"', '"__proto__"', '"1,2,,3"', '"9999999999.1"', '"+"', '"\\u0000"', `"${'9'.repeat(500)}"`],
  ...[
    '0',
    '-1',
    '1e400',
    '1526884410.12',
    '12345678901234567890',
    'true',
    'null',
    '[]',
    '["106"]',
    '{}',
    '{"a":{"b":1}}',
    '"106"',
    '"101"',
  ],
]

const fieldNames = [
  ...[
    'extid',
    'inboundid',
    'outboundid',
    'callid',
    'channelid',
    'caller',
    'callee',
    'outto',
    'number',
    'fromext',
    'transferor',
    'transferto',
  ],
  ...[
    'listener',
    'listenedext',
    'whisperer',
    'whisperedext',
    'bargein',
    'bargedext',
    'monitor',
    'extension',
    'type',
    'autoanswer',
    'queueid',
  ],
  ...[
    'ringgroupid',
    'ivrid',
    'recording',
    'username',
    'password',
    'port',
    'url',
    'urltag',
    'version',
    'ipaddr',
    'ringtimeout',
    'monitormode',
  ],
]

/** Section 3 of the contract. */
const must = [
  ...['login', 'heartbeat', 'logout', 'extension/whisper', 'extension/listen', 'extension/barge', 'extensionlist/query', 'extension/query'],
  ...['inbound/query', 'outbound/query', 'extension/hangup', 'inbound/hangup', 'outbound/hangup'],
]
const should = [
  ...['extension/update', 'extension/dial_extension', 'extension/dial_outbound', 'outbound/dial_outbound', 'queue/dial_outbound'],
  ...[
    'ringgroup/dial_outbound',
    'extension/hold',
    'extension/unhold',
    'extension/mute',
    'extension/unmute',
    'inbound/accept',
    'inbound/refuse',
  ],
  ...['extension', 'outbound', 'number', 'ivr'].flatMap((to) => [`inbound/transfer_${to}`, `outbound/transfer_${to}`]),
  ...[
    'inbound/transfer_queue',
    'inbound/transfer_ringgroup',
    'calltransfer',
    'recording/get_random',
    'recording/download',
    'deviceinfo/query',
  ],
]
const shouldOfV2 = [
  ...['login', 'heartbeat', 'logout', 'extension/list', 'extension/query', 'extension/query_call', 'call/listen', 'call/dial', 'call/hold'],
  ...['call/transfer', 'call/attended_transfer', 'call/hangup', 'call/accept_inbound', 'call/refuse_inbound', 'deviceinfo/query'],
]
const later = [
  ...[
    'trunklist/query',
    'apply',
    'ivr/dial_extension',
    'ivr/dial_outbound',
    'extension/playprompt',
    'outbound/playprompt',
    'token/refresh',
  ],
]

describe('the whole surface', () => {
  test('is documented, and every endpoint of the contract is there', async () => {
    const { paths } = await documentOf()
    const of = (tier: string) => Object.keys(paths).filter((path) => Object.values(paths[path] ?? {}).some(({ tags }) => tags[0] === tier))
    assert.deepEqual(of('must').toSorted(), must.map((path) => `/api/v1.1.0/${path}`).toSorted())
    assert.deepEqual(
      of('should').toSorted(),
      [...should.map((path) => `/api/v1.1.0/${path}`), ...shouldOfV2.map((path) => `/api/v2.0.0/${path}`)].toSorted(),
    )
    assert.deepEqual(of('later').toSorted(), later.map((path) => `/api/v1.1.0/${path}`).toSorted())
    assert.deepEqual(Object.keys(paths['/api/v1.1.0/recording/download'] ?? {}), ['get'])
  })

  test('no field of any endpoint can be filled with anything that breaks it', async () => {
    const call = bench.inbound()
    assert.ok(call.answeredAt !== undefined)
    for (const [path, methods] of Object.entries((await documentOf()).paths)) {
      if (path.endsWith('/logout') || path.endsWith('/login') || !('post' in methods)) continue
      const [, , version = '', ...rest] = path.split('/')
      for (const value of oddities) {
        const body = `{${fieldNames.map((name) => `"${name}":${value}`).join()}}`
        const { status, text } = await bench.post(rest.join('/'), body, { version })
        assert.equal(status, 200)
        assert.match(text, /^\{"status":"(?:Success"|Failed","errno":"(?!30001)\d{5}"\})/, `${path} ${value}: ${text}`)
      }
    }
  })

  test('no login can be filled with anything that breaks it', async () => {
    for (const version of ['v1.1.0', 'v2.0.0']) {
      for (const value of oddities) {
        bench.exchange.advance(11 * 60_000)
        const body = `{${['username', 'password', 'port', 'url', 'urltag', 'version'].map((name) => `"${name}":${value}`).join()}}`
        const { text } = await bench.raw(`/api/${version}/login`, body)
        assert.match(text, /^\{"status":"Failed","errno":"(?!30001)\d{5}"\}$/, `${version} ${value}: ${text}`)
      }
    }
  })
})

describe('where it is found', () => {
  const at = (target: string, headers = {}) => bench.raw(`${target}?token=${bench.token}`, undefined, headers)

  test('by its path, by its prefix, by its host', async () => {
    assert.equal(await bench.said(at('/api/v1.1.0/extensionlist/query')), 'Success')
    assert.equal(await bench.said(at('/pbx/api/v1.1.0/extensionlist/query')), 'Success')
    assert.equal(await bench.said(at('//api//v1.1.0//extensionlist/query/', { Host: 'pbx.test:9011' })), 'Success')
    const { json } = await at('/pbx/api/v0.0.1/extensionlist/query')
    assert.equal(json.extlist[0].type, 'pjsip', 'the flavour is read behind the prefix')
  })

  test('no other path leads in, and with our host everything is answered in our form', async () => {
    for (const target of [
      '/v1/extensionlist/query',
      '/~yeastar/v1/extensionlist/query',
      '/elsewhere/v1/extensionlist/query',
      '/api/v1/extensionlist/query',
      '/',
    ]) {
      const { json } = await at(target, { Host: 'pbx.test' })
      assert.notEqual(json.status, 'Success', target)
    }
    assert.equal(await bench.said(at('/v1/extensionlist/query', { Host: 'pbx.test' })), '10003')
    assert.equal((await at('/v1/extensionlist/query')).json.errno, undefined)
  })
})
