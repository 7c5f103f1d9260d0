/** Receivers of webhooks, and what they did not take. */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { queryOf } from '../../state/history-place.ts'
import { serverNow } from '../../store/live.ts'
import { complain, note } from '../../store/notices.ts'
import { client } from '../../store/session.ts'
import { h } from '../../strings/history.ts'
import { Filters } from './filters.tsx'
import { type List, ListFoot, ListHead, Moment, moment, useList } from './list.tsx'
import { hashTo, where } from './place.ts'
import type { DeadLetter, Webhook } from './types.ts'

const accepts = ['from', 'to', 'text']

export function WebhooksSection() {
  const list = useList<Webhook>(() => '/webhooks', { key: '', limit: 500 })
  const { id } = where.value
  const hooks = list.items.value
  const chosen = hooks.find((hook) => hook.id === id) ?? hooks.find(({ dead }) => dead > 0) ?? hooks[0]
  return (
    <div class="split-list">
      <ListHead list={list} />
      <ul class="hooks">
        {hooks.map((hook) => (
          <HookCard key={hook.id} hook={hook} isChosen={hook === chosen} />
        ))}
      </ul>
      <ListFoot list={list} none={h('webhooks.none')} />
      {chosen !== undefined && <Letters key={chosen.id} hook={chosen} onChange={list.refresh} />}
    </div>
  )
}

function HookCard({ hook, isChosen }: { readonly hook: Webhook; readonly isChosen: boolean }) {
  const { id, url, description, state, offReason, waiting, dead, lastFailure } = hook
  return (
    <li class={isChosen ? 'hook is-chosen' : 'hook'}>
      <a href={hashTo({ id })} aria-current={isChosen ? 'true' : undefined}>
        {description ?? url}
      </a>
      {description !== undefined && <small>{url}</small>}
      <p class="facts">
        <span class={`hook-${state}`}>{h(offReason === 'gone' ? 'webhooks.gone' : `webhooks.${state}`)}</span>
        <span class="num">{h('webhooks.waiting', { count: waiting })}</span>
        <span class={dead > 0 ? 'num is-dead' : 'num'}>{h('webhooks.dead', { count: dead })}</span>
      </p>
      {lastFailure !== undefined && <small>{h('webhooks.failing', { time: moment(lastFailure.at), why: lastFailure.why })}</small>}
    </li>
  )
}

function Letters({ hook, onChange }: { readonly hook: Webhook; readonly onChange: () => void }) {
  const { wish } = where.value
  const at = `/webhooks/${encodeURIComponent(hook.id)}/dead-letters`
  const list = useList<DeadLetter>(() => `${at}?${queryOf({ ...wish, span: wish.span ?? 'any' }, { nowMs: serverNow(), accepts })}`, {
    key: JSON.stringify(wish),
  })
  const chosen = useSignal<ReadonlySet<string>>(new Set())
  useEffect(() => {
    chosen.value = new Set()
  }, [list.items.value])
  const replay = async (ids: readonly string[] | undefined): Promise<void> => {
    const answer = await client.post(`${at}/replay`, ids === undefined ? {} : { ids })
    if (!answer.ok) return complain(answer.problem)
    note('note', h('letters.replayed'))
    list.refresh()
    onChange()
  }
  return (
    <section class="letters" aria-labelledby="letters-title">
      <h2 id="letters-title">{h('letters.title')}</h2>
      <Filters names={['text']} usual="any" />
      <ListHead list={list}>
        <ReplayButtons hook={hook} chosen={chosen.value} replay={(ids) => void replay(ids)} />
      </ListHead>
      {list.items.value.length > 0 && <LetterTable list={list} chosen={chosen.value} choose={(ids) => (chosen.value = ids)} />}
      <ListFoot list={list} none={h('letters.none')} />
    </section>
  )
}

interface ReplayProperties {
  readonly hook: Webhook
  readonly chosen: ReadonlySet<string>
  readonly replay: (ids: readonly string[] | undefined) => void
}

function ReplayButtons({ hook, chosen, replay }: ReplayProperties) {
  if (hook.state === 'off') return <small>{h('letters.isOff')}</small>
  return (
    <>
      <button type="button" class="small" disabled={chosen.size === 0} onClick={() => replay([...chosen])}>
        {h('letters.replay', { count: chosen.size })}
      </button>
      <button type="button" class="small" disabled={hook.dead === 0} onClick={() => replay(undefined)}>
        {h('letters.replayAll')}
      </button>
    </>
  )
}

interface TableProperties {
  readonly list: List<DeadLetter>
  readonly chosen: ReadonlySet<string>
  readonly choose: (ids: ReadonlySet<string>) => void
}

const columns = ['event', 'died', 'attempts', 'why'] as const

function LetterTable({ list, chosen, choose }: TableProperties) {
  const letters = list.items.value
  const areAll = letters.every(({ id }) => chosen.has(id))
  return (
    <div class="table-box">
      <table class="records">
        <thead>
          <tr>
            <td>
              <input
                type="checkbox"
                aria-label={h('letters.chooseAll')}
                checked={areAll}
                onChange={() => choose(new Set(areAll ? [] : letters.map(({ id }) => id)))}
              />
            </td>
            {columns.map((column) => (
              <th key={column} scope="col">
                {h(`letters.col.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {letters.map((letter) => (
            <LetterLine
              key={letter.id}
              letter={letter}
              isChosen={chosen.has(letter.id)}
              onChoose={() => choose(toggled(chosen, letter.id))}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function toggled(chosen: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(chosen)
  if (!next.delete(id)) next.add(id)
  return next
}

interface LetterProperties {
  readonly letter: DeadLetter
  readonly isChosen: boolean
  readonly onChoose: () => void
}

function LetterLine({ letter, isChosen, onChoose }: LetterProperties) {
  const { event, diedAt, attempts, why } = letter
  return (
    <tr class={isChosen ? 'is-chosen' : ''}>
      <td>
        <input
          type="checkbox"
          aria-label={h('letters.choose', { type: event.type ?? '', time: moment(diedAt) })}
          checked={isChosen}
          onChange={onChoose}
        />
      </td>
      <th scope="row">
        <details>
          <summary>{event.type ?? letter.id}</summary>
          <pre>{JSON.stringify(event, null, 2)}</pre>
        </details>
      </th>
      <td>
        <Moment at={diedAt} />
      </td>
      <td class="num">{attempts}</td>
      <td>{why}</td>
    </tr>
  )
}
