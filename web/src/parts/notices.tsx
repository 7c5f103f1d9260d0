import { announcement, dismiss, notices } from '../store/notices.ts'
import { t } from '../strings/index.ts'
import { Icon } from './icon.tsx'

export function Notices() {
  return (
    <>
      <div class="notices">
        {notices.value.map(({ id, kind, text }) => (
          <div key={id} class={`notice notice-${kind}`}>
            <Icon name={kind === 'fault' ? 'alert' : 'listen'} />
            <p>{text}</p>
            <button type="button" class="quiet icon-only" aria-label={t('act.dismiss')} onClick={() => dismiss(id)}>
              <Icon name="leave" />
            </button>
          </div>
        ))}
      </div>
      <p class="visually-hidden" role="status" aria-live="polite">
        {announcement}
      </p>
    </>
  )
}
