import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Outcome } from '../kernel/outcome.ts'
import { parseAuthValue, parseChallenge, parseCredentials } from './authorization.ts'
import { canonicalName } from './header-names.ts'
import {
  parseContacts,
  parseContentType,
  parseCSeq,
  parseMinSe,
  parseRAck,
  parseReplaces,
  parseRetryAfter,
  parseRSeq,
  parseSeconds,
  parseSessionExpires,
  parseTokens,
  parseWithParams,
} from './headers.ts'
import { formatVia, parseVias } from './via.ts'

const params = (entries: Record<string, string | undefined> = {}) => new Map(Object.entries(entries))

interface Case<T> {
  readonly read: (text: string) => Outcome<T, string>
  readonly good: readonly (readonly [string, T])[]
  readonly bad: readonly string[]
}

function table<T>(norm: string, { read, good, bad }: Case<T>): void {
  describe(norm, () => {
    for (const [text, value] of good) it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(read(text), { ok: true, value }))
    for (const text of bad) it(`refuses ${JSON.stringify(text)}`, () => assert.equal(read(text).ok, false))
  })
}

table('CSeq, RFC 3261 §20.16', {
  read: parseCSeq,
  good: [
    ['4711 INVITE', { number: 4711, method: 'INVITE' }],
    ['0009 \t INVITE', { number: 9, method: 'INVITE' }],
    ['2147483647 ACK', { number: 2_147_483_647, method: 'ACK' }],
  ],
  bad: ['', '1', 'INVITE', '2147483648 INVITE', '-1 INVITE', '1.5 INVITE', '1 INVITE x', '1 IN<VITE', '0x10 INVITE'],
})

table('token lists', {
  read: parseTokens,
  good: [
    ['', []],
    ['100rel', ['100rel']],
    [' replaces ,100rel,  timer', ['replaces', '100rel', 'timer']],
  ],
  bad: [',', 'a,', 'a,,b', 'a b', 'a;b', '"a"'],
})

table('seconds', {
  read: parseSeconds,
  good: [
    ['0', 0],
    ['003600', 3600],
    ['4294967295', 4_294_967_295],
  ],
  bad: ['', '-1', '1.0', '4294967296', '1;x', 'x'],
})
table('RSeq, RFC 3262 §7.1', { read: parseRSeq, good: [['1', 1]], bad: ['0', '', '4294967296'] })

table('RAck, RFC 3262 §7.2', {
  read: parseRAck,
  good: [['776656 1 INVITE', { rseq: 776_656, cseq: { number: 1, method: 'INVITE' } }]],
  bad: ['', '1 INVITE', '1 1', '1 1 INVITE x', '0 1 INVITE', 'x 1 INVITE'],
})

table('Retry-After, RFC 3261 §20.33', {
  read: parseRetryAfter,
  good: [
    ['18000;duration=3600', 18_000],
    ['120 (I am in a meeting)', 120],
  ],
  bad: ['', 'soon'],
})

table('Session-Expires, RFC 4028 §4', {
  read: parseSessionExpires,
  good: [
    ['1800', { seconds: 1800 }],
    ['1800 ; Refresher=UAS;x', { seconds: 1800, refresher: 'uas' }],
  ],
  bad: ['', 'x', '1800;refresher=me', '1800;;', '-1'],
})

table('Min-SE, RFC 4028 §5', {
  read: parseMinSe,
  good: [
    ['90', 90],
    ['90;lr', 90],
  ],
  bad: ['', 'x;lr', '90 90'],
})

table('Replaces, RFC 3891 §6.1', {
  read: parseReplaces,
  good: [
    ['98asjd8@test;from-tag=a;to-tag=b', { callId: '98asjd8@test', toTag: 'b', fromTag: 'a', earlyOnly: false }],
    ['call:1/x?;to-tag=b ;from-tag=a; early-only', { callId: 'call:1/x?', toTag: 'b', fromTag: 'a', earlyOnly: true }],
  ],
  bad: [
    '',
    'x',
    'x;to-tag=1',
    'x;from-tag=1',
    ';to-tag=1;from-tag=2',
    'x;to-tag=1;to-tag=1;from-tag=2',
    'x;to-tag;from-tag=2',
    'x y;to-tag=1;from-tag=2',
  ],
})

table('Reason, RFC 3326', {
  read: parseWithParams,
  good: [['Q.850;cause=16;text="Normal, clearing"', { word: 'Q.850', params: params({ cause: '16', text: 'Normal, clearing' }) }]],
  bad: ['', ';cause=16', 'Q.850;cause="16', 'SIP;cause=200, Q.850;cause=16'],
})

