/** The floor in a line of figures. */
import type { ComponentChildren } from 'preact'
import { agentShapes, Mark } from '../parts/mark.tsx'
import { Since } from '../parts/since.tsx'
import { agentStates, countByState } from '../state/agents.ts'
import { percent } from '../state/format.ts'
import { floor } from '../store/live.ts'
import { t } from '../strings/index.ts'

export function Summary() {
  const { calls, groups, agents } = floor.value
  const all = [...groups.values()]
  const waiting = all.reduce((sum, { waiting }) => sum + waiting, 0)
  const longest = all
    .map(({ waitingSince }) => waitingSince)
    .filter((since) => since !== undefined)
    .sort()[0]
  const inTime = all.reduce((sum, { tally }) => sum + tally.inTime, 0)
  const answered = all.reduce((sum, { tally }) => sum + tally.inTime + tally.late + tally.abandoned, 0)
  const counts = countByState(agents.values())
  return (
    <section class="summary" aria-label={t('summary.label')}>
      <Figure label={t('summary.calls')}>{calls.size}</Figure>
      <Figure label={t('summary.waiting')} tone={waiting > 0 ? 'warn' : ''}>
        {waiting}
      </Figure>
      <Figure label={t('summary.longest')} tone={longest === undefined ? '' : 'warn'}>
        {longest === undefined ? '–' : <Since at={longest} />}
      </Figure>
      <Figure label={t('summary.inTime')}>{percent(inTime, answered)}</Figure>
      <ul class="agent-counts" aria-label={t('agents.title')}>
        {agentStates
          .filter((state) => counts[state] > 0)
          .map((state) => (
            <li key={state}>
              <Mark shape={agentShapes[state]} tone={state} />
              <b class="num">{counts[state]}</b> {t(`agent.${state}`)}
            </li>
          ))}
      </ul>
    </section>
  )
}

function Figure({ label, tone = '', children }: { readonly label: string; readonly tone?: string; readonly children: ComponentChildren }) {
  return (
    <div class={`figure ${tone}`}>
      <b class="num">{children}</b>
      <span>{label}</span>
    </div>
  )
}
