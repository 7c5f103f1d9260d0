import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseContacts, parseContentType } from '../headers.ts'
import { header, headers, type Message, type Request } from '../message.ts'
import { parseNameAddrs } from '../name-addr.ts'
import { parse } from '../parser.ts'
import { write } from '../writer.ts'
import { tortureMessages } from './messages.ts'
import { binaryPart, longBranch, oddCallId, oddMethod, oddReason } from './valid.ts'

function bytesOf(name: string): Uint8Array {
  const found = tortureMessages.find((message) => message.name === name)
  assert.ok(found, name)
  return found.bytes
}

function message(name: string): Message {
  const outcome = parse(bytesOf(name))
  assert.ok(outcome.ok, outcome.ok ? '' : outcome.error.why)
  return outcome.value
}

function request(name: string): Request {
  const value = message(name)
  assert.ok(value.kind === 'request')
  return value
}

function sipUser(name: string, value: string): string | undefined {
  const uri = addresses(value)[0]?.uri
  assert.ok(uri && 'user' in uri, name)
  return uri.user
}

function addresses(value: string) {
  const outcome = parseNameAddrs(value)
  assert.ok(outcome.ok, value)
  return outcome.value
}

describe('torture messages', () => {
  it('are all there', () => {
    const of = (rfc: string) => tortureMessages.filter(({ section }) => section.startsWith(rfc)).length
    assert.deepEqual([of('RFC 4475'), of('RFC 5118')], [49, 12])
    assert.equal(new Set(tortureMessages.map(({ name }) => name)).size, 61)
  })

  for (const { name, section, bytes, expect } of tortureMessages) {
    if (expect.outcome === 'fault') {
      it(`${section} ${name} is a fault of status ${expect.status}, ${expect.answered ? 'answered' : 'dropped'}`, () => {
        const outcome = parse(bytes)
        assert.ok(!outcome.ok)
        assert.equal(outcome.error.status, expect.status)
        assert.equal(outcome.error.answer !== undefined, expect.answered, outcome.error.why)
      })
    } else {
      it(`${section} ${name} is well formed, and the same after being written`, () => {
        const outcome = parse(bytes)
        assert.ok(outcome.ok, outcome.ok ? '' : outcome.error.why)
        const again = parse(write(outcome.value))
        // The one thing that is not given back: control characters in a name, which nobody gains by seeing.
        const same =
          name === 'intmeth' ? { ...outcome.value, to: { ...outcome.value.to, displayName: 'BEL:  NUL:  DEL: ' } } : outcome.value
        assert.deepEqual(again, { ok: true, value: same })
      })
    }
  }
})

