/**
 * One connection over WebRTC: ICE, DTLS and SRTP in the native library, of which plain RTP and RTCP come out and go in.
 *
 * Whoever lets go of a track or a connection of this library loses its audio without a word as soon as the garbage is collected; and one
 * that is closed in another order, or without listeners, keeps the process alive for good. So everything is held here until the library has
 * said that it is closed.
 */
import type { PeerConnection, RtcConfig, Track } from 'node-datachannel'
import { limits } from '../kernel/limits.ts'
import { type Described, forLibrary } from './webrtc-description.ts'
import type { Library } from './webrtc-library.ts'

export interface ConnectionOptions {
  readonly library: Library
  /** One address, or all. */
  readonly bind: string | undefined
  /** All connections' packets pass through it. */
  readonly port: number
  readonly iceServers: RtcConfig['iceServers']
  readonly ssrc: number
  readonly onPacket: (packet: Uint8Array) => void
  readonly onOpen: () => void
  /** It is closed by then; told once, and never after `close`. */
  readonly onLost: (why: string) => void
}

/** The library takes any bytes; its types ask for a `Buffer`, of which there would be one for each packet. */
type AudioTrack = Omit<Track, 'sendMessageBinary'> & { sendMessageBinary(packet: Uint8Array): boolean }

const closing = new Set<WebRtcConnection>()

export class WebRtcConnection {
  readonly #options: ConnectionOptions
  readonly #peer: PeerConnection
  readonly #track: AudioTrack
  readonly #gathered: Promise<void>
  #isOpen = false
  #isClosed = false
  #hasSpoken = false
  /** Packets sent since the peer was last heard of. */
  #unheard = 0
  #open = 2
  #patience: NodeJS.Timeout | undefined

  constructor(options: ConnectionOptions, mid: string) {
    const { library, bind, port, iceServers, ssrc } = options
    this.#options = options
    this.#peer = new library.PeerConnection('', {
      ...{ iceServers, enableIceUdpMux: true, portRangeBegin: port, portRangeEnd: port, disableAutoNegotiation: true },
      ...(bind === undefined ? {} : { bindAddress: bind }),
    })
    this.#gathered = new Promise((resolve) => this.#peer.onGatheringStateChange((state) => state === 'complete' && resolve()))
    this.#peer.onStateChange((state) => this.#changed(state))
    this.#track = this.#peer.addTrack(audioOf(library, mid, ssrc)) as AudioTrack
    this.#track.onMessage((packet) => this.#received(packet))
    this.#track.onOpen(() => this.#opened())
    this.#track.onClosed(() => this.#partClosed())
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Our side, in the library's words; undefined when it cannot be had. */
  async answer(offer: Described): Promise<string | undefined> {
    try {
      this.#peer.setRemoteDescription(forLibrary(offer), 'offer')
      this.#peer.setLocalDescription('answer')
    } catch {
      return undefined
    }
    this.#wait(limits.webrtcConnectMs, 'no connection came about')
    return this.#described()
  }

  async offer(): Promise<string | undefined> {
    try {
      this.#peer.setLocalDescription('offer')
    } catch {
      return undefined
    }
    return this.#described()
  }

  /** The answer to our offer; false when the library makes no sense of it. */
  accept(answer: Described): boolean {
    try {
      this.#peer.setRemoteDescription(forLibrary(answer), 'answer')
    } catch {
      return false
    }
    this.#wait(limits.webrtcConnectMs, 'no connection came about')
    return true
  }

  /** Dropped while there is no connection: what is late is worth nothing. */
  send(packet: Uint8Array): void {
    if (!this.#isOpen) return
    if (++this.#unheard > limits.webrtcUnheardPackets && this.#hasSpoken) return this.#lose('the peer is not heard of any more')
    try {
      this.#track.sendMessageBinary(packet)
    } catch {
      // It has just been closed from the other side, which is about to be told.
    }
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#isOpen = false
    clearTimeout(this.#patience)
    closing.add(this)
    this.#track.close()
    this.#peer.close()
  }

  async #described(): Promise<string | undefined> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limits.webrtcGatherMs)
    })
    await Promise.race([this.#gathered, late])
    clearTimeout(timer)
    return this.#isClosed ? undefined : (this.#peer.localDescription()?.sdp ?? undefined)
  }

  #received(packet: Uint8Array): void {
    this.#hasSpoken = true
    this.#unheard = 0
    this.#options.onPacket(packet)
  }

  #opened(): void {
    if (this.#isClosed) return
    clearTimeout(this.#patience)
    this.#isOpen = true
    this.#options.onOpen()
  }

  #changed(state: string): void {
    if (state === 'closed') this.#partClosed()
    if (this.#isClosed) return
    if (state === 'closed') this.#lose('closed by the peer')
    else if (state === 'failed') this.#lose('the peer answers no more')
    else if (state === 'disconnected') this.#wait(limits.webrtcDisconnectedMs, 'the peer answers no more')
    else if (state === 'connected' && this.#isOpen) clearTimeout(this.#patience)
  }

  #wait(ms: number, why: string): void {
    clearTimeout(this.#patience)
    this.#patience = setTimeout(() => this.#lose(why), ms)
  }

  #lose(why: string): void {
    if (this.#isClosed) return
    this.close()
    this.#options.onLost(why)
  }

  /** The track's end, and the connection's. */
  #partClosed(): void {
    this.#open--
    if (this.#open === 0) closing.delete(this)
  }
}

/** The library looks at neither codecs nor direction of the only line there is; the SSRC tells it what we send. */
function audioOf({ Audio }: Library, mid: string, ssrc: number): InstanceType<Library['Audio']> {
  const audio = new Audio(mid, 'SendRecv')
  audio.addAudioCodec(0, 'PCMU')
  audio.addAudioCodec(8, 'PCMA')
  audio.addSSRC(ssrc, 'sotto')
  return audio
}
