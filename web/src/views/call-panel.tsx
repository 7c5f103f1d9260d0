/** One call: who is in it, who hears whom, and everything that can be done to it. */
import { useEffect, useRef } from 'preact/hooks'
import type { Call } from '../api/types.ts'
import { Icon } from '../parts/icon.tsx'
import { callShapes, Mark } from '../parts/mark.tsx'
import { Since } from '../parts/since.tsx'
import { phoneNumber } from '../state/format.ts'
import { agentParty, farParty, labelOf, stanceOf, supervisorName, watchers } from '../state/people.ts'
import { fetchCall } from '../store/call-acts.ts'
import { groups } from '../store/live.ts'
import { stripOn } from '../store/strips.ts'
import { openCall, showCall } from '../store/view.ts'
import { endWords, t } from '../strings/index.ts'
import { CallControls } from './call-controls.tsx'
import { HearingGrid } from './hearing-grid.tsx'
import { PartyList } from './party-list.tsx'
import { Stances } from './stances.tsx'
import { WrapUp } from './wrap-up.tsx'

export function CallPanel({ id }: { readonly id: string }) {
  const heading = useRef<HTMLHeadingElement>(null)
  const call = openCall.value
  useEffect(() => {
    if (openCall.peek() === undefined) void fetchCall(id)
    heading.current?.focus({ preventScroll: true })
  }, [id])
  return (
    <section class="panel" aria-labelledby="panel-title" id="panel">
      <header class="panel-head">
        <h2 id="panel-title" ref={heading} tabIndex={-1}>
          {call === undefined ? t('panel.unknown') : titleOf(call)}
        </h2>
        <button type="button" class="quiet icon-only" aria-label={t('act.close')} onClick={() => showCall(undefined)}>
          <Icon name="leave" />
        </button>
        {call !== undefined && <Facts call={call} />}
      </header>
      {call !== undefined && <Body call={call} />}
    </section>
  )
}

function titleOf(call: Call): string {
  const [customer, agent] = [farParty(call), agentParty(call)]
  const names = [customer, agent].filter((party) => party !== undefined).map(labelOf)
  return names.join('  ·  ')
}

function Facts({ call }: { readonly call: Call }) {
  const groupName = call.group === undefined ? undefined : (groups.value.get(call.group)?.name ?? call.group)
  return (
    <p class="facts">
      <span class={`state tone-${call.state}`}>
        <Mark shape={callShapes[call.state]} tone={call.state} /> {t(`call.${call.state}`)}
      </span>
      <Since at={call.startedAt} until={call.endedAt} />
      <span>
        <Icon name={call.direction} size={14} /> {t(`direction.${call.direction}`)}
      </span>
      <span class="num">{phoneNumber(call.dnis)}</span>
      {groupName !== undefined && <span>{groupName}</span>}
      {call.parked !== undefined && <span>{t('call.parked', { place: call.parked.place })}</span>}
      {call.reference !== undefined && <span>{call.reference}</span>}
      {call.endReason !== undefined && <span>{endWords(call.endReason)}</span>}
    </p>
  )
}

function Body({ call }: { readonly call: Call }) {
  const isOver = call.state === 'ended'
  return (
    <div class="panel-body">
      {!isOver && <Stances call={call} />}
      <OtherSupervisors call={call} />
      <PartyList call={call} />
      {!isOver && <HearingGrid call={call} />}
      {!isOver && <CallControls call={call} />}
      <WrapUp call={call} />
    </div>
  )
}

function OtherSupervisors({ call }: { readonly call: Call }) {
  const mine = stripOn(call.id)?.supervision.id
  const others = watchers(call).filter(({ id }) => id !== mine)
  if (others.length === 0) return null
  return (
    <ul class="others" aria-label={t('watchers.title')}>
      {others.map((each) => (
        <li key={each.id}>
          <b>{supervisorName(call, each)}</b> {t(`mode.${stanceOf(call, each)}`)}
          {each.state === 'ringing' && ` (${t('party.ringing')})`}
        </li>
      ))}
    </ul>
  )
}
