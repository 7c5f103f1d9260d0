import { useSignalEffect } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import { Icon } from '../../parts/icon.tsx'
import { duration } from '../../state/format.ts'
import { h } from '../../strings/history.ts'
import { voiceName } from './people.ts'
import type { Playback } from './playback.ts'
import type { Gap, Peaks, Voice } from './types.ts'
import { wavePath } from './wave.ts'

interface Properties {
  readonly playback: Playback
  readonly peaks: Peaks
  readonly downloadOf: (track: string) => string
}

export function Waves({ playback, peaks, downloadOf }: Properties) {
  const { tracks, gaps, durationMs } = peaks
  return (
    <>
      <div class="waves">
        <div class="wave-names">
          {tracks.map((voice) => (
            <VoiceName key={voice.track} voice={voice} playback={playback} href={downloadOf(voice.track)} />
          ))}
        </div>
        <Head playback={playback}>
          {tracks.map((voice, index) => (
            <Wave key={voice.track} voice={voice} index={index} playback={playback} />
          ))}
          {gaps.map((gap) => (
            <GapBand key={`${gap.fromMs}`} gap={gap} durationMs={durationMs} />
          ))}
        </Head>
      </div>
      {gaps.length > 0 && <Gaps gaps={gaps} />}
    </>
  )
}

function VoiceName({ voice, playback, href }: { readonly voice: Voice; readonly playback: Playback; readonly href: string }) {
  const name = voiceName(voice)
  const isSilent = playback.silent.value.has(voice.track)
  const words = h(isSilent ? 'player.unmute' : 'player.mute', { name })
  return (
    <div class="wave-name">
      <b>{name}</b>
      <span>
        {voice.kind === 'track' && (
          <button
            type="button"
            class={`quiet icon-only ${isSilent ? 'is-on' : ''}`}
            aria-label={words}
            title={words}
            disabled={playback.source.value === 'mix'}
            onClick={() => playback.toggleVoice(voice.track)}
          >
            <Icon name={isSilent ? 'silent' : 'volume'} />
          </button>
        )}
        <a class="download" href={href} download aria-label={h('player.download', { name })} title={h('player.download', { name })}>
          ↓
        </a>
      </span>
    </div>
  )
}

function Wave({ voice, index, playback }: { readonly voice: Voice; readonly index: number; readonly playback: Playback }) {
  const path = wavePath(voice.peaks)
  const isSilent = playback.source.value === 'voices' && playback.silent.value.has(voice.track)
  const box = `0 0 ${Math.max(1, voice.peaks.length - 1)} 100`
  return (
    <div class={`wave wave-${voice.role ?? index % 3} ${isSilent ? 'is-silent' : ''}`}>
      <svg viewBox={box} preserveAspectRatio="none" role="img" aria-label={h('player.wave', { name: voiceName(voice) })}>
        <path d={path} />
      </svg>
      <svg class="played" viewBox={box} preserveAspectRatio="none" aria-hidden="true">
        <path d={path} />
      </svg>
    </div>
  )
}

const part = (ms: number, whole: number): string => `${(100 * ms) / Math.max(1, whole)}%`

function GapBand({ gap, durationMs }: { readonly gap: Gap; readonly durationMs: number }) {
  const { fromMs, toMs, why } = gap
  return (
    <i class={`gap gap-${why}`} title={gapWords(gap)} style={{ left: part(fromMs, durationMs), width: part(toMs - fromMs, durationMs) }} />
  )
}

const gapWords = ({ why, fromMs, toMs }: Gap): string =>
  h('gap.words', { why: h(`gap.${why}`), from: duration(fromMs), to: duration(toMs) })

function Gaps({ gaps }: { readonly gaps: readonly Gap[] }) {
  return (
    <p class="gaps num">
      <b>{h('gap.title')}</b>
      {gaps.map((gap) => (
        <span key={gap.fromMs} class={`gap-word gap-${gap.why}`}>
          {gapWords(gap)}
        </span>
      ))}
    </p>
  )
}

const steps: Readonly<Record<string, (at: number, length: number) => number>> = {
  ArrowRight: (at) => at + 5,
  ArrowUp: (at) => at + 5,
  ArrowLeft: (at) => at - 5,
  ArrowDown: (at) => at - 5,
  PageUp: (at) => at + 30,
  PageDown: (at) => at - 30,
  Home: () => 0,
  End: (_, length) => length,
}

/** The play head over all waves: a slider for the keyboard, a place to click or drag for the mouse. It moves without anything being drawn again. */
function Head({ playback, children }: { readonly playback: Playback; readonly children: ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null)
  useSignalEffect(() => {
    const { current } = box
    const [at, progress] = [playback.at.value, playback.progress.value]
    if (current === null) return
    current.style.setProperty('--at', `${100 * progress}%`)
    current.setAttribute('aria-valuenow', String(Math.floor(at)))
    current.setAttribute('aria-valuetext', h('player.at', { at: duration(at * 1000), length: duration(playback.length * 1000) }))
  })
  const press = (event: PointerEvent): void => {
    if (event.type === 'pointermove' && event.buttons !== 1) return
    const { left, width } = (event.currentTarget as HTMLElement).getBoundingClientRect()
    if (event.type === 'pointerdown') (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)
    playback.seek(((event.clientX - left) / Math.max(1, width)) * playback.length)
  }
  const key = (event: KeyboardEvent): void => {
    const step = steps[event.key]
    if (event.key !== ' ' && step === undefined) return
    event.preventDefault()
    if (step === undefined) playback.toggle()
    else playback.seek(step(playback.at.value, playback.length))
  }
  return (
    <div
      ref={box}
      class="wave-stack"
      role="slider"
      tabIndex={0}
      aria-label={h('player.place')}
      aria-valuemin={0}
      aria-valuemax={Math.ceil(playback.length)}
      aria-valuenow={0}
      onPointerDown={press}
      onPointerMove={press}
      onKeyDown={key}
    >
      {children}
      <i class="play-head" aria-hidden="true" />
    </div>
  )
}
