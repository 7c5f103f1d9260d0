/** RFC 4475 §3.1.1: well-formed messages that a careless parser refuses or misreads. */
import { bytesOf, inviteOf, session, type TortureMessage, valid } from './fixture.ts'

const encoder = new TextEncoder()
const { lines: sdp, length: sdpLength } = session('192.0.2.3')

const tortuousInvite = bytesOf(
  [
    'INVITE sip:vivek@chair.example.com;unknownparam SIP/2.0',
    ...['TO :', ' sip:vivek@chair.example.com ;   tag    = 1918181833n'],
    ...['from   : "J Rosenberg \\\\\\""       <sip:jdr@example.com>', '  ;', '  tag = 98asjd8'],
    'MaX-fOrWaRdS: 0068',
    'Call-ID: wsinv.torture@192.0.2.1',
    `Content-Length   : ${sdpLength}`,
    ...['cseq: 0009', '  INVITE'],
    ...['Via  : SIP  /   2.0', ' /UDP', '    192.0.2.2;branch=390skdjuw'],
    's :',
    ...['NewFangledHeader:   newfangled value', ' continued newfangled value'],
    'UnknownHeaderWithUnusualValue: ;;,,;;,;',
    'Content-Type: application/sdp',
    ...['Route:', ' <sip:services.example.com;lr;unknownwith=value;unknown-no-value>'],
    ...['v:  SIP  / 2.0  / TCP     spindle.example.com   ;', '  branch  =   z9hG4bK9ikj8  ,'],
    ...[' SIP  /    2.0   / UDP  192.168.255.111   ; branch=', ' z9hG4bK30239'],
    ...['m:"Quoted string \\"\\"" <sip:jdr@example.com> ; newparam =', '      newvalue ;', '  secondparam ; q = 0.33'],
  ],
  sdp,
)

/** Every character that the grammar lets into a method, a token, a URI's user, a Call-ID and a quoted string. */
export const oddMethod = "!interesting-Method0123456789_*+`.%indeed'~"
export const oddUri = "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com"
export const oddCallId = 'intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{'

const wideRange = bytesOf([
  `${oddMethod} ${oddUri} SIP/2.0`,
  "Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~",
  'To: "BEL:\\\u0007 NUL:\\\u0000 DEL:\\\u007f" <sip:1_unusual.URI~(to-be!sure)&isn\'t+it$/crazy?,/;;*@example.com>',
  "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"работающий\";tag=_token~1'+`*%!-.",
  `Call-ID: ${oddCallId}`,
  `CSeq: 139122385 ${oddMethod}`,
  'Max-Forwards: 255',
  "extensionHeader-!.%*+_`'~:\ufeff大停電",
  'Content-Length: 0',
])

const escapes = inviteOf([
  'INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0',
  'To: sip:%75se%72@example.com',
  'From: <sip:I%20have%20spaces@example.net>;tag=938',
  'Max-Forwards: 87',
  'i: esc01.torture',
  'CSeq: 234234 INVITE',
  'Via: SIP/2.0/UDP host5.example.net;branch=z9hG4bKtorture',
  ...['Contact:', '  <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>'],
])

const escapedNulls = bytesOf([
  'REGISTER sip:example.com SIP/2.0',
  'To: sip:null-%00-null@example.com',
  'From: sip:null-%00-null@example.com;tag=839923423',
  'Max-Forwards: 70',
  'Call-ID: escnull.torture',
  'CSeq: 14398234 REGISTER',
  'Via: SIP/2.0/UDP host5.example.com;branch=z9hG4bKtorture',
  'Contact: <sip:%00@host5.example.com>',
  'Contact: <sip:%00%00@host5.example.com>',
  'L:0',
])

const notEscapes = bytesOf([
  'RE%47IST%45R sip:registrar.example.com SIP/2.0',
  'To: "%Z%45" <sip:resource@example.com>',
  'From: "%Z%45" <sip:resource@example.com>;tag=f232jadfj23',
  'Call-ID: esc02.torture',
  'Via: SIP/2.0/TCP host.example.com;branch=z9hG4bK209%fzsnel234',
  'CSeq: 29344 RE%47IST%45R',
  'Max-Forwards: 70',
  'Contact: <sip:alias1@host1.example.com>',
  'C%6Fntact: <sip:alias2@host2.example.com>',
  'Contact: <sip:alias3@host3.example.com>',
  'l: 0',
])