describe('RFC 4475 §3.1.1: what is read from valid messages', () => {
  it('wsinv: space, folding, compact names and escapes', () => {
    const { uri, to, from, maxForwards, cseq, via, headers: rest, body } = request('wsinv')
    assert.ok(uri.scheme === 'sip' && uri.params.has('unknownparam'))
    assert.equal(to.params.get('tag'), '1918181833n')
    assert.equal(from.displayName, 'J Rosenberg \\"')
    assert.equal(from.params.get('tag'), '98asjd8')
    assert.equal(maxForwards, 68)
    assert.deepEqual(cseq, { number: 9, method: 'INVITE' })
    assert.deepEqual(
      via.map(({ transport, host, params }) => [transport, host, params.get('branch')]),
      [
        ['UDP', '192.0.2.2', '390skdjuw'],
        ['TCP', 'spindle.example.com', 'z9hG4bK9ikj8'],
        ['UDP', '192.168.255.111', 'z9hG4bK30239'],
      ],
    )
    assert.deepEqual(rest.slice(0, 3), [
      { name: 'Subject', value: '' },
      { name: 'Newfangledheader', value: 'newfangled value continued newfangled value' },
      { name: 'Unknownheaderwithunusualvalue', value: ';;,,;;,;' },
    ])
    const [contact] = addresses(header(request('wsinv'), 'Contact') ?? '')
    assert.equal(contact?.displayName, 'Quoted string ""')
    assert.deepEqual(
      [...(contact?.params ?? [])],
      [
        ['newparam', 'newvalue'],
        ['secondparam', undefined],
        ['q', '0.33'],
      ],
    )
    assert.match(new TextDecoder().decode(body), /^v=0\r\n.*a=rtpmap:31 LPC\r\n$/s)
  })

  it('intmeth: every legal character', () => {
    const value = request('intmeth')
    assert.equal(value.method, oddMethod)
    assert.equal(value.callId, oddCallId)
    assert.ok(value.uri.scheme === 'sip')
    assert.equal(value.uri.user, "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*")
    assert.equal(value.uri.password, "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)")
    assert.equal(value.to.displayName, 'BEL:\u0007 NUL:\u0000 DEL:\u007f')
    assert.equal(value.from.displayName, "token1~` token2'+_ token3*%!.-")
    assert.equal(value.from.params.get("fromparam''~+*_!.-%"), 'работающий')
    assert.equal(value.from.params.get('tag'), "_token~1'+`*%!-.")
    assert.equal(value.headers[0]?.value, '\ufeff大停電')
  })

  it('esc01: escapes stand for their characters', () => {
    const { uri, to, from } = request('esc01')
    assert.ok(uri.scheme === 'sip' && to.uri.scheme === 'sip' && from.uri.scheme === 'sip')
    assert.equal(uri.user, 'sips:user@example.com')
    assert.equal(to.uri.user, 'user')
    assert.equal(from.uri.user, 'I have spaces')
    const [contact] = addresses(header(request('esc01'), 'Contact') ?? '')
    assert.ok(contact?.uri.scheme === 'sip')
    assert.deepEqual(
      [...contact.uri.params],
      [
        ['lr', undefined],
        ['name', 'value%41'],
      ],
    )
  })

  it('escnull: an escaped NUL ends nothing', () => {
    const { to } = request('escnull')
    assert.ok(to.uri.scheme === 'sip')
    assert.equal(to.uri.user, 'null-\u0000-null')
    const [one = '', two = ''] = headers(request('escnull'), 'Contact')
    assert.deepEqual([sipUser('one', one), sipUser('two', two)], ['\u0000', '\u0000\u0000'])
  })

  it('esc02: a percent sign outside a URI is a percent sign', () => {
    const value = request('esc02')
    assert.equal(value.method, 'RE%47IST%45R')
    assert.equal(value.to.displayName, '%Z%45')
    assert.equal(value.via[0]?.params.get('branch'), 'z9hG4bK209%fzsnel234')
    assert.equal(headers(value, 'Contact').length, 2)
  })

  it('lwsdisp: no space is needed before the bracket', () => assert.equal(request('lwsdisp').from.displayName, 'caller'))

  it('longreq: 34 hops, and values of any length', () => {
    const { via, to, from } = request('longreq')
    assert.deepEqual([via.length, via[0]?.host, via[32]?.host], [34, 'sip33.example.com', 'sip1.example.com'])
    assert.equal(via[33]?.params.get('branch'), longBranch)
    assert.ok(to.uri.scheme === 'sip' && to.uri.port === 6000 && to.uri.params.size === 3)
    assert.equal(from.params.size, 3)
  })

  it('dblreq: what follows the body of a datagram is noise', () => {
    const value = request('dblreq')
    assert.deepEqual([value.method, value.body.length], ['REGISTER', 0])
  })

  it('semiuri: the semicolon is part of the user', () => {
    const value = request('semiuri')
    assert.ok(value.uri.scheme === 'sip')
    assert.deepEqual([value.uri.user, value.uri.params.size], ['user;par=u@example.net', 0])
    assert.deepEqual((header(value, 'Accept') ?? '').split(/\s*,\s*/), [
      'application/sdp',
      'application/pkcs7-mime',
      'multipart/mixed',
      'multipart/signed',
      'message/sip',
      'message/sipfrag',
    ])
  })

  it('transports: known or not', () => {
    assert.deepEqual(
      request('transports').via.map(({ transport }) => transport),
      ['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP'],
    )
  })

  it('mpart01: a binary body arrives byte for byte', () => {
    const value = request('mpart01')
    const type = parseContentType(header(value, 'Content-Type') ?? '')
    assert.ok(type.ok)
    assert.deepEqual([type.value.type, type.value.params.get('boundary')], ['multipart/mixed', '7a9cbec02ceef655'])
    assert.ok(Buffer.from(value.body).includes(Buffer.from(binaryPart)))
  })

  it('unreason, noreason: the reason is any text or none', () => {
    const [odd, empty] = [message('unreason'), message('noreason')]
    assert.ok(odd.kind === 'response' && empty.kind === 'response')
    assert.deepEqual([odd.status, odd.reason], [200, oddReason])
    assert.deepEqual([empty.status, empty.reason], [100, ''])
  })
})

