/** A list of the history, page by page. It is as it was when it was read, and says when that was. */
import { batch, type Signal, useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Page, Problem } from '../../api/types.ts'
import { serverNow } from '../../store/live.ts'
import { wordsOf } from '../../store/notices.ts'
import { client } from '../../store/session.ts'
import { h } from '../../strings/history.ts'

export interface List<T> {
  readonly items: Signal<readonly T[]>
  readonly next: Signal<string | null>
  readonly isBusy: Signal<boolean>
  readonly problem: Signal<Problem | undefined>
  /** The server's time; 0 until something was read. */
  readonly asOf: Signal<number>
  readonly refresh: () => void
  readonly more: () => void
}

/** A path without `limit` and `cursor`; undefined: nothing is read. */
export function useList<T>(
  path: () => string | undefined,
  { key, limit = 50 }: { readonly key: string; readonly limit?: number },
): List<T> {
  const items = useSignal<readonly T[]>([])
  const next = useSignal<string | null>(null)
  const isBusy = useSignal(false)
  const problem = useSignal<Problem | undefined>(undefined)
  const asOf = useSignal(0)
  const turn = useRef(0)
  const base = useRef<string | undefined>(undefined)
  const read = async (cursor: string | null): Promise<void> => {
    if (cursor === null) base.current = path()
    if (base.current === undefined) return
    const mine = ++turn.current
    isBusy.value = true
    const answer = await client.get<Page<T>>(withPage(base.current, { limit, cursor }))
    // Somebody asked for something else meanwhile.
    if (mine !== turn.current) return
    batch(() => {
      isBusy.value = false
      problem.value = answer.ok ? undefined : answer.problem
      if (!answer.ok) return
      items.value = cursor === null ? answer.value.items : [...items.value, ...answer.value.items]
      next.value = answer.value.next
      if (cursor === null) asOf.value = serverNow()
    })
  }
  useEffect(() => {
    const timer = setTimeout(() => void read(null), turn.current === 0 ? 0 : 250)
    return () => clearTimeout(timer)
  }, [key])
  return { items, next, isBusy, problem, asOf, refresh: () => void read(null), more: () => void read(next.value) }
}

const withPage = (path: string, { limit, cursor }: { readonly limit: number; readonly cursor: string | null }): string => {
  const page = `limit=${limit}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`
  return `${path}${path.includes('?') ? '&' : '?'}${page}`
}

export function ListHead({ list, children }: { readonly list: List<unknown>; readonly children?: ComponentChildren }) {
  const { asOf, isBusy, items, next } = list
  return (
    <div class="list-head">
      <p role="status" class="num">
        {isBusy.value && asOf.value === 0
          ? h('list.loading')
          : `${h(next.value === null ? 'list.count' : 'list.countMore', { count: items.value.length })} · ${h('list.asOf', { time: clockTime(asOf.value) })}`}
      </p>
      <span class="row">
        {children}
        <button type="button" class="small" disabled={isBusy.value} onClick={list.refresh}>
          {h('list.refresh')}
        </button>
      </span>
    </div>
  )
}

export function ListFoot({ list, none = h('list.none') }: { readonly list: List<unknown>; readonly none?: string }) {
  const { problem, items, isBusy, next, asOf } = list
  if (problem.value !== undefined)
    return (
      <p class="form-problem" role="alert">
        {h('list.failed', { why: wordsOf(problem.value) })}
      </p>
    )
  if (items.value.length === 0 && asOf.value > 0 && next.value === null) return <p class="empty">{none}</p>
  if (next.value === null) return null
  return (
    <button type="button" class="more" disabled={isBusy.value} onClick={list.more}>
      {h('list.more')}
    </button>
  )
}

export const clockTime = (at: number | string): string =>
  new Date(at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })

const today = (at: Date): boolean => at.toDateString() === new Date(serverNow()).toDateString()

/** With the day where it is not today. */
export function moment(at: number | string): string {
  const date = new Date(at)
  return today(date) ? clockTime(at) : `${date.toLocaleDateString(undefined, { month: 'short', day: 'numeric' })}, ${clockTime(at)}`
}

export function Moment({ at }: { readonly at: string }) {
  return (
    <time class="num" dateTime={at} title={new Date(at).toLocaleString()}>
      {moment(at)}
    </time>
  )
}
