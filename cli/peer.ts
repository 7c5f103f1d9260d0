/** One connection over WebRTC: ICE, DTLS and SRTP in the native library, G.711 in and out. */
import { Audio, type IceServer, PeerConnection, type RelayType, type Track } from 'node-datachannel'
import { bounds } from './bounds.ts'
import { exits, Failure } from './exits.ts'
import type { IceServerView } from './views.ts'

export type Law = 'PCMU' | 'PCMA'

const payloadTypes: Readonly<Record<Law, number>> = { PCMU: 0, PCMA: 8 }
/** Of 20 ms. */
export const frameSamples = 160
const mid = '0'
/** The library loses the audio of a connection that nobody holds. */
const open = new Set<Peer>()

export interface PeerOptions {
  readonly iceServers: readonly IceServerView[]
  readonly onPacket: (packet: Buffer) => void
  /** Once, and never after `close`. */
  readonly onLost: () => void
}

export class Peer {
  law: Law = 'PCMU'
  readonly #options: PeerOptions
  readonly #peer: PeerConnection
  readonly #track: Track
  readonly #opened = Promise.withResolvers<void>()
  readonly #header = Buffer.alloc(12)
  #isOpen = false
  #isClosed = false
  #sequence = 1
  #timestamp = 0

  constructor(options: PeerOptions) {
    this.#options = options
    this.#peer = new PeerConnection('sotto', { iceServers: options.iceServers.flatMap(forLibrary), disableAutoNegotiation: true })
    const ssrc = 1 + Math.floor(Math.random() * 0xffff_fffe)
    this.#header[0] = 0x80
    this.#header.writeUInt32BE(ssrc, 8)
    this.#peer.onStateChange((state) => ['failed', 'closed', 'disconnected'].includes(state) && this.#lose())
    this.#track = this.#peer.addTrack(audio(ssrc))
    this.#track.onOpen(() => {
      this.#isOpen = true
      this.#opened.resolve()
    })
    this.#track.onClosed(() => this.#lose())
    this.#track.onMessage((packet) => options.onPacket(packet))
    this.#opened.promise.catch(() => {})
    open.add(this)
  }

  /**
   * Without addresses of ours: the server learns them from the first packet, which we send. The library fails where it is reached while it
   * still takes the answer in.
   */
  async offer(): Promise<string> {
    const gathered = new Promise<void>((resolve) => this.#peer.onGatheringStateChange((state) => state === 'complete' && resolve()))
    this.#peer.setLocalDescription('offer')
    await inTime(gathered, 'addresses for the connection')
    return (this.#peer.localDescription()?.sdp ?? '').replaceAll(/^a=candidate:.*\r\n/gm, '')
  }

  /** Resolves when audio can flow. */
  async accept(answer: string): Promise<void> {
    this.law = /^m=audio \d+ \S+ 8\b/m.test(answer) ? 'PCMA' : 'PCMU'
    this.#peer.setRemoteDescription(answer.replaceAll(/^a=candidate:.*\r\n/gm, ''), 'answer')
    for (const [, candidate = ''] of answer.matchAll(/^a=(candidate:.*)\r$/gm)) this.#peer.addRemoteCandidate(candidate, mid)
    await inTime(this.#opened.promise, 'the audio connection (UDP to the media address of the server)')
  }

  /** A frame of 20 ms. */
  send(payload: Uint8Array): void {
    if (!this.#isOpen) return
    this.#header[1] = payloadTypes[this.law]
    this.#header.writeUInt16BE(this.#sequence++ & 0xffff, 2)
    this.#header.writeUInt32BE(this.#timestamp, 4)
    this.#timestamp = (this.#timestamp + payload.length) >>> 0
    this.#track.sendMessageBinary(Buffer.concat([this.#header, payload]))
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#isOpen = false
    open.delete(this)
    // The track first, or the library never ends.
    this.#track.close()
    this.#peer.close()
  }

  #lose(): void {
    if (this.#isClosed) return
    this.#isOpen = false
    this.#opened.reject(new Failure(exits.failed, 'the audio connection did not come about'))
    this.close()
    this.#options.onLost()
  }
}

function audio(ssrc: number): Audio {
  const line = new Audio(mid, 'SendRecv')
  for (const [law, type] of Object.entries(payloadTypes)) line.addAudioCodec(type, law)
  line.addSSRC(ssrc, 'sotto')
  return line
}

/** `turns:host:port?transport=tcp` in the library's words. */
function forLibrary({ urls, username, credential }: IceServerView): (string | IceServer)[] {
  return urls.flatMap((url): (string | IceServer)[] => {
    const [, scheme, hostname = '', port, transport] =
      /^(stuns?|turns?):(\[[^\]]+\]|[^:?]+)(?::(\d+))?(?:\?transport=(\w+))?$/.exec(url) ?? []
    if (scheme === undefined) return []
    if (scheme.startsWith('stun')) return [`stun:${hostname}:${port ?? 3478}`]
    const relayType: RelayType = scheme === 'turns' ? 'TurnTls' : transport === 'tcp' ? 'TurnTcp' : 'TurnUdp'
    const whose = { ...(username === undefined ? {} : { username }), ...(credential === undefined ? {} : { password: credential }) }
    return [{ hostname, port: Number(port ?? (scheme === 'turns' ? 5349 : 3478)), ...whose, relayType }]
  })
}

async function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const why = `${what}: nothing within ${bounds.connectMs / 1000} s. \`sotto doctor\` looks into it.`
  const timer = setTimeout(() => reject(new Failure(exits.failed, why)), bounds.connectMs)
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
