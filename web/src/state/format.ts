/** Times and numbers as they are shown. */

/** `0:07`, `12:34`, `1:02:03`. Clocks of two machines differ: what is not yet begins at zero. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const two = (n: number): string => String(n).padStart(2, '0')
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** `45 s`, `12 min`, `3 h 05`: for sums that nobody watches growing. */
export function roundDuration(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return `${Math.max(0, Math.round(ms / 1000))} s`
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')}`
}

export const percent = (part: number, whole: number): string => (whole === 0 ? '–' : `${Math.round((100 * part) / whole)} %`)

/** Country codes of two digits (ITU-T E.164, assigned codes); 1 and 7 have one, all others three. */
const twoDigits = /^(2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/

/** E.164 numbers in groups, so that they can be read aloud. Where a country groups otherwise, its people still find all digits. */
export function phoneNumber(number: string): string {
  const digits = /^\+(\d{7,15})$/.exec(number)?.[1]
  if (digits === undefined) return number
  const country = digits.slice(0, /^[17]/.test(digits) ? 1 : twoDigits.test(digits) ? 2 : 3)
  const rest = digits.slice(country.length)
  const groups = country === '1' && rest.length === 10 ? [rest.slice(0, 3), rest.slice(3, 6), rest.slice(6)] : threes(rest)
  return `+${[country, ...groups].join('\u202f')}`
}

/** From the end; nothing of less than two digits stands alone at the front. */
function threes(digits: string): readonly string[] {
  if (digits.length <= 4) return [digits]
  return [...threes(digits.slice(0, -3)), digits.slice(-3)]
}

const floorDbov = -60
const ceilingDbov = -12

/** A level as a share of the meter, 0 to 1. */
export const meterShare = (dbov: number | null | undefined): number =>
  dbov == null ? 0 : Math.min(1, Math.max(0, (dbov - floorDbov) / (ceilingDbov - floorDbov)))
