import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Message, NameAddr, Params, Request } from './message.ts'
import { parse } from './parser.ts'
import { sipUri } from './uri.ts'
import { write } from './writer.ts'

const request: Request = {
  ...{ kind: 'request', method: 'INVITE', uri: sipUri({ user: '+15551234567', host: 'example.com' }), maxForwards: 70 },
  via: [{ transport: 'UDP', host: '192.0.2.1', port: 5060, params: new Map([['branch', 'z9hG4bK1']]) }],
  from: { displayName: 'Alice', uri: sipUri({ user: 'alice', host: 'example.com' }), params: new Map([['tag', '1']]) },
  to: { uri: sipUri({ user: '+15551234567', host: 'example.com' }), params: new Map() },
  callId: 'a@b',
  cseq: { number: 1, method: 'INVITE' },
  headers: [{ name: 'Contact', value: '<sip:alice@192.0.2.1>' }],
  body: new TextEncoder().encode('v=0\r\n'),
}

const text = (message: Message) => Buffer.from(write(message)).toString()

/** What any reader sees of a head: the names in order. Deliberately not our parser. */
function namesOnTheWire(message: Message): string[] {
  const [head = ''] = text(message).split('\r\n\r\n')
  return head
    .split('\r\n')
    .slice(1)
    .map((line) => line.slice(0, line.indexOf(':')))
}

