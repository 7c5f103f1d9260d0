/** The hearing audit: call by call who could hear whom, who asked for it, what was refused, and whether it is whole. */
import { useSignal } from '@preact/signals'
import { Icon } from '../../parts/icon.tsx'
import { queryOf } from '../../state/history-place.ts'
import { serverNow } from '../../store/live.ts'
import { complain } from '../../store/notices.ts'
import { client, session } from '../../store/session.ts'
import { h } from '../../strings/history.ts'
import { type Case, casesOf } from './audit-cases.ts'
import { EntryTable, entryWords, whyOf } from './audit-entries.tsx'
import { Lanes } from './audit-lanes.tsx'
import { Filters } from './filters.tsx'
import { ListFoot, ListHead, Moment, moment, useList } from './list.tsx'
import { hashTo, where } from './place.ts'
import type { AuditEntry, Verdict } from './types.ts'

const accepts = ['from', 'to', 'agent', 'group', 'number', 'supervisor', 'text']

export function AuditSection() {
  const { wish } = where.value
  const list = useList<AuditEntry>(() => `/audit?${queryOf(wish, { nowMs: serverNow(), accepts })}`, {
    key: JSON.stringify(wish),
    limit: 500,
  })
  return (
    <div class="split-list">
      <Filters names={['supervisor', 'agent', 'group', 'number', 'text']} />
      <ListHead list={list}>
        <Verification />
      </ListHead>
      <div class="cases">
        {casesOf(list.items.value).map((each) => (
          <CaseCard key={each.callId ?? ''} of={each} nowMs={list.asOf.value} />
        ))}
      </div>
      <ListFoot list={list} />
    </div>
  )
}

function CaseCard({ of, nowMs }: { readonly of: Case; readonly nowMs: number }) {
  const { callId, lanes, refused, entries } = of
  return (
    <article class="case">
      <header>
        <h2>{callId === undefined ? h('audit.others') : h('audit.ofCall', { id: callId })}</h2>
        {callId !== undefined && <a href={hashTo({ section: 'calls', id: callId })}>{h('audit.openCall')}</a>}
      </header>
      {lanes.length > 0 && <Lanes lanes={lanes} nowMs={nowMs} />}
      {refused.length > 0 && (
        <ul class="refusals">
          {refused.map((entry) => (
            <li key={entry.seq}>
              <Icon name="alert" size={14} />
              <Moment at={entry.at} />
              <span>
                {entryWords(entry)}: {whyOf(entry)}
              </span>
            </li>
          ))}
        </ul>
      )}
      <details>
        <summary>{h('audit.entries', { count: entries.length })}</summary>
        <EntryTable entries={entries} />
      </details>
    </article>
  )
}

function Verification() {
  const verdict = useSignal<Verdict | undefined>(undefined)
  const isBusy = useSignal(false)
  const verify = async (): Promise<void> => {
    isBusy.value = true
    const answer = await client.get<Verdict>('/audit/verify')
    isBusy.value = false
    if (answer.ok) verdict.value = answer.value
    else complain(answer.problem)
  }
  const isLimited = !(session.value?.permissions as { readonly groups?: readonly string[] } | undefined)?.groups?.includes('*')
  return (
    <>
      {verdict.value !== undefined && <Finding verdict={verdict.value} />}
      <button type="button" class="small" disabled={isBusy.value} onClick={() => void verify()}>
        {h(isBusy.value ? 'audit.verifying' : 'audit.verify')}
      </button>
      {!isLimited && (
        <a class="button small" href="/sotto/v1/audit/export" download="audit.jsonl">
          {h('audit.export')}
        </a>
      )}
    </>
  )
}

function Finding({ verdict }: { readonly verdict: Verdict }) {
  const { valid, entries, flaws, head, pruned, erased } = verdict
  return (
    <div class={`finding ${valid ? 'is-whole' : 'is-broken'}`} role="status">
      <b>{valid ? h('audit.whole', { entries }) : h('audit.broken', { count: flaws.length })}</b>
      {flaws.slice(0, 5).map(({ seq, why }) => (
        <span key={seq}>{h('audit.flaw', { seq, why })}</span>
      ))}
      {pruned !== undefined && <span>{h('audit.pruned', { before: moment(pruned.before) })}</span>}
      {erased !== undefined && <span>{h('audit.erased', { count: erased })}</span>}
      <small class="num">
        {head === null ? h('audit.noHead') : h('audit.head', { time: moment(head.at), seq: head.seq, hash: head.hash.slice(0, 12) })}
      </small>
    </div>
  )
}
