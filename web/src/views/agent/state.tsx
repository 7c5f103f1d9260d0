import { useSignal } from '@preact/signals'
import type { Agent } from '../../api/types.ts'
import { agentShapes, Mark } from '../../parts/mark.tsx'
import { Since, Until } from '../../parts/since.tsx'
import { isStale } from '../../store/live.ts'
import { a } from '../../strings/agent.ts'
import { t } from '../../strings/index.ts'
import { setState } from './own.ts'

const settings = ['available', 'away', 'offline'] as const
const reasons = ['lunch', 'break', 'training', 'meeting'] as const

export function StateCard({ agent }: { readonly agent: Agent }) {
  const asksWhy = useSignal(false)
  return (
    <section class="card-box" aria-labelledby="state-title">
      <h2 id="state-title">{a('state.title')}</h2>
      <p class={`own-state tone-${agent.state}`} role="status">
        <Mark shape={agentShapes[agent.state]} tone={agent.state} />
        <b>{t(`agent.${agent.state}`)}</b>
        {agent.reason !== undefined && <span>{agent.reason}</span>}
      </p>
      <p class="own-since">
        {a('state.for')} <Since at={agent.since} />
      </p>
      {agent.state === 'pending-disposition' && <p class="told">{a('state.owes')}</p>}
      {agent.state === 'wrap-up' && (
        <p class="told">
          {agent.wrapUpUntil !== undefined && <Until at={agent.wrapUpUntil} />} {a('state.wrapUp')}
        </p>
      )}
      <div class="state-buttons">
        {settings.map((state) => (
          <button
            key={state}
            type="button"
            aria-pressed={agent.state === state}
            aria-expanded={state === 'away' ? asksWhy.value : undefined}
            disabled={isStale.value}
            onClick={() => {
              asksWhy.value = state === 'away' && !asksWhy.value
              if (state !== 'away') void setState(state)
            }}
          >
            {a(`state.${state}`)}
          </button>
        ))}
      </div>
      {asksWhy.value && <Why done={() => (asksWhy.value = false)} />}
    </section>
  )
}

function Why({ done }: { readonly done: () => void }) {
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const reason = String(new FormData(event.currentTarget as HTMLFormElement).get('reason') ?? '').trim()
    if (await setState('away', reason)) done()
  }
  return (
    <form class="why" onSubmit={submit}>
      <label>
        {a('state.reason')}
        <input name="reason" list="away-reasons" maxLength={256} autocomplete="off" placeholder={a('state.reason.hint')} autofocus />
      </label>
      <datalist id="away-reasons">
        {reasons.map((reason) => (
          <option key={reason} value={a(`reason.${reason}`)} />
        ))}
      </datalist>
      <button type="submit" class="primary">
        {a('state.set')}
      </button>
    </form>
  )
}
