import type { Agent } from '../../api/types.ts'
import { Since } from '../../parts/since.tsx'
import { roundDuration } from '../../state/format.ts'
import { groups } from '../../store/live.ts'
import { a } from '../../strings/agent.ts'

export function Day({ agent }: { readonly agent: Agent }) {
  const { handled, missed, talkMs } = agent.tally
  const facts = [
    ['handled', String(handled)],
    ['missed', String(missed)],
    ['talk', roundDuration(talkMs)],
  ] as const
  return (
    <section class="card-box" aria-labelledby="day-title">
      <h2 id="day-title">{a('day.title')}</h2>
      <dl class="day">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{a(`day.${name}`)}</dt>
            <dd class="num">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

export function Queues({ agent }: { readonly agent: Agent }) {
  const own = agent.groups.flatMap((id) => groups.value.get(id) ?? [])
  if (own.length === 0) return null
  return (
    <section class="card-box" aria-labelledby="own-queues">
      <h2 id="own-queues">{a('queues.title')}</h2>
      <ul class="own-queues">
        {own.map(({ id, name, waiting, waitingSince }) => (
          <li key={id}>
            <b>{name}</b>
            <span class={waiting > 0 ? 'num tone-queued' : 'num'}>
              {a('queues.waiting', { count: waiting })}
              {waitingSince !== undefined && (
                <>
                  {' · '}
                  <Since at={waitingSince} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
