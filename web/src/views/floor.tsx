import { link } from '../store/live.ts'
import { openCallId } from '../store/view.ts'
import { t } from '../strings/index.ts'
import { AgentBoard } from './agent-board.tsx'
import { CallPanel } from './call-panel.tsx'
import { CallTable } from './call-table.tsx'
import { Queues } from './queues.tsx'
import { Summary } from './summary.tsx'

export function Floor() {
  if (link.value === 'starting') return <p class="starting">{t('link.starting')}</p>
  return (
    <div class={`floor ${openCallId.value === undefined ? '' : 'with-panel'}`}>
      <h1 class="visually-hidden">{t('nav.floor')}</h1>
      <Summary />
      <aside class="rail" aria-label={t('floor.rail')}>
        <Queues />
        <AgentBoard />
      </aside>
      <CallTable />
      {openCallId.value !== undefined && <CallPanel key={openCallId.value} id={openCallId.value} />}
    </div>
  )
}
