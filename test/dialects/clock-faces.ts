/** Times as the contracts print them, worked out without the server's own formatter. */

import { pause } from '../../testkit/phone-wait.ts'

/** Times that a contract prints alike, because they lie within one second, shall do so here. */
export const earlyInASecond = (): Promise<void> => pause(Date.now() % 1000 < 400 ? 0 : 1000 - (Date.now() % 1000))

/** The parts of an instant (RFC 3339) in a zone: `2012-06-27 16:08:55` and `+03:00`. */
function faceIn(zone: string, at: string): { readonly date: string; readonly time: string; readonly offset: string } {
  // Swedish writes dates as ISO 8601 does.
  const text = new Date(at).toLocaleString('sv-SE', { timeZone: zone })
  const named = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(new Date(at))
  const offset = (named.find(({ type }) => type === 'timeZoneName')?.value ?? '').replace('GMT', '')
  return { date: text.slice(0, 10), time: text.slice(11, 19), offset: offset === '' ? '+00:00' : offset }
}

/** XML Schema dateTime with seconds and offset (contract voipnow, section 3). */
export function xmlDateTime(at: string, zone: string): string {
  const { date, time, offset } = faceIn(zone, at)
  return `${date}T${time}${offset}`
}

/** `YYYY-MM-DD HH:MM:SS` in the account's zone (contract smartflo, section 5). */
export function dateAndTime(at: string, zone: string): string {
  const { date, time } = faceIn(zone, at)
  return `${date} ${time}`
}

/** `yyyy-MM-dd'T'HH:mm:ss.SSS+0000`, UTC (contract ringcx, section 5). */
export const withMilliseconds = (at: string): string => new Date(at).toISOString().replace('Z', '+0000')

/** `yyyyMMddHHmmss` in the account's zone, in front of RingCX's `uii`. */
export const digitsOfTime = (at: string, zone: string): string => dateAndTime(at, zone).replaceAll(/\D/g, '')
