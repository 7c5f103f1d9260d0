/** The lines of this page: opened once, moved from call to call, laid anew when the network or the server drops them. */
import { signal } from '@preact/signals'
import type { AnsweredLine, Line, Problem, ServerEvent } from '../api/types.ts'
import { AudioLine, type LineSound } from '../audio/line.ts'
import type { HeldLine } from '../state/strips.ts'
import { onEvents } from './live.ts'
import { client } from './session.ts'

interface OwnLine extends HeldLine {
  readonly audio: AudioLine
}

export const lines = signal<readonly OwnLine[]>([])

const storageKey = 'sotto.lines'
/** The first line is heard in the middle, those beside it to the right and left of it. */
const places = [0, 0.7, -0.7, 0.35, -0.35]
const renewAgainMs = 1_000
/** Whoever asked for a call has turned to something else by then. */
const mendWithinMs = 6_000

let servers: readonly RTCIceServer[] = []
const renewing = new Map<string, Promise<void>>()
let stopListening: () => void = () => {}

export const lineOf = (id: string): OwnLine | undefined => lines.value.find((own) => own.line.id === id)

/** At sign-in. Lines of this tab from before a reload go on; one line is opened in advance, so that a click is heard at once. */
export function startLines(inAdvance: boolean): Promise<void> {
  stopListening = onEvents((events) => void hearOf(events))
  prepared = prepare(inAdvance)
  return prepared
}

/** Whoever clicks sooner waits for the line that is being opened, instead of opening another one. */
export let prepared: Promise<void> = Promise.resolve()

async function prepare(inAdvance: boolean): Promise<void> {
  const found = await client.get<{ iceServers: RTCIceServer[] }>('/ice-servers')
  if (found.ok) servers = found.value.iceServers
  await takeUp()
  if (inAdvance && lines.value.length === 0) await openLine()
}

export async function stopLines(): Promise<void> {
  stopListening()
  const all = lines.value
  lines.value = []
  remember()
  for (const own of all) own.audio.close()
  await Promise.all(all.map((own) => client.delete(`/lines/${own.line.id}`)))
}

export async function openLine(): Promise<OwnLine | Problem> {
  const taken = lines.value.map((own) => own.audio.sound.place)
  const audio = new AudioLine(servers, { volume: 1, place: places.find((place) => !taken.includes(place)) ?? 0 })
  const answer = await client.post<AnsweredLine>('/lines', { offer: await audio.offer(), label: 'Wallboard' })
  if (!answer.ok) {
    audio.close()
    return answer.problem
  }
  const own: OwnLine = { audio, line: plain(answer.value), supervision: undefined, callId: undefined }
  await audio.accept(answer.value.answer)
  keep(own)
  return own
}

const plain = ({ answer: _, ...line }: AnsweredLine): Line => line

/** The supervision that a line was given, as soon as the server said so; the event may come before or after. */
export function assign(id: string, supervision: string, callId: string): void {
  change(id, { supervision, callId })
}

export function setSound(id: string, sound: LineSound): void {
  const own = lineOf(id)
  if (own === undefined) return
  own.audio.sound = sound
  lines.value = [...lines.value]
  remember()
}

function keep(own: OwnLine): void {
  hold(own.line.id)
  own.audio.onLost = () => void renew(own.line.id)
  own.audio.onConnected = () => change(own.line.id, { line: { ...own.line, state: 'open' } })
  lines.value = [...lines.value.filter(({ line }) => line.id !== own.line.id), own]
  remember()
}

function change(id: string, over: Partial<OwnLine>): void {
  lines.value = lines.value.map((own) => (own.line.id === id ? { ...own, ...over } : own))
}

function drop(id: string): void {
  lineOf(id)?.audio.close()
  lines.value = lines.value.filter(({ line }) => line.id !== id)
  remember()
}

/** An empty batch is a new snapshot: whatever happened to lines meanwhile was not told. */
async function hearOf(events: readonly ServerEvent[]): Promise<void> {
  if (events.length === 0) return compare()
  for (const event of events) if (event.type === 'line.state') takeIn(event.data as Line)
}

