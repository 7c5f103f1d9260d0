/** What is heard now: a strip for each line, and the bar that says that the microphone is live. */
import { useEffect, useRef } from 'preact/hooks'
import { earsAwake } from '../audio/ears.ts'
import { Icon } from '../parts/icon.tsx'
import { hearersOf } from '../state/hearing.ts'
import { agentParty, farParty, labelOf } from '../state/people.ts'
import type { Strip } from '../state/strips.ts'
import { matrixOfCall } from '../store/hearing.ts'
import { lineOf, lines, setSound } from '../store/lines.ts'
import { leave, speakHere, stand } from '../store/listening.ts'
import { choose, current, strips } from '../store/strips.ts'
import { selected, showCall } from '../store/view.ts'
import { isMicLive, micStrip } from '../store/voice.ts'
import { t } from '../strings/index.ts'

export function Dock() {
  if (strips.value.length === 0) return null
  return (
    <aside class="dock" aria-label={t('dock.title')}>
      <ul>
        {strips.value.map((strip) => (
          <li key={strip.key}>
            <StripView strip={strip} />
          </li>
        ))}
      </ul>
    </aside>
  )
}

/** Nobody shall ever wonder whether he is heard, and by whom. */
export function MicBar() {
  const strip = micStrip.value
  if (!isMicLive.value || strip === undefined) return null
  const hearers = hearersOf(matrixOfCall(strip.call), strip.partyId)
  const words = hearers.length === 0 ? t('mic.checking') : t('mic.heardBy', { names: hearers.map(labelOf).join(', ') })
  return (
    <div class="mic-bar" role="status">
      <Icon name="barge" size={20} />
      <b>{t('mic.live')}</b>
      <span>{words}</span>
      {strip.mode !== 'handling' && (
        <button type="button" onClick={() => void stand(strip, 'monitor')}>
          {t('mic.stop')}
        </button>
      )}
    </div>
  )
}

function StripView({ strip }: { readonly strip: Strip }) {
  const { call, mode, key } = strip
  const isCurrent = current.value?.key === key && strips.value.length > 1
  const open = (): void => {
    choose(key)
    selected.value = call.id
    showCall(call.id)
  }
  return (
    <div class={`strip strip-${mode} ${isCurrent ? 'is-current' : ''} ${strip.isLost ? 'is-lost' : ''}`}>
      <button type="button" class="strip-title" onClick={open} aria-current={isCurrent ? 'true' : undefined}>
        <b>{titleOf(strip)}</b>
        <small>{strip.isLost ? t('dock.lost') : t(`mode.${mode}`)}</small>
      </button>
      {'line' in strip.through ? (
        <Sound line={strip.through.line} strip={strip} />
      ) : (
        <small class="by-phone">{t('dock.byPhone', { phone: strip.through.extension })}</small>
      )}
      <button type="button" class="quiet icon-only" aria-label={t('act.leave')} title={t('act.leave')} onClick={() => void leave(strip)}>
        <Icon name="leave" />
      </button>
    </div>
  )
}

function titleOf({ call }: Strip): string {
  const [agent, customer] = [agentParty(call), farParty(call)]
  return [agent, customer]
    .filter((party) => party !== undefined)
    .map(labelOf)
    .join(' · ')
}

function Sound({ line, strip }: { readonly line: string; readonly strip: Strip }) {
  const own = lines.value.find((each) => each.line.id === line)
  if (own === undefined) return null
  const { volume, place } = own.audio.sound
  return (
    <span class="sound">
      <HeardMeter line={line} />
      {strip.mode === 'handling' && micStrip.value?.key !== strip.key && (
        <button type="button" class="small" onClick={() => void speakHere(strip)}>
          {t('dock.speakHere')}
        </button>
      )}
      <label class="slider">
        <Icon name={volume === 0 ? 'silent' : 'volume'} size={14} />
        <span class="visually-hidden">{t('dock.volume')}</span>
        <input
          type="range"
          min={0}
          max={1.5}
          step={0.05}
          value={volume}
          onInput={(event) => setSound(line, { volume: Number(event.currentTarget.value), place })}
        />
      </label>
      <label class="slider place">
        <span aria-hidden="true">{t('dock.left')}</span>
        <span class="visually-hidden">{t('dock.place')}</span>
        <input
          type="range"
          min={-1}
          max={1}
          step={0.1}
          value={place}
          onInput={(event) => setSound(line, { volume, place: Number(event.currentTarget.value) })}
        />
        <span aria-hidden="true">{t('dock.right')}</span>
      </label>
    </span>
  )
}

/** What really comes out here, not what should. */
function HeardMeter({ line }: { readonly line: string }) {
  const bar = useRef<HTMLElement>(null)
  useEffect(() => {
    const timer = setInterval(() => {
      const level = earsAwake() ? (lineOf(line)?.audio.level() ?? 0) : 0
      if (bar.current !== null) bar.current.style.transform = `scaleX(${Math.min(1, Math.sqrt(level)).toFixed(2)})`
    }, 120)
    return () => clearInterval(timer)
  }, [line])
  return (
    <span class="meter heard" aria-hidden="true">
      <i ref={bar} />
    </span>
  )
}
