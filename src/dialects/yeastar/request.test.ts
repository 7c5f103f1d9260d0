import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Refused } from '../../http/refused.ts'
import { instant } from '../../kernel/time.ts'
import type { Ask } from '../dialect.ts'
import { readRequest } from './request.ts'
import { flavourOf, formatOf, place } from './request-flavour.ts'
import { parseXml } from './request-xml.ts'

const ask = (path: string, body?: string | Buffer, query: Record<string, string> = {}): Ask => ({
  ...{ at: instant(0), requestId: 'r', method: 'POST', segments: path.split('/').filter((part) => part !== ''), query, headers: {} },
  ...{ source: '10.0.0.9', base: '', route: undefined, params: {}, body: body === undefined ? undefined : Buffer.from(body) },
  get holder(): never {
    throw new Error('not needed')
  },
})

const openvox = '/api/v0.0.1/extension/whisper'
const yeastar = '/api/v1.1.0/extension/whisper'

const errno = (work: () => unknown): unknown => {
  try {
    work()
  } catch (cause) {
    assert.ok(cause instanceof Refused, String(cause))
    return cause.members.errno ?? cause.refusal.code
  }
  return 'nothing'
}

describe('where a path leads', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['/api/v1.1.0/extension/whisper', 'v1/extension/whisper'],
    ['/api/v0.0.1/login', 'v1/login'],
    ['/api/v1.10/login', 'v1/login'],
    ['/api/v2.0.0/call/listen', 'v2/call/listen'],
    ['/api/v2.0.0/call/call/refuse_inbound', 'v2/call/refuse_inbound'],
    ['/api/v20.0/login', 'v1/login'],
    ['/api/v7.3/x', 'v1/x'],
    ['/api/v1/login', undefined],
    ['/api/v1.0.0.0/login', undefined],
    ['/api/v1./login', undefined],
    ['/API/v1.1.0/login', undefined],
    ['/v1/login', undefined],
    ['/', undefined],
  ]
  for (const [path, wanted] of cases) {
    test(`${path} → ${wanted}`, () => {
      const segments = path.split('/').filter((part) => part !== '')
      assert.equal(place(segments, false)?.join('/'), wanted)
      // Whoever came by our host name is answered by us, but canonical paths are no paths of ours.
      assert.equal(place(segments, true)?.[0], wanted?.slice(0, 2) ?? 'elsewhere')
    })
  }
})

describe('flavours', () => {
  const cases: readonly (readonly [string, Record<string, string>, 'auto' | 'openvox' | 'yeastar', string])[] = [
    [openvox, {}, 'auto', 'openvox json'],
    [openvox, { type: 'xml' }, 'auto', 'openvox xml'],
    [yeastar, {}, 'auto', 'yeastar json'],
    [yeastar, { type: 'json' }, 'auto', 'openvox json'],
    [yeastar, { type: 'XML' }, 'auto', 'openvox xml'],
    ['/api/v2.0.0/call/listen', { type: 'xml' }, 'auto', 'openvox xml'],
    ['/api/v2.0.0/call/listen', {}, 'auto', 'yeastar json'],
    [openvox, { type: 'xml' }, 'yeastar', 'yeastar json'],
    [yeastar, {}, 'openvox', 'openvox json'],
  ]
  for (const [path, query, setting, wanted] of cases) {
    test(`${path} ${JSON.stringify(query)} with ${setting} is ${wanted}`, () => {
      const flavour = flavourOf(ask(path, undefined, query), setting)
      assert.equal(`${flavour} ${formatOf(ask(path, undefined, query), flavour)}`, wanted)
    })
  }

  test('another type than json and xml is refused, unless the setting says that there are no types', () => {
    const asked = ask(openvox, '{}', { type: 'yaml' })
    assert.equal(
      errno(() => readRequest(asked, 'auto')),
      '10002',
    )
    assert.equal(
      errno(() => readRequest(asked, 'yeastar')),
      'nothing',
    )
  })
})

