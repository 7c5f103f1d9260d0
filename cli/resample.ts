/**
 * To another rate, by a windowed sinc. For telephony what lies above half of the lower rate must be gone before samples are left out, or it
 * comes back as whistling: the filter passes all but the last tenth of the band and is 70 dB down where that ends.
 */

/** Zero crossings to either side: with the window below the transition is 0.075 of the lower rate. */
const crossings = 30
/** Kaiser's window for 70 dB. */
const beta = 6.8
/** The middle of the transition, in halves of the lower rate. */
const cutoff = 0.925

export function resample(samples: Float64Array, from: number, to: number): Float64Array {
  if (from === to) return samples
  const common = gcd(from, to)
  const [up, down] = [to / common, from / common]
  // In samples of the source.
  const reach = crossings * Math.max(1, from / to)
  const band = cutoff * Math.min(1, to / from)
  const phases = new Map<number, Float64Array>()
  const out = new Float64Array(Math.floor((samples.length * to) / from))
  for (let n = 0; n < out.length; n++) {
    const whole = Math.floor((n * down) / up)
    const phase = (n * down) % up
    const taps = phases.get(phase) ?? tapsAt(phase / up, reach, band)
    phases.set(phase, taps)
    const first = whole - Math.floor(reach)
    let sum = 0
    for (let k = 0; k < taps.length; k++) sum += (samples[first + k] ?? 0) * (taps[k] ?? 0)
    out[n] = sum
  }
  return out
}

/** One weight for each sample of the source within reach of a place that lies `fraction` behind a sample. They add up to one. */
function tapsAt(fraction: number, reach: number, band: number): Float64Array {
  const before = Math.floor(reach)
  const taps = Float64Array.from({ length: 2 * before + 2 }, (_, k) => {
    const distance = k - before - fraction
    return Math.abs(distance) > reach ? 0 : band * sinc(band * distance) * kaiser(distance / reach)
  })
  const sum = taps.reduce((a, b) => a + b, 0)
  return taps.map((tap) => tap / sum)
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))

const kaiser = (x: number): number => bessel(beta * Math.sqrt(Math.max(0, 1 - x * x))) / bessel(beta)

/** The modified Bessel function of the first kind, order 0, by its series. */
function bessel(x: number): number {
  let [sum, term] = [1, 1]
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b)
}

/** As the telephone network carries it; too loud is cut, as everywhere. */
export const toTelephone = (samples: Float64Array, rate: number): Int16Array =>
  Int16Array.from(resample(samples, rate, 8_000), (value) => Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768))))
