import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Call } from '../api/types.ts'
import { dispose } from '../store/call-acts.ts'
import { dispositions, readDispositions } from '../store/dispositions.ts'
import { isStale } from '../store/live.ts'
import { note } from '../store/notices.ts'
import { verbs } from '../store/session.ts'
import { t } from '../strings/index.ts'

/** What came of the call. The last word counts. */
export function WrapUp({ call }: { readonly call: Call }) {
  const busy = useSignal(false)
  useEffect(() => void readDispositions(), [])
  if (!verbs.value.has('control')) return null
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    busy.value = true
    const isDone = await dispose(call.id, String(form.get('disposition')), String(form.get('notes') ?? ''))
    busy.value = false
    if (isDone) note('note', t('wrapUp.saved'))
  }
  return (
    <form class="wrap-up" onSubmit={submit} aria-labelledby="wrap-up-title">
      <h3 id="wrap-up-title">{t('wrapUp.title')}</h3>
      <label>
        {t('wrapUp.disposition')}
        <input name="disposition" list="dispositions" required defaultValue={call.disposition ?? ''} autocomplete="off" />
      </label>
      <datalist id="dispositions">
        {dispositions.value.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <label>
        {t('wrapUp.notes')}
        <textarea name="notes" rows={2} maxLength={4096} />
      </label>
      <button type="submit" disabled={busy.value || isStale.value}>
        {t('wrapUp.save')}
      </button>
    </form>
  )
}