const noSpaceBeforeBracket = bytesOf([
  'OPTIONS sip:user@example.com SIP/2.0',
  'To: sip:user@example.com',
  'From: caller<sip:caller@example.com>;tag=323',
  'Max-Forwards: 70',
  'Call-ID: lwsdisp.torture@funky.example.com',
  'CSeq: 60 OPTIONS',
  'Via: SIP/2.0/UDP funky.example.com;branch=z9hG4bKtorture',
  'l: 0',
])

export const longBranch = `very${'long'.repeat(50)}branchvalue`
/** Each hop spells the header's name in another way. */
const viaNames = ['Via', 'v', 'V', 'ViA', 'VIa', 'VIA', 'via', 'viA', 'vIa', 'vIA', 'V ', 'v ', 'V  ', 'v  ', 'Via ', 'Via  ']

const longValues = inviteOf([
  'INVITE sip:user@example.com SIP/2.0',
  `To: "I have a user name of ${'extreme'.repeat(10)} proportion"<sip:user@example.com:6000;unknownparam1=very${'long'.repeat(20)}value;` +
    `longparam${'name'.repeat(25)}=shortvalue;very${'long'.repeat(25)}ParameterNameWithNoValue>`,
  `F: sip:${'amazinglylongcallername'.repeat(5)}@example.net;tag=1${'2982'.repeat(50)}424;unknownheaderparam${'name'.repeat(20)}=` +
    `unknowheaderparam${'value'.repeat(15)};unknownValueless${'paramname'.repeat(10)}`,
  `Call-ID: longreq.one${'really'.repeat(20)}longcallid`,
  'CSeq: 3882340 INVITE',
  `Unknown-${'Long'.repeat(20)}-Name: unknown-${'long'.repeat(20)}-value; unknown-${'long'.repeat(20)}-parameter-name = unknown-value`,
  ...Array.from({ length: 33 }, (_, hop) => `${viaNames[hop % viaNames.length]}: SIP/2.0/TCP sip${33 - hop}.example.com`),
  `Via: SIP/2.0/TCP host.example.com;received=192.0.2.5;branch=${longBranch}`,
  'Max-Forwards: 70',
  `Contact: <sip:${'amazinglylongcallername'.repeat(5)}@host5.example.net>`,
])

const followedByNoise = encoder.encode(
  [
    ...[
      'REGISTER sip:example.com SIP/2.0',
      'To: sip:j.user@example.com',
      'From: sip:j.user@example.com;tag=43251j3j324',
      'Max-Forwards: 8',
    ],
    ...[
      'I: dblreq.torture',
      'Contact: sip:j.user@host.example.com',
      'CSeq: 8 REGISTER',
      'Via: SIP/2.0/UDP 192.0.2.125;branch=z9hG4bKtorture',
    ],
    ...[
      'Content-Length: 0',
      '',
      '',
      'INVITE sip:joe@example.com SIP/2.0',
      't: sip:joe@example.com',
      'From: sip:caller@example.net; tag=141334',
    ],
    ...[
      'Max-Forwards: 8',
      'Call-ID: dblreq.second',
      'CSeq: 8 INVITE',
      'Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKsecond',
      'Content-Length: 0',
      '',
    ],
    '',
  ].join('\r\n'),
)

const semicolonInUser = bytesOf([
  'OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0',
  'To: sip:j_user@example.com',
  'From: sip:caller@example.org;tag=33242',
  'Max-Forwards: 3',
  'Call-ID: semiuri.torture',
  'CSeq: 8 OPTIONS',
  ...[
    'Accept: application/sdp, application/pkcs7-mime,',
    '        multipart/mixed, multipart/signed,',
    '        message/sip, message/sipfrag',
  ],
  'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKtorture',
  'l: 0',
])

const transports = bytesOf([
  'OPTIONS sip:user@example.com SIP/2.0',
  'To: sip:user@example.com',
  'From: <sip:caller@example.com>;tag=323',
  'Max-Forwards: 70',
  'Call-ID:  transports.torture',
  'Accept: application/sdp',
  'CSeq: 60 OPTIONS',
  ...['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP'].map((name, hop) => `Via: SIP/2.0/${name} t${hop + 1}.example.com;branch=z9hG4bKhop${hop}`),
  'l: 0',
])