table('Content-Type, RFC 3261 §20.15', {
  read: parseContentType,
  good: [
    ['Application/SDP', { type: 'application/sdp', params: params() }],
    ['multipart / mixed ; boundary="a b"', { type: 'multipart/mixed', params: params({ boundary: 'a b' }) }],
  ],
  bad: ['', 'application', 'application/', '/sdp', 'a/b/c', 'a/b c'],
})

describe('Contact', () => {
  it('is all bindings or a list', () => {
    assert.deepEqual(parseContacts(' * '), { ok: true, value: '*' })
    const list = parseContacts('<sip:a@b>, <sip:c@d>;expires=5')
    assert.ok(list.ok && list.value !== '*')
    assert.equal(list.value.length, 2)
    assert.equal(parseContacts('*, <sip:a@b>').ok, false)
  })
})

describe('Via, RFC 3261 §20.42', () => {
  it('is read with its space and written without', () => {
    const outcome = parseVias('sip / 2.0 / udp  Host.Example.COM : 5060 ;branch=z9hG4bKa;rport , SIP/2.0/TLS [2001:db8::1];ttl=1')
    assert.ok(outcome.ok)
    assert.deepEqual(outcome.value, [
      { transport: 'UDP', host: 'Host.Example.COM', port: 5060, params: params({ branch: 'z9hG4bKa', rport: undefined }) },
      { transport: 'TLS', host: '2001:db8::1', params: params({ ttl: '1' }) },
    ])
    assert.deepEqual(outcome.value.map(formatVia), [
      'SIP/2.0/UDP Host.Example.COM:5060;branch=z9hG4bKa;rport',
      'SIP/2.0/TLS [2001:db8::1];ttl=1',
    ])
  })

  const bad = [
    ...[
      '',
      'SIP/2.0/UDP',
      'SIP/2.0/UDPhost',
      'SIP/2.0/UDP[2001:db8::1]',
      'SIP/2.0 host',
      'HTTP/2.0/UDP host',
      'SIP/2.0/UDP host:0',
      'SIP/2.0/UDP host:',
      'SIP/2.0/UDP ho st',
    ],
    ...[
      'SIP/2.0/UDP 2001:db8::1',
      'SIP/2.0/UDP [2001:db8::1',
      'SIP/2.0/UDP host;',
      'SIP/2.0/UDP host;branch=a;branch=b',
      'SIP/2.0/UDP host,',
    ],
  ]
  for (const text of bad) it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseVias(text).ok, false))
})

describe('header names', () => {
  it('have one spelling', () => {
    const spellings = {
      i: 'Call-ID',
      'CALL-ID': 'Call-ID',
      'www-authenticate': 'WWW-Authenticate',
      rack: 'RAck',
      V: 'Via',
      'x-FOO-bar': 'X-Foo-Bar',
      cseq: 'CSeq',
    }
    for (const [written, canonical] of Object.entries(spellings)) assert.equal(canonicalName(written), canonical)
    assert.equal(canonicalName('constructor'), 'Constructor')
  })
})

describe('digest values', () => {
  const credentials =
    'Digest username="bob", realm="x", nonce="n", uri="sip:x", response="00AA", cnonce="c", qop=auth, nc=0000000A, algorithm=SHA-256, opaque=""'

  it('are read with and without quotes', () => {
    assert.deepEqual(parseCredentials(credentials), {
      ok: true,
      value: {
        ...{ username: 'bob', realm: 'x', nonce: 'n', uri: 'sip:x', response: '00aa', algorithm: 'SHA-256', qop: 'auth', cnonce: 'c' },
        nonceCount: { text: '0000000A', value: 10 },
      },
    })
    assert.deepEqual(parseChallenge('digest Realm = "a \\"b\\"" , nonce="n",qop="auth,auth-int", stale=TRUE'), {
      ok: true,
      value: { realm: 'a "b"', nonce: 'n', algorithm: 'MD5', qop: ['auth', 'auth-int'], stale: true },
    })
  })

  const bad = [
    ...[
      '',
      'Digest',
      'Digest ',
      'Basic YTpi',
      'Digest username',
      'Digest username=',
      `${credentials},`,
      `${credentials}, username="eve"`,
      `${credentials} x`,
    ],
    ...[
      credentials.replace('0000000A', 'A'),
      credentials.replace('0000000A', '0000000G'),
      credentials.replace('username="bob"', 'username=""'),
    ],
    ...[credentials.replace('nonce="n", ', ''), `${credentials}, userhash=true`, credentials.replace('"bob"', '"bob')],
  ]
  for (const text of bad) it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseCredentials(text).ok, false))

  it('of another scheme are read as such', () => {
    const outcome = parseAuthValue('NoOneKnowsThisScheme opaque-data=here')
    assert.ok(outcome.ok)
    assert.equal(outcome.value.scheme, 'nooneknowsthisscheme')
    assert.equal(parseChallenge('NoOneKnowsThisScheme opaque-data=here').ok, false)
  })
})
