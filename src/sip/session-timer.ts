/** RFC 4028: a dialog whose far end vanished without a BYE ends within the agreed interval. */
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import { addMs } from '../kernel/time.ts'
import { parseMinSe, parseSessionExpires } from './headers.ts'
import type { Header, Request, Response } from './message.ts'
import { header } from './message.ts'
import { listed } from './options.ts'
import type { Result } from './outgoing.ts'
import type { Core, Purpose, Session } from './session.ts'
import { clearAlarm, endIfGone, endWithBye, request, sdpBody, setAlarm } from './session-basics.ts'

export interface Interval {
  readonly seconds: number
  readonly refresher: 'uac' | 'uas'
}

const minSeHeader = (seconds: number): Header => ({ name: 'Min-SE', value: String(seconds) })

/** What our INVITE asks for. */
export const wantedInterval = (seconds: number = limits.sipSessionExpiresS): readonly Header[] => [
  { name: 'Session-Expires', value: String(seconds) },
  minSeHeader(Math.max(limits.sipMinSessionExpiresS, Math.min(seconds, limits.sipMinSessionExpiresS))),
]

/** RFC 4028 §6: an interval that would have us refresh all the time is refused by 422, if the sender can understand that. */
export function tooShort(request: Request): Header | undefined {
  const asked = intervalIn(request)
  const short = asked !== undefined && asked.seconds < limits.sipMinSessionExpiresS && listed(request, 'Supported').has('timer')
  return short ? minSeHeader(limits.sipMinSessionExpiresS) : undefined
}

/** RFC 4028 §9: the UAS decides, within what was asked; a UAC without timers leaves the refreshing to us. */
export function granted(request: Request): Interval {
  const asked = intervalIn(request)
  const floor = Math.max(limits.sipMinSessionExpiresS, minSeOf(request) ?? 0)
  const seconds = Math.max(floor, Math.min(asked?.seconds ?? limits.sipSessionExpiresS, limits.sipSessionExpiresS))
  if (!listed(request, 'Supported').has('timer')) return { seconds, refresher: 'uas' }
  return { seconds, refresher: asked?.refresher ?? 'uac' }
}

/** Headers of our 2xx. A refreshing UAC has to understand the timer, hence Require (RFC 4028 §9). */
export function grantHeaders(interval: Interval): readonly Header[] {
  const value: Header = { name: 'Session-Expires', value: `${interval.seconds};refresher=${interval.refresher}` }
  return interval.refresher === 'uac' ? [value, { name: 'Require', value: 'timer' }] : [value]
}

/** As UAC: what the 2xx says counts; without Session-Expires there is no timer (RFC 4028 §7.2). */
export function adoptFrom(core: Core, at: Instant, session: Session, response: Response): void {
  const parsed = parseSessionExpires(header(response, 'Session-Expires') ?? '')
  if (!parsed.ok) return stopTimer(core, session)
  startTimer(core, at, session, {
    seconds: Math.max(parsed.value.seconds, limits.sipMinSessionExpiresS),
    weRefresh: parsed.value.refresher !== 'uas',
  })
}

/** The refresher acts at half time; the other end gives up shortly before the end (RFC 4028 §10). */
export function startTimer(
  core: Core,
  at: Instant,
  session: Session,
  timer: { readonly seconds: number; readonly weRefresh: boolean },
): void {
  stopTimer(core, session)
  session.timer = timer
  const { seconds, weRefresh } = timer
  if (weRefresh) setAlarm(core, session, 'refresh', addMs(at, seconds * 500))
  setAlarm(core, session, 'expire', addMs(at, 1000 * (weRefresh ? seconds : seconds - Math.min(32, seconds / 3))))
}

/** A refresh came from the far end. */
export function restartTimer(core: Core, at: Instant, session: Session, refresh: Request): Interval {
  const interval = granted(refresh)
  startTimer(core, at, session, { seconds: interval.seconds, weRefresh: interval.refresher === 'uas' })
  return interval
}

export function expired(core: Core, at: Instant, session: Session): void {
  endWithBye(core, at, session, { by: 'timeout', reason: 'Session Timer Expired' }, { status: 408, text: 'Session Timer Expired' })
}

/** An UPDATE without a body where the far end takes it, since that cannot collide with an offer; `undefined` else. */
export function sendRefresh(core: Core, at: Instant, session: Session, purpose: 'refresh' | 'probe'): boolean {
  const { dialog } = session
  if (dialog === undefined || !dialog.allows.has('UPDATE')) return false
  request(core, at, session, dialog, {
    purpose: { kind: purpose, session },
    method: 'UPDATE',
    withContact: true,
    headers: session.timer === undefined ? [] : refreshHeaders(session.timer),
    ...sdpBody(undefined),
  })
  return true
}

/** In a refresh the sender is UAC of that request, so the same refresher may be called otherwise than before. */
export function refreshHeaders(timer: { readonly seconds: number; readonly weRefresh: boolean }): readonly Header[] {
  return [
    { name: 'Supported', value: 'timer' },
    { name: 'Session-Expires', value: `${timer.seconds};refresher=${timer.weRefresh ? 'uac' : 'uas'}` },
    minSeHeader(limits.sipMinSessionExpiresS),
  ]
}

/** How soon a refresh that failed is tried again, while the interval lasts. */
const again = 10_000

export function refreshResult(core: Core, at: Instant, session: Session, result: Result<Purpose>): void {
  if (session.state === 'ended') return
  const status = result.kind === 'failed' ? result.status : result.response.status
  if (status < 200 || endIfGone(core, at, session, status)) return
  if (result.kind === 'response' && status < 300) adoptFrom(core, at, session, result.response)
  else retryRefresh(core, at, session, result)
}

function retryRefresh(core: Core, at: Instant, session: Session, result: Result<Purpose>): void {
  const { timer } = session
  if (timer === undefined) return
  const minimum = result.kind === 'response' && result.response.status === 422 ? minSeOf(result.response) : undefined
  if (minimum !== undefined) session.timer = { ...timer, seconds: Math.max(timer.seconds, minimum) }
  setAlarm(core, session, 'refresh', minimum === undefined ? addMs(at, again) : at)
}

function stopTimer(core: Core, session: Session): void {
  clearAlarm(core, session, 'refresh')
  clearAlarm(core, session, 'expire')
  delete session.timer
}

function intervalIn(request: Request): { readonly seconds: number; readonly refresher?: 'uac' | 'uas' } | undefined {
  const parsed = parseSessionExpires(header(request, 'Session-Expires') ?? '')
  return parsed.ok ? parsed.value : undefined
}

export function minSeOf(message: Request | Response): number | undefined {
  const parsed = parseMinSe(header(message, 'Min-SE') ?? '')
  return parsed.ok ? Math.min(parsed.value, 24 * 3600) : undefined
}
