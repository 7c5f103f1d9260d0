import type { Call, Party } from '../api/types.ts'
import { Icon } from '../parts/icon.tsx'
import { callShapes, Mark } from '../parts/mark.tsx'
import { memo } from '../parts/memo.ts'
import { Meter } from '../parts/meter.tsx'
import { Since } from '../parts/since.tsx'
import { agentParty, farParty, labelOf, stanceOf, supervisorName, watchers } from '../state/people.ts'
import { listen, pending } from '../store/listening.ts'
import { groups } from '../store/live.ts'
import { verbs } from '../store/session.ts'
import { stripOn } from '../store/strips.ts'
import { openCallId, selected, showCall } from '../store/view.ts'
import { t } from '../strings/index.ts'

interface Properties {
  readonly call: Call
  readonly index: number
  readonly top: number
  readonly isTabStop: boolean
}

export const CallRow = memo(function CallRow({ call, index, top, isTabStop }: Properties) {
  const [customer, agent] = [farParty(call), agentParty(call)]
  const open = (): void => {
    selected.value = call.id
    showCall(call.id)
  }
  return (
    <div
      role="row"
      id={`row-${call.id}`}
      class={`grid-row call call-${call.state}`}
      aria-rowindex={index + 2}
      aria-selected={selected.value === call.id}
      aria-current={openCallId.value === call.id ? 'true' : undefined}
      tabIndex={isTabStop ? 0 : -1}
      style={{ transform: `translateY(${top}px)` }}
      onClick={open}
      onFocus={() => (selected.value = call.id)}
    >
      <span role="gridcell" class={`col-state tone-${call.state}`}>
        <Mark shape={callShapes[call.state]} tone={call.state} />
        <span class="word">{t(`call.${call.state}`)}</span>
      </span>
      <PartyCell call={call} party={customer} column="customer" />
      {agent === undefined ? <Queued call={call} /> : <PartyCell call={call} party={agent} column="agent" />}
      <span role="gridcell" class="col-group">
        {call.group === undefined ? '' : (groups.value.get(call.group)?.name ?? call.group)}
      </span>
      <span role="gridcell" class="col-duration">
        <Since at={call.state === 'queued' ? (call.queuedAt ?? call.startedAt) : call.startedAt} />
      </span>
      <span role="gridcell" class="col-recording">
        <Recording call={call} />
      </span>
      <span role="gridcell" class="col-supervision">
        <Watchers call={call} />
        <Step call={call} />
      </span>
    </div>
  )
})

function PartyCell({
  call,
  party,
  column,
}: {
  readonly call: Call
  readonly party: Party | undefined
  readonly column: 'customer' | 'agent'
}) {
  if (party === undefined) return <span role="gridcell" class={`col-${column}`} />
  const isNumber = party.name === undefined
  return (
    <span role="gridcell" class={`col-${column}`}>
      <span class="party">
        {column === 'customer' && <Icon name={call.direction} size={14} />}
        {column === 'customer' && <span class="visually-hidden">{t(`direction.${call.direction}`)}</span>}
        <span class={isNumber ? 'name num' : 'name'}>{labelOf(party)}</span>
        {tagged(call, party) && <small class="tag">{t(`party.${party.state}`)}</small>}
        {party.muted && <Icon name="mute" size={12} />}
      </span>
      <Meter call={call.id} party={party.id} />
    </span>
  )
}

function Queued({ call: { queuePosition } }: { readonly call: Call }) {
  return (
    <span role="gridcell" class="col-agent queued">
      {queuePosition !== undefined && t('call.position', { position: queuePosition })}
    </span>
  )
}

/** Where the state of the call says it already, it is not said of each party again. */
const tagged = (call: Call, { state }: Party): boolean =>
  (state === 'held' && call.state === 'active') || (state === 'ringing' && (call.state === 'active' || call.state === 'held'))

function Recording({ call: { recording } }: { readonly call: Call }) {
  if (recording.state === 'off') return null
  return (
    <span
      class={`dot dot-${recording.state}`}
      role="img"
      aria-label={t(`recording.${recording.state}`)}
      title={t(`recording.${recording.state}`)}
    >
      {recording.state === 'paused' && <Icon name="pause" size={12} />}
    </span>
  )
}

/** What each supervisor does is seen by all of them. */
function Watchers({ call }: { readonly call: Call }) {
  const mine = stripOn(call.id)?.supervision.id
  const others = watchers(call).filter(({ id }) => id !== mine)
  if (others.length === 0) return null
  return (
    <span class="watchers">
      {others.map((each) => {
        const words = t('watchers.one', { name: supervisorName(call, each), mode: t(`mode.${stanceOf(call, each)}`) })
        return (
          <span key={each.id} class={`watcher mode-${each.mode}`} title={words}>
            <Icon name={iconOf[stanceOf(call, each)]} size={12} />
            <span class="initials" aria-hidden="true">
              {initials(supervisorName(call, each))}
            </span>
            <span class="visually-hidden">{words}</span>
          </span>
        )
      })}
    </span>
  )
}

const iconOf = { monitor: 'listen', 'whisper-agent': 'whisper', 'whisper-customer': 'whisper-customer', barge: 'barge' } as const

const initials = (name: string): string =>
  name
    .split(/\s+/)
    .map((word) => word[0] ?? '')
    .join('')
    .slice(0, 2)
    .toUpperCase()

/** One click, and it is heard. */
function Step({ call }: { readonly call: Call }) {
  const strip = stripOn(call.id)
  if (strip !== undefined) return <span class={`chip chip-${strip.mode}`}>{t(`mode.${strip.mode}`)}</span>
  if (!verbs.value.has('monitor') || call.state === 'queued' || call.state === 'ringing') return null
  const click = (event: MouseEvent): void => {
    event.stopPropagation()
    selected.value = call.id
    // A panel that is open shows what is heard.
    if (openCallId.peek() !== undefined) showCall(call.id)
    void listen(call.id, event.shiftKey)
  }
  return (
    <button type="button" class="listen" tabIndex={-1} disabled={pending.value.has(call.id)} onClick={click} title={t('act.listen.title')}>
      <Icon name="listen" size={14} />
      {t('act.listen')}
    </button>
  )
}
