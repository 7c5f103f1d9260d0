import { Icon } from '../../parts/icon.tsx'
import { duration } from '../../state/format.ts'
import { h } from '../../strings/history.ts'
import { type HeardSpan, type Lane, placeOn, stretchOf } from './audit-cases.ts'
import { moment } from './list.tsx'

/** Who could hear whom along the time. Every bar is said in words as well. */
export function Lanes({ lanes, nowMs }: { readonly lanes: readonly Lane[]; readonly nowMs: number }) {
  const stretch = stretchOf(lanes, nowMs)
  return (
    <div class="lanes">
      <ul>
        {lanes.map((lane) => (
          <li key={lane.key} class={lane.isSupervisorHeard ? 'lane lane-heard' : 'lane'}>
            <span class="lane-name">
              <Icon name={lane.isSupervisorHeard ? 'whisper' : 'listen'} size={14} />
              {h('audit.lane', { listener: lane.listener, talker: lane.talker })}
            </span>
            <span class="lane-track">
              {lane.spans.map((span) => {
                const { left, width } = placeOn(stretch, span)
                const words = spanWords(span)
                return (
                  <i
                    key={span.from}
                    role="img"
                    aria-label={words}
                    title={words}
                    class={span.to === null ? 'is-open' : ''}
                    style={{ left: `${left}%`, width: `${width}%` }}
                  />
                )
              })}
            </span>
          </li>
        ))}
      </ul>
      <p class="lane-axis num" aria-hidden="true">
        <span>{moment(stretch.fromMs)}</span>
        <span>{duration(stretch.toMs - stretch.fromMs)}</span>
        <span>{moment(stretch.toMs)}</span>
      </p>
    </div>
  )
}

export function spanWords({ from, to }: HeardSpan): string {
  if (to === null) return h('audit.since', { from: moment(from) })
  return h('audit.until', { from: moment(from), to: moment(to), length: duration(Date.parse(to) - Date.parse(from)) })
}