function takeIn(line: Line): void {
  if (lineOf(line.id) === undefined) return
  if (line.state === 'closed') return drop(line.id)
  const { supervision, callId } = line
  change(line.id, { line, ...(supervision === undefined || callId === undefined ? {} : { supervision, callId }) })
  if (line.state === 'lost') void renew(line.id)
}

async function compare(): Promise<void> {
  if (lines.value.length === 0) return
  const known = await client.all<Line>('/lines')
  if (!known.ok) return
  const byId = new Map(known.value.map((line) => [line.id, line]))
  for (const { line } of lines.value) {
    const told = byId.get(line.id)
    if (told === undefined) drop(line.id)
    else takeIn(told)
  }
}

/** A new connection for the same line: what it supervises goes on over it. */
function renew(id: string): Promise<void> {
  const running = renewing.get(id) ?? layUntilDone(id).finally(() => renewing.delete(id))
  renewing.set(id, running)
  return running
}

/** The server lost it, and the page may not have been told yet. Whether it is there again. */
export async function mended(id: string): Promise<boolean> {
  await Promise.race([renew(id), new Promise((resolve) => setTimeout(resolve, mendWithinMs))])
  return lineOf(id) !== undefined
}

async function layUntilDone(id: string): Promise<void> {
  for (let known = lineOf(id); known !== undefined; known = lineOf(id)) {
    change(id, { line: { ...known.line, state: 'connecting' } })
    const answer = await layAnew(id, known.audio.sound)
    if (answer === 'gone') drop(id)
    if (answer !== 'later') break
    await new Promise((resolve) => setTimeout(resolve, renewAgainMs))
  }
}

async function layAnew(id: string, sound: LineSound): Promise<'done' | 'gone' | 'later'> {
  const audio = new AudioLine(servers, sound)
  const answer = await client.put<AnsweredLine>(`/lines/${id}`, { offer: await audio.offer() })
  if (!answer.ok) {
    audio.close()
    return answer.problem.status === 404 || answer.problem.status === 409 ? 'gone' : 'later'
  }
  await audio.accept(answer.value.answer)
  const before = lineOf(id)
  before?.audio.close()
  keep({
    audio,
    line: plain(answer.value),
    supervision: before?.supervision ?? answer.value.supervision,
    callId: before?.callId ?? answer.value.callId,
  })
  onRenewed(id)
  return 'done'
}

let onRenewed: (id: string) => void = () => {}
/** Who speaks on a line must be put on its new connection. */
export function whenRenewed(listener: (id: string) => void): void {
  onRenewed = listener
}

interface Remembered extends LineSound {
  readonly id: string
}

/** Of this tab only: another tab of the same person has lines of its own. */
function remember(): void {
  try {
    sessionStorage.setItem(storageKey, JSON.stringify(lines.value.map((own): Remembered => ({ id: own.line.id, ...own.audio.sound }))))
  } catch {
    // Nothing is kept: after a reload a call has to be clicked again.
  }
}

function remembered(): readonly Remembered[] {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey) ?? '[]')
  } catch {
    return []
  }
}

async function takeUp(): Promise<void> {
  const before = remembered()
  if (before.length === 0) return
  const known = await client.all<Line>('/lines')
  if (!known.ok) return
  const living = before.filter(({ id }) => known.value.some((line) => line.id === id && line.state !== 'closed'))
  await Promise.all(living.map(async ({ id, ...sound }) => ((await isFree(id)) ? layAnew(id, sound) : undefined)))
}

/** A tab that was duplicated remembers the lines of the other one, which still holds them. */
async function isFree(id: string): Promise<boolean> {
  const locks = navigator.locks
  if (locks === undefined) return true
  const { held = [] } = await locks.query()
  return !held.some(({ name }) => name === lockName(id))
}

const lockName = (id: string): string => `sotto-line-${id}`

/** Until the page is gone. */
function hold(id: string): void {
  void navigator.locks?.request(lockName(id), { ifAvailable: true }, () => new Promise(() => {}))
}
