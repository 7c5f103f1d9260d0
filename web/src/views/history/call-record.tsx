/** One call that is over, with all that is kept of it. */
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Page } from '../../api/types.ts'
import { Icon } from '../../parts/icon.tsx'
import { duration, phoneNumber } from '../../state/format.ts'
import { client, verbs } from '../../store/session.ts'
import { h } from '../../strings/history.ts'
import { t } from '../../strings/index.ts'
import { casesOf } from './audit-cases.ts'
import { Lanes } from './audit-lanes.tsx'
import { ListFoot, Moment, moment, useList } from './list.tsx'
import { titleOf } from './people.ts'
import { go, hashTo } from './place.ts'
import { storyOf } from './story.ts'
import type { AuditEntry, CallRecord, Recording } from './types.ts'

export function Record({ id, known }: { readonly id: string; readonly known: CallRecord | undefined }) {
  const call = useRecord(id, known)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus({ preventScroll: true }), [id])
  return (
    <section class="record" aria-labelledby="record-title">
      <header class="panel-head">
        <h2 id="record-title" tabIndex={-1} ref={heading}>
          {call === undefined ? t('link.starting') : call === 'unknown' ? h('record.unknown') : titleOf(call)}
        </h2>
        <button type="button" class="quiet icon-only" aria-label={t('act.close')} onClick={() => go({ id: undefined })}>
          <Icon name="leave" />
        </button>
      </header>
      {typeof call === 'object' && <Kept call={call} />}
    </section>
  )
}

/** From the list, or asked for where somebody comes by its address. */
function useRecord(id: string, known: CallRecord | undefined): CallRecord | 'unknown' | undefined {
  const found = useSignal<CallRecord | 'unknown' | undefined>(known)
  useEffect(() => {
    if (known !== undefined) found.value = known
    else
      void client.get<Page<CallRecord>>(`/cdrs?text=${encodeURIComponent(id)}&limit=50`).then((answer) => {
        found.value = (answer.ok ? answer.value.items.find((call) => call.id === id) : undefined) ?? found.peek() ?? 'unknown'
      })
  }, [known])
  return found.value
}

function Kept({ call }: { readonly call: CallRecord }) {
  return (
    <div class="panel-body">
      <Facts call={call} />
      <KeptRecordings call={call.id} />
      {verbs.value.has('audit') && <KeptAudit call={call.id} />}
      <section aria-labelledby="story-title">
        <h3 id="story-title">{h('record.story')}</h3>
        <ol class="story">
          {storyOf(call).map(({ at, text, kind }) => (
            <li key={`${at}${text}`} class={`story-${kind}`}>
              <Moment at={at} />
              <span>{text}</span>
            </li>
          ))}
        </ol>
      </section>
    </div>
  )
}

function Facts({ call }: { readonly call: CallRecord }) {
  const { waitingMs, talkMs, holdMs, totalMs, disposition, notes, callbackAt } = call
  const facts = [
    [h('record.waited'), duration(waitingMs)],
    [h('record.talked'), duration(talkMs)],
    [h('record.held'), duration(holdMs)],
    [h('record.total'), duration(totalMs)],
    [h('record.dialled'), phoneNumber(call.dnis)],
    [h('record.id'), call.id],
    [h('record.disposition'), disposition],
    [h('record.callback'), callbackAt === undefined ? undefined : moment(callbackAt)],
    [h('record.notes'), notes],
  ] as const
  return (
    <dl class="facts-grid">
      {facts.map(([name, value]) =>
        value === undefined ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="num">{value}</dd>
          </div>
        ),
      )}
    </dl>
  )
}

function KeptRecordings({ call }: { readonly call: string }) {
  const list = useList<Recording>(() => `/recordings?call=${encodeURIComponent(call)}`, { key: call })
  return (
    <section aria-labelledby="kept-recordings">
      <h3 id="kept-recordings">{h('record.recordings')}</h3>
      <ul class="kept">
        {list.items.value.map(({ id, durationMs }) => (
          <li key={id}>
            <a class="button" href={hashTo({ section: 'recordings', id })}>
              <Icon name="play" /> {h('record.openRecording', { length: duration(durationMs) })}
            </a>
          </li>
        ))}
      </ul>
      <ListFoot list={list} none={h('record.noRecordings')} />
    </section>
  )
}

function KeptAudit({ call }: { readonly call: string }) {
  const list = useList<AuditEntry>(() => `/audit?call=${encodeURIComponent(call)}`, { key: call, limit: 500 })
  const [found] = casesOf(list.items.value)
  return (
    <section aria-labelledby="kept-audit">
      <h3 id="kept-audit">{h('record.audit')}</h3>
      {found !== undefined && found.lanes.length > 0 && <Lanes lanes={found.lanes} nowMs={list.asOf.value} />}
      <ListFoot list={list} none={h('record.noAudit')} />
    </section>
  )
}
