/** RFC 5118: IPv6 addresses in all their places. */
import { answeredFault, bytesOf, type TortureMessage, valid } from './fixture.ts'

interface Request {
  readonly name: string
  readonly method?: string
  readonly uri: string
  readonly to?: string
  readonly vias?: readonly string[]
  readonly contact?: string
  readonly body?: readonly string[]
}

const ordinaryVia = 'SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111'

function message({ name, method = 'REGISTER', uri, to, vias = [ordinaryVia], contact, body }: Request): Uint8Array {
  const head = [
    `${method} ${uri} SIP/2.0`,
    `To: ${to ?? 'sip:user@example.com'}`,
    'From: sip:user@example.com;tag=81x2',
    ...vias.map((via) => `Via: ${via}`),
    `Call-ID: ${name}.torture`,
    'Max-Forwards: 70',
    `Contact: "Caller" <${contact ?? 'sip:caller@[2001:db8::1]'}>`,
    `CSeq: 98176 ${method}`,
    ...(body === undefined ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body === undefined ? 0 : bytesOf([], body).length - 2}`,
  ]
  return bytesOf(head, body)
}

const description = (origin: string, rest: readonly string[]) => ['v=0', `o=torture 971731711378798081 0 IN ${origin}`, 's=-', ...rest]

const inSdp = message({
  ...{
    name: 'ipv6-in-sdp',
    method: 'INVITE',
    uri: 'sip:user@[2001:db8::10]',
    to: 'sip:user@[2001:db8::10]',
    contact: 'sip:caller@[2001:db8::20]',
  },
  body: description('IP6 2001:db8::20', [
    'c=IN IP6 2001:db8::20',
    't=3338481189 3370017201',
    'm=audio 6000 RTP/AVP 0',
    'm=video 6024 RTP/AVP 107',
  ]),
})

const manyInHeaders = message({
  ...{ name: 'mult-ip-in-header', method: 'BYE', uri: 'sip:user@host.example.net' },
  vias: [
    'SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111',
    'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144',
    'SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bK451jj;received=192.0.2.200',
  ],
})

const manyInSdp = message({
  ...{ name: 'mult-ip-in-sdp', method: 'INVITE', uri: 'sip:user@[2001:db8::10]', contact: 'sip:caller@[2001:db8::9:1]' },
  body: description('IP4 host.example.com', [
    ...[
      't=0 0',
      'm=audio 22334 RTP/AVP 0',
      'c=IN IP4 192.0.2.1',
      'm=video 6024 RTP/AVP 107',
      'c=IN IP6 2001:db8::1',
      'a=rtpmap:107 H263-1998/90000',
    ],
  ]),
})

const mapped = message({
  ...{ name: 'ipv4-mapped-ipv6', method: 'INVITE', uri: 'sip:user@example.com', contact: 'sip:ted@[::ffff:192.0.2.2]' },
  vias: ['SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19', 'SIP/2.0/UDP [::ffff:192.0.2.2];branch=z9hG4bKas3-111'],
  body: description('IP6 ::ffff:192.0.2.2', ['c=IN IP6 ::ffff:192.0.2.2', 't=0 0', 'm=audio 6000 RTP/AVP 0']),
})

const withReceived = (name: string, received: string) =>
  message({
    name,
    method: 'OPTIONS',
    uri: 'sip:[2001:db8::10]',
    vias: [`SIP/2.0/UDP [2001:db8::9:1];received=${received};branch=z9hG4bKas3-111`],
  })

const withColons = (name: string, host: string) => message({ name, method: 'OPTIONS', uri: `sip:user@${host}`, to: `sip:user@${host}` })

export const ipv6Messages: readonly TortureMessage[] = [
  { name: 'ipv6-good', section: 'RFC 5118 §4.1', bytes: message({ name: 'ipv6-good', uri: 'sip:[2001:db8::10]' }), expect: valid },
  { name: 'ipv6-bad', section: 'RFC 5118 §4.2', bytes: message({ name: 'ipv6-bad', uri: 'sip:2001:db8::10' }), expect: answeredFault(400) },
  {
    name: 'port-ambiguous',
    section: 'RFC 5118 §4.3',
    bytes: message({ name: 'port-ambiguous', uri: 'sip:[2001:db8::10:5070]' }),
    expect: valid,
  },
  {
    name: 'port-unambiguous',
    section: 'RFC 5118 §4.4',
    bytes: message({ name: 'port-unambiguous', uri: 'sip:[2001:db8::10]:5070' }),
    expect: valid,
  },
  {
    name: 'via-received-param-with-delim',
    section: 'RFC 5118 §4.5',
    bytes: withReceived('with-delim', '[2001:db8::9:255]'),
    expect: valid,
  },
  { name: 'via-received-param-no-delim', section: 'RFC 5118 §4.5', bytes: withReceived('no-delim', '2001:db8::9:255'), expect: valid },
  { name: 'ipv6-in-sdp', section: 'RFC 5118 §4.6', bytes: inSdp, expect: valid },
  { name: 'mult-ip-in-header', section: 'RFC 5118 §4.7', bytes: manyInHeaders, expect: valid },
  { name: 'mult-ip-in-sdp', section: 'RFC 5118 §4.8', bytes: manyInSdp, expect: valid },
  { name: 'ipv4-mapped-ipv6', section: 'RFC 5118 §4.9', bytes: mapped, expect: valid },
  { name: 'ipv6-bug-abnf-3-colons', section: 'RFC 5118 §4.10', bytes: withColons('three-colons', '[2001:db8:::192.0.2.1]'), expect: valid },
  {
    name: 'ipv6-correct-abnf-2-colons',
    section: 'RFC 5118 §4.10',
    bytes: withColons('two-colons', '[2001:db8::192.0.2.1]'),
    expect: valid,
  },
]