/** Two parts, the second one binary: line breaks, NUL and bytes that are no UTF-8. */
export const binaryPart = Uint8Array.from([0x30, 0x82, 0x01, 0x52, 0x00, 0x0d, 0x0a, 0x0d, 0x0a, 0xff, 0xfe, 0x80, 0xc3, 0x28, 0x0a, 0x0d])

function multipart(): Uint8Array {
  const part = (type: string) => `--7a9cbec02ceef655\r\nContent-Type: ${type}\r\nContent-Transfer-Encoding: binary\r\n\r\n`
  const before = encoder.encode(`${part('text/plain')}Hello\r\n${part('application/octet-stream')}`)
  const after = encoder.encode('\r\n--7a9cbec02ceef655--\r\n')
  const head = [
    ...['MESSAGE sip:kumiko@example.org SIP/2.0', 'Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-d87543-torture-1--d87543-;rport'],
    ...[
      'Max-Forwards: 70',
      'Route: <sip:127.0.0.1:5080>',
      'Identity: r5mwreLuyDRYBi/0TiPwEsY3rEVsk/G2WxhgTV1PF7hHuLI=',
      'To: <sip:kumiko@example.org>',
    ],
    ...['From: <sip:fluffy@example.com>;tag=2fb0dcc9', 'Call-ID: mpart01.torture@Zmx1ZmZ5LW1hYy0xNi5sb2NhbA..', 'CSeq: 1 MESSAGE'],
    ...[
      'Content-Transfer-Encoding: binary',
      'Content-Type: multipart/mixed;boundary=7a9cbec02ceef655',
      'Date: Sat, 15 Oct 2005 04:44:56 GMT',
    ],
    `Content-Length: ${before.length + binaryPart.length + after.length}`,
  ]
  return Uint8Array.from([...encoder.encode(`${head.join('\r\n')}\r\n\r\n`), ...before, ...binaryPart, ...after])
}

export const oddReason = '= 2**3 * 5**2 но сто девяносто девять - простое'

const unusualReason = inviteOf([
  `SIP/2.0 200 ${oddReason}`,
  'Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923',
  'Call-ID: unreason.torture',
  'CSeq: 35 INVITE',
  'From: sip:user@example.com;tag=11141343',
  'To: sip:user@example.edu;tag=2229',
  'Contact: <sip:user@host198.example.com>',
])

const emptyReason = bytesOf([
  'SIP/2.0 100 ',
  'Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe',
  'Call-ID: noreason.torture',
  'CSeq: 35 INVITE',
  'From: <sip:user@example.com>;tag=39ansfi3',
  'To: <sip:user@example.edu>;tag=902jndnke3',
  'Content-Length: 0',
  'Contact: <sip:user@host105.example.com>',
])

export const validMessages: readonly TortureMessage[] = [
  { name: 'wsinv', section: 'RFC 4475 §3.1.1.1', bytes: tortuousInvite, expect: valid },
  { name: 'intmeth', section: 'RFC 4475 §3.1.1.2', bytes: wideRange, expect: valid },
  { name: 'esc01', section: 'RFC 4475 §3.1.1.3', bytes: escapes, expect: valid },
  { name: 'escnull', section: 'RFC 4475 §3.1.1.4', bytes: escapedNulls, expect: valid },
  { name: 'esc02', section: 'RFC 4475 §3.1.1.5', bytes: notEscapes, expect: valid },
  { name: 'lwsdisp', section: 'RFC 4475 §3.1.1.6', bytes: noSpaceBeforeBracket, expect: valid },
  { name: 'longreq', section: 'RFC 4475 §3.1.1.7', bytes: longValues, expect: valid },
  { name: 'dblreq', section: 'RFC 4475 §3.1.1.8', bytes: followedByNoise, expect: valid },
  { name: 'semiuri', section: 'RFC 4475 §3.1.1.9', bytes: semicolonInUser, expect: valid },
  { name: 'transports', section: 'RFC 4475 §3.1.1.10', bytes: transports, expect: valid },
  { name: 'mpart01', section: 'RFC 4475 §3.1.1.11', bytes: multipart(), expect: valid },
  { name: 'unreason', section: 'RFC 4475 §3.1.1.12', bytes: unusualReason, expect: valid },
  { name: 'noreason', section: 'RFC 4475 §3.1.1.13', bytes: emptyReason, expect: valid },
]
