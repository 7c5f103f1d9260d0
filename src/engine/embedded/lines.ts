/** Lines: opened, renewed and closed by whoever holds them, borrowed by calls, lost and found again. */
import type { Effect } from '../../call/effect.ts'
import type { LineEndpoint } from '../../call/endpoint.ts'
import type { EndReason } from '../../call/reason.ts'
import type { AccountId, CallId, LineId, RequestId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import { addMs, type Instant } from '../../kernel/time.ts'
import type { AgreedAudio, LegState, MediaEvent } from '../../media/protocol.ts'
import type { EngineLine, LineFailure, LineHolder } from '../port.ts'
import { rewireOrder } from './bridges.ts'
import { type Core, endLeg, sameMedia } from './core.ts'
import { Leg } from './leg.ts'
import { type AskedLine, engineLine, Line, type LinePhase, speakAs } from './line.ts'
import { inspectWebRtc } from './webrtc-offer.ts'

type Invite = Extract<Effect, { kind: 'invite' }>
/** What the media process tells of one leg; a line's bears the line's name. */
export type OfMediaLeg = Extract<MediaEvent, { kind: 'leg-opened' | 'leg-described' | 'leg-connected' | 'leg-lost' | 'leg-failed' }>

interface Offered {
  readonly request: RequestId
  readonly offer: string
}

export function openLine(core: Core, at: Instant, asked: Offered, { line: id, ...holder }: LineHolder & { readonly line: LineId }): void {
  const refused = core.lines.get(id) === undefined ? cannotAsk(core, asked.offer) : 'busy'
  if (refused !== undefined) return failed(core, asked.request, id, refused)
  const line = new Line({ id, holder, createdAt: at, phase: 'opening' })
  core.lines.add(line)
  askToOpen(core, at, line, asked)
}

export function renewLine(core: Core, at: Instant, asked: Offered, id: LineId): void {
  const line = core.lines.get(id)
  if (line === undefined || line.phase === 'opening') return failed(core, asked.request, id, 'unknown')
  if (line.asked !== undefined) return failed(core, asked.request, id, 'busy')
  const refused = cannotAsk(core, asked.offer)
  if (refused !== undefined) return failed(core, asked.request, id, refused)
  if (line.isGone) return askToOpen(core, at, line, asked)
  line.asked = { ...asked, order: 'describe-leg', until: addMs(at, limits.lineAnswerMs) }
  core.line.order({ kind: 'describe-leg', leg: line.mediaLeg, description: asked.offer, type: 'offer' })
  arm(core, line)
}

function cannotAsk(core: Core, offer: string): LineFailure | undefined {
  if (!core.line.isUp) return 'media'
  if (core.legs.size + core.lines.size >= limits.mediaLegs) return 'media'
  return inspectWebRtc(offer).ok ? undefined : 'offer'
}

function askToOpen(core: Core, at: Instant, line: Line, { request, offer }: Offered): void {
  line.asked = { request, offer, order: 'open-leg', until: addMs(at, limits.lineAnswerMs) }
  const { account, voice, mediaLeg: leg } = line
  core.line.order({ kind: 'open-leg', leg, account, voice, family: 4, webrtc: { role: 'answer', offer } })
  arm(core, line)
}

function failed(core: Core, request: RequestId, line: LineId, because: LineFailure): void {
  core.outbox.event({ kind: 'line-failed', request, line, because })
}

export function closeLine(core: Core, id: LineId): void {
  const line = core.lines.get(id)
  if (line !== undefined) close(core, line, 'ended-by-request')
}

function close(core: Core, line: Line, reason: EndReason): void {
  giveUpAsking(core, line, 'unknown')
  const leg = line.leg === undefined ? undefined : core.legs.get(line.leg)
  if (leg !== undefined) endLeg(core, leg, reason)
  core.line.order({ kind: 'close-leg', leg: line.mediaLeg })
  core.lines.remove(line)
  if (line.phase !== 'opening') core.outbox.event({ kind: 'line-state', line: engineLine(line, 'closed') })
}

function giveUpAsking(core: Core, line: Line, because: LineFailure): void {
  const { asked } = line
  line.asked = undefined
  if (asked !== undefined) failed(core, asked.request, line.id, because)
}

/** An invitation to a line: there is nobody to ring, and it is on the line at once. A call that had it until now loses it. */
export function attachLine(
  core: Core,
  from: { readonly call: CallId; readonly account: AccountId },
  effect: Invite & { readonly to: LineEndpoint },
): void {
  const { leg: id, voice, to } = effect
  const leg = new Leg({ id, account: from.account, voice, phase: 'connected', origin: { kind: 'line', line: to.line } })
  leg.call = core.bridges.of(from.call, from.account).call
  leg.accepted = true
  core.legs.add(leg)
  const line = core.lines.get(to.line)
  const canTalk = line?.phase === 'connecting' || line?.phase === 'open'
  if (!canTalk || line.account !== from.account || !core.line.isUp) return endLeg(core, leg, 'unavailable')
  const before = line.leg === undefined ? undefined : core.legs.get(line.leg)
  if (before !== undefined) endLeg(core, before, 'moved')
  line.leg = id
  leg.isUnheld = line.isGone
  if (line.media !== undefined) leg.media = line.media
  speakAs((order) => core.line.order(order), line, voice)
  core.outbox.event({ kind: 'leg-answered', leg: id })
}

/** Whether the media process speaks of a line. */
export function lineTold(core: Core, at: Instant, event: OfMediaLeg): boolean {
  const line = core.lines.ofMedia(event.leg)
  if (line === undefined) return false
  switch (event.kind) {
    case 'leg-opened':
    case 'leg-described':
      answered(core, at, line, event)
      break
    case 'leg-connected':
      move(core, at, line, 'open')
      break
    case 'leg-lost':
      lose(core, at, line)
      break
    case 'leg-failed':
      couldNot(core, at, line)
      break
  }
  return true
}

function answered(core: Core, at: Instant, line: Line, event: Extract<OfMediaLeg, { kind: 'leg-opened' | 'leg-described' }>): void {
  const { asked } = line
  const { description, agreed } = event
  if (asked === undefined || description === undefined || agreed === undefined) return couldNot(core, at, line)
  const connection = connectionOf(asked)
  const goesOn = line.phase === 'open' && connection === line.connection
  line.asked = undefined
  line.connection = connection
  if (!goesOn) {
    line.phase = 'connecting'
    line.since = at
  }
  setLineMedia(core, line, agreed)
  if (line.isGone) isBack(core, line)
  core.outbox.event({ kind: 'line-opened', request: asked.request, line: engineLine(line), answer: description })
  arm(core, line)
}

/** The media process has its leg again: the matrix may name it. */
function isBack(core: Core, line: Line): void {
  const leg = setGone(core, line, false)
  const bridge = leg?.call === undefined ? undefined : core.bridges.get(leg.call)
  if (bridge !== undefined && bridge.revision > 0) core.line.order(rewireOrder(bridge, core.legs))
}

function setGone(core: Core, line: Line, isGone: boolean): Leg | undefined {
  line.isGone = isGone
  const leg = line.leg === undefined ? undefined : core.legs.get(line.leg)
  if (leg !== undefined) leg.isUnheld = isGone
  return leg
}

function connectionOf({ offer }: AskedLine): string {
  const inspected = inspectWebRtc(offer)
  return inspected.ok ? inspected.value.connection : ''
}

function setLineMedia(core: Core, line: Line, agreed: AgreedAudio): void {
  const media = { ...agreed, remote: nowhere, rtcpMux: true }
  if (line.media !== undefined && !line.isGone && sameMedia(line.media, media)) return
  line.media = media
  const leg = line.leg === undefined ? undefined : core.legs.get(line.leg)
  if (leg !== undefined) leg.media = media
  core.line.order({ kind: 'set-leg', leg: line.mediaLeg, media })
}

/** A lost leg that cannot be described anew is opened anew; a connection that works goes on as it was. */
function couldNot(core: Core, at: Instant, line: Line): void {
  const { asked } = line
  if (asked === undefined) return lose(core, at, line)
  if (asked.order === 'describe-leg' && line.phase === 'lost') {
    core.line.order({ kind: 'close-leg', leg: line.mediaLeg })
    setGone(core, line, true)
    return askToOpen(core, at, line, asked)
  }
  giveUpAsking(core, line, 'media')
  if (line.phase === 'opening') return close(core, line, 'failed')
  if (asked.order === 'describe-leg') return arm(core, line)
  setGone(core, line, true)
  lose(core, at, line)
}

function lose(core: Core, at: Instant, line: Line): void {
  if (line.phase !== 'opening') move(core, at, line, 'lost')
}

function move(core: Core, at: Instant, line: Line, phase: Exclude<LinePhase, 'opening'>): void {
  if (line.phase === phase || line.phase === 'opening') return
  line.phase = phase
  line.since = at
  core.outbox.event({ kind: 'line-state', line: engineLine(line) })
  arm(core, line)
}

const arm = (core: Core, line: Line): void => core.lines.arm(line)

/** Answers that do not come, connections that do not come about, lost lines that nobody renews. */
export function wakeLines(core: Core, at: Instant): void {
  for (let alarm = core.lines.deadlines.take(at); alarm !== undefined; alarm = core.lines.deadlines.take(at)) {
    const line = core.lines.get(alarm.reason)
    if (line !== undefined) overdue(core, at, line)
  }
}

function overdue(core: Core, at: Instant, line: Line): void {
  line.alarm = undefined
  if (line.asked !== undefined && line.asked.until <= at) {
    giveUpAsking(core, line, 'media')
    if (line.phase === 'opening') return close(core, line, 'failed')
  }
  if (line.phase === 'connecting' && addMs(line.since, limits.lineConnectMs) <= at) lose(core, at, line)
  if (line.phase === 'lost' && addMs(line.since, limits.lineGraceMs) <= at) {
    const leg = line.leg === undefined ? undefined : core.legs.get(line.leg)
    if (leg !== undefined) endLeg(core, leg, 'media-lost')
    if (addMs(line.since, limits.lineLostMs) <= at) return close(core, line, 'media-lost')
  }
  arm(core, line)
}

/** The line to the media process is down: whoever waits for an answer would wait in vain. What stands is compared when it is up again. */
export function linesWithoutMedia(core: Core): void {
  for (const line of core.lines.all()) {
    giveUpAsking(core, line, 'media')
    if (line.phase === 'opening') core.lines.remove(line)
    else arm(core, line)
  }
}

/** What the media process holds of our lines; a line that it does not know waits for a new offer. */
export function compareLines(core: Core, at: Instant, held: ReadonlyMap<string, LegState>): void {
  for (const line of core.lines.all()) {
    const state = held.get(line.mediaLeg)
    setGone(core, line, state === undefined)
    if (state === undefined || state.webrtc === 'lost') lose(core, at, line)
    else if (state.webrtc === 'connected') move(core, at, line, 'open')
    if (state === undefined) continue
    if (state.voice !== line.voice) core.line.order({ kind: 'set-voice', leg: line.mediaLeg, voice: line.voice })
    const isSet = line.media === undefined || (state.media !== undefined && sameMedia(state.media, line.media))
    if (!isSet && line.media !== undefined) core.line.order({ kind: 'set-leg', leg: line.mediaLeg, media: line.media })
  }
}

/** Of an earlier process. */
export function restoreLine(core: Core, at: Instant, line: Line): void {
  line.since = at
  core.lines.add(line)
  core.inheritance.remember(line.mediaLeg)
  arm(core, line)
}

export const restoredLines = (core: Core): readonly EngineLine[] => core.lines.all().map((line) => engineLine(line))

/** For a leg over WebRTC the media process takes any: packets go where the connection leads. */
export const nowhere = { address: '0.0.0.0', port: 9 } as const
