/** The bell of the softphone: two tones, one second in four, until somebody answers. */
const tones = [440, 480]
const [soundSeconds, everyMs] = [1.1, 3_200]

let context: AudioContext | undefined

/** Returns how to stop. Where the browser has seen no press yet it is silent, and the page shows the call all the same. */
export function startRinging(): () => void {
  context ??= new AudioContext()
  const { destination } = context
  const gain = context.createGain()
  gain.gain.value = 0
  gain.connect(destination)
  const sources = tones.map((hertz) => beginTone(gain, hertz))
  void context.resume().catch(() => {})
  swell(gain)
  const timer = setInterval(() => swell(gain), everyMs)
  return () => {
    clearInterval(timer)
    for (const source of sources) source.stop()
    gain.disconnect()
  }
}

function beginTone(into: GainNode, hertz: number): OscillatorNode {
  const source = into.context.createOscillator()
  source.frequency.value = hertz
  source.connect(into)
  source.start()
  return source
}

/** Up and down without a click. */
function swell({ gain, context: { currentTime } }: GainNode): void {
  gain.cancelScheduledValues(currentTime)
  gain.setTargetAtTime(0.12, currentTime, 0.03)
  gain.setTargetAtTime(0, currentTime + soundSeconds, 0.05)
}
