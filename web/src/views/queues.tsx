import type { Group } from '../api/types.ts'
import { Since } from '../parts/since.tsx'
import { percent } from '../state/format.ts'
import { agentsById, groups } from '../store/live.ts'
import { group } from '../store/view.ts'
import { t } from '../strings/index.ts'

export function Queues() {
  const all = [...groups.value.values()]
  if (all.length === 0) return null
  return (
    <section class="queues" aria-labelledby="queues-title">
      <h2 id="queues-title">{t('queues.title')}</h2>
      <ul>
        {all.map((each) => (
          <li key={each.id}>
            <Queue group={each} />
          </li>
        ))}
      </ul>
    </section>
  )
}

/** A press shows this group's calls and agents only; another one shows all again. */
function Queue({ group: { id, name, agents, waiting, waitingSince, tally } }: { readonly group: Group }) {
  const present = agents.filter((agent) => isFree(agent)).length
  const isChosen = group.value === id
  return (
    <button
      type="button"
      class={`queue ${waiting > 0 ? 'has-waiting' : ''}`}
      aria-pressed={isChosen}
      onClick={() => (group.value = isChosen ? undefined : id)}
    >
      <b class="name">{name}</b>
      <span class="waiting">
        <b class="num">{waiting}</b> {t('queues.waiting')}
        {waitingSince !== undefined && (
          <>
            {' · '}
            <Since at={waitingSince} />
          </>
        )}
      </span>
      <span class="facts num">
        {t('queues.facts', {
          free: present,
          agents: agents.length,
          inTime: percent(tally.inTime, tally.inTime + tally.late + tally.abandoned),
          abandoned: tally.abandoned,
        })}
      </span>
    </button>
  )
}

const isFree = (agent: string): boolean => agentsById.value.get(agent)?.state === 'available'
