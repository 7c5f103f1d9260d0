import type { Brand } from './brand.ts'

/** Milliseconds since the Unix epoch, fractions allowed. Always an argument, never read from a clock below `edge/`. */
export type Instant = Brand<number, 'Instant'>

export const instant = (ms: number): Instant => ms as Instant

export const addMs = (at: Instant, ms: number): Instant => (at + ms) as Instant

/** The earliest of several optional deadlines. */
export function earliest(...deadlines: readonly (Instant | undefined)[]): Instant | undefined {
  let first: Instant | undefined
  for (const deadline of deadlines) if (deadline !== undefined && (first === undefined || deadline < first)) first = deadline
  return first
}

/** RFC 3339 in UTC with milliseconds, as every API answer prints time. */
export function rfc3339(at: Instant): string {
  const days = Math.floor(at / 86_400_000)
  const msOfDay = Math.floor(at - days * 86_400_000)
  const { year, month, day } = civilDate(days)
  const two = (n: number) => String(n).padStart(2, '0')
  const time = `${two(Math.floor(msOfDay / 3_600_000))}:${two(Math.floor(msOfDay / 60_000) % 60)}:${two(Math.floor(msOfDay / 1000) % 60)}`
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${time}.${String(msOfDay % 1000).padStart(3, '0')}Z`
}

/** Days since 1970-01-01 to a date of the proleptic Gregorian calendar, counted in eras of 400 years that begin on 1 March. */
function civilDate(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  }
}
