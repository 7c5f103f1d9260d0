/** A STUN or TURN server, in the shape of a browser's `RTCIceServer`. */
export interface IceServer {
  readonly urls: readonly string[]
  readonly username?: string
  readonly credential?: string
}
