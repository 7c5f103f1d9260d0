import type { Line } from './phone-line.ts'

export type EventKind = 'incoming' | 'ringing' | 'answered' | 'ended'

interface Waiter {
  readonly kind: EventKind
  readonly take: (line: Line) => void
}

/** Nobody asks for most events of a phone that answers by itself all day. */
const maxKept = 100

/** What happened to the lines of a phone, in order, each event handed out once. So a test may ask after the fact. */
export class Inbox {
  readonly #events: { kind: EventKind; line: Line }[] = []
  readonly #waiters: Waiter[] = []

  put(kind: EventKind, line: Line): void {
    const at = this.#waiters.findIndex((waiter) => waiter.kind === kind)
    const [waiter] = at < 0 ? [] : this.#waiters.splice(at, 1)
    if (waiter !== undefined) return waiter.take(line)
    this.#events.push({ kind, line })
    if (this.#events.length > maxKept) this.#events.shift()
  }

  next(kind: EventKind, { who, ms }: { readonly who: string; readonly ms: number }): Promise<Line> {
    const at = this.#events.findIndex((event) => event.kind === kind)
    const [event] = at < 0 ? [] : this.#events.splice(at, 1)
    if (event !== undefined) return Promise.resolve(event.line)
    const { promise, resolve, reject } = Promise.withResolvers<Line>()
    const timer = setTimeout(() => {
      this.#waiters.splice(this.#waiters.indexOf(waiter), 1)
      reject(new Error(`phone ${who}: no line ${kind} within ${ms} ms`))
    }, ms)
    const waiter: Waiter = {
      kind,
      take: (line) => {
        clearTimeout(timer)
        resolve(line)
      },
    }
    this.#waiters.push(waiter)
    return promise
  }

  forget(): void {
    this.#events.length = 0
  }
}
