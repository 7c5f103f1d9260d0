/** One audio connection to the server. It stays open from call to call; what is heard on it is the server's matter. */
import { type Ear, hear } from './ears.ts'

export interface LineSound {
  readonly volume: number
  readonly place: number
}

const gatherMs = { direct: 250, throughServers: 1_500 }

export class AudioLine {
  readonly #peer: RTCPeerConnection
  readonly #transceiver: RTCRtpTransceiver
  readonly #servers: readonly RTCIceServer[]
  #ear: Ear | undefined
  #sound: LineSound
  #lost = 0
  /** The way to the server is gone: it is to be laid again. */
  onLost: () => void = () => {}
  onConnected: () => void = () => {}

  constructor(servers: readonly RTCIceServer[], sound: LineSound) {
    this.#servers = servers
    this.#sound = sound
    this.#peer = new RTCPeerConnection({ iceServers: [...servers], bundlePolicy: 'max-bundle' })
    // Both ways from the start, with nothing to send: a whisper needs no new negotiation, and listening no microphone.
    this.#transceiver = this.#peer.addTransceiver('audio', { direction: 'sendrecv' })
    preferG711(this.#transceiver)
    this.#peer.ontrack = ({ track }) => this.#attach(track)
    this.#peer.onconnectionstatechange = () => this.#changed()
  }

  async offer(): Promise<string> {
    await this.#peer.setLocalDescription(await this.#peer.createOffer())
    await gathered(this.#peer, this.#servers.length > 0 ? gatherMs.throughServers : gatherMs.direct)
    return this.#peer.localDescription?.sdp ?? ''
  }

  accept(answer: string): Promise<void> {
    return this.#peer.setRemoteDescription({ type: 'answer', sdp: answer })
  }

  async speak(track: MediaStreamTrack | null): Promise<void> {
    await this.#transceiver.sender.replaceTrack(track)
  }

  get sound(): LineSound {
    return this.#sound
  }

  set sound(sound: LineSound) {
    this.#sound = sound
    this.#ear?.setVolume(sound.volume)
    this.#ear?.setPlace(sound.place)
  }

  level(): number {
    return this.#ear?.level() ?? 0
  }

  close(): void {
    clearTimeout(this.#lost)
    this.onLost = () => {}
    this.#peer.close()
    this.#ear?.close()
  }

  #attach(track: MediaStreamTrack): void {
    this.#ear?.close()
    this.#ear = hear(new MediaStream([track]), this.#sound)
  }

  /** `disconnected` often mends itself; `failed` never does. */
  #changed(): void {
    clearTimeout(this.#lost)
    const { connectionState } = this.#peer
    if (connectionState === 'connected') this.onConnected()
    if (connectionState === 'failed') this.onLost()
    if (connectionState === 'disconnected') this.#lost = setTimeout(() => this.onLost(), 1_500)
  }
}

/** The server's mixer speaks G.711: nothing is coded twice. */
function preferG711(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpReceiver.getCapabilities('audio')?.codecs ?? []
  const g711 = codecs.filter(({ mimeType }) => /^audio\/pcm[ua]$/i.test(mimeType))
  if (g711.length > 0) transceiver.setCodecPreferences(g711)
}

/** The server does not take candidates one by one; what has not been found by then is not worth the wait. */
function gathered(peer: RTCPeerConnection, ms: number): Promise<void> {
  if (peer.iceGatheringState === 'complete') return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    peer.addEventListener('icegatheringstatechange', () => {
      if (peer.iceGatheringState !== 'complete') return
      clearTimeout(timer)
      resolve()
    })
  })
}
