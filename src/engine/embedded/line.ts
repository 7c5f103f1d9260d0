/** A line as the engine holds it: a media leg of its own, which a call's leg borrows. */
import { type Alarm, Deadlines } from '../../kernel/deadlines.ts'
import type { AccountId, LegId, LineId, RequestId } from '../../kernel/ids.ts'
import { legId, lineId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import { addMs, earliest, type Instant } from '../../kernel/time.ts'
import type { LegMedia, MediaOrder } from '../../media/protocol.ts'
import type { EngineLine, LineHolder } from '../port.ts'

/** `opening`: its first offer waits for the media process's answer, and nobody knows the line yet. */
export type LinePhase = 'opening' | Exclude<EngineLine['state'], 'closed'>

/** An offer that was handed to the media process. */
export interface AskedLine {
  readonly request: RequestId
  readonly offer: string
  readonly order: 'open-leg' | 'describe-leg'
  readonly until: Instant
}

export class Line {
  readonly id: LineId
  readonly holder: LineHolder
  readonly createdAt: Instant
  phase: LinePhase
  /** Since when it is in this phase. */
  since: Instant
  voice: 'core' | 'supervisor' = 'supervisor'
  /** The call's leg that borrows it. */
  leg: LegId | undefined
  /** What the media process was told last. */
  media: LegMedia | undefined
  /** Names the connection (`a=ice-ufrag` of the last offer that was answered): another one has to connect first. */
  connection: string | undefined
  asked: AskedLine | undefined
  /** The media process has no leg of this name: it has to be opened again. */
  isGone = false
  alarm: Alarm<LineId> | undefined

  constructor(birth: { readonly id: LineId; readonly holder: LineHolder; readonly createdAt: Instant; readonly phase: LinePhase }) {
    this.id = birth.id
    this.holder = birth.holder
    this.createdAt = birth.createdAt
    this.since = birth.createdAt
    this.phase = birth.phase
  }

  get account(): AccountId {
    return this.holder.account
  }

  get mediaLeg(): LegId {
    return mediaLegOf(this.id)
  }
}

/** In the media process a line's leg bears the line's name. */
export const mediaLegOf = (line: LineId): LegId => legId(line)

/** As the desk sees it. */
export function engineLine(line: Line, state?: EngineLine['state']): EngineLine {
  const { id, holder, createdAt, phase } = line
  return { ...holder, line: id, createdAt, state: state ?? (phase === 'opening' ? 'connecting' : phase) }
}

/** All lines, by name. Whoever gets one from here may change it: what must be remembered of it is looked at again. */
export class Lines {
  readonly #byId = new Map<LineId, Line>()
  readonly #touched = new Set<LineId>()
  readonly deadlines = new Deadlines<LineId>()

  get size(): number {
    return this.#byId.size
  }

  add(line: Line): void {
    this.#byId.set(line.id, line)
    this.#touched.add(line.id)
  }

  get(id: LineId): Line | undefined {
    const line = this.#byId.get(id)
    if (line !== undefined) this.#touched.add(id)
    return line
  }

  /** When it has to be looked at next. */
  arm(line: Line): void {
    this.deadlines.clear(line.alarm)
    const due = dueAt(line)
    line.alarm = due === undefined ? undefined : this.deadlines.set(due, line.id)
  }

  /** The line whose leg this is in the media process. */
  ofMedia(leg: LegId): Line | undefined {
    return this.get(lineId(leg))
  }

  remove(line: Line): void {
    this.deadlines.clear(line.alarm)
    this.#byId.delete(line.id)
    this.#touched.add(line.id)
  }

  all(): readonly Line[] {
    for (const id of this.#byId.keys()) this.#touched.add(id)
    return [...this.#byId.values()]
  }

  takeTouched(): readonly (readonly [LineId, Line | undefined])[] {
    if (this.#touched.size === 0) return []
    const touched = [...this.#touched].map((id) => [id, this.#byId.get(id)] as const)
    this.#touched.clear()
    return touched
  }
}

function dueAt({ phase, since, leg, asked }: Line): Instant | undefined {
  const connected = phase === 'connecting' ? addMs(since, limits.lineConnectMs) : undefined
  const lost = phase === 'lost' ? addMs(since, leg === undefined ? limits.lineLostMs : limits.lineGraceMs) : undefined
  return earliest(asked?.until, connected, lost)
}

/** Whose voice it is decides whether a lapsed lease cuts it. */
export function speakAs(order: (order: MediaOrder) => void, line: Line, voice: 'core' | 'supervisor'): void {
  if (line.voice === voice) return
  line.voice = voice
  order({ kind: 'set-voice', leg: line.mediaLeg, voice })
}
