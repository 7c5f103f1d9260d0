/** RFC 4475 §3.2 to §3.4: well-formed messages that ask something odd of transactions, of the user agent, or of its memory of RFC 2543. */
import { answeredByUserAgent, answeredFault, bytesOf, droppedByUserAgent, droppedFault, inviteOf, type TortureMessage } from './fixture.ts'

interface Request {
  readonly name: string
  readonly method: string
  readonly uri?: string
  readonly to?: string
  readonly from?: string
  readonly via?: string
  readonly maxForwards?: number
  readonly extra?: readonly string[]
}

function head({ name, method, uri, to, from, via, maxForwards, extra }: Request): string[] {
  return [
    `${method} ${uri ?? (method === 'REGISTER' ? 'sip:example.com' : 'sip:user@example.com')} SIP/2.0`,
    `To: ${to ?? 'sip:user@example.com'}`,
    `From: ${from ?? 'sip:caller@example.net;tag=3ghsd41'}`,
    `Call-ID: ${name}.torture`,
    `CSeq: 39234321 ${method}`,
    `Via: ${via ?? 'SIP/2.0/UDP host1.example.com;branch=z9hG4bKtorture'}`,
    `Max-Forwards: ${maxForwards ?? 70}`,
    ...(extra ?? []),
  ]
}

const plain = (request: Request) => bytesOf([...head(request), 'l: 0'])

const unknownBody = ['<audio>', ' <pcmu port="443"/>', '</audio>']
const unknownFormat = bytesOf(
  [
    ...head({ name: 'invut', method: 'INVITE', extra: ['Contact: <sip:caller@host5.example.net>'] }),
    ...['Content-Type: application/unknownformat', `Content-Length: ${bytesOf([], unknownBody).length - 2}`],
  ],
  unknownBody,
)

const twoOfEach = inviteOf([
  'INVITE sip:user@example.com SIP/2.0',
  ...['Contact: <sip:caller@host25.example.net>', 'Via: SIP/2.0/UDP 192.0.2.25;branch=z9hG4bKtorture', 'Max-Forwards: 70'],
  ...['CSeq: 5 INVITE', 'Call-ID: multi01.torture@192.0.2.1', 'CSeq: 59 INVITE', 'Call-ID: multi01.torture@192.0.2.2'],
  ...['From: sip:caller@example.com;tag=3413415', 'To: sip:user@example.com', 'To: sip:other@example.net'],
  ...['From: sip:caller@example.net;tag=2923420123', 'Contact: <sip:caller@host36.example.net>', 'Max-Forwards: 5'],
])

const twoLengths = bytesOf(
  [...head({ name: 'mcl01', method: 'OPTIONS' }), 'Content-Length: 13', 'Content-Type: text/plain', 'Content-Length: 5'],
  ['Nobody can tell where this body ends.'],
)

const broadcast = inviteOf([
  'SIP/2.0 200 OK',
  ...['Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923', 'Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23'],
  ...['Call-ID: bcast.torture', 'CSeq: 35 INVITE', 'From: sip:user@example.com;tag=11141343', 'To: sip:user@example.edu;tag=2229'],
  'Contact: <sip:user@host28.example.com>',
])

const oldInvite = bytesOf(
  [
    ...[
      'INVITE sip:UserB@example.com SIP/2.0',
      'Via: SIP/2.0/UDP iftgw.example.com',
      'From: <sip:+13035551111@ift.client.example.net;user=phone>',
    ],
    ...['Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>', 'To: sip:+16505552222@ss1.example.net;user=phone'],
    ...['Call-ID: inv2543.torture@ift.client.example.com', 'CSeq: 56 INVITE', 'Content-Type: application/sdp'],
  ],
  ['v=0', 'o=torture 29739 7272939 IN IP4 192.0.2.5', 's=-', 'c=IN IP4 192.0.2.5', 't=0 0', 'm=audio 49217 RTP/AVP 0'],
)

