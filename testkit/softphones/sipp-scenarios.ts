/** SIPp's scripts. It has no ears worth the name, so its SDP names a port of ours and the test speaks and listens there. */

export interface ScenarioValues {
  readonly user: string
  readonly password: string
  readonly realm: string
  readonly mediaPort: number
  /** What a UAC dials. */
  readonly number?: string
}

const document = (name: string, steps: readonly string[]): string =>
  `<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n<scenario name="${name}">\n${steps.join('\n')}\n</scenario>\n`

const send = (lines: readonly string[], attributes = ''): string => `<send${attributes}><![CDATA[\n${lines.join('\n')}\n]]></send>`

/** The far end's media port goes to SIPp's log, where the driver reads it, with the name of the call. */
const noted = [
  '<ereg regexp="m=audio ([0-9]+)" search_in="body" check_it="false" assign_to="line,port"/>',
  '<log message="media [$port] [call_id]"/>',
]
const notePort = `<action>${noted.join('')}</action>`

/** What the side that was called needs for a BYE of its own. */
const noteParties = [
  ...noted,
  '<ereg regexp=".*" search_in="hdr" header="From:" assign_to="them"/>',
  '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="us"/>',
]

const sdp = (values: ScenarioValues): readonly string[] => [
  'Content-Type: application/sdp',
  'Content-Length: [len]',
  '',
  'v=0',
  'o=sipp 53655765 2353687637 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  `m=audio ${values.mediaPort} RTP/AVP 0 101`,
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
]

const contact = (values: ScenarioValues): string => `Contact: <sip:${values.user}@127.0.0.1:[local_port];transport=udp>`

const empty = ['Content-Length: 0', '', '']

const answered = (status: string, toTag = ''): readonly string[] => [
  `SIP/2.0 ${status}`,
  '[last_Via:]',
  '[last_Record-Route:]',
  '[last_From:]',
  `[last_To:]${toTag}`,
  '[last_Call-ID:]',
  '[last_CSeq:]',
]

const tag = ';tag=[pid]sipp[call_number]'

export function registerScenario(values: ScenarioValues): string {
  const request = (cseq: number, extra: readonly string[]) =>
    send(
      [
        'REGISTER sip:[remote_ip]:[remote_port] SIP/2.0',
        'Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch];rport',
        'Max-Forwards: 70',
        `From: <sip:${values.user}@${values.realm}>;tag=[pid]reg`,
        `To: <sip:${values.user}@${values.realm}>`,
        'Call-ID: [call_id]',
        `CSeq: ${cseq} REGISTER`,
        contact(values),
        'Expires: 600',
        ...extra,
        ...empty,
      ],
      ' retrans="500"',
    )
  return document('register', [
    request(1, []),
    '<recv response="100" optional="true"/>',
    '<recv response="401" auth="true"/>',
    request(2, [`[authentication username=${values.user} password=${values.password}]`]),
    '<recv response="100" optional="true"/>',
    '<recv response="200"/>',
  ])
}

/** Answers calls and stays in each until the other side hangs up, agreeing to whatever it re-offers. */
export function answerScenario(values: ScenarioValues): string {
  return document('answer', [
    `<recv request="INVITE" rrs="true"><action>${noteParties.join('')}</action></recv>`,
    send([...answered('180 Ringing', tag), contact(values), ...empty]),
    '<pause milliseconds="50"/>',
    send([...answered('200 OK', tag), contact(values), ...sdp(values)], ' retrans="500"'),
    '<recv request="ACK" rtd="true"/>',
    ...conversation(values, bye({ from: `[$us]${tag}`, to: '[$them]', cseq: 1 }, values)),
    '<Reference variables="line,port,us,them"/>',
  ])
}

/** Calls, and stays likewise. */
export function callScenario(values: ScenarioValues): string {
  const { number = '', user, realm } = values
  const head = (method: string, cseq: string) => [
    `${method} ${method === 'INVITE' ? `sip:${number}@[remote_ip]:[remote_port]` : '[next_url]'} SIP/2.0`,
    'Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch];rport',
    'Max-Forwards: 70',
    `From: <sip:${user}@${realm}>;tag=[pid]call[call_number]`,
    method === 'INVITE' ? `To: <sip:${number}@${realm}>` : `To: <sip:${number}@${realm}>[peer_tag_param]`,
    'Call-ID: [call_id]',
    `CSeq: ${cseq}`,
    contact(values),
  ]
  return document('call', [
    send([...head('INVITE', '1 INVITE'), ...sdp(values)], ' retrans="500"'),
    ...['100', '180', '181', '182', '183'].map((status) => `<recv response="${status}" optional="true"/>`),
    `<recv response="200" rrs="true" rtd="true">${notePort}</recv>`,
    send([...head('ACK', '1 ACK'), '[routes]', ...empty]),
    ...conversation(values, send([...head('BYE', '2 BYE'), '[routes]', ...empty], ' retrans="500"')),
    '<Reference variables="line,port"/>',
  ])
}

function bye(say: { readonly from: string; readonly to: string; readonly cseq: number }, values: ScenarioValues): string {
  return send(
    [
      'BYE [next_url] SIP/2.0',
      'Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch];rport',
      '[routes]',
      'Max-Forwards: 70',
      `From: ${say.from}`,
      `To: ${say.to}`,
      'Call-ID: [call_id]',
      `CSeq: ${say.cseq} BYE`,
      contact(values),
      ...empty,
    ],
    ' retrans="500"',
  )
}

/** The method of the driver's own datagram to SIPp. No server sends it within a call. */
export const hangUpMethod = 'PUBLISH'

/** Label 1: talk; 2: a re-INVITE; 3: whatever else wants a 200; 5: the driver says that it is time to go. */
function conversation(values: ScenarioValues, goodbye: string): readonly string[] {
  return [
    '<label id="1"/>',
    `<recv request="INVITE" optional="true" next="2">${notePort}</recv>`,
    ...['OPTIONS', 'UPDATE', 'INFO', 'NOTIFY'].map((method) => `<recv request="${method}" optional="true" next="3"/>`),
    '<recv request="ACK" optional="true" next="1"/>',
    `<recv request="${hangUpMethod}" optional="true" next="5"/>`,
    '<recv request="BYE"/>',
    send([...answered('200 OK'), contact(values), ...empty], ' next="4"'),
    '<label id="2"/>',
    send([...answered('200 OK'), contact(values), ...sdp(values)], ' retrans="500"'),
    '<recv request="ACK" next="1"/>',
    '<label id="3"/>',
    send([...answered('200 OK'), contact(values), ...empty], ' next="1"'),
    '<label id="5"/>',
    goodbye,
    '<recv response="200" next="4"/>',
    '<label id="4"/>',
    '<nop><action><log message="over"/></action></nop>',
  ]
}