describe('RFC 4475 §3.1.2 to §3.4: what the layers above are left with', () => {
  it('badvers: the answer repeats the Via of the other version', () => {
    const outcome = parse(bytesOf('badvers'))
    assert.ok(!outcome.ok)
    assert.deepEqual([outcome.error.answer?.via[0]?.version, outcome.error.answer?.via[0]?.transport], ['7.0', 'UDP'])
  })

  it('mismatch02: the answer is for the method of the start line', () => {
    const outcome = parse(bytesOf('mismatch02'))
    assert.ok(!outcome.ok)
    assert.deepEqual([outcome.error.answer?.method, outcome.error.answer?.cseq.method], ['NEWMETHOD', 'INVITE'])
  })

  it('regbadct: a Contact with headers and without brackets is refused where it is read', () => {
    assert.equal(parseContacts(header(request('regbadct'), 'Contact') ?? '').ok, false)
  })

  it('regescrt: with brackets the headers belong to the URI', () => {
    const [contact] = addresses(header(request('regescrt'), 'Contact') ?? '')
    assert.ok(contact?.uri.scheme === 'sip')
    assert.deepEqual([...contact.uri.headers], [['Route', '<sip:sip.example.com>']])
  })

  it('cparam01, cparam02: a parameter outside the brackets is the header’s, inside the URI’s', () => {
    const [outside] = addresses(header(request('cparam01'), 'Contact') ?? '')
    const [inside] = addresses(header(request('cparam02'), 'Contact') ?? '')
    assert.ok(outside?.uri.scheme === 'sip' && inside?.uri.scheme === 'sip')
    assert.deepEqual([outside.params.has('unknownparam'), outside.uri.params.size, outside.uri.user], [true, 0, '+19725552222'])
    assert.deepEqual([inside.params.size, inside.uri.params.has('unknownparam')], [0, true])
  })

  it('unkscm, novelsc, unksm2: other schemes are kept as they are', () => {
    assert.deepEqual(request('unkscm').uri, { scheme: 'other', text: 'nobodyKnowsThisScheme:totallyopaquecontent' })
    assert.deepEqual(request('novelsc').uri, { scheme: 'other', text: 'soap.beep://192.0.2.103:3002' })
    assert.deepEqual(
      [request('unksm2').to.uri, request('unksm2').from.uri].map((uri) => 'text' in uri && uri.text),
      ['isbn:2983792873', 'http://www.example.com'],
    )
  })

  it('inv2543: a caller of before 2002 needs neither Max-Forwards nor tag nor branch nor Content-Length', () => {
    const { maxForwards, from, via, body } = request('inv2543')
    assert.deepEqual([maxForwards, from.params.has('tag'), via[0]?.params.has('branch')], [70, false, false])
    assert.ok(body.length > 100)
  })

  it('badbranch: the cookie alone is kept for the transaction layer to judge', () =>
    assert.equal(request('badbranch').via[0]?.params.get('branch'), 'z9hG4bK'))
})

describe('RFC 5118: what is read from IPv6 messages', () => {
  const target = (name: string) => {
    const { uri } = request(name)
    assert.ok(uri.scheme === 'sip')
    return [uri.host, uri.port]
  }

  it('§4.3, §4.4: digits inside the brackets are the address, outside the port', () => {
    assert.deepEqual(target('ipv6-good'), ['2001:db8::10', undefined])
    assert.deepEqual(target('port-ambiguous'), ['2001:db8::10:5070', undefined])
    assert.deepEqual(target('port-unambiguous'), ['2001:db8::10', 5070])
  })

  it('§4.5: received has brackets or not, and goes back as it came', () => {
    for (const [name, received] of [
      ['via-received-param-with-delim', '[2001:db8::9:255]'],
      ['via-received-param-no-delim', '2001:db8::9:255'],
    ] as const) {
      assert.equal(request(name).via[0]?.params.get('received'), received)
      assert.ok(Buffer.from(write(request(name))).includes(`;received=${received};`))
    }
  })

  it('§4.7, §4.9: addresses of all kinds in one Via stack', () => {
    assert.deepEqual(
      request('mult-ip-in-header').via.map(({ host, port }) => [host, port]),
      [
        ['2001:db8::9:1', 6050],
        ['192.0.2.1', undefined],
        ['2001:db8::9:255', undefined],
      ],
    )
    assert.deepEqual(
      request('ipv4-mapped-ipv6').via.map(({ host, port }) => [host, port]),
      [
        ['::ffff:192.0.2.10', 19_823],
        ['::ffff:192.0.2.2', undefined],
      ],
    )
  })

  it('§4.10: three colons of the old grammar mean two', () => {
    assert.deepEqual(target('ipv6-bug-abnf-3-colons'), target('ipv6-correct-abnf-2-colons'))
    assert.deepEqual(target('ipv6-bug-abnf-3-colons'), ['2001:db8::192.0.2.1', undefined])
  })
})
