/** Sotto's API as the command line uses it: answers as plain data, refusals and absence as failures that say what to do. */
import { setTimeout as pause } from 'node:timers/promises'
import { bounds } from './bounds.ts'
import { exits, Failure, reasonOf } from './exits.ts'
import type { CallView, EventView } from './views.ts'

interface Problem {
  readonly title?: string
  readonly code?: string
  readonly detail?: string
  readonly requestId?: string
}

export class Refused extends Failure {
  readonly status: number
  readonly code: string

  constructor(status: number, problem: Problem, hint = '') {
    const why = problem.detail ?? problem.title ?? `the server answered ${status}`
    const named = problem.code === undefined ? '' : ` (${problem.code})`
    super(status === 404 ? exits.unknown : exits.refused, `${why}${named}${hint}`, { ...problem, status })
    this.status = status
    this.code = problem.code ?? ''
  }
}

export class Unreachable extends Failure {
  constructor(url: string, error: unknown) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    const why = reasonOf(cause) || (cause as NodeJS.ErrnoException).code || 'no answer'
    super(exits.unreachable, `${url} cannot be reached: ${why}. Is the server running? Say where it is with --url or SOTTO_URL.`, { url })
  }
}

export interface Place {
  readonly url: string
  readonly key: string
  /** Nobody named this key: it is the demonstration's. */
  readonly isGuess?: boolean
}

export interface Following {
  readonly signal: AbortSignal
  readonly onOpen?: () => void
  readonly onLost?: () => void
}

export class Api {
  readonly place: Place

  constructor(place: Place) {
    this.place = place
  }

  get<T>(path: string): Promise<T> {
    return this.#ask('GET', path)
  }

  post<T>(path: string, body?: object): Promise<T> {
    return this.#ask('POST', path, body)
  }

  put<T>(path: string, body: object): Promise<T> {
    return this.#ask('PUT', path, body)
  }

  delete<T>(path: string): Promise<T> {
    return this.#ask('DELETE', path)
  }

  /** All pages. */
  async list<T>(path: string, query: Readonly<Record<string, string | undefined>> = {}): Promise<readonly T[]> {
    const items: T[] = []
    for (let cursor: string | undefined; ; ) {
      const search = queryOf({ ...query, limit: '500', cursor })
      const page: { readonly items: readonly T[]; readonly next: string | null } = await this.get(`${path}?${search}`)
      items.push(...page.items)
      if (page.next === null) return items
      cursor = page.next
    }
  }

  /** By its id, or by the beginning of that of a live call. */
  async call(named: string): Promise<CallView> {
    try {
      return await this.get(`/calls/${encodeURIComponent(named)}`)
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 404) throw error
      const fitting = (await this.list<CallView>('/calls')).filter(({ id }) => id.startsWith(named))
      if (fitting.length === 1 && fitting[0] !== undefined) return fitting[0]
      if (fitting.length > 1) throw new Failure(exits.unknown, `${fitting.length} calls begin with ${named}: give more of the id`)
      throw error
    }
  }

  /** Live, without gap or double: a stream that breaks is taken up where it broke. Throws when the server refuses, or is not there from the start. */
  async *events(query: Readonly<Record<string, string | undefined>>, { signal, onOpen, onLost }: Following): AsyncGenerator<EventView> {
    let after: string | undefined
    let wasOpen = false
    while (!signal.aborted) {
      try {
        const opened = () => {
          wasOpen = true
          onOpen?.()
        }
        for await (const event of this.#stream(`/events?${queryOf(query)}`, { after, signal, opened })) {
          after = event.id
          yield event
        }
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof Refused && error.status === 410) after = undefined
        else if (isFinal(error) || !wasOpen) throw error
      }
      if (signal.aborted) return
      onLost?.()
      await pause(bounds.againMs, undefined, { signal }).catch(() => {})
    }
  }

  async *#stream(
    path: string,
    { after, signal, opened }: { readonly after: string | undefined; readonly signal: AbortSignal; readonly opened: () => void },
  ): AsyncGenerator<EventView> {
    const dead = new AbortController()
    const timer = setTimeout(() => dead.abort(), bounds.silentStreamMs)
    try {
      const headers = after === undefined ? {} : { 'last-event-id': after }
      const response = await this.#fetch(path, { headers, signal: AbortSignal.any([signal, dead.signal]) })
      opened()
      let waiting = ''
      const decoder = new TextDecoder()
      for await (const bytes of response.body ?? []) {
        timer.refresh()
        const frames = (waiting + decoder.decode(bytes, { stream: true })).split('\n\n')
        waiting = frames.pop() ?? ''
        for (const frame of frames) {
          const data = /^data: (.*)$/m.exec(frame)?.[1]
          if (data !== undefined) yield JSON.parse(data)
        }
      }
    } finally {
      clearTimeout(timer)
      dead.abort()
    }
  }

  async #ask<T>(method: string, path: string, body?: object): Promise<T> {
    const content = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const response = await this.#fetch(path, { method, signal: AbortSignal.timeout(bounds.requestMs), ...content })
    return (await response.json()) as T
  }

  async #fetch(path: string, init: RequestInit & { readonly headers?: Readonly<Record<string, string>> }): Promise<Response> {
    const { url, key, isGuess } = this.place
    const headers = { authorization: `Bearer ${key}`, ...init.headers }
    const response = await fetch(`${url}/sotto/v1${path}`, { ...init, headers }).catch((error: unknown) => {
      throw init.signal?.aborted && (error as Error).name === 'AbortError' ? error : new Unreachable(url, error)
    })
    if (response.ok) return response
    const problem = ((await response.json().catch(() => undefined)) ?? {}) as Problem
    const hint = response.status !== 401 ? '' : isGuess ? '. Say which API key with --key or SOTTO_KEY.' : '. Look at --key or SOTTO_KEY.'
    throw new Refused(response.status, problem, hint)
  }
}

/** What will not be otherwise in a second. */
const isFinal = (error: unknown): boolean => error instanceof Refused && error.status < 500 && error.status !== 429

export function queryOf(query: Readonly<Record<string, string | undefined>>): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, value)
  return search.toString()
}

/** Of the server itself, without a key; undefined when nobody answers there. */
export async function healthAt(
  url: string,
): Promise<
  { readonly status: string; readonly version: string; readonly degraded: readonly string[]; readonly date?: string } | undefined
> {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(bounds.askMs) })
    const health = (await response.json()) as { readonly status?: string; readonly version?: string; readonly degraded?: readonly string[] }
    if (typeof health.status !== 'string' || typeof health.version !== 'string') return undefined
    const date = response.headers.get('date')
    return { status: health.status, version: health.version, degraded: health.degraded ?? [], ...(date === null ? {} : { date }) }
  } catch {
    return undefined
  }
}
