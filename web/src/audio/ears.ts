/** What the supervisor hears: every line through its own gain and place between left and right. */

export interface Ear {
  setVolume(volume: number): void
  /** −1 left, 0 middle, 1 right. */
  setPlace(place: number): void
  /** How loud it is now, 0 to 1. */
  level(): number
  close(): void
}

let context: AudioContext | undefined

/** To be called while a person presses something: browsers let a page make sound only then. */
export function wakeEars(): void {
  context ??= new AudioContext({ latencyHint: 'interactive' })
  if (context.state === 'suspended') void context.resume()
}

export const earsAwake = (): boolean => context?.state === 'running'

export function hear(stream: MediaStream, { volume, place }: { readonly volume: number; readonly place: number }): Ear {
  context ??= new AudioContext({ latencyHint: 'interactive' })
  const source = context.createMediaStreamSource(stream)
  const gain = context.createGain()
  const panner = context.createStereoPanner()
  const meter = context.createAnalyser()
  meter.fftSize = 512
  source.connect(meter)
  source.connect(gain).connect(panner).connect(context.destination)
  gain.gain.value = volume
  panner.pan.value = place
  const sink = silentSink(stream)
  return {
    setVolume: (value) => glide(gain.gain, value),
    setPlace: (value) => glide(panner.pan, value),
    level: () => peakOf(meter),
    close() {
      for (const node of [source, gain, panner, meter]) node.disconnect()
      sink.srcObject = null
    },
  }
}

/** Chromium decodes a remote stream only while a media element plays it. */
function silentSink(stream: MediaStream): HTMLAudioElement {
  const sink = new Audio()
  sink.muted = true
  sink.srcObject = stream
  void sink.play().catch(() => {})
  return sink
}

/** Without a click. */
function glide(parameter: AudioParam, value: number): void {
  if (context !== undefined) parameter.setTargetAtTime(value, context.currentTime, 0.015)
}

const samples = new Float32Array(512)

function peakOf(meter: AnalyserNode): number {
  meter.getFloatTimeDomainData(samples)
  let peak = 0
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample))
  return peak
}
