/** STUN and TURN servers as browsers are told of them. */
import { createHmac } from 'node:crypto'
import type { IceServer } from '../kernel/ice-server.ts'
import type { Instant } from '../kernel/time.ts'
import type { Settings } from './settings.ts'

/**
 * With a secret that the TURN server shares, each browser gets a user name that says when it lapses, and its HMAC as the password: the scheme
 * that coturn calls `use-auth-secret` (draft-uberti-behave-turn-rest). Servers with a user name of their own keep it.
 */
export function iceServers({ iceServers, turnSecret, turnMinutes }: Settings['webrtc'], at: Instant, who: string): readonly IceServer[] {
  if (turnSecret === undefined) return iceServers
  const username = `${Math.floor(at / 1000) + turnMinutes * 60}:${who}`
  const credential = createHmac('sha1', turnSecret).update(username).digest('base64')
  return iceServers.map((server) => (isTurn(server) && server.username === undefined ? { ...server, username, credential } : server))
}

const isTurn = ({ urls }: IceServer): boolean => urls.some((url) => url.startsWith('turn'))
