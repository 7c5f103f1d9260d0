/** All voices of a recording under one play head. Each is a media element of its own, so that an hour of it need not be loaded. */
import { computed, signal } from '@preact/signals'

export type Source = 'voices' | 'mix'

export interface Score {
  readonly durationMs: number
  readonly voices: readonly string[]
  readonly hasMix: boolean
  /** Undefined: the mix. */
  readonly urlOf: (track: string | undefined) => string
}

/** Elements run on clocks of their own; farther apart than this they are put together again. */
const mostApartSeconds = 0.06
export const speeds = [1, 1.25, 1.5, 2] as const

export class Playback {
  /** Seconds. */
  readonly at = signal(0)
  readonly isPlaying = signal(false)
  readonly isBroken = signal(false)
  readonly source = signal<Source>('voices')
  readonly silent = signal<ReadonlySet<string>>(new Set())
  readonly speed = signal<number>(1)
  readonly length: number
  readonly progress = computed(() => (this.length === 0 ? 0 : Math.min(1, this.at.value / this.length)))
  readonly #score: Score
  readonly #elements = new Map<string, HTMLAudioElement>()
  #frame = 0

  constructor(score: Score) {
    this.#score = score
    this.length = score.durationMs / 1000
    if (score.voices.length === 0) this.source.value = 'mix'
  }

  async play(): Promise<void> {
    if (this.at.value >= this.length - 0.05) this.seek(0)
    this.isPlaying.value = true
    const playing = this.#playing()
    for (const element of playing) element.playbackRate = this.speed.value
    const begun = await Promise.all(playing.map((element) => begins(element)))
    // One file that cannot be played does not silence the others.
    this.isBroken.value = begun.includes('broken')
    if (begun.every((each) => each === 'broken')) this.isPlaying.value = false
    if (this.isPlaying.value) this.#follow()
  }

  pause(): void {
    cancelAnimationFrame(this.#frame)
    this.isPlaying.value = false
    for (const element of this.#elements.values()) element.pause()
  }

  toggle(): void {
    if (this.isPlaying.value) this.pause()
    else void this.play()
  }

  seek(seconds: number): void {
    this.at.value = Math.min(this.length, Math.max(0, seconds))
    for (const element of this.#elements.values()) element.currentTime = this.at.value
  }

  setSource(source: Source): void {
    if (source === this.source.value) return
    const goesOn = this.isPlaying.value
    this.pause()
    this.source.value = source
    if (goesOn) void this.play()
  }

  setSpeed(speed: number): void {
    this.speed.value = speed
    for (const element of this.#elements.values()) element.playbackRate = speed
  }

  toggleVoice(track: string): void {
    const silent = new Set(this.silent.value)
    if (!silent.delete(track)) silent.add(track)
    this.silent.value = silent
    const element = this.#elements.get(track)
    if (element !== undefined) element.muted = silent.has(track)
  }

  close(): void {
    this.pause()
    for (const element of this.#elements.values()) element.removeAttribute('src')
    this.#elements.clear()
  }

  #playing(): readonly HTMLAudioElement[] {
    return this.source.value === 'mix' ? [this.#element(undefined)] : this.#score.voices.map((track) => this.#element(track))
  }

  #element(track: string | undefined): HTMLAudioElement {
    const key = track ?? ''
    const known = this.#elements.get(key)
    if (known !== undefined) return known
    const element = new Audio(this.#score.urlOf(track))
    element.preload = 'auto'
    element.muted = track !== undefined && this.silent.value.has(track)
    if (this.at.value > 0) element.currentTime = this.at.value
    this.#elements.set(key, element)
    return element
  }

  /** The play head goes with the voice that is farthest; a shorter file has ended before. */
  #follow = (): void => {
    const playing = this.#playing()
    const head = Math.max(...playing.map((element) => element.currentTime))
    for (const element of playing) if (!element.ended && head - element.currentTime > mostApartSeconds) element.currentTime = head
    if (playing.every((element) => element.ended || element.error !== null)) {
      this.pause()
      this.at.value = this.length
      return
    }
    this.at.value = Math.min(head, this.length)
    this.#frame = requestAnimationFrame(this.#follow)
  }
}

const begins = (element: HTMLAudioElement): Promise<'begun' | 'broken'> =>
  element.play().then(
    () => 'begun' as const,
    // A pause meanwhile is no fault.
    (error: unknown) => (error instanceof DOMException && error.name === 'AbortError' ? ('begun' as const) : ('broken' as const)),
  )
