/** RFC 3389: a talker who suppresses silence says how loud its room is; the listener hears white noise of that level instead of a dead line. */

const length = 8_192
/** The stored noise's root mean square, -30.3 dBov. */
const storedRms = 1_000
const storedDbov = -30.3
/** A talker who claims a noise louder than this is wrong, or wants to hurt. */
const loudestDbov = -40

const noise = whiteNoise()

/** The level in dBov of a comfort noise payload; its spectral coefficients are left out, G.711 phones rarely send them. */
export const noiseLevel = (payloadByte: number): number => -(payloadByte & 0x7f)

export class ComfortNoise {
  #position = 0

  addTo(sum: Int32Array, samples: number, levelDbov: number): boolean {
    const gain = 10 ** ((Math.min(levelDbov, loudestDbov) - storedDbov) / 20)
    if (gain * storedRms < 1) return false
    for (let i = 0; i < samples; i++) {
      sum[i] = (sum[i] as number) + Math.round((noise[this.#position] as number) * gain)
      this.#position = (this.#position + 1) % length
    }
    return true
  }
}

/** A fixed linear congruential sequence: noise need not be unpredictable, and a test wants it the same every time. */
function whiteNoise(): Int16Array {
  let state = 1
  return Int16Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.round((state / 2 ** 31 - 1) * storedRms * Math.sqrt(3))
  })
}
