/** In the page, before anything of it: when it was clicked, and when a tone first left it for the loudspeaker. */

/** As far as a bench uses it; the bench itself has no types of browsers. */
export interface PageProbe {
  /** Of the last click or key, by the clock of the machine. */
  pressedAt: number
  /** Before the press whose sound is waited for. */
  arm(hertz: number): void
  /** From the press until the tone was handed to the loudspeaker's side, in milliseconds. */
  delay(): Promise<number>
  silent(hertz: number): Promise<void>
  /** Between what is handed over and what is heard, as the browser says it. */
  latencyMs(): number
  /** Gaps between frames, in milliseconds. */
  frames(ms: number): Promise<readonly number[]>
  scroll(ms: number): Promise<readonly number[]>
}

declare global {
  const window: { readonly sottoBench: PageProbe }
}

/** Whole cycles of every tone of the bench fit into 10 ms, so that none leaks into another; a fifth of a party's level is somebody. */
const worklet = `
registerProcessor('bench-probe', class extends AudioWorkletProcessor {
  constructor({ processorOptions: { tones } }) {
    super()
    this.size = Math.round(sampleRate / 100)
    this.held = new Float32Array(this.size)
    this.at = 0
    this.tones = tones.map((hertz) => ({ hertz, k: 2 * Math.cos((2 * Math.PI * hertz) / sampleRate), on: false }))
  }
  process([input]) {
    const samples = input?.[0]
    for (let i = 0; i < 128; i++) {
      this.held[this.at] = samples?.[i] ?? 0
      this.at = (this.at + 1) % this.size
    }
    for (const tone of this.tones) this.look(tone)
    return true
  }
  look(tone) {
    let one = 0
    let two = 0
    for (let i = 0; i < this.size; i++) {
      const value = this.held[(this.at + i) % this.size] + tone.k * one - two
      two = one
      one = value
    }
    const level = (2 * Math.sqrt(Math.max(0, one * one + two * two - tone.k * one * two))) / this.size
    const on = tone.on ? level > 0.01 : level > 0.035
    if (on === tone.on) return
    tone.on = on
    this.port.postMessage({ hertz: tone.hertz, on, at: Date.now() })
  }
})
`

/** What goes to the loudspeaker goes to the probe as well; every context has one from its beginning. */
export const pageProbe = (tones: readonly number[]): string => `(() => {
  const tones = ${JSON.stringify(tones)}
  const module = URL.createObjectURL(new Blob([${JSON.stringify(worklet)}], { type: 'text/javascript' }))
  const loud = new Map()
  const waiting = new Set()
  let armed
  const bench = window.sottoBench = { pressedAt: 0, arm, delay, silent, latencyMs, frames, scroll }
  const press = (event) => { bench.pressedAt = Date.now() - (performance.now() - event.timeStamp) }
  for (const kind of ['click', 'keydown']) window.addEventListener(kind, press, true)

  const connect = AudioNode.prototype.connect
  const probes = new WeakMap()
  let latest
  const NativeContext = window.AudioContext
  window.AudioContext = class extends NativeContext {
    constructor(...settings) {
      super(...settings)
      latest = this
      probes.set(this, this.audioWorklet.addModule(module).then(() => {
        const probe = new AudioWorkletNode(this, 'bench-probe', { processorOptions: { tones } })
        // Nobody asks a node for its samples that leads nowhere; this one adds silence.
        connect.call(probe, this.destination)
        probe.port.onmessage = ({ data }) => {
          if (data.on) loud.set(data.hertz, data.at)
          else loud.delete(data.hertz)
          for (const look of [...waiting]) look()
        }
        return probe
      }))
    }
  }
  AudioNode.prototype.connect = function (to, ...rest) {
    if (to === this.context.destination) void probes.get(this.context)?.then((probe) => connect.call(this, probe))
    return connect.call(this, to, ...rest)
  }

  function until(fits) {
    return new Promise((resolve) => {
      const look = () => {
        if (!fits()) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  }
  function arm(hertz) {
    armed = hertz
    bench.pressedAt = 0
  }
  async function delay() {
    await until(() => loud.has(armed) && bench.pressedAt > 0)
    return loud.get(armed) - bench.pressedAt
  }
  function silent(hertz) {
    return until(() => !loud.has(hertz))
  }
  function latencyMs() {
    return ((latest?.baseLatency ?? 0) + (latest?.outputLatency ?? 0)) * 1000
  }

  function frames(ms, each = () => {}) {
    return new Promise((resolve) => {
      const gaps = []
      let last
      const end = performance.now() + ms
      const look = (at) => {
        if (last !== undefined) gaps.push(at - last)
        last = at
        each()
        if (performance.now() < end) requestAnimationFrame(look)
        else resolve(gaps)
      }
      requestAnimationFrame(look)
    })
  }
  function scroll(ms) {
    const body = document.querySelector('.grid-body')
    let down = true
    return frames(ms, () => {
      body.scrollTop += down ? 40 : -40
      if (body.scrollTop <= 0 || body.scrollTop + body.clientHeight >= body.scrollHeight - 1) down = !down
    })
  }
})()`
