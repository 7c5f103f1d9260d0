/** RFC 4475 §3.1.2: messages that are not well formed. Where the RFC also permits to be liberal, the parser is not, unless a comment says so. */
import { answeredByUserAgent, answeredFault, bytesOf, droppedFault, inviteOf, session, type TortureMessage, valid } from './fixture.ts'

const { lines: sdp, length: sdpLength } = session('192.0.2.1')

/** The ordinary headers of a request, of which a message below has one that is not. */
const ordinary = {
  to: 'To: sip:j.user@example.com',
  from: 'From: sip:caller@example.net;tag=134161461246',
  via: 'Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKtorture',
  maxForwards: 'Max-Forwards: 7',
  contact: 'Contact: <sip:caller@host5.example.net>',
}

type Changes = Partial<typeof ordinary> & { readonly start?: string; readonly cseq?: string }

function head(name: string, method: string, changes: Changes = {}): string[] {
  const { to, from, via, maxForwards, contact, start, cseq } = { ...ordinary, ...changes }
  return [
    start ?? `${method} sip:user@example.com SIP/2.0`,
    ...[to, from, maxForwards, `Call-ID: ${name}.torture`, cseq ?? `CSeq: 8 ${method}`, via, contact],
  ]
}

const invite = (name: string, changes?: Changes) => inviteOf(head(name, 'INVITE', changes))
const options = (name: string, changes?: Changes) => bytesOf([...head(name, 'OPTIONS', changes), 'l: 0'])
const register = (name: string, changes?: Changes) =>
  bytesOf([...head(name, 'REGISTER', { start: 'REGISTER sip:example.com SIP/2.0', ...changes }), 'l: 0'])

const withLength = (name: string, value: string) =>
  bytesOf([...head(name, 'INVITE'), 'Content-Type: application/sdp', `Content-Length: ${value}`], sdp)

const separators = invite('badinv01', { via: 'Via: SIP/2.0/UDP 192.0.2.15;;,;,,', contact: 'Contact: "Joe" <sip:joe@example.org>;;;;' })

const largeScalars = bytesOf([
  'REGISTER sip:example.com SIP/2.0',
  'Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bK342sdfoi3',
  'To: <sip:user@example.com>',
  'From: <sip:user@example.com>;tag=239232jh3',
  'CSeq: 36893488147419103232 REGISTER',
  'Call-ID: scalar02.torture',
  'Max-Forwards: 300',
  `Expires: 1${'0'.repeat(100)}`,
  ...['Contact: <sip:user@host129.example.com>', '  ;expires=280297596632815'],
  'Content-Length: 0',
])

const responseScalars = bytesOf([
  'SIP/2.0 503 Service Unavailable',
  'Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bKzzxdiwo34sw;received=192.0.2.129',
  'To: <sip:user@example.com>',
  'From: <sip:other@example.net>;tag=2easdjfejw',
  'CSeq: 9292394834772304023312 OPTIONS',
  'Call-ID: scalarlg.torture',
  'Retry-After: 949302838503028349304023988',
  'Warning: 1812 overture "In Progress"',
  'Content-Length: 0',
])

const badStatus = bytesOf([
  'SIP/2.0 4294967301 better not break the receiver',
  'Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe',
  'Call-ID: bigcode.torture',
  'CSeq: 353494 INVITE',
  'From: <sip:user@example.com>;tag=39ansfi3',
  'To: <sip:user@example.edu>;tag=902jndnke3',
  'Content-Length: 0',
])

const date = inviteOf([...head('baddate', 'INVITE'), 'Date: Fri, 01 Jan 2010 16:00:00 EST'])
const contactWithHeaders = register('regbadct', { contact: 'Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E' })
const bareNames = options('baddn', {
  from: 'From:    Bell, Alexander <sip:a.g.bell@example.com>;tag=43',
  to: 'To:      Watson, Thomas <sip:t.watson@example.org>',
})
const version7 = options('badvers', {
  start: 'OPTIONS sip:t.watson@example.org SIP/7.0',
  via: 'Via: SIP/7.0/UDP c.example.com;branch=z9hG4bKtorture',
})
const unknownMethod = bytesOf(
  [...head('mismatch02', 'NEWMETHOD', { cseq: 'CSeq: 8 INVITE' }), 'Content-Type: application/sdp', `l: ${sdpLength}`],
  sdp,
)

