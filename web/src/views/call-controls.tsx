import type { Call, RecordingState } from '../api/types.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import { Kbd } from '../parts/kbd.tsx'
import { record } from '../store/call-acts.ts'
import { isStale } from '../store/live.ts'
import { verbs } from '../store/session.ts'
import { overlay } from '../store/view.ts'
import { t } from '../strings/index.ts'

export function CallControls({ call }: { readonly call: Call }) {
  if (!verbs.value.has('control')) return null
  return (
    <section class="controls" aria-label={t('controls.title')}>
      {verbs.value.has('record') && <RecordingSwitch call={call} />}
      <div class="row">
        <button type="button" disabled={isStale.value} onClick={() => (overlay.value = { kind: 'transfer', call: call.id })}>
          <Icon name="transfer" /> {t('act.transfer')} <Kbd of="X" />
        </button>
        <button type="button" class="danger" disabled={isStale.value} onClick={() => (overlay.value = { kind: 'hang-up', call: call.id })}>
          <Icon name="hang-up" /> {t('act.hangUp')}
        </button>
      </div>
    </section>
  )
}

const states: readonly { readonly state: RecordingState; readonly icon: IconName }[] = [
  { state: 'on', icon: 'record' },
  { state: 'paused', icon: 'pause' },
  { state: 'off', icon: 'leave' },
]

function RecordingSwitch({ call }: { readonly call: Call }) {
  const now = call.recording.state
  return (
    <div class="row recording">
      <span id="recording-label">{t('recording.title')}</span>
      <div class="segments" role="group" aria-labelledby="recording-label">
        {states.map(({ state, icon }) => (
          <button
            key={state}
            type="button"
            class={`rec-${state}`}
            aria-pressed={now === state}
            disabled={isStale.value || (state === 'paused' && now === 'off')}
            onClick={() => void record(call.id, state)}
          >
            <Icon name={icon} size={14} /> {t(`recording.set.${state}`)}
          </button>
        ))}
      </div>
    </div>
  )
}