const noRequiredHeaders = inviteOf([
  'INVITE sip:user@example.com SIP/2.0',
  'CSeq: 193942 INVITE',
  'Via: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKinsuf',
])
const requires = [
  'Require: nothingSupportsThis, nothingSupportsThisEither',
  'Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis',
]
const unacceptable = inviteOf(
  head({ name: 'sdp01', method: 'INVITE', extra: ['Accept: text/nobodyKnowsThis', 'Contact: <sip:caller@host15.example.net>'] }),
)
const gateway = 'sip:+19725552222@gw1.example.net'
const registration = (name: string, contact: string) =>
  plain({ name, method: 'REGISTER', from: 'sip:user@example.com;tag=8', extra: [`Contact: ${contact}`] })
const otherSchemes = plain({
  ...{ name: 'unksm2', method: 'REGISTER', to: 'isbn:2983792873', from: '<http://www.example.com>;tag=3234233' },
  extra: ['Contact: <name:John_Smith>'],
})

export const applicationMessages: readonly TortureMessage[] = [
  // The magic cookie with nothing behind it identifies no transaction; the request has to be handled like one of RFC 2543, or refused.
  {
    name: 'badbranch',
    section: 'RFC 4475 §3.2.1',
    bytes: plain({ name: 'badbranch', method: 'OPTIONS', via: 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK' }),
    expect: answeredByUserAgent(200, 400),
  },
  { name: 'insuf', section: 'RFC 4475 §3.3.1', bytes: noRequiredHeaders, expect: droppedFault(400) },
  {
    name: 'unkscm',
    section: 'RFC 4475 §3.3.2',
    bytes: plain({ name: 'unkscm', method: 'OPTIONS', uri: 'nobodyKnowsThisScheme:totallyopaquecontent' }),
    expect: answeredByUserAgent(416),
  },
  {
    name: 'novelsc',
    section: 'RFC 4475 §3.3.3',
    bytes: plain({ name: 'novelsc', method: 'OPTIONS', uri: 'soap.beep://192.0.2.103:3002' }),
    expect: answeredByUserAgent(416),
  },
  { name: 'unksm2', section: 'RFC 4475 §3.3.4', bytes: otherSchemes, expect: answeredByUserAgent(400, 401, 403, 404, 416) },
  {
    name: 'bext01',
    section: 'RFC 4475 §3.3.5',
    bytes: plain({ name: 'bext01', method: 'OPTIONS', extra: requires }),
    expect: answeredByUserAgent(420),
  },
  { name: 'invut', section: 'RFC 4475 §3.3.6', bytes: unknownFormat, expect: answeredByUserAgent(401, 415) },
  {
    name: 'regaut01',
    section: 'RFC 4475 §3.3.7',
    bytes: plain({ name: 'regaut01', method: 'REGISTER', extra: ['Authorization: NoOneKnowsThisScheme opaque-data=here'] }),
    expect: answeredByUserAgent(401),
  },
  { name: 'multi01', section: 'RFC 4475 §3.3.8', bytes: twoOfEach, expect: answeredFault(400) },
  { name: 'mcl01', section: 'RFC 4475 §3.3.9', bytes: twoLengths, expect: answeredFault(400) },
  { name: 'bcast', section: 'RFC 4475 §3.3.10', bytes: broadcast, expect: droppedByUserAgent },
  {
    name: 'zeromf',
    section: 'RFC 4475 §3.3.11',
    bytes: plain({ name: 'zeromf', method: 'OPTIONS', maxForwards: 0 }),
    expect: answeredByUserAgent(200, 483),
  },
  {
    name: 'cparam01',
    section: 'RFC 4475 §3.3.12',
    bytes: registration('cparam01', `${gateway};unknownparam`),
    expect: answeredByUserAgent(200, 401),
  },
  {
    name: 'cparam02',
    section: 'RFC 4475 §3.3.13',
    bytes: registration('cparam02', `<${gateway};unknownparam>`),
    expect: answeredByUserAgent(200, 401),
  },
  {
    name: 'regescrt',
    section: 'RFC 4475 §3.3.14',
    bytes: registration('regescrt', '<sip:user@example.com?Route=%3Csip:sip.example.com%3E>'),
    expect: answeredByUserAgent(200, 400, 401),
  },
  { name: 'sdp01', section: 'RFC 4475 §3.3.15', bytes: unacceptable, expect: answeredByUserAgent(401, 406) },
  { name: 'inv2543', section: 'RFC 4475 §3.4.1', bytes: oldInvite, expect: answeredByUserAgent(100, 180, 200, 401, 404) },
]