describe('write', () => {
  it('prints a request with its length', () => {
    assert.equal(
      text(request),
      [
        ...['INVITE sip:+15551234567@example.com SIP/2.0', 'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1', 'Max-Forwards: 70'],
        ...['From: "Alice" <sip:alice@example.com>;tag=1', 'To: <sip:+15551234567@example.com>', 'Call-ID: a@b', 'CSeq: 1 INVITE'],
        ...['Contact: <sip:alice@192.0.2.1>', 'Content-Length: 5', '', 'v=0', ''],
      ].join('\r\n'),
    )
  })

  it('prints a response', () => {
    const { via, from, to, callId, cseq } = request
    const response: Message = {
      ...{ kind: 'response', status: 180, reason: 'Ringing' },
      ...{ via, from, to, callId, cseq },
      headers: [],
      body: new Uint8Array(0),
    }
    assert.match(text(response), /^SIP\/2\.0 180 Ringing\r\nVia: .*\r\nContent-Length: 0\r\n\r\n$/s)
  })

  it('refuses as a bug of ours what is no token, or would print a header twice', () => {
    const bugs: Message[] = [
      { ...request, method: 'IN VITE' },
      { ...request, cseq: { number: 1, method: 'A\r\nX: y' } },
      { ...request, cseq: { number: -1, method: 'INVITE' } },
      { ...request, cseq: { number: 1.5, method: 'INVITE' } },
      { ...request, callId: 'a b' },
      { ...request, callId: 'a\r\nX: y' },
      { ...request, headers: [{ name: 'X\r\nY', value: '' }] },
      { ...request, headers: [{ name: 'X:', value: '' }] },
      { ...request, headers: [{ name: 'Content-Length', value: '0' }] },
      { ...request, headers: [{ name: 'Via', value: 'SIP/2.0/UDP evil' }] },
      { ...request, via: [{ transport: 'U DP', host: 'a', params: new Map() }] },
      { ...request, via: [{ transport: 'UDP', host: 'a\r\nX: y', params: new Map() }] },
      { ...request, from: { ...request.from, params: new Map([['t\r\nX: y', '1']]) } },
      { ...request, kind: 'response', status: 20, reason: '' },
    ]
    for (const message of bugs) assert.throws(() => write(message), { name: 'Bug' })
  })

  it('adds no header and ends no line for anything that a caller sent', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc
        .array(
          fc.constantFrom('\r\n', '\n', '\r', '\0', 'X-Evil: 1', '\r\n\r\n', '"', '\\', '>', '<', ';', ',', '\u0085', '\u2028', '\t'),
          { maxLength: 6 },
        )
        .map((all) => all.join('')),
    )
    const params = fc.array(hostile, { maxLength: 3 }).map((values): Params => new Map(values.map((value, index) => [`p${index}`, value])))
    const uri = fc
      .record({ user: hostile, password: hostile, params, headers: fc.dictionary(hostile, hostile, { maxKeys: 2 }) })
      .map(({ headers, ...parts }) => ({
        scheme: 'sip' as const,
        host: 'example.com',
        headers: new Map(Object.entries(headers)),
        ...parts,
      }))
    const address: fc.Arbitrary<NameAddr> = fc.record({ displayName: hostile, uri, params })
    fc.assert(
      fc.property(address, address, uri, fc.array(hostile, { maxLength: 3 }), params, (from, to, target, values, viaParams) => {
        const headers = values.map((value, index) => ({ name: `X-Value${index}`, value }))
        const via = [{ transport: 'UDP', host: '192.0.2.1', params: viaParams }]
        for (const message of [
          { ...request, from, to, uri: target, headers, via },
          responseOf({ ...request, from, to, headers, via }, values.join('')),
        ]) {
          const names = message.kind === 'request' ? ['Via', 'Max-Forwards', 'From', 'To'] : ['Via', 'From', 'To']
          assert.deepEqual(namesOnTheWire(message), [...names, 'Call-ID', 'CSeq', ...headers.map(({ name }) => name), 'Content-Length'])
          const [head = ''] = text(message).split('\r\n\r\n')
          assert.ok([...head.replaceAll('\r\n', '')].every((char) => char >= ' ' && char !== '\u007f'))
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('is undone by parse, for every message', () => {
    const token = fc.stringMatching(/^[A-Za-z0-9.!%*_+`'~-]{1,10}$/)
    const visible = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 15 })
    const trimmed = fc.string({ unit: 'grapheme', maxLength: 15 }).map((value) => value.replace(/^[\t ]+|[\t ]+$/g, ''))
    const params = fc
      .uniqueArray(
        fc.tuple(
          token.map((name) => name.toLowerCase()),
          fc.oneof(visible, fc.constant(undefined)),
        ),
        { selector: ([name]) => name, maxLength: 3 },
      )
      .map((entries): Params => new Map(entries))
    const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6())
    const uri = fc.record({ user: visible, host, port: fc.integer({ min: 1, max: 65_535 }) }).map(sipUri)
    const address: fc.Arbitrary<NameAddr> = fc.record(
      { displayName: visible, uri, params },
      { requiredKeys: ['uri', 'params'], noNullPrototype: true },
    )
    const via = fc.record(
      { transport: token.map((name) => name.toUpperCase()), host, port: fc.integer({ min: 1, max: 65_535 }), params },
      { requiredKeys: ['transport', 'host', 'params'], noNullPrototype: true },
    )
    const common = {
      ...{ via: fc.array(via, { minLength: 1, maxLength: 3 }), from: address, to: address, callId: fc.stringMatching(/^[!-~]{1,20}$/) },
      headers: fc.array(
        fc.record(
          {
            name: token.map(
              (name) =>
                `X-${name
                  .toLowerCase()
                  .split('-')
                  .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
                  .join('-')}`,
            ),
            value: trimmed,
          },
          { noNullPrototype: true },
        ),
        { maxLength: 4 },
      ),
      body: fc.uint8Array({ maxLength: 60 }),
    }
    const number = fc.nat(2 ** 31 - 1)
    const anyRequest = fc
      .record({ method: token, number, uri, maxForwards: fc.nat(255), ...common }, { noNullPrototype: true })
      .map(({ number: sequence, ...rest }): Message => ({ kind: 'request', ...rest, cseq: { number: sequence, method: rest.method } }))
    const anyResponse = fc
      .record(
        {
          method: token,
          number,
          status: fc.integer({ min: 100, max: 699 }),
          reason: fc.string({ unit: 'grapheme', maxLength: 15 }),
          ...common,
        },
        { noNullPrototype: true },
      )
      .map(({ method, number: sequence, ...rest }): Message => ({ kind: 'response', ...rest, cseq: { number: sequence, method } }))
    fc.assert(
      fc.property(fc.oneof(anyRequest, anyResponse), (message) => assert.deepEqual(parse(write(message)), { ok: true, value: message })),
      { numRuns: 2000 },
    )
  })
})

function responseOf({ via, from, to, callId, cseq, headers, body }: Request, reason: string): Message {
  return { kind: 'response', status: 200, reason, via, from, to, callId, cseq, headers, body }
}
