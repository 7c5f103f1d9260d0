/** A line of ours: an audio connection to the server that is opened over the API, and renewed when it breaks. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Api } from './api.ts'
import { bounds } from './bounds.ts'
import { type Law, Peer } from './peer.ts'
import type { IceServerView, LineView } from './views.ts'

export interface LineOptions {
  readonly label: string
  readonly onPacket?: (packet: Buffer, law: Law) => void
  readonly onLost?: () => void
  readonly onRenewed?: () => void
}

type Described = LineView & { readonly answer: string }

export class AudioLine {
  readonly id: string
  readonly #api: Api
  readonly #options: LineOptions
  readonly #iceServers: readonly IceServerView[]
  #peer: Peer
  #isClosed = false
  #isRenewing = false

  private constructor(
    id: string,
    peer: Peer,
    of: { readonly api: Api; readonly options: LineOptions; readonly iceServers: readonly IceServerView[] },
  ) {
    this.id = id
    this.#peer = peer
    this.#api = of.api
    this.#options = of.options
    this.#iceServers = of.iceServers
  }

  static async open(api: Api, options: LineOptions): Promise<AudioLine> {
    const { iceServers } = await api.get<{ readonly iceServers: readonly IceServerView[] }>('/ice-servers')
    let line: AudioLine | undefined
    const peer: Peer = new Peer({
      iceServers,
      onPacket: (packet) => options.onPacket?.(packet, peer.law),
      onLost: () => void line?.renew(),
    })
    const { id, answer } = await api.post<Described>('/lines', { offer: await peer.offer(), label: options.label })
    line = new AudioLine(id, peer, { api, options, iceServers })
    try {
      await peer.accept(answer)
      return line
    } catch (error) {
      await line.close()
      throw error
    }
  }

  get law(): Law {
    return this.#peer.law
  }

  send(payload: Uint8Array): void {
    this.#peer.send(payload)
  }

  /** What it supervises goes on over a new connection. */
  async renew(): Promise<void> {
    if (this.#isRenewing || this.#isClosed) return
    this.#isRenewing = true
    this.#options.onLost?.()
    for (let left = bounds.renewals; left > 0 && !this.#isClosed; left--) {
      if (await this.#renewed()) break
      await pause(bounds.againMs)
    }
    this.#isRenewing = false
  }

  /** Gives the line back, whatever the server says to it. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#api.delete(`/lines/${this.id}`).catch(() => {})
    this.#peer.close()
  }

  async #renewed(): Promise<boolean> {
    this.#peer.close()
    const { onPacket, onRenewed } = this.#options
    const peer: Peer = new Peer({
      iceServers: this.#iceServers,
      onPacket: (packet) => onPacket?.(packet, peer.law),
      onLost: () => void this.renew(),
    })
    this.#peer = peer
    try {
      const { answer } = await this.#api.put<Described>(`/lines/${this.id}`, { offer: await peer.offer() })
      await peer.accept(answer)
      onRenewed?.()
      return true
    } catch {
      return false
    }
  }
}
