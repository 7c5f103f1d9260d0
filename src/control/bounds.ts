/** How long, how much and how many a program may ask for. */
import { type Refusal, refusal } from '../call/refusal.ts'
import { limits } from '../kernel/limits.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'

interface Bounds {
  readonly name: string
  readonly min: number
  readonly max: number
}

const within = (ms: number, { name, min, max }: Bounds): Outcome<number, Refusal> =>
  Number.isFinite(ms) && ms >= min && ms <= max ? ok(ms) : invalid(name, `${min} to ${max} milliseconds.`)

export const ringTimeout = (wanted: number | undefined, usual: number, name = 'ringTimeoutMs'): Outcome<number, Refusal> =>
  within(wanted ?? usual, { name, min: 1000, max: limits.ringTimeoutMaxMs })

export const parkTimeout = (wanted: number | undefined): Outcome<number, Refusal> =>
  within(wanted ?? limits.parkMs, { name: 'timeoutMs', min: limits.parkMinMs, max: limits.parkMaxMs })

export const maxDuration = (wanted: number | undefined): Outcome<number | undefined, Refusal> =>
  wanted === undefined ? ok(undefined) : within(wanted, { name: 'maxDurationMs', min: 1000, max: limits.callDurationMaxMs })

export function labelled(labels: Readonly<Record<string, string>> | undefined): Outcome<true, Refusal> {
  const all = Object.entries(labels ?? {})
  if (all.length > limits.labelsPerCall) return invalid('labels', `At most ${limits.labelsPerCall}.`)
  const bad = all.some(([name, value]) => name === '' || name.length + value.length > limits.labelCharacters)
  return bad ? invalid('labels', `Each has a name, and at most ${limits.labelCharacters} characters with it.`) : ok(true)
}

export function noted(notes: string | undefined): Outcome<true, Refusal> {
  if (notes === undefined || notes.length <= limits.notesCharacters) return ok(true)
  return invalid('notes', `At most ${limits.notesCharacters} characters.`)
}

export const invalid = (name: string, why: string): Outcome<never, Refusal> => fail(refusal('parameter-invalid', { name, why }))
