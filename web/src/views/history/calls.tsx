import { Icon } from '../../parts/icon.tsx'
import { duration } from '../../state/format.ts'
import { queryOf } from '../../state/history-place.ts'
import { groups, serverNow } from '../../store/live.ts'
import { h } from '../../strings/history.ts'
import { endWords, t } from '../../strings/index.ts'
import { Record } from './call-record.tsx'
import { Filters } from './filters.tsx'
import { ListFoot, ListHead, Moment, useList } from './list.tsx'
import { agentNames, customerName } from './people.ts'
import { go, hashTo, where } from './place.ts'
import type { CallRecord } from './types.ts'

const accepts = ['from', 'to', 'agent', 'group', 'number', 'text']
const columns = ['started', 'customer', 'agent', 'group', 'talk', 'outcome', 'marks'] as const

export function CallsSection() {
  const { id, wish } = where.value
  const list = useList<CallRecord>(() => `/cdrs?${queryOf(wish, { nowMs: serverNow(), accepts })}`, { key: JSON.stringify(wish) })
  return (
    <div class={`split ${id === undefined ? '' : 'is-open'}`}>
      <div class="split-list">
        <Filters names={['agent', 'group', 'number', 'text']} />
        <ListHead list={list} />
        {list.items.value.length > 0 && <CallTable calls={list.items.value} chosen={id} />}
        <ListFoot list={list} />
      </div>
      {id !== undefined && <Record key={id} id={id} known={list.items.value.find((call) => call.id === id)} />}
    </div>
  )
}

function CallTable({ calls, chosen }: { readonly calls: readonly CallRecord[]; readonly chosen: string | undefined }) {
  return (
    <div class="table-box">
      <table class="records">
        <caption class="visually-hidden">{h('calls.caption')}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" class={`c-${column}`}>
                {h(`calls.col.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {calls.map((call) => (
            <CallLine key={call.id} call={call} isChosen={call.id === chosen} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function CallLine({ call, isChosen }: { readonly call: CallRecord; readonly isChosen: boolean }) {
  const group = call.group === undefined ? '' : (groups.value.get(call.group)?.name ?? call.group)
  return (
    <tr class={isChosen ? 'is-chosen' : ''} onClick={() => go({ id: call.id })}>
      <td class="c-started">
        <Icon name={call.direction} size={14} />
        <span class="visually-hidden">{t(`direction.${call.direction}`)}</span>
        <Moment at={call.startedAt} />
      </td>
      <th scope="row" class="c-customer">
        <a href={hashTo({ id: call.id })} aria-current={isChosen ? 'true' : undefined} onClick={(event) => event.stopPropagation()}>
          {customerName(call)}
        </a>
      </th>
      <td class="c-agent">{agentNames(call)}</td>
      <td class="c-group">{group}</td>
      <td class="c-talk num">{call.answeredAt === undefined ? '–' : duration(call.talkMs)}</td>
      <td class="c-outcome">{outcomeOf(call)}</td>
      <td class="c-marks">
        {call.recordings.length > 0 && <Mark icon="record" text={h('calls.recorded')} />}
        {call.supervisions.length > 0 && <Mark icon="listen" text={h('calls.supervised')} />}
      </td>
    </tr>
  )
}

function Mark({ icon, text }: { readonly icon: 'record' | 'listen'; readonly text: string }) {
  return (
    <span class={`mark-${icon}`} title={text}>
      <Icon name={icon} size={14} />
      <span class="visually-hidden">{text}</span>
    </span>
  )
}

/** What the agent said of it, or else how it ended. */
function outcomeOf({ disposition, answeredAt, endReason }: CallRecord): string {
  if (disposition !== undefined) return disposition
  if (answeredAt === undefined && endReason === undefined) return h('calls.missed')
  return endReason === undefined ? '' : endWords(endReason)
}