export const invalidMessages: readonly TortureMessage[] = [
  // The Via is the broken part, so that there is no way to answer.
  { name: 'badinv01', section: 'RFC 4475 §3.1.2.1', bytes: separators, expect: droppedFault(400) },
  { name: 'clerr', section: 'RFC 4475 §3.1.2.2', bytes: withLength('clerr', '9999'), expect: answeredFault(400) },
  { name: 'ncl', section: 'RFC 4475 §3.1.2.3', bytes: withLength('ncl', '-999'), expect: answeredFault(400) },
  // A response has to repeat the CSeq, which is beyond what the norm lets anybody hold.
  { name: 'scalar02', section: 'RFC 4475 §3.1.2.4', bytes: largeScalars, expect: droppedFault(400) },
  { name: 'scalarlg', section: 'RFC 4475 §3.1.2.5', bytes: responseScalars, expect: droppedFault(400) },
  // To and From likewise: what cannot be read cannot be repeated.
  {
    name: 'quotbal',
    section: 'RFC 4475 §3.1.2.6',
    bytes: invite('quotbal', { to: 'To: "Mr. J. User <sip:j.user@example.com>' }),
    expect: droppedFault(400),
  },
  {
    name: 'ltgtruri',
    section: 'RFC 4475 §3.1.2.7',
    bytes: invite('ltgtruri', { start: 'INVITE <sip:user@example.com> SIP/2.0' }),
    expect: answeredFault(400),
  },
  {
    name: 'lwsruri',
    section: 'RFC 4475 §3.1.2.8',
    bytes: invite('lwsruri', { start: 'INVITE sip:user@example.com; lr SIP/2.0' }),
    expect: answeredFault(400),
  },
  {
    name: 'lwsstart',
    section: 'RFC 4475 §3.1.2.9',
    bytes: invite('lwsstart', { start: 'INVITE  sip:user@example.com  SIP/2.0' }),
    expect: answeredFault(400),
  },
  {
    name: 'trws',
    section: 'RFC 4475 §3.1.2.10',
    bytes: options('trws', { start: 'OPTIONS sip:remote-target@example.com SIP/2.0  ' }),
    expect: answeredFault(400),
  },
  {
    name: 'escruri',
    section: 'RFC 4475 §3.1.2.11',
    bytes: invite('escruri', { start: 'INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0' }),
    expect: answeredFault(400),
  },
  // Nothing here reads a Date, so its time zone harms nobody: a header that is not needed is ignored (RFC 3261 §8.2).
  { name: 'baddate', section: 'RFC 4475 §3.1.2.12', bytes: date, expect: valid },
  // Contact is read where it is used.
  { name: 'regbadct', section: 'RFC 4475 §3.1.2.13', bytes: contactWithHeaders, expect: answeredByUserAgent(400, 401) },
  {
    name: 'badaspec',
    section: 'RFC 4475 §3.1.2.14',
    bytes: options('badaspec', { to: 'To: "Watson, Thomas" < sip:t.watson@example.org >' }),
    expect: droppedFault(400),
  },
  { name: 'baddn', section: 'RFC 4475 §3.1.2.15', bytes: bareNames, expect: droppedFault(400) },
  { name: 'badvers', section: 'RFC 4475 §3.1.2.16', bytes: version7, expect: answeredFault(505) },
  {
    name: 'mismatch01',
    section: 'RFC 4475 §3.1.2.17',
    bytes: options('mismatch01', { cseq: 'CSeq: 8 INVITE' }),
    expect: answeredFault(400),
  },
  { name: 'mismatch02', section: 'RFC 4475 §3.1.2.18', bytes: unknownMethod, expect: answeredFault(400) },
  { name: 'bigcode', section: 'RFC 4475 §3.1.2.19', bytes: badStatus, expect: droppedFault(400) },
]
