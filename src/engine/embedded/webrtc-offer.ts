/** What is read of a browser's description here, before it is handed to the media process as it came. */
import { limits } from '../../kernel/limits.ts'
import { fail, type Outcome } from '../../kernel/outcome.ts'
import { parseSdp } from '../../sdp/parser.ts'
import { isWebRtc, readWebRtc, type WebRtcAudio } from '../../sdp/webrtc.ts'

/** A failure says why it cannot be an offer, or an answer, of audio over WebRTC. */
export function inspectWebRtc(text: string): Outcome<WebRtcAudio, string> {
  if (text.length > limits.webrtcDescriptionChars) return fail('longer than any description we take')
  const parsed = parseSdp(text)
  return parsed.ok ? readWebRtc(parsed.value) : parsed
}

export function offersWebRtc(text: string): boolean {
  const parsed = parseSdp(text)
  return parsed.ok && isWebRtc(parsed.value)
}