describe('bodies', () => {
  const read = (body: string | Buffer | undefined, path = openvox) => readRequest(ask(path, body), 'auto').fields

  test('no body, an empty one, an empty object and white space say nothing', () => {
    for (const body of [undefined, '', ' \r\n', '{}', '\ufeff', '<xml></xml>', '<xml/>'])
      assert.equal(read(body).optional('extid'), undefined)
  })

  test('the first byte tells the format', () => {
    assert.equal(read('\ufeff {"extid":"106"}').required('extid'), '106')
    assert.equal(read('\n<xml><extid> 106 </extid></xml>').required('extid'), '106')
    assert.equal(
      errno(() => read('[1]')),
      'media-type-unsupported',
    )
    assert.equal(
      errno(() => read('extid=106')),
      'media-type-unsupported',
    )
    assert.equal(
      errno(() => read('<xml/>', yeastar)),
      '10002',
    )
    assert.equal(
      errno(() => read('{"extid"')),
      'body-malformed',
    )
    assert.equal(
      errno(() => read(Buffer.from([0x7b, 0xff, 0x7d]))),
      'body-malformed',
    )
  })

  test('numbers are read as they were written', () => {
    const fields = read('{"extid":101,"inboundid":1526884410.120,"long":12345678901234567890,"yes":true,"none":null}')
    assert.deepEqual(
      ['extid', 'inboundid', 'long', 'yes', 'none'].map((name) => fields.optional(name)),
      ['101', '1526884410.120', '12345678901234567890', 'true', undefined],
    )
  })

  test('absent, empty and composed values are told apart', () => {
    const fields = read('{"empty":" ","list":["1"],"object":{},"ids":" 1, 2,,1 "}')
    assert.deepEqual([fields.has('empty'), fields.optional('empty'), fields.has('absent')], [true, undefined, false])
    assert.deepEqual(fields.list('ids'), ['1', '2'])
    assert.equal(fields.list('absent'), undefined)
    for (const name of ['list', 'object'])
      assert.equal(
        errno(() => fields.optional(name)),
        'parameter-invalid',
      )
    for (const name of ['toString', '__proto__', 'constructor']) assert.equal(fields.has(name), false)
  })

  test('yes and no have many spellings', () => {
    for (const yes of ['"yes"', '"YES"', '1', '"1"', 'true', '"on"']) assert.equal(read(`{"a":${yes}}`).flag('a'), true)
    for (const no of ['"no"', '0', 'false', '"off"', '""', 'null']) assert.equal(read(`{"a":${no}}`).flag('a'), false)
    assert.equal(
      errno(() => read('{"a":"maybe"}').flag('a')),
      'parameter-invalid',
    )
  })
})

describe('XML', () => {
  test('values stay texts; entities, CDATA and comments are read', () => {
    const text =
      '<?xml version="1.0" encoding="UTF-8" ?>\n<xml id="1"><a>024</a><b>&lt;&amp;&#65;&#x42;&apos;</b><c><![CDATA[&x;<]]></c><d>1<!-- no -->2</d></xml>'
    assert.deepEqual(parseXml(text), { a: '024', b: "<&AB'", c: '&x;<', d: '12' })
  })

  test('of a repeated element the last one counts', () => assert.deepEqual(parseXml('<xml><a>1</a><a>2</a></xml>'), { a: '2' }))

  const broken = [
    '<!DOCTYPE xml [<!ENTITY a "b">]><xml><a>&a;</a></xml>',
    '<!doctype xml><xml><a>1</a></xml>',
    '<xml><a>&foo;</a></xml>',
    '<xml><a>&#0;</a></xml>',
    '<xml><a>&#xD800;</a></xml>',
    '<xml><a>&#1114112;</a></xml>',
    '<xml><a>1</b></xml>',
    '<xml><a>1</a>',
    '<xml>106</xml>',
    '<xml></xml><xml></xml>',
    '<other><a>1</a></other>',
    `<xml>${'<a>'.repeat(40)}${'</a>'.repeat(40)}</xml>`,
    '<xml><__proto__>1</__proto__></xml>',
    '<',
    '<?xml version="1.0"?>',
  ]
  for (const text of broken)
    test(`${text.slice(0, 60)} is refused`, () =>
      assert.equal(
        errno(() => parseXml(text)),
        '10002',
      ))

  test('no text whatever brings forth anything but a refusal', () => {
    const piece = fc.constantFrom(
      '<xml>',
      '</xml>',
      '<a>',
      '</a>',
      '<a',
      '/>',
      '&',
      ';',
      '&#',
      'x',
      '<![CDATA[',
      ']]>',
      '<!--',
      '-->',
      '<?',
      '"',
      '\0',
      'é',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        errno(() => parseXml(`<${pieces.join('')}`))
        errno(() => parseXml(`<xml>${pieces.join('')}</xml>`))
        errno(() => readRequest(ask(openvox, pieces.join('')), 'auto'))
      }),
      { numRuns: 500 },
    )
  })
})
