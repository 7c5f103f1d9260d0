/** Instants as the clocks of an account show them. */
import { type Instant, instant } from '../kernel/time.ts'

export interface WallTime {
  readonly year: string
  readonly month: string
  readonly day: string
  readonly hour: string
  readonly minute: string
  readonly second: string
}

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone)
  if (known !== undefined) return known
  const numeric = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' } as const
  const made = new Intl.DateTimeFormat('en-GB', { ...numeric, timeZone: zone, hourCycle: 'h23', calendar: 'iso8601' })
  formatters.set(zone, made)
  return made
}

/** All parts with leading zeros. */
export function wallTime(at: Instant, zone: string): WallTime {
  const found = Object.fromEntries(
    formatterOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  const part = (name: string) => found[name] ?? ''
  return {
    year: part('year').padStart(4, '0'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
  }
}

/** Minutes east of Greenwich. */
export function offsetMinutes(at: Instant, zone: string): number {
  const { year, month, day, hour, minute, second } = wallTime(at, zone)
  const asUtc = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
  return Math.round((asUtc - Math.floor(at / 1000) * 1000) / 60_000)
}

/** `2012-06-27T16:08:55+03:00` (XML Schema dateTime with seconds and offset). */
export function offsetDateTime(at: Instant, zone: string, offset: number = offsetMinutes(at, zone)): string {
  const { year, month, day, hour, minute, second } = wallTime(instant(at + offset * 60_000), 'UTC')
  const sign = offset < 0 ? '-' : '+'
  const two = (value: number) => String(value).padStart(2, '0')
  const minutes = Math.abs(offset)
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

/** `2025-09-25 09:42:46`. */
export function dateAndTime(at: Instant, zone: string): string {
  const { year, month, day, hour, minute, second } = wallTime(at, zone)
  return `${year}-${month}-${day} ${hour}:${minute}:${second}`
}

/** The instant that such a clock shows; undefined where there is no such date. In the hour that a clock shows twice: the first. */
export function instantOf(wall: WallTime, zone: string): Instant | undefined {
  const { year, month, day, hour, minute, second } = wall
  const utc = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
  if (!Number.isFinite(utc)) return undefined
  for (const offset of new Set([offsetMinutes(instant(utc - 43_200_000), zone), offsetMinutes(instant(utc + 43_200_000), zone)])) {
    const at = instant(utc - offset * 60_000)
    const shown = wallTime(at, zone)
    if (Object.entries(wall).every(([name, value]) => Number(shown[name as keyof WallTime]) === Number(value))) return at
  }
  return undefined
}
