import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Page } from '../../api/types.ts'
import { duration } from '../../state/format.ts'
import { queryOf } from '../../state/history-place.ts'
import { serverNow } from '../../store/live.ts'
import { client } from '../../store/session.ts'
import { h } from '../../strings/history.ts'
import { Filters } from './filters.tsx'
import { ListFoot, ListHead, Moment, useList } from './list.tsx'
import { titleOf } from './people.ts'
import { go, hashTo, where } from './place.ts'
import { RecordingPlayer } from './player.tsx'
import { RecordingState } from './recording-state.tsx'
import type { CallRecord, Recording } from './types.ts'

const accepts = ['from', 'to', 'agent', 'group', 'number', 'text']
const columns = ['started', 'call', 'length', 'voices', 'state'] as const

export function RecordingsSection() {
  const { id, wish } = where.value
  const query = () => queryOf(wish, { nowMs: serverNow(), accepts })
  const list = useList<Recording>(() => `/recordings?${query()}`, { key: JSON.stringify(wish) })
  const calls = useCalls(list.items.value)
  return (
    <div class="split-list">
      {id !== undefined && <RecordingPlayer key={id} id={id} titles={calls} />}
      <Filters names={['agent', 'group', 'number', 'text']} />
      <ListHead list={list} />
      {list.items.value.length > 0 && <RecordingTable recordings={list.items.value} titles={calls} chosen={id} />}
      <ListFoot list={list} />
    </div>
  )
}

/** A recording names its call only; who was in it, the records of that time know. */
function useCalls(recordings: readonly Recording[]): ReadonlyMap<string, string> {
  const titles = useSignal<ReadonlyMap<string, string>>(new Map())
  const oldest = recordings.at(-1)?.startedAt
  useEffect(() => {
    if (oldest === undefined) return
    // A call begins before its recording, by as long as it waited.
    const from = new Date(Date.parse(oldest) - 3_600_000).toISOString()
    void client.get<Page<CallRecord>>(`/cdrs?from=${encodeURIComponent(from)}&limit=500`).then((answer) => {
      if (answer.ok) titles.value = new Map(answer.value.items.map((call) => [call.id, titleOf(call)]))
    })
  }, [oldest, recordings.length])
  return titles.value
}

interface TableProperties {
  readonly recordings: readonly Recording[]
  readonly titles: ReadonlyMap<string, string>
  readonly chosen: string | undefined
}

function RecordingTable({ recordings, titles, chosen }: TableProperties) {
  return (
    <div class="table-box">
      <table class="records">
        <caption class="visually-hidden">{h('recordings.caption')}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {h(`recordings.col.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {recordings.map((recording) => (
            <RecordingLine
              key={recording.id}
              recording={recording}
              title={titles.get(recording.callId) ?? recording.callId}
              isChosen={recording.id === chosen}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface LineProperties {
  readonly recording: Recording
  readonly title: string
  readonly isChosen: boolean
}

function RecordingLine({ recording, title, isChosen }: LineProperties) {
  const { id, startedAt, durationMs, tracks } = recording
  const voices = tracks.filter(({ kind }) => kind === 'track').length
  return (
    <tr class={isChosen ? 'is-chosen' : ''} onClick={() => go({ id })}>
      <td>
        <Moment at={startedAt} />
      </td>
      <th scope="row">
        <a href={hashTo({ id })} aria-current={isChosen ? 'true' : undefined} onClick={(event) => event.stopPropagation()}>
          {title}
        </a>
      </th>
      <td class="num">{duration(durationMs)}</td>
      <td class="num">{voices === 0 ? h('player.mix') : voices}</td>
      <td>
        <RecordingState recording={recording} />
      </td>
    </tr>
  )
}
