/**
 * SIP messages as values (RFC 3261 §7). The parser makes them, the writer prints them; nothing else touches bytes.
 * Structured headers that every message needs are parsed once; all others stay text, unfolded and trimmed.
 */

/** Header or URI parameters: names in lower case, in order of arrival; `undefined` for a parameter without a value. */
export type Params = ReadonlyMap<string, string | undefined>

/** RFC 3261 §19.1. `user` and `password` are percent-decoded; `host` is in lower case, an IPv6 address without brackets. */
export interface SipUri {
  readonly scheme: 'sip' | 'sips'
  readonly user?: string
  readonly password?: string
  readonly host: string
  readonly port?: number
  readonly params: Params
  /** The `?name=value` part, as in `Refer-To: <sip:b@x?Replaces=…>`; names as written, values decoded. */
  readonly headers: ReadonlyMap<string, string>
}

/** RFC 3966. `number` keeps a leading `+`; visual separators are removed. */
export interface TelUri {
  readonly scheme: 'tel'
  readonly number: string
  readonly params: Params
}

/** A URI of a scheme that Sotto cannot route to (`http:`, `urn:`, `unknownscheme:`), kept as written. */
export interface OtherUri {
  readonly scheme: 'other'
  readonly text: string
}

export type Uri = SipUri | TelUri | OtherUri

/** `From`, `To`, `Contact`, `Route`, `Refer-To` …: `"Name" <uri>;param=value`. */
export interface NameAddr {
  /** Unquoted and unescaped. */
  readonly displayName?: string
  readonly uri: Uri
  readonly params: Params
}

export interface Via {
  /** Of SIP in the sent-protocol, where it is not 2.0: only to answer 505. */
  readonly version?: string
  /** Upper case: `UDP`, `TCP`, `TLS`, `WS`, `WSS`, or another token. */
  readonly transport: string
  readonly host: string
  readonly port?: number
  /** Includes `branch`, `received`, `rport`. */
  readonly params: Params
}

export interface CSeq {
  /** 0 to 2^31 - 1. */
  readonly number: number
  readonly method: string
}

/** Any other header: `name` in canonical spelling (`Call-ID`, `WWW-Authenticate`; compact forms expanded), `value` unfolded and trimmed. */
export interface Header {
  readonly name: string
  readonly value: string
}

interface Common {
  /** Topmost first. */
  readonly via: readonly Via[]
  readonly from: NameAddr
  readonly to: NameAddr
  readonly callId: string
  readonly cseq: CSeq
  /** All headers but Via, From, To, Call-ID, CSeq, Max-Forwards and Content-Length, in order; one entry for each field line. */
  readonly headers: readonly Header[]
  readonly body: Uint8Array
}

export interface Request extends Common {
  readonly kind: 'request'
  readonly method: string
  readonly uri: Uri
  readonly maxForwards: number
}

export interface Response extends Common {
  readonly kind: 'response'
  readonly status: number
  readonly reason: string
}

export type Message = Request | Response

/**
 * What is wrong with bytes that are no valid message. When enough of a request was understood to answer it, `answer` holds what a
 * response needs (`status` is the hint: 400, 413, 416, 420, 505 …); without it the bytes are dropped in silence (RFC 3261 §18.3).
 */
export interface ProtocolFault {
  readonly status: number
  readonly why: string
  readonly answer?: Pick<Request, 'via' | 'from' | 'to' | 'callId' | 'cseq' | 'method'>
}

/** The first value of a header, by canonical name. */
export function header(message: Message, name: string): string | undefined {
  for (const h of message.headers) if (h.name === name) return h.value
  return undefined
}

/** All values of a header, one for each field line, not split at commas. */
export function headers(message: Message, name: string): readonly string[] {
  return message.headers.filter((h) => h.name === name).map((h) => h.value)
}
