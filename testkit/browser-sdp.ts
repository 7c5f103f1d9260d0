/** What a browser says of its audio, as much of it as anybody reads. */
export interface BrowserSdp {
  readonly codecs?: readonly string[]
  readonly direction?: string
  readonly ufrag?: string
  readonly protocol?: string
  readonly without?: string
}

export function browserSdp(of: BrowserSdp = {}): string {
  const { codecs = ['111 opus/48000/2', '0 PCMU/8000', '8 PCMA/8000', '126 telephone-event/8000'], direction = 'sendrecv' } = of
  const { ufrag = 'abcd', protocol = 'UDP/TLS/RTP/SAVPF', without } = of
  const lines = [
    'v=0',
    'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'a=msid-semantic: WMS',
    `m=audio 9 ${protocol} ${codecs.map((codec) => codec.split(' ', 1).join('')).join(' ')}`,
    'c=IN IP4 0.0.0.0',
    'a=rtcp:9 IN IP4 0.0.0.0',
    'a=candidate:1 1 udp 2113937151 127.0.0.1 40000 typ host',
    `a=ice-ufrag:${ufrag}`,
    'a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa',
    `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`,
    'a=setup:actpass',
    'a=mid:0',
    `a=${direction}`,
    'a=rtcp-mux',
    ...codecs.map((codec) => `a=rtpmap:${codec}`),
  ]
  const kept = lines.filter((line) => without === undefined || !line.startsWith(without))
  return `${kept.join('\r\n')}\r\n`
}
