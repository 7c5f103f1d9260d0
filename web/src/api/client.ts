/** Requests to Sotto's own API. A failure is a value, never an exception. */
import type { Answer, Page, Problem } from './types.ts'

const base = '/sotto/v1'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export class Client {
  /** Of the session; demanded with every request that changes something. */
  csrf = ''
  /** Called when the server says that nobody is signed in any more. */
  onSignedOut: () => void = () => {}
  /** Called with the server's clock, as each answer says it. */
  onServerTime: (serverMs: number) => void = () => {}

  get = <T>(path: string): Promise<Answer<T>> => this.#ask('GET', path)
  post = <T>(path: string, body?: object): Promise<Answer<T>> => this.#ask('POST', path, body)
  put = <T>(path: string, body?: object): Promise<Answer<T>> => this.#ask('PUT', path, body)
  patch = <T>(path: string, body?: object): Promise<Answer<T>> => this.#ask('PATCH', path, body)
  delete = <T>(path: string): Promise<Answer<T>> => this.#ask('DELETE', path)

  /** All pages of a list. */
  async all<T>(path: string): Promise<Answer<readonly T[]>> {
    const items: T[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const from: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const page: Answer<Page<T>> = await this.get(`${path}?limit=500${from}`)
      if (!page.ok) return page
      items.push(...page.value.items)
      cursor = page.value.next
    }
    return { ok: true, value: items }
  }

  /** The answer as it is, for streams. */
  async open(path: string, signal: AbortSignal, headers: Record<string, string> = {}): Promise<Answer<Response>> {
    try {
      const response = await fetch(base + path, { signal, cache: 'no-store', credentials: 'same-origin', headers })
      return response.ok ? { ok: true, value: response } : { ok: false, problem: await this.#problemOf(response) }
    } catch {
      return { ok: false, problem: unreachable }
    }
  }

  async #ask<T>(method: Method, path: string, body?: object): Promise<Answer<T>> {
    try {
      const response = await fetch(base + path, {
        method,
        headers: this.#headers(method, body),
        body: body === undefined ? null : JSON.stringify(body),
        cache: 'no-store',
        credentials: 'same-origin',
      })
      this.#tellTime(response)
      if (!response.ok) return { ok: false, problem: await this.#problemOf(response) }
      return { ok: true, value: response.status === 204 ? (undefined as T) : await response.json() }
    } catch {
      return { ok: false, problem: unreachable }
    }
  }

  #headers(method: Method, body: object | undefined): Record<string, string> {
    return {
      Accept: 'application/json',
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(method === 'GET' ? {} : { 'X-CSRF-Token': this.csrf }),
      ...(method === 'POST' ? { 'Idempotency-Key': randomKey() } : {}),
    }
  }

  /** `Date` has whole seconds: on the average it is half a second behind. */
  #tellTime(response: Response): void {
    const date = Date.parse(response.headers.get('Date') ?? '')
    if (!Number.isNaN(date)) this.onServerTime(date + 500)
  }

  async #problemOf(response: Response): Promise<Problem> {
    const problem = await response.json().then(readProblem, () => undefined)
    const found = problem ?? { status: response.status, code: 'internal-error', title: response.statusText, detail: '' }
    if (found.status === 401 && found.code !== 'credentials-invalid') this.onSignedOut()
    return found
  }
}

const unreachable: Problem = { status: 0, code: 'unreachable', title: '', detail: '' }

function readProblem(body: unknown): Problem | undefined {
  return typeof body === 'object' && body !== null && 'code' in body && 'status' in body ? (body as Problem) : undefined
}

/** `crypto.randomUUID` is there only where the page came over HTTPS. */
export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
