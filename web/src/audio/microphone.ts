/** The microphone: asked for at the first whisper, given to one line at a time, silent and taken off the line otherwise. */

let track: MediaStreamTrack | undefined
let opening: Promise<MediaStreamTrack | MicrophoneFault> | undefined
let timer = 0
let onGone: () => void = () => {}
/** A device that nobody speaks into is let go, so that the browser's sign goes out; where that would ask again it is kept, silent. */
const idleMs = 20_000

export type MicrophoneFault = 'insecure' | 'denied' | 'missing'

/** Whoever asks while it is being opened waits for the same one: a second one would stay open for ever. */
export async function openMicrophone(): Promise<MediaStreamTrack | MicrophoneFault> {
  clearTimeout(timer)
  timer = 0
  if (track?.readyState === 'live') return track
  opening ??= ask().finally(() => {
    opening = undefined
  })
  return opening
}

/** Unplugged, or taken away by the browser. */
export function whenMicrophoneGoes(listener: () => void): void {
  onGone = listener
}

async function ask(): Promise<MediaStreamTrack | MicrophoneFault> {
  if (navigator.mediaDevices === undefined) return 'insecure'
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
    })
    track = stream.getAudioTracks()[0]
    if (track === undefined) return 'missing'
    // Whoever gives it to a line turns it on.
    track.enabled = false
    track.onended = () => onGone()
    return track
  } catch (error) {
    return error instanceof DOMException && error.name === 'NotFoundError' ? 'missing' : 'denied'
  }
}

export function restMicrophone(): void {
  if (track === undefined) return
  track.enabled = false
  clearTimeout(timer)
  timer = setTimeout(() => void letGo(), idleMs)
}

async function letGo(): Promise<void> {
  const mine = timer
  const asks = await navigator.permissions?.query({ name: 'microphone' as PermissionName }).then(
    ({ state }) => state !== 'granted',
    () => true,
  )
  if (asks !== false || timer !== mine) return
  track?.stop()
  track = undefined
}
